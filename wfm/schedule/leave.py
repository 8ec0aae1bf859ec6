"""Leave: whole days on which no shift starts, and what each date credits towards the limits of its week."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from wfm.config import Contract, employed
from wfm.hours import DAY_MIN
from wfm.schedule.facts import Absence, Facts
from wfm.schedule.horizon import Day


@dataclass(frozen=True)
class LeaveDay:
    """Leave of one date: no shift starts on a whole one; hours credited; `counts` if a day is."""

    whole: bool
    paid_h: Fraction
    unpaid_h: Fraction
    counts: bool


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
