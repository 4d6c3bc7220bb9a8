/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of 政务钉钉. No table of codes is published: what one means is read from its status and
 * words. A success whose content cannot be read is still a success.
 */
#include "notifiers/zwdd_answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "notifiers/cloud.h"

#define MINUTE_MS  ((int64_t)60 * 1000)
#define GAP_MS     (10 * MINUTE_MS) /* what the vendor wants between two calls */
#define HOUR_MS    (60 * MINUTE_MS)
#define CODE_BYTES 48

/* Words of a refusal and what they mean; the first line that is found counts. */
static const struct {
    const char *word;
    enum outcome_kind kind;
    enum outcome_cause cause;
    int64_t after_ms;
    const char *meaning;
} zwdd_words[] = {
    {"重复", OUTCOME_ACCEPTED, CAUSE_NONE, -1, "it is already there"},
    {"签名", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "compare app_secret and the clock"},
    {"ignature", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "compare app_secret and the clock"},
    {"imestamp", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "compare the clock"},
    {"apiKey", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "compare app_key"},
    {"ApiKey", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "compare app_key"},
    {"无权限", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the app lacks a permission"},
    {"没有权限", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, -1, "the app lacks a permission"},
    {"频繁", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, GAP_MS, "too fast"},
    {"频率", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, GAP_MS, "too fast"},
    {"限流", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, GAP_MS, "too fast"},
    {"流控", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, GAP_MS, "too fast"},
    {"上限", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL, HOUR_MS, "the day's number is reached"},
};

static bool contains(struct text text, const char *word)
{
    const size_t bytes = strlen(word);
    for (size_t from = 0; from + bytes <= text.bytes; from++) {
        if (memcmp(text.ptr + from, word, bytes) == 0) {
            return true;
        }
    }
    return false;
}

/* The innermost level that says something under that name; "0" and "OK" say nothing. */
static struct text said_under(const struct zwdd_answer *answer, const char *name)
{
    for (size_t index = answer->level_count; index-- > 0;) {
        const struct text found = json_get_string(answer->levels[index], name);
        if (found.bytes > 0 && !text_is(found, "0") && !text_is(found, "OK")) {
            return found;
        }
    }
    return (struct text){0};
}

/* The gateway in front and the service behind it name their code and words differently. */
static struct text first_of(const struct zwdd_answer *answer, const char *const *names)
{
    struct text found = {0};
    for (; *names && found.bytes == 0; names++) {
        found = said_under(answer, *names);
    }
    return found;
}

/*
 * Only the words of the gateway are looked at, not the whole body: a message that is echoed may
 * itself speak of something "重复".
 */
static void outcome_of_words(const struct zwdd_answer *answer, struct outcome *outcome)
{
    static const char *const codes[] = {"bizErrorCode", "responseCode", "Code", "errorCode", NULL};
    static const char *const words[] = {"errorMsg", "responseMessage", "Message", "message", NULL};
    char code[CODE_BYTES + 1]; /* a code with other bytes than those of words is not shown */
    (void)receipt_word(utf8_cut(first_of(answer, codes), CODE_BYTES), code, sizeof(code));
    const struct text named = first_of(answer, words);
    const struct text bare = json_get_string(answer->content, "content");
    const struct text said = named.bytes > 0 ? named : bare;
    const char *const between = code[0] ? " " : "";
    char reason[128];
    for (size_t index = 0; index < sizeof(zwdd_words) / sizeof(zwdd_words[0]); index++) {
        if (!contains(said, zwdd_words[index].word)) {
            continue;
        }
        (void)snprintf(reason, sizeof(reason), "%s%s%s", code, between, zwdd_words[index].meaning);
        outcome_set(
            outcome, zwdd_words[index].kind, zwdd_words[index].cause, reason, (struct text){0});
        outcome->after_ms = zwdd_words[index].after_ms;
        return;
    }
    (void)snprintf(reason, sizeof(reason), "%s%srefused", code, between);
    outcome_set(outcome, OUTCOME_REJECTED, CAUSE_NONE, reason, said);
}

void zwdd_answer_release(struct zwdd_answer *answer)
{
    json_free(answer->inner);
    json_free(answer->doc);
}

/* What a level wraps: an object, or (once) a string that holds one. */
static const struct json_value *content_of(
    struct zwdd_answer *answer, const struct json_value *level)
{
    const struct json_value *content = json_get(level, "content");
    if (json_type(content) == JSON_STRING && !answer->inner &&
        json_parse(json_string(content), &json_limits_answer, &answer->inner, NULL) == ERR_OK) {
        content = json_root(answer->inner);
    }
    return json_type(content) == JSON_OBJECT ? content : NULL;
}

static bool read_json(struct text body, struct zwdd_answer *answer)
{
    if (json_parse(body, &json_limits_answer, &answer->doc, NULL)) {
        return false;
    }
    const struct json_value *level = json_root(answer->doc);
    if (json_type(level) != JSON_OBJECT) {
        return false;
    }
    while (level && answer->level_count < ZWDD_LEVELS_MAX) {
        answer->levels[answer->level_count++] = level;
        answer->content = level;
        level = content_of(answer, level);
    }
    return true;
}

/* The root has to say so, and no level may say otherwise. */
static bool succeeded(const struct zwdd_answer *answer)
{
    bool success = json_is_true(json_get(answer->levels[0], "success"));
    for (size_t index = 1; index < answer->level_count; index++) {
        const struct json_value *said = json_get(answer->levels[index], "success");
        success = success && (!said || json_is_true(said));
    }
    return success;
}

static bool is_answer(const struct zwdd_answer *answer)
{
    const struct json_value *root = answer->levels[0];
    return json_get(root, "success") || json_get(root, "Code") || json_get(root, "bizErrorCode");
}

static void read_body(struct text body, struct zwdd_answer *answer, struct outcome *outcome)
{
    const bool read = read_json(body, answer);
    if (!read || !is_answer(answer)) {
        outcome_set(
            outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, "an answer that says nothing of success",
            (struct text){0});
    } else if (succeeded(answer)) {
        outcome_set(outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    } else {
        outcome_of_words(answer, outcome);
    }
}

void zwdd_answer_read(
    const struct http_answer *http, struct zwdd_answer *ret_answer, struct outcome *ret_outcome)
{
    *ret_answer = (struct zwdd_answer){0};
    if (outcome_of_transport(ret_outcome, http)) {
        return;
    }
    char status[32];
    (void)snprintf(status, sizeof(status), "HTTP %d", http->status);
    if (http->status >= 500) {
        outcome_set(ret_outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, status, http->body);
        return;
    }
    read_body(http->body, ret_answer, ret_outcome);
    if (http->status >= 400 && ret_outcome->kind == OUTCOME_UNSURE) {
        outcome_set(ret_outcome, OUTCOME_REJECTED, CAUSE_NONE, status, http->body);
    }
}

void zwdd_text_of(const struct json_value *value, char *ret_text, size_t text_bytes)
{
    int64_t number = 0;
    ret_text[0] = '\0';
    if (json_type(value) == JSON_STRING) {
        (void)receipt_word(json_string(value), ret_text, text_bytes);
    } else if (json_i64(value, &number) == ERR_OK) {
        (void)snprintf(ret_text, text_bytes, "%" PRId64, number);
    }
}
