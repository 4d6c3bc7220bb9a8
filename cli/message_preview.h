/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a template becomes on one channel, composed as the notifier does it: the phone's view, how
 * it divides into SMS, what the vendor is given. Pure but for the clock it is handed.
 */
#ifndef NRT_CLI_MESSAGE_PREVIEW_H
#define NRT_CLI_MESSAGE_PREVIEW_H

#include "config/policy.h"
#include "notifiers/compose.h"

#define PREVIEW_SEGMENTS_MAX  8
#define PREVIEW_WARNINGS_MAX  8
#define PREVIEW_WARNING_BYTES 192

struct preview_ask {
    const struct bundle *bundle;
    const struct settings *settings;
    const struct channel_settings *channel; /* its language is the message's */
    const struct template_text *template;
    bool long_values;  /* as long as they get */
    struct text title; /* in place of the sample; empty: the sample */
    struct text unit;
    struct text case_id;
    struct text handler;
    struct wall_ms at;
};

struct preview {
    struct composed composed;
    struct text shown; /* what the phone shows */
    size_t characters;
    struct text segments[PREVIEW_SEGMENTS_MAX]; /* of shown; none where it is no SMS */
    size_t segment_count;
    char warnings[PREVIEW_WARNINGS_MAX][PREVIEW_WARNING_BYTES];
    size_t warning_count;
};

/* All in the arena; ERR_NO_MEMORY, ERR_USAGE for a channel that sends no texts to people. */
enum err message_preview(
    const struct preview_ask *ask, struct arena *arena, struct preview *ret_preview) ERR_MUST_USE;

void preview_print(const struct preview_ask *ask, const struct preview *preview, struct buf *buf);
void preview_print_json(
    const struct preview_ask *ask, const struct preview *preview, struct buf *buf);

#endif
