/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What gateways answer and call back with: whatever the bytes, one of four ends with a reason of
 * one line, and a receipt only with a message and a state. The first two bytes choose the status;
 * every type of channel reads the rest.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "tests/support/channel_samples.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t byte_count);

static void check_outcome(const struct outcome *outcome)
{
    MUST(outcome->kind < OUTCOME_KIND_COUNT && outcome->cause < CAUSE_COUNT);
    MUST(outcome->after_ms >= -1);
    MUST(memchr(outcome->reason, '\0', sizeof outcome->reason));
    MUST(memchr(outcome->gateway_id, '\0', sizeof outcome->gateway_id));
    MUST(utf8_valid(text_of(outcome->reason)) && !strpbrk(outcome->reason, "\r\n"));
    MUST(utf8_valid(text_of(outcome->gateway_id)) && !strpbrk(outcome->gateway_id, "\r\n"));
}

static void check_receipts(const struct channel_receipts *receipts)
{
    MUST(receipts->count <= CHANNEL_RECEIPTS_MAX);
    for (size_t index = 0; index < receipts->count; index++) {
        const struct channel_receipt *receipt = &receipts->items[index];
        MUST(receipt->state < RECEIPT_STATE_COUNT);
        MUST(receipt->message[0] || receipt->gateway_id[0]);
        MUST(utf8_valid(text_of(receipt->message)) && utf8_valid(text_of(receipt->code)));
        MUST(utf8_valid(text_of(receipt->gateway_id)));
        MUST(!strpbrk(receipt->message, "\r\n") && !strpbrk(receipt->gateway_id, "\r\n"));
    }
}

static void check_call_back(
    const struct channel_sample *sample, struct text query, struct text body)
{
    static struct channel_receipts receipts;
    struct err_why why = {0};
    const enum err err = channel_decode_receipts(&sample->settings, query, body, &receipts, &why);
    if (err == ERR_OK) {
        MUST(receipts.count + receipts.left_out > 0);
        check_receipts(&receipts);
    } else {
        MUST(err == ERR_NOT_FOUND || strlen(why.text) > 0);
    }
}

/* Answers to the other questions that a type may ask. */
static void check_questions(
    const struct channel_sample *sample,
    const struct channel_type *type,
    const struct http_answer *answer)
{
    static struct channel_token token;
    static struct channel_receipts receipts;
    char user[CHANNEL_USER_BYTES] = "";
    struct outcome outcome;
    if (type->token_decode) {
        type->token_decode(answer, &token, &outcome);
        check_outcome(&outcome);
        MUST(outcome.kind != OUTCOME_ACCEPTED || memchr(token.text, '\0', sizeof token.text));
    }
    for (int32_t step = 0; step < type->lookup_steps; step++) {
        type->lookup_decode(answer, step, user, &outcome);
        check_outcome(&outcome);
        MUST(memchr(user, '\0', sizeof user));
    }
    if (type->poll_decode) {
        type->poll_decode(answer, &sample->question, &receipts, &outcome);
        check_outcome(&outcome);
        if (outcome.kind == OUTCOME_ACCEPTED) {
            check_receipts(&receipts);
        }
    }
}

static void check_sample(const struct channel_sample *sample, int32_t status, struct text bytes)
{
    const struct channel_type *type = channel_type_find(text_of(sample->type));
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = status,
        .body = bytes,
        .retry_after_ms = -1,
        .reason = "",
    };
    struct outcome outcome;
    channel_classify(type, &sample->settings, &answer, &outcome);
    check_outcome(&outcome);
    check_questions(sample, type, &answer);
    check_call_back(sample, bytes, TEXT_LITERAL(""));
    check_call_back(sample, TEXT_LITERAL(""), bytes);
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
    for (size_t i = 0; channel_sample_at(i); i++) {
        check_sample(channel_sample_at(i), status, text);
    }
    free(copy);
    return 0;
}
