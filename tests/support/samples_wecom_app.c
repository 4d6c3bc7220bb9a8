/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WeCom application message: 200 and an errcode; 0 may still name somebody it did not reach.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("corp_id", "ww0000"),
    SAMPLE_SECRET("secret", "s3cret"),
    SAMPLE_OPTION("agent_id", "1000002"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001"), .user = SAMPLE_TEXT("li")},
};

static const struct answer_class classes[] = {
    {"ok", 200, NULL,
     "{\"errcode\":0,\"errmsg\":\"ok\",\"invaliduser\":\"\",\"invalidparty\":\"\",\"invalidtag\":"
     "\"\",\"unlicenseduser\":\"\",\"msgid\":\"m1\"}",
     NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"not visible", 200, NULL,
     "{\"errcode\":0,\"errmsg\":\"ok\",\"invaliduser\":\"li\",\"msgid\":\"m1\"}", NULL, 0,
     OUTCOME_REJECTED, CAUSE_NONE},
    {"no licence", 200, NULL,
     "{\"errcode\":0,\"errmsg\":\"ok\",\"unlicenseduser\":\"li\",\"msgid\":\"m1\"}", NULL, 0,
     OUTCOME_REJECTED, CAUSE_NONE},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {"token 40014", 200, NULL, "{\"errcode\":40014,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"token 42001", 200, NULL, "{\"errcode\":42001,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"no token", 200, NULL, "{\"errcode\":41001,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"api rate", 200, NULL, "{\"errcode\":45009,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"at once", 200, NULL, "{\"errcode\":45033,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"secret 40001", 200, NULL, "{\"errcode\":40001,\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"secret 40091", 200, NULL, "{\"errcode\":40091,\"errmsg\":\"x\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"corp", 200, NULL, "{\"errcode\":40013,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"agent", 200, NULL, "{\"errcode\":40056,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"app", 200, NULL, "{\"errcode\":301002,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"address", 200, NULL,
     "{\"errcode\":60020,\"errmsg\":\"not allow to access from your ip, from ip: 192.0.2.1\"}",
     NULL, 0, OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"nobody", 200, NULL, "{\"errcode\":81013,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"user id", 200, NULL, "{\"errcode\":40003,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"privilege", 200, NULL, "{\"errcode\":60011,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"no user", 200, NULL, "{\"errcode\":60111,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"parameter", 200, NULL, "{\"errcode\":40058,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"kind", 200, NULL, "{\"errcode\":40008,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"empty", 200, NULL, "{\"errcode\":44004,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
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
     "{\"errcode\":0,\"errmsg\":\"ok\",\"access_token\":\"t0ken\",\"expires_in\":7200}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"secret", 200, NULL, "{\"errcode\":40001,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"corp", 200, NULL, "{\"errcode\":40013,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"address", 200, NULL, "{\"errcode\":60020,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"rate", 200, NULL, "{\"errcode\":45009,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {"no token", 200, NULL, "{\"errcode\":0,\"errmsg\":\"ok\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {.name = NULL},
};

static const struct answer_class lookup_classes[] = {
    {"ok", 200, NULL, "{\"errcode\":0,\"errmsg\":\"ok\",\"userid\":\"li\"}", NULL, 0,
     OUTCOME_ACCEPTED, CAUSE_NONE},
    {"nobody", 200, NULL, "{\"errcode\":46004,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_ACCEPTED,
     CAUSE_NONE},
    {"nobody 60111", 200, NULL, "{\"errcode\":60111,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_ACCEPTED,
     CAUSE_NONE},
    {"token", 200, NULL, "{\"errcode\":40014,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TOKEN},
    {"rate", 200, NULL, "{\"errcode\":45009,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"privilege", 200, NULL, "{\"errcode\":60011,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {.name = NULL},
};

const struct channel_sample sample_wecom_app = {
    .type = "wecom-app",
    .settings =
        {
            .name = SAMPLE_TEXT("wecom"),
            .type = SAMPLE_TEXT("wecom-app"),
            .url = SAMPLE_TEXT("http://qyapi.weixin.test"),
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
};
