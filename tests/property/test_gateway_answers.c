/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever a gateway answers or calls back with, reading it ends in one of the four outcomes with
 * a clean reason, or in receipts that name a message: random bytes, and broken copies of what each
 * type's gateway is known to say. NRT_SEED sets the seed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/prng.h"
#include "tests/support/channel_samples.h"
#include "tests/support/check.h"

#define ROUNDS     60000 /* twenty times as many with NRT_LONG=1 */
#define BODY_BYTES 1024
#define TYPES_MAX  64

static uint64_t seed(void)
{
    const char *text = getenv("NRT_SEED");
    return text ? strtoull(text, NULL, 10) : 20260921;
}

static int rounds(void)
{
    const char *text = getenv("NRT_LONG");
    return text && strcmp(text, "1") == 0 ? 20 * ROUNDS : ROUNDS;
}

/* ---- samples of one type ---- */

static const struct channel_sample *some_sample(struct prng *prng)
{
    size_t count = 0;
    while (count < TYPES_MAX && channel_type_at(count)) {
        count++;
    }
    const struct channel_type *type = channel_type_at(prng_below(prng, count));
    return channel_sample_find(type->name);
}

static const struct answer_class *some_class(struct prng *prng, const struct answer_class *classes)
{
    size_t count = 0;
    while (classes && classes[count].name) {
        count++;
    }
    return count > 0 ? &classes[prng_below(prng, count)] : NULL;
}

/* A copy of good words with some bytes changed or left out; or noise. Free its ptr. */
static struct text damaged(struct prng *prng, const char *good)
{
    char bytes[BODY_BYTES];
    size_t count = good ? strlen(good) : 0;
    if (!CHECK(count < BODY_BYTES)) {
        count = 0;
    }
    memcpy(bytes, good ? good : "", count);
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
    char *copy = malloc(count + 1); /* nearly exact: the sanitizer sees a look past the end */
    memcpy(copy, bytes, count);
    return (struct text){.ptr = copy, .bytes = count};
}

/* ---- what must hold ---- */

static bool says_zero(struct text body)
{
    struct json_doc *doc = NULL;
    int64_t code = -1;
    const bool read = json_parse(body, &json_limits_answer, &doc, NULL) == ERR_OK &&
                      json_i64(json_get(json_root(doc), "errcode"), &code) == ERR_OK;
    json_free(doc);
    return read && code == 0;
}

static bool is_line(const char *line, size_t room)
{
    const struct text text = text_of(line);
    for (size_t index = 0; index < text.bytes; index++) {
        if ((unsigned char)line[index] < 0x20) {
            return false;
        }
    }
    return text.bytes < room && utf8_valid(text);
}

static bool is_outcome(const struct outcome *outcome)
{
    return outcome->kind < OUTCOME_KIND_COUNT && outcome->cause < CAUSE_COUNT &&
           outcome->after_ms >= -1 && is_line(outcome->reason, OUTCOME_REASON_BYTES) &&
           !strstr(outcome->reason, "13800000001") &&
           is_line(outcome->gateway_id, GATEWAY_ID_BYTES);
}

static bool are_receipts(const struct channel_receipts *receipts)
{
    bool held = receipts->count <= CHANNEL_RECEIPTS_MAX;
    for (size_t index = 0; held && index < receipts->count; index++) {
        const struct channel_receipt *one = &receipts->items[index];
        held = (one->message[0] || one->gateway_id[0]) && one->state < RECEIPT_STATE_COUNT &&
               is_line(one->message, RECEIPT_TEXT_BYTES) &&
               is_line(one->gateway_id, GATEWAY_ID_BYTES) && is_line(one->code, RECEIPT_TEXT_BYTES);
    }
    return held;
}

/* Accepted is what no gateway says by mistake. */
static bool may_be_accepted(const struct channel_type *type, const struct http_answer *answer)
{
    if (type == &channel_kannel) {
        return answer->status == 202;
    }
    if (type == &channel_dingtalk_robot) {
        return says_zero(answer->body);
    }
    const bool by_settings = type->classify_by != NULL; /* they may look at the body alone */
    const bool own_words = answer->status == 400;       /* a repeat may be refused with it */
    const bool refused = answer->status >= 300 && answer->status < 600 && !own_words;
    return !type->has_network || by_settings || !refused;
}

/* ---- the kinds of answers ---- */

static bool holds_for_send(
    const struct channel_sample *sample,
    const struct channel_type *type,
    const struct http_answer *answer)
{
    struct outcome outcome = {.kind = OUTCOME_KIND_COUNT};
    channel_classify(type, &sample->settings, answer, &outcome);
    return is_outcome(&outcome) &&
           (outcome.kind != OUTCOME_ACCEPTED || may_be_accepted(type, answer));
}

static bool holds_for_token(
    const struct channel_sample *sample,
    const struct channel_type *type,
    const struct http_answer *answer)
{
    static struct channel_token token;
    struct outcome outcome = {.kind = OUTCOME_KIND_COUNT};
    (void)sample;
    type->token_decode(answer, &token, &outcome);
    return is_outcome(&outcome) &&
           (outcome.kind != OUTCOME_ACCEPTED ||
            (token.text[0] != '\0' && strlen(token.text) < sizeof(token.text)));
}

static bool holds_for_lookup(
    const struct channel_sample *sample,
    const struct channel_type *type,
    const struct http_answer *answer)
{
    char user[CHANNEL_USER_BYTES] = "";
    bool held = true;
    (void)sample;
    for (int32_t step = 0; held && step < type->lookup_steps; step++) {
        struct outcome outcome = {.kind = OUTCOME_KIND_COUNT};
        type->lookup_decode(answer, step, user, &outcome);
        held = is_outcome(&outcome) && strlen(user) < sizeof(user);
    }
    return held;
}

static bool holds_for_poll(
    const struct channel_sample *sample,
    const struct channel_type *type,
    const struct http_answer *answer)
{
    static struct channel_receipts receipts;
    struct outcome outcome = {.kind = OUTCOME_KIND_COUNT};
    type->poll_decode(answer, &sample->question, &receipts, &outcome);
    return is_outcome(&outcome) && (outcome.kind != OUTCOME_ACCEPTED || are_receipts(&receipts));
}

typedef bool holds_fn(
    const struct channel_sample *sample,
    const struct channel_type *type,
    const struct http_answer *answer);

static bool round_holds(
    struct prng *prng,
    const struct channel_sample *sample,
    const struct answer_class *classes,
    holds_fn *holds)
{
    static const int32_t statuses[] = {200, 202, 204, 301, 400, 401, 429, 500, 503, 504, 0, 999};
    const struct answer_class *chosen = some_class(prng, classes);
    const bool own = chosen && prng_one_in(prng, 2);
    const struct http_answer answer = {
        .result = HTTP_ANSWERED,
        .status = own ? chosen->status : statuses[prng_below(prng, 12)],
        .body = damaged(prng, chosen ? chosen->body : NULL),
        .truncated = prng_one_in(prng, 20),
        .retry_after_ms = prng_one_in(prng, 10) ? 5000 : -1,
        .reason = "",
    };
    const bool held = holds(sample, channel_type_find(text_of(sample->type)), &answer);
    free((char *)(uintptr_t)answer.body.ptr);
    return held;
}

/* ---- facts ---- */

static void any_answer_ends_in_one_outcome_with_a_clean_reason(void)
{
    struct prng prng;
    prng_seed(&prng, seed());
    for (int round = 0; round < rounds(); round++) {
        const struct channel_sample *sample = some_sample(&prng);
        check_note("seed %llu round %d %s", (unsigned long long)seed(), round, sample->type);
        if (!CHECK(round_holds(&prng, sample, sample->classes, holds_for_send))) {
            return;
        }
    }
}

static void any_answer_to_another_question_does_too(void)
{
    struct prng prng;
    prng_seed(&prng, seed() + 2);
    for (int round = 0; round < rounds(); round++) {
        const struct channel_sample *sample = some_sample(&prng);
        const struct channel_type *type = channel_type_find(text_of(sample->type));
        bool held = true;
        check_note("seed %llu round %d %s", (unsigned long long)seed(), round, sample->type);
        if (type->token_decode) {
            held = round_holds(&prng, sample, sample->token_classes, holds_for_token);
        }
        if (type->lookup_steps > 0) {
            held = held && round_holds(&prng, sample, sample->lookup_classes, holds_for_lookup);
        }
        if (type->poll_decode) {
            held = held && round_holds(&prng, sample, sample->poll_classes, holds_for_poll);
        }
        if (!CHECK(held)) {
            return;
        }
    }
}

static void any_receipt_is_read_or_refused_with_a_reason(void)
{
    static struct channel_receipts receipts;
    struct prng prng;
    prng_seed(&prng, seed() + 1);
    size_t read_count = 0;
    for (int round = 0; round < rounds(); round++) {
        const struct channel_sample *sample = some_sample(&prng);
        struct err_why why = {0};
        const struct text query = damaged(&prng, sample->receipt_query);
        const struct text body = damaged(&prng, sample->receipt_body);
        const enum err err =
            channel_decode_receipts(&sample->settings, query, body, &receipts, &why);
        check_note("seed %llu round %d %s", (unsigned long long)seed(), round, sample->type);
        bool held = err == ERR_NOT_FOUND || (err == ERR_PARSE && why.text[0] != '\0');
        if (err == ERR_OK) {
            held = are_receipts(&receipts) && receipts.count + receipts.left_out > 0;
            read_count += receipts.count > 0 ? 1 : 0;
        }
        free((char *)(uintptr_t)query.ptr);
        free((char *)(uintptr_t)body.ptr);
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
    channel_aliyun.classify(&answer, &outcome);
    CHECK_STR(outcome_kind_name(outcome.kind), "unsure");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(any_answer_ends_in_one_outcome_with_a_clean_reason);
    CHECK_RUN(any_answer_to_another_question_does_too);
    CHECK_RUN(any_receipt_is_read_or_refused_with_a_reason);
    CHECK_RUN(an_answer_as_deep_as_it_is_long_is_not_followed_down);
    return check_done();
}
