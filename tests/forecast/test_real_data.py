"""On real calls the default is ahead of the planner's rules, and its bands hold."""

from __future__ import annotations

import pytest

from bench.real_series import ANONYMOUS_BANK, BANK, SEATTLE
from wfm.forecast import backtest

pytestmark = pytest.mark.real_data


@pytest.mark.parametrize("series", [BANK, ANONYMOUS_BANK, SEATTLE], ids=lambda series: series.queue)
def test_the_default_is_ahead_of_last_week_and_of_the_eight_week_mean(shared, series):
    scores = backtest(series.history(shared / "data"), series.config(), horizon_days=14, origins=5).scores
    wape = scores.set_index(scores["model"].str.partition("(")[0])["wape"]
    assert wape["mean"] < 0.97 * wape["moving_average"]
    assert wape["mean"] < 0.85 * wape["seasonal_naive"]
    assert scores["noise_floor"].iloc[0] < wape["mean"]


@pytest.mark.parametrize("series", [BANK, ANONYMOUS_BANK], ids=lambda series: series.queue)
def test_bands_cover_what_they_promise(shared, series):
    scores = backtest(series.history(shared / "data"), series.config(), horizon_days=14, origins=10).scores
    mean = scores[scores["model"].str.startswith("mean(")].iloc[0]
    assert mean["coverage_80"] == pytest.approx(0.80, abs=0.08)
    assert mean["coverage_95"] == pytest.approx(0.95, abs=0.04)
