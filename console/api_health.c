/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /healthz: this process answers. /readyz: the service as a whole works, or every reason why it
 * does not. GET /api/v1/health: the same in full, with instances, Redis, ledger and channels.
 */
#include "console/api.h"
#include "console/backup_night.h"
#include "console/calendar_watch.h"
#include "console/front.h"
#include "console/health.h"
#include "console/ledger_channels.h"

#define MESSAGES_LOOKED_AT_MS ((int64_t)7 * 24 * 3600 * 1000)

void api_healthz(struct console *console, struct http_call *call)
{
    (void)console;
    http_answer(call, 200, "application/json; charset=utf-8", text_of("{\"status\":\"alive\"}"));
}

static void put_list(struct json_out *out, const char *key, const struct buf *list)
{
    json_out_key(out, key);
    json_out_open(out, '[');
    buf_text(out->buf, buf_view(list));
    json_out_close(out, ']');
}

static void put_readiness(const struct health *health, struct json_out *out)
{
    const struct view view = console_view(health->console, NULL);
    api_member_bool(out, "ready", health_is_well(health));
    put_list(out, "reasons", &health->reasons);
    put_list(out, "warnings", &health->warnings);
    api_member_now(&view, out);
}

static void ready_answer(struct health *health)
{
    struct api_json json;
    api_json_init(&json);
    json_out_open(&json.out, '{');
    put_readiness(health, &json.out);
    json_out_close(&json.out, '}');
    api_json_answer(health->call, health_is_well(health) ? 200 : 503, &json, ERR_OK);
}

void api_readyz(struct console *console, struct http_call *call)
{
    health_gather(console, call, ready_answer);
}

/* ---- in full ---- */

static void put_calendar(struct console *console, struct json_out *out)
{
    char warning[CALENDAR_WARNING_BYTES];
    const struct calendar_horizon horizon = calendar_watch_horizon(console);
    json_out_key(out, "calendar");
    json_out_open(out, '{');
    api_member_bool(out, "known", horizon.known);
    json_out_member_i64(out, "last_year", horizon.last_year);
    json_out_member_i64(out, "days", horizon.days);
    json_out_member_i64(out, "missing_year", horizon.missing_year);
    json_out_member(out, "warning", text_of(calendar_watch_warning(console, warning)));
    json_out_close(out, '}');
}

/* Of the listeners, the one that ends first. */
static void put_certificate(struct console *console, struct json_out *out)
{
    const struct view view = console_view(console, NULL);
    const int64_t expires_ms = front_certificate_expires_ms(console->front);
    json_out_key(out, "certificate");
    if (expires_ms == 0) {
        json_out_null(out);
        return;
    }
    json_out_open(out, '{');
    api_member_ms(&view, out, "expires", expires_ms);
    json_out_close(out, '}');
}

static void put_backup(struct console *console, struct json_out *out)
{
    const struct view view = console_view(console, NULL);
    const struct backup_state backup = backup_night_state(console->backup_night);
    const struct ledger_instant at = {.known = backup.at.ms > 0, .ms = backup.at.ms};
    json_out_member_i64(out, "bytes", backup_ledger_bytes(console->env->data_folder));
    api_member_instant(&view, out, "last_backup", at);
    json_out_member(out, "backup_trouble", text_of(backup.trouble));
}

static void put_ledger(struct console *console, struct json_out *out)
{
    json_out_key(out, "ledger");
    json_out_open(out, '{');
    json_out_member_i64(out, "format", LEDGER_FORMAT);
    json_out_member_i64(out, "revision", ledger_revision(console->ledger));
    api_member_bool(out, "caught_up", console->caught_up);
    json_out_member(out, "trouble", text_of(feed_trouble(console->feed)));
    put_backup(console, out);
    json_out_close(out, '}');
}

static bool put_count(void *context, const struct ledger_count *row)
{
    struct json_out *out = context;
    json_out_open(out, '{');
    json_out_member(out, "channel", row->word);
    json_out_member(out, "state", row->other);
    json_out_member_i64(out, "count", row->count);
    json_out_close(out, '}');
    return true;
}

static void put_channel(struct json_out *out, const struct channel_settings *channel)
{
    json_out_open(out, '{');
    json_out_member(out, "channel", channel->name);
    json_out_member(out, "type", channel->type);
    api_member_bool(out, "sandbox", text_is(channel->type, "sandbox"));
    json_out_close(out, '}');
}

/* The channels there are, and what became of the messages of the last week. */
static enum err put_channels(struct console *console, struct json_out *out)
{
    const struct settings *settings = console->env->settings;
    const int64_t since_ms = role_now(console->env).ms - MESSAGES_LOOKED_AT_MS;
    json_out_key(out, "channels");
    json_out_open(out, '[');
    for (size_t index = 0; index < settings->channel_count; index++) {
        put_channel(out, &settings->channels[index]);
    }
    json_out_close(out, ']');
    json_out_key(out, "messages");
    json_out_open(out, '[');
    const enum err err = ledger_channel_counts(console->ledger, since_ms, put_count, out);
    json_out_close(out, ']');
    return err;
}

static void health_answer(struct health *health)
{
    struct api_json json;
    struct json_out *out = &json.out;
    api_json_init(&json);
    json_out_open(out, '{');
    put_readiness(health, out);
    put_list(out, "instances", &health->instances);
    put_list(out, "gateways", &health->gateways);
    json_out_key(out, "redis");
    json_out_raw(out, health->redis.bytes > 0 ? buf_view(&health->redis) : text_of("null"));
    put_calendar(health->console, out);
    put_certificate(health->console, out);
    put_ledger(health->console, out);
    const enum err err = put_channels(health->console, out);
    json_out_close(out, '}');
    api_json_answer(health->call, 200, &json, err);
}

void api_health(struct console *console, struct http_call *call)
{
    health_gather(console, call, health_answer);
}
