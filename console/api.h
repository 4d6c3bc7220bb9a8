/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the handlers of the HTTP API share: answering with JSON, reading parameters, writing rows
 * of the ledger as the API shows them. A handler answers its call exactly once.
 */
#ifndef NRT_CONSOLE_API_H
#define NRT_CONSOLE_API_H

#include "base/json.h"
#include "console/console.h"
#include "console/problem.h"
#include "console/view.h"

#define API_LIMIT_DEFAULT     50
#define API_LIMIT_MAX         500
#define API_JSON_BYTES_MAX    ((size_t)32 * 1024 * 1024)
#define EVENTS_BODY_BYTES_MAX ((int64_t)1024 * 1024)
/* Longer bodies of events are read as well, to be kept as a reject with their hash. */
#define EVENTS_BODY_BYTES_READ ((int64_t)8 * 1024 * 1024)

typedef void api_fn(struct console *console, struct http_call *call);

/* Answered from a view, beside the loop or on it. */
api_read_fn api_case_list;
api_read_fn api_case_show;
api_read_fn api_overdue;
api_read_fn api_search;
api_read_fn api_alerts;
api_read_fn api_messages;
api_read_fn api_message_show;
api_read_fn api_rejects;
api_read_fn api_figures_units;
api_read_fn api_figures_months;
api_read_fn api_figures_matters;
api_read_fn api_figures_definitions;
api_read_fn api_accountability;
api_read_fn api_accountability_show;
api_read_fn api_overview;
api_read_fn api_openapi;
api_read_fn api_audit_list;
api_read_fn api_people;
api_read_fn api_overdue_csv;
api_read_fn api_overdue_xlsx;
api_read_fn api_cases_csv;
api_read_fn api_cases_xlsx;
api_read_fn api_units_csv;
api_read_fn api_units_xlsx;
api_read_fn api_accountability_csv;
api_read_fn api_accountability_xlsx;
api_read_fn api_report_month;
api_read_fn api_report_brief;
api_read_fn api_report_week;
api_read_fn api_paper_list;
api_read_fn api_paper_show;
api_read_fn api_choices;
api_read_fn api_dues;

api_fn api_export_order;
api_fn api_export_file;
api_fn api_paper_issue;
api_fn api_paper_preview;
api_fn api_case_event;
api_fn api_case_register;
api_fn api_case_import;
api_fn api_urge;
api_fn api_accountability_outcome;
api_fn api_accountability_statement;
api_fn api_case_explain;
api_fn api_alert_ack;
api_fn api_alert_retry;
api_fn api_events_post;
api_fn api_clock_show;
api_fn api_clock_step;
api_fn api_send_test;
api_fn api_receipt_hook;
api_fn api_sending_show;
api_fn api_sending_stop;
api_fn api_sending_resume;
api_fn api_reply_hook;
api_fn api_keys_show;
api_fn api_keys_rotate;
api_fn api_keys_prune;
api_fn api_tap_show;
api_fn api_tap_act;
api_fn api_config_show;
api_fn api_config_put;
api_fn api_config_version;
api_fn api_config_versions;
api_fn api_config_diff;
api_fn api_config_rollback;
api_fn api_draft_list;
api_fn api_draft_make;
api_fn api_draft_show;
api_fn api_draft_approve;
api_fn api_draft_apply;
api_fn api_draft_withdraw;
api_fn api_events_export;
api_fn api_alerts_why;
api_fn api_preview;
api_fn api_replan;
api_fn api_replan_list;
api_fn api_job_show;
api_fn api_job_items;
api_fn api_job_cancel;
api_fn api_live;
api_fn api_audit_verify;
api_fn api_healthz;
api_fn api_readyz;
api_fn api_health;
api_fn api_metrics;
api_fn api_page;

/* ---- answering ---- */

/* One JSON answer being built. */
struct api_json {
    struct buf buf;
    struct json_out out;
};
void api_json_init(struct api_json *json);
/* Answers with what was built, or with a problem when `err` or the buffer says so; releases. */
void api_json_answer(struct http_call *call, int status, struct api_json *json, enum err err);

/* The segment of the path that stands for {id} in the route: "/api/v1/cases/{id}/events". */
struct text api_path_id(const struct http_call *call, size_t index);
/* The page asked for; false when the call was answered with a problem. */
struct api_page {
    int64_t limit;
    struct ledger_key after;
};
bool api_page_read(struct http_call *call, struct api_page *ret_page);
/* "],"next":...}" of a list: the cursor, or null. */
void api_list_close(struct json_out *out, const struct list_end *end);
/* A JSON object as body, or a problem (then NULL). The caller frees. */
struct json_doc *api_body_object(struct http_call *call);
/* False, and a problem, when an object has another member than the words of `known`. */
bool api_body_only(struct http_call *call, const struct json_value *body, const char *known);

/* Does "/hooks/.../{channel}/{secret}" end in the receipt_secret of that channel? */
bool api_hook_is_ours(const struct console *console, const struct http_call *call);

/* ---- writing ---- */

/* Of the loop: in a read handler it is view_policy(). */
const struct policy *api_policy(const struct console *console);
void api_member_instant(
    const struct view *view, struct json_out *out, const char *key, struct ledger_instant at);
void api_member_ms(const struct view *view, struct json_out *out, const char *key, int64_t ms);
void api_member_bool(struct json_out *out, const char *key, bool value);
void api_member_double(struct json_out *out, const char *key, double value);
/* "now", "clock_mode", "clock_speed". */
void api_member_now(const struct view *view, struct json_out *out);
/* The id under `key`, and its name under `name_key` where the directory knows one. */
void api_member_unit(
    const struct view *view, struct json_out *out, const char *key, struct text id);
void api_member_person(
    const struct view *view, struct json_out *out, const char *key, struct text id);
/* "ranking": units in the order of the table, each with its figures. */
struct figure_table;
void api_member_ranking(
    const struct view *view, struct json_out *out, const struct figure_table *table);
/* Members of a case, without clocks; inside an open object. */
void api_case_members(const struct view *view, struct json_out *out, const struct ledger_case *row);
void api_run_members(const struct view *view, struct json_out *out, const struct ledger_run *run);
void api_message_object(
    const struct view *view, struct json_out *out, const struct ledger_message *row);
/* "notices": the numbered notices that name the case, newest first, without their lines. */
enum err api_case_papers(const struct view *view, struct json_out *out, struct text case_id);
/* Alert objects with their messages, for one case or a page of the list. */
enum err api_alert_objects(
    const struct view *view,
    struct json_out *out,
    const struct alert_query *query,
    struct list_end *ret_end);

/* ---- events on their way in (console/api_events.c) ---- */

/* Queue one event made here; the call is answered as POST /api/v1/events does. */
void api_queue_event(struct console *console, struct http_call *call, struct text cloud_event);

struct events_outcome {
    enum err err;    /* not ERR_OK: nothing is certain; the same events may be sent again */
    const char *why; /* of the error, or of the first reject; "" */
    size_t queued;
    size_t rejected;
    struct text position; /* as in the answer to POST /api/v1/events; "" on an error */
};
typedef void events_done_fn(void *context, const struct events_outcome *outcome);

/* Events made here; their texts stay until `done`, which answers the call. */
struct events_made {
    const struct text *events;
    size_t count;
    events_done_fn *done;
    void *context;
};
/* The same way in as POST /api/v1/events; `done` is called once, at once or later. */
void api_queue_events(
    struct console *console, struct http_call *call, const struct events_made *made);

#endif
