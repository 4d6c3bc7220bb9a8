/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of routes (console/routes.c), and the checks every request passes before its
 * handler sees it (console/entry.c).
 */
#ifndef NRT_CONSOLE_ROUTES_H
#define NRT_CONSOLE_ROUTES_H

#include "console/api.h"

enum access {
    ACCESS_ACTOR,    /* somebody who is known and has one of the rights */
    ACCESS_LOOPBACK, /* anybody from this machine, from elsewhere as ACCESS_ACTOR */
    ACCESS_SECRET,   /* the secret is in the path; the handler checks it */
    ACCESS_OPEN      /* anybody; who is known is known to the handler too */
};

/* When the audit trail is told of a call (console/audit.h). */
enum audited { AUDIT_NOT, AUDIT_AFTER, AUDIT_AHEAD };

struct route {
    enum http_method method;
    enum access access;
    uint32_t rights;     /* bits of enum right: any will do; 0: whoever has signed in */
    const char *pattern; /* "/api/v1/cases/{id}/events" */
    api_fn *handle;      /* acts, or reads more than a view holds; or NULL: */
    api_read_fn *read;   /* reads a view */
    const char *act;     /* its word in the audit trail, "draft.approve"; NULL: not in it */
    enum audited audited;
    int64_t body_bytes_max;
    const char *params;  /* names of query parameters joined by blanks; NULL: whatever comes */
    const char *summary; /* one line, English: the reference in docs/http.md is checked with it */
};

#define RIGHT_BIT(right) (UINT32_C(1) << (right))
/* Beside the rights of a route: only for who sees the cases of all units. */
#define ROUTE_ALL_UNITS (UINT32_C(1) << 31)
_Static_assert(RIGHT_COUNT < 31, "the last bit is not a right");

extern const struct route routes[];
extern const size_t route_count;

#define ROUTE_ALLOW_BYTES 32
/* The route, or NULL with the methods the path has ("" when there is no such path). */
const struct route *route_find(
    const struct http_head *head, char ret_allow[static ROUTE_ALLOW_BYTES]);

/* The callbacks of the server; context is the console. */
bool routes_admit(void *context, struct http_call *call, struct http_admission *ret_admission);
void routes_handle(void *context, struct http_call *call);
void routes_refuse(void *context, struct http_call *call, int status, const char *why);

/* Is this the name of this machine as its users may write it (no foreign domain)? */
bool routes_host_is_ours(const struct settings *settings, struct text host);

#endif
