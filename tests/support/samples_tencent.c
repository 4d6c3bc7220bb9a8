/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tencent Cloud: 200 whatever happens; a code for the number, or an error for the whole call.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("secret_id", "AKIDtest"),    SAMPLE_SECRET("secret_key", "testkey"),
    SAMPLE_OPTION("sdk_app_id", "1400006666"), SAMPLE_OPTION("signature", "【测试水务】"),
    SAMPLE_SECRET("receipt_secret", "s3cret"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};
static const struct channel_param params[] = {
    {.name = SAMPLE_TEXT("station"), .value = SAMPLE_TEXT("一号水库")},
    {.name = SAMPLE_TEXT("level"), .value = SAMPLE_TEXT("12.35")},
};

#define NUMBER(name, code, kind, cause)                                                            \
    {                                                                                              \
        (name), 200, NULL,                                                                         \
            "{\"Response\":{\"SendStatusSet\":[{\"SerialNo\":\"5000:"                              \
            "1045710669157053657849499619\","                                                      \
            "\"PhoneNumber\":\"+8613800000001\",\"Fee\":1,\"SessionContext\":\"alert-000123\","    \
            "\"Code\":\"" code "\",\"Message\":\"x\",\"IsoCode\":\"CN\"}],\"RequestId\":\"1\"}}",  \
            NULL, 0, (kind), (cause)                                                               \
    }
#define WHOLE(name, code, kind, cause)                                                             \
    {                                                                                              \
        (name), 200, NULL,                                                                         \
            "{\"Response\":{\"Error\":{\"Code\":\"" code "\",\"Message\":\"x\"},"                  \
            "\"RequestId\":\"1\"}}",                                                               \
            NULL, 0, (kind), (cause)                                                               \
    }

static const struct answer_class classes[] = {
    NUMBER("ok", "Ok", OUTCOME_ACCEPTED, CAUSE_NONE),
    NUMBER(
        "30 seconds",
        "LimitExceeded.PhoneNumberThirtySecondLimit",
        OUTCOME_RETRY_LATER,
        CAUSE_RATE),
    NUMBER("app's day", "LimitExceeded.AppDailyLimit", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL),
    NUMBER(
        "funds",
        "FailedOperation.InsufficientBalanceInSmsPackage",
        OUTCOME_RETRY_LATER,
        CAUSE_CREDENTIAL),
    NUMBER("blacklist", "FailedOperation.PhoneNumberInBlacklist", OUTCOME_REJECTED, CAUSE_NONE),
    NUMBER("a new code", "FailedOperation.New", OUTCOME_REJECTED, CAUSE_NONE),
    NUMBER("busy number", "InternalError.Timeout", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    WHOLE("busy", "InternalError", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    WHOLE("calls", "RequestLimitExceeded", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL),
    WHOLE("signature", "AuthFailure.SignatureFailure", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    WHOLE("clock", "AuthFailure.SignatureExpire", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    WHOLE("missing", "MissingParameter", OUTCOME_REJECTED, CAUSE_NONE),
    {"no status", 200, NULL, "{\"Response\":{}}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {.name = NULL},
};

#define PULLED(items) "{\"Response\":{\"PullSmsSendStatusSet\":[" items "],\"RequestId\":\"1\"}}"

static const struct answer_class poll_classes[] = {
    {"delivered", 200, NULL,
     PULLED("{\"SerialNo\":\"5000:1\",\"ReportStatus\":\"SUCCESS\",\"Description\":\"DELIVRD\","
            "\"SessionContext\":\"alert-000123\"}"),
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"no report yet", 200, NULL, PULLED(""), NULL, 0, OUTCOME_UNSURE, CAUSE_NONE},
    WHOLE("signature", "AuthFailure.SignatureFailure", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    WHOLE("busy", "InternalError", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    {.name = NULL},
};

const struct channel_sample sample_tencent = {
    .type = "tencent",
    .settings =
        {
            .name = SAMPLE_TEXT("sms"),
            .type = SAMPLE_TEXT("tencent"),
            .url = SAMPLE_TEXT("http://sms.tencentcloudapi.test"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("alert-000123"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("一号水库水位 12.35"),
            .receivers = receivers,
            .receiver_count = 1,
            .template = SAMPLE_TEXT("1110"),
            .params = params,
            .param_count = 2,
        },
    .classes = classes,
    .poll_classes = poll_classes,
    .question =
        {
            .message = SAMPLE_TEXT("alert-000123"),
            .mobile = SAMPLE_TEXT("13800000001"),
            .sent_at = {.ms = INT64_C(1767323045000)},
        },
    .receipt_body = "[{\"user_receive_time\":\"2026-01-02 11:04:09\",\"nationcode\":\"86\","
                    "\"mobile\":\"13800000001\",\"report_status\":\"SUCCESS\","
                    "\"errmsg\":\"DELIVRD\",\"description\":\"x\","
                    "\"sid\":\"5000:1045710669157053657849499619\"}]",
};
