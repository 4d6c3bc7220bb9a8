/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of composing share: values with the room they stand in, and the sum of a digest.
 */
#ifndef NRT_NOTIFIERS_COMPOSE_PARTS_H
#define NRT_NOTIFIERS_COMPOSE_PARTS_H

#include "config/template.h"
#include "notifiers/compose.h"

#define COMPOSE_BYTES_MAX ((size_t)16 * 1024)
#define COMPOSE_DUE_BYTES 64

struct made_values {
    char due[COMPOSE_DUE_BYTES];
    char late_wd[TEMPLATE_LATE_BYTES];
    char late_d[TEMPLATE_LATE_BYTES];
    char ordinal[24];
    char count[24];
    char stage[96]; /* of a digest */
    struct buf sign;
    struct buf link;
    struct template_values values;
};

/* made is zeroed beforehand; release its buffers with made_values_release(). */
void make_values(
    const struct compose_from *from, const struct mail_entry *entry, struct made_values *made);
void made_values_release(struct made_values *made);

/* "7月10日17:30", "10 Jul 17:30"; with the year where it is not this one. */
void write_due(
    const struct compose_from *from, struct wall_ms due, char text[static COMPOSE_DUE_BYTES]);

/* What a digest is about. Cases count once, however many of its messages are about them. */
struct digest_sum {
    size_t count;
    size_t overdue;
    const struct mail_entry *worst; /* NULL only without members */
};
struct digest_sum digest_sum_of(const struct mail_entry *digest, struct wall_ms now);
/* "超期2件，临期1件" */
void digest_stage(const struct digest_sum *sum, bool english, char *text, size_t text_bytes);
/* The most pressing ones, a line each, for forms that have room. Appended. */
void digest_lines(
    const struct compose_from *from, const struct mail_entry *digest, struct buf *buf);

#endif
