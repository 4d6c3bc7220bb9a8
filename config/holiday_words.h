/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of the national holidays in English. A calendar file says them in Chinese, as the
 * notices do; a name that is not one of them stays as it is.
 */
#ifndef NRT_CONFIG_HOLIDAY_WORDS_H
#define NRT_CONFIG_HOLIDAY_WORDS_H

#include "base/text.h"

/* Takes the first part off "国庆节、中秋节"; empty when nothing is left. Points into the name. */
struct text holiday_name_part(struct text *name);
/* "Spring Festival" for "春节"; else the part itself. */
struct text holiday_english(struct text part);

#endif
