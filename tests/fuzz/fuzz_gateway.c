/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gateways answer and call back with: whatever the bytes, one of four ends with a reason of
 * one line, and a receipt only with a message and a state. The first two bytes choose the status.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "notifiers/channel.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static const struct channel_type *const types[] = {&channel_kannel, &channel_dingtalk_robot};

static void check_answer(const struct channel_type *type, int32_t status, struct text body)
{
    const struct http_answer answer = {
        .result = HTTP_ANSWERED, .status = status, .body = body, .retry_after_ms = -1};
    struct outcome outcome;
    type->classify(&answer, &outcome);
    MUST(outcome.kind < OUTCOME_KIND_COUNT && outcome.cause < CAUSE_COUNT);
    MUST(outcome.after_ms >= -1);
    MUST(memchr(outcome.reason, '\0', sizeof outcome.reason));
    MUST(utf8_valid(text_of(outcome.reason)) && !strpbrk(outcome.reason, "\r\n"));
}

static void check_receipt(const struct channel_type *type, struct text query, struct text body)
{
    static struct channel_receipts receipts;
    struct err_why why = {0};
    if (!type->decode_receipts) {
        return;
    }
    if (type->decode_receipts(query, body, &receipts, &why) != ERR_OK) {
        MUST(strlen(why.text) > 0);
        return;
    }
    MUST(receipts.count + receipts.left_out > 0 && receipts.count <= CHANNEL_RECEIPTS_MAX);
    for (size_t index = 0; index < receipts.count; index++) {
        const struct channel_receipt *receipt = &receipts.items[index];
        MUST(receipt->state < RECEIPT_STATE_COUNT);
        MUST(receipt->message[0] || receipt->gateway_id[0]);
        MUST(utf8_valid(text_of(receipt->message)) && utf8_valid(text_of(receipt->code)));
        MUST(utf8_valid(text_of(receipt->gateway_id)));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count)
{
    if (byte_count < 2) {
        return 0;
    }
    /* An exact copy on the heap: the sanitizer sees a look past the end. */
    const size_t rest = byte_count - 2;
    char *const copy = malloc(rest ? rest : 1);
    MUST(copy);
    if (rest) {
        memcpy(copy, bytes + 2, rest);
    }
    const int32_t status = 100 + (bytes[0] * 256 + bytes[1]) % 500;
    const struct text text = {.ptr = copy, .bytes = rest};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        check_answer(types[i], status, text);
        check_receipt(types[i], text, TEXT_LITERAL(""));
        check_receipt(types[i], TEXT_LITERAL(""), text);
    }
    free(copy);
    return 0;
}
