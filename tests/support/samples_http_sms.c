/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A county's gateway as many are: a JSON body with an MD5 of user, key and time, and a JSON answer
 * with a code.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("body_type", "json"),
    SAMPLE_OPTION(
        "body",
        "{\"user\":\"{username}\",\"time\":\"{time:yyyyMMddHHmmss}\","
        "\"sign\":\"{md5:{username}{secret}{time:yyyyMMddHHmmss}}\",\"mobile\":\"{mobile}\","
        "\"content\":\"{text}\",\"extra\":\"{id}\"}"),
    SAMPLE_OPTION("username", "water"),
    SAMPLE_SECRET("secret", "testsecret"),
    SAMPLE_OPTION("signature", "【水务局】"),
    SAMPLE_OPTION("success", "json.code = 0"),
    SAMPLE_OPTION("retry", "json.code in (-1, 99)"),
    SAMPLE_OPTION("credential", "json.code in (101, 102)"),
    SAMPLE_OPTION("gateway_id", "json.data.taskid"),
    SAMPLE_SECRET("receipt_secret", "s3cret"),
    SAMPLE_OPTION("receipt.id", "json.extra"),
    SAMPLE_OPTION("receipt.gateway_id", "json.taskid"),
    SAMPLE_OPTION("receipt.status", "json.status"),
    SAMPLE_OPTION("receipt.delivered", "[\"DELIVRD\"]"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};

#define CODE(name, code, kind, cause)                                                              \
    {                                                                                              \
        (name), 200, NULL, "{\"code\":" code ",\"msg\":\"x\"}", NULL, 0, (kind), (cause)           \
    }

static const struct answer_class classes[] = {
    {"ok", 200, NULL, "{\"code\":0,\"msg\":\"ok\",\"data\":{\"taskid\":\"20260102000001\"}}", NULL,
     0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"ok, as a string", 200, NULL, "{\"code\":\"0\",\"data\":{\"taskid\":12345}}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    CODE("busy", "-1", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    CODE("too many", "99", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    CODE("user", "101", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    CODE("funds", "102", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    CODE("number", "7", OUTCOME_REJECTED, CAUSE_NONE),
    {"refused with 400", 400, NULL, "{\"code\":7}", NULL, 0, OUTCOME_REJECTED, CAUSE_NONE},
    {"no code", 200, NULL, "{}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {.name = NULL},
};

const struct channel_sample sample_http_sms = {
    .type = "http-sms",
    .settings =
        {
            .name = SAMPLE_TEXT("sms"),
            .type = SAMPLE_TEXT("http-sms"),
            .url = SAMPLE_TEXT("http://sms.county.test/api/send"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("alert-000123"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("【水务局】一号水库水位超限"),
            .receivers = receivers,
            .receiver_count = 1,
        },
    .classes = classes,
    .receipt_body = "[{\"extra\":\"alert-000123\",\"taskid\":\"20260102000001\","
                    "\"status\":\"DELIVRD\",\"mobile\":\"13800000001\"}]",
};
