/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people answer to a text message, as gateways push it (MO): from which number, which words,
 * and what the words mean. Pure; what cannot be read is an error, what means nothing is
 * SMS_WORD_OTHER. Numbers are compared as digits, so that +86 138... and 0086138... are one.
 */
#ifndef NRT_CONFIG_SMS_REPLY_H
#define NRT_CONFIG_SMS_REPLY_H

#include "base/arena.h"
#include "base/text.h"

#define SMS_REPLIES_MAX   100 /* of one push */
#define SMS_NUMBER_DIGITS 20

struct sms_reply {
    struct text from; /* as the gateway wrote it */
    struct text words;
};

struct sms_replies {
    struct sms_reply items[SMS_REPLIES_MAX];
    size_t count;
};

/*
 * In the query, or in a form as body: from and text (Kannel). As JSON, one object or an array:
 * mobile and smsContent (yunmas), else from or phone, and text or content. Texts point into what is
 * given or live in the arena. ERR_PARSE when nothing says from whom it is, ERR_FULL for too many:
 * the first ones are there.
 */
enum err sms_reply_decode(
    struct text query,
    struct text body,
    struct arena *arena,
    struct sms_replies *ret_replies,
    struct err_why *why) ERR_MUST_USE;

enum sms_word { SMS_WORD_OTHER, SMS_WORD_ACKNOWLEDGE, SMS_WORD_OBJECT, SMS_WORD_COUNT };

/*
 * "1", "已阅", "Y": acknowledge. "2 不归我局管": object, ret_reason points into the words and is
 * not empty. Full-width figures and closing punctuation do not matter.
 */
enum sms_word sms_reply_word(struct text words, struct text *ret_reason);

/* The digits without a country code of 86; empty when there are none, or more than can be. */
void sms_number_digits(struct text number, char ret_digits[static SMS_NUMBER_DIGITS + 1]);

#endif
