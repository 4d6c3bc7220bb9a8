/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Handing over one mail on a connection that has been greeted already: MAIL, RCPT, DATA, the
 * text, its end. Pure: replies go in as bytes, what is to be sent comes out; no socket, no clock.
 */
#ifndef NRT_NOTIFIERS_SMTP_TALK_H
#define NRT_NOTIFIERS_SMTP_TALK_H

#include "base/text.h"

#define SMTP_REPLY_BYTES_MAX 1024 /* what is longer is no reply */

enum smtp_step { SMTP_MAIL, SMTP_RCPT, SMTP_DATA, SMTP_TEXT, SMTP_OVER };

struct smtp_talk {
    struct text from; /* all three outlive the talk */
    struct text to;
    struct text text; /* lines ending in CRLF */
    enum smtp_step step;
    struct buf out; /* still to be sent */
    size_t out_given;
    bool has_left;    /* the last byte of the mail was handed over: the server may have it */
    struct buf reply; /* the line that is coming in; when over, the one that ended it */
    bool reply_whole;
    int32_t status; /* when over: the code that ended it; 0: what came was no reply */
};

void smtp_talk_init(struct smtp_talk *talk, struct text from, struct text to, struct text text);
void smtp_talk_release(struct smtp_talk *talk);
/* What is to be sent now, a view; nothing: wait for a reply, or it is over. */
struct text smtp_talk_wants(const struct smtp_talk *talk);
/* So many bytes of it were sent. */
void smtp_talk_sent(struct smtp_talk *talk, size_t bytes);
/* What came from the server. Beyond SMTP_OVER it is ignored. */
void smtp_talk_heard(struct smtp_talk *talk, struct text bytes);

#endif
