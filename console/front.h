/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The doors of the console: the listener for people and programs (http.listen), with TLS where a
 * certificate is named, and the one for the DMZ (http.public), which serves the pages of links and
 * the call-backs of gateways and knows of nothing else. Certificates are read again when their
 * files change and on SIGHUP; a bad pair leaves the old one in use, loudly.
 */
#ifndef NRT_CONSOLE_FRONT_H
#define NRT_CONSOLE_FRONT_H

#include "console/console.h"

struct front;

/* Opens what the settings name; console->http is the first one. */
enum err front_open(struct console *console, struct front **ret_front, struct err_why *why)
    ERR_MUST_USE;
void front_free(struct front *front); /* accepts NULL; drops connections, console->http too */
/* Take no new connections. */
void front_drain(struct front *front);
/* Requests that are not answered yet. */
size_t front_busy(const struct front *front);
/* Of the listener for the DMZ; 0: there is none. */
int front_public_port(const struct front *front);
/* When the certificate that ends first does so, in ms since 1970; 0: there is no TLS. */
int64_t front_certificate_expires_ms(const struct front *front);

#endif
