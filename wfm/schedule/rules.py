"""The hard rules of one agent about single shifts, each a named function (`rule_names` lists all).

A mask says for every (date, shift type) whether the rule allows the shift; limits bound weeks and runs.
Every rule can be relaxed by its name, so that a conflict can be explained by the smallest set of names.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from wfm.config import employed
from wfm.hours import DAY_MIN, WEEK_MIN
from wfm.schedule.catalogue import NO_START, Catalogue
from wfm.schedule.facts import Facts
from wfm.schedule.horizon import Day
from wfm.schedule.leave import LeaveDay

Mask = NDArray[np.bool_]


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


def within_day_hours(facts: Facts, paid: NDArray[np.int64]) -> Mask:
    """No shift has more paid time (minutes) than a day may have."""
    most = facts.contract.day_hours
    allowed: Mask = np.ones(paid.shape, dtype=bool) if most is None else paid <= int(Fraction(str(most)) * 60)
    return allowed


def rested_before(catalogue: Catalogue, facts: Facts, rest_min: int) -> Mask:
    """The first shifts rest long enough (minutes) after the last shift before the horizon."""
    begin = catalogue.begin[:, :, None]
    if facts.last_end is None:
        return np.broadcast_to(begin != NO_START, catalogue.local_end.shape)
    rested = begin >= facts.last_end + rest_min
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


def rest_minutes(hours: float | None) -> int:
    """Return hours of rest in whole minutes, rounded up; 0 for none."""
    rest = Fraction(str(hours or 0)) * 60
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
