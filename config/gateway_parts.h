/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of reading a gateway's answers share (private to config/).
 */
#ifndef NRT_CONFIG_GATEWAY_PARTS_H
#define NRT_CONFIG_GATEWAY_PARTS_H

#include "config/gateway_test.h"

#define GATEWAY_TEST_BYTES_MAX ((size_t)1024)
#define GATEWAY_VALUE_BYTES    ((size_t)64 << 10) /* of one value; answers are no longer */

#endif
