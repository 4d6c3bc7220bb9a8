/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Notices of holidays as they are published: iCalendar with every way to say a day, the JSON forms,
 * and files that mean harm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "config/calendar_notice.h"
#include "config/zone_file.h"
#include "tests/support/check.h"
#include "tests/support/config_rig.h"

#define HOSTILE_S_MAX 5.0 /* with the sanitizers, on a busy machine */

static struct config_rig rig;
static struct zone shanghai;
static struct buf said;

static const char *const reading_names[NOTICE_READING_COUNT] = {
    [NOTICE_OFF] = "off",           [NOTICE_WORK] = "work",           [NOTICE_SWAPPED] = "swapped",
    [NOTICE_UNMARKED] = "unmarked", [NOTICE_CANCELLED] = "cancelled",
};

static bool read_text(
    const char *text, size_t bytes, struct notice_options options, struct calendar_notice *notice)
{
    const struct source source = {.file = "n", .json = {text, bytes}};
    config_rig_release(&rig);
    config_rig_init(&rig);
    zone_shanghai(&shanghai);
    options.zone = &shanghai;
    return notice_read(&source, &rig.reading, &options, notice);
}

static void put_date(struct civil_day day)
{
    const struct civil_date date = civil_date_of(day);
    buf_format(&said, "%04d-%02d-%02d", date.year, date.month, date.day);
}

/* "2026-02-14 work 春节;" for each date. */
static const char *days_in(const char *text, struct notice_options options)
{
    struct calendar_notice notice = {0};
    buf_clear(&said);
    if (!read_text(text, strlen(text), options, &notice)) {
        buf_string(&said, config_rig_lines(&rig));
    }
    for (size_t i = 0; i < notice.day_count; i++) {
        put_date(notice.days[i].day);
        buf_format(
            &said, " %s %.*s;", notice.days[i].works ? "work" : "off",
            TEXT_ARGS(notice.days[i].name));
    }
    return said.ptr ? said.ptr : "";
}

/* "4 2026-02-14 work by (班);" for each item. */
static const char *items_in(const char *text, struct notice_options options)
{
    struct calendar_notice notice = {0};
    buf_clear(&said);
    if (!read_text(text, strlen(text), options, &notice)) {
        buf_string(&said, config_rig_lines(&rig));
    }
    for (size_t i = 0; i < notice.item_count; i++) {
        buf_format(&said, "%zu ", notice.items[i].line);
        put_date(notice.items[i].first);
        buf_format(
            &said, " %s by %.*s;", reading_names[notice.items[i].reading],
            TEXT_ARGS(notice.items[i].by));
    }
    return said.ptr ? said.ptr : "";
}

static const struct notice_options plain = {0};
static const struct notice_options of_2026 = {.first_year = 2026, .last_year = 2026};

#define CALENDAR(events)                                                                           \
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n" events "END:VCALENDAR\r\n"
#define STAMP                  "UID:u\r\nDTSTAMP:20260101T000000Z\r\n"
#define EVENT(lines)           "BEGIN:VEVENT\r\n" STAMP lines "END:VEVENT\r\n"
#define ONE_DAY(date, summary) EVENT("DTSTART;VALUE=DATE:" date "\r\nSUMMARY:" summary "\r\n")

static void marks_and_words_say_off_or_worked(void)
{
    static const struct {
        const char *summary;
        const char *said;
    } rows[] = {
        {"春节(休)", "2026-02-17 off 春节;"},
        {"春节（班）", "2026-02-17 work 春节;"},
        {"春节 补班 第1天/共2天", "2026-02-17 work 春节;"},
        {"春节 假期 第1天/共9天", "2026-02-17 off 春节;"},
        {"元旦放假", "2026-02-17 off 元旦;"},
        {"国庆节上班", "2026-02-17 work 国庆节;"},
        {"当日不上班", "2026-02-17 off 当日;"},
        {"National Day(Workday)", "2026-02-17 work National Day;"},
        {"National Day(Holiday)", "2026-02-17 off National Day;"},
        {"Working Day for Spring Festival holiday",
         "2026-02-17 work Working Day for Spring Festival holiday;"},
        {"Public holiday", "2026-02-17 off Public holiday;"},
        {"春节调休", "2026-02-17 off 春节;"}, /* a Tuesday */
        {"Spring Festival", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[1024];
        (void)snprintf(text, sizeof text, CALENDAR(ONE_DAY("20260217", "%s")), rows[i].summary);
        check_note("%s", rows[i].summary);
        CHECK_STR(days_in(text, plain), rows[i].said);
    }
    CHECK_STR(days_in(CALENDAR(ONE_DAY("20260214", "春节调休")), plain), "2026-02-14 work 春节;");
}

static void every_event_says_how_it_was_read(void)
{
    CHECK_STR(
        items_in(
            CALENDAR(
                ONE_DAY("20260214", "春节(班)") ONE_DAY("20260308", "妇女节") EVENT(
                    "DTSTART;VALUE=DATE:20260501\r\nSUMMARY:劳动节\r\nCATEGORIES:国内,节假日\r\n")
                    EVENT("DTSTART;VALUE=DATE:20260601\r\nSUMMARY:x(休)\r\nSTATUS:CANCELLED\r\n")
                        EVENT("DTSTART;VALUE=DATE:20260509\r\nSUMMARY:劳动节\r\n"
                              "X-APPLE-SPECIAL-DAY:ALTERNATE-WORKDAY\r\n")),
            plain),
        "4 2026-02-14 work by (班);10 2026-03-08 unmarked by ;16 2026-05-01 off by 节假日;"
        "23 2026-06-01 cancelled by (休);30 2026-05-09 work by ALTERNATE-WORKDAY;");
    const struct notice_options lenient = {.unmarked_are_off = true};
    CHECK_STR(days_in(CALENDAR(ONE_DAY("20260308", "妇女节")), lenient), "2026-03-08 off 妇女节;");
}

static void days_come_as_ranges_lengths_and_times(void)
{
    CHECK_STR(
        days_in(
            CALENDAR(EVENT("DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270102\r\n"
                           "SUMMARY:元旦(休)\r\n")),
            plain),
        "2026-12-31 off 元旦;2027-01-01 off 元旦;");
    CHECK_STR(
        days_in(
            CALENDAR(EVENT("DTSTART;VALUE=DATE:20260501\r\nDURATION:P2D\r\nSUMMARY:a(休)\r\n")),
            plain),
        "2026-05-01 off a;2026-05-02 off a;");
    CHECK_STR(
        days_in(
            CALENDAR(
                EVENT("DTSTART:20260501T000000\r\nDTEND:20260502T000000\r\nSUMMARY:a(休)\r\n")),
            plain),
        "2026-05-01 off a;");
    CHECK_STR(/* 16:00 UTC is midnight in Shanghai */
              days_in(
                  CALENDAR(EVENT(
                      "DTSTART:20260430T160000Z\r\nDTEND:20260501T160000Z\r\nSUMMARY:a(休)\r\n")),
                  plain),
              "2026-05-01 off a;");
    CHECK_STR(
        days_in(
            CALENDAR(EVENT("DTSTART;TZID=America/New_York:20260430T120000\r\nDURATION:PT24H\r\n"
                           "SUMMARY:a(休)\r\n")),
            plain),
        "2026-05-01 off a;");
    CHECK_STR(/* long lines are folded */
              days_in(
                  CALENDAR(
                      EVENT("DTSTART;VALUE=DA\r\n TE:20260501\r\nSUMMARY:劳动\r\n 节(休)\r\n")),
                  plain),
              "2026-05-01 off 劳动节;");
}

static void yearly_events_are_repeated_in_the_years_asked_for(void)
{
    static const char yearly[] = CALENDAR(
        EVENT("DTSTART;VALUE=DATE:20200501\r\nDTEND;VALUE=DATE:20200503\r\nRRULE:FREQ=YEARLY\r\n"
              "EXDATE;VALUE=DATE:20270501\r\nRDATE;VALUE=DATE:20280601\r\nSUMMARY:a(休)\r\n"));
    CHECK_STR(days_in(yearly, of_2026), "2026-05-01 off a;2026-05-02 off a;");
    const struct notice_options years = {.first_year = 2026, .last_year = 2028};
    CHECK_STR(
        days_in(yearly, years), "2026-05-01 off a;2026-05-02 off a;2028-05-01 off a;"
                                "2028-05-02 off a;2028-06-01 off a;2028-06-02 off a;");
    CHECK(strstr(days_in(yearly, plain), "n:4:1: error: an event repeats for ever"));
    /* Several days listed, and of those some excluded. */
    CHECK_STR(
        days_in(
            CALENDAR(EVENT("DTSTART;VALUE=DATE:20260501\r\nSUMMARY:a(休)\r\n"
                           "RDATE;VALUE=DATE:20260601,20260602\r\nRDATE;VALUE=DATE:20260603\r\n"
                           "EXDATE;VALUE=DATE:20260601,20260501\r\n")),
            plain),
        "2026-06-02 off a;2026-06-03 off a;");
    CHECK_STR(/* the first Monday of September */
              days_in(
                  CALENDAR(EVENT("DTSTART;VALUE=DATE:20240902\r\nSUMMARY:a(休)\r\n"
                                 "RRULE:FREQ=YEARLY;BYMONTH=9;BYDAY=1MO\r\n")),
                  of_2026),
              "2026-09-07 off a;");
    CHECK_STR(
        days_in(
            CALENDAR(EVENT("DTSTART;VALUE=DATE:20240902\r\nSUMMARY:a(休)\r\n"
                           "RRULE:FREQ=YEARLY;COUNT=2\r\n")),
            of_2026),
        "");
}

static void what_is_marked_and_cannot_be_read_is_an_error(void)
{
    static const struct {
        const char *text;
        const char *said;
    } rows[] = {
        {CALENDAR(EVENT("SUMMARY:a(休)\r\n")), "n:4:1: error: the event has no start"},
        {CALENDAR(ONE_DAY("20260231", "a(休)")), "n:4:1: error: the start of the event"},
        {CALENDAR(EVENT("DTSTART;TZID=Mars/Crater:20260501T120000\r\nSUMMARY:a(休)\r\n")),
         "n:4:1: error: the start of the event, or its time zone"},
        {CALENDAR(EVENT("DTSTART;VALUE=DATE:20260501\r\nDTEND;VALUE=DATE:20260401\r\n"
                        "SUMMARY:a(休)\r\n")),
         "n:4:1: error: the end of the event"},
        {CALENDAR(EVENT("DTSTART;VALUE=DATE:20260501\r\nDTEND;VALUE=DATE:20280401\r\n"
                        "SUMMARY:a(休)\r\n")),
         "n:4:1: error: the event is too long"},
        {CALENDAR(EVENT("DTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:a(休)\r\n")),
         "n:4:1: error: only yearly repetition"},
        {CALENDAR(EVENT("DTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=YEARLY;COUNT=9\r\n"
                        "RRULE:FREQ=YEARLY\r\nSUMMARY:a(休)\r\n")),
         "n:4:1: error: two rules of repetition"},
        {CALENDAR(
             EVENT("DTSTART;VALUE=DATE:20260501\r\nRRULE:FREQ=SOMETIMES\r\nSUMMARY:a(休)\r\n")),
         "n:4:1: error: "},
        {CALENDAR(ONE_DAY("20260501", "a(休)") ONE_DAY("20260501", "a(班)")),
         "n:10:1: error: 2026-05-01 is said to be both a day off and a day worked"},
        {CALENDAR(EVENT("DTSTART;VALUE=DATE:20260213\r\nDTEND;VALUE=DATE:20260215\r\n"
                        "SUMMARY:调休\r\n")),
         "n:4:1: error: 调休 over days of work and of rest"},
        {"hello\n", "n:1:1: error: neither JSON nor an iCalendar file"},
        {"", "n: error: neither JSON nor a whole iCalendar file"},
        {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "n:3:1: error: END of a component"},
        {"BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "END:VCALENDAR is missing"},
        {"BEGIN:VCALENDAR\nEND:VCALENDAR\nBEGIN:VCALENDAR\nEND:VCALENDAR\n",
         "n:3:1: error: expected"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_note("%s", rows[i].text);
        const char *lines = days_in(rows[i].text, of_2026);
        CHECK(strstr(lines, rows[i].said) != NULL);
    }
}

static void the_published_json_forms_are_read(void)
{
    struct calendar_notice notice = {0};
    static const char days[] =
        "{\"$schema\":\"s\",\"year\":2027,\"papers\":[\"http://www.gov.cn/1.htm\"],\"days\":["
        "{\"name\":\"元旦\",\"date\":\"2026-12-31\",\"isOffDay\":true},"
        "{\"name\":\"元旦\",\"date\":\"2027-01-09\",\"isOffDay\":false}]}";
    CHECK_STR(days_in(days, plain), "2026-12-31 off 元旦;2027-01-09 work 元旦;");
    CHECK(read_text(days, strlen(days), plain, &notice));
    CHECK_EQ(notice.official_year, 2027);
    CHECK_EQ(notice.year_count, 1);
    CHECK_EQ(notice.years[0], 2027);
    CHECK_STR(
        days_in(
            "\xef\xbb\xbf{\"2027\":{\"holidays\":[\"2027-01-01\"],\"workdays\":[\"2027-01-09\"]},"
            "\"2026\":{\"holidays\":[{\"date\":\"2026-01-01\",\"name\":\"元旦\"}]}}",
            plain),
        "2026-01-01 off 元旦;2027-01-01 off ;2027-01-09 work ;");
    CHECK_STR(
        days_in(
            "{\"holidays\":{\"2027-01-01\":\"New Year's Day,元旦,1\"},\"workdays\":{\"2027-01-09\":"
            "\"Labour Day\"}}",
            plain),
        "2027-01-01 off 元旦;2027-01-09 work Labour Day;");
    static const char empty[] = "{\"year\":2027,\"papers\":[],\"days\":[]}";
    CHECK(read_text(empty, strlen(empty), plain, &notice));
    CHECK_EQ(notice.official_year, 0);
    CHECK_EQ(notice.day_count, 0);
}

static void mistakes_in_json_are_told_with_their_place(void)
{
    CHECK(strstr(
        days_in("{\"year\":2027,\"days\":[{\"name\":\"a\",\"date\":\"2027-01-01\"}]}", plain),
        "n:1:22: error: days: expected {\"name\": ..., \"date\": ..., \"isOffDay\": true or "
        "false}"));
    CHECK(strstr(
        days_in("{\"2026\":{\"holidays\":[\"2026-02-30\"]}}", plain),
        "n:1:22: error: 2026.holidays: expected a date that exists"));
    CHECK(strstr(days_in("{\"1850\":{}}", plain), "error: 1850: expected a year"));
    CHECK(strstr(days_in("{\"holidays\":7}", plain), "error: holidays: expected a list of dates"));
    CHECK(strstr(days_in("{\"holidays\":[\"1066-10-14\"]}", plain), "error: holidays: "));
    CHECK(strstr(days_in("{\"holidays\":{\"someday\":\"\"}}", plain), "error: holidays: "));
    CHECK(strstr(
        days_in("{\"holidays\":[\"2026-05-01\"],\"workdays\":[\"2026-05-01\"]}", plain),
        "2026-05-01 is said to be both"));
}

/* ---- files that mean harm ---- */

static void repeat_text(struct buf *buf, const char *text, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        buf_string(buf, text);
    }
}

/* Refused, and soon; the text must be within what is read at all, or it would prove little. */
static void refuse_soon(const char *what, const struct buf *text, struct notice_options options)
{
    struct calendar_notice notice = {0};
    struct timespec from;
    struct timespec to;
    check_note("%s", what);
    CHECK(buf_error(text) == ERR_OK);
    CHECK(clock_gettime(CLOCK_MONOTONIC, &from) == 0);
    CHECK(!read_text(text->ptr, text->bytes, options, &notice));
    CHECK(clock_gettime(CLOCK_MONOTONIC, &to) == 0);
    const double seconds =
        (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    if (getenv("NRT_TIMES")) {
        printf("     %s: %zu bytes, %.3f s\n", what, text->bytes, seconds);
    }
    CHECK(seconds < HOSTILE_S_MAX);
}

static void one_hostile(
    const char *what, const char *before, const char *again, size_t times, const char *after)
{
    struct buf text;
    buf_init(&text, (size_t)16 << 20);
    buf_string(&text, before);
    repeat_text(&text, again, times);
    buf_string(&text, after);
    refuse_soon(what, &text, of_2026);
    buf_release(&text);
}

static void hostile_files_are_refused_in_bounded_time(void)
{
    static const char head[] = "BEGIN:VCALENDAR\n";
    static const char tail[] = "END:VCALENDAR\n";
    one_hostile("deep", head, "BEGIN:VEVENT\n", 100000, tail);
    one_hostile("one endless line", head, "SUMMARY:aaaaaaaa", 100000, tail);
    one_hostile("one endless folded line", "BEGIN:VCALENDAR\nX:", "a\n a", 100000, tail);
    one_hostile(
        "an endless event", "BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "X-A;B=C:d\n", 100000,
        "END:VEVENT\nEND:VCALENDAR\n");
    one_hostile("too many events", head, ONE_DAY("20260501", "a(休)"), 15000, tail);
    one_hostile(
        "too large", head, "X:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 60000, tail);
    one_hostile(
        "repeated for ever", head,
        EVENT("DTSTART;VALUE=DATE:00010101\r\nSUMMARY:a(休)\r\n"
              "RRULE:FREQ=YEARLY;COUNT=1000000000;BYDAY=MO,TU,WE,TH,FR,SA,SU\r\n"),
        400, tail);
    one_hostile(
        "repeated each second", head,
        EVENT(
            "DTSTART:20260101T000000\r\nSUMMARY:a(休)\r\nRRULE:FREQ=SECONDLY;COUNT=1000000000\r\n"),
        1000, tail);
    one_hostile(
        "each second of a year", head,
        EVENT("DTSTART:20260101T000000\r\nSUMMARY:a(休)\r\nRRULE:FREQ=YEARLY;BYSECOND=1,2,3,4,5;"
              "BYMINUTE=1,2,3;BYHOUR=1,2,3;COUNT=1000000000\r\n"),
        1000, tail);
    one_hostile(
        "a date that never comes", head,
        EVENT("DTSTART;VALUE=DATE:20260101\r\nSUMMARY:a(休)\r\n"
              "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30\r\n"),
        600, tail);
    one_hostile(
        "many days excluded", head,
        EVENT(
            "DTSTART;VALUE=DATE:00010101\r\nSUMMARY:a(休)\r\nRRULE:FREQ=YEARLY;BYDAY=MO\r\n"
            "EXDATE;VALUE=DATE:20260101,20260102,20260103,20260104,20260105,20260106,20260107\r\n"),
        600, tail);
    one_hostile("bytes that are no text", head, "\xff\xfe\x80", 100000, tail);
    one_hostile("deep JSON", "{\"a\":", "[", 100000, "");
    one_hostile("many dates", "{\"holidays\":[\"2026-01-01\"", ",\"2026-01-01\"", 30000, "]}");
    one_hostile("many bad dates", "{\"holidays\":[\"2026-01-01\"", ",7", 300000, "]}");
}

int main(int argc, char **argv)
{
    check_filter(argc > 1 ? argv[1] : NULL);
    config_rig_init(&rig);
    buf_init(&said, (size_t)1 << 20);
    CHECK_RUN(marks_and_words_say_off_or_worked);
    CHECK_RUN(every_event_says_how_it_was_read);
    CHECK_RUN(days_come_as_ranges_lengths_and_times);
    CHECK_RUN(yearly_events_are_repeated_in_the_years_asked_for);
    CHECK_RUN(what_is_marked_and_cannot_be_read_is_an_error);
    CHECK_RUN(the_published_json_forms_are_read);
    CHECK_RUN(mistakes_in_json_are_told_with_their_place);
    CHECK_RUN(hostile_files_are_refused_in_bounded_time);
    buf_release(&said);
    config_rig_release(&rig);
    return check_done();
}
