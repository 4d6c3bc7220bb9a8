/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signed webhook: the receiver's status says all.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_SECRET("secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
};

#define STATUS(status, headers, body, kind, cause)                                                 \
    {                                                                                              \
        (#status), (status), (headers), (body), NULL, 0, (kind), (cause)                           \
    }

static const struct answer_class classes[] = {
    STATUS(200, NULL, "{\"ok\":true}", OUTCOME_ACCEPTED, CAUSE_NONE),
    STATUS(202, NULL, "", OUTCOME_ACCEPTED, CAUSE_NONE),
    STATUS(204, NULL, NULL, OUTCOME_ACCEPTED, CAUSE_NONE),
    STATUS(400, NULL, "what?", OUTCOME_REJECTED, CAUSE_NONE),
    STATUS(401, NULL, "signature", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    STATUS(404, NULL, "", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    STATUS(410, NULL, "gone", OUTCOME_REJECTED, CAUSE_NONE),
    STATUS(429, "Retry-After: 30\r\n", "", OUTCOME_RETRY_LATER, CAUSE_RATE),
    STATUS(500, NULL, "oops", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    STATUS(501, NULL, "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    STATUS(503, "Retry-After: 120\r\n", "", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    STATUS(504, NULL, "", OUTCOME_UNSURE, CAUSE_TRANSPORT),
    {.name = NULL},
};

const struct channel_sample sample_webhook = {
    .type = "webhook",
    .settings =
        {
            .name = SAMPLE_TEXT("oa"),
            .type = SAMPLE_TEXT("webhook"),
            .url = SAMPLE_TEXT("http://oa.test/hooks/nrt"),
            .options = options,
            .option_count = sizeof(options) / sizeof(options[0]),
        },
    .message =
        {
            .id = SAMPLE_TEXT("k3v5x7b2"),
            .text = SAMPLE_TEXT("{\"type\":\"alert\",\"case\":\"2026-00017\"}"),
        },
    .status_alone = true,
    .classes = classes,
};
