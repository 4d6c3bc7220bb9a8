/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaking HTTP to the console: NRT_URL (default http://127.0.0.1:8420), certificates from NRT_CA
 * or the system's, a token from NRT_TOKEN or DATA/token. Every failure is one line on stderr that
 * says what to do.
 */
#ifndef NRT_CLI_API_H
#define NRT_CLI_API_H

#include "base/json.h"
#include "base/text.h"

#define API_ANSWER_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define API_POST_BYTES_MAX   ((size_t)4 * 1024 * 1024) /* what we put into one request */

struct api {
    const char *command; /* for messages: "overdue" */
    char url[512];       /* without a slash at the end */
    char token[256];     /* empty: none */
    char ca_file[1024];  /* NRT_CA: whose certificates are trusted; empty: the system's */
    bool pinned;         /* that file is the console's own certificate, whatever its name */
};

/* data: the data folder whose token is to be used; NULL: ./data. */
void api_init(struct api *api, const char *command, const char *data);
/* To a console at this URL; the token of that folder, read now. */
void api_init_at(struct api *api, const char *command, const char *url, const char *data);

/* The console at the other end is this machine's own: its certificate is the one in that file. */
void api_trust(struct api *api, struct text cert_path);

struct api_call {
    const char *method;
    const char *path;     /* "/api/v1/cases", with its query where needed */
    const char *type;     /* of the body; NULL: application/json */
    const char *if_match; /* the version that is changed; NULL: none is named */
    struct text body;
    bool quiet;         /* no line on stderr: the caller knows what to say */
    int64_t timeout_ms; /* 0: the engine's default */
    /* The body of a 2xx answer goes here as it comes (notifiers/http.h). */
    bool (*sink)(void *context, struct text bytes);
    void *sink_context;
};

/* The answer's bytes are the caller's: buf_release. */
struct api_answer {
    int status;
    struct buf body;
};

/*
 * EXIT_FINE when there was an answer (whatever its status), EXIT_AWAY when there was none; then
 * ret_answer holds nothing.
 */
int api_send(const struct api *api, const struct api_call *call, struct api_answer *ret_answer);

/*
 * The same, where only 2xx will do: otherwise the problem's own words go to stderr and the code is
 * EXIT_FOUND (EXIT_AWAY for 502, 503, 504).
 */
int api_send_well(
    const struct api *api, const struct api_call *call, struct api_answer *ret_answer);

/* What is said about an answer that will not do (see above); releases it. The exit code. */
int api_problem(const struct api *api, struct api_answer *answer);

/* And read as JSON. The caller frees the document. */
int api_get_json(const struct api *api, const char *path, struct json_doc **ret_doc);

/* Append "?name=value" or "&name=value" to a path, percent-encoded; nothing when value is NULL. */
void api_query(struct buf *path, const char *name, const char *value);
/* Append a path segment, percent-encoded. */
void api_segment(struct buf *path, const char *segment);

#endif
