"""Rules for agents under age, by date: no night, shorter days, longer breaks and rests, shorter weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from wfm.config import Minors, age_on
from wfm.hours import DAY_MIN, parse_span
from wfm.schedule.catalogue import Catalogue
from wfm.schedule.facts import Facts
from wfm.schedule.rule_names import (
    MINORS_BREAKS,
    MINORS_DAY_HOURS,
    MINORS_NIGHT,
    MINORS_STRETCH,
)

Mask = NDArray[np.bool_]


def is_minor(birth_date: date | None, day: date, minors: Minors) -> bool:
    """Return whether an agent is under age on a date; nobody is whose date of birth is not known."""
    age = age_on(birth_date, day)
    return age is not None and age < minors.under_age


def within_minority(
    catalogue: Catalogue, facts: Facts, paid: NDArray[np.int64], relaxed: frozenset[str]
) -> Mask:
    """Return which shifts (dates x starts x lengths) the rules for minors allow; `paid` is in minutes."""
    allowed = np.ones(catalogue.local_end.shape, dtype=bool)
    minors = facts.minors
    if not any(facts.minor):
        return allowed
    if minors.night is not None and MINORS_NIGHT not in relaxed:
        allowed &= ~touching(catalogue, parse_span(minors.night))
    if minors.day_hours is not None and MINORS_DAY_HOURS not in relaxed:
        allowed &= paid <= int(Fraction(str(minors.day_hours)) * 60)
    if MINORS_BREAKS not in relaxed:
        allowed &= _enough_breaks(catalogue, minors)[None, None, :]
    if minors.longest_stretch_h is not None and MINORS_STRETCH not in relaxed:
        allowed &= catalogue.for_minors[None, None, :]
    adult = ~np.array(facts.minor)
    allowed[adult] = ~catalogue.for_minors[None, None, :]
    return allowed


def touching(catalogue: Catalogue, span: tuple[int, int]) -> Mask:
    """Return which shifts overlap a daily span of the clock (minutes), of the date or of those beside it."""
    start, end = catalogue.starts[None, :, None], catalogue.local_end
    first, last = span
    touched = np.zeros(end.shape, dtype=bool)
    for shift in (-DAY_MIN, 0, DAY_MIN):
        touched |= (start < last + shift) & (end > first + shift)
    return touched


def _enough_breaks(catalogue: Catalogue, minors: Minors) -> Mask:
    """Return which lengths have the breaks that minors need."""
    total = np.array([sum(rest.minutes for rest in due) for due in catalogue.breaks], dtype=np.int64)
    enough = np.ones(len(catalogue.lengths), dtype=bool)
    for needed in minors.breaks:
        long = np.array(
            [length > Fraction(str(needed.over_hours)) * 60 for length in catalogue.lengths], bool
        )
        enough &= ~long | (total >= needed.minutes)
    return enough


def rests_between(facts: Facts, days: int, rest_min: int, minors_rest_min: int) -> Sequence[int]:
    """Return the rest (minutes) before each date: that of minors where the shift before was of one."""
    before = (facts.minor_eve, *facts.minor[: days - 1])
    return [max(rest_min, minors_rest_min) if minor else rest_min for minor in before]
