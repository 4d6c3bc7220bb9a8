/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Linting as the service does it: the same findings from the files and from the bundle that was
 * applied (whose texts are compact, so that only the paths are the same). What each finding is
 * about is told by tests/data/check.
 */
#include <string.h>

#include "config/bundle_make.h"
#include "config/lint.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static const uint8_t key[SEAL_KEY_BYTES] = {7};
static struct settings settings;

static const char rules[] =
    "{\"id\": \"a\", \"version\": \"1\", \"clocks\": [\n"
    "  {\"id\": \"c\", \"limit\": \"5wd\", \"stages\": [\n"
    "    {\"id\": \"red\", \"at\": \"3d\", \"light\": \"red\", \"notify\": [\"leader\"]}]}]}";

static const char directory[] =
    "{\"units\": [{\"id\": \"t\", \"name\": \"T\", \"head\": \"p\"},\n"
    " {\"id\": \"u\", \"name\": \"U\", \"parent\": \"t\", \"head\": \"p\"}],\n"
    " \"people\": [{\"id\": \"p\", \"name\": \"P\", \"mobile\": \"19900000001\"}]}";

static struct bundle *make_bundle(struct report *report)
{
    static struct source sources[2];
    struct source templates[16];
    sources[0] = config_source("rules/a.json", rules);
    sources[1] = bundle_shipped("calendars/cn.json");
    const struct bundle_input input = {
        .calendars = &sources[1],
        .calendar_count = 1,
        .directory = config_source("directory.json", directory),
        .rules = sources,
        .rule_count = 1,
        .templates = templates,
        .template_count = bundle_shipped_all("templates/", templates, 16),
        .settings = &settings,
        .backfill_ms = BUNDLE_BACKFILL_MS,
    };
    return bundle_make(&input, report);
}

static void lint_lines(const struct bundle *bundle, struct civil_day today, struct buf *lines)
{
    struct report report;
    report_init(&report);
    buf_init(lines, 65536);
    bundle_lint(bundle, &settings, today, &report);
    report_print(&report, lines);
    report_release(&report);
}

static const struct civil_date march = {2026, 3, 2};
static const struct civil_date october = {2026, 10, 1};

static void check_same(const struct report *a, const struct report *b)
{
    CHECK_EQ(a->count, b->count);
    for (size_t i = 0; i < a->count && i < b->count; i++) {
        CHECK_STR(a->findings[i].code, b->findings[i].code);
        CHECK_STR(a->findings[i].path, b->findings[i].path);
        CHECK_STR(a->findings[i].message, b->findings[i].message);
    }
}

static void a_bundle_says_the_same_before_and_after_it_is_applied(void)
{
    struct report report;
    struct report before;
    struct report after;
    struct buf json;
    report_init(&report);
    report_init(&before);
    report_init(&after);
    buf_init(&json, (size_t)4 << 20);
    struct bundle *bundle = make_bundle(&report);
    CHECK(bundle && bundle_to_json(bundle, key, &json) == ERR_OK);
    struct bundle *applied = bundle_from_json(buf_view(&json), key, &report);
    if (CHECK(applied)) {
        bundle_lint(bundle, &settings, civil_day_of(march), &before);
        bundle_lint(applied, &settings, civil_day_of(march), &after);
        CHECK_EQ(before.count, 2);
        check_same(&before, &after);
    }
    bundle_free(applied);
    bundle_free(bundle);
    buf_release(&json);
    report_release(&before);
    report_release(&after);
    report_release(&report);
}

static void what_is_said_depends_on_the_day(void)
{
    struct report report;
    struct buf early;
    struct buf late;
    report_init(&report);
    struct bundle *bundle = make_bundle(&report);
    if (CHECK(bundle)) {
        lint_lines(bundle, civil_day_of(march), &early);
        lint_lines(bundle, civil_day_of(october), &late);
        CHECK(strstr(early.ptr, "rules/a.json:3:25: warning: clocks[0].stages[0].at: red would"));
        CHECK(strstr(early.ptr, "rules/a.json:3:58: warning: clocks[0].stages[0].notify[0]: lea"));
        CHECK(!strstr(early.ptr, "official_years"));
        CHECK(strstr(late.ptr, "official_years: end with 2026"));
        buf_release(&early);
        buf_release(&late);
    }
    bundle_free(bundle);
    report_release(&report);
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    settings_defaults(&settings);
    CHECK_RUN(a_bundle_says_the_same_before_and_after_it_is_applied);
    CHECK_RUN(what_is_said_depends_on_the_day);
    return check_done();
}
