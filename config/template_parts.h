/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the template reader share (private to config/).
 */
#ifndef NRT_CONFIG_TEMPLATE_PARTS_H
#define NRT_CONFIG_TEMPLATE_PARTS_H

#include "config/read.h"
#include "config/template.h"

read_fn read_pattern; /* struct text: checked words with {names} */
read_fn read_vendors; /* struct template_text: "vendor" of it */

#endif
