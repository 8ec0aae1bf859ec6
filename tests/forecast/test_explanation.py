"""An explanation multiplies and adds up to the number that the forecast has."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.forecast.made import BERLIN, OFFICE, configured, events, history, overrides
from wfm.conform import conform, empty
from wfm.errors import DataError
from wfm.forecast import forecast, queue_forecast
from wfm.forecast.candidates import candidates
from wfm.forecast.choice_words import choice_in_words
from wfm.forecast.explanation import Asked, explain_forecast
from wfm.forecast.sources import Span, default_as_of, queue_sources
from wfm.tables import EVENTS as EVENTS_TABLE
from wfm.tables import HISTORY

PAST = history("2025-06-02", "2026-03-29", level=60.0)
CONFIG = configured(a={"hours": OFFICE, "holidays": "DE"})
EVENTS = events(("push", "2026-04-08 10:00", "2026-04-08 12:00", "campaign", 1.5))
HAND = overrides(
    {"from": "2026-04-08 11:00", "to": "2026-04-08 13:00", "mode": "multiply", "value": 1.2, "author": "mv"},
    {"from": "2026-04-08", "to": "2026-04-09", "mode": "set", "grain": "total", "value": 1500.0},
    {"from": "2026-04-09", "to": "2026-04-10", "mode": "add", "value": 3.0},
)


def asked(text, queue="a"):
    moment = pd.Timestamp(text, tz=BERLIN).tz_convert("UTC")
    return Asked(queue, moment, len(text) == len("2026-04-08"), 14)


def explained(text, **inputs):
    return explain_forecast(PAST, CONFIG, asked(text), **inputs)


@pytest.mark.parametrize("models", [(), ("day_regression",), ("moving_average",)], ids=str)
@pytest.mark.parametrize("when", ["2026-04-01T10:30", "2026-04-07", "2026-04-08T11:15", "2026-04-03"])
def test_the_parts_make_the_number_of_the_forecast(when, models):
    found = explained(when, models=models, events=EVENTS, overrides=HAND)
    made = forecast(PAST, CONFIG, horizon_days=14, models=models, events=EVENTS, overrides=HAND).forecast
    local = made["interval_start"].dt.tz_convert(BERLIN).dt.strftime("%Y-%m-%dT%H:%M")
    exact = f"{when[:13]}:{int(when[14:]) // 30 * 30:02d}" if "T" in when else when
    assert found.contacts == pytest.approx(made.loc[local.str.startswith(exact), "offered"].sum(), rel=1e-9)
    product = found.level * math.prod(factor.value for factor in found.factors)
    assert product == pytest.approx(found.model_contacts, rel=1e-9)


def test_each_override_is_a_step_with_its_author():
    found = explained("2026-04-08T11:00", overrides=HAND)
    first, why = found.overrides[0]
    assert first == pytest.approx(1.2 * found.model_contacts)
    assert "by mv" in why
    assert len(found.overrides) == 2
    assert found.contacts == found.overrides[-1][0]
    assert not explained("2026-04-01T11:00", overrides=HAND).overrides


def test_event_and_holiday_are_named_with_their_effect():
    factors = {part.name: part for part in explained("2026-04-08T10:00", events=EVENTS).factors}
    assert factors["event"].value == pytest.approx(1.5)
    good_friday = {part.name: part for part in explained("2026-04-03").factors}
    assert good_friday["holiday"].reason == "Good Friday"
    ordinary = {part.name: part for part in explained("2026-03-31").factors}
    assert ordinary["holiday"].value == 1.0
    assert ordinary["weekday"].reason == "Tuesday"


def test_weekdays_of_a_week_average_to_the_level():
    days = pd.date_range("2026-03-30", periods=6).strftime("%Y-%m-%d")
    found = [{part.name: part.value for part in explained(day).factors}["weekday"] for day in days]
    assert np.mean(found) == pytest.approx(1.0, abs=0.01)


def test_the_words_hold_every_part():
    lines = explained("2026-04-08T11:00", events=EVENTS, overrides=HAND).in_words()
    text = "\n".join(lines)
    for word in ("level", "weekday", "profile", "month", "holiday", "event", "models", "override"):
        assert word in text
    assert lines[0].startswith("a, 2026-04-08 Wed 11:00: ")
    assert any("80 %" in line for line in explained("2026-04-01").in_words())


@pytest.mark.parametrize("when", ["2026-04-05", "2026-04-04T23:00", "2027-01-01"])
def test_where_there_is_no_forecast_an_error_says_why(when):
    with pytest.raises(DataError, match="closed, or outside 14 days"):
        explained(when)


def test_a_queue_without_history_says_so():
    config = configured(a={"hours": OFFICE}, b={"hours": OFFICE})
    with pytest.raises(DataError, match="queue b has no history"):
        explain_forecast(PAST, config, asked("2026-04-08", queue="b"))


def rms_by_origin(tested, name):
    """Return the root mean squared error of a model at each origin, origin by origin."""
    backtest, row = tested.rolled, tested.rolled.models.index(name)
    found = []
    for origin in range(backtest.origins):
        gone = (backtest.forecast[row, origin] - backtest.actual[origin]).ravel()
        found.append(math.sqrt(np.mean([error**2 for error in gone if not math.isnan(error)])))
    return found


@pytest.mark.parametrize("models", [(), ("day_regression", "seasonal_naive"), ("moving_average",)], ids=str)
def test_why_a_model_was_chosen_is_true_of_the_errors(models):
    past = conform(PAST, HISTORY)
    items, _ = queue_sources(past, CONFIG, Span(default_as_of(past, 30), 14, empty(EVENTS_TABLE)))
    field = candidates(models)
    (tested,) = queue_forecast.tested_queues(items, field, CONFIG.forecast.backtest_origins, None)
    first, *errors = choice_in_words(tested, field)
    assert first.startswith(f"why {tested.choice}: ")
    if len(field.competing) == 1:
        assert errors == []
        return
    by_model = {name: rms_by_origin(tested, name) for name in field.competing}
    means = {name: np.mean(values) for name, values in by_model.items()}
    for name, mean in means.items():
        assert f"{name} {mean:.3f}" in errors[0]
    better = [
        name
        for name, values in by_model.items()
        if all(own < other for own, other in zip(values, by_model["mean"], strict=True))
        and means[name] < 0.92 * means["mean"]
    ]
    assert tested.choice == (min(better, key=lambda name: means[name]) if better else "mean")
