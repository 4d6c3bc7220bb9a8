/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signed POST to another system, as Standard Webhooks has it: webhook-id names the message and
 * stays the same when it is repeated, so receivers drop repeats; webhook-signature is over id,
 * time and body. The body is JSON that was made before.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "notifiers/channel.h"

#define SECRET_PREFIX     "whsec_"
#define SECRET_BYTES_MAX  ((size_t)1024)
#define PAYLOAD_BYTES_MAX ((size_t)256 * 1024)

/* "whsec_" and base64, or the key as it is. */
static enum err read_key(struct text secret, struct buf *key)
{
    const struct text prefix = TEXT_LITERAL(SECRET_PREFIX);
    if (!text_starts_with(secret, prefix)) {
        buf_text(key, secret);
        return buf_error(key);
    }
    const struct text coded = {secret.ptr + prefix.bytes, secret.bytes - prefix.bytes};
    return crypto_base64_decode(coded, key);
}

static void write_signature(
    const struct channel_message *message, struct text key, const char *stamp, struct buf *header)
{
    struct buf signed_text;
    uint8_t mac[SHA256_BYTES];
    buf_init(&signed_text, PAYLOAD_BYTES_MAX + SECRET_BYTES_MAX);
    buf_text(&signed_text, message->id);
    buf_format(&signed_text, ".%s.", stamp);
    buf_text(&signed_text, message->text);
    if (signed_text.error) {
        header->error = signed_text.error;
    }
    crypto_hmac_sha256(key, buf_view(&signed_text), mac);
    buf_string(header, "v1,");
    crypto_base64(header, mac, sizeof(mac));
    buf_release(&signed_text);
}

static void add_headers(
    const struct channel_call *call, struct text key, struct http_request *request)
{
    char stamp[24];
    struct buf signature;
    buf_init(&signature, 128);
    (void)snprintf(stamp, sizeof(stamp), "%" PRId64, call->now.ms / 1000);
    write_signature(&call->message, key, stamp, &signature);
    http_request_header(request, "Content-Type", TEXT_LITERAL("application/json"));
    http_request_header(request, "webhook-id", call->message.id);
    http_request_header(request, "webhook-timestamp", text_of(stamp));
    http_request_header(request, "webhook-signature", buf_view(&signature));
    if (signature.error) {
        request->error = signature.error;
    }
    buf_release(&signature);
}

static enum err webhook_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    const struct channel_settings *settings = call->settings;
    const struct text secret = channel_option(settings, "secret");
    if (settings->url.bytes == 0 || secret.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "webhook %.*s needs url and secret", TEXT_ARGS(settings->name));
    }
    struct buf key;
    buf_init(&key, SECRET_BYTES_MAX);
    if (read_key(secret, &key) || key.bytes == 0) {
        buf_release(&key);
        return err_set(
            why, ERR_USAGE, "the secret of webhook %.*s is not base64 behind " SECRET_PREFIX,
            TEXT_ARGS(settings->name));
    }
    http_request_url(request, settings->url, "/");
    buf_text(&request->body, call->message.text);
    add_headers(call, buf_view(&key), request);
    buf_release(&key);
    if (http_request_error(request)) {
        return err_set(why, ERR_USAGE, "the message is too long for a webhook");
    }
    return ERR_OK;
}

static void webhook_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    char reason[32];
    if (outcome_of_transport(ret_outcome, answer)) {
        return;
    }
    (void)snprintf(reason, sizeof(reason), "HTTP %d", answer->status);
    if (answer->status >= 200 && answer->status < 300) {
        outcome_set(ret_outcome, OUTCOME_ACCEPTED, CAUSE_NONE, "", (struct text){0});
    } else if (answer->status == 410) {
        outcome_set(
            ret_outcome, OUTCOME_REJECTED, CAUSE_NONE, "HTTP 410: the receiver wants no more",
            (struct text){0});
    } else if (answer->status >= 400 && answer->status < 500) {
        outcome_set(ret_outcome, OUTCOME_REJECTED, CAUSE_NONE, reason, answer->body);
    } else if (answer->status >= 500) {
        outcome_set(ret_outcome, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT, reason, answer->body);
        ret_outcome->after_ms = answer->retry_after_ms;
    } else {
        outcome_set(ret_outcome, OUTCOME_UNSURE, CAUSE_TRANSPORT, reason, answer->body);
    }
}

const struct channel_type channel_webhook = {
    .name = "webhook",
    .method = "POST",
    .has_network = true,
    .deduplicates = true,
    .form = FORM_DATA,
    .encode = webhook_encode,
    .classify = webhook_classify,
};
