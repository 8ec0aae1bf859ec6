"""The hard rules of one agent, each a named function; `RULES` lists them by configuration key.

A mask says for every (date, shift type) whether the rule allows the shift; limits bound weeks and runs.
Every rule can be relaxed by its name, so that a conflict can be explained by the smallest set of names.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from wfm.config import Contract, employed
from wfm.hours import DAY_MIN, WEEK_MIN, clock
from wfm.schedule.catalogue import NO_START, Catalogue
from wfm.schedule.facts import Absence, Facts

Mask = NDArray[np.bool_]

AVAILABILITY = "availability"
EMPLOYMENT = "start_date, end_date"
TIME_OFF = "time_off"
PINS = "pins"
ACTIVITIES = "activities"
REST = "rest_h"
RUN = "consecutive_days"
LEAST_HOURS = "week_hours (min)"
MOST_HOURS = "week_hours (max)"
LEAST_DAYS = "days_per_week (min)"
MOST_DAYS = "days_per_week (max)"
WEEKENDS = "weekends_off_per_4_weeks"
RULES = (
    ACTIVITIES,
    PINS,
    TIME_OFF,
    AVAILABILITY,
    EMPLOYMENT,
    WEEKENDS,
    RUN,
    REST,
    MOST_DAYS,
    MOST_HOURS,
    LEAST_DAYS,
    LEAST_HOURS,
)


@dataclass(frozen=True)
class Day:
    """One date of an agent: its bounds on the grid and what its leave covers of it (minutes)."""

    when: date
    begin: int
    end: int


@dataclass(frozen=True)
class LeaveDay:
    """Leave of one date: no shift starts on a whole one; hours credited; `counts` if a day is."""

    whole: bool
    paid_h: Fraction
    unpaid_h: Fraction
    counts: bool


def within_availability(catalogue: Catalogue, facts: Facts, days: Sequence[Day]) -> Mask:
    """A shift lies wholly inside one span of the availability, by the wall clock of the site."""
    if facts.availability.always:
        return np.ones(catalogue.local_end.shape, dtype=bool)
    spans = availability_spans(facts)
    weekday = np.array([day.when.weekday() for day in days])[:, None, None] * DAY_MIN
    start = weekday + catalogue.starts[None, :, None]
    end = weekday + catalogue.local_end
    inside = np.zeros(catalogue.local_end.shape, dtype=bool)
    for first, last in spans:
        inside |= (start >= first) & (end <= last)
    return inside


def availability_spans(facts: Facts) -> list[tuple[int, int]]:
    """Return the merged availability over three weeks, minutes from Monday of the middle one."""
    weekly = facts.availability.open_minutes()
    merged: list[tuple[int, int]] = []
    for shift in (-WEEK_MIN, 0, WEEK_MIN):
        for first, last in weekly:
            if merged and first + shift <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last + shift))
            else:
                merged.append((first + shift, last + shift))
    return merged


def within_employment(catalogue: Catalogue, facts: Facts, days: Sequence[Day]) -> Mask:
    """Shifts start only on days of employment; the end date is one."""
    works = np.array([employed(facts.first_day, facts.last_day, day.when) for day in days])
    return np.broadcast_to(works[:, None, None], catalogue.local_end.shape)


def outside_leave(catalogue: Catalogue, leave: Sequence[LeaveDay]) -> Mask:
    """No shift starts on a whole day of leave."""
    free = np.array([not day.whole for day in leave])
    return np.broadcast_to(free[:, None, None], catalogue.local_end.shape)


def rested_before(catalogue: Catalogue, facts: Facts) -> Mask:
    """The first shifts rest long enough after the last shift before the horizon."""
    begin = catalogue.begin[:, :, None]
    if facts.last_end is None:
        return np.broadcast_to(begin != NO_START, catalogue.local_end.shape)
    rested = begin >= facts.last_end + rest_minutes(facts)
    return np.broadcast_to(rested & (begin != NO_START), catalogue.local_end.shape)


def as_pinned(catalogue: Catalogue, facts: Facts, days: Sequence[Day]) -> tuple[Mask, Mask]:
    """Return (shifts allowed by the pins, days off allowed by the pins)."""
    shifts = np.ones(catalogue.local_end.shape, dtype=bool)
    off = np.ones(len(days), dtype=bool)
    for pin in facts.pins:
        if pin.span is None:
            shifts[pin.day] = False
            continue
        off[pin.day] = False
        start, end = pin.span
        shifts[pin.day] = (catalogue.starts[:, None] == start) & (catalogue.local_end[pin.day] == end)
    return shifts, off


def rest_minutes(facts: Facts) -> int:
    """Return rest_h in whole minutes, rounded up."""
    rest = Fraction(str(facts.contract.rest_h)) * 60
    return -(-rest.numerator // rest.denominator)


def within_engagements(catalogue: Catalogue, facts: Facts) -> tuple[Mask, Mask]:
    """Return (shifts, days off) that leave room for the agent's activities: one shift holds each whole."""
    begin = catalogue.begin[:, :, None]
    end = begin + catalogue.lengths
    shifts = np.ones(catalogue.local_end.shape, dtype=bool)
    off = np.ones(len(begin), dtype=bool)
    for engagement in facts.engagements:
        holds = (begin <= engagement.begin) & (end >= engagement.end)
        apart = (begin >= engagement.end) | (end <= engagement.begin)
        of_its_day = np.zeros_like(shifts)
        of_its_day[engagement.day] = True
        shifts &= np.where(of_its_day, holds, apart)
        off[engagement.day] = False
    return shifts, off


def hours_of_leave_day(contract: Contract) -> Fraction:
    """Return the hours that one whole leave day credits, exactly."""
    if contract.leave_day_hours is not None:
        return Fraction(str(contract.leave_day_hours))
    most = contract.days_per_week[1]
    return Fraction(str(contract.week_hours[1])) / most if most else Fraction(0)


def leave_days(facts: Facts, days: Sequence[Day]) -> list[LeaveDay]:
    """Return what time off means for each date; credits of a week are capped at its most days of work.

    Days outside employment credit nothing. Partial leave credits its hours inside the availability on that
    date, also in a span that began the evening before, unless that was a whole leave day.
    """
    found: list[LeaveDay] = []
    whole_before = _whole(facts, facts.eve_spans, days[0].begin - DAY_MIN, days[0].begin)
    spans_before = facts.eve_spans
    credited = 0
    for index, day in enumerate(days):
        credited = 0 if index % 7 == 0 else credited
        spans = facts.open_spans[index]
        whole = _whole(facts, spans, day.begin, day.end)
        counts = whole and bool(spans) and credited < facts.contract.days_per_week[1]
        counts = counts and employed(facts.first_day, facts.last_day, day.when)
        credited += counts
        if whole:
            found.append(_whole_day(facts, spans or ((day.begin, day.end),), counts=counts))
        else:
            tail = () if whole_before else spans_before
            found.append(_part_of_day(facts, (*tail, *spans), day))
        whole_before, spans_before = whole, spans
    return found


def _whole(facts: Facts, spans: Sequence[tuple[int, int]], begin: int, end: int) -> bool:
    """Return whether time off covers the date, or every availability span that begins on it."""
    if not facts.absences:
        return False
    available = sum(last - first for first, last in spans)
    return _covered(facts.absences, [(begin, end)]) >= end - begin or (
        available > 0 and _covered(facts.absences, spans) >= available
    )


def _whole_day(facts: Facts, spans: Sequence[tuple[int, int]], *, counts: bool) -> LeaveDay:
    touching = [a for a in facts.absences if any(a.begin < last and a.end > first for first, last in spans)]
    hours = hours_of_leave_day(facts.contract) if counts else Fraction(0)
    paid = any(absence.paid for absence in touching)
    return LeaveDay(True, hours if paid else Fraction(0), Fraction(0) if paid else hours, counts)


def _part_of_day(facts: Facts, spans: Sequence[tuple[int, int]], day: Day) -> LeaveDay:
    here = [(max(first, day.begin), min(last, day.end)) for first, last in spans]
    here = [(first, last) for first, last in here if first < last]
    if not facts.absences or not employed(facts.first_day, facts.last_day, day.when):
        return LeaveDay(False, Fraction(0), Fraction(0), False)
    most = hours_of_leave_day(facts.contract)
    paid = min(most, Fraction(_covered([a for a in facts.absences if a.paid], here), 60))
    together = min(most, Fraction(_covered(facts.absences, here), 60))
    return LeaveDay(False, paid, together - paid, False)


def _covered(absences: Sequence[Absence], spans: Sequence[tuple[int, int]]) -> int:
    """Return the minutes of the spans, overlaps counted once, that the (disjoint) absences cover."""
    total = 0
    reached = min((first for first, _ in spans), default=0)
    for first, last in sorted(spans):
        begin = max(first, reached)
        total += sum(max(0, min(last, a.end) - max(begin, a.begin)) for a in absences)
        reached = max(reached, last)
    return total


def week_limits(
    facts: Facts, days: Sequence[Day], leave: Sequence[LeaveDay], relaxed: frozenset[str]
) -> tuple[list[tuple[Fraction, Fraction]], list[tuple[Fraction, int]]]:
    """Return (paid hours, shifts) as (min, max) per week.

    Pro rata in weeks of part employment, then less what leave credits.
    """
    hours: list[tuple[Fraction, Fraction]] = []
    shifts: list[tuple[Fraction, int]] = []
    contract = facts.contract
    for first in range(0, len(days), 7):
        week, off = days[first : first + 7], leave[first : first + 7]
        share = Fraction(sum(employed(facts.first_day, facts.last_day, d.when) for d in week), 7)
        if EMPLOYMENT in relaxed:
            share = Fraction(1)
        paid = sum((d.paid_h for d in off), Fraction(0))
        credit = sum((d.unpaid_h for d in off), paid)
        counted = sum(d.counts for d in off)
        low, high = (Fraction(str(hours_)) for hours_ in contract.week_hours)
        low = Fraction(0) if LEAST_HOURS in relaxed else max(Fraction(0), low * share - credit)
        high = Fraction(24 * 7) if MOST_HOURS in relaxed else max(Fraction(0), high - paid)
        hours.append((low, high))
        least, most = contract.days_per_week
        fewest = Fraction(0) if LEAST_DAYS in relaxed else max(Fraction(0), least * share - counted)
        shifts.append((fewest, 7 if MOST_DAYS in relaxed else max(0, most - counted)))
    return hours, shifts


def in_words(rule: str, facts: Facts) -> str:
    """Return a rule with the numbers it has for this agent."""
    contract = facts.contract
    words = {
        AVAILABILITY: f"availability '{facts.availability_text}'",
        EMPLOYMENT: f"employment from {facts.first_day or '-'} to {facts.last_day or '-'}",
        TIME_OFF: f"time_off ({len(facts.absences)} in the horizon)",
        PINS: "pins " + ", ".join(f"{_pin_words(pin.span)} on {pin.when}" for pin in facts.pins),
        ACTIVITIES: "activities " + ", ".join(e.activity_id for e in facts.engagements),
        REST: f"rest_h {contract.rest_h:g}",
        RUN: f"consecutive_days {contract.consecutive_days}",
        LEAST_HOURS: f"week_hours at least {contract.week_hours[0]:g}",
        MOST_HOURS: f"week_hours at most {contract.week_hours[1]:g}",
        LEAST_DAYS: f"days_per_week at least {contract.days_per_week[0]}",
        MOST_DAYS: f"days_per_week at most {contract.days_per_week[1]}",
        WEEKENDS: f"weekends_off_per_4_weeks {contract.weekends_off_per_4_weeks}",
    }
    return words[rule]


def _pin_words(span: tuple[int, int] | None) -> str:
    return "off" if span is None else f"{clock(span[0])}-{clock(span[1])}"
