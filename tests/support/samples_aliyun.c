/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alibaba Cloud: refusals of a message come with 200, those of a signature with 4xx; both name a
 * code.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("access_key_id", "testid"),
    SAMPLE_SECRET("access_key_secret", "testsecret"),
    SAMPLE_OPTION("signature", "【测试水务】"),
    SAMPLE_SECRET("receipt_secret", "s3cret"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};
static const struct channel_param params[] = {
    {.name = SAMPLE_TEXT("station"), .value = SAMPLE_TEXT("一号水库")},
    {.name = SAMPLE_TEXT("level"), .value = SAMPLE_TEXT("12.35 m")},
};

#define ALIYUN(name, status, code, kind, cause)                                                    \
    {                                                                                              \
        (name), (status), NULL, "{\"Code\":\"" code "\",\"Message\":\"x\",\"RequestId\":\"1\"}",   \
            NULL, 0, (kind), (cause)                                                               \
    }

static const struct answer_class classes[] = {
    {"ok", 200, NULL,
     "{\"Code\":\"OK\",\"Message\":\"OK\",\"BizId\":\"900619746936498440^0\",\"RequestId\":\"1\"}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    ALIYUN("number", 200, "isv.BUSINESS_LIMIT_CONTROL", OUTCOME_RETRY_LATER, CAUSE_RATE),
    ALIYUN("account's day", 200, "isv.DAY_LIMIT_CONTROL", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL),
    ALIYUN("calls", 400, "Throttling.User", OUTCOME_RETRY_LATER, CAUSE_RATE_ALL),
    ALIYUN("busy", 200, "isp.SYSTEM_ERROR", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    ALIYUN("unavailable", 503, "ServiceUnavailable", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    ALIYUN("signature", 400, "SignatureDoesNotMatch", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    ALIYUN("key", 404, "InvalidAccessKeyId.NotFound", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    ALIYUN("clock", 400, "InvalidTimeStamp.Expired", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    ALIYUN("funds", 200, "isv.AMOUNT_NOT_ENOUGH", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    ALIYUN("template", 200, "isv.SMS_TEMPLATE_ILLEGAL", OUTCOME_REJECTED, CAUSE_NONE),
    ALIYUN("variable", 200, "isv.PARAM_LENGTH_LIMIT", OUTCOME_REJECTED, CAUSE_NONE),
    ALIYUN("a new code", 200, "isv.NEW", OUTCOME_REJECTED, CAUSE_NONE),
    {"no code", 200, NULL, "{}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {.name = NULL},
};

#define DETAIL                                                                                     \
    "{\"PhoneNum\":\"13800000001\",\"SendStatus\":3,\"ErrCode\":\"DELIVERED\","                    \
    "\"OutId\":\"alert-000123\"}"

static const struct answer_class poll_classes[] = {
    {"delivered", 200, NULL,
     "{\"Code\":\"OK\",\"TotalCount\":1,\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[" DETAIL "]}}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"not known", 200, NULL,
     "{\"Code\":\"OK\",\"TotalCount\":0,\"SmsSendDetailDTOs\":{\"SmsSendDetailDTO\":[]}}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"no list", 200, NULL, "{\"Code\":\"OK\"}", NULL, 0, OUTCOME_UNSURE, CAUSE_NONE},
    ALIYUN("signature", 400, "SignatureDoesNotMatch", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    ALIYUN("busy", 200, "isp.SYSTEM_ERROR", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    {.name = NULL},
};

const struct channel_sample sample_aliyun = {
    .type = "aliyun",
    .settings =
        {
            .name = SAMPLE_TEXT("sms"),
            .type = SAMPLE_TEXT("aliyun"),
            .url = SAMPLE_TEXT("http://dysmsapi.aliyuncs.test"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("alert-000123"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("一号水库水位 12.35 m"),
            .receivers = receivers,
            .receiver_count = 1,
            .template = SAMPLE_TEXT("SMS_000000001"),
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
    .receipt_body = "[{\"phone_number\":\"13800000001\",\"send_time\":\"2026-01-02 11:04:05\","
                    "\"report_time\":\"2026-01-02 11:04:09\",\"success\":true,"
                    "\"err_code\":\"DELIVERED\",\"err_msg\":\"x\",\"sms_size\":\"1\","
                    "\"biz_id\":\"900619746936498440^0\",\"out_id\":\"alert-000123\"}]",
};
