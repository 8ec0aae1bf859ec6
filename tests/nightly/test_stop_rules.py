"""The rules that keep the plan before: volumes that cannot be, forecasts that jump."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.config import Config, build_config
from wfm.errors import DataError
from wfm.nightly.change_guard import CHANCE, check_changes, jumping_days
from wfm.nightly.volume import WEEKS, check_volume, last_day

ZONE = "Europe/Berlin"
LAST = pd.Timestamp("2026-03-03")  # a Tuesday
UNTIL = pd.Timestamp("2026-03-04 00:30", tz=ZONE).tz_convert("UTC")


def config_with(queues: tuple[str, ...] = ("hotline",), **nightly: object) -> Config:
    """Return a configuration with these queues and limits."""
    queue = {"service_level": 0.8, "answer_within_s": 20, "holidays": "DE"}
    centre = {"timezone": ZONE, "interval_min": 60}
    return build_config({"centre": centre, "queues": dict.fromkeys(queues, queue), "nightly": nightly})


def history_of(last_day_total: int, usual: int = 240, queue: str = "hotline", days: int = 70) -> pd.DataFrame:
    """Return a history with `usual` contacts on every local day and another number on the last."""
    dates = pd.date_range(end=LAST, periods=days, freq="D")
    rows = []
    for day in dates:
        total = last_day_total if day == LAST else usual
        starts = pd.date_range(day + pd.Timedelta(hours=8), periods=8, freq="h", tz=ZONE)
        rows.append(pd.DataFrame({"interval_start": starts.tz_convert("UTC"), "offered": total / 8}))
    return pd.concat(rows, ignore_index=True).assign(queue=queue, aht_s=200.0)


def event(first: str, last: str, queue: str | None = None) -> pd.DataFrame:
    """Return EVENTS with one row, in local time."""
    ends = pd.to_datetime([first, last]).tz_localize(ZONE).tz_convert("UTC")
    queues = pd.Series([queue], dtype="str")
    return pd.DataFrame(
        {"name": ["x"], "queue": queues, "from": ends[:1], "to": ends[1:], "kind": ["campaign"]}
    )


@given(
    share=st.floats(0, 12),
    low=st.floats(0, 0.9),
    high=st.floats(1.1, 9),
)
def test_a_last_day_is_refused_just_when_it_is_out_of_the_limits(
    share: float, low: float, high: float
) -> None:
    total = round(share * 240)
    config = config_with(min_volume=low, max_volume=high)
    inside = low * 240 <= total <= high * 240
    if inside:
        check_volume(history_of(total), config, UNTIL, None)
    else:
        with pytest.raises(DataError, match=f"{total} contacts? on 2026-03-03"):
            check_volume(history_of(total), config, UNTIL, None)


def test_the_last_whole_day_and_the_median_of_its_weekdays_are_compared() -> None:
    history = history_of(100)
    weekdays = history["interval_start"].dt.tz_convert(ZONE).dt.normalize().dt.tz_localize(None)
    for week in range(1, WEEKS + 1):
        history.loc[weekdays == LAST - pd.Timedelta(weeks=week), "offered"] = week / 8
    found = last_day(history.assign(offered=history["offered"] * 100), config_with(), UNTIL, None)
    assert found == (date(2026, 3, 3), 10_000.0, 450.0)


def test_a_day_that_is_not_over_is_not_judged() -> None:
    config = config_with()
    noon = pd.Timestamp("2026-03-03 12:00", tz=ZONE).tz_convert("UTC")
    history = history_of(1)
    check_volume(history[history["interval_start"] < noon], config, noon, None)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(event("2026-03-03T10:00", "2026-03-03T11:00"), id="of all queues"),
        pytest.param(event("2026-03-02T22:00", "2026-03-03T01:00", "hotline"), id="of the queue at night"),
    ],
)
def test_an_event_of_the_day_explains_it(events: pd.DataFrame) -> None:
    check_volume(history_of(1), config_with(), UNTIL, events)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(event("2026-03-04T00:00", "2026-03-04T11:00"), id="the day after"),
        pytest.param(event("2026-03-03T10:00", "2026-03-03T11:00", "other"), id="of another queue"),
    ],
)
def test_other_events_do_not(events: pd.DataFrame) -> None:
    with pytest.raises(DataError):
        check_volume(history_of(1), config_with(("hotline", "other")), UNTIL, events)


def test_a_public_holiday_is_no_usual_day() -> None:
    history = history_of(0)
    moved = history.assign(interval_start=history["interval_start"] + pd.Timedelta(days=59))
    holiday = pd.Timestamp("2026-05-01")  # in all of Germany
    assert LAST + pd.Timedelta(days=59) == holiday
    check_volume(moved, config_with(), UNTIL + pd.Timedelta(days=59), None)


def test_too_short_or_too_small_a_history_is_not_judged() -> None:
    check_volume(history_of(0, days=27), config_with(), UNTIL, None)
    check_volume(history_of(0, usual=16), config_with(), UNTIL, None)


def days_of(*totals: float, queue: str = "hotline") -> pd.DataFrame:
    """Return DAYS with these totals from the first of March on."""
    dates = pd.date_range("2026-03-01", periods=len(totals), freq="D", unit="us")
    return pd.DataFrame({"queue": queue, "date": dates, "offered": totals})


@given(before=st.floats(0, 1e5), after=st.floats(0, 1e5), limit=st.floats(0.05, 3))
def test_a_day_jumps_if_it_differs_by_more_than_the_limit_and_than_chance(
    before: float, after: float, limit: float
) -> None:
    off = abs(after - before)
    jumps = off > limit * before and off > CHANCE * max(before, after) ** 0.5
    assert bool(jumping_days(days_of(after), days_of(before), limit)) == jumps


def test_a_jump_is_held_and_named() -> None:
    with pytest.raises(DataError, match="hotline 2026-03-02: 100 -> 300 contacts") as caught:
        check_changes(days_of(100, 300), days_of(100, 100), config_with(), [])
    assert "2026-03-01" not in caught.value.problem
    assert "--accept-changes" in caught.value.hint


def test_days_that_only_one_forecast_has_are_not_compared() -> None:
    check_changes(days_of(100), days_of(100, 100), config_with(), [])
    check_changes(days_of(1000, queue="new"), days_of(100), config_with(("hotline", "new")), [])


@pytest.mark.parametrize(
    ("reason", "held"),
    [
        pytest.param(event("2026-03-02T12:00", "2026-03-02T13:00"), False, id="an event of the day"),
        pytest.param(event("2026-03-02T12:00", "2026-03-02T13:00", "hotline"), False, id="of the queue"),
        pytest.param(event("2026-03-03T12:00", "2026-03-03T13:00"), True, id="of another day"),
    ],
)
def test_a_reason_explains_a_jump(reason: pd.DataFrame, *, held: bool) -> None:
    before, after = days_of(100, 100), days_of(100, 300)
    if held:
        with pytest.raises(DataError):
            check_changes(after, before, config_with(), [reason])
    else:
        check_changes(after, before, config_with(), [reason])
