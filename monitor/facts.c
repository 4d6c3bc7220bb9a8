/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts for the journal and items for the outbox. One function for each kind of fact; the
 * field names are the contract with the ledger (docs/journal.md).
 */
#include "monitor/facts.h"

#include <stdio.h>

#include "base/json.h"
#include "rules/figures.h"

/* Begin a value; parts of one list are joined by commas. */
static void part_open(struct json_out *out, struct buf *buf, const char *kind)
{
    if (buf->bytes > 0) {
        buf_char(buf, ',');
    }
    json_out_init(out, buf);
    json_out_open(out, '{');
    if (kind) {
        json_out_member(out, "k", text_of(kind));
    }
}

static void member_bool(struct json_out *out, const char *key, bool value)
{
    json_out_key(out, key);
    json_out_bool(out, value);
}

static void member_instant(struct json_out *out, const char *key, bool known, struct wall_ms at)
{
    json_out_key(out, key);
    if (known) {
        json_out_i64(out, at.ms);
    } else {
        json_out_null(out);
    }
}

static void member_texts(
    struct json_out *out, const char *key, const struct text *texts, size_t text_count)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    for (size_t index = 0; index < text_count; index++) {
        json_out_string(out, texts[index]);
    }
    json_out_close(out, ']');
}

static const char *verdict_name(enum event_verdict verdict)
{
    switch (verdict) {
    case VERDICT_APPLIED:
        return "applied";
    case VERDICT_REPEATED:
        return "repeated";
    case VERDICT_LEDGER:
        return "ledger";
    case VERDICT_FULL:
        return "full";
    case EVENT_VERDICT_COUNT:
        break;
    }
    return "unknown";
}

void fact_event(struct buf *facts, const struct event_fact *fact)
{
    struct json_out out;
    part_open(&out, facts, "event");
    const struct event *event = fact->event;
    json_out_member(&out, "case", event->subject);
    json_out_member_i64(&out, "p", fact->partition);
    json_out_member(&out, "pos", fact->position);
    json_out_member(&out, "source", event->source);
    json_out_member(&out, "id", event->id);
    char type[160];
    (void)snprintf(type, sizeof(type), "case.%.*s", TEXT_ARGS(event->kind_name));
    json_out_member(&out, "type", text_of(type));
    json_out_member_i64(&out, "time", event->time.ms);
    json_out_member_i64(&out, "arrived", event->arrived.ms);
    json_out_member_i64(&out, "rules", event->rules_version);
    json_out_member(&out, "verdict", text_of(verdict_name(fact->verdict)));
    json_out_key(&out, "ce");
    json_out_raw(&out, fact->cloud_event);
    json_out_close(&out, '}');
}

void fact_reject(struct buf *facts, const struct reject_fact *fact)
{
    struct json_out out;
    part_open(&out, facts, "reject");
    json_out_member_i64(&out, "at", fact->at.ms);
    json_out_member(&out, "via", text_of(fact->via));
    json_out_member(&out, "reason", text_of(fact->reason));
    json_out_member_i64(&out, "bytes", (int64_t)fact->body.bytes);
    uint8_t digest[SHA256_BYTES];
    crypto_sha256(fact->body, digest);
    struct buf hex;
    buf_init(&hex, (size_t)4 * SHA256_BYTES);
    crypto_hex(&hex, digest, sizeof(digest));
    json_out_member(&out, "sha256", buf_view(&hex));
    buf_release(&hex);
    struct text head = fact->body;
    if (head.bytes > REJECT_HEAD_BYTES_MAX) {
        head.bytes = REJECT_HEAD_BYTES_MAX;
    }
    json_out_member(&out, "head", head);
    json_out_member(&out, "pos", fact->position);
    json_out_close(&out, '}');
}

static void case_labels(struct json_out *out, const struct case_state *state)
{
    const struct text prefix = TEXT_LITERAL("labels.");
    json_out_key(out, "labels");
    json_out_open(out, '{');
    for (size_t index = 0; index < state->attribute_count; index++) {
        const struct attribute *attribute = &state->attributes[index];
        if (!text_starts_with(attribute->path, prefix)) {
            continue;
        }
        char key[128];
        (void)snprintf(
            key, sizeof(key), "%.*s", (int)(attribute->path.bytes - prefix.bytes),
            attribute->path.ptr + prefix.bytes);
        json_out_member(out, key, attribute->value);
    }
    json_out_close(out, '}');
}

static void case_run(struct json_out *out, const struct run *run)
{
    json_out_open(out, '{');
    json_out_member(out, "clock", run->clock);
    json_out_member_i64(out, "run", run->number);
    json_out_member(out, "family", run->rule->family);
    json_out_member(out, "title", run->rule->title);
    json_out_member_i64(out, "start", run->start.ms);
    member_instant(out, "due", run->has_due, run->due);
    member_bool(out, "provisional", run->provisional);
    json_out_member(out, "outcome", text_of(run_outcome_name(run->outcome)));
    member_instant(out, "stopped", run->has_stopped, run->stopped);
    json_out_member(out, "light", text_of(light_name(run->light)));
    json_out_member(out, "unit", run->unit_at_due);
    json_out_member(out, "handler", run->handler_at_due);
    json_out_member_i64(out, "rules", run->policy->version);
    member_bool(out, "waived", run->waived);
    json_out_member(out, "appeal", text_of(appeal_name(run->appeal)));
    member_bool(out, "rule_change", run->caused_by_rule_change);
    member_texts(out, "waiting_for", run->waiting_for, run->waiting_count);
    json_out_close(out, '}');
}

/* "Not ours", as long as nobody has ruled on it. */
static void case_objection(struct json_out *out, const struct case_state *state)
{
    json_out_key(out, "objected");
    if (!state->objected) {
        json_out_null(out);
        return;
    }
    json_out_open(out, '{');
    json_out_member_i64(out, "at", state->objected_at.ms);
    json_out_member(out, "by", state->objected_by);
    json_out_close(out, '}');
}

/* What the ledger counts of a case and cannot see in its runs. */
static void case_figures(
    struct json_out *out, const struct case_state *state, const struct calendar *calendar)
{
    const struct figure_case counted = figure_case_of(state);
    int64_t handled_s = 0;
    json_out_key(out, "figures");
    json_out_open(out, '{');
    member_bool(out, "accepted", counted.is_accepted);
    member_bool(out, "sent_back", counted.was_sent_back);
    if (figure_handling(calendar, &counted, &handled_s)) {
        json_out_member_i64(out, "completed", counted.completed.ms);
        json_out_member_i64(out, "handled_s", handled_s);
    }
    json_out_close(out, '}');
}

void fact_case(struct buf *facts, const struct case_state *state, const struct calendar *calendar)
{
    struct json_out out;
    part_open(&out, facts, "case");
    json_out_member(&out, "id", state->id);
    json_out_member(&out, "title", state->title);
    json_out_member(&out, "matter", state->matter);
    json_out_member(&out, "unit", state->unit);
    json_out_member(&out, "handler", state->handler);
    json_out_member(&out, "from_unit", state->from_unit);
    json_out_member(&out, "number", state->number);
    case_labels(&out, state);
    json_out_member(&out, "state", text_of(case_phase_name(state->phase)));
    json_out_member(&out, "light", text_of(light_name(state->light)));
    json_out_member_i64(&out, "created", state->created.ms);
    json_out_member_i64(&out, "updated", state->updated.ms);
    member_bool(&out, "fault", state->directory_fault);
    case_objection(&out, state);
    case_figures(&out, state, calendar);
    json_out_key(&out, "runs");
    json_out_open(&out, '[');
    for (size_t index = 0; index < state->run_count; index++) {
        case_run(&out, &state->runs[index]);
    }
    json_out_close(&out, ']');
    json_out_close(&out, '}');
}

void alert_id(
    const struct case_state *state, const struct firing *firing, char ret_id[static NRT_ID_BYTES])
{
    char run[16];
    char instant[24];
    (void)snprintf(run, sizeof(run), "%d", (int)firing->fired.run);
    (void)snprintf(instant, sizeof(instant), "%lld", (long long)firing->fired.instant.ms);
    const struct text parts[] = {
        state->id, firing->fired.clock, text_of(run), firing->fired.stage, text_of(instant)};
    crypto_id(parts, sizeof(parts) / sizeof(parts[0]), ret_id);
}

/* The identity that an alert fact and its outbox item share. */
static void alert_identity(
    struct json_out *out,
    const char *id_key,
    const struct case_state *state,
    const struct firing *firing)
{
    char id[NRT_ID_BYTES];
    alert_id(state, firing, id);
    json_out_member(out, id_key, text_of(id));
    json_out_member(out, "case", state->id);
    json_out_member(out, "clock", firing->fired.clock);
    json_out_member_i64(out, "run", firing->fired.run);
    json_out_member(out, "stage", firing->fired.stage);
    json_out_member_i64(out, "instant", firing->fired.instant.ms);
    json_out_member_i64(out, "fired_at", firing->fired.fired_at.ms);
    json_out_member(out, "light", text_of(light_name(firing->stage->light)));
    member_texts(out, "to", firing->fired.to, firing->fired.to_count);
    member_texts(out, "via", firing->stage->via, firing->stage->via_count);
    json_out_member(out, "template", firing->stage->template_id);
    json_out_member_i64(out, "ordinal", firing->ordinal);
}

void fact_alert(struct buf *facts, const struct case_state *state, const struct firing *firing)
{
    struct json_out out;
    part_open(&out, facts, "alert");
    alert_identity(&out, "id", state, firing);
    json_out_member(&out, "title", firing->stage->title);
    json_out_member(&out, "status", text_of(alert_status_name(firing->fired.status)));
    const int64_t late_ms = firing->fired.fired_at.ms - firing->fired.instant.ms;
    member_bool(&out, "late", late_ms > ALERT_LATE_MS);
    member_bool(&out, "fault", firing->directory_fault);
    json_out_close(&out, '}');
}

/* What a message says of the case; names as they are when it fires. */
static void outbox_values(
    struct json_out *out,
    const struct case_state *state,
    const struct firing *firing,
    const struct directory *directory)
{
    const struct run *run = firing->run;
    const bool is_co_unit = run->co_unit.bytes > 0; /* told of what is theirs, not the host's */
    const struct text unit_id = is_co_unit ? run->co_unit : state->unit;
    const struct text handler_id = is_co_unit ? run->handler_at_due : state->handler;
    const struct unit *unit = directory_unit(directory, unit_id);
    const struct person *handler = directory_person(directory, handler_id);
    const struct matter *matter = directory_matter(directory, state->matter);
    json_out_key(out, "values");
    json_out_open(out, '{');
    json_out_member(out, "title", state->title);
    json_out_member(out, "matter", matter ? matter->title : state->matter);
    json_out_member(out, "unit", unit ? unit->name : unit_id);
    json_out_member(out, "unit_id", unit_id);
    json_out_member(out, "handler", handler ? handler->name : handler_id);
    json_out_member(out, "clock", run->rule->title);
    json_out_member(out, "stage", firing->stage->title);
    member_instant(out, "due", run->has_due, run->due);
    json_out_close(out, '}');
}

void outbox_alert(
    struct buf *outbox,
    const struct case_state *state,
    const struct firing *firing,
    const struct directory *directory)
{
    struct json_out out;
    part_open(&out, outbox, NULL);
    alert_identity(&out, "alert", state, firing);
    member_bool(&out, "all", firing->stage->via_all);
    json_out_member(&out, "send", text_of(send_when_name(firing->stage->send)));
    member_bool(&out, "urgent", firing->stage->urgent);
    json_out_member_i64(&out, "rules", firing->run->policy->version);
    outbox_values(&out, state, firing, directory);
    json_out_close(&out, '}');
}
