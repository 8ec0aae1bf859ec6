"""Wall clocks and instants: local days and grids are whole in any zone and year."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.hours import DAY_MIN, parse_hours
from wfm.localtime import (
    day_bounds,
    exists,
    instant,
    instant_of_minute,
    interval_grid,
    local_dates,
    open_mask,
    to_local,
    week_start_of,
    zone,
)

ZONES = st.sampled_from(
    [
        "UTC",
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",  # clock changes at midnight
        "Asia/Beirut",
        "Asia/Kathmandu",
        "Asia/Kolkata",
        "Australia/Adelaide",
        "Australia/Lord_Howe",  # half an hour of summer time
        "Africa/Casablanca",
        "Pacific/Apia",  # skipped 30 December 2011
        "Pacific/Chatham",
    ]
)
DAYS = st.dates(date(1975, 1, 1), date(2037, 12, 30))
INTERVALS = st.sampled_from([5, 10, 15, 30])


@given(name=ZONES, day=DAYS)
def test_successive_local_days_tile_time(name: str, day: date) -> None:
    begin, end = day_bounds(day, name)
    following, _ = day_bounds(day + timedelta(days=1), name)
    assert end == following
    assert begin <= end <= begin + timedelta(hours=25)


@given(name=ZONES, day=DAYS, interval_min=INTERVALS)
def test_the_grid_of_a_day_is_its_instants_in_steps(name: str, day: date, interval_min: int) -> None:
    begin, end = day_bounds(day, name)
    grid = interval_grid(day, day, name, interval_min)
    assert len(grid) * timedelta(minutes=interval_min) == end - begin
    if len(grid):
        assert grid[0] == begin
        assert set(np.diff(grid.to_numpy())) <= {np.timedelta64(interval_min, "m")}
        assert set(local_dates(pd.Series(grid), name)) == {pd.Timestamp(day)}


@pytest.mark.parametrize(
    ("day", "quarters"),
    [
        pytest.param(date(2026, 3, 28), 96, id="ordinary"),
        pytest.param(date(2026, 3, 29), 92, id="spring"),
        pytest.param(date(2026, 10, 25), 100, id="autumn"),
    ],
)
def test_clock_change_days_have_92_and_100_quarter_hours(day: date, quarters: int) -> None:
    assert len(interval_grid(day, day, "Europe/Berlin", 15)) == quarters


@given(name=ZONES, moment=st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 30)))
def test_the_wall_clock_of_an_instant_leads_back_to_it_or_to_its_twin(name: str, moment: datetime) -> None:
    moment = moment.replace(tzinfo=UTC)
    local = to_local(pd.Series([pd.Timestamp(moment)]), name).iloc[0].to_pydatetime(warn=False)
    assert exists(local, name)
    assert instant(local, name) <= moment
    assert moment - instant(local, name) <= timedelta(hours=1)


@given(name=ZONES, local=st.datetimes(datetime(1975, 1, 1), datetime(2037, 12, 30)))
def test_a_wall_clock_time_exists_exactly_if_some_instant_shows_it(name: str, local: datetime) -> None:
    readings = [local.replace(tzinfo=ZoneInfo(name), fold=fold).astimezone(UTC) for fold in (0, 1)]
    shown = [reading.astimezone(ZoneInfo(name)).replace(tzinfo=None) for reading in readings]
    assert exists(local, name) == (local in shown)


@given(name=ZONES, day=DAYS, minute=st.integers(0, 2 * DAY_MIN))
def test_minutes_beyond_midnight_are_those_of_the_next_day(name: str, day: date, minute: int) -> None:
    shift, rest = divmod(minute, DAY_MIN)
    assert instant_of_minute(day, minute, name) == instant_of_minute(day + timedelta(days=shift), rest, name)


def test_a_time_in_the_gap_lies_past_it_by_its_length() -> None:
    assert instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert instant(datetime(2026, 10, 25, 2, 30), "Europe/Berlin") == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@given(name=ZONES, day=DAYS, first=st.integers(0, 6), start=st.integers(0, 95), end=st.integers(0, 95))
def test_an_interval_is_open_by_the_clock_on_the_wall(
    name: str, day: date, first: int, start: int, end: int
) -> None:
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    text = f"{days[first]} {start // 4:02d}:{start % 4 * 15:02d}-{end // 4:02d}:{end % 4 * 15:02d}"
    grid = interval_grid(day, day, name, 15)
    week = {minute for low, high in parse_hours(text).open_minutes() for minute in range(low, high)}
    local = to_local(pd.Series(grid), name)
    expected = [stamp.weekday() * DAY_MIN + stamp.hour * 60 + stamp.minute in week for stamp in local]
    assert open_mask(grid, parse_hours(text), name).tolist() == expected
    assert open_mask(grid, parse_hours(""), name).all()


@given(day=DAYS, week_start=st.integers(0, 6))
def test_a_week_starts_on_its_weekday_within_the_six_days_before(day: date, week_start: int) -> None:
    start = week_start_of(day, week_start)
    assert start.weekday() == week_start
    assert timedelta(0) <= day - start < timedelta(days=7)


@pytest.mark.parametrize("name", ["Berlin", "", "../etc/passwd", "Europe"])
def test_what_is_no_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="IANA"):
        zone(name)
