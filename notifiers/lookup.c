/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few questions at a time over all channels; who finds no place waits and asks again. What a
 * question gave also stays in its place until that is needed, so that a full disk delays no
 * message.
 */
#include "notifiers/lookup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/hide.h"
#include "notifiers/notifier_parts.h"

#define LOOKUPS_MAX     8
#define LOOKUP_KEPT_MS  ((int64_t)30 * 24 * 3600 * 1000)
#define NOBODY_KEPT_MS  ((int64_t)24 * 3600 * 1000)
#define HASH_HEX_BYTES  (2 * SHA256_BYTES + 1)
#define DIGITS_MAX      32
#define LOOKUP_KEY_WORD "lookup"

enum lookup_state { LOOKUP_FREE, LOOKUP_ASKED, LOOKUP_FOUND, LOOKUP_FAILED };

struct lookup {
    struct lookups *lookups;
    enum lookup_state state;
    int64_t number;
    const struct channel_settings *settings;
    const struct channel_type *type;
    char hash[HASH_HEX_BYTES];
    char key[CHANNEL_USER_BYTES]; /* what the step under way is asked with */
    int32_t step;
    int64_t token_number;
    char token[CHANNEL_TOKEN_BYTES];
    struct outcome failure;
};

struct lookups {
    struct notifier *notifier;
    uint8_t key[SHA256_BYTES];
    int64_t last_number;
    struct lookup places[LOOKUPS_MAX];
};

/* ---- the steps ---- */

static void post_step(struct lookup *lookup);

static void found(struct lookup *lookup)
{
    struct notifier *notifier = lookup->lookups->notifier;
    struct err_why why = {0};
    const struct journal_user user = {
        .key = text_of(lookup->hash),
        .user = text_of(lookup->key),
        .at = role_now(notifier->env),
    };
    lookup->state = LOOKUP_FOUND;
    if (send_journal_user_keep(notifier->journal, &user, &why)) {
        log_warn("lookup_not_kept", "why=\"%s\"", why.text);
    }
    fetch_go_on(notifier, NULL);
}

static void failed(struct lookup *lookup, const struct outcome *outcome)
{
    struct notifier *notifier = lookup->lookups->notifier;
    const bool for_good = outcome->kind == OUTCOME_REJECTED;
    lookup->state = LOOKUP_FAILED;
    outcome_set(
        &lookup->failure, for_good ? OUTCOME_REJECTED : OUTCOME_RETRY_LATER, outcome->cause,
        "the receiver was not looked up", text_of(outcome->reason));
    lookup->failure.after_ms = outcome->after_ms;
    notifier->counts.lookups_failed_total++;
    channel_learn(notifier, lookup->settings, &lookup->failure);
    fetch_go_on(notifier, NULL);
}

static void on_answer(void *context, const struct http_answer *answer)
{
    struct lookup *lookup = context;
    struct outcome outcome = {0};
    char user[CHANNEL_USER_BYTES] = "";
    failpoint_hit("lookup_after_answer");
    lookup->type->lookup_decode(answer, lookup->step, user, &outcome);
    hide_secrets(lookup->settings, &outcome);
    tokens_answered(
        lookup->lookups->notifier->tokens, lookup->settings, lookup->token_number, &outcome);
    if (outcome.kind == OUTCOME_REJECTED) { /* it will not answer for this number: nobody's */
        log_warn(
            "lookup_rejected", "channel=%.*s reason=\"%s\"", TEXT_ARGS(lookup->settings->name),
            outcome.reason);
        user[0] = '\0';
    } else if (outcome.kind != OUTCOME_ACCEPTED) {
        failed(lookup, &outcome);
        return;
    }
    (void)snprintf(lookup->key, sizeof(lookup->key), "%s", user);
    lookup->step++;
    if (user[0] == '\0' || lookup->step == lookup->type->lookup_steps) {
        found(lookup);
    } else {
        post_step(lookup);
    }
}

static void post_step(struct lookup *lookup)
{
    struct notifier *notifier = lookup->lookups->notifier;
    struct err_why why = {0};
    struct http_request request;
    struct channel_call call = {
        .settings = lookup->settings,
        .public_url = notifier->env->settings->public_url,
        .now = role_now(notifier->env),
        .token = text_of(lookup->token),
    };
    crypto_random(call.nonce, sizeof(call.nonce));
    channel_request_init(&request, lookup->type->method, lookup->settings);
    request.timeout_ms = FETCH_TIMEOUT_MS;
    const enum err err =
        lookup->type->lookup_encode(&call, lookup->step, text_of(lookup->key), &request, &why);
    if (err) {
        struct outcome outcome;
        outcome_set(&outcome, OUTCOME_REJECTED, CAUSE_NONE, "settings", text_of(why.text));
        failed(lookup, &outcome);
    } else {
        notifier->counts.lookups_total++;
        notifier->engine->ops->post(notifier->engine, &request, on_answer, lookup);
    }
    http_request_release(&request);
}

/* ---- places ---- */

/* One that nothing is asked in, the longest unused first. */
static struct lookup *place_take(struct lookups *lookups)
{
    struct lookup *oldest = NULL;
    for (size_t index = 0; index < LOOKUPS_MAX; index++) {
        struct lookup *place = &lookups->places[index];
        if (place->state != LOOKUP_ASKED && (!oldest || place->number < oldest->number)) {
            oldest = place;
        }
    }
    return oldest;
}

static const struct lookup *place_with(const struct lookups *lookups, const char *hash)
{
    for (size_t index = 0; index < LOOKUPS_MAX; index++) {
        const struct lookup *place = &lookups->places[index];
        if (place->state != LOOKUP_FREE && strcmp(place->hash, hash) == 0) {
            return place;
        }
    }
    return NULL;
}

static void begin(
    struct lookup *lookup,
    const struct lookup_question *question,
    const char *hash,
    struct text digits)
{
    struct lookups *lookups = lookup->lookups;
    *lookup = (struct lookup){
        .lookups = lookups,
        .state = LOOKUP_ASKED,
        .number = ++lookups->last_number,
        .settings = question->settings,
        .type = channel_type_find(question->settings->type),
        .token_number = question->token.number,
    };
    (void)snprintf(lookup->hash, sizeof(lookup->hash), "%s", hash);
    (void)snprintf(lookup->key, sizeof(lookup->key), "%.*s", TEXT_ARGS(digits));
    (void)snprintf(lookup->token, sizeof(lookup->token), "%.*s", TEXT_ARGS(question->token.text));
    post_step(lookup);
}

/* ---- asking ---- */

/*
 * Only a mainland mobile is asked for: any other number is refused as malformed, and that would
 * be the end of a call for many, because of one.
 */
static bool is_mobile(struct text mobile, struct buf *ret_digits)
{
    return mobile_mainland(mobile, ret_digits) == ERR_OK && ret_digits->bytes == 11 &&
           ret_digits->ptr[0] == '1';
}

static void hash_of(
    const struct lookups *lookups,
    struct text channel,
    struct text digits,
    char ret_hash[static HASH_HEX_BYTES])
{
    struct buf data;
    struct buf hex;
    buf_init(&data, 4096);
    buf_init(&hex, HASH_HEX_BYTES);
    buf_text(&data, channel);
    buf_char(&data, '\n');
    buf_text(&data, digits);
    const struct text key = {.ptr = (const char *)lookups->key, .bytes = sizeof(lookups->key)};
    crypto_hmac_sha256_hex(&hex, key, buf_view(&data));
    (void)snprintf(ret_hash, HASH_HEX_BYTES, "%.*s", TEXT_ARGS(buf_view(&hex)));
    buf_release(&data);
    buf_release(&hex);
}

static bool is_kept(
    struct lookups *lookups, const char *hash, struct arena *arena, struct text *ret_user)
{
    struct notifier *notifier = lookups->notifier;
    const struct wall_ms now = role_now(notifier->env);
    struct journal_user user = {0};
    struct err_why why = {0};
    const enum err err =
        send_journal_user_find(notifier->journal, text_of(hash), arena, &user, &why);
    if (err) {
        return false;
    }
    const int64_t kept_ms = user.user.bytes > 0 ? LOOKUP_KEPT_MS : NOBODY_KEPT_MS;
    *ret_user = user.user;
    return now.ms - user.at.ms < kept_ms;
}

/* What became of a question of now or of a moment ago. */
static enum fetch_answer from_place(
    const struct lookup *place,
    struct fetch_wait *wait,
    struct arena *arena,
    struct text *ret_user,
    struct outcome *ret_failure)
{
    if (place->state == LOOKUP_ASKED) {
        wait->lookup = place->number;
        return FETCH_AWAITED;
    }
    wait->lookup = 0;
    if (place->state == LOOKUP_FOUND) {
        *ret_user = arena_text(arena, text_of(place->key));
        return FETCH_READY;
    }
    *ret_failure = place->failure;
    return FETCH_FAILED;
}

enum fetch_answer lookups_ask(
    struct lookups *lookups,
    const struct lookup_question *question,
    struct fetch_wait *wait,
    struct text *ret_user,
    struct outcome *ret_failure)
{
    char hash[HASH_HEX_BYTES];
    struct buf digits;
    buf_init(&digits, DIGITS_MAX);
    enum fetch_answer answer = FETCH_AWAITED;
    *ret_user = (struct text){0};
    if (!is_mobile(question->mobile, &digits)) {
        buf_release(&digits);
        return FETCH_READY; /* nobody is to be found by it */
    }
    hash_of(lookups, question->settings->name, buf_view(&digits), hash);
    const struct lookup *place = place_with(lookups, hash);
    const bool concerns = place && (place->state == LOOKUP_ASKED || place->number == wait->lookup);
    struct lookup *fresh = concerns ? NULL : place_take(lookups);
    if (concerns) {
        answer = from_place(place, wait, question->arena, ret_user, ret_failure);
    } else if (is_kept(lookups, hash, question->arena, ret_user)) {
        answer = FETCH_READY;
    } else if (fresh) {
        begin(fresh, question, hash, buf_view(&digits));
        answer = from_place(fresh, wait, question->arena, ret_user, ret_failure);
    }
    buf_release(&digits);
    return answer;
}

bool lookups_know_nobody(
    struct lookups *lookups, const struct channel_settings *settings, struct text mobile)
{
    char hash[HASH_HEX_BYTES];
    struct arena arena;
    struct buf digits;
    struct text user = {0};
    buf_init(&digits, DIGITS_MAX);
    if (!is_mobile(mobile, &digits)) {
        buf_release(&digits);
        return true;
    }
    arena_init(&arena, 0);
    hash_of(lookups, settings->name, buf_view(&digits), hash);
    const bool nobody = is_kept(lookups, hash, &arena, &user) && user.bytes == 0;
    arena_release(&arena);
    buf_release(&digits);
    return nobody;
}

/* ---- beginning and end ---- */

struct lookups *lookups_create(struct notifier *notifier)
{
    struct lookups *lookups = calloc(1, sizeof(*lookups));
    if (!lookups) {
        return NULL;
    }
    const struct text seal = {
        .ptr = (const char *)notifier->env->seal_key, .bytes = sizeof(notifier->env->seal_key)};
    lookups->notifier = notifier;
    crypto_hmac_sha256(seal, TEXT_LITERAL(LOOKUP_KEY_WORD), lookups->key);
    for (size_t index = 0; index < LOOKUPS_MAX; index++) {
        lookups->places[index].lookups = lookups;
    }
    return lookups;
}

void lookups_free(struct lookups *lookups)
{
    if (lookups) {
        memset(lookups, 0, sizeof(*lookups));
        free(lookups);
    }
}
