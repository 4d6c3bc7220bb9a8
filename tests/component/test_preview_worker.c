/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The preview worker over a ledger: the city's cases half way through a summer, under other rules
 * and another calendar. What it says will be sent is what a simulation of the change sends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/sql.h"
#include "console/preview_worker.h"
#include "rules/simulate.h"
#include "tests/support/check.h"
#include "tests/support/city.h"
#include "tests/support/config_rig.h"

#define NOW  "2019-05-20T10:00:00+08:00"
#define DAYS 30

static struct city city;
static struct bundle *old_bundle;
static char folder[256];
static char out_text[1 << 20];

static const char *in_folder(const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return arena_string(&city.arena, text_of(path));
}

/* ---- the city ---- */

/* A file of tests/data with one word replaced. */
static const char *changed(const char *name, const char *from, const char *to)
{
    char *text = config_test_data(name);
    struct buf out;
    buf_init(&out, 1 << 20);
    const char *at = strstr(text, from);
    if (CHECK(at)) {
        buf_add(&out, text, (size_t)(at - text));
        buf_string(&out, to);
        buf_string(&out, at + strlen(from));
    }
    const char *path = in_folder(name);
    CHECK_EQ(file_write(path, buf_view(&out), 0600, NULL), ERR_OK);
    buf_release(&out);
    free(text);
    return path;
}

static void make_folder(void)
{
    struct ledger_maker maker;
    ledger_maker_open(&maker, folder, old_bundle);
    ledger_maker_add(&maker, city_copy(&city), city.event_count, city_instant(NOW));
    ledger_maker_close(&maker);
}

static void write_candidate(const struct bundle *bundle)
{
    struct ledger_maker maker = {0};
    CHECK_EQ(seal_key_load(in_folder("seal.key"), false, maker.key, NULL), ERR_OK);
    ledger_maker_write_bundle(&maker, bundle, in_folder("candidate.json"));
}

/* ---- the worker ---- */

static enum err work(bool replan, struct err_why *why)
{
    static const struct text sms[] = {{"sms", 3}};
    const struct preview_job job = {
        .data_folder = folder,
        .bundle_path = in_folder("candidate.json"),
        .items_path = in_folder("items.ndjson"),
        .now = city_instant(NOW),
        .days = DAYS,
        .replan = replan,
        .channels = {.default_via = sms, .default_via_count = 1},
    };
    FILE *out = fopen(in_folder("out"), "w+");
    if (!CHECK(out)) {
        return ERR_IO;
    }
    const enum err err = preview_work(&job, out, why);
    rewind(out);
    out_text[fread(out_text, 1, sizeof(out_text) - 1, out)] = '\0';
    (void)fclose(out);
    return err;
}

/* The last line, parsed; the caller frees. */
static struct json_doc *totals(void)
{
    struct json_doc *doc = NULL;
    char *last = strstr(out_text, "{\"type\":\"totals\"");
    if (CHECK(last)) {
        CHECK_EQ(json_parse(text_of(last), &json_limits_config, &doc, NULL), ERR_OK);
    }
    return doc;
}

static int64_t number(const struct json_value *object, const char *key)
{
    int64_t value = -1;
    CHECK_EQ(json_i64(json_get(object, key), &value), ERR_OK);
    return value;
}

static struct json_doc *preview(const struct bundle *candidate, bool replan)
{
    struct err_why why = {0};
    write_candidate(candidate);
    const enum err err = work(replan, &why);
    check_note("%s", why.text);
    return CHECK_EQ(err, ERR_OK) ? totals() : NULL;
}

/* ---- what a simulation says ---- */

#define DAYS_ROOM (DAYS + 1)

struct expected {
    struct wall_ms now;
    const struct calendar *calendar;
    int64_t messages;
    int64_t by_day[DAYS_ROOM];
    int64_t missed_by_change;
};

static enum err count_firing(
    void *context, const struct case_state *state, const struct firing *firing)
{
    struct expected *expected = context;
    (void)state;
    if (firing->fired.status == ALERT_FIRED && firing->fired.fired_at.ms >= expected->now.ms) {
        const int32_t day = calendar_local_day(expected->calendar, firing->fired.fired_at).number -
                            calendar_local_day(expected->calendar, expected->now).number;
        expected->messages += (int64_t)firing->fired.to_count;
        if (CHECK(day >= 0 && day < DAYS_ROOM)) {
            expected->by_day[day] += (int64_t)firing->fired.to_count;
        }
    }
    return ERR_OK;
}

/* Version 1 from the beginning, the other from now; with a replan of each case at now. */
static struct expected simulate(const struct bundle *candidate, bool replan)
{
    static const struct attribute attributes[] = {
        {{"replan", 6}, {"r1", 2}}, {{"version", 7}, {"2", 1}}};
    struct policy changed_policy = candidate->policy;
    changed_policy.version = 2;
    changed_policy.since = city_instant(NOW);
    const struct policy *const policies[] = {&old_bundle->policy, &changed_policy};
    const struct rulebook rulebook = {policies, candidate == old_bundle ? 1 : 2};
    struct expected expected = {.now = city_instant(NOW), .calendar = candidate->policy.calendar};
    const struct simulation_watcher watcher = {.context = &expected, .on_firing = count_firing};
    struct simulation *simulation = simulation_create(&rulebook);
    for (size_t i = 0; i < city.event_count; i++) {
        const struct event *event = &city.events[i].event;
        if (event->arrived.ms > expected.now.ms) {
            continue;
        }
        CHECK_EQ(simulation_add(simulation, event), ERR_OK);
        if (replan && event->kind == EVENT_RECEIVED) {
            struct event own = {
                .kind = EVENT_REPLANNED,
                .kind_name = TEXT_LITERAL("replanned"),
                .source = TEXT_LITERAL(EVENT_SOURCE_OWN),
                .id = event->subject,
                .subject = event->subject,
                .time = expected.now,
                .arrived = expected.now,
                .attributes = attributes,
                .attribute_count = 2,
            };
            CHECK_EQ(simulation_add(simulation, &own), ERR_OK);
        }
    }
    simulation_watch(simulation, &watcher);
    const struct wall_ms horizon = wall_add(expected.now, DAYS * INT64_C(86400000));
    CHECK_EQ(simulation_run(simulation, horizon, NULL, NULL), ERR_OK);
    simulation_free(simulation);
    return expected;
}

static void check_totals(const struct bundle *candidate, bool replan)
{
    struct json_doc *doc = preview(candidate, replan);
    const struct json_value *root = json_root(doc);
    const struct expected before = simulate(old_bundle, false);
    const struct expected after = simulate(candidate, replan);
    CHECK_GE(number(root, "cases"), 20);
    CHECK_EQ(number(json_get(root, "messages"), "before"), before.messages);
    CHECK_EQ(number(json_get(root, "messages"), "after"), after.messages);
    int64_t days_after = 0;
    const struct json_value *days = json_get(root, "by_day");
    for (const struct json_value *day = json_first(days); day; day = json_next(day)) {
        struct civil_day date;
        CHECK_EQ(civil_parse(json_get_string(day, "date"), &date), ERR_OK);
        const int32_t at =
            date.number - calendar_local_day(after.calendar, city_instant(NOW)).number;
        CHECK_EQ(number(day, "before"), before.by_day[at]);
        CHECK_EQ(number(day, "after"), after.by_day[at]);
        days_after += number(day, "after");
    }
    CHECK_EQ(days_after, after.messages);
    json_free(doc);
}

static size_t count_items(const char *with)
{
    struct buf text;
    size_t count = 0;
    buf_init(&text, 1 << 24);
    CHECK_EQ(file_read(in_folder("items.ndjson"), &text, NULL), ERR_OK);
    for (const char *at = text.ptr; at && *at; at = strchr(at, '\n') + 1) {
        const char *end = strchr(at, '\n');
        const char *found = strstr(at, with);
        if (!CHECK(end)) {
            break;
        }
        count += found && found < end;
    }
    buf_release(&text);
    return count;
}

/* ---- facts ---- */

static void the_same_configuration_changes_nothing(void)
{
    struct json_doc *doc = preview(old_bundle, true);
    const struct json_value *root = json_root(doc);
    CHECK_GE(number(root, "runs"), 20);
    CHECK_EQ(number(root, "due_changed"), 0);
    CHECK_EQ(number(root, "missed_only_by_change"), 0);
    CHECK_EQ(
        number(json_get(root, "messages"), "before"), number(json_get(root, "messages"), "after"));
    CHECK_EQ(json_count(json_get(root, "light_changed")), 0);
    CHECK_EQ(count_items("{"), 0);
    json_free(doc);
}

static void a_shorter_limit_sends_what_the_simulation_of_it_sends(void)
{
    struct bundle *candidate =
        city_bundle(&city, changed("rules-dongyang.json", "\"5wd\"", "\"1wd\""), NULL);
    check_totals(candidate, true);
    struct json_doc *doc = totals();
    const struct json_value *root = json_root(doc);
    CHECK_GE(number(root, "due_earlier"), 10);
    CHECK_EQ(number(root, "due_later"), 0);
    CHECK_GE(number(root, "missed_only_by_change"), 1);
    CHECK_EQ(
        number(root, "missed_only_by_change"),
        (int64_t)count_items("\"missed_only_by_change\":true"));
    CHECK_EQ(
        number(json_get(root, "light_changed"), "green_red"),
        (int64_t)count_items("\"light_before\":\"green\",\"light_after\":\"red\""));
    json_free(doc);
    check_totals(candidate, false);
    bundle_free(candidate);
}

static void a_closure_moves_dues_and_messages(void)
{
    struct bundle *candidate = city_bundle(
        &city, NULL,
        changed(
            "calendar-cn.json", "\"closures\": []",
            "\"closures\": [{\"date\": \"2019-05-22\", \"reason\": \"台风\"}]"));
    check_totals(candidate, false);
    struct json_doc *doc = totals();
    CHECK_GE(number(json_root(doc), "due_later"), 10);
    CHECK_EQ(number(json_root(doc), "due_earlier"), 0);
    json_free(doc);
    bundle_free(candidate);
}

static void progress_comes_before_the_totals_and_ends_at_the_number_of_cases(void)
{
    struct json_doc *doc = preview(old_bundle, false);
    char last[128];
    const long long cases = (long long)number(json_root(doc), "cases");
    (void)snprintf(
        last, sizeof(last),
        "{\"type\":\"progress\",\"done\":%lld,\"total\":%lld}\n{\"type\":\"totals\",", cases,
        cases);
    CHECK(strncmp(out_text, "{\"type\":\"progress\",\"done\":0,", 28) == 0);
    CHECK(strstr(out_text, last) != NULL);
    json_free(doc);
}

static void it_ends_when_nobody_listens(void)
{
    struct err_why why = {0};
    write_candidate(old_bundle);
    const struct preview_job job = {
        .data_folder = folder,
        .bundle_path = in_folder("candidate.json"),
        .items_path = in_folder("items.ndjson"),
        .now = city_instant(NOW),
        .days = DAYS,
    };
    FILE *full = fopen("/dev/full", "we");
    if (CHECK(full)) {
        CHECK_EQ(preview_work(&job, full, &why), ERR_IO);
        (void)fclose(full);
    }
}

static void the_list_is_for_its_owner_alone(void)
{
    struct stat info;
    json_free(preview(old_bundle, false));
    CHECK_EQ(stat(in_folder("items.ndjson"), &info), 0);
    CHECK_EQ(info.st_mode & 0777, 0600);
}

static void sql(const char *script)
{
    struct sql_db *db = NULL;
    CHECK_EQ(sql_open(in_folder("ledger.db"), SQL_RELAXED, &db, NULL), ERR_OK);
    CHECK_EQ(sql_exec(db, script, NULL), ERR_OK);
    sql_close(db);
}

static void what_is_lacking_is_said_with_what_to_do(void)
{
    struct err_why why = {0};
    write_candidate(old_bundle);
    sql("PRAGMA user_version = 1");
    CHECK_EQ(work(false, &why), ERR_CORRUPT);
    CHECK(strstr(why.text, "start its console once"));
    sql("PRAGMA user_version = 99");
    CHECK_EQ(work(false, &why), ERR_CORRUPT);
    CHECK(strstr(why.text, "use the newer program"));
    char mend[48];
    (void)snprintf(mend, sizeof(mend), "PRAGMA user_version = %d", LEDGER_FORMAT);
    sql(mend);
    sql("UPDATE config_versions SET bundle = NULL");
    CHECK_EQ(work(false, &why), ERR_NOT_FOUND);
    CHECK(strstr(why.text, "try again in a moment"));
    sql("DELETE FROM config_versions");
    CHECK_EQ(work(false, &why), ERR_NOT_FOUND);
    CHECK(strstr(why.text, "nrt rules apply"));
    CHECK_EQ(file_write(in_folder("candidate.json"), TEXT_LITERAL("{"), 0600, NULL), ERR_OK);
}

int main(int argc, char **argv)
{
    const char *tmp = getenv("TMPDIR");
    check_filter(argc > 1 ? argv[1] : NULL);
    (void)snprintf(folder, sizeof(folder), "%s/preview-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(folder)) {
        return 2;
    }
    city_load(&city);
    old_bundle = city_bundle(&city, NULL, NULL);
    make_folder();
    CHECK_RUN(the_same_configuration_changes_nothing);
    CHECK_RUN(a_shorter_limit_sends_what_the_simulation_of_it_sends);
    CHECK_RUN(a_closure_moves_dues_and_messages);
    CHECK_RUN(progress_comes_before_the_totals_and_ends_at_the_number_of_cases);
    CHECK_RUN(it_ends_when_nobody_listens);
    CHECK_RUN(the_list_is_for_its_owner_alone);
    CHECK_RUN(what_is_lacking_is_said_with_what_to_do); /* the last: it spoils the ledger */
    bundle_free(old_bundle);
    static const char *const names[] = {
        "ledger.db",    "ledger.db-wal",       "ledger.db-shm",    "seal.key", "candidate.json",
        "items.ndjson", "rules-dongyang.json", "calendar-cn.json", "out"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(in_folder(names[i]));
    }
    (void)rmdir(folder);
    city_release(&city);
    return check_done();
}
