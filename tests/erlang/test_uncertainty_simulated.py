"""The claim of the mixture, in the simulator: uncertain days give the service that was expected of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang import staff
from wfm.simulate.options import Options
from wfm.simulate.stage import simulate
from wfm.tables import BANDS, FORECAST

ZONE, TARGET = "Europe/Berlin", 0.8
MONDAY = pd.Timestamp("2026-03-02", tz=ZONE)


def config_of(**keys):
    queue = {"hours": "Mon-Fri 08:00-18:00", "service_level": TARGET, "patience_s": 180, **keys}
    return build_config({"centre": {"timezone": ZONE, "interval_min": 30}, "queues": {"billing": queue}})


def forecast_of(calls, aht_s):
    days = [
        pd.date_range(MONDAY + pd.Timedelta(days=day, hours=8), periods=20, freq="30min") for day in range(5)
    ]
    starts = days[0].append(days[1:])
    frame = pd.DataFrame({"queue": "billing", "interval_start": starts, "offered": calls, "aht_s": aht_s})
    return conform(frame.assign(**dict.fromkeys(BANDS, calls), model="given"), FORECAST)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param({"uncertainty_cv": 0.2}, id="per interval"),
        pytest.param({"uncertainty_cv": 0.2, "load_model": "offered_load"}, id="moving load"),
        pytest.param({"uncertainty_cv": 0.4, "service_level_variant": "answered"}, id="of the answered"),
    ],
)
def test_a_mixture_keeps_its_promise_on_uncertain_days_and_a_certain_plan_does_not(keys):
    """The simulator draws a gamma factor per day; its service level pools the calls of all days."""
    uncertain = config_of(uncertainty="mixture", **keys)
    certain = config_of(**{**keys, "uncertainty": "none"})
    expected = forecast_of(300.0, 180.0)
    mixed, plain = staff(expected, uncertain), staff(expected, certain)
    assert mixed["agents_required"].sum() > plain["agents_required"].sum()
    options = Options(replications=300)
    late = pd.DatetimeIndex(mixed["interval_start"]).tz_convert(ZONE).hour >= 9  # the day begins empty
    played, hoped = (simulate(plan, uncertain, options=options).simulation for plan in (mixed, plain))
    for column, tolerance in (("service_level", 0.02), ("abandonment", 0.01), ("occupancy", 0.01)):
        gaps = played[column].to_numpy() - mixed[column].to_numpy()
        assert abs(gaps[late].mean()) < tolerance, column
    reached, missed = (float(np.mean(table["service_level"][late])) for table in (played, hoped))
    assert reached == pytest.approx(TARGET, abs=0.025)
    assert missed < TARGET - 0.03
    assert float(plain["service_level"].mean()) >= TARGET  # what the certain plan says of itself
