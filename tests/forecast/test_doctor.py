"""The doctor finds what was planted, and nothing in a clean history."""

from __future__ import annotations

import tomllib

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.forecast.doctor import examine
from wfm.tables import HISTORY


def small_config() -> Config:
    text = """
[centre]
timezone = "Europe/Berlin"
interval_min = 30
[queues.hotline]
service_level = 0.8
hours = "Mon-Fri 08:00-18:00"
"""
    return build_config(tomllib.loads(text))


def clean_history() -> pd.DataFrame:
    """Return ten weeks of 20 contacts per open half-hour, everything handled, over a spring clock change."""
    starts = pd.date_range("2026-02-02", "2026-04-11", freq="30min", tz="Europe/Berlin", unit="us")
    opens = starts[starts.day_of_week < 5]
    opens = opens[(opens.hour >= 8) & (opens.hour < 18)]
    random = np.random.default_rng(1)
    offered = random.poisson(20, len(opens)).astype(float)
    frame = pd.DataFrame({"queue": "hotline", "interval_start": opens.tz_convert("UTC"), "offered": offered})
    return conform(frame.assign(handled=offered, abandoned=0.0, aht_s=180.0), HISTORY)


def wrong(history: pd.DataFrame) -> dict[str, str]:
    return {finding.kind: finding.text for finding in examine(history, small_config()) if finding.wrong}


def on(history: pd.DataFrame, day: str) -> pd.Series[bool]:
    dates = history["interval_start"].dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m-%d")
    found: pd.Series[bool] = dates.eq(day)
    return found


def test_a_clean_history_has_nothing_wrong_and_its_clock_change_is_named():
    findings = examine(clean_history(), small_config())
    assert [str(finding) for finding in findings if finding.wrong] == []
    assert any("2026-03-29" in finding.text for finding in findings if finding.kind == "clock change")


@pytest.mark.parametrize("kind", ["gap", "outage", "odd day", "closed time", "aht", "balance"])
def test_a_planted_fault_is_found_with_its_date(kind):
    history = clean_history()
    day = on(history, "2026-03-11")
    if kind == "gap":
        history = history[~day]
    elif kind == "outage":
        history.loc[np.flatnonzero(day)[:6], ["offered", "handled"]] = 0.0
    elif kind == "odd day":
        history.loc[day, ["offered", "handled"]] *= 4
    elif kind == "closed time":
        late = (
            history[day].tail(1).assign(interval_start=lambda f: f["interval_start"] + pd.Timedelta(hours=2))
        )
        history = pd.concat([history, late])
    elif kind == "aht":
        history.loc[day, "aht_s"] = 180_000.0
    else:
        history.loc[day, "handled"] /= 2
    found = wrong(history)
    assert kind in found
    if kind not in ("aht", "balance"):
        assert "2026-03-11" in found[kind]


def test_queues_that_fell_silent_are_found():
    history = clean_history()
    history.loc[history["interval_start"] > "2026-03-05", ["offered", "handled"]] = 0.0
    assert "silent" in wrong(history)


@settings(max_examples=examples(40))
@given(offered=st.integers(50, 500), lost=st.integers(0, 60), parts=st.tuples(*[st.integers(0, 10)] * 2))
def test_a_day_is_unbalanced_beyond_two_percent_and_a_contact(offered, lost, parts):
    abandoned, flow_out = parts
    handled = offered - lost - abandoned - flow_out
    assume(handled >= 0)
    history = clean_history()
    day = np.flatnonzero(on(history, "2026-03-11"))
    counts = ["offered", "handled", "abandoned", "flow_out"]
    history.loc[day, counts] = 0.0
    history.loc[day[0], counts] = [float(count) for count in (offered, handled, abandoned, flow_out)]
    found = [f for f in examine(history, small_config()) if f.kind == "balance"]
    assert [f.dates for f in found] == ([("2026-03-11",)] if lost > 0.02 * offered + 1 else [])
