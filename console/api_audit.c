/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit trail for its readers: GET /api/v1/audit, and GET /api/v1/audit/verify, which walks
 * the whole chain in a working thread.
 */
#include <stdlib.h>
#include <string.h>

#include "console/api.h"
#include "console/audit.h"
#include "console/audit_anchor.h"
#include "console/readers.h"
#include "rules/calendar.h"

/* ---- the list ---- */

struct writing {
    const struct view *view;
    struct json_out *out;
};

static const char *result_word(const struct audit_row *row)
{
    if (row->status == 0) {
        return "unfinished";
    }
    if (row->status >= 500) {
        return "failed";
    }
    return row->status >= 400 ? "refused" : "ok";
}

static void put_words(struct json_out *out, const char *key, struct text words)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    while (words.bytes > 0) {
        const char *blank = memchr(words.ptr, ' ', words.bytes);
        const size_t bytes = blank ? (size_t)(blank - words.ptr) : words.bytes;
        json_out_string(out, (struct text){.ptr = words.ptr, .bytes = bytes});
        const size_t step = bytes + (blank ? 1 : 0);
        words = (struct text){.ptr = words.ptr + step, .bytes = words.bytes - step};
    }
    json_out_close(out, ']');
}

static bool put_entry(void *context, const struct audit_row *row)
{
    const struct writing *writing = context;
    struct json_out *out = writing->out;
    json_out_open(out, '{');
    json_out_member_i64(out, "seq", row->seq);
    api_member_ms(writing->view, out, "at", row->at);
    json_out_member(out, "act", row->act);
    json_out_member(out, "phase", row->phase);
    json_out_member(out, "actor", row->actor);
    json_out_member(out, "kind", row->kind);
    put_words(out, "roles", row->roles);
    json_out_member(out, "peer", row->peer);
    json_out_member(out, "action", row->action);
    json_out_member(out, "object", row->object);
    json_out_member_i64(out, "status", row->status);
    json_out_member(out, "result", text_of(result_word(row)));
    json_out_member(out, "detail", row->detail);
    json_out_member(out, "before", row->before);
    json_out_member(out, "after", row->after);
    json_out_member(out, "hash", row->hash);
    json_out_close(out, '}');
    return true;
}

/* An instant, or the day that begins then; false when it is neither. Absent: 0. */
static bool read_bound(const struct view *view, struct text word, int64_t *ret_ms)
{
    struct wall_ms at = {0};
    struct civil_day day;
    if (word.bytes > 0 && wall_parse(word.ptr, word.bytes, &at)) {
        if (civil_parse(word, &day)) {
            return false;
        }
        at = calendar_instant(view_policy(view)->calendar, day, 0);
    }
    *ret_ms = at.ms;
    return true;
}

void api_audit_list(const struct view *view, struct http_call *call)
{
    const struct http_head *head = &call->head;
    struct api_page page;
    struct audit_query query = {
        .actor = http_param(head, "actor"),
        .action = http_param(head, "action"),
        .object = http_param(head, "object"),
        .q = http_param(head, "q"),
    };
    if (!api_page_read(call, &page)) {
        return;
    }
    if (!read_bound(view, http_param(head, "from"), &query.from) ||
        !read_bound(view, http_param(head, "to"), &query.until)) {
        problem_answer(
            call, PROBLEM_BAD_REQUEST, "from, to: an instant (RFC 3339) or a date (2026-03-02)");
        return;
    }
    query.limit = page.limit;
    query.after = page.after;
    struct api_json json;
    struct list_end end;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    json_out_key(&json.out, "items");
    json_out_open(&json.out, '[');
    struct writing writing = {.view = view, .out = &json.out};
    const enum err err = ledger_audit(view->ledger, &query, put_entry, &writing, &end);
    api_list_close(&json.out, &end);
    api_json_answer(call, 200, &json, err);
}

/* ---- the proof ---- */

struct proving {
    struct http_call *call;
    char anchors[AUDIT_PATH_BYTES];
    struct seal_keys keys;
    struct audit_verdict verdict;
    struct err_why why;
    enum err err;
};

static void prove(const struct view *view, void *context)
{
    struct proving *proving = context;
    const struct anchors anchors = {.path = proving->anchors, .keys = &proving->keys};
    proving->err = audit_verify(view->ledger, &anchors, &proving->verdict, &proving->why);
}

static void put_verdict(struct json_out *out, const struct audit_verdict *verdict)
{
    const bool whole = audit_is_whole(verdict);
    json_out_open(out, '{');
    api_member_bool(out, "ok", whole);
    json_out_member_i64(out, "entries", verdict->chain.entries);
    json_out_key(out, "first_broken");
    if (whole) {
        json_out_null(out);
    } else {
        json_out_open(out, '{');
        json_out_member_i64(out, "seq", audit_broken_seq(verdict));
        json_out_member(out, "why", text_of(audit_broken_why(verdict)));
        json_out_close(out, '}');
    }
    json_out_member(out, "head", text_of(verdict->chain.head.hash));
    json_out_member_i64(out, "anchors", verdict->anchors.anchors);
    json_out_member(out, "warning", text_of(verdict->anchors.warning));
    json_out_close(out, '}');
}

static void on_proved(struct console *console, void *context, bool ran)
{
    (void)console;
    struct proving *proving = context;
    struct api_json json;
    if (!ran) {
        problem_answer(proving->call, PROBLEM_UNAVAILABLE, "the service stops");
    } else if (proving->err) {
        problem_answer(proving->call, PROBLEM_INTERNAL, proving->why.text);
    } else {
        api_json_init(&json);
        put_verdict(&json.out, &proving->verdict);
        api_json_answer(proving->call, 200, &json, ERR_OK);
    }
    explicit_bzero(&proving->keys, sizeof(proving->keys));
    free(proving);
}

void api_audit_verify(struct console *console, struct http_call *call)
{
    struct proving *proving = calloc(1, sizeof(*proving));
    if (!proving) {
        problem_answer(call, PROBLEM_UNAVAILABLE, "out of memory");
        return;
    }
    proving->call = call;
    proving->keys = *seal_keys_known();
    const bool runs = audit_anchors_path(console, proving->anchors) &&
                      readers_run(console, prove, on_proved, proving);
    if (!runs) {
        explicit_bzero(&proving->keys, sizeof(proving->keys));
        free(proving);
        problem_answer(call, PROBLEM_UNAVAILABLE, "too much is being done; try again later");
    }
}
