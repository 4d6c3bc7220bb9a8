# SPDX-License-Identifier: Apache-2.0
"""The first half of the reference: instants, dates, calendars, durations (sections 1, 2, and the
counting from due of section 6).

Instants are integers, milliseconds since 1970. Dates are datetime.date. A pause is a pair
(from, to) of instants, `to` excluded; FOREVER as `to` means that nobody has ended it yet.
"""
import re
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAY = timedelta(days=1)
MS = timedelta(milliseconds=1)
FOREVER = 1 << 60
UNIT_MS = {"h": 3600000, "m": 60000, "s": 1000, "wh": 3600000, "wm": 60000, "ws": 1000}
HORIZON_DAYS = 40000  # a count that has not ended by then never will


# --- section 1: instants, dates, calendars -----------------------------------------------------


def read_instant(text):
    return (datetime.fromisoformat(text) - EPOCH) // MS


def is_instant(text):
    return isinstance(text, str) and re.match(r"\d{4}-\d\d-\d\dT", text) is not None


def read_minutes(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def date_of_entry(entry):
    return date.fromisoformat(entry["date"] if isinstance(entry, dict) else entry)


class Calendar:
    def __init__(self, spec):
        self.zone = ZoneInfo(spec.get("timezone", "Asia/Shanghai"))
        self.weekdays = set(spec.get("working_weekdays", [1, 2, 3, 4, 5]))
        self.holidays = {date_of_entry(e) for e in spec.get("holidays", [])}
        self.workdays = {date_of_entry(e) for e in spec.get("workdays", [])}
        self.closures = {date_of_entry(e) for e in spec.get("closures", [])}
        hours = spec.get("office_hours", [["08:30", "12:00"], ["14:00", "17:30"]])
        self.office_hours = self.read_hours(hours)
        self.seasons = [(s["from"], s["to"], self.read_hours(s["office_hours"]))
                        for s in spec.get("seasonal_hours", [])]
        self.midnight = spec.get("day_end") == "midnight"

    @staticmethod
    def read_hours(hours):
        return [(read_minutes(a), read_minutes(b)) for a, b in hours]

    def local(self, instant):
        return (EPOCH + instant * MS).astimezone(self.zone)

    def date(self, instant):
        return self.local(instant).date()

    def at(self, day, minutes):
        """fold=0 reads a local time that is missing or comes twice with the earlier offset."""
        naive = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)
        return self.instant_of(naive)

    def instant_of(self, naive):
        """Of a local datetime."""
        return (naive.replace(tzinfo=self.zone, fold=0) - EPOCH) // MS

    def is_working(self, day):
        if day in self.closures:
            return False
        if day in self.workdays:
            return True
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def hours(self, day):
        month_day = day.strftime("%m-%d")
        for first, last, hours in self.seasons:
            inside = (first <= month_day <= last if first <= last
                      else month_day >= first or month_day <= last)
            if inside:
                return hours
        return self.office_hours

    def intervals(self, day):
        """Office time of a date as instants; none on a date that is not working."""
        if not self.is_working(day):
            return []
        return [(self.at(day, a), self.at(day, b)) for a, b in self.hours(day)]

    def close(self, day):
        return self.at(day, self.hours(day)[-1][1])

    def end(self, day):
        if self.is_working(day) and not self.midnight:
            return self.close(day)
        return self.at(day, 24 * 60)

    def day(self, instant):
        """The date on which an instant still counts."""
        own = self.date(instant)
        return own + DAY if instant >= self.end(own) else own

    def date_before(self, instant):
        """The date of an instant, where 24:00 belongs to the date it ends."""
        own = self.date(instant)
        return own - DAY if instant == self.at(own, 0) else own

    def next_working(self, day):
        for _ in range(HORIZON_DAYS):
            day += DAY
            if self.is_working(day):
                return day
        raise ValueError("a calendar without working dates")

    def show(self, instant):
        if instant is None:
            return None
        local = self.local(instant)
        text = local.isoformat(timespec="milliseconds" if instant % 1000 else "seconds")
        return text


# --- section 2: durations ----------------------------------------------------------------------


class Duration:
    PATTERN = re.compile(r"([1-9][0-9]*)(wd|d|wh|wm|ws|h|m|s)(?:@(\d\d:\d\d))?")

    def __init__(self, count, unit, at=None):
        self.count, self.unit, self.at = count, unit, at

    @classmethod
    def read(cls, text):
        found = cls.PATTERN.fullmatch(text) if isinstance(text, str) else None
        if not found or (found[3] and found[2] not in ("d", "wd")):
            return None
        return cls(int(found[1]), found[2], read_minutes(found[3]) if found[3] else None)

    @property
    def in_days(self):
        return self.unit in ("d", "wd")

    @property
    def in_office(self):
        return self.unit in ("wh", "wm", "ws")

    @property
    def ms(self):
        return self.count * UNIT_MS[self.unit]


def merge(pauses):
    merged = []
    for first, last in sorted(p for p in pauses if p[0] < p[1]):
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def without(intervals, holes):
    """The parts of the intervals that lie in no hole."""
    for hole_from, hole_to in holes:
        parts = []
        for first, end in intervals:
            parts += [(first, min(end, hole_from)), (max(first, hole_to), end)]
        intervals = parts
    return [part for part in intervals if part[0] < part[1]]


def pause_around(instant, pauses):
    for pause in pauses:
        if pause[0] <= instant < pause[1]:
            return pause
    return None


class Counter:
    """Counts a duration from a start, leaving out pauses."""

    def __init__(self, calendar, start, pauses=(), late_arrival=False):
        self.calendar, self.start = calendar, start
        self.pauses = merge(pauses)
        self.late_arrival = late_arrival

    def first_date(self):
        day = self.calendar.date(self.start)
        if not self.late_arrival:
            return day
        if not self.calendar.is_working(day) or self.start > self.calendar.close(day):
            return self.calendar.next_working(day)
        return day

    def paused_dates(self):
        calendar = self.calendar
        return [(calendar.day(a), date.max if b == FOREVER else calendar.day(b))
                for a, b in self.pauses]

    def nth_date(self, count, unit):
        paused = self.paused_dates()
        day = self.first_date()
        for _ in range(HORIZON_DAYS):
            day += DAY
            if any(a <= day and b == date.max for a, b in paused):
                return None
            if any(a <= day < b for a, b in paused):
                continue
            if unit == "wd" and not self.calendar.is_working(day):
                continue
            count -= 1
            if count == 0:
                return day
        return None

    def on_date(self, day, at):
        if day is None:
            return None
        return self.calendar.end(day) if at is None else self.calendar.at(day, at)

    def stretches(self, in_office):
        """What counts, in order, before pauses are taken out."""
        if not in_office:
            yield self.start, FOREVER
            return
        day, last = self.calendar.date(self.start) - DAY, self.start
        for _ in range(HORIZON_DAYS):
            for first, end in self.calendar.intervals(day):
                if end > max(first, last):
                    yield max(first, last), end
                    last = end
            day += DAY

    def counted(self, in_office):
        for first, end in self.stretches(in_office):
            for pause_from, pause_to in self.pauses:
                if pause_to <= first or pause_from >= end:
                    continue
                if first < pause_from:
                    yield first, pause_from
                first = pause_to
            if first < end:
                yield first, end

    def counted_until(self, end):
        for stretch in self.counted(True):
            if stretch[0] >= end:
                return
            yield stretch

    def after_ms(self, left, in_office):
        for first, end in self.counted(in_office):
            if left <= end - first:
                return first + left if first + left < FOREVER else None
            left -= end - first
        return None

    def after(self, duration):
        if duration.in_days:
            return self.on_date(self.nth_date(duration.count, duration.unit), duration.at)
        return self.after_ms(duration.ms, duration.in_office)


def office_time_back(calendar, until, left):
    """The latest instant with that much office time up to `until`."""
    day, limit = calendar.date(until) + DAY, until
    for _ in range(HORIZON_DAYS):
        for first, end in reversed(calendar.intervals(day)):
            end = min(end, limit)
            if end <= first:
                continue
            if left <= end - first:
                return end - left
            left -= end - first
            limit = first
        day -= DAY
    return None


def dates_from_due(calendar, due, count, unit, sign):
    day = calendar.date_before(due)
    for _ in range(HORIZON_DAYS):
        day += sign * DAY
        if unit == "d" or calendar.is_working(day):
            count -= 1
        if count == 0:
            return day
    return None


def from_due(calendar, due, sign, duration):
    if duration is None:
        return due
    if duration.in_days:
        day = dates_from_due(calendar, due, duration.count, duration.unit, sign)
        return calendar.end(day) if duration.at is None else calendar.at(day, duration.at)
    if not duration.in_office:
        return due + sign * duration.ms
    if sign < 0:
        return office_time_back(calendar, due, duration.ms)
    return Counter(calendar, due).after_ms(duration.ms, True)
