/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox: no gateway, so no answers.
 */
#include "tests/support/channel_samples.h"

static const struct channel_receiver receivers[] = {{.person = SAMPLE_TEXT("li")}};

const struct channel_sample sample_sandbox = {
    .type = "sandbox",
    .settings = {.name = SAMPLE_TEXT("sms"), .type = SAMPLE_TEXT("sandbox")},
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2"),
            .text = SAMPLE_TEXT("【限时督办】甲局：请今日办结。"),
            .receivers = receivers,
            .receiver_count = 1,
        },
};
