/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a change of the configuration is told as. Each test changes one thing in the text of a
 * file and reads the lines; the words are those that people see.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/must.h"
#include "config/bundle_make.h"
#include "config/diff_parts.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

static const char rules_text[] =
    "{\"id\":\"city\",\"title\":\"市里\",\"version\":\"1\",\"clocks\":["
    "{\"id\":\"reply\",\"family\":\"answer\",\"match\":{\"labels.kind\":\"letter\"},"
    "\"start\":\"received\",\"stop\":[\"answered\"],\"limit\":\"5wd\",\"stages\":["
    "{\"id\":\"warn\",\"at\":\"due-1wd\",\"light\":\"yellow\",\"notify\":[\"handler\"]},"
    "{\"id\":\"red\",\"at\":\"due+0\",\"light\":\"red\",\"notify\":[\"unit_head\"]}]},"
    "{\"id\":\"accept\",\"limit\":\"4wh\",\"stages\":["
    "{\"id\":\"late\",\"at\":\"due+0\",\"light\":\"red\",\"notify\":[\"handler\"]}]}],"
    "\"accountability\":[{\"id\":\"three\",\"families\":[\"answer\"],\"misses\":3,"
    "\"window\":\"365d\",\"notify\":[\"oversight\"]}],"
    "\"figures\":{\"on_time\":[\"answer\"]}}";

static const char calendar_text[] =
    "{\"id\":\"cn\",\"official_years\":[2026],\"holidays\":[\"2026-01-01\",\"2026-10-01\"],"
    "\"workdays\":[\"2026-10-10\"],\"closures\":[]}";

static const char directory_text[] =
    "{\"note\":\"n\",\"units\":[{\"id\":\"d03\",\"name\":\"三局\",\"head\":\"a\",\"handlers\":["
    "\"b\"]},"
    "{\"id\":\"ov\",\"name\":\"督查室\",\"head\":\"b\",\"oversight\":true}],"
    "\"people\":[{\"id\":\"a\",\"name\":\"甲\",\"unit\":\"d03\",\"mobile\":\"19900000001\"},"
    "{\"id\":\"b\",\"name\":\"乙\",\"unit\":\"ov\",\"dingtalk\":\"dt-b\"}]}";

static const char matters_text[] =
    "{\"matters\":[{\"id\":\"m1\",\"title\":\"用地\",\"unit\":\"d03\"}]}";

static const char template_text[] =
    "{\"id\":\"warn\",\"texts\":{\"zh\":{\"sms\":\"{sign}{unit}：{title}"
    "将到期\",\"markdown\":\"{unit}\"}}}";

enum file { RULES, CALENDAR, DIRECTORY, MATTERS, TEMPLATE, FILE_COUNT };

static const char *const originals[FILE_COUNT] = {
    rules_text, calendar_text, directory_text, matters_text, template_text};

static struct bundle *make_set(const char *const *files)
{
    struct report report;
    const struct source rules = config_source("rules/city.json", files[RULES]);
    const struct source calendar = config_source("calendars/cn.json", files[CALENDAR]);
    const struct source template = config_source("templates/warn.json", files[TEMPLATE]);
    const struct bundle_input input = {
        .calendars = &calendar,
        .calendar_count = 1,
        .directory = config_source("directory.json", files[DIRECTORY]),
        .matters = config_source("matters.json", files[MATTERS]),
        .rules = &rules,
        .rule_count = 1,
        .templates = &template,
        .template_count = 1,
        .own_template_count = 1,
        .backfill_ms = BUNDLE_BACKFILL_MS,
    };
    report_init(&report);
    struct bundle *bundle = bundle_make(&input, &report);
    if (!bundle) {
        struct buf lines;
        buf_init(&lines, (size_t)1 << 20);
        report_print(&report, &lines);
        (void)fprintf(stderr, "%s", lines.ptr ? lines.ptr : "");
        buf_release(&lines);
    }
    report_release(&report);
    MUST(bundle);
    bundle_set_digest(bundle);
    return bundle;
}

/* The text with the first `old` in it replaced; free() it. */
static char *replaced(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    MUST(at);
    const size_t bytes = strlen(text) + strlen(new) + 1;
    char *made = malloc(bytes);
    MUST(made);
    (void)snprintf(made, bytes, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return made;
}

/* The lines for one replacement in one file; free() them. */
static char *lines_in(
    enum file file, const char *old, const char *new, enum explain_language language)
{
    const char *files[FILE_COUNT];
    memcpy(files, originals, sizeof files);
    char *changed = replaced(originals[file], old, new);
    files[file] = changed;
    struct bundle *from = make_set(originals);
    struct bundle *to = make_set(files);
    struct buf lines;
    buf_init(&lines, (size_t)1 << 20);
    CHECK(bundle_diff_lines(from, to, language, &lines) == ERR_OK);
    bundle_free(from);
    bundle_free(to);
    free(changed);
    char *taken = buf_take(&lines, NULL);
    return taken ? taken : strdup("");
}

static void told(enum file file, const char *old, const char *new, const char *expected)
{
    char *lines = lines_in(file, old, new, EXPLAIN_ENGLISH);
    check_note("%s -> %s", old, new);
    CHECK_STR(lines, expected);
    free(lines);
}

static void told_zh(enum file file, const char *old, const char *new, const char *expected)
{
    char *lines = lines_in(file, old, new, EXPLAIN_CHINESE);
    CHECK_STR(lines, expected);
    free(lines);
}

/* ---- rules ---- */

static void equal_bundles_have_no_difference(void)
{
    struct bundle *one = make_set(originals);
    struct bundle *other = make_set(originals);
    struct buf array;
    buf_init(&array, 1024);
    CHECK(bundle_diff(one, other, &array) == ERR_OK);
    CHECK_STR(array.ptr, "[]");
    buf_release(&array);
    bundle_free(one);
    bundle_free(other);
}

static void a_limit_is_told_before_and_after(void)
{
    told(RULES, "\"5wd\"", "\"3wd\"", "limit of clock reply: 5wd -> 3wd\n");
    told_zh(RULES, "\"5wd\"", "\"3wd\"", "时限 reply 的期限：5 个工作日 → 3 个工作日\n");
    told(
        RULES, "\"limit\":\"4wh\",\"stages\":[{\"id\":\"late\",\"at\":\"due+0\"",
        "\"limit\":{\"from\":\"due\"},\"stages\":[{\"id\":\"late\",\"at\":\"due+1d@24:00\"",
        "limit of clock accept: 4wh -> given by the case (due)\n"
        "time of stage late of clock accept: due+0 -> due+1d@24:00\n");
}

static void the_json_says_what_changed_from_what_to_what(void)
{
    const char *files[FILE_COUNT];
    memcpy(files, originals, sizeof files);
    char *changed = replaced(rules_text, "\"5wd\"", "\"3wd\"");
    files[RULES] = changed;
    struct bundle *from = make_set(originals);
    struct bundle *to = make_set(files);
    struct buf array;
    buf_init(&array, 4096);
    CHECK(bundle_diff(from, to, &array) == ERR_OK);
    CHECK_STR(
        array.ptr,
        "[{\"what\":\"clock\",\"id\":\"reply\",\"key\":\"limit\",\"change\":\"changed\","
        "\"from\":\"5wd\",\"to\":\"3wd\",\"text\":{\"zh\":\"时限 reply 的期限：5 个工作日 → 3 "
        "个工作日\",\"en\":\"limit of clock reply: 5wd -> 3wd\"}}]");
    buf_release(&array);
    bundle_free(from);
    bundle_free(to);
    free(changed);
}

static void clocks_come_and_go(void)
{
    const char *accept =
        "{\"id\":\"accept\",\"limit\":\"4wh\",\"stages\":["
        "{\"id\":\"late\",\"at\":\"due+0\",\"light\":\"red\",\"notify\":[\"handler\"]}]}";
    char both[1024];
    (void)snprintf(
        both, sizeof both,
        "%s,{\"id\":\"visit\",\"match\":{\"matter\":\"m1*\"},\"limit\":\"2d\",\"stages\":["
        "{\"id\":\"w\",\"at\":\"50%%\",\"light\":\"yellow\",\"notify\":[\"handler\"]}]}",
        accept);
    told(
        RULES, accept, both,
        "clock visit added (limit 2d; for matter is what begins with m1; stages w)\n");
    told_zh(
        RULES, accept, both, "新增时限 visit（期限 2 天；适用于 matter 为 以 m1 开头；提醒 w）\n");
    const char *gone = ",{\"id\":\"accept\"";
    char *tail = strstr(rules_text, gone);
    char piece[512];
    (void)snprintf(piece, sizeof piece, ",%s", accept);
    CHECK(tail != NULL);
    told(RULES, piece, "", "clock accept removed (limit 4wh; for every case; stages late)\n");
}

static void keys_of_a_clock_are_told_one_by_one(void)
{
    static const char at[] = "\"limit\":\"4wh\"";
    static const struct {
        const char *added;
        const char *line;
    } keys[] = {
        {"\"title\":\"受理\"", "title of clock accept: none -> \"受理\"\n"},
        {"\"stop\":\"case.accepted\"", "stop of clock accept: answered, completed -> accepted\n"},
        {"\"start\":[\"received\",\"assigned\"]",
         "start of clock accept: received -> received, assigned\n"},
        {"\"statutory_limit\":\"2wd\"", "statutory limit of clock accept: none -> 2wd\n"},
        {"\"roll\":\"none\"", "roll of clock accept: next_working_day -> none\n"},
        {"\"late_arrival\":\"next_working_day\"",
         "late arrival of clock accept: same_day -> next_working_day\n"},
        {"\"pause\":false", "pause of clock accept: yes -> no\n"},
        {"\"pause_max\":\"10wd\"", "longest pause of clock accept: none -> 10wd\n"},
        {"\"on_transfer\":\"restart\"", "on transfer of clock accept: continue -> restart\n"},
        {"\"on_reopen\":\"continue\"", "on reopening of clock accept: restart -> continue\n"},
        {"\"extensions_max\":2", "number of extensions of clock accept: 1 -> 2\n"},
        {"\"note\":\"x\"", "note of clock accept: none -> \"x\"\n"},
    };
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char new[256];
        (void)snprintf(new, sizeof new, "%s,%s", at, keys[i].added);
        told(RULES, at, new, keys[i].line);
    }
}

static void newer_keys_of_a_clock_are_told_too(void)
{
    static const char at[] = "\"limit\":\"4wh\"";
    told(
        RULES, at, "\"limit\":\"4wh\",\"again\":true", "starts again of clock accept: no -> yes\n");
    told(
        RULES, at, "\"limit\":\"4wh\",\"per\":\"co_unit\"",
        "one for each of clock accept: none -> co_unit\n");
    told(
        RULES, at, "\"limit\":\"4wh\",\"pause_reasons\":[\"听证\",\"鉴定\"]",
        "reasons to pause of clock accept: none -> 听证, 鉴定\n");
    told(
        RULES, at, "\"recur\":{\"days\":[\"FRI\"],\"at\":\"17:00\"}",
        "limit of clock accept: 4wh -> none\n"
        "recurrence of clock accept: none -> every FRI at 17:00\n");
    told_zh(
        RULES, at, "\"recur\":{\"days\":[\"FRI\"],\"at\":\"17:00\"}",
        "时限 accept 的期限：4 个工作小时 → 无\n时限 accept 的定期：无 → 每周五 17:00\n");
    told(
        RULES, "\"version\":\"1\"", "\"version\":\"1\",\"waive_reasons\":[\"不可抗力\"]",
        "reasons to waive of rule set city: none -> 不可抗力\n");
}

static void acts_are_told(void)
{
    static const char at[] = "\"version\":\"1\"";
    told(
        RULES, at, "\"version\":\"1\",\"acts\":{\"urged\":{\"template\":\"warn\"}}",
        "sending of urged added: {\"template\":\"warn\"}\n");
    told_zh(
        RULES, at, "\"version\":\"1\",\"acts\":{\"supervised\":{\"copy_to\":[\"leader\"]}}",
        "新增督办的发送：{\"copy_to\":[\"leader\"]}\n");
}

static void a_match_is_told_in_words(void)
{
    static const char old[] = "{\"labels.kind\":\"letter\"}";
    told(RULES, old, "{}", "match of clock reply: labels.kind is letter -> every case\n");
    told(
        RULES, old, "{\"labels.kind\":[\"letter\",\"call *\"],\"matter\":\"m1*\"}",
        "match of clock reply: labels.kind is letter -> labels.kind is letter or what begins "
        "with \"call \", and matter is what begins with m1\n");
    told(
        RULES, old,
        "{\"any\":[{\"unit\":\"d03\"},{\"not\":{\"labels.n\":7}}],\"labels.kind\":\"letter\"}",
        "match of clock reply: labels.kind is letter -> (unit is d03; or not (labels.n is 7)), "
        "and labels.kind is letter\n");
    told_zh(
        RULES, old, "{\"labels.kind\":[\"letter\",\"call\"],\"unit\":\"d03\"}",
        "时限 reply 的适用条件：labels.kind 为 letter → labels.kind 为 letter 或 call，且 unit "
        "为 d03\n");
}

static void stages_are_told_by_clock(void)
{
    static const char warn[] =
        "{\"id\":\"warn\",\"at\":\"due-1wd\",\"light\":\"yellow\",\"notify\":[\"handler\"]}";
    told(
        RULES, "\"due-1wd\"", "\"due-2wd\"",
        "time of stage warn of clock reply: due-1wd -> due-2wd\n");
    told_zh(
        RULES, "\"due-1wd\"", "\"80%\"",
        "时限 reply 的提醒 warn 的时刻：到期前 1 个工作日 → 期限的 80%\n");
    told(
        RULES, "[\"unit_head\"]", "[\"unit_head\",\"up:1\"]",
        "people told of stage red of clock reply: unit_head -> unit_head, up:1\n");
    told(
        RULES, warn,
        "{\"id\":\"warn\",\"at\":\"due-1wd\",\"light\":\"yellow\",\"notify\":[\"handler\"],"
        "\"via\":[\"sms\",\"dingtalk\"],\"template\":\"warn\",\"unless_acked\":\"each\","
        "\"urgent\":true,\"send\":\"day\",\"repeat\":{\"at\":[\"08:30\",\"17:30\"],\"max\":3}}",
        "channels of stage warn of clock reply: default -> sms, else dingtalk\n"
        "template of stage warn of clock reply: default -> warn\n"
        "repetition of stage warn of clock reply: none -> every day at 08:30, 17:30, at most 3 "
        "times\n"
        "unless acknowledged of stage warn of clock reply: no -> each\n"
        "urgent of stage warn of clock reply: no -> yes\n"
        "time of sending of stage warn of clock reply: default -> day\n");
    char piece[256];
    (void)snprintf(piece, sizeof piece, "%s,", warn);
    told(RULES, piece, "", "stage warn of clock reply removed (due-1wd, yellow, to handler)\n");
    char two[512];
    (void)snprintf(
        two, sizeof two,
        "%s,{\"id\":\"again\",\"at\":\"3d\",\"light\":\"yellow\",\"notify\":[\"unit_head\"]}",
        warn);
    told(RULES, warn, two, "stage again of clock reply added (3d, yellow, to unit_head)\n");
}

static void the_order_of_clocks_is_told(void)
{
    const char *accept =
        ",{\"id\":\"accept\",\"limit\":\"4wh\",\"stages\":["
        "{\"id\":\"late\",\"at\":\"due+0\",\"light\":\"red\",\"notify\":[\"handler\"]}]}";
    char *without = replaced(rules_text, accept, "");
    char first[512];
    (void)snprintf(first, sizeof first, "\"clocks\":[%s,", accept + 1);
    char *moved = replaced(without, "\"clocks\":[", first);
    told(
        RULES, rules_text, moved,
        "rule set city, order of clocks: reply, accept -> accept, reply\n");
    free(without);
    free(moved);
}

static void accountability_and_figures_are_told(void)
{
    told(RULES, "\"misses\":3", "\"misses\":2", "misses of accountability three: 3 -> 2\n");
    told(RULES, "\"365d\"", "\"year\"", "window of accountability three: 365d -> year\n");
    told(
        RULES, "\"misses\":3", "\"misses\":3,\"scope\":\"person\"",
        "scope of accountability three: unit -> person\n");
    told(
        RULES, "{\"on_time\":[\"answer\"]}", "{\"on_time\":[\"answer\",\"accept\"]}",
        "families of the on-time rate of rule set city: answer -> answer, accept\n");
    told_zh(
        RULES, "{\"id\":\"three\"",
        "{\"id\":\"five\",\"families\":[\"accept\"],\"misses\":5,\"window\":\"month\"},{\"id\":"
        "\"three\"",
        "新增问责条款 five（5 次，month）\n");
}

static void writing_a_default_out_is_only_another_spelling(void)
{
    static const char at[] = "\"limit\":\"4wh\"";
    static const char spelling[] =
        "file rules/city.json is written differently and means the same\n";
    told(RULES, at, "\"limit\":\"4wh\",\"roll\":\"next_working_day\"", spelling);
    told(RULES, at, "\"limit\":\"4wh\",\"stop\":[\"answered\",\"case.completed\"]", spelling);
    told(RULES, "\"start\":\"received\"", "\"start\":[\"case.received\"]", spelling);
    told(
        RULES, "\"id\":\"city\",\"title\":\"市里\"", "\"title\":\"市里\",\"id\":\"city\"",
        spelling);
    told_zh(
        RULES, at, "\"limit\":\"4wh\",\"pause\":true",
        "文件 rules/city.json 只是写法不同，含义不变\n");
}

/* ---- calendar ---- */

static void dates_are_told_as_runs(void)
{
    told(
        CALENDAR, "\"closures\":[]",
        "\"closures\":[{\"date\":\"2026-08-10\",\"reason\":\"台风\"},{\"date\":\"2026-08-11\","
        "\"reason\":\"台风\"}]",
        "closures added: 2026-08-10 to 08-11 台风 (2 days)\n");
    told_zh(
        CALENDAR, "\"closures\":[]",
        "\"closures\":[{\"date\":\"2026-08-11\",\"reason\":\"台风\"},{\"date\":\"2026-08-10\","
        "\"reason\":\"台风\"}]",
        "新增临时停止办公：2026-08-10 至 08-11 台风（共 2 天）\n");
    told(
        CALENDAR, "\"2026-10-01\"", "\"2026-12-31\",\"2027-01-01\",\"2026-10-03\"",
        "holidays added: 2026-10-03, 2026-12-31 to 2027-01-01 (3 days)\n"
        "holidays removed: 2026-10-01 (1 day)\n");
    told(CALENDAR, "[\"2026-10-10\"]", "[]", "make-up working days removed: 2026-10-10 (1 day)\n");
    told(CALENDAR, "[2026]", "[2026,2027]", "official years added: 2027\n");
    told_zh(
        CALENDAR, "[2026]", "[2025]", "已公布安排的年份新增：2025\n已公布安排的年份删除：2026\n");
}

static void hours_are_told(void)
{
    told(
        CALENDAR, "\"closures\":[]",
        "\"closures\":[],\"office_hours\":[[\"09:00\",\"12:00\"],[\"13:00\",\"17:00\"]]",
        "office hours of calendar cn: 08:30-12:00, 14:00-17:30 -> 09:00-12:00, 13:00-17:00\n");
    told(
        CALENDAR, "\"closures\":[]", "\"closures\":[],\"working_weekdays\":[1,2,3,4,5,6]",
        "working weekdays of calendar cn: MON, TUE, WED, THU, FRI -> MON, TUE, WED, THU, FRI, "
        "SAT\n");
    told(
        CALENDAR, "\"closures\":[]",
        "\"closures\":[],\"seasonal_hours\":[{\"from\":\"06-15\",\"to\":\"09-15\","
        "\"office_hours\":[[\"08:00\",\"12:00\"]]}],\"day_end\":\"midnight\"",
        "seasonal hours of calendar cn: none -> 06-15 to 09-15: 08:00-12:00\n"
        "end of the day of calendar cn: close -> midnight\n");
}

/* ---- directory ---- */

static void people_and_units_are_told(void)
{
    told(DIRECTORY, "\"head\":\"a\"", "\"head\":\"b\"", "head of unit d03: a -> b\n");
    told_zh(DIRECTORY, "\"head\":\"a\"", "\"head\":\"b\"", "单位 d03 的主要负责人：a → b\n");
    told(
        DIRECTORY, "\"handlers\":[\"b\"]", "\"handlers\":[\"b\",\"a\"]",
        "handlers of unit d03: b -> b, a\n");
    told(
        DIRECTORY, "\"unit\":\"ov\"",
        "\"unit\":\"ov\",\"leave\":[{\"from\":\"2026-08-01\",\"to\":\"2026-08-05\",\"delegate\":"
        "\"a\"}]",
        "leave of person b: (empty) -> 2026-08-01 to 2026-08-05, stands in: a\n");
    told(
        DIRECTORY, "\"people\":[", "\"people\":[{\"id\":\"c\",\"name\":\"丙\",\"unit\":\"d03\"},",
        "person c added (丙, unit d03)\n");
    told(
        DIRECTORY, "{\"id\":\"ov\"", "{\"id\":\"d04\",\"name\":\"四局\"},{\"id\":\"ov\"",
        "unit d04 added (四局)\n");
}

static void an_address_is_never_shown(void)
{
    told(DIRECTORY, "19900000001", "19900000002", "mobile of person a: changed (not shown)\n");
    told_zh(DIRECTORY, "19900000001", "19900000002", "人员 a 的手机号：已更改（不显示）\n");
    told(DIRECTORY, ",\"dingtalk\":\"dt-b\"", "", "dingtalk of person b: removed\n");
    told(
        DIRECTORY, "\"dingtalk\":\"dt-b\"", "\"dingtalk\":\"dt-b\",\"email\":\"b@x.cn\"",
        "email of person b: given\n");
    const char *files[FILE_COUNT];
    memcpy(files, originals, sizeof files);
    char *changed = replaced(
        directory_text,
        "{\"id\":\"a\",\"name\":\"甲\",\"unit\":\"d03\",\"mobile\":\"19900000001\"}",
        "{\"id\":\"c\",\"name\":\"丙\",\"mobile\":\"19900000003\"}");
    char *named = replaced(changed, "\"head\":\"a\"", "\"head\":\"c\"");
    files[DIRECTORY] = named;
    struct bundle *from = make_set(originals);
    struct bundle *to = make_set(files);
    struct buf array;
    buf_init(&array, (size_t)1 << 16);
    CHECK(bundle_diff(from, to, &array) == ERR_OK);
    CHECK(array.ptr && strstr(array.ptr, "person c added") && !strstr(array.ptr, "1990000000"));
    buf_release(&array);
    bundle_free(from);
    bundle_free(to);
    free(changed);
    free(named);
}

/* What is applied has its addresses sealed and the directory's note left out. */
static void the_sealed_form_is_compared_with_the_files(void)
{
    static const uint8_t key[SEAL_KEY_BYTES] = {3};
    struct report report;
    struct buf json;
    struct buf lines;
    struct bundle *files = make_set(originals);
    buf_init(&json, (size_t)1 << 20);
    buf_init(&lines, (size_t)1 << 20);
    report_init(&report);
    CHECK(bundle_to_json(files, key, &json) == ERR_OK);
    struct bundle *applied = bundle_from_json(buf_view(&json), key, &report);
    if (CHECK(applied)) {
        CHECK(bundle_diff_lines(applied, files, EXPLAIN_ENGLISH, &lines) == ERR_OK);
        CHECK_EQ(lines.bytes, 0);
        char *changed = replaced(directory_text, "19900000001", "19900000002");
        const char *newer[FILE_COUNT];
        memcpy(newer, originals, sizeof newer);
        newer[DIRECTORY] = changed;
        struct bundle *edited = make_set(newer);
        CHECK(bundle_diff_lines(applied, edited, EXPLAIN_ENGLISH, &lines) == ERR_OK);
        CHECK_STR(lines.ptr, "mobile of person a: changed (not shown)\n");
        bundle_free(edited);
        free(changed);
    }
    bundle_free(applied);
    bundle_free(files);
    report_release(&report);
    buf_release(&json);
    buf_release(&lines);
}

static void sealed_addresses_that_nobody_can_open_are_said_to_be_so(void)
{
    static const char open[] = "\"mobile\":\"19900000001\"";
    char *sealed = replaced(directory_text, open, "\"sealed\":\"intl:AAAA\"");
    told(
        DIRECTORY, directory_text, sealed,
        "the addresses of 1 person are sealed and cannot be compared without seal.key\n");
    told_zh(
        DIRECTORY, directory_text, sealed, "1 人的联系方式已加密，此处无法比较（须有 seal.key）\n");
    free(sealed);
}

/* It is not carried along, so the digest does not see it either. */
static void a_note_of_the_directory_is_no_difference(void)
{
    told(DIRECTORY, "\"note\":\"n\"", "\"note\":\"m\"", "");
}

/* ---- matters, templates ---- */

static void matters_and_templates_are_told(void)
{
    told(MATTERS, "用地", "用地审批", "title of matter m1: \"用地\" -> \"用地审批\"\n");
    told(
        MATTERS, "[{\"id\":\"m1\"", "[{\"id\":\"m2\",\"title\":\"用水\"},{\"id\":\"m1\"",
        "matter m2 added (用水)\n");
    told(
        TEMPLATE, "{title}将到期", "{title}\\n即将到期",
        "Chinese SMS of template warn: \"{sign}{unit}：{title}将到期\" -> "
        "\"{sign}{unit}：{title}\\n即将到期\"\n");
    told(
        TEMPLATE, "\"id\":\"warn\",",
        "\"id\":\"warn\",\"vendor\":{\"sms\":{\"template\":\"SMS_1\"}},",
        "vendor templates of template warn: none -> {\"sms\":{\"template\":\"SMS_1\"}}\n");
}

static void a_long_text_is_shown_where_it_changes(void)
{
    char old[700];
    char new[700];
    char wanted[] = "abcdefghijklmnopqrstuvwx";
    memset(old, 'a', sizeof old);
    (void)snprintf(old + 600, 90, "%s", "END\",\"markdown\":\"{unit}\"");
    (void)memcpy(new, old, sizeof new);
    (void)wanted;
    new[590] = 'b';
    char *base = replaced(template_text, "{unit}：{title}将到期\",\"markdown\":\"{unit}\"", old);
    char *changed = replaced(template_text, "{unit}：{title}将到期\",\"markdown\":\"{unit}\"", new);
    const char *before[FILE_COUNT];
    const char *after[FILE_COUNT];
    memcpy(before, originals, sizeof before);
    memcpy(after, originals, sizeof after);
    before[TEMPLATE] = base;
    after[TEMPLATE] = changed;
    struct bundle *from = make_set(before);
    struct bundle *to = make_set(after);
    struct buf lines;
    buf_init(&lines, (size_t)1 << 16);
    CHECK(bundle_diff_lines(from, to, EXPLAIN_ENGLISH, &lines) == ERR_OK);
    CHECK_STR(
        lines.ptr, "Chinese SMS of template warn: …aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaEND\" -> "
                   "…aaaaaaaaaaaaaaaaaaaaaaaabaaaaaaaaaEND\"\n");
    buf_release(&lines);
    bundle_free(from);
    bundle_free(to);
    free(base);
    free(changed);
}

/* Readers know all keys of today; one of tomorrow must not be left out of a sentence. */
static void a_key_that_no_sentence_knows_is_shown(void)
{
    static const struct {
        diff_write_fn *write;
        const char *json;
    } values[] = {
        {diff_write_limit, "{\"from\":\"due\",\"x\":1}"},
        {diff_write_recur, "{\"days\":[\"FRI\"],\"at\":\"17:00\",\"x\":1}"},
        {diff_write_repeat, "{\"every\":\"2h\",\"x\":1}"},
        {diff_write_via, "{\"all\":[\"sms\"],\"x\":1}"},
        {diff_write_seasons, "[{\"from\":\"06-15\",\"to\":\"09-15\",\"office_hours\":[],\"x\":1}]"},
        {diff_write_leaves, "[{\"from\":\"2026-01-01\",\"to\":\"2026-01-02\",\"x\":1}]"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct json_doc *doc = NULL;
        struct buf words;
        buf_init(&words, 4096);
        CHECK(json_parse(text_of(values[i].json), &json_limits_event, &doc, NULL) == ERR_OK);
        values[i].write(json_root(doc), EXPLAIN_ENGLISH, &words);
        check_note("%s", values[i].json);
        CHECK(words.ptr && strstr(words.ptr, "\"x\":1"));
        buf_release(&words);
        json_free(doc);
    }
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    CHECK_RUN(equal_bundles_have_no_difference);
    CHECK_RUN(a_limit_is_told_before_and_after);
    CHECK_RUN(the_json_says_what_changed_from_what_to_what);
    CHECK_RUN(clocks_come_and_go);
    CHECK_RUN(keys_of_a_clock_are_told_one_by_one);
    CHECK_RUN(newer_keys_of_a_clock_are_told_too);
    CHECK_RUN(acts_are_told);
    CHECK_RUN(a_match_is_told_in_words);
    CHECK_RUN(stages_are_told_by_clock);
    CHECK_RUN(the_order_of_clocks_is_told);
    CHECK_RUN(accountability_and_figures_are_told);
    CHECK_RUN(writing_a_default_out_is_only_another_spelling);
    CHECK_RUN(dates_are_told_as_runs);
    CHECK_RUN(hours_are_told);
    CHECK_RUN(people_and_units_are_told);
    CHECK_RUN(an_address_is_never_shown);
    CHECK_RUN(the_sealed_form_is_compared_with_the_files);
    CHECK_RUN(sealed_addresses_that_nobody_can_open_are_said_to_be_so);
    CHECK_RUN(a_note_of_the_directory_is_no_difference);
    CHECK_RUN(matters_and_templates_are_told);
    CHECK_RUN(a_long_text_is_shown_where_it_changes);
    CHECK_RUN(a_key_that_no_sentence_knows_is_shown);
    return check_done();
}
