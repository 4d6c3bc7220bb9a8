/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One fetch at a time for each channel, however many jobs wait for it. A fetch that fails while
 * the old token is still good troubles nobody; otherwise it counts for the channel's fuse once,
 * and each job that waited for it has its attempt end there.
 */
#include "notifiers/tokens.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/failpoint.h"
#include "base/log.h"
#include "notifiers/hide.h"
#include "notifiers/notifier_parts.h"

#define RENEW_BEFORE_MS ((int64_t)5 * 60 * 1000)
#define RENEW_AGAIN_MS  30000
#define LIFE_LEAST_MS   1000

struct token_state {
    struct tokens *tokens;
    const struct channel_settings *settings;
    const struct channel_type *type;
    bool fetching;
    int64_t fetch;        /* number of the last one begun */
    int64_t fetch_failed; /* number of the last one that failed */
    struct outcome failure;
    char text[CHANNEL_TOKEN_BYTES];
    int64_t number; /* 0: none yet */
    struct wall_ms renew_at;
    struct wall_ms ends;
    bool refused;       /* the gateway does not take it any more */
    bool after_refusal; /* fetched because the one before was refused, and not yet taken */
};

struct tokens {
    struct notifier *notifier;
    struct token_state states[CHANNELS_MAX];
    size_t count;
};

static struct token_state *state_of(
    struct tokens *tokens, const struct channel_settings *settings, const struct channel_type *type)
{
    for (size_t index = 0; index < tokens->count; index++) {
        if (text_equal(tokens->states[index].settings->name, settings->name)) {
            return &tokens->states[index];
        }
    }
    if (tokens->count == CHANNELS_MAX) {
        return NULL;
    }
    struct token_state *state = &tokens->states[tokens->count++];
    *state = (struct token_state){.tokens = tokens, .settings = settings, .type = type};
    return state;
}

/* ---- fetching ---- */

static void keep(struct token_state *state, const struct channel_token *token)
{
    struct notifier *notifier = state->tokens->notifier;
    const struct wall_ms now = role_now(notifier->env);
    const int64_t lives_ms = token->lives_ms > LIFE_LEAST_MS ? token->lives_ms : LIFE_LEAST_MS;
    const int64_t early_ms = lives_ms / 4 < RENEW_BEFORE_MS ? lives_ms / 4 : RENEW_BEFORE_MS;
    memcpy(state->text, token->text, sizeof(state->text));
    state->number++;
    state->ends = wall_add(now, lives_ms);
    state->renew_at = wall_add(state->ends, -early_ms);
    state->after_refusal = state->refused;
    state->refused = false;
    log_info(
        "token_fetched", "channel=%.*s lives_ms=%" PRId64, TEXT_ARGS(state->settings->name),
        lives_ms);
}

static bool is_good(const struct token_state *state, struct wall_ms now)
{
    return state->number > 0 && !state->refused && now.ms < state->ends.ms;
}

/* Nothing of ours has left, whatever became of the question for the token. */
static void fail(struct token_state *state, const struct outcome *outcome)
{
    struct notifier *notifier = state->tokens->notifier;
    const struct wall_ms now = role_now(notifier->env);
    const bool is_rate = outcome->cause == CAUSE_RATE || outcome->cause == CAUSE_RATE_ALL;
    const bool is_away = outcome->cause == CAUSE_TRANSPORT || is_rate;
    outcome_set(
        &state->failure, OUTCOME_RETRY_LATER, is_away ? CAUSE_TRANSPORT : CAUSE_CREDENTIAL,
        "no access token", text_of(outcome->reason));
    state->failure.after_ms = outcome->after_ms;
    state->fetch_failed = state->fetch;
    notifier->counts.tokens_failed_total++;
    log_warn(
        "token_not_fetched", "channel=%.*s reason=\"%s\"", TEXT_ARGS(state->settings->name),
        state->failure.reason);
    if (is_good(state, now)) {
        state->renew_at = wall_add(now, RENEW_AGAIN_MS);
    } else {
        channel_learn(notifier, state->settings, &state->failure);
    }
}

static void on_answer(void *context, const struct http_answer *answer)
{
    struct token_state *state = context;
    struct channel_token token = {0};
    struct outcome outcome = {0};
    failpoint_hit("token_after_answer");
    state->fetching = false;
    state->type->token_decode(answer, &token, &outcome);
    hide_secrets(state->settings, &outcome);
    if (outcome.kind == OUTCOME_ACCEPTED && token.text[0] != '\0') {
        keep(state, &token);
    } else {
        if (outcome.kind == OUTCOME_ACCEPTED) {
            outcome_set(
                &outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, "the answer holds none",
                (struct text){0});
        }
        fail(state, &outcome);
    }
    memset(&token, 0, sizeof(token));
    fetch_go_on(state->tokens->notifier, state->settings);
}

static void fetch(struct token_state *state)
{
    struct notifier *notifier = state->tokens->notifier;
    struct err_why why = {0};
    struct http_request request;
    struct channel_call call = {
        .settings = state->settings,
        .public_url = notifier->env->settings->public_url,
        .now = role_now(notifier->env),
    };
    state->fetch++;
    crypto_random(call.nonce, sizeof(call.nonce));
    channel_request_init(&request, state->type->method, state->settings);
    request.timeout_ms = FETCH_TIMEOUT_MS;
    const enum err err = state->type->token_encode(&call, &request, &why);
    if (err) {
        struct outcome outcome;
        outcome_set(&outcome, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL, "settings", text_of(why.text));
        fail(state, &outcome);
    } else {
        state->fetching = true;
        notifier->counts.tokens_fetched_total++;
        notifier->engine->ops->post(notifier->engine, &request, on_answer, state);
    }
    http_request_release(&request);
}

/* ---- asking ---- */

static void give(const struct token_state *state, struct token_given *ret_given)
{
    *ret_given = (struct token_given){.text = text_of(state->text), .number = state->number};
}

enum fetch_answer tokens_ask(
    struct tokens *tokens,
    const struct channel_settings *settings,
    struct fetch_wait *wait,
    struct token_given *ret_given,
    struct outcome *ret_failure)
{
    const struct channel_type *type = channel_type_find(settings->type);
    *ret_given = (struct token_given){0};
    if (!type || !type->token_encode) {
        return FETCH_READY;
    }
    struct token_state *state = state_of(tokens, settings, type);
    if (!state) {
        outcome_set(
            ret_failure, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL,
            "too many channels with access tokens", (struct text){0});
        return FETCH_FAILED;
    }
    const struct wall_ms now = role_now(tokens->notifier->env);
    if (is_good(state, now)) {
        if (!state->fetching && now.ms >= state->renew_at.ms) {
            fetch(state);
        }
        wait->token = 0;
        give(state, ret_given);
        return FETCH_READY;
    }
    const bool waited_in_vain = wait->token > 0 && wait->token == state->fetch_failed;
    if (!state->fetching && !waited_in_vain) {
        fetch(state);
    }
    if (state->fetching) {
        wait->token = state->fetch;
        return FETCH_AWAITED;
    }
    wait->token = 0;
    *ret_failure = state->failure;
    return FETCH_FAILED;
}

void tokens_answered(
    struct tokens *tokens,
    const struct channel_settings *settings,
    int64_t number,
    struct outcome *outcome)
{
    struct token_state *state = NULL;
    for (size_t index = 0; index < tokens->count; index++) {
        if (text_equal(tokens->states[index].settings->name, settings->name)) {
            state = &tokens->states[index];
        }
    }
    if (!state || number != state->number) {
        return; /* none, or another one by now: that will tell */
    }
    if (outcome->cause == CAUSE_TOKEN) {
        state->refused = true;
        if (state->after_refusal) {
            outcome->cause = CAUSE_CREDENTIAL;
        }
    } else if (outcome->kind == OUTCOME_ACCEPTED) {
        state->after_refusal = false;
    }
}

/* ---- beginning and end ---- */

struct tokens *tokens_create(struct notifier *notifier)
{
    struct tokens *tokens = calloc(1, sizeof(*tokens));
    if (tokens) {
        tokens->notifier = notifier;
    }
    return tokens;
}

void tokens_free(struct tokens *tokens)
{
    if (tokens) {
        memset(tokens, 0, sizeof(*tokens));
        free(tokens);
    }
}
