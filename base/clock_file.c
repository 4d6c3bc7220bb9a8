/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock.json in the data directory. Instants are written as RFC 3339 in UTC; milliseconds since
 * 1970 are read as well. Every role reads the file at its start, so it is replaced as a whole.
 */
#include <math.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"

#define FILE_BYTES_MAX 4096
#define SPEED_MAX      1e6

static enum err load_instant(
    const struct json_value *object, const char *key, struct wall_ms *ret_at, struct err_why *why)
{
    const struct json_value *const value = json_get(object, key);
    const struct text text = json_string(value);
    int64_t ms = 0;
    if (json_type(value) == JSON_STRING && wall_parse(text.ptr, text.bytes, ret_at) == ERR_OK)
        return ERR_OK;
    if (json_i64(value, &ms) == ERR_OK && ms >= 0 && ms <= WALL_MS_MAX) {
        *ret_at = (struct wall_ms){.ms = ms};
        return ERR_OK;
    }
    return err_set(
        why, ERR_PARSE, "\"%s\" must be an instant such as \"2019-04-01T09:00:00+08:00\"", key);
}

static enum err load_scaled(
    struct service_clock *clock, const struct json_value *root, struct err_why *why)
{
    struct wall_ms real0 = {0};
    struct wall_ms virtual0 = {0};
    const double speed = json_number(json_get(root, "speed"));
    enum err err = load_instant(root, "real0", &real0, why);
    if (!err)
        err = load_instant(root, "virtual0", &virtual0, why);
    if (err)
        return err;
    if (!(speed > 0 && speed <= SPEED_MAX)) {
        return err_set(
            why, ERR_PARSE, "\"speed\" must be a number above 0 and up to %g", SPEED_MAX);
    }
    clock_init_scaled(clock, real0, virtual0, speed);
    return ERR_OK;
}

static enum err load_value(
    struct service_clock *clock, const struct json_value *root, struct err_why *why)
{
    const struct text mode = json_get_string(root, "mode");
    struct wall_ms now = {0};
    if (text_is(mode, clock_mode_name(CLOCK_REAL))) {
        clock_init_real(clock);
        return ERR_OK;
    }
    if (text_is(mode, clock_mode_name(CLOCK_SCALED)))
        return load_scaled(clock, root, why);
    if (!text_is(mode, clock_mode_name(CLOCK_STEPPED)))
        return err_set(why, ERR_PARSE, "\"mode\" must be \"real\", \"scaled\" or \"stepped\"");
    const enum err err = load_instant(root, "now", &now, why);
    if (!err)
        clock_init_stepped(clock, now);
    return err;
}

enum err clock_load(struct service_clock *clock, const char *path, struct err_why *why)
{
    struct buf buf;
    struct json_doc *doc = NULL;
    struct err_why inner = {0};
    buf_init(&buf, FILE_BYTES_MAX);
    enum err err = file_read(path, &buf, why);
    if (err == ERR_NOT_FOUND) {
        clock_init_real(clock);
        err = ERR_OK;
    } else if (!err) {
        err = json_parse(buf_view(&buf), &json_limits_event, &doc, &inner);
        if (!err)
            err = load_value(clock, json_root(doc), &inner);
        if (err)
            (void)err_set(why, err, "%s: %.200s", path, inner.text);
    }
    json_free(doc);
    buf_release(&buf);
    return err;
}

static void add_instant(struct json_out *out, const char *key, struct wall_ms at)
{
    char text[WALL_TEXT_BYTES];
    json_out_member(out, key, text_of(wall_format(at, 0, text)));
}

enum err clock_save(const struct service_clock *clock, const char *path, struct err_why *why)
{
    struct buf buf;
    struct json_out out;
    buf_init(&buf, FILE_BYTES_MAX);
    json_out_init(&out, &buf);
    json_out_open(&out, '{');
    json_out_member(&out, "mode", text_of(clock_mode_name(clock->mode)));
    if (clock->mode == CLOCK_SCALED) {
        add_instant(&out, "real0", clock->real0);
        add_instant(&out, "virtual0", clock->virtual0);
        json_out_key(&out, "speed");
        json_out_double(&out, clock->speed);
    }
    if (clock->mode == CLOCK_STEPPED)
        add_instant(&out, "now", clock->virtual0);
    json_out_close(&out, '}');
    buf_char(&buf, '\n');
    enum err err = buf_error(&buf);
    if (err) {
        (void)err_set(why, err, "%s: out of memory", path);
    } else {
        err = file_write(path, buf_view(&buf), 0600, why);
    }
    buf_release(&buf);
    return err;
}
