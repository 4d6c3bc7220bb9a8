/* SPDX-License-Identifier: Apache-2.0 */
/*
 * iCalendar files (RFC 5545), the one place that uses libical. The library never sees the file:
 * config/ical_events.h cuts the events out, and each is parsed alone, with what it may cost
 * bounded before. Definitions of time zones are not read at all: a zone is looked up by its
 * name. Only yearly repetition is known: holidays have no other.
 */
#include <libical/ical.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "config/calendar_notice.h"
#include "config/ical_events.h"
#include "config/zone_file.h"
#include "rules/zone.h"

#define ZONES_MAX           16
#define REPEATED_MAX        500   /* events that repeat */
#define REPEAT_STEPS_MAX    50000 /* of all of them together */
#define CATEGORIES_BYTES    512
#define SECONDS_PER_DAY     86400
#define SUMMARY_BYTES_MAX   240
#define REPEAT_YEARS_NEEDED "an event repeats for ever: say which years are meant with --year"

struct named_zone {
    struct text name;
    struct zone zone;
};

struct ical_file {
    const struct source *source;
    const struct reading *reading;
    const struct notice_options *options;
    struct notice_list *list;
    struct named_zone zones[ZONES_MAX];
    size_t zone_count;
    size_t repeated_count;
    size_t step_count;
    size_t line; /* of the event in hand */
};

static void ical_error(const struct ical_file *file, size_t line, const char *message)
{
    report_add(
        file->reading->report, FINDING_ERROR, file->source->file, line, line > 0, "", "%s",
        message);
}

/* ---- times ---- */

struct moment {
    bool is_date;
    int64_t local_s; /* on the calendar's own clock, seconds since 1970-01-01T00:00:00 */
};

static const struct zone *zone_of(struct ical_file *file, struct text name)
{
    struct err_why why = {0};
    for (size_t i = 0; i < file->zone_count; i++) {
        if (text_equal(file->zones[i].name, name)) {
            return &file->zones[i].zone;
        }
    }
    if (file->zone_count == ZONES_MAX) {
        return NULL;
    }
    struct named_zone *named = &file->zones[file->zone_count];
    struct arena *arena = file->reading->arena;
    if (zone_load(ZONE_FOLDER, name, arena, &named->zone, &why) != ERR_OK) {
        return NULL;
    }
    named->name = arena_text(arena, name);
    file->zone_count += named->name.ptr != NULL;
    return &named->zone;
}

/* Seconds of a plain date and time; false when there is no such date. */
static bool plain_seconds(struct icaltimetype time, int64_t *ret_s)
{
    const struct civil_date date = {time.year, time.month, time.day};
    if (time.year < 1 || time.year > 9999 || time.month < 1 || time.month > 12 || time.day < 1 ||
        time.hour < 0 || time.hour > 24 || time.minute < 0 || time.minute > 59 || time.second < 0 ||
        time.second > 60) {
        return false;
    }
    const struct civil_day day = civil_day_of(date);
    const struct civil_date back = civil_date_of(day);
    const int32_t second = time.is_date ? 0 : time.hour * 3600 + time.minute * 60 + time.second;
    *ret_s = (int64_t)day.number * SECONDS_PER_DAY + second;
    return back.month == date.month && back.day == date.day;
}

/* A time of day with a zone is brought to the calendar's clock; one without is on it already. */
static bool moment_of(
    struct ical_file *file, struct icaltimetype time, struct text zone_name, struct moment *ret)
{
    int64_t at_s = 0;
    if (icaltime_is_null_time(time) || !plain_seconds(time, &at_s)) {
        return false;
    }
    ret->is_date = time.is_date != 0;
    ret->local_s = at_s;
    if (time.is_date || (!icaltime_is_utc(time) && zone_name.bytes == 0)) {
        return true;
    }
    if (!icaltime_is_utc(time)) {
        const struct zone *zone = zone_of(file, zone_name);
        if (!zone) {
            return false;
        }
        at_s = zone_utc_of_local(zone, at_s);
    }
    if (at_s < 0 || at_s > WALL_MS_MAX / 1000) {
        return false;
    }
    ret->local_s = at_s + zone_offset_at(file->options->zone, (struct wall_ms){at_s * 1000});
    return true;
}

static struct civil_day day_of(int64_t local_s)
{
    const int64_t day = local_s >= 0 ? local_s / SECONDS_PER_DAY
                                     : (local_s - (SECONDS_PER_DAY - 1)) / SECONDS_PER_DAY;
    return (struct civil_day){.number = (int32_t)day};
}

/* ---- one event ---- */

struct event_parts {
    struct notice_words words;
    bool cancelled;
    struct icaltimetype start;
    struct text zone_name;
    int64_t span_s; /* 0: the day of the start alone */
    struct icaltimetype *excluded;
    size_t excluded_count;
    struct icaltimetype *further; /* days besides the start and its repetition */
    size_t further_count;
};

static struct text first_text(icalcomponent *event, icalproperty_kind kind)
{
    icalproperty *property = icalcomponent_get_first_property(event, kind);
    const icalvalue *value = property ? icalproperty_get_value(property) : NULL;
    return value ? text_of(icalvalue_get_text(value)) : (struct text){0};
}

/* "节假日,北京": the library makes one property of each. */
static struct text categories_of(icalcomponent *event, char joined[static CATEGORIES_BYTES])
{
    size_t bytes = 0;
    const icalproperty_kind kind = ICAL_CATEGORIES_PROPERTY;
    for (icalproperty *property = icalcomponent_get_first_property(event, kind); property;
         property = icalcomponent_get_next_property(event, kind)) {
        const char *word = icalproperty_get_categories(property);
        const size_t word_bytes = word ? strlen(word) : 0;
        if (word_bytes + 1 > CATEGORIES_BYTES - bytes) {
            break;
        }
        memcpy(joined + bytes, word ? word : "", word_bytes);
        bytes += word_bytes;
        joined[bytes++] = ',';
    }
    return (struct text){joined, bytes};
}

static struct text special_of(icalcomponent *event)
{
    for (icalproperty *property = icalcomponent_get_first_property(event, ICAL_X_PROPERTY);
         property; property = icalcomponent_get_next_property(event, ICAL_X_PROPERTY)) {
        const char *name = icalproperty_get_x_name(property);
        if (name && strcasecmp(name, "X-APPLE-SPECIAL-DAY") == 0) {
            return text_of(icalproperty_get_x(property));
        }
    }
    return (struct text){0};
}

static struct text zone_name_of(icalproperty *property)
{
    icalparameter *zone = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
    return zone ? text_of(icalparameter_get_tzid(zone)) : (struct text){0};
}

static bool is_cancelled(icalcomponent *event)
{
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_STATUS_PROPERTY);
    return property && icalproperty_get_status(property) == ICAL_STATUS_CANCELLED;
}

static const char *read_span(
    struct ical_file *file, icalcomponent *event, struct event_parts *parts)
{
    static const char bad[] = "the end of the event cannot be read, or lies before its start";
    struct moment start;
    struct moment end;
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
    if (property) {
        if (!moment_of(file, parts->start, parts->zone_name, &start) ||
            !moment_of(file, icalproperty_get_dtend(property), zone_name_of(property), &end) ||
            end.local_s < start.local_s || end.is_date != start.is_date) {
            return bad;
        }
        parts->span_s = end.local_s - start.local_s;
    }
    property = icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
    if (property && parts->span_s == 0) {
        const struct icaldurationtype duration = icalproperty_get_duration(property);
        if (icaldurationtype_is_bad_duration(duration) || duration.is_neg ||
            duration.weeks > NOTICE_DAYS_MAX || duration.days > NOTICE_DAYS_MAX ||
            duration.hours > 24 * NOTICE_DAYS_MAX || duration.minutes > 1440 * NOTICE_DAYS_MAX ||
            duration.seconds > SECONDS_PER_DAY * NOTICE_DAYS_MAX) {
            return bad;
        }
        parts->span_s = ((int64_t)duration.weeks * 7 + duration.days) * SECONDS_PER_DAY +
                        (int64_t)duration.hours * 3600 + (int64_t)duration.minutes * 60 +
                        duration.seconds;
    }
    return parts->span_s > (int64_t)NOTICE_DAYS_MAX * SECONDS_PER_DAY ? "the event is too long"
                                                                      : NULL;
}

/* All at once: the library walks through an event's properties with one finger for all walks. */
static const char *read_dates(struct ical_file *file, icalcomponent *event, struct event_parts *ret)
{
    struct arena *arena = file->reading->arena;
    const int excluded = icalcomponent_count_properties(event, ICAL_EXDATE_PROPERTY);
    const int further = icalcomponent_count_properties(event, ICAL_RDATE_PROPERTY);
    ret->excluded = arena_array(arena, (size_t)excluded + 1, sizeof *ret->excluded);
    ret->further = arena_array(arena, (size_t)further + 1, sizeof *ret->further);
    if (!ret->excluded || !ret->further) {
        return "out of memory";
    }
    icalproperty *property = icalcomponent_get_first_property(event, ICAL_EXDATE_PROPERTY);
    for (; property; property = icalcomponent_get_next_property(event, ICAL_EXDATE_PROPERTY)) {
        ret->excluded[ret->excluded_count++] = icalproperty_get_exdate(property);
    }
    property = icalcomponent_get_first_property(event, ICAL_RDATE_PROPERTY);
    for (; property; property = icalcomponent_get_next_property(event, ICAL_RDATE_PROPERTY)) {
        ret->further[ret->further_count++] = icalproperty_get_rdate(property).time;
    }
    return NULL;
}

static const char *read_parts(struct ical_file *file, icalcomponent *event, struct event_parts *ret)
{
    const struct text summary =
        utf8_cut(first_text(event, ICAL_SUMMARY_PROPERTY), SUMMARY_BYTES_MAX);
    char categories[CATEGORIES_BYTES];
    icalproperty *start = icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
    ret->words = notice_words_read(summary, categories_of(event, categories), special_of(event));
    ret->words.name = arena_text(file->reading->arena, ret->words.name);
    ret->cancelled = is_cancelled(event);
    if (!start) {
        return "the event has no start that can be read";
    }
    ret->start = icalproperty_get_dtstart(start);
    ret->zone_name = zone_name_of(start);
    struct moment moment;
    if (!moment_of(file, ret->start, ret->zone_name, &moment)) {
        return "the start of the event, or its time zone, is not known";
    }
    if (icalcomponent_get_first_property(event, ICAL_RECURRENCEID_PROPERTY)) {
        return "an event that changes one day of a repeated one is not understood";
    }
    const char *why = read_dates(file, event, ret);
    return why ? why : read_span(file, event, ret);
}

/* 调休 says that a day was swapped: one of rest is worked, one of work is off. */
static bool resolve_swap(struct notice_item *item)
{
    const bool rest = civil_weekday(item->first) > 5;
    for (struct civil_day day = item->first; day.number <= item->last.number; day.number++) {
        if ((civil_weekday(day) > 5) != rest) {
            return false;
        }
    }
    item->reading = rest ? NOTICE_WORK : NOTICE_OFF;
    return true;
}

static enum notice_reading reading_of(const struct ical_file *file, const struct event_parts *parts)
{
    if (parts->cancelled) {
        return NOTICE_CANCELLED;
    }
    if (parts->words.reading == NOTICE_UNMARKED && file->options->unmarked_are_off) {
        return NOTICE_OFF;
    }
    return parts->words.reading;
}

/* One time that it takes place. */
static const char *add_occurrence(
    struct ical_file *file, const struct event_parts *parts, struct icaltimetype at)
{
    struct moment start;
    if (!moment_of(file, at, parts->zone_name, &start)) {
        return "a day of the event cannot be read";
    }
    const int64_t last_s = parts->span_s > 0 ? start.local_s + parts->span_s - 1 : start.local_s;
    struct notice_item item = {
        .line = file->line,
        .first = day_of(start.local_s),
        .last = day_of(last_s),
        .reading = reading_of(file, parts),
        .name = parts->words.name,
        .by = parts->words.by,
    };
    const struct notice_options *options = file->options;
    const int32_t year = civil_date_of(item.first).year;
    if (options->first_year > 0 &&
        (year > options->last_year || civil_date_of(item.last).year < options->first_year)) {
        return NULL;
    }
    if (year < NOTICE_YEAR_FIRST || year > NOTICE_YEAR_LAST) {
        return item.reading > NOTICE_SWAPPED ? NULL : "the event lies in no year of a calendar";
    }
    if (item.reading == NOTICE_SWAPPED && !resolve_swap(&item)) {
        return "调休 over days of work and of rest: it does not say which are worked";
    }
    return notice_list_add(file->list, &item) ? NULL : "too many days";
}

/* ---- repetition ---- */

static bool is_excluded(const struct event_parts *parts, struct icaltimetype at)
{
    for (size_t i = 0; i < parts->excluded_count; i++) {
        const struct icaltimetype *date = &parts->excluded[i];
        if (date->year == at.year && date->month == at.month && date->day == at.day) {
            return true;
        }
    }
    return false;
}

static const char *add_unless_excluded(
    struct ical_file *file, const struct event_parts *parts, struct icaltimetype at)
{
    return is_excluded(parts, at) ? NULL : add_occurrence(file, parts, at);
}

static const char *add_further(struct ical_file *file, const struct event_parts *parts)
{
    const char *why = NULL;
    for (size_t i = 0; i < parts->further_count && !why; i++) {
        why = add_unless_excluded(file, parts, parts->further[i]);
    }
    return why;
}

static const char *check_rule(const struct icalrecurrencetype *rule)
{
    if (rule->freq != ICAL_YEARLY_RECURRENCE || rule->rscale) {
        return "only yearly repetition by the common calendar is understood";
    }
    if (rule->by_hour[0] != ICAL_RECURRENCE_ARRAY_MAX ||
        rule->by_minute[0] != ICAL_RECURRENCE_ARRAY_MAX ||
        rule->by_second[0] != ICAL_RECURRENCE_ARRAY_MAX) {
        return "repetition within a day is not understood";
    }
    return NULL;
}

/* To find that out takes the library a tenth of a second: once is enough for a file. */
static const char *never_comes(struct ical_file *file)
{
    file->step_count = REPEAT_STEPS_MAX;
    return "the repetition never takes place";
}

/* Bounded by the last year asked for and by the steps that all events may take together. */
static const char *repeat(
    struct ical_file *file, const struct event_parts *parts, icalrecur_iterator *iterator)
{
    const char *why = NULL;
    for (size_t taken = 0; !why; taken++) {
        const struct icaltimetype at = icalrecur_iterator_next(iterator);
        if (taken == 0 && icaltime_is_null_time(at)) {
            return never_comes(file);
        }
        if (icaltime_is_null_time(at) || at.year > file->options->last_year + 1) {
            return NULL;
        }
        if (++file->step_count > REPEAT_STEPS_MAX) {
            return "the events repeat too often";
        }
        if (at.year + 1 >= file->options->first_year && at.year >= NOTICE_YEAR_FIRST &&
            at.year <= NOTICE_YEAR_LAST) {
            why = add_unless_excluded(file, parts, at);
        }
    }
    return why;
}

static const char *add_repeated(
    struct ical_file *file, const struct event_parts *parts, icalproperty *property)
{
    const struct icalrecurrencetype rule = icalproperty_get_rrule(property);
    const char *why = check_rule(&rule);
    if (why) {
        return why;
    }
    if (file->options->first_year == 0) {
        return REPEAT_YEARS_NEEDED;
    }
    if (file->step_count == REPEAT_STEPS_MAX || ++file->repeated_count > REPEATED_MAX) {
        return "too many repetitions";
    }
    icalrecur_iterator *iterator = icalrecur_iterator_new(rule, parts->start);
    if (!iterator) {
        return never_comes(file);
    }
    why = repeat(file, parts, iterator);
    icalrecur_iterator_free(iterator);
    return why;
}

static const char *add_event(struct ical_file *file, icalcomponent *event)
{
    struct event_parts parts = {0};
    const char *why = read_parts(file, event, &parts);
    const enum notice_reading reading = reading_of(file, &parts);
    icalproperty *rule = icalcomponent_get_first_property(event, ICAL_RRULE_PROPERTY);
    if (reading == NOTICE_UNMARKED || reading == NOTICE_CANCELLED) {
        /* Told by its first day, whatever else it says: it changes nothing. */
        return why ? NULL : add_occurrence(file, &parts, parts.start);
    }
    if (!why && icalcomponent_get_first_property(event, ICAL_XLICERROR_PROPERTY)) {
        why = "a line of the event cannot be read";
    }
    if (!why && icalcomponent_count_properties(event, ICAL_RRULE_PROPERTY) > 1) {
        why = "two rules of repetition in one event are not understood";
    }
    if (!why && rule) {
        why = add_repeated(file, &parts, rule);
    } else if (!why) {
        why = add_unless_excluded(file, &parts, parts.start);
    }
    return why ? why : add_further(file, &parts);
}

static void event_read(void *context, struct text text, size_t line)
{
    struct ical_file *file = context;
    char *string = text_copy(text);
    icalcomponent *event = string ? icalparser_parse_string(string) : NULL;
    const char *why = "the event cannot be read";
    file->line = line;
    if (event && icalcomponent_isa(event) == ICAL_VEVENT_COMPONENT) {
        why = add_event(file, event);
    }
    if (why) {
        ical_error(file, line, why);
    }
    if (event) {
        icalcomponent_free(event);
    }
    free(string);
}

void ical_read(
    const struct source *source,
    const struct reading *reading,
    const struct notice_options *options,
    struct notice_list *list)
{
    struct ical_file file = {
        .source = source, .reading = reading, .options = options, .list = list};
    size_t line = 0;
    icalerror_set_errors_are_fatal(0);
    const char *why = ical_events(source->json, event_read, &file, &line);
    if (why) {
        ical_error(&file, line, why);
    }
    icalmemory_free_ring();
}
