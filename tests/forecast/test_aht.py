"""Handle times: weighted by contacts, robust, shrunken, never invented."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.forecast.made import OFFICE, configured, history
from wfm.errors import ConfigError
from wfm.forecast import forecast
from wfm.forecast.aht import expected_aht_s
from wfm.forecast.daygrid import DayGrid

SLOTS = 12


def grid_of(aht_s, handled, days=70):
    shape = (days, SLOTS)
    dates = pd.date_range("2026-01-05", periods=days, freq="D", unit="us")
    aht, weight = np.broadcast_to(aht_s, shape).copy(), np.broadcast_to(handled, shape).copy()
    return DayGrid(dates, weight * 1.0, weight * 1.0, aht * 1.0, np.ones(shape, dtype=bool))


def week_of(grid):
    """Return the expected handle times of a week (7, slots)."""
    after = grid.dates[-1] + pd.Timedelta(days=1)  # a Monday
    return expected_aht_s([(grid, after)])[0]


def test_a_constant_handle_time_is_kept():
    assert week_of(grid_of(240.0, 5.0)) == pytest.approx(240.0)


def test_the_mean_is_weighted_by_contacts():
    busy = np.arange(SLOTS) < 6
    found = week_of(grid_of(np.where(busy, 100.0, 400.0), np.where(busy, 90.0, 10.0)))
    weight = np.where(busy, 90.0, 10.0)
    assert np.average(found[0], weights=weight) == pytest.approx(130.0, rel=0.02)


def test_enough_contacts_bring_out_slot_and_weekday():
    pattern = 200.0 + 100.0 * (np.arange(SLOTS) == 3)
    aht = np.tile(pattern, (70, 1))
    aht[np.arange(70) % 7 == 5] *= 1.5  # Saturdays
    found = week_of(grid_of(aht, 5000.0))
    assert found[0, [2, 3]] == pytest.approx([200, 300], rel=0.02)
    assert found[5, 2] == pytest.approx(300, rel=0.02)


def test_thin_evidence_stays_near_the_queue():
    aht = np.full((70, SLOTS), 200.0)
    aht[69, 4] = 900.0
    found = week_of(grid_of(aht, 1.0))
    assert found.max() < 220


def test_one_endless_call_does_not_move_the_forecast():
    aht = np.full((70, SLOTS), 200.0)
    aht[60, 4] = 200_000.0
    assert week_of(grid_of(aht, 3.0)).max() < 240


def test_intervals_without_contacts_say_nothing():
    aht, handled = np.full((70, SLOTS), 200.0), np.full((70, SLOTS), 4.0)
    aht[:, 5], handled[:, 5] = 9999.0, 0.0
    assert week_of(grid_of(aht, handled)) == pytest.approx(200.0)


def test_the_configured_handle_time_is_used_where_the_history_has_none():
    result = forecast(history(), configured(), horizon_days=7, models=("seasonal_naive",))
    assert set(result.forecast["aht_s"]) == {200.0}
    assert set(result.days["aht_s"].round(6)) == {200.0}


def test_no_handle_time_anywhere_names_the_queue():
    with pytest.raises(ConfigError, match=r"queues\.a\.aht_s"):
        forecast(history(), configured(a={"hours": OFFICE, "aht_s": None}), horizon_days=7)


def test_a_history_without_handle_times_has_no_forecast_of_them():
    assert np.isnan(week_of(grid_of(np.nan, 5.0))).all()


def test_places_are_counted_from_the_first_day_to_forecast():
    aht = np.full((70, SLOTS), 200.0)
    aht[np.arange(70) % 7 == 5] *= 1.5  # Saturdays
    grid = grid_of(aht, 5000.0)
    thursday = grid.dates[-1] + pd.Timedelta(days=4)
    found = expected_aht_s([(grid, thursday), (grid, grid.dates[-14])])
    assert found[0, :, 2] == pytest.approx([200, 200, 300, 200, 200, 200, 200], rel=0.02)
    assert found[1, :, 2] == pytest.approx([200, 200, 200, 200, 200, 300, 200], rel=0.02)
