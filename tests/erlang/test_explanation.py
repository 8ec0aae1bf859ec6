"""The explanation of an interval says what the requirement says, target by target."""

from __future__ import annotations

import math
import re
import tomllib

import pandas as pd
import pytest
from scipy.stats import gamma

from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.erlang.explanation import explain_interval
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.staffing import staff
from wfm.errors import DataError
from wfm.tables import BANDS, FORECAST

START = pd.Timestamp("2026-03-02T09:00:00+01:00")


def config_of(keys: str) -> Config:
    head = '[centre]\ntimezone = "Europe/Berlin"\ninterval_min = 30\n[queues.hotline]\n'
    return build_config(tomllib.loads(head + 'hours = "Mon-Fri 09:00-11:00"\n' + keys))


def forecast_of(offered: float, aht_s: float) -> pd.DataFrame:
    starts = pd.date_range(START, periods=4, freq="30min").tz_convert("UTC").as_unit("us")
    frame = pd.DataFrame({"queue": "hotline", "interval_start": starts, "offered": offered, "aht_s": aht_s})
    return conform(frame.assign(model="given", **dict.fromkeys(BANDS, offered)), FORECAST)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("service_level = 0.8\nmax_occupancy = 0.7", id="two targets"),
        pytest.param("service_level = 0.9\nasa_s = 5\nload_model = 'per_interval'", id="erlang C"),
        pytest.param("service_level = 0.8\nmax_abandonment = 0.02\npatience_s = 60", id="erlang A"),
        pytest.param("channel = 'chat'\nconcurrency = 3\nservice_level = 0.8", id="chat"),
    ],
)
def test_required_is_that_of_the_table_and_of_the_hardest_target(keys):
    config, forecast = config_of(keys), forecast_of(100.0, 240.0)
    row = staff(forecast, config).iloc[0]
    text = "\n".join(explain_interval(forecast, config, "hotline", START))
    required = int(re.findall(r"required +n = (\d+) agents?", text)[0])
    alone = [
        (int(count), binds) for count, binds in re.findall(r"^target .*?: (\d+) agents?(.*)$", text, re.M)
    ]
    assert required == row["agents_required"]
    assert max(count for count, _ in alone) == required
    assert [count for count, words in alone if words.endswith("binds")] == [required]
    assert re.search(rf"^to schedule .*, rounded up {row['agents_to_schedule']}$", text, re.M)
    assert re.search(rf"^gross .*, rounded up {row['agents_gross']}$", text, re.M)


def test_the_published_example_is_explained_with_its_load():
    config = config_of("service_level = 0.8\nload_model = 'per_interval'")
    text = "\n".join(explain_interval(forecast_of(100.0, 180.0), config, "hotline", START))
    assert "100.00 x 180.0 / 1800 = 10.000 erlangs" in text
    assert "14 agents (88.84%; 13 give 79.56%), binds" in text
    assert "required   n = 14 agents" in text
    assert "fractional 13.04 agents" in text


def test_the_numbers_put_into_the_formulas_of_erlang_c_give_what_is_said():
    config = config_of("service_level = 0.8\nload_model = 'per_interval'")
    text = "\n".join(explain_interval(forecast_of(100.0, 180.0), config, "hotline", START))
    ((p_wait, spare, within_s, aht_s, level),) = re.findall(
        r"service level = 1 - (\S+) x exp\(-\((14 - 10\.000)\) x (\S+) / (\S+)\) = (\S+)", text
    )
    assert spare == "14 - 10.000"
    said = 1 - float(p_wait) * math.exp(-(14 - 10) * float(within_s) / float(aht_s))
    assert said == pytest.approx(float(level), abs=1e-4)
    assert f"ASA = {p_wait} x 180.0 / (14 - 10.000) = {float(p_wait) * 180 / 4:.1f} s" in text


def test_targets_that_ask_for_nothing_are_said_to():
    keys = "queue_model = 'erlang_b'\nmax_blocking = 0.02\nasa_s = 10\nmax_abandonment = 0.05"
    lines = explain_interval(forecast_of(100.0, 180.0), config_of(keys), "hotline", START)
    assert sum("asks for nothing" in line for line in lines) == 2
    assert sum(line.endswith("binds") for line in lines) == 1


def test_an_interval_without_contacts_is_explained_too():
    lines = explain_interval(forecast_of(0.0, 180.0), config_of("service_level = 0.8"), "hotline", START)
    assert "required   n = 0 agents: the fewest for all of it" in lines


def test_deferred_work_is_explained_by_its_plan():
    config = config_of("channel = 'email'\ndeadline_h = 2\nmax_occupancy = 0.8")
    text = "\n".join(explain_interval(forecast_of(24.0, 300.0), config, "hotline", START))
    assert "done within 2 working hours" in text
    assert "required   n = 5 agents = 4.000 / 0.8 (occupancy), rounded up" in text
    assert "fractional 5.00 agents" in text


def test_a_closed_interval_is_a_data_error():
    config = config_of("service_level = 0.8")
    with pytest.raises(DataError, match=r"no working interval.*such as 2026-03-02T10:30"):
        explain_interval(forecast_of(10.0, 180.0), config, "hotline", START + pd.Timedelta(hours=5))


def test_a_mixture_is_explained_by_its_law_and_what_the_agents_give_at_some_rates():
    keys = "service_level = 0.8\nload_model = 'per_interval'\nuncertainty = 'mixture'\nuncertainty_cv = 0.1"
    text = "\n".join(explain_interval(forecast_of(750.0, 240.0), config_of(keys), "hotline", START))
    assert "coefficient of variation 0.100 (uncertainty_cv)" in text
    assert "115 agents (81.11%; 114 give 78.72%), binds" in text  # against 20 digits: test_expectation.py
    ((load, level),) = re.findall(r"90% quantile of the rate: a G = (\S+), service level (\S+),", text)
    there = performance(QueueingModel("erlang_c"), 115, float(load), 240)
    assert float(level) == pytest.approx(float(there.service_level), abs=2e-4)
    assert "ASA endless" in text


def test_the_forecasts_own_band_is_named_as_the_origin_of_an_uncertain_rate():
    half = 1.2815515655446004 * math.sqrt(0.2**2 * 100**2 + 100)
    forecast = forecast_of(100.0, 240.0).assign(offered_p10=100 - half, offered_p90=100 + half)
    keys = "service_level = 0.8\nuncertainty = 'quantile'\nquantile = 0.75"
    text = "\n".join(explain_interval(forecast, config_of(keys), "hotline", START))
    assert "coefficient of variation 0.200 (its 80 % band" in text
    factor = float(gamma.ppf(0.75, 1 / 0.2**2, scale=0.2**2))
    assert f"75 % quantile, {factor:.4f} x 100.00 = {100 * factor:.2f} contacts" in text


def test_the_numbers_of_bursts_are_those_of_the_formulas():
    keys = "service_level = 0.8\nload_model = 'per_interval'\npeakedness = 2"
    text = "\n".join(explain_interval(forecast_of(750.0, 240.0), config_of(keys), "hotline", START))
    assert "peakedness z = 2" in text
    ((p_wait, crew, load, level),) = re.findall(
        r"service level = 1 - (\S+) x exp\(-\((\S+) - (\S+)\) x 20 / 240.0\) = (\S+)", text
    )
    assert (float(crew), float(load)) == (56, 50)
    assert 1 - float(p_wait) * math.exp(-6 * 20 / 240) == pytest.approx(float(level), abs=1e-4)
