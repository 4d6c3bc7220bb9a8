/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a gateway answers, reading it ends in one of the four outcomes with a clean reason:
 * random bytes, broken copies of good answers, JSON as deep as the body may be. NRT_SEED sets the
 * seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/prng.h"
#include "notifiers/channel.h"
#include "tests/support/check.h"

#define ROUNDS     200000
#define BODY_BYTES 512

static const char *const good[] = {
    "{\"errcode\":0,\"errmsg\":\"ok\"}",
    "{\"status\":1111,\"wait\":5,\"punish\":\"deny\",\"errcode\":130101,\"errmsg\":\"too fast\"}",
    "{\"errcode\":310000,\"errmsg\":\"sign not match 13800000001\"}",
    "0: Accepted for delivery",
    "3: Queued for later delivery",
    "Authorization failed for sendsms",
    "id=abcdefghijklmnopqrstuvwxyz&status=8&foreign=c62c&ts=2026-11-21+16:47:49",
    "id=abc%2Ddef&status=16",
};
#define GOOD_COUNT (sizeof(good) / sizeof(good[0]))

static uint64_t seed(void)
{
    const char *text = getenv("NRT_SEED");
    return text ? strtoull(text, NULL, 10) : 20260921;
}

/* A good body with some bytes changed, left out or repeated; or noise. */
static struct text some_body(struct prng *prng, char *bytes)
{
    const char *from = good[prng_below(prng, GOOD_COUNT)];
    size_t count = strlen(from);
    memcpy(bytes, from, count);
    if (prng_one_in(prng, 5)) {
        count = prng_below(prng, BODY_BYTES);
        for (size_t index = 0; index < count; index++) {
            bytes[index] = (char)prng_below(prng, 256);
        }
    }
    for (uint64_t change = prng_below(prng, 4); change > 0 && count > 0; change--) {
        const size_t at = prng_below(prng, count);
        if (prng_one_in(prng, 3)) {
            memmove(bytes + at, bytes + at + 1, count - at - 1);
            count--;
        } else {
            bytes[at] = (char)prng_below(prng, 256);
        }
    }
    return (struct text){.ptr = bytes, .bytes = count};
}

static bool says_zero(struct text body)
{
    struct json_doc *doc = NULL;
    int64_t code = -1;
    const bool read = json_parse(body, &json_limits_answer, &doc, NULL) == ERR_OK &&
                      json_i64(json_get(json_root(doc), "errcode"), &code) == ERR_OK;
    json_free(doc);
    return read && code == 0;
}

static bool is_clean(const struct outcome *outcome)
{
    const struct text reason = text_of(outcome->reason);
    size_t digits = 0;
    for (size_t index = 0; index < reason.bytes; index++) {
        const unsigned char c = (unsigned char)reason.ptr[index];
        digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        if (c < 0x20 || digits > 6) {
            return false;
        }
    }
    return reason.bytes < OUTCOME_REASON_BYTES && utf8_valid(reason);
}

static void any_answer_ends_in_one_outcome_with_a_clean_reason(void)
{
    static const int32_t statuses[] = {200, 202, 204, 301, 400, 401, 429, 500, 503, 504, 0, 999};
    const struct channel_type *const types[] = {&channel_kannel, &channel_dingtalk_robot};
    struct prng prng;
    prng_seed(&prng, seed());
    for (int round = 0; round < ROUNDS; round++) {
        char *bytes = malloc(BODY_BYTES); /* its end is where the sanitizer watches */
        const struct channel_type *type = types[round % 2];
        struct outcome outcome;
        const struct http_answer answer = {
            .result = HTTP_ANSWERED,
            .status = statuses[prng_below(&prng, 12)],
            .body = some_body(&prng, bytes),
            .retry_after_ms = -1,
            .reason = "",
        };
        type->classify(&answer, &outcome);
        check_note("seed %llu round %d", (unsigned long long)seed(), round);
        bool held = outcome.kind < OUTCOME_KIND_COUNT && is_clean(&outcome);
        if (outcome.kind == OUTCOME_ACCEPTED) {
            held =
                held && (type == &channel_kannel ? answer.status == 202 : says_zero(answer.body));
        }
        free(bytes);
        if (!CHECK(held)) {
            return;
        }
    }
}

static void any_receipt_is_read_or_refused_with_a_reason(void)
{
    struct prng prng;
    prng_seed(&prng, seed() + 1);
    size_t read_count = 0;
    for (int round = 0; round < ROUNDS; round++) {
        char *bytes = malloc(BODY_BYTES);
        struct channel_receipts receipts = {0};
        struct err_why why = {0};
        const struct text query = some_body(&prng, bytes);
        const enum err err =
            channel_kannel.decode_receipts(query, (struct text){0}, &receipts, &why);
        check_note("seed %llu round %d", (unsigned long long)seed(), round);
        const bool held = err == ERR_OK ? strlen(receipts.items[0].message) > 0 &&
                                              strlen(receipts.items[0].message) < RECEIPT_TEXT_BYTES
                                        : err == ERR_PARSE && why.text[0] != '\0';
        read_count += err == ERR_OK ? 1 : 0;
        free(bytes);
        if (!CHECK(held)) {
            return;
        }
    }
    CHECK_GE(read_count, 1000); /* so that both ways are tried */
}

static void an_answer_as_deep_as_it_is_long_is_not_followed_down(void)
{
    static char deep[HTTP_ANSWER_BYTES_MAX];
    memset(deep, '[', sizeof(deep));
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = 200,
        .body = {.ptr = deep, .bytes = sizeof(deep)},
        .truncated = true,
        .retry_after_ms = -1,
        .reason = "",
    };
    struct outcome outcome;
    channel_dingtalk_robot.classify(&answer, &outcome);
    CHECK_STR(outcome_kind_name(outcome.kind), "unsure");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(any_answer_ends_in_one_outcome_with_a_clean_reason);
    CHECK_RUN(any_receipt_is_read_or_refused_with_a_reason);
    CHECK_RUN(an_answer_as_deep_as_it_is_long_is_not_followed_down);
    return check_done();
}
