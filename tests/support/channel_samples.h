/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One sample of every type of channel: settings and a message it can send, the answer that takes
 * it, and every class of answer its gateway is known to give. What holds for all channels is
 * tested over this table; a type without a sample fails those tests.
 *
 * The sample of NAME stands in tests/support/samples_NAME.c as sample_NAME, and in the list below.
 */
#ifndef NRT_TESTS_SUPPORT_CHANNEL_SAMPLES_H
#define NRT_TESTS_SUPPORT_CHANNEL_SAMPLES_H

#include "notifiers/channel.h"

/* TEXT_LITERAL for static initialisers. */
#define SAMPLE_TEXT(s)                                                                             \
    {                                                                                              \
        .ptr = (s), .bytes = sizeof(s) - 1                                                         \
    }
/* An entry of settings.options. */
#define SAMPLE_OPTION(key, words)                                                                  \
    {                                                                                              \
        .name = SAMPLE_TEXT(key), .value = SAMPLE_TEXT(words)                                      \
    }
#define SAMPLE_SECRET(key, words)                                                                  \
    {                                                                                              \
        .name = SAMPLE_TEXT(key), .value = SAMPLE_TEXT(words), .secret = true                      \
    }

/* What a gateway answers, and what that means. */
struct answer_class {
    const char *name;    /* "daily limit"; NULL ends a table */
    int32_t status;      /* of HTTP, or the code of SMTP */
    const char *headers; /* more header lines, each ending in "\r\n"; NULL: none */
    const char *body;    /* NULL: none */
    const char *command; /* SMTP only: the command answered so: "MAIL", "RCPT", "." ... */
    int32_t step;        /* of a look-up */
    enum outcome_kind kind;
    enum outcome_cause cause;
};

struct channel_sample {
    const char *type;
    struct channel_settings settings; /* the host of its url is replaced by the test's own */
    struct channel_message message;
    struct text token; /* where the type wants one */
    /* The status says all: a body that cannot be read changes nothing. */
    bool status_alone;
    const struct answer_class *classes;        /* of a send; the first one is the good answer */
    const struct answer_class *token_classes;  /* the same; NULL where there are no tokens */
    const struct answer_class *lookup_classes; /* the same; NULL where nobody is looked up */
    struct text lookup_key;                    /* what the first step is asked with */
    const struct answer_class *poll_classes;   /* the same; NULL where there is nothing to ask */
    struct channel_question question;
    const char *receipt_query; /* a good call-back; both NULL where gateways make none */
    const char *receipt_body;
};

#define CHANNEL_SAMPLES(X)                                                                         \
    X(aliyun)                                                                                      \
    X(tencent)                                                                                     \
    X(yunmas)                                                                                      \
    X(http_sms)                                                                                    \
    X(dingtalk_robot)                                                                              \
    X(dingtalk_work)                                                                               \
    X(email)                                                                                       \
    X(kannel)                                                                                      \
    X(wecom_app)                                                                                   \
    X(wecom_robot)                                                                                 \
    X(zwdd)                                                                                        \
    X(sandbox)                                                                                     \
    X(webhook)

#define CHANNEL_SAMPLE_DECLARED(name) extern const struct channel_sample sample_##name;
CHANNEL_SAMPLES(CHANNEL_SAMPLE_DECLARED)
#undef CHANNEL_SAMPLE_DECLARED

/* NULL at the end. */
const struct channel_sample *channel_sample_at(size_t index);
/* NULL when that type has no sample. */
const struct channel_sample *channel_sample_find(const char *type);

#endif
