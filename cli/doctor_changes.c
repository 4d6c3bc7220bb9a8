/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration in force: which version it is, whether the folder says the same, whether the
 * last attempt to change it was refused, and which drafts wait for somebody.
 */
#include <stdio.h>
#include <string.h>

#include "cli/args.h"
#include "cli/commands.h"
#include "cli/doctor.h"
#include "cli/table.h"
#include "config/policy.h"

/* The answer's JSON, or NULL: doctor has said already that the console cannot be asked. */
static struct json_doc *ask(struct doctor *doctor, const char *path)
{
    struct api_answer answer;
    struct json_doc *doc = NULL;
    const struct api_call call = {.method = "GET", .path = path, .quiet = true};
    if (api_send_well(&doctor->api, &call, &answer) != EXIT_FINE) {
        return NULL;
    }
    if (json_parse(buf_view(&answer.body), &json_limits_answer, &doc, NULL) != ERR_OK) {
        doc = NULL;
    }
    buf_release(&answer.body);
    return doc;
}

static void compare_folder(struct doctor *doctor, const char *digest, const struct json_value *row)
{
    const struct text applied = json_get_string(row, "digest");
    int64_t version = 0;
    if (!doctor->config || !digest[0] || applied.bytes == 0 ||
        json_i64(json_get(row, "version"), &version) != ERR_OK) {
        return;
    }
    const bool same = text_is(applied, digest);
    doctor_say(
        doctor, same ? HEALTH_OK : HEALTH_WARN,
        (struct finding_words){
            "versions", "nrt rules diff --config DIR shows how; nrt rules apply makes it the next"},
        same ? "%s says what version %lld says" : "%s is not what version %lld says",
        doctor->config, (long long)version);
}

static void look_at_version(struct doctor *doctor, const char *digest)
{
    struct json_doc *doc = ask(doctor, "/api/v1/config/versions?limit=1");
    const struct json_value *row = json_first(json_get(json_root(doc), "items"));
    int64_t version = 0;
    if (row && json_i64(json_get(row, "version"), &version) == ERR_OK) {
        char time[24];
        const struct text at = table_time(json_get_string(row, "at"), time);
        const struct text by = json_get_string(row, "by");
        doctor_say(
            doctor, HEALTH_OK, (struct finding_words){"versions", ""},
            "version %lld is in force since %.*s%s%.*s", (long long)version, TEXT_ARGS(at),
            by.bytes > 0 ? ", by " : "", TEXT_ARGS(by));
        compare_folder(doctor, digest, row);
    }
    json_free(doc);
}

static void look_at_drafts(struct doctor *doctor)
{
    struct json_doc *doc = ask(doctor, "/api/v1/drafts?state=drafted&limit=20");
    const struct json_value *items = json_get(json_root(doc), "items");
    for (const struct json_value *row = json_first(items); row; row = json_next(row)) {
        char time[24];
        const struct text at = table_time(json_get_string(row, "at"), time);
        doctor_say(
            doctor, HEALTH_WARN,
            (struct finding_words){
                "drafts", "nrt rules preview --draft ID, then nrt rules approve or withdraw"},
            "draft %.*s of %.*s by %.*s waits for a second person",
            TEXT_ARGS(json_get_string(row, "id")), TEXT_ARGS(at),
            TEXT_ARGS(json_get_string(row, "by")));
    }
    json_free(doc);
}

void doctor_changes(struct doctor *doctor, const char *digest)
{
    if (doctor->away) {
        return;
    }
    look_at_version(doctor, digest);
    look_at_drafts(doctor);
}
