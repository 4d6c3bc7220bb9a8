/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kannel: its answers as its own program gives them. It reads no JSON; its status says all.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("username", "water"),
    SAMPLE_SECRET("password", "p&ss word"),
    SAMPLE_SECRET("receipt_secret", "s3cret"),
    SAMPLE_OPTION("signature", "【水务局】"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .mobile = SAMPLE_TEXT("13800000001")},
};

static const struct answer_class classes[] = {
    {"accepted", 202, NULL, "0: Accepted for delivery", NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"queued", 202, NULL, "3: Queued for later delivery", NULL, 0, OUTCOME_ACCEPTED, CAUSE_NONE},
    {"wrong password", 403, NULL, "Authorization failed for sendsms", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_CREDENTIAL},
    {"no receiver", 400, NULL, "Missing receiver number, rejected", NULL, 0, OUTCOME_REJECTED,
     CAUSE_NONE},
    {"listed number", 400, NULL, "Number(s) has/have been denied by white- and/or black-lists.",
     NULL, 0, OUTCOME_REJECTED, CAUSE_NONE},
    {"busy", 503, NULL, "Temporal failure, try again later.", NULL, 0, OUTCOME_RETRY_LATER,
     CAUSE_TRANSPORT},
    {.name = NULL},
};

const struct channel_sample sample_kannel = {
    .type = "kannel",
    .settings =
        {
            .name = SAMPLE_TEXT("sms"),
            .type = SAMPLE_TEXT("kannel"),
            .url = SAMPLE_TEXT("http://kannel.test/cgi-bin/sendsms"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2"),
            .text = SAMPLE_TEXT("【水务局】甲局：请今日办结。"),
            .receivers = receivers,
            .receiver_count = 1,
        },
    .status_alone = true,
    .classes = classes,
    .receipt_query = "id=k3v5x7b2&status=1&foreign=f1&ts=2026-11-21+16:47:49",
};
