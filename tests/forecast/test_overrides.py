"""Overrides: set, add and multiply on intervals, totals and bands, in file order, until they expire."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.forecast.made import BERLIN, configured, history, local_dates_of, overrides
from wfm.errors import DataError
from wfm.forecast import forecast
from wfm.tables import BANDS

MONDAY = {"from": "2026-03-02 00:00", "to": "2026-03-03 00:00"}
MORNING = {"from": "2026-03-02 09:00", "to": "2026-03-02 11:00"}
PAST = history()
CONFIG = configured()


def made(*rows):
    table = overrides(*rows) if rows else None
    return forecast(PAST, CONFIG, horizon_days=7, models=("moving_average",), overrides=table)


PLAIN = made()


def inside(frame, span):
    start, end = (pd.Timestamp(span[name], tz=BERLIN) for name in ("from", "to"))
    return (frame["interval_start"] >= start) & (frame["interval_start"] < end)


@pytest.mark.parametrize(
    ("mode", "value", "expected"),
    [
        pytest.param("set", 12.0, lambda before: 0 * before + 12, id="set"),
        pytest.param("add", 3.0, lambda before: before + 3, id="add"),
        pytest.param("add", -1e6, lambda before: 0 * before, id="never below zero"),
        pytest.param("multiply", 1.5, lambda before: 1.5 * before, id="multiply"),
    ],
)
def test_an_interval_override_changes_every_interval_of_its_span(mode, value, expected):
    found = made({**MORNING, "mode": mode, "value": value}).forecast
    span = inside(found, MORNING)
    assert span.sum() == 4
    assert found.loc[span, "offered"].to_numpy() == pytest.approx(
        expected(PLAIN.forecast.loc[span, "offered"])
    )
    assert found[~span].equals(PLAIN.forecast[~span])


@pytest.mark.parametrize(
    ("mode", "value", "total"),
    [("set", 500.0, lambda before: 0 * before + 500), ("add", 50.0, lambda before: before + 50)],
    ids=["set", "add"],
)
def test_a_total_is_spread_by_the_profile(mode, value, total):
    found = made({**MONDAY, "mode": mode, "value": value, "grain": "total"}).forecast
    span = inside(found, MONDAY)
    before, after = PLAIN.forecast.loc[span, "offered"], found.loc[span, "offered"]
    assert after.sum() == pytest.approx(total(before.sum()))
    assert (after / before).std() == pytest.approx(0, abs=1e-9)


def test_bands_scale_with_the_value_and_days_follow():
    found = made({**MONDAY, "mode": "multiply", "value": 1.5})
    span, day = inside(found.forecast, MONDAY), found.days["date"] == "2026-03-02"
    for frame, plain, rows in (
        (found.forecast, PLAIN.forecast, span),
        (found.days, PLAIN.days, day),
    ):
        columns = ["offered", *BANDS]
        assert frame.loc[rows, columns].to_numpy() == pytest.approx(1.5 * plain.loc[rows, columns].to_numpy())
        assert frame[~rows].equals(plain[~rows])


def test_they_apply_in_file_order():
    late_set = made({**MORNING, "mode": "add", "value": 5.0}, {**MONDAY, "mode": "set", "value": 9.0})
    late_add = made({**MONDAY, "mode": "set", "value": 9.0}, {**MORNING, "mode": "add", "value": 5.0})
    span = inside(PLAIN.forecast, MORNING)
    assert set(late_set.forecast.loc[span, "offered"]) == {9.0}
    assert set(late_add.forecast.loc[span, "offered"]) == {14.0}


def test_nothing_is_created_in_closed_hours():
    night = {"from": "2026-03-02 22:00", "to": "2026-03-03 04:00", "mode": "set", "value": 99.0}
    found = made(night)
    assert found.forecast.equals(PLAIN.forecast)
    assert any("no effect" in note for note in found.notes)


@pytest.mark.parametrize(
    ("expires", "works"), [("2026-02-28 14:00", False), ("2026-03-01 12:00", True)], ids=["at as_of", "later"]
)
def test_expiry_is_judged_at_as_of(expires, works):
    found = made({**MORNING, "mode": "set", "value": 9.0, "expires": expires})
    assert found.forecast.equals(PLAIN.forecast) == (not works)
    assert any("expired" in note for note in found.notes) == (not works)


def test_a_total_of_handle_time_is_its_call_weighted_mean():
    found = made({**MONDAY, "field": "aht_s", "mode": "set", "value": 300.0, "grain": "total"}).forecast
    rows = found[inside(found, MONDAY)]
    assert np.average(rows["aht_s"], weights=rows["offered"]) == pytest.approx(300.0)
    assert found["offered"].equals(PLAIN.forecast["offered"])


def test_negative_values_and_unknown_queues_are_refused():
    with pytest.raises(DataError, match="negative"):
        made({**MORNING, "mode": "multiply", "value": -1.0})
    with pytest.raises(DataError, match="unknown queue"):
        made({**MORNING, "mode": "set", "value": 1.0, "queue": "b"})


@pytest.mark.parametrize(("factor", "value"), [(0.0, 0.0), (0.5, 30.0), (10.0, 1000.0)], ids=lambda x: f"{x}")
def test_days_are_the_sum_of_their_intervals(factor, value):
    found = made(
        {**MORNING, "mode": "multiply", "value": factor},
        {**MONDAY, "mode": "add", "value": value, "grain": "total"},
    )
    sums = found.forecast.groupby(local_dates_of(found.forecast))["offered"].sum()
    assert found.days["offered"].to_numpy() == pytest.approx(sums.to_numpy())
