/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a gateway says, opened: its bytes as UTF-8, its JSON parsed, a call-back's receipts one by
 * one. How it is read stands in the channel's settings ("charset", "receipt").
 */
#ifndef NRT_CONFIG_GATEWAY_CALL_H
#define NRT_CONFIG_GATEWAY_CALL_H

#include "config/gateway_test.h"
#include "config/settings.h"
#include "config/sms_reply.h"

struct gateway_call {
    struct gateway_said said;
    struct buf body;
    struct json_doc *doc;
    const struct json_value *next; /* item of the list of receipts */
    bool listed;
};

/* An answer (status above 0) or a call-back. Never fails: what is no JSON has no json values. */
void gateway_call_open(
    const struct channel_settings *settings,
    int32_t status,
    struct text query,
    struct text body,
    struct gateway_call *ret_call);
/* One receipt or answer of somebody after the other; false behind the last. */
bool gateway_call_next(struct gateway_call *call, struct gateway_said *ret_item);
void gateway_call_close(struct gateway_call *call);

/* The value that the setting names, "receipt.status". False: no such setting, or not there. */
bool gateway_call_value(
    const struct channel_settings *settings,
    const char *setting,
    const struct gateway_said *said,
    struct buf *buf);
/* An answer of somebody's phone: number and words. False: this item is none. */
bool gateway_call_reply(
    const struct channel_settings *settings,
    const struct gateway_said *said,
    struct buf *from,
    struct buf *words);
/*
 * A push of answers: as the channel's settings describe it, or where they do not (or there are
 * none: NULL) as sms_reply_decode() knows it. Texts live in the arena or point into what is given.
 */
enum err gateway_replies(
    const struct channel_settings *settings,
    const struct text *query_and_body, /* [2] */
    struct arena *arena,
    struct sms_replies *ret_replies,
    struct err_why *why) ERR_MUST_USE;

#endif
