/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A console (and, when asked for, monitor and notifier) over the memory twin in a process of its
 * own, and a plain socket to talk to it. The journal can be filled before it starts.
 */
#ifndef NRT_TESTS_SUPPORT_CONSOLE_RIG_H
#define NRT_TESTS_SUPPORT_CONSOLE_RIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct settings;

struct console_rig_options {
    bool demo;       /* open on loopback */
    bool with_roles; /* a monitor and a notifier beside it */
    bool stepped;    /* the clock stands at 2026-03-02T08:00:00+08:00 until it is stepped */
    const char *const *journal; /* arrays of facts for partition 0, NULL-terminated; may be NULL */
    const char *config_folder;  /* NULL: what is shipped */
    bool approval;              /* changes of the configuration need a second person */
    const char *secret;         /* receipt_secret of channel sms; NULL: none */
    bool brief;                 /* daily brief to oversight, weekly list to heads */
    const char *tls_cert;       /* PEM files: the listener speaks TLS; NULL: it does not */
    const char *tls_key;
    bool with_public;                          /* a second listener, for the DMZ */
    void (*settle)(struct settings *settings); /* changes them before the start; may be NULL */
};

struct console_rig {
    pid_t pid;
    int port;
    int public_port;
    char folder[256];
    char token[80];
};

/* False (and a failed check) when it did not come up. */
bool console_rig_start(struct console_rig *rig, const struct console_rig_options *options);
/* SIGTERM, wait, remove the folder; returns the exit code, -1 when a signal ended it. */
int console_rig_stop(struct console_rig *rig);

/*
 * Send these bytes on a connection of their own; the whole answer, NUL-terminated, until the
 * server closes or has sent Content-Length bytes. free() it. "" when nothing came within 10 s.
 */
char *console_rig_ask(const struct console_rig *rig, const char *bytes, size_t byte_count);
/* A request with token and body; the answer's status, its body in *ret_body (may be NULL). */
int console_rig_call(
    const struct console_rig *rig,
    const char *method,
    const char *path,
    const char *body,
    char **ret_body);
/* A connected socket; the caller closes. */
int console_rig_connect(const struct console_rig *rig);

#endif
