/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values to try a text with: as long as they get in earnest, or as they mostly are. docs/lint.md
 * says how long.
 */
#ifndef NRT_CONFIG_TEMPLATE_SAMPLE_H
#define NRT_CONFIG_TEMPLATE_SAMPLE_H

#include "config/settings.h"
#include "config/template.h"

/* sign and link are left to the caller; all else is static. */
struct template_values template_long_values(void);
struct template_values template_usual_values(bool english);

/* A character that Aliyun has in no template, such as '#' or '→'; empty: none. */
struct text template_forbidden_mark(struct text words);

#endif
