/* SPDX-License-Identifier: Apache-2.0 */
/*
 * E-mail: replies of a mail server at the command that they answer.
 */
#include "tests/support/channel_samples.h"

static const struct channel_option options[] = {
    SAMPLE_OPTION("from", "限时督办 <noreply@city.test>"),
};
static const struct channel_receiver receivers[] = {
    {.person = SAMPLE_TEXT("li"), .user = SAMPLE_TEXT("li@unit.test")},
};

#define REPLY(command, status, words, kind, cause)                                                 \
    {                                                                                              \
        (command " " #status), (status), NULL, #status " " words, (command), 0, (kind), (cause)    \
    }

static const struct answer_class classes[] = {
    REPLY(".", 250, "2.0.0 Ok: queued as 4ABC", OUTCOME_ACCEPTED, CAUSE_NONE),
    REPLY("greeting", 421, "4.3.2 busy", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    REPLY("greeting", 521, "no mail here", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    REPLY("MAIL", 452, "4.3.1 full", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    REPLY("MAIL", 454, "4.7.0 later", OUTCOME_RETRY_LATER, CAUSE_TRANSPORT),
    REPLY("MAIL", 530, "5.7.0 who are you", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    REPLY("MAIL", 535, "5.7.8 wrong", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    REPLY("MAIL", 538, "5.7.11 not without TLS", OUTCOME_RETRY_LATER, CAUSE_CREDENTIAL),
    REPLY("RCPT", 450, "4.2.0 greylisted", OUTCOME_RETRY_LATER, CAUSE_NONE),
    REPLY("RCPT", 550, "5.1.1 no such person", OUTCOME_REJECTED, CAUSE_NONE),
    REPLY("RCPT", 552, "5.2.2 mailbox full", OUTCOME_REJECTED, CAUSE_NONE),
    REPLY("DATA", 451, "4.3.0 not now", OUTCOME_RETRY_LATER, CAUSE_NONE),
    REPLY(".", 451, "4.7.1 later", OUTCOME_RETRY_LATER, CAUSE_NONE),
    REPLY(".", 554, "5.7.1 looks like spam", OUTCOME_REJECTED, CAUSE_NONE),
    {.name = NULL},
};

const struct channel_sample sample_email = {
    .type = "email",
    .settings =
        {
            .name = SAMPLE_TEXT("mail"),
            .type = SAMPLE_TEXT("email"),
            .url = SAMPLE_TEXT("smtp://mail.test"),
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
        },
    .classes = classes,
};
