/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers of DingTalk and WeCom: HTTP 200 with {"errcode", "errmsg"}, whatever happened. Each
 * channel has a table of what the codes mean; a code that stands nowhere is a refusal. Never
 * decides what follows from an outcome.
 */
#ifndef NRT_NOTIFIERS_ERRCODE_H
#define NRT_NOTIFIERS_ERRCODE_H

#include "base/json.h"
#include "notifiers/channel.h"

struct errcode_line {
    int64_t first; /* a range of codes, both ends in it */
    int64_t last;
    enum outcome_kind kind;
    enum outcome_cause cause;
    int64_t after_ms;    /* what RETRY_LATER waits; -1: unsaid */
    const char *meaning; /* fixed words; NULL ends the table */
};

/*
 * Sets the outcome. Gives the document, for json_free(), when it has an errcode; NULL when HTTP
 * says all, or what came is not an answer of such a gateway (then it may have the message). The
 * first line that fits counts; 88, DingTalk's wrapper, counts as its sub_code.
 */
struct json_doc *errcode_read(
    const struct http_answer *answer,
    const struct errcode_line *lines,
    struct outcome *ret_outcome);
/* A code inside an answer: a number in some, a string in others. False when it is neither. */
bool errcode_number(const struct json_value *value, int64_t *ret_code);
/* The code that counts in such a document. */
int64_t errcode_of(const struct json_doc *doc);
/* The same without the document. */
void errcode_classify(
    const struct http_answer *answer,
    const struct errcode_line *lines,
    struct outcome *ret_outcome);

/* What such an app's token is asked for with. */
struct errcode_app {
    const char *base; /* where the settings give no url */
    const char *token_path;
    const char *lookup_path; /* of people by their number */
    const char *id_option;   /* of the settings */
    const char *secret_option;
    const char *id_name; /* in the query */
    const char *secret_name;
    const char *needs; /* "app_key and app_secret of its DingTalk app" */
};

/* GET with the app's id and secret. ERR_USAGE: the settings lack one. */
enum err errcode_token_encode(
    const struct channel_call *call,
    const struct errcode_app *app,
    struct http_request *request,
    struct err_why *why) ERR_MUST_USE;
/* The head of a call with a token and a body of JSON. */
void errcode_call_start(
    const struct channel_call *call,
    const struct errcode_app *app,
    const char *path,
    struct http_request *request);

/* Who has that mobile number: {"mobile"} to its path. ERR_USAGE: it is not a number. */
enum err errcode_lookup_encode(
    const struct channel_call *call,
    const struct errcode_app *app,
    struct text number,
    struct http_request *request,
    struct err_why *why) ERR_MUST_USE;
/* An id that is too long to be one is none. */
void errcode_user(struct text user, char ret_user[static CHANNEL_USER_BYTES]);

/*
 * {"access_token", "expires_in"}. A refused token is a refused secret here: there is no fresher
 * one to be had.
 */
void errcode_token(
    const struct http_answer *answer,
    const struct errcode_line *lines,
    struct channel_token *ret_token,
    struct outcome *ret_outcome);

#endif
