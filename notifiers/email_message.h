/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A mail as bytes (RFC 5322, 2045, 2047): short lines of ASCII with CRLF whatever went in, so
 * that no server on the way has anything to change, and no words can become a header.
 */
#ifndef NRT_NOTIFIERS_EMAIL_MESSAGE_H
#define NRT_NOTIFIERS_EMAIL_MESSAGE_H

#include "base/text.h"
#include "base/wall.h"

/*
 * "li@water.example": one @, a name of at most 64 bytes, a host of letters, digits, hyphens and
 * dots; ASCII. Nothing that a mail server would read as more than an address.
 */
bool email_address_is_valid(struct text address);
/*
 * The parts of "Name <address>" or of a bare address, as views; ERR_PARSE when the address is
 * not valid. ret_name may come out empty.
 */
enum err email_mailbox(struct text text, struct text *ret_name, struct text *ret_address)
    ERR_MUST_USE;
/* What stands behind the @ of a valid address. */
struct text email_host(struct text address);

struct email_message {
    struct text from_name; /* may be empty */
    struct text from;      /* addresses: valid ones */
    struct text reply_to;  /* may be empty */
    struct text to;
    struct text subject; /* UTF-8 of one line; line breaks become blanks */
    struct text text;    /* UTF-8 */
    struct text id;      /* ours; with the sender's host it becomes the Message-ID */
    struct wall_ms at;
};

/* Appends all of it; failures are the buffer's. */
void email_write(const struct email_message *message, struct buf *buf);

#endif
