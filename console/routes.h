/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of routes, and the checks every request passes before its handler sees it.
 */
#ifndef NRT_CONSOLE_ROUTES_H
#define NRT_CONSOLE_ROUTES_H

#include "console/api.h"

enum access {
    ACCESS_TOKEN,    /* bearer token; in the demo also without one from this machine */
    ACCESS_LOOPBACK, /* without a token from this machine, with one from elsewhere */
    ACCESS_SECRET,   /* the secret is in the path; the handler checks it */
    ACCESS_OPEN
};

struct route {
    enum http_method method;
    enum access access;
    const char *pattern; /* "/api/v1/cases/{id}/events" */
    api_fn *handle;      /* acts, or reads more than a view holds; or NULL: */
    api_read_fn *read;   /* reads a view */
    int64_t body_bytes_max;
    const char *params;  /* names of query parameters joined by blanks; NULL: whatever comes */
    const char *summary; /* one line, English: the reference in docs/http.md is checked with it */
};

extern const struct route routes[];
extern const size_t route_count;

/* The callbacks of the server; context is the console. */
bool routes_admit(void *context, struct http_call *call, struct http_admission *ret_admission);
void routes_handle(void *context, struct http_call *call);
void routes_refuse(void *context, struct http_call *call, int status, const char *why);

/* Is this the name of this machine as its users may write it (no foreign domain)? */
bool routes_host_is_ours(const struct settings *settings, struct text host);

#endif
