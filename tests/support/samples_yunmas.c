/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 云MAS: 200 and a word in rspcod.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("ec_name", "测试水务局"),    SAMPLE_OPTION("ap_id", "testap"),
    SAMPLE_SECRET("secret_key", "testsecret"), SAMPLE_OPTION("sign", "ABCDEFGH1"),
    SAMPLE_SECRET("receipt_secret", "s3cret"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};

#define YUNMAS(name, code, kind, cause)                                                            \
    {                                                                                              \
        (name), 200, NULL, "{\"rspcod\":\"" code "\",\"success\":false}", NULL, 0, (kind), (cause) \
    }

static const struct answer_class classes[] = {
    {"ok", 200, NULL,
     "{\"rspcod\":\"success\",\"success\":true,\"msgGroup\":\"0102110405001000012345\"}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"ok, spelt otherwise", 200, NULL,
     "{\"rspcod\":\"success\",\"success\":true,\"mgsGroup\":\"0102110405001000012345\"}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    YUNMAS("mac", "IllegalMac", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    YUNMAS("password", "InvalidUsrOrPwd", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    YUNMAS("address", "NOT_WHITE_IP", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    YUNMAS("sign", "IllegalSignId", OUTCOME_REJECTED, CAUSE_NONE),
    YUNMAS("no sign", "NoSignId", OUTCOME_REJECTED, CAUSE_NONE),
    YUNMAS("text", "InvalidMessage", OUTCOME_REJECTED, CAUSE_NONE),
    YUNMAS("number", "InvalidMobile", OUTCOME_REJECTED, CAUSE_NONE),
    YUNMAS("numbers", "TooManyMobiles", OUTCOME_REJECTED, CAUSE_NONE),
    YUNMAS("a new code", "Whatever", OUTCOME_REJECTED, CAUSE_NONE),
    {"both at once", 200, NULL, "{\"rspcod\":\"success\",\"success\":false}", NULL, 0,
     OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"no code", 200, NULL, "{}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {.name = NULL},
};

const struct channel_sample sample_yunmas = {
    .type = "yunmas",
    .settings =
        {
            .name = SAMPLE_TEXT("sms"),
            .type = SAMPLE_TEXT("yunmas"),
            .url = SAMPLE_TEXT("http://mas.10086.test:1992"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("alert-000123"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("一号水库水位超限"),
            .receivers = receivers,
            .receiver_count = 1,
        },
    .classes = classes,
    .receipt_body =
        "{\"msgGroup\":\"0102110405001000012345\",\"mobile\":\"13800000001\","
        "\"reportStatus\":\"CM:0000\",\"errorCode\":\"DELIVRD\","
        "\"submitDate\":\"2026-01-02 11:04:05\",\"receiveDate\":\"2026-01-02 11:04:09\"}",
};
