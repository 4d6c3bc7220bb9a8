/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WeCom group robot: a key, and 200 with an errcode.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_SECRET("robots.default.key", "k3y"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};

static const struct answer_class classes[] = {
    {"ok", 200, NULL, "{\"errcode\":0,\"errmsg\":\"ok\"}", NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"busy", 200, NULL, "{\"errcode\":-1,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {"rate", 200, NULL, "{\"errcode\":45009,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE},
    {"at once", 200, NULL, "{\"errcode\":45033,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_RATE_ALL},
    {"key", 200, NULL, "{\"errcode\":93000,\"errmsg\":\"invalid webhook url, hint: [1]\"}", NULL, 0,
     OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL},
    {"address", 200, NULL, "{\"errcode\":60020,\"errmsg\":\"x\"}", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
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

const struct channel_sample sample_wecom_robot = {
    .type = "wecom-robot",
    .settings =
        {
            .name = SAMPLE_TEXT("group"),
            .type = SAMPLE_TEXT("wecom-robot"),
            .url = SAMPLE_TEXT("http://qyapi.weixin.test"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2mmmm"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("甲局：请今日办结。"),
            .receivers = receivers,
            .receiver_count = 1,
            .group = SAMPLE_TEXT("default"),
        },
    .classes = classes,
};
