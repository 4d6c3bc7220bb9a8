/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bundle as one JSON text, and back. The text carries the files as they were written, so the
 * same strict readers build the bundle everywhere; only people's addresses are replaced by one
 * sealed value per person.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/bundle_make.h"
#include "config/contact_seal.h"
#include "rules/directory.h"

#define BUNDLE_FORMAT    1
#define FILES_MAX        1088
#define SEALED_BYTES_MAX ((size_t)16384)

/* ---- writing ---- */

/* A file's JSON again, compact. It was read once, so it parses. */
static enum err write_file(struct json_out *out, const struct bundle_source *source)
{
    struct json_doc *doc = NULL;
    const enum err err = json_parse(source->json, &json_limits_config, &doc, NULL);
    if (err != ERR_OK) {
        return err;
    }
    json_out_open(out, '{');
    json_out_member(out, "name", source->name);
    json_out_key(out, "json");
    json_out_value(out, json_root(doc));
    json_out_close(out, '}');
    json_free(doc);
    return ERR_OK;
}

static enum err write_files(struct json_out *out, const struct bundle_source *sources, size_t count)
{
    enum err err = ERR_OK;
    json_out_open(out, '[');
    for (size_t i = 0; err == ERR_OK && i < count; i++) {
        err = write_file(out, &sources[i]);
    }
    json_out_close(out, ']');
    return err;
}

/* Whose addresses stand in the place of the JSON's own: all but the person's id may be missing. */
static struct contact contact_of(const struct bundle *bundle, const struct json_value *person)
{
    const struct text id = json_get_string(person, "id");
    const struct contact *contact = bundle->policy.directory ? bundle_contact(bundle, id) : NULL;
    return contact ? *contact : (struct contact){.person = id};
}

/* Addresses sealed with the key, or without one in the clear (for the digest alone). */
static enum err write_addresses(
    struct json_out *out, const struct contact *contact, const uint8_t *key)
{
    struct buf sealed;
    enum err err = ERR_OK;
    if (!key) {
        contact_members(contact, out);
        return ERR_OK;
    }
    buf_init(&sealed, SEALED_BYTES_MAX);
    err = contact_seal(contact, key, &sealed);
    if (sealed.bytes > 0) {
        json_out_member(out, CONTACT_SEALED_KEY, buf_view(&sealed));
    }
    buf_release(&sealed);
    return err;
}

static void write_person_members(struct json_out *out, const struct json_value *person)
{
    for (const struct json_value *member = json_first(person); member; member = json_next(member)) {
        const struct text member_key = json_key(member);
        if (!contact_is_address(member_key) && !text_is(member_key, CONTACT_SEALED_KEY)) {
            char name[READ_ID_BYTES_MAX + 1] = {0};
            MUST(member_key.bytes < sizeof name); /* the reader knows all keys of a person */
            memcpy(name, member_key.ptr, member_key.bytes);
            json_out_key(out, name);
            json_out_value(out, member);
        }
    }
}

static enum err write_person(
    struct json_out *out,
    const struct bundle *bundle,
    const struct json_value *person,
    const uint8_t *key)
{
    const struct contact contact = contact_of(bundle, person);
    json_out_open(out, '{');
    write_person_members(out, person);
    const enum err err = write_addresses(out, &contact, key);
    json_out_close(out, '}');
    return err;
}

/* The directory's value: units and people as they are, addresses as write_addresses() does. */
static enum err write_directory_value(
    struct json_out *out, const struct bundle *bundle, const uint8_t *key)
{
    struct json_doc *doc = NULL;
    enum err err = json_parse(bundle->sources.directory.json, &json_limits_config, &doc, NULL);
    if (err != ERR_OK) {
        return err;
    }
    const struct json_value *people = json_get(json_root(doc), "people");
    json_out_open(out, '{');
    json_out_key(out, "units");
    json_out_value(out, json_get(json_root(doc), "units"));
    json_out_key(out, "people");
    json_out_open(out, '[');
    for (const struct json_value *person = json_first(people); person && err == ERR_OK;
         person = json_next(person)) {
        err = write_person(out, bundle, person, key);
    }
    json_out_close(out, ']');
    json_out_close(out, '}');
    json_free(doc);
    return err;
}

static enum err write_directory(
    struct json_out *out, const struct bundle *bundle, const uint8_t key[static SEAL_KEY_BYTES])
{
    json_out_open(out, '{');
    json_out_member(out, "name", bundle->sources.directory.name);
    json_out_key(out, "json");
    const enum err err = write_directory_value(out, bundle, key);
    json_out_close(out, '}');
    return err;
}

enum err bundle_source_json(
    const struct bundle *bundle,
    const struct bundle_source *source,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct buf *buf)
{
    struct json_out out;
    struct json_doc *doc = NULL;
    json_out_init(&out, buf);
    if (source == &bundle->sources.directory) {
        return write_directory_value(&out, bundle, key);
    }
    const enum err err = json_parse(source->json, &json_limits_config, &doc, NULL);
    if (err == ERR_OK) {
        json_out_value(&out, json_root(doc));
        json_free(doc);
    }
    return err;
}

static enum err write_all(
    struct json_out *out, const struct bundle *bundle, const uint8_t key[static SEAL_KEY_BYTES])
{
    const struct bundle_sources *sources = &bundle->sources;
    json_out_key(out, "calendar");
    enum err err = write_file(out, &sources->calendar);
    if (err == ERR_OK) {
        json_out_key(out, "directory");
        err = write_directory(out, bundle, key);
    }
    if (err == ERR_OK && sources->matters.json.bytes > 0) {
        json_out_key(out, "matters");
        err = write_file(out, &sources->matters);
    }
    if (err == ERR_OK) {
        json_out_key(out, "rules");
        err = write_files(out, sources->rules, sources->rule_count);
    }
    if (err == ERR_OK) {
        json_out_key(out, "templates");
        err = write_files(out, sources->templates, sources->template_count);
    }
    return err;
}

enum err bundle_to_json(
    const struct bundle *bundle, const uint8_t key[static SEAL_KEY_BYTES], struct buf *buf)
{
    struct json_out out;
    json_out_init(&out, buf);
    json_out_open(&out, '{');
    json_out_member_i64(&out, "format", BUNDLE_FORMAT);
    json_out_member_i64(&out, "version", bundle->version);
    json_out_member_i64(&out, "since", bundle->policy.since.ms);
    json_out_member_i64(&out, "backfill_ms", bundle->policy.backfill_ms);
    json_out_member(&out, "digest", text_of(bundle->digest));
    const enum err err = write_all(&out, bundle, key);
    json_out_close(&out, '}');
    return err == ERR_OK ? buf_error(buf) : err;
}

/* ---- comparing ---- */

static void write_people_members(struct json_out *out, const struct json_value *people)
{
    for (const struct json_value *person = json_first(people); person; person = json_next(person)) {
        json_out_open(out, '{');
        write_person_members(out, person);
        json_out_close(out, '}');
    }
}

/* Calendar, units and people in one form, whatever the files look like. */
static enum err write_places(const struct bundle *bundle, struct buf *buf)
{
    struct json_doc *calendar = NULL;
    struct json_doc *directory = NULL;
    struct json_out out;
    enum err err = json_parse(bundle->sources.calendar.json, &json_limits_config, &calendar, NULL);
    if (err == ERR_OK) {
        err = json_parse(bundle->sources.directory.json, &json_limits_config, &directory, NULL);
    }
    if (err == ERR_OK) {
        json_out_init(&out, buf);
        json_out_open(&out, '[');
        json_out_value(&out, json_root(calendar));
        json_out_value(&out, json_get(json_root(directory), "units"));
        write_people_members(&out, json_get(json_root(directory), "people"));
        json_out_close(&out, ']');
        err = buf_error(buf);
    }
    json_free(calendar);
    json_free(directory);
    return err;
}

bool bundle_same_places(const struct bundle *a, const struct bundle *b)
{
    struct buf left;
    struct buf right;
    buf_init(&left, 2 * json_limits_config.bytes_max);
    buf_init(&right, 2 * json_limits_config.bytes_max);
    const bool same = write_places(a, &left) == ERR_OK && write_places(b, &right) == ERR_OK &&
                      text_equal(buf_view(&left), buf_view(&right));
    buf_release(&left);
    buf_release(&right);
    return same;
}

/* ---- digest ---- */

static void digest_part(struct buf *buf, struct text name, struct text json)
{
    uint8_t sha[SHA256_BYTES];
    crypto_sha256(json, sha);
    buf_text(buf, name);
    buf_char(buf, '\n');
    crypto_hex(buf, sha, sizeof sha);
    buf_char(buf, '\n');
}

/* The file's value without the name of its schema, which only editors look at. */
static void write_without_schema(struct json_out *out, const struct json_value *root)
{
    json_out_open(out, '{');
    for (const struct json_value *member = json_first(root); member; member = json_next(member)) {
        if (!text_is(json_key(member), "$schema")) {
            json_out_key(out, json_key(member).ptr);
            json_out_value(out, member);
        }
    }
    json_out_close(out, '}');
}

static void digest_add(struct buf *buf, const struct bundle_source *source)
{
    struct json_out out;
    struct buf compact;
    struct json_doc *doc = NULL;
    buf_init(&compact, json_limits_config.bytes_max);
    json_out_init(&out, &compact);
    if (json_parse(source->json, &json_limits_config, &doc, NULL) == ERR_OK) {
        write_without_schema(&out, json_root(doc));
    }
    json_free(doc);
    digest_part(buf, source->name, buf_view(&compact));
    buf_release(&compact);
}

/* The same whether its addresses stand in the clear or sealed, and wherever in the person. */
static void digest_add_directory(struct buf *buf, const struct bundle *bundle)
{
    struct json_out out;
    struct buf compact;
    buf_init(&compact, json_limits_config.bytes_max);
    json_out_init(&out, &compact);
    if (write_directory_value(&out, bundle, NULL) != ERR_OK) {
        buf_clear(&compact); /* cannot be: it was read once */
    }
    digest_part(buf, bundle->sources.directory.name, buf_view(&compact));
    buf_release(&compact);
}

void bundle_set_digest(struct bundle *bundle)
{
    uint8_t sha[SHA256_BYTES];
    struct buf buf;
    const struct bundle_sources *sources = &bundle->sources;
    buf_init(&buf, (size_t)1 << 20);
    buf_format(&buf, "%lld\n", (long long)bundle->policy.backfill_ms);
    digest_add(&buf, &sources->calendar);
    digest_add_directory(&buf, bundle);
    digest_add(&buf, &sources->matters);
    for (size_t i = 0; i < sources->rule_count; i++) {
        digest_add(&buf, &sources->rules[i]);
    }
    for (size_t i = 0; i < sources->template_count; i++) {
        digest_add(&buf, &sources->templates[i]);
    }
    crypto_sha256(buf_view(&buf), sha);
    buf_clear(&buf);
    crypto_hex(&buf, sha, sizeof sha);
    (void)snprintf(bundle->digest, sizeof bundle->digest, "%.*s", TEXT_ARGS(buf_view(&buf)));
    buf_release(&buf);
}

/* ---- reading ---- */

/* The files of the text as sources of their own: each part is written out again and kept. */
struct unpacking {
    struct arena arena;
    struct source sources[FILES_MAX];
    size_t count;
    bool failed;
};

static struct source *unpack_file(struct unpacking *unpacking, const struct json_value *file)
{
    struct buf buf;
    struct json_out out;
    struct source *source = &unpacking->sources[unpacking->count];
    buf_init(&buf, json_limits_config.bytes_max);
    json_out_init(&out, &buf);
    json_out_value(&out, json_get(file, "json"));
    source->file = arena_string(&unpacking->arena, json_get_string(file, "name"));
    source->json = arena_text(&unpacking->arena, buf_view(&buf));
    if (buf_error(&buf) != ERR_OK || !source->file || !source->json.ptr) {
        unpacking->failed = true;
    }
    buf_release(&buf);
    unpacking->count++;
    return source;
}

static const struct source *unpack_files(
    struct unpacking *unpacking, const struct json_value *files, size_t *ret_count)
{
    const size_t from = unpacking->count;
    for (const struct json_value *file = json_first(files); file; file = json_next(file)) {
        if (unpacking->count + 4 >= FILES_MAX) {
            unpacking->failed = true;
            break;
        }
        (void)unpack_file(unpacking, file);
    }
    *ret_count = unpacking->count - from;
    return &unpacking->sources[from];
}

static struct bundle *unpack(
    struct unpacking *unpacking,
    const struct json_value *root,
    const uint8_t key[static SEAL_KEY_BYTES],
    struct report *report)
{
    struct bundle_input input = {.key = key, .backfill_ms = BUNDLE_BACKFILL_MS};
    int64_t version = 0;
    int64_t since_ms = 0; /* not there in what older programs applied: not known */
    if (json_i64(json_get(root, "since"), &since_ms) != ERR_OK || since_ms < 0 ||
        since_ms > WALL_MS_MAX) {
        since_ms = 0;
    }
    if (json_i64(json_get(root, "version"), &version) != ERR_OK ||
        json_i64(json_get(root, "backfill_ms"), &input.backfill_ms) != ERR_OK) {
        report_add(
            report, FINDING_ERROR, "applied", 0, 0, "",
            "\"version\" and \"backfill_ms\" are needed");
        return NULL;
    }
    input.calendars = unpack_file(unpacking, json_get(root, "calendar"));
    input.calendar_count = 1;
    input.directory = *unpack_file(unpacking, json_get(root, "directory"));
    if (json_get(root, "matters")) {
        input.matters = *unpack_file(unpacking, json_get(root, "matters"));
    }
    input.rules = unpack_files(unpacking, json_get(root, "rules"), &input.rule_count);
    input.templates = unpack_files(unpacking, json_get(root, "templates"), &input.template_count);
    input.own_template_count = input.template_count;
    if (unpacking->failed) {
        report_add(report, FINDING_ERROR, "applied", 0, 0, "", "too large, or out of memory");
        return NULL;
    }
    struct bundle *bundle = bundle_make(&input, report);
    if (bundle) {
        bundle->version = version;
        bundle->policy.version = version;
        bundle->policy.since = (struct wall_ms){since_ms};
        (void)snprintf(
            bundle->digest, sizeof bundle->digest, "%.*s",
            TEXT_ARGS(utf8_cut(json_get_string(root, "digest"), sizeof bundle->digest - 1)));
    }
    return bundle;
}

static bool format_known(const struct json_value *root, struct report *report)
{
    int64_t format = 0;
    if (json_i64(json_get(root, "format"), &format) == ERR_OK && format == BUNDLE_FORMAT) {
        return true;
    }
    report_add(
        report, FINDING_ERROR, "applied", 0, 0, "format",
        "the applied configuration has a format this program does not know; it reads %d",
        BUNDLE_FORMAT);
    return false;
}

struct bundle *bundle_from_json(
    struct text json, const uint8_t key[static SEAL_KEY_BYTES], struct report *report)
{
    struct json_doc *doc = NULL;
    struct err_why why = {0};
    if (json_parse(json, &json_limits_config, &doc, &why) != ERR_OK) {
        report_add(report, FINDING_ERROR, "applied", 0, 0, "", "not JSON: %s", why.text);
        return NULL;
    }
    struct unpacking *unpacking = calloc(1, sizeof *unpacking);
    struct bundle *bundle = NULL;
    if (!unpacking) {
        report_add(report, FINDING_ERROR, "applied", 0, 0, "", "out of memory");
    } else if (format_known(json_root(doc), report)) {
        arena_init(&unpacking->arena, 0);
        bundle = unpack(unpacking, json_root(doc), key, report);
        arena_release(&unpacking->arena);
    }
    free(unpacking);
    json_free(doc);
    return bundle;
}
