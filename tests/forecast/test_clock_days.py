"""Days of a clock change, counted by hand: instants a step apart between two midnights of the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.forecast.made import configured
from wfm.conform import conform
from wfm.forecast.doctor import Finding, examine
from wfm.tables import HISTORY

ZONES = (
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "America/St_Johns",
    "America/Havana",
    "America/Santiago",
    "Atlantic/Azores",
    "Asia/Beirut",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Pacific/Chatham",
)
STEPS_MIN = (5, 10, 15, 30, 60)


def midnight(day: date, timezone: str) -> datetime:
    """Return the instant from which on the wall clock shows `day`: by search, minute by minute."""
    place, moment = (
        ZoneInfo(timezone),
        datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15),
    )
    while moment.astimezone(place).date() < day:
        moment += timedelta(minutes=5)
    return moment


@cache
def changes(timezone: str, year: int) -> list[date]:
    """Return the dates of a year that do not last 24 hours."""
    place, days = ZoneInfo(timezone), [date(year, 1, 10) + timedelta(days=n) for n in range(345)]
    noons = [datetime(day.year, day.month, day.day, 12, tzinfo=place).utcoffset() for day in days]
    found = []
    for before, day, offset, last in zip(days, days[1:], noons[1:], noons, strict=False):
        if offset != last:  # between two noons: on either date
            found += [d for d in (before, day) if length(d, timezone) != timedelta(hours=24)]
    return found


def length(day: date, timezone: str) -> timedelta:
    return midnight(day + timedelta(days=1), timezone) - midnight(day, timezone)


def starts_of(day: date, timezone: str, step_min: int) -> list[datetime]:
    first, step = midnight(day, timezone), timedelta(minutes=step_min)
    return [first + n * step for n in range(-(-length(day, timezone) // step))]


def clock_findings(starts: list[datetime], timezone: str, step_min: int, **queue: object) -> list[Finding]:
    rows = pd.DataFrame({"queue": "a", "interval_start": pd.DatetimeIndex(starts), "offered": 20.0})
    config = configured(step_min, timezone, a=queue)
    return [f for f in examine(conform(rows, HISTORY), config) if f.kind == "clock day"]


@settings(max_examples=examples(40))
@given(
    timezone=st.sampled_from(ZONES),
    year=st.integers(2005, 2035),
    step_min=st.sampled_from(STEPS_MIN),
    lost=st.sets(st.integers(0, 299), max_size=3),
    which=st.integers(0, 1),
)
def test_a_day_has_as_many_intervals_as_its_clock_makes_and_lost_ones_are_missed(
    timezone, year, step_min, lost, which
):
    assume((timezone, step_min) != ("Australia/Lord_Howe", 60))  # no whole hours: check_history refuses it
    days = changes(timezone, year)
    assume(days)  # some zones gave it up
    day = days[which % len(days)]
    around = [day + timedelta(days=n) for n in (-2, -1, 1, 2)]
    inside = starts_of(day, timezone, step_min)
    kept = [start for n, start in enumerate(inside) if n not in lost]
    starts = [s for d in around for s in starts_of(d, timezone, step_min)] + kept
    (found,) = [f for f in clock_findings(sorted(starts), timezone, step_min) if f.dates == (str(day),)]
    assert f"has {len(kept)} of {len(inside)} open intervals of {step_min} min" in found.text
    assert found.wrong == (len(kept) < len(inside))


@pytest.mark.parametrize(
    ("timezone", "day", "quarters"),
    [
        pytest.param("Europe/Berlin", date(2026, 3, 29), 92, id="spring"),
        pytest.param("Europe/Berlin", date(2026, 10, 25), 100, id="autumn"),
        pytest.param("Australia/Lord_Howe", date(2026, 10, 4), 94, id="spring, half an hour"),
        pytest.param("Australia/Lord_Howe", date(2026, 4, 5), 98, id="autumn, half an hour"),
    ],
)
def test_the_numbers_of_quarter_hours_that_everybody_knows(timezone, day, quarters):
    (found,) = clock_findings(starts_of(day, timezone, 15), timezone, 15)
    assert f"has {quarters} of {quarters}" in found.text
    assert not found.wrong


@pytest.mark.parametrize("pass_lost", [0, 1])
@pytest.mark.parametrize("step_min", [15, 30, 60])
def test_one_pass_without_rows_or_contacts_is_wrong(pass_lost, step_min):
    day, place = date(2026, 10, 25), ZoneInfo("Europe/Berlin")
    starts = starts_of(day, "Europe/Berlin", step_min)
    lost = [s for s in starts if s.astimezone(place).hour == 2 and s.astimezone(place).fold == pass_lost]
    assert len(lost) == 60 // step_min
    (found,) = clock_findings([s for s in starts if s not in lost], "Europe/Berlin", step_min)
    assert found.wrong
    assert "only one pass" in found.text


def test_days_around_that_are_as_sparse_say_that_nothing_is_missing():
    days = [date(2026, 3, 29) + timedelta(days=n) for n in (-1, 0, 1)]
    starts = [s for day in days for n, s in enumerate(starts_of(day, "Europe/Berlin", 15)) if n % 7]
    (found,) = clock_findings(starts, "Europe/Berlin", 15)
    assert not found.wrong


@pytest.mark.parametrize(("hours", "asked"), [("Mon-Sun 08:00-18:00", 0), ("Mon-Sun 02:00-18:00", 1)])
@pytest.mark.parametrize("day", [date(2026, 3, 29), date(2026, 10, 25)])
def test_only_queues_that_are_open_over_the_change_are_asked(day, hours, asked):
    starts = starts_of(day, "Europe/Berlin", 15)
    assert len(clock_findings(starts, "Europe/Berlin", 15, hours=hours)) == asked
