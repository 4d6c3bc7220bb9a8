/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a problem's detail says, in Chinese. Handlers say it in English, which is the key.
 */
#ifndef NRT_CONSOLE_PROBLEM_WORDS_H
#define NRT_CONSOLE_PROBLEM_WORDS_H

#include "base/text.h"

/* Appends the Chinese of a detail; false, and nothing, where there is none. */
bool problem_in_chinese(const char *detail, struct buf *chinese);

#endif
