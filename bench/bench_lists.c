/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How fast the lists are with a million cases: each filter alone in each order, some together, a
 * unit's own view, and search for one, two and more characters; page and total as the API asks for
 * them, from a connection that only reads. Prints p50 and p99 in ms of each line.
 * Usage: bench_lists FILE [cases, default 1000000]. The file is filled when it is new, and stays.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/must.h"
#include "base/prng.h"
#include "console/actor.h"
#include "console/ledger_read.h"
#include "console/ledger_reader.h"

#define CASES_PER_ENTRY 64
#define ENTRIES         32
#define UNITS           60
#define MATTERS         300
#define HANDLERS        900
#define ROUNDS          25
#define NOW_MS          INT64_C(1771000000000)
#define DAY_MS          INT64_C(86400000)
#define ENTRY_BYTES     ((size_t)4 * 1024 * 1024)

/* ---- filling ---- */

static const char *const places[] = {"吴宁", "南马", "湖溪", "歌山", "佐村",
                                     "画水", "横店", "巍山", "虎鹿", "千祥"};
static const char *const topics[] = {
    "取水许可", "建设用地规划", "企业投资备案", "道路运输经营", "特种设备登记", "食品经营许可",
    "消防验收", "医疗机构执业", "环境影响评价", "林木采伐",     "河道采砂",     "施工许可",
    "户外广告", "占道挖掘",     "排污许可",     "噪音扰民",     "垃圾清运",     "供水管网",
    "公交线路", "老旧小区改造", "养老服务",     "学区划分",     "欠薪投诉",     "违章建筑"};
static const char *const frames[] = {
    "关于%s%s事项的函", "%s居民反映%s问题的办理件", "关于%s%s征求意见的通知",
    "人大代表关于%s%s的建议"};

/* Two rare characters, as names of people and companies have them. */
static void add_rare(struct buf *facts, struct prng *prng)
{
    for (int index = 0; index < 2; index++) {
        const uint32_t code = 0x4E00 + (uint32_t)prng_below(prng, 6000);
        buf_char(facts, (char)(0xE0 | code >> 12));
        buf_char(facts, (char)(0x80 | (code >> 6 & 0x3F)));
        buf_char(facts, (char)(0x80 | (code & 0x3F)));
    }
}

static void add_title(struct buf *facts, struct prng *prng)
{
    const char *place = places[prng_below(prng, sizeof(places) / sizeof(places[0]))];
    const char *topic = topics[prng_below(prng, sizeof(topics) / sizeof(topics[0]))];
    const char *frame = frames[prng_below(prng, sizeof(frames) / sizeof(frames[0]))];
    const char *const words[] = {place, topic};
    int word = 0;
    for (; *frame; frame++) {
        if (*frame == '%') {
            buf_string(facts, words[word++]);
            frame++;
        } else {
            buf_char(facts, *frame);
        }
    }
    add_rare(facts, prng);
}

struct kind {
    int per_thousand;
    const char *state;
    const char *light;
    const char *outcome;
    bool stopped;
};
static const struct kind kinds[] = {
    {850, "completed", "green", "met", true},    {60, "completed", "green", "missed", true},
    {40, "open", "green", "running", false},     {12, "open", "yellow", "running", false},
    {25, "open", "red", "missed", false},        {8, "suspended", "green", "paused", false},
    {5, "withdrawn", "green", "cancelled", true}};

static const struct kind *draw_kind(struct prng *prng)
{
    int left = (int)prng_below(prng, 1000);
    const struct kind *kind = kinds;
    while (left >= kind->per_thousand) {
        left -= kind->per_thousand;
        kind++;
    }
    return kind;
}

/* Some units have many cases, most have few. */
static int draw_unit(struct prng *prng)
{
    const int draw = (int)prng_below(prng, UNITS * UNITS);
    int unit = 0;
    while ((unit + 1) * (unit + 1) <= draw) {
        unit++;
    }
    return unit;
}

static void add_alert(struct buf *facts, int64_t number, int64_t due, struct prng *prng)
{
    static const char *const states[] = {"accepted", "held", "dead"};
    const char *state = states[prng_below(prng, 3)];
    buf_format(
        facts,
        ",{\"k\":\"alert\",\"id\":\"a%" PRId64 "\",\"case\":\"DY-%07" PRId64
        "\",\"clock\":\"reply\",\"run\":1,\"stage\":\"overdue\",\"title\":\"超期\",\"instant\":"
        "%" PRId64 ",\"fired_at\":%" PRId64 ",\"status\":\"fired\",\"light\":\"red\",\"late\":"
        "false,\"to\":[\"p1\"],\"via\":[\"sms\"],\"template\":\"t\",\"ordinal\":1,\"fault\":false}",
        number, number, due, due);
    buf_format(
        facts,
        ",{\"k\":\"message\",\"id\":\"m%" PRId64 "\",\"alert\":\"a%" PRId64 "\",\"case\":"
        "\"DY-%07" PRId64 "\",\"clock\":\"reply\",\"stage\":\"overdue\",\"person\":\"p%d\","
        "\"channel\":\"sms\",\"state\":\"%s\",\"at\":%" PRId64 ",\"attempts\":1,\"reason\":\"\","
        "\"text\":\"超期提醒\",\"gateway_id\":\"\"}",
        number, number, number, (int)prng_below(prng, 500), state, due);
}

static void add_case(struct buf *facts, int64_t number, struct prng *prng)
{
    const struct kind *kind = draw_kind(prng);
    const int unit = draw_unit(prng);
    const int64_t created = NOW_MS - (int64_t)prng_below(prng, 1800) * DAY_MS - number % 1000;
    const bool open = !kind->stopped;
    const int64_t late = (int64_t)prng_below(prng, 90) * DAY_MS;
    const bool missed = strcmp(kind->outcome, "missed") == 0;
    const int64_t due = open ? (missed ? NOW_MS - late : NOW_MS + late) : created + 7 * DAY_MS;
    char stopped[24] = "null";
    if (kind->stopped) {
        (void)snprintf(stopped, sizeof(stopped), "%" PRId64, due + (missed ? 3 * DAY_MS : -DAY_MS));
    }
    buf_format(
        facts, "%s{\"k\":\"case\",\"id\":\"DY-%07" PRId64 "\",\"title\":\"",
        facts->bytes > 1 ? "," : "", number);
    add_title(facts, prng);
    buf_format(
        facts,
        "\",\"matter\":\"m%d\",\"unit\":\"d%02d\",\"handler\":\"h%d\",\"from_unit\":\"d%02d\","
        "\"number\":\"东督〔%d〕%" PRId64 "号\",\"labels\":{\"source\":\"s%d\"},\"state\":\"%s\","
        "\"light\":\"%s\",\"created\":%" PRId64 ",\"updated\":%" PRId64 ",\"fault\":false,\"runs\":"
        "[{\"clock\":\"reply\",\"run\":1,\"family\":\"reply\",\"title\":\"回复\",\"start\":%" PRId64
        ",\"due\":%" PRId64 ",\"provisional\":false,\"outcome\":\"%s\",\"stopped\":%s,\"light\":"
        "\"%s\",\"unit\":\"d%02d\",\"handler\":\"h\",\"rules\":1,\"waived\":false,\"appeal\":"
        "\"none\",\"rule_change\":false,\"waiting_for\":[]}]}",
        (int)prng_below(prng, MATTERS), unit, (int)prng_below(prng, HANDLERS), draw_unit(prng),
        2020 + (int)(number % 6), number % 4000, (int)prng_below(prng, 8), kind->state, kind->light,
        created, created + (int64_t)prng_below(prng, 20) * DAY_MS, created, due, kind->outcome,
        stopped, kind->light, unit);
    if (missed && open) {
        add_alert(facts, number, due, prng);
    }
}

static void fill(const char *path, int64_t cases)
{
    static struct buf facts[ENTRIES];
    static char positions[ENTRIES][32];
    struct journal_entry entries[ENTRIES];
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    struct prng prng;
    const struct mono_ms since = clock_mono();
    MUST(ledger_open(path, &ledger, &why) == ERR_OK);
    prng_seed(&prng, 1);
    for (size_t index = 0; index < ENTRIES; index++) {
        buf_init(&facts[index], ENTRY_BYTES);
    }
    int64_t place = 0;
    for (int64_t number = 0; number < cases;) {
        size_t count = 0;
        for (; count < ENTRIES && number < cases; count++) {
            buf_clear(&facts[count]);
            buf_char(&facts[count], '[');
            for (int step = 0; step < CASES_PER_ENTRY && number < cases; step++) {
                add_case(&facts[count], number++, &prng);
            }
            buf_char(&facts[count], ']');
            (void)snprintf(positions[count], sizeof(positions[0]), "%" PRId64 "-0", ++place);
            entries[count] = (struct journal_entry){
                .partition = 0,
                .position = text_of(positions[count]),
                .facts = buf_view(&facts[count])};
        }
        MUST(ledger_apply(ledger, entries, count, &why) == ERR_OK);
    }
    for (size_t index = 0; index < ENTRIES; index++) {
        buf_release(&facts[index]);
    }
    ledger_close(ledger);
    printf(
        "filled with %" PRId64 " cases in %.0f s\n", cases,
        (double)(clock_mono().ms - since.ms) / 1000);
}

/* ---- measuring ---- */

static bool take_case(void *context, const struct ledger_case *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static bool take_overdue(void *context, const struct ledger_overdue_row *row)
{
    (void)row;
    ++*(int64_t *)context;
    return true;
}

static int by_value(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;
    return (left > right) - (left < right);
}

struct line {
    const char *name;
    double ms[ROUNDS];
    int64_t rows;
    int64_t total;
    bool more;
};

static double worst_p99;

static void print_line(struct line *line)
{
    qsort(line->ms, ROUNDS, sizeof(line->ms[0]), by_value);
    const double p99 = line->ms[ROUNDS - 1];
    worst_p99 = p99 > worst_p99 ? p99 : worst_p99;
    printf(
        "%-44s %8.1f %8.1f   %5" PRId64 " rows of %" PRId64 "%s\n", line->name,
        line->ms[ROUNDS / 2], p99, line->rows, line->total, line->more ? "+" : "");
}

/* Page and total of the list of cases, a filter's value drawn anew each round. */
typedef void draw_case_fn(struct case_query *query, struct prng *prng);

static void measure_cases(
    struct ledger *ledger, const char *name, struct case_query query, draw_case_fn *draw)
{
    struct line line = {.name = name};
    struct prng prng;
    prng_seed(&prng, 7);
    query.limit = 50;
    for (int round = 0; round < ROUNDS; round++) {
        struct ledger_total total = {0};
        struct list_end end;
        int64_t rows = 0;
        if (draw) {
            draw(&query, &prng);
        }
        const int64_t since = clock_mono_ns();
        query.ret_total = &total;
        MUST(ledger_cases(ledger, &query, take_case, &rows, &end) == ERR_OK);
        line.ms[round] = (double)(clock_mono_ns() - since) / 1e6;
        line.rows = rows;
        line.total = total.count;
        line.more = total.more;
    }
    print_line(&line);
}

static char value[64];

static void draw_unit_value(struct case_query *query, struct prng *prng)
{
    (void)snprintf(value, sizeof(value), "d%02d", draw_unit(prng));
    query->unit = text_of(value);
}
static void draw_matter(struct case_query *query, struct prng *prng)
{
    (void)snprintf(value, sizeof(value), "m%d", (int)prng_below(prng, MATTERS));
    query->matter = text_of(value);
}
static void draw_handler(struct case_query *query, struct prng *prng)
{
    (void)snprintf(value, sizeof(value), "h%d", (int)prng_below(prng, HANDLERS));
    query->handler = text_of(value);
}
static void draw_status(struct case_query *query, struct prng *prng)
{
    static const char *const words[] = {"not_due", "near",     "overdue",
                                        "met",     "met_late", "suspended"};
    query->status = text_of(words[prng_below(prng, 6)]);
}
static void draw_label(struct case_query *query, struct prng *prng)
{
    (void)snprintf(value, sizeof(value), "source=s%d", (int)prng_below(prng, 8));
    query->label = text_of(value);
}
static void draw_month(struct case_query *query, struct prng *prng)
{
    query->from = NOW_MS - (int64_t)(1 + prng_below(prng, 59)) * 30 * DAY_MS;
    query->until = query->from + 30 * DAY_MS;
}

static void measure_all_cases(struct ledger *ledger)
{
    static const struct {
        const char *name;
        draw_case_fn *draw;
    } filters[] = {
        {"all", NULL},
        {"unit", draw_unit_value},
        {"matter", draw_matter},
        {"handler", draw_handler},
        {"status", draw_status},
        {"label", draw_label},
        {"received in a month", draw_month}};
    static const char *const sorts[CASE_SORT_COUNT] = {"updated", "created", "due", "id"};
    for (size_t at = 0; at < sizeof(filters) / sizeof(filters[0]); at++) {
        for (int sort = 0; sort < CASE_SORT_COUNT; sort++) {
            char name[96];
            const struct case_query query = {
                .sort = (enum case_sort)sort, .descending = sort != SORT_DUE};
            (void)snprintf(name, sizeof(name), "cases, %s, by %s", filters[at].name, sorts[sort]);
            measure_cases(ledger, name, query, filters[at].draw);
        }
    }
    const struct case_query unit_overdue = {
        .unit = TEXT_LITERAL("d40"), .status = TEXT_LITERAL("overdue"), .sort = SORT_DUE};
    measure_cases(ledger, "cases, a unit's overdue, by due", unit_overdue, NULL);
    const struct case_query unit_matter = {
        .unit = TEXT_LITERAL("d59"), .sort = SORT_CREATED, .descending = true};
    measure_cases(ledger, "cases, unit and matter, by created", unit_matter, draw_matter);
    const struct case_query dense = {
        .unit = TEXT_LITERAL("d59"), .status = TEXT_LITERAL("met"), .sort = SORT_DUE};
    measure_cases(ledger, "cases, a large unit's met, label, by due", dense, draw_label);
    const struct scope unit = {.units = TEXT_LITERAL("[\"d03\"]")};
    const struct scope area = {.units = TEXT_LITERAL("[\"d50\",\"d51\",\"d52\",\"d53\",\"d54\"]")};
    const struct case_query own = {.scope = &unit, .descending = true};
    measure_cases(ledger, "cases, seen by a small unit", own, NULL);
    const struct case_query of_area = {.scope = &area, .descending = true};
    measure_cases(ledger, "cases, seen by an area, status", of_area, draw_status);
}

static void measure_search(struct ledger *ledger)
{
    static const char *const words[] = {
        "关",       "水",      "丂",       "关于",         "水许",
        "函关",     "丂丄",    "取水许可", "横店消防验收", "关于画水施工许可事项的函",
        "于反水函", "DY-0123", "0123456",  "〔2023〕77号", "代表 养老"};
    const struct scope unit = {.units = TEXT_LITERAL("[\"d03\"]")};
    for (size_t index = 0; index < sizeof(words) / sizeof(words[0]); index++) {
        char name[96];
        const struct case_query query = {
            .q = text_of(words[index]), .sort = SORT_CREATED, .descending = true};
        (void)snprintf(name, sizeof(name), "search, %s", words[index]);
        measure_cases(ledger, name, query, NULL);
    }
    const struct case_query own = {.q = TEXT_LITERAL("水"), .scope = &unit, .sort = SORT_CREATED};
    measure_cases(ledger, "search, 水, seen by a small unit", own, NULL);
    const struct case_query filtered = {
        .q = TEXT_LITERAL("关于"), .unit = TEXT_LITERAL("d40"), .sort = SORT_DUE};
    measure_cases(ledger, "search, 关于, unit and status", filtered, draw_status);
}

static void measure_overdue(
    struct ledger *ledger, const char *name, struct overdue_query query, bool draws_unit)
{
    struct line line = {.name = name};
    struct prng prng;
    prng_seed(&prng, 9);
    query.limit = 50;
    for (int round = 0; round < ROUNDS; round++) {
        struct ledger_total total = {0};
        struct list_end end;
        int64_t rows = 0;
        if (draws_unit) {
            (void)snprintf(value, sizeof(value), "d%02d", draw_unit(&prng));
            query.unit = text_of(value);
        }
        const int64_t since = clock_mono_ns();
        MUST(ledger_overdue_total(ledger, &query, &total) == ERR_OK);
        MUST(ledger_overdue(ledger, &query, take_overdue, &rows, &end) == ERR_OK);
        line.ms[round] = (double)(clock_mono_ns() - since) / 1e6;
        line.rows = rows;
        line.total = total.count;
    }
    print_line(&line);
}

static void measure_all_overdue(struct ledger *ledger)
{
    static const char *const sorts[OVERDUE_SORT_COUNT] = {"due", "unit", "matter", "case", "urged"};
    const struct scope unit = {.units = TEXT_LITERAL("[\"d03\"]")};
    const struct scope area = {.units = TEXT_LITERAL("[\"d50\",\"d51\",\"d52\",\"d53\",\"d54\"]")};
    for (int sort = 0; sort < OVERDUE_SORT_COUNT; sort++) {
        const enum overdue_sort order = (enum overdue_sort)sort;
        const struct {
            const char *name;
            struct overdue_query query;
            bool draws_unit;
        } lists[] = {
            {"all", {.sort = order}, false},
            {"unit", {.sort = order}, true},
            {"matter", {.sort = order, .matter = TEXT_LITERAL("m7")}, false},
            {"handler", {.sort = order, .handler = TEXT_LITERAL("h7")}, false},
            {"clock", {.sort = order, .clock = TEXT_LITERAL("reply")}, false},
            {"stage", {.sort = order, .stage = TEXT_LITERAL("overdue")}, false},
            {"alert failed", {.sort = order, .alert_state = TEXT_LITERAL("failed")}, false},
            {"days late",
             {.sort = order, .due_from = NOW_MS - 60 * DAY_MS, .due_until = NOW_MS - 30 * DAY_MS},
             false},
            {"two characters", {.sort = order, .q = TEXT_LITERAL("取水")}, false},
            {"one character", {.sort = order, .q = TEXT_LITERAL("关")}, false},
            {"seen by a small unit", {.sort = order, .scope = &unit}, false},
            {"seen by an area", {.sort = order, .scope = &area}, false},
        };
        for (size_t at = 0; at < sizeof(lists) / sizeof(lists[0]); at++) {
            char name[96];
            (void)snprintf(name, sizeof(name), "overdue, %s, by %s", lists[at].name, sorts[sort]);
            measure_overdue(ledger, name, lists[at].query, lists[at].draws_unit);
        }
    }
}

int main(int argc, char **argv)
{
    struct ledger *ledger = NULL;
    struct err_why why = {0};
    const int64_t cases = argc > 2 ? strtoll(argv[2], NULL, 10) : 1000000;
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_lists FILE [CASES]\n");
        return 2;
    }
    if (access(argv[1], F_OK) != 0) {
        fill(argv[1], cases);
    }
    if (ledger_open_reader(argv[1], &ledger, &why)) {
        (void)fprintf(stderr, "bench_lists: %s\n", why.text);
        return 1;
    }
    printf("%-44s %8s %8s\n", "ms", "p50", "p99");
    measure_all_overdue(ledger);
    measure_all_cases(ledger);
    measure_search(ledger);
    printf("the slowest p99: %.1f ms\n", worst_p99);
    ledger_close(ledger);
    return 0;
}
