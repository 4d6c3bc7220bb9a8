/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 政务钉钉 / 浙政钉 work notification: one call for up to 1,000 people, signed, calls at least ten
 * minutes apart. bizMsgId is our message id, so a repeat is answered "重复" and nothing rings
 * twice. No receipts. Its own ids of people are two look-ups away from a mobile number.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "notifiers/ding_message.h"
#include "notifiers/zwdd_answer.h"
#include "notifiers/zwdd_sign.h"

#define ZWDD_SEND_PATH       "/message/workNotification"
#define ZWDD_MOBILE_PATH     "/mozi/employee/get_by_mobiles"
#define ZWDD_ACCOUNT_PATH    "/mozi/employee/listEmployeeAccountIds"
#define ZWDD_RECEIVERS_MAX   1000
#define ZWDD_RECEIVERS_BYTES ((size_t)ZWDD_RECEIVERS_MAX * 32)
#define ZWDD_ACCOUNTS_STEP   1 /* of a look-up: the second */
#define MINUTE_MS            ((int64_t)60 * 1000)
#define HOUR_MS              ((int64_t)60 * MINUTE_MS)
#define DAY_MS               ((int64_t)24 * HOUR_MS)
#define ZWDD_GAP_MS          (10 * MINUTE_MS)
#define ZWDD_PER_PERSON_DAY  100 /* so many calls hold no more for anybody */
#define ZWDD_RESERVE         10

/* ---- signed calls ---- */

static struct text option_or(const struct channel_call *call, const char *name, const char *other)
{
    const struct text value = channel_option(call->settings, name);
    return value.bytes > 0 ? value : text_of(other);
}

/* The path of an absolute URL without a query. */
static struct text path_of(struct text url)
{
    size_t slashes = 0;
    for (size_t index = 0; index < url.bytes; index++) {
        slashes += url.ptr[index] == '/' ? 1 : 0;
        if (slashes == 3) {
            return (struct text){.ptr = url.ptr + index, .bytes = url.bytes - index};
        }
    }
    return TEXT_LITERAL("/");
}

/* 13 digits of milliseconds and 4 of chance, as the vendor's pages ask for. */
static void write_nonce(const struct channel_call *call, char nonce[static 32])
{
    const unsigned chance = ((unsigned)call->nonce[0] << 8 | call->nonce[1]) % 10000;
    (void)snprintf(nonce, 32, "%013" PRId64 "%04u", call->now.ms, chance);
}

struct zwdd_params {
    struct zwdd_param items[ZWDD_PARAMS_MAX];
    size_t count;
};

static void add_param(struct zwdd_params *params, const char *name, struct text value)
{
    params->items[params->count++] = (struct zwdd_param){.name = name, .value = value};
}

static enum err add_headers(
    const struct channel_call *call, const struct zwdd_params *params, struct http_request *request)
{
    char stamp[ZWDD_STAMP_BYTES];
    char nonce[32];
    struct buf signature;
    const bool md5 = text_is(channel_option(call->settings, "algorithm"), "md5");
    zwdd_stamp(call->now, stamp);
    write_nonce(call, nonce);
    const struct zwdd_request words = {
        .method = request->method,
        .stamp = stamp,
        .nonce = nonce,
        .path = path_of(buf_view(&request->url)),
        .params = params->items,
        .param_count = params->count,
    };
    buf_init(&signature, 256);
    const enum err err =
        zwdd_sign(&words, channel_option(call->settings, "app_secret"), md5, &signature);
    http_request_header(request, "apiKey", channel_option(call->settings, "app_key"));
    http_request_header(request, "X-Hmac-Auth-Signature", buf_view(&signature));
    http_request_header(request, "X-Hmac-Auth-Timestamp", text_of(stamp));
    http_request_header(request, "X-Hmac-Auth-Version", TEXT_LITERAL("1.0"));
    http_request_header(request, "X-Hmac-Auth-Nonce", text_of(nonce));
    http_request_header(request, "X-Hmac-Auth-IP", option_or(call, "ip", "127.0.0.1"));
    http_request_header(request, "X-Hmac-Auth-MAC", option_or(call, "mac", "00:00:00:00:00:00"));
    if (md5) {
        http_request_header(request, "X-Hmac-Auth-Algorithm", TEXT_LITERAL("md5"));
    }
    buf_release(&signature);
    return err;
}

static enum err settings_fit(const struct channel_call *call, struct err_why *why)
{
    static const char *const needed[] = {"app_key", "app_secret", "tenant_id"};
    if (call->settings->url.bytes == 0) {
        return err_set(
            why, ERR_USAGE, "channel %.*s has no url; set it to the open platform of the city",
            TEXT_ARGS(call->settings->name));
    }
    for (size_t index = 0; index < sizeof(needed) / sizeof(needed[0]); index++) {
        if (channel_option(call->settings, needed[index]).bytes == 0) {
            return err_set(
                why, ERR_USAGE, "channel %.*s needs %s", TEXT_ARGS(call->settings->name),
                needed[index]);
        }
    }
    return ERR_OK;
}

static enum err write_call(
    const struct channel_call *call,
    const char *path,
    const struct zwdd_params *params,
    struct http_request *request,
    struct err_why *why)
{
    channel_url(request, call->settings, "", path);
    http_request_header(
        request, "Content-Type", TEXT_LITERAL("application/x-www-form-urlencoded; charset=UTF-8"));
    if (add_headers(call, params, request)) {
        return err_set(why, ERR_USAGE, "the request cannot be signed; is MD5 allowed here?");
    }
    zwdd_form(params->items, params->count, &request->body);
    return channel_request_end(request, why);
}

/* ---- send ---- */

static enum err write_message(
    const struct channel_call *call, struct buf *receivers, struct buf *msg, struct err_why *why)
{
    if (call->message.receiver_count > ZWDD_RECEIVERS_MAX) {
        return err_set(why, ERR_USAGE, "more than 1,000 people in one call");
    }
    if (ding_receivers(&call->message, receivers)) {
        return err_set(why, ERR_USAGE, "the person has no zwdd account id");
    }
    if (ding_message_write(&call->message, DING_GOVERNMENT, msg)) {
        return err_set(why, ERR_USAGE, "the message is too long for a request");
    }
    return ERR_OK;
}

static enum err zwdd_encode(
    const struct channel_call *call, struct http_request *request, struct err_why *why)
{
    struct zwdd_params params = {.count = 0};
    struct buf receivers;
    struct buf msg;
    buf_init(&receivers, ZWDD_RECEIVERS_BYTES);
    buf_init(&msg, 16 * DING_MESSAGE_BYTES);
    enum err err = settings_fit(call, why);
    if (!err) {
        err = write_message(call, &receivers, &msg, why);
    }
    if (!err) {
        add_param(&params, "tenantId", channel_option(call->settings, "tenant_id"));
        add_param(&params, "bizMsgId", call->message.id);
        add_param(&params, "msg", buf_view(&msg));
        add_param(&params, "receiverIds", buf_view(&receivers));
        err = write_call(call, ZWDD_SEND_PATH, &params, request, why);
    }
    buf_release(&receivers);
    buf_release(&msg);
    return err;
}

/* ---- answers ---- */

static void zwdd_classify(const struct http_answer *answer, struct outcome *ret_outcome)
{
    struct zwdd_answer read;
    zwdd_answer_read(answer, &read, ret_outcome);
    if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        zwdd_text_of(
            json_get(read.content, "msgId"), ret_outcome->gateway_id,
            sizeof(ret_outcome->gateway_id));
    }
    zwdd_answer_release(&read);
}

/* ---- look-up: mobile -> employeeCode -> accountId ---- */

static enum err zwdd_lookup_encode(
    const struct channel_call *call,
    int32_t step,
    struct text key,
    struct http_request *request,
    struct err_why *why)
{
    struct zwdd_params params = {.count = 0};
    enum err err = settings_fit(call, why);
    if (err) {
        return err;
    }
    add_param(&params, "tenantId", channel_option(call->settings, "tenant_id"));
    if (step == ZWDD_ACCOUNTS_STEP) {
        add_param(&params, "employeeCodes", key);
        return write_call(call, ZWDD_ACCOUNT_PATH, &params, request, why);
    }
    struct buf mobile;
    buf_init(&mobile, 64);
    if (mobile_mainland(key, &mobile)) {
        err = err_set(why, ERR_USAGE, "the mobile number is not a number");
    } else {
        add_param(&params, "mobiles", buf_view(&mobile));
        add_param(&params, "areaCode", TEXT_LITERAL("86"));
        add_param(&params, "namespace", TEXT_LITERAL("local"));
        err = write_call(call, ZWDD_MOBILE_PATH, &params, request, why);
    }
    buf_release(&mobile);
    return err;
}

static void zwdd_lookup_decode(
    const struct http_answer *answer,
    int32_t step,
    char ret_user[static CHANNEL_USER_BYTES],
    struct outcome *ret_outcome)
{
    struct zwdd_answer read;
    ret_user[0] = '\0';
    zwdd_answer_read(answer, &read, ret_outcome);
    if (ret_outcome->kind == OUTCOME_ACCEPTED) {
        const struct json_value *first = json_first(json_get(read.content, "data"));
        const char *const key = step == ZWDD_ACCOUNTS_STEP ? "accountId" : "employeeCode";
        zwdd_text_of(json_get(first, key), ret_user, CHANNEL_USER_BYTES);
    }
    zwdd_answer_release(&read);
}

const struct channel_type channel_zwdd = {
    .name = "zwdd",
    .method = "POST",
    .has_network = true,
    .deduplicates = true,
    .address = ADDRESS_ZWDD,
    .form = FORM_TEXT,
    .receivers_max = ZWDD_RECEIVERS_MAX,
    .limits =
        {{LIMIT_CHANNEL, ZWDD_GAP_MS, 1, 0},
         {LIMIT_MAILBOX, DAY_MS, ZWDD_PER_PERSON_DAY, ZWDD_RESERVE}},
    .closed_ms = ZWDD_GAP_MS,
    .encode = zwdd_encode,
    .classify = zwdd_classify,
    .lookup_steps = 2,
    .lookup_encode = zwdd_lookup_encode,
    .lookup_decode = zwdd_lookup_decode,
};
