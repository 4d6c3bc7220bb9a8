/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of routes, and finding one in it. Deny by default: what is not in the table is not
 * there, and a route that asks for no right is so by its own line.
 */
#include "console/routes.h"

#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "console/api_people.h"
#include "console/case_filter.h"
#include "console/changes.h"

#define BODY_SMALL            ((int64_t)64 * 1024)
#define IMPORT_BODY_BYTES_MAX ((int64_t)4 * 1024 * 1024)
#define API                   "/api/v1/"

/* Who may: one of these rights, whoever has signed in, or whoever knows the secret, or anybody. */
#define MAY(right)         ACCESS_ACTOR, RIGHT_BIT(RIGHT_##right)
#define EITHER(one, other) ACCESS_ACTOR, RIGHT_BIT(RIGHT_##one) | RIGHT_BIT(RIGHT_##other)
/* What is done to a case: which right each kind of event asks for is told by console/act_rights.c.
 */
#define MAY_ACT ACCESS_ACTOR, RIGHT_BIT(RIGHT_WORK) | RIGHT_BIT(RIGHT_OVERSEE)
/* The same, for who sees the cases of all units: what it tells, or takes, is of all of them. */
#define OF_ALL(right) ACCESS_ACTOR, RIGHT_BIT(RIGHT_##right) | ROUTE_ALL_UNITS
#define OF_ALL_EITHER(one, other)                                                                  \
    ACCESS_ACTOR, RIGHT_BIT(RIGHT_##one) | RIGHT_BIT(RIGHT_##other) | ROUTE_ALL_UNITS
#define SIGNED_IN     ACCESS_ACTOR, 0
#define NEARBY(right) ACCESS_LOOPBACK, RIGHT_BIT(RIGHT_##right)
#define WITH_SECRET   ACCESS_SECRET, 0
#define ANYBODY       ACCESS_OPEN, 0

/*
 * How a route is answered: from a view of the console, or with the console in hand. What changes
 * something has a word in the audit trail, where it stands before it is done; what is copied out,
 * and what machines bring, stands there afterwards.
 */
#define READS(function)       NULL, (function), NULL, AUDIT_NOT
#define ACTS(function)        (function), NULL, NULL, AUDIT_NOT
#define DOES(act, function)   (function), NULL, (act), AUDIT_AHEAD
#define TAKES(act, function)  (function), NULL, (act), AUDIT_AFTER
#define COPIES(act, function) NULL, (function), (act), AUDIT_AFTER

const struct route routes[] = {
    {HTTP_POST, OF_ALL(OPERATE), API "events", TAKES("events.add", api_events_post),
     EVENTS_BODY_BYTES_READ, "", "take case events: one object, an array, or NDJSON"},
    {HTTP_GET, OF_ALL(EXPORT), API "events", TAKES("events.export", api_events_export), 0,
     "from to after", "all events as they arrived, one a line"},
    {HTTP_GET, MAY(READ), API "cases", READS(api_case_list), 0, CASE_FILTERS " limit cursor after",
     "list cases"},
    {HTTP_POST, MAY(REGISTER), API "cases", DOES("case.register", api_case_register), BODY_SMALL,
     "", "register a case"},
    {HTTP_GET, MAY(READ), API "cases/{id}", READS(api_case_show), 0, "after",
     "one case with clocks, events and alerts"},
    {HTTP_GET, MAY(READ), API "cases/{id}/explain", ACTS(api_case_explain), 0, "clock after",
     "why each due of the case is what it is"},
    {HTTP_POST, MAY(REGISTER), API "cases/import", DOES("case.import", api_case_import),
     IMPORT_BODY_BYTES_MAX, "", "register many cases, or see what is wrong with them"},
    {HTTP_GET, MAY(REGISTER), API "dues", READS(api_dues), 0,
     "title matter unit handler from_unit due number leader",
     "what would be due when, were this case registered now"},
    {HTTP_POST, MAY(OVERSEE), API "urge", DOES("case.urge", api_urge), BODY_SMALL * 4, "",
     "urge many cases at once"},
    {HTTP_POST, MAY_ACT, API "cases/{id}/events", DOES("case.event", api_case_event), BODY_SMALL,
     "", "make an event of this case"},
    {HTTP_GET, MAY(READ), API "overdue", READS(api_overdue), 0,
     OVERDUE_FILTERS " limit cursor after", "what is overdue, worst first"},
    {HTTP_GET, MAY(READ), API "search", READS(api_search), 0, "q limit cursor after",
     "cases by words of title, id or number, newest first"},
    {HTTP_GET, MAY(READ), API "alerts", READS(api_alerts), 0,
     "id case unit status limit cursor after", "alerts with their messages"},
    {HTTP_GET, MAY(READ), API "alerts/why", ACTS(api_alerts_why), 0, "person date channel after",
     "why somebody got, or did not get, an alert on a day"},
    {HTTP_POST, EITHER(WORK, OVERSEE), API "alerts/{id}/ack", DOES("alert.ack", api_alert_ack),
     BODY_SMALL, "", "acknowledge an alert"},
    {HTTP_POST, MAY(OPERATE), API "alerts/{id}/retry", DOES("alert.retry", api_alert_retry),
     BODY_SMALL, "", "send again what of an alert has failed"},
    {HTTP_GET, MAY(MESSAGES_READ), API "messages", READS(api_messages), 0,
     "alert person channel state digest handed_over limit cursor after", "messages, newest first"},
    {HTTP_GET, MAY(MESSAGES_READ), API "messages/{id}", READS(api_message_show), 0, "after",
     "one message"},
    {HTTP_GET, MAY(READ), API "people", READS(api_people), 0, "unit after",
     "who the directory knows, and how each can be reached, masked"},
    {HTTP_GET, EITHER(READ, CONFIG_READ) | RIGHT_BIT(RIGHT_PEOPLE), API "choices",
     READS(api_choices), 0, "after", "units, matters and clocks by name, for forms and filters"},
    {HTTP_GET, OF_ALL_EITHER(OPERATE, AUDIT_READ), API "rejects", READS(api_rejects), 0,
     "limit cursor after", "events that could not be used"},
    {HTTP_GET, MAY(READ), API "figures/units", READS(api_figures_units), 0,
     "month from to family unit misses_min sort after",
     "on-time rate of each family and unit, and the ranking of the units"},
    {HTTP_GET, MAY(READ), API "figures/months", READS(api_figures_months), 0,
     "family unit from to after", "all figures month by month"},
    {HTTP_GET, MAY(READ), API "figures/matters", READS(api_figures_matters), 0,
     "month from to family unit after", "all figures of each matter"},
    {HTTP_GET, MAY(READ), API "figures/definitions", READS(api_figures_definitions), 0, "after",
     "what each figure means, in words"},
    {HTTP_GET, MAY(READ), API "accountability", READS(api_accountability), 0,
     "state unit policy limit cursor after", "who has too many misses, with the evidence"},
    {HTTP_GET, MAY(READ), API "accountability/{id}", READS(api_accountability_show), 0, "after",
     "one entry of the list, with its waivers"},
    {HTTP_POST, MAY(OVERSEE), API "accountability/{id}/outcome",
     DOES("accountability.outcome", api_accountability_outcome), BODY_SMALL, "",
     "close an entry with what was decided"},
    {HTTP_POST, MAY(STATEMENT), API "accountability/{id}/statement",
     DOES("accountability.statement", api_accountability_statement), BODY_SMALL, "",
     "explain the misses of an entry, as the unit"},
    {HTTP_GET, MAY(READ), API "overview", READS(api_overview), 0, "after", "what the page shows"},
    {HTTP_GET, MAY(CONFIG_READ), API "config/diff", ACTS(api_config_diff), 0, "from to after",
     "what lies between two versions, in words"},
    {HTTP_GET, MAY(READ), API "notices", READS(api_paper_list), 0,
     "kind unit case lang limit cursor after", "numbered notices, newest first"},
    {HTTP_POST, MAY(OVERSEE), API "notices", DOES("notice.issue", api_paper_issue), BODY_SMALL,
     "lang", "issue a numbered notice to a unit and tell its cases"},
    {HTTP_POST, MAY(OVERSEE), API "notices/preview", DOES("notice.preview", api_paper_preview),
     BODY_SMALL, "lang", "what a notice would say"},
    {HTTP_GET, MAY(READ), API "notices/{id}", READS(api_paper_show), 0, "lang after",
     "one notice with its lines"},
    {HTTP_GET, MAY(EXPORT), API "overdue.csv", COPIES("overdue.export", api_overdue_csv), 0,
     OVERDUE_FILTERS " lang after", "the overdue list, as CSV"},
    {HTTP_GET, MAY(EXPORT), API "overdue.xlsx", COPIES("overdue.export", api_overdue_xlsx), 0,
     OVERDUE_FILTERS " lang after", "the overdue list, as a workbook"},
    {HTTP_GET, MAY(EXPORT), API "cases.csv", COPIES("cases.export", api_cases_csv), 0,
     CASE_FILTERS " lang after", "the list of cases, as CSV"},
    {HTTP_GET, MAY(EXPORT), API "cases.xlsx", COPIES("cases.export", api_cases_xlsx), 0,
     CASE_FILTERS " lang after", "the list of cases, as a workbook"},
    {HTTP_GET, MAY(EXPORT), API "figures/units.csv", COPIES("figures.export", api_units_csv), 0,
     "month from to family unit misses_min sort lang after", "the ranking of units, as CSV"},
    {HTTP_GET, MAY(EXPORT), API "figures/units.xlsx", COPIES("figures.export", api_units_xlsx), 0,
     "month from to family unit misses_min sort lang after", "the ranking of units, as a workbook"},
    {HTTP_GET, MAY(EXPORT), API "accountability.csv",
     COPIES("accountability.export", api_accountability_csv), 0, "state unit policy lang after",
     "the accountability list with its evidence, as CSV"},
    {HTTP_GET, MAY(EXPORT), API "accountability.xlsx",
     COPIES("accountability.export", api_accountability_xlsx), 0, "state unit policy lang after",
     "the accountability list with its evidence, as a workbook"},
    {HTTP_POST, MAY(EXPORT), API "exports", DOES("export.order", api_export_order), BODY_SMALL, "",
     "make a long list as a file, as a job"},
    {HTTP_GET, MAY(EXPORT), API "jobs/{id}/file", TAKES("export.take", api_export_file), 0, "",
     "the file of an export that is done, for who asked for it"},
    {HTTP_GET, MAY(READ), API "reports/month/{month}", COPIES("report.month", api_report_month), 0,
     "lang after", "how a month went, for the page; with .xlsx behind the month as a workbook"},
    {HTTP_GET, MAY(READ), API "reports/brief", READS(api_report_brief), 0, "date lang after",
     "what the daily brief would say, and to whom"},
    {HTTP_GET, MAY(READ), API "reports/week", READS(api_report_week), 0, "unit date lang after",
     "what the weekly list would say, and to whom"},
    {HTTP_GET, MAY(CONFIG_READ), API "drafts", ACTS(api_draft_list), 0, "state limit cursor after",
     "drafts of changes, newest first"},
    {HTTP_POST, MAY(OPERATE), API "drafts", DOES("draft.make", api_draft_make),
     CONFIG_BODY_BYTES_MAX, "", "make a draft of a change"},
    {HTTP_GET, MAY(CONFIG_READ), API "drafts/{id}", ACTS(api_draft_show), 0, "after",
     "one draft with its files"},
    {HTTP_POST, MAY(APPROVE), API "drafts/{id}/approve", DOES("draft.approve", api_draft_approve),
     BODY_SMALL, "", "approve a draft, to be applied at a time or when somebody says so"},
    {HTTP_POST, EITHER(APPROVE, OPERATE), API "drafts/{id}/apply",
     DOES("draft.apply", api_draft_apply), BODY_SMALL, "", "apply a draft now"},
    {HTTP_POST, EITHER(APPROVE, OPERATE), API "drafts/{id}/withdraw",
     DOES("draft.withdraw", api_draft_withdraw), BODY_SMALL, "", "withdraw a draft"},
    {HTTP_POST, MAY(OPERATE), API "rules/replan", DOES("rules.replan", api_replan), BODY_SMALL, "",
     "put running clocks under the rules of a version, or take that back"},
    {HTTP_GET, MAY(CONFIG_READ), API "replans", ACTS(api_replan_list), 0, "limit cursor after",
     "replans and recounts, newest first"},
    {HTTP_GET, EITHER(CONFIG_READ, EXPORT), API "jobs/{id}", ACTS(api_job_show), 0, "after",
     "how far a preview or a replan is, and what came out"},
    {HTTP_DELETE, EITHER(OPERATE, EXPORT), API "jobs/{id}", DOES("job.cancel", api_job_cancel), 0,
     "", "end a job"},
    {HTTP_GET, OF_ALL(CONFIG_READ), API "jobs/{id}/items", ACTS(api_job_items), 0,
     "limit cursor after", "the cases of a preview that differ"},
    {HTTP_GET, MAY(AUDIT_READ), API "audit", READS(api_audit_list), 0,
     "actor action object from to q limit cursor after", "who did what, newest first"},
    {HTTP_GET, MAY(AUDIT_READ), API "audit/verify", ACTS(api_audit_verify), 0, "after",
     "is the audit trail whole, and where it is not"},
    {HTTP_GET, SIGNED_IN, API "openapi.json", READS(api_openapi), 0, "",
     "this reference, for programs"},
    {HTTP_GET, MAY(READ), API "live", ACTS(api_live), 0, "",
     "server-sent events: the ledger changed"},
    {HTTP_POST, MAY(OPERATE), API "send-test", DOES("sending.test", api_send_test), BODY_SMALL, "",
     "send a test message"},
    {HTTP_GET, MAY(HEALTH), API "sending", ACTS(api_sending_show), 0, "after",
     "what is stopped or held back, by whom and why"},
    {HTTP_POST, MAY(OPERATE), API "sending/stop", DOES("sending.stop", api_sending_stop),
     BODY_SMALL, "", "stop sending: all, a channel, a unit"},
    {HTTP_POST, MAY(OPERATE), API "sending/resume", DOES("sending.resume", api_sending_resume),
     BODY_SMALL, "", "go on sending, and release what the storm brake holds"},
    {HTTP_GET, MAY(PEOPLE), API "keys", ACTS(api_keys_show), 0, "after",
     "the keys that seal addresses, by id, and what uses them"},
    {HTTP_POST, MAY(PEOPLE), API "keys/rotate", DOES("keys.rotate", api_keys_rotate), BODY_SMALL,
     "", "make a new key and seal everything with it"},
    {HTTP_POST, MAY(PEOPLE), API "keys/prune", DOES("keys.prune", api_keys_prune), BODY_SMALL, "",
     "seal what is left with the newest key, remove keys that nothing uses"},
    {HTTP_GET, MAY(HEALTH), API "health", ACTS(api_health), 0, "after",
     "how the service is: instances, Redis, ledger, channels"},
    {HTTP_GET, SIGNED_IN, API "clock", ACTS(api_clock_show), 0, "after", "service time"},
    {HTTP_POST, MAY(OPERATE), API "clock/step", DOES("clock.step", api_clock_step), BODY_SMALL, "",
     "stepped mode: move the present"},
    {HTTP_GET, ANYBODY, API "session", ACTS(api_session_show), 0, "",
     "who one is, what one may, and how one signs in"},
    {HTTP_POST, ANYBODY, API "session", TAKES("session.begin", api_session_begin), BODY_SMALL, "",
     "sign in with name and password"},
    {HTTP_DELETE, ANYBODY, API "session", TAKES("session.end", api_session_end), 0, "", "sign out"},
    {HTTP_POST, ANYBODY, API "session/dingtalk", TAKES("session.dingtalk", api_session_dingtalk),
     BODY_SMALL, "", "sign in with the code that DingTalk's app gave the page"},
    {HTTP_POST, SIGNED_IN, API "session/password", DOES("session.password", api_session_password),
     BODY_SMALL, "", "change one's own password"},
    {HTTP_POST, ANYBODY, API "session/link", TAKES("session.link", api_session_link), BODY_SMALL,
     "", "whose one-time link it is"},
    {HTTP_POST, ANYBODY, API "session/setup", TAKES("session.setup", api_session_setup), BODY_SMALL,
     "", "use a one-time link: set the password, or make the first account"},
    {HTTP_GET, SIGNED_IN, API "sessions", ACTS(api_session_list), 0, "",
     "one's own sessions; who manages people sees all"},
    {HTTP_DELETE, SIGNED_IN, API "sessions/{id}", DOES("session.revoke", api_session_remove), 0, "",
     "end a session"},
    {HTTP_GET, MAY(PEOPLE), API "users", ACTS(api_user_list), 0, "limit cursor",
     "accounts by name"},
    {HTTP_POST, MAY(PEOPLE), API "users", DOES("user.add", api_user_add), BODY_SMALL, "",
     "make an account; it gets its password by a link"},
    {HTTP_GET, MAY(PEOPLE), API "users/{name}", ACTS(api_user_show), 0, "",
     "one account, with its ETag"},
    {HTTP_PUT, MAY(PEOPLE), API "users/{name}", DOES("user.change", api_user_put), BODY_SMALL, "",
     "change an account: If-Match is needed"},
    {HTTP_DELETE, MAY(PEOPLE), API "users/{name}", DOES("user.remove", api_user_remove), 0, "",
     "remove an account"},
    {HTTP_POST, MAY(PEOPLE), API "users/{name}/link", DOES("user.link", api_user_link), BODY_SMALL,
     "", "make the one-time link by which an account gets its password"},
    {HTTP_POST, MAY(PEOPLE), API "users/{name}/password", DOES("user.password", api_user_password),
     BODY_SMALL, "", "set a password that has to be changed at the first sign-in"},
    {HTTP_GET, MAY(PEOPLE), API "tokens", ACTS(api_token_list), 0, "", "API tokens, newest first"},
    {HTTP_POST, MAY(PEOPLE), API "tokens", DOES("token.add", api_token_add), BODY_SMALL, "",
     "make an API token; it is shown this once"},
    {HTTP_DELETE, MAY(PEOPLE), API "tokens/{id}", DOES("token.remove", api_token_remove), 0, "",
     "end an API token"},
    {HTTP_GET, MAY(CONFIG_READ), API "{kind}", ACTS(api_config_show), 0, "after",
     "what is in force: config, rules, calendars, directory, matters or templates"},
    {HTTP_PUT, MAY(OPERATE), API "{kind}", DOES("config.put", api_config_put),
     CONFIG_BODY_BYTES_MAX, "", "apply files as the next version"},
    {HTTP_GET, MAY(CONFIG_READ), API "{kind}/versions", ACTS(api_config_versions), 0,
     "limit cursor after", "all versions, newest first"},
    {HTTP_GET, MAY(CONFIG_READ), API "{kind}/versions/{version}", ACTS(api_config_version), 0,
     "after", "one version with its files"},
    {HTTP_POST, EITHER(APPROVE, OPERATE), API "{kind}/rollback",
     DOES("config.rollback", api_config_rollback), BODY_SMALL, "",
     "apply an older version again, as the next one"},
    {HTTP_POST, EITHER(APPROVE, OPERATE), API "{kind}/preview", DOES("config.preview", api_preview),
     CONFIG_BODY_BYTES_MAX, "", "what a change would do to the open cases"},
    {HTTP_GET, WITH_SECRET, "/hooks/receipts/{channel}/{secret}", ACTS(api_receipt_hook),
     BODY_SMALL, NULL, "receipt of a gateway"},
    {HTTP_POST, WITH_SECRET, "/hooks/receipts/{channel}/{secret}", ACTS(api_receipt_hook),
     BODY_SMALL, NULL, "receipt of a gateway"},
    {HTTP_GET, WITH_SECRET, "/hooks/replies/{channel}/{secret}", ACTS(api_reply_hook), BODY_SMALL,
     NULL, "reply to a text message"},
    {HTTP_POST, WITH_SECRET, "/hooks/replies/{channel}/{secret}", ACTS(api_reply_hook), BODY_SMALL,
     NULL, "reply to a text message"},
    {HTTP_GET, WITH_SECRET, "/a/{token}", ACTS(api_tap_show), 0, NULL,
     "the page behind the link of a message; changes nothing"},
    {HTTP_POST, WITH_SECRET, "/a/{token}", DOES("link.act", api_tap_act), BODY_SMALL, NULL,
     "acknowledge, object, or name a delegate there"},
    {HTTP_GET, NEARBY(HEALTH), "/healthz", ACTS(api_healthz), 0, NULL, "the process answers"},
    {HTTP_GET, NEARBY(HEALTH), "/readyz", ACTS(api_readyz), 0, NULL,
     "the service works, or why not"},
    {HTTP_GET, NEARBY(HEALTH), "/metrics", ACTS(api_metrics), 0, NULL, "OpenMetrics"},
    {HTTP_GET, ANYBODY, "/", ACTS(api_page), 0, NULL, "the page"},
};
const size_t route_count = sizeof(routes) / sizeof(routes[0]);

static const struct route page_route = {
    .method = HTTP_GET, .pattern = "/{file}", .handle = api_page, .access = ACCESS_OPEN};

/* ---- finding ---- */

/* The bytes up to the next slash. */
static size_t segment_bytes(struct text path)
{
    const char *end = path.bytes > 0 ? memchr(path.ptr, '/', path.bytes) : NULL;
    return end ? (size_t)(end - path.ptr) : path.bytes;
}

/* "{kind}" stands for the kinds of the configuration only, other words in braces for anything. */
static bool segment_fits(struct text want, struct text have)
{
    if (want.bytes == 0 || want.ptr[0] != '{') {
        return text_equal(want, have);
    }
    return text_is(want, "{kind}") ? change_kind(have) != CONFIG_KIND_COUNT : have.bytes > 0;
}

static bool pattern_fits(struct text pattern, struct text path)
{
    while (pattern.bytes > 0 && path.bytes > 0) {
        if (pattern.ptr[0] != '/' || path.ptr[0] != '/') {
            return false;
        }
        pattern = (struct text){.ptr = pattern.ptr + 1, .bytes = pattern.bytes - 1};
        path = (struct text){.ptr = path.ptr + 1, .bytes = path.bytes - 1};
        const struct text want = {.ptr = pattern.ptr, .bytes = segment_bytes(pattern)};
        const struct text have = {.ptr = path.ptr, .bytes = segment_bytes(path)};
        if (!segment_fits(want, have)) {
            return false;
        }
        pattern = (struct text){pattern.ptr + want.bytes, pattern.bytes - want.bytes};
        path = (struct text){path.ptr + have.bytes, path.bytes - have.bytes};
    }
    return pattern.bytes == 0 && path.bytes == 0;
}

static bool is_page_file(struct text path)
{
    char name[128];
    if (path.bytes < 2 || path.bytes > sizeof(name)) {
        return false;
    }
    memcpy(name, path.ptr + 1, path.bytes - 1);
    name[path.bytes - 1] = '\0';
    return embedded_find(nrt_embedded_web, nrt_embedded_web_count, name).ptr != NULL;
}

static void allow_add(char allow[static ROUTE_ALLOW_BYTES], const char *method)
{
    const size_t bytes = strlen(allow);
    (void)snprintf(allow + bytes, ROUTE_ALLOW_BYTES - bytes, "%s%s", bytes > 0 ? ", " : "", method);
}

const struct route *route_find(const struct http_head *head, char allow[static ROUTE_ALLOW_BYTES])
{
    const enum http_method method = head->method == HTTP_HEAD ? HTTP_GET : head->method;
    allow[0] = '\0';
    for (size_t index = 0; index < route_count; index++) {
        const struct route *route = &routes[index];
        if (!pattern_fits(text_of(route->pattern), head->path)) {
            continue;
        }
        if (route->method == method) {
            return route;
        }
        allow_add(allow, http_method_name(route->method));
    }
    if (!allow[0] && is_page_file(head->path)) {
        if (method == HTTP_GET) {
            return &page_route;
        }
        allow_add(allow, "GET");
    }
    return NULL;
}
