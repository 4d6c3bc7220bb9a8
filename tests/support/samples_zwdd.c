/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 政务钉钉: the shapes of its answers that are known; it has no table of codes.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("app_key", "city-app"),
    SAMPLE_SECRET("app_secret", "s3cret"),
    SAMPLE_OPTION("tenant_id", "50000"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"),
     .mobile = SAMPLE_TEXT("13800000001"),
     .user = SAMPLE_TEXT("100001")},
    {.person = SAMPLE_TEXT("wu"),
     .mobile = SAMPLE_TEXT("13800000002"),
     .user = SAMPLE_TEXT("100002")},
};

static const struct answer_class classes[] = {
    {"ok", 200, NULL, "{\"success\":true,\"content\":{\"msgId\":\"m1\"}}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"content as a string", 200, NULL,
     "{\"success\":true,\"content\":\"{\\\"success\\\":true,\\\"content\\\":{\\\"msgId\\\":"
     "\\\"m1\\\"}}\"}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"success alone", 200, NULL, "{\"success\":true}", NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"sent already", 200, NULL,
     "{\"success\":false,\"errorMsg\":\"bizMsgId重复\",\"bizErrorCode\":\"MSG-1\"}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"sent already, inside", 200, NULL,
     "{\"success\":true,\"content\":{\"success\":false,\"responseMessage\":\"消息重复发送\"}}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"signature", 200, NULL,
     "{\"Code\":\"SignatureNotMatch\",\"Message\":\"Signature does not "
     "match\",\"_RequestId\":\"r\"}",
     NULL, 0, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"signature, in Chinese", 200, NULL, "{\"success\":false,\"errorMsg\":\"签名错误\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"key", 200, NULL,
     "{\"Code\":\"ApiKeyInvalid\",\"Message\":\"apiKey is invalid\",\"bizErrorCode\":\"x\"}", NULL,
     0, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"clock", 200, NULL, "{\"Code\":\"InvalidTime\",\"Message\":\"timestamp is expired\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"permission", 200, NULL, "{\"success\":false,\"errorMsg\":\"应用无权限\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"401", 401, NULL, "{\"Code\":\"x\",\"Message\":\"y\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"403", 403, NULL, "{\"Code\":\"x\",\"Message\":\"y\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"too fast", 200, NULL, "{\"success\":false,\"errorMsg\":\"调用过于频繁\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
    {"throttled", 200, NULL, "{\"success\":false,\"errorMsg\":\"触发限流\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
    {"20,000 a day", 200, NULL, "{\"success\":false,\"errorMsg\":\"今日发送量已达上限\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
    {"a tenant that is none", 200, NULL,
     "{\"success\":false,\"errorMsg\":\"tenantId不存在\",\"bizErrorCode\":\"P-1\"}", NULL, 0,
     OUTCOME_REJECTED, CAUSE_NONE},
    {"a refusal inside", 200, NULL,
     "{\"success\":true,\"content\":{\"success\":false,\"responseCode\":\"7\",\"responseMessage\":"
     "\"参数错误\"}}",
     NULL, 0, OUTCOME_REJECTED, CAUSE_NONE},
    {"an echo is not an answer", 200, NULL,
     "{\"success\":false,\"errorMsg\":\"参数错误\",\"msg\":\"重复投诉\"}", NULL, 0,
     OUTCOME_REJECTED, CAUSE_NONE},
    {"a refusal with 400", 400, NULL, "{\"success\":false,\"errorMsg\":\"参数错误\"}", NULL, 0,
     OUTCOME_REJECTED, CAUSE_NONE},
    {"400", 400, NULL, "", NULL, 0, OUTCOME_REJECTED, CAUSE_NONE},
    {"500", 500, NULL, "{\"success\":false,\"errorMsg\":\"系统错误\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
    {"505", 505, NULL, "", NULL, 0, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
    {"504", 504, NULL, "", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"another page", 200, NULL, "<html>ok</html>", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"half an answer", 200, NULL, "{\"success\":true,\"cont", NULL, 0, OUTCOME_UNSURE,
     CAUSE_TRANSPORT},
    {"nothing said", 200, NULL, "{}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"a list", 200, NULL, "[1]", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {.name = NULL},
};

static const struct answer_class lookup_classes[] = {
    {"ok", 200, NULL,
     "{\"success\":true,\"content\":{\"data\":[{\"accountId\":100001,\"mobile\":\"13800000001\","
     "\"employeeCode\":\"GE_1\",\"status\":0}],\"success\":true,\"responseMessage\":\"OK\","
     "\"responseCode\":\"0\",\"bizErrorCode\":\"0\"},\"bizErrorCode\":\"0\"}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"account", 200, NULL,
     "{\"success\":true,\"content\":{\"data\":[{\"accountId\":100001,\"accountCode\":\"li\","
     "\"accountNamespace\":\"local\",\"employeeCode\":\"GE_1\"}],\"success\":true},"
     "\"bizErrorCode\":\"0\"}",
     NULL, 1, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"nobody", 200, NULL,
     "{\"success\":true,\"content\":{\"data\":[],\"success\":true},\"bizErrorCode\":\"0\"}", NULL,
     0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"no account", 200, NULL,
     "{\"success\":true,\"content\":{\"data\":[],\"success\":true},\"bizErrorCode\":\"0\"}", NULL,
     1, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"permission", 200, NULL, "{\"success\":false,\"errorMsg\":\"没有权限\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"403", 403, NULL, "", NULL, 1, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {.name = NULL},
};

const struct channel_sample sample_zwdd = {
    .type = "zwdd",
    .settings =
        {
            .name = SAMPLE_TEXT("zwdd"),
            .type = SAMPLE_TEXT("zwdd"),
            .url = SAMPLE_TEXT("http://openplatform.zwdd.test"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2mmmm"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("今日有到期事项，请查看。"),
            .receivers = receivers,
            .receiver_count = 2,
        },
    .classes = classes,
    .lookup_classes = lookup_classes,
    .lookup_key = SAMPLE_TEXT("13800000001"),
};
