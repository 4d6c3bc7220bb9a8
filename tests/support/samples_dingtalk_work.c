/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DingTalk work notification: 200 and an errcode for everything; what was dropped afterwards stands
 * in the send result.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("app_key", "dingkey"),
    SAMPLE_SECRET("app_secret", "s3cret"),
    SAMPLE_OPTION("agent_id", "1234"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001"), .user = SAMPLE_TEXT("u1")},
};

static const struct answer_class classes[] = {
    {"ok", 200, NULL,
     "{\"errcode\":0,\"errmsg\":\"ok\",\"task_id\":256271667526,\"request_id\":\"r1\"}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {"token 40001", 200, NULL, "{\"errcode\":40001,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"token 40014", 200, NULL, "{\"errcode\":40014,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"token 42001", 200, NULL, "{\"errcode\":42001,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"token, wrapped", 200, NULL,
     "{\"errcode\":88,\"sub_code\":\"40014\",\"sub_msg\":\"x\",\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_TOKEN},
    {"permission, wrapped", 200, NULL,
     "{\"errcode\":88,\"sub_code\":\"60011\",\"errmsg\":\"ding talk error\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"busy, wrapped as a number", 200, NULL, "{\"errcode\":88,\"sub_code\":-1,\"errmsg\":\"x\"}",
     NULL, 0, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
    {"wrapper alone", 200, NULL, "{\"errcode\":88,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"permission", 200, NULL, "{\"errcode\":60011,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"address", 200, NULL, "{\"errcode\":60020,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"agent", 200, NULL, "{\"errcode\":40056,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"api rate 90002", 200, NULL, "{\"errcode\":90002,\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
    {"api rate 90018", 200, NULL, "{\"errcode\":90018,\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
    {"app rate", 200, NULL, "{\"errcode\":143103,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"corp rate", 200, NULL, "{\"errcode\":143104,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"protection", 200, NULL, "{\"errcode\":1430003,\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_RATE_ALL},
    {"500 a day", 200, NULL, "{\"errcode\":143105,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE},
    {"there already", 200, NULL, "{\"errcode\":143106,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_ACCEPTED,
     CAUSE_NONE},
    {"no receiver", 200, NULL, "{\"errcode\":1430000,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"content", 200, NULL, "{\"errcode\":1430002,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"executive", 200, NULL, "{\"errcode\":1430004,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"user id", 200, NULL, "{\"errcode\":33012,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"no user", 200, NULL, "{\"errcode\":60121,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"malformed", 200, NULL, "{\"errcode\":40035,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"parameter", 200, NULL, "{\"errcode\":400002,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"content type", 200, NULL, "{\"errcode\":43004,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"half an answer", 200, NULL, "{\"errcode\":0,\"err", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"no errcode", 200, NULL, "{}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"errcode as text", 200, NULL, "{\"errcode\":\"0\"}", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"another page", 200, NULL, "<html>ok</html>", NULL, 0, OUTCOME_UNSURE, CAUSE_TRANSPORT},
    {"a new code", 200, NULL, "{\"errcode\":123456789,\"errmsg\":\"something new\"}", NULL, 0,
     OUTCOME_REJECTED, CAUSE_NONE},
    {"400", 400, NULL, "", NULL, 0, OUTCOME_REJECTED, CAUSE_NONE},
    {"503", 503, NULL, "", NULL, 0, OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
    {.name = NULL},
};

static const struct answer_class token_classes[] = {
    {"ok", 200, NULL,
     "{\"errcode\":0,\"access_token\":\"t0ken\",\"errmsg\":\"ok\",\"expires_in\":7200}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"secret 40001", 200, NULL, "{\"errcode\":40001,\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"secret", 200, NULL, "{\"errcode\":40089,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"key", 200, NULL, "{\"errcode\":40096,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {"rate", 200, NULL, "{\"errcode\":90018,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"no token", 200, NULL, "{\"errcode\":0,\"errmsg\":\"ok\",\"expires_in\":7200}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
    {"no life", 200, NULL, "{\"errcode\":0,\"access_token\":\"t0ken\",\"errmsg\":\"ok\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_TRANSPORT},
    {.name = NULL},
};

static const struct answer_class lookup_classes[] = {
    {"ok", 200, NULL,
     "{\"errcode\":0,\"errmsg\":\"ok\",\"result\":{\"userid\":\"u1\"},\"request_id\":\"r1\"}", NULL,
     0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"nobody", 200, NULL, "{\"errcode\":60121,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_ACCEPTED,
     CAUSE_NONE},
    {"nobody, wrapped", 200, NULL, "{\"errcode\":88,\"sub_code\":\"60121\",\"errmsg\":\"x\"}", NULL,
     0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"token", 200, NULL, "{\"errcode\":40014,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"permission", 200, NULL, "{\"errcode\":60011,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"rate", 200, NULL, "{\"errcode\":90002,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {.name = NULL},
};

static const struct answer_class poll_classes[] = {
    {"unread", 200, NULL,
     "{\"errcode\":0,\"errmsg\":\"ok\",\"send_result\":{\"invalid_user_id_list\":[],\"forbidden_"
     "user_id_list\":[],\"failed_user_id_list\":[],\"read_user_id_list\":[],\"unread_user_id_"
     "list\":[\"u1\"]}}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"token", 200, NULL, "{\"errcode\":42001,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"rate", 200, NULL, "{\"errcode\":90018,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {.name = NULL},
};

const struct channel_sample sample_dingtalk_work = {
    .type = "dingtalk-work",
    .settings =
        {
            .name = SAMPLE_TEXT("ding"),
            .type = SAMPLE_TEXT("dingtalk-work"),
            .url = SAMPLE_TEXT("http://oapi.dingtalk.test"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2mmmm"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("甲局：请今日办结。"),
            .link = SAMPLE_TEXT("https://city.test/a/x1"),
            .receivers = receivers,
            .receiver_count = 1,
        },
    .token = SAMPLE_TEXT("t0ken"),
    .classes = classes,
    .token_classes = token_classes,
    .lookup_classes = lookup_classes,
    .lookup_key = SAMPLE_TEXT("13800000001"),
    .poll_classes = poll_classes,
    .question =
        {
            .message = SAMPLE_TEXT("k3v5x7b2mmmm"),
            .gateway_id = SAMPLE_TEXT("256271667526"),
            .mobile = SAMPLE_TEXT("13800000001"),
            .user = SAMPLE_TEXT("u1"),
        },
};
