/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The group robot of DingTalk: everything it refuses, it refuses with 200 and an errcode.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_SECRET("robots.default.token", "t0ken"),
    SAMPLE_SECRET("robots.default.secret", "SEC000000000000000000000"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};

#define ROBOT(name, body, kind, cause)                                                             \
    {                                                                                              \
        (name), 200, NULL, (body), NULL, 0, (kind), (cause)                                        \
    }

static const struct answer_class classes[] = {
    ROBOT("ok", "{\"errcode\":0,\"errmsg\":\"ok\"}", OUTCOME_ACCEPTED, CAUSE_NONE),
    ROBOT("busy", "{\"errcode\":-1,\"errmsg\":\"busy\"}", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    ROBOT(
        "too fast",
        "{\"status\":1111,\"wait\":5,\"punish\":\"deny\",\"errcode\":130101}",
        OUTCOME_RETRY_LATER,
        CAUSE_RATE),
    ROBOT(
        "signature",
        "{\"errcode\":310000,\"errmsg\":\"sign not match\"}",
        OUTCOME_RETRY_LATER,
        CAUSE_CREDENTIAL),
    ROBOT(
        "token",
        "{\"errcode\":300001,\"errmsg\":\"token is not exist\"}",
        OUTCOME_RETRY_LATER,
        CAUSE_CREDENTIAL),
    ROBOT("quota", "{\"errcode\":90030,\"errmsg\":\"x\"}", OUTCOME_REJECTED, CAUSE_NONE),
    ROBOT("malformed", "{\"errcode\":40035,\"errmsg\":\"x\"}", OUTCOME_REJECTED, CAUSE_NONE),
    ROBOT("no group", "{\"errcode\":400013,\"errmsg\":\"x\"}", OUTCOME_REJECTED, CAUSE_NONE),
    ROBOT("stopped", "{\"errcode\":400102,\"errmsg\":\"x\"}", OUTCOME_REJECTED, CAUSE_NONE),
    ROBOT("too long", "{\"errcode\":460101,\"errmsg\":\"x\"}", OUTCOME_REJECTED, CAUSE_NONE),
    ROBOT("content", "{\"errcode\":430102,\"errmsg\":\"x\"}", OUTCOME_REJECTED, CAUSE_NONE),
    ROBOT("no errcode", "{}", OUTCOME_UNSURE, CAUSE_TRANSPORT),
    {.name = NULL},
};

const struct channel_sample sample_dingtalk_robot = {
    .type = "dingtalk-robot",
    .settings =
        {
            .name = SAMPLE_TEXT("dingtalk"),
            .type = SAMPLE_TEXT("dingtalk-robot"),
            .url = SAMPLE_TEXT("http://oapi.dingtalk.test"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2"),
            .title = SAMPLE_TEXT("超期提醒"),
            .text = SAMPLE_TEXT("甲局：请今日办结。"),
            .receivers = receivers,
            .receiver_count = 1,
            .group = SAMPLE_TEXT("default"),
        },
    .classes = classes,
};
