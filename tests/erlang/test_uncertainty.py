"""The stage under an uncertain forecast: whose uncertainty, what the columns say, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from pandas.testing import assert_frame_equal
from scipy.stats import gamma

from tests.erlang.test_staffing import config_of, forecast_of
from wfm.conform import conform
from wfm.erlang.expectation import Arrivals, expected_performance
from wfm.erlang.models import QueueingModel
from wfm.erlang.staffing import staff
from wfm.erlang.targets import Targets, fewest_agents
from wfm.erlang.uncertainty import rate_quantile
from wfm.errors import ConfigError
from wfm.tables import REQUIREMENTS

BAND = 2 * 1.2815515655446004
C, A = QueueingModel("erlang_c"), QueueingModel("erlang_a", 180.0)
GOLDEN = {"service_level": 0.8, "load_model": "per_interval"}
PATIENT = {"service_level": 0.8, "patience_s": 180}


def with_bands(forecast, cv):
    """Return the forecast with the 80 % band of a Poisson number of contacts at an uncertain rate."""
    width = BAND * np.sqrt((cv * forecast["offered"]) ** 2 + forecast["offered"])
    return forecast.assign(
        offered_p10=forecast["offered"] - width / 2, offered_p90=forecast["offered"] + width / 2
    )


def test_the_golden_row_is_staffed_for_its_mixture():
    forecast = forecast_of(offered=750.0, aht_s=240.0, minutes=30, days=1)
    mixture = GOLDEN | {"uncertainty": "mixture", "uncertainty_cv": 0.1}
    plain, mixed = (staff(forecast, config_of(30, voice=keys)).iloc[0] for keys in (GOLDEN, mixture))
    assert (plain["agents_required"], mixed["agents_required"]) == (108, 115)
    assert plain["queue_model"] == "erlang_c/per_interval"
    assert mixed["queue_model"] == "erlang_c/per_interval/mixture"
    assert (mixed["offered"], mixed["load"]) == (750, pytest.approx(100))
    assert mixed["service_level"] == pytest.approx(0.81105323896, abs=1e-10)  # 20 digits: test_expectation
    assert np.isnan(mixed["asa_s"])  # endless, and a table has numbers
    assert mixed["abandonment"] == 0


@pytest.mark.parametrize(
    "keys", [pytest.param({}, id="still"), pytest.param({"load_model": "offered_load"}, id="moving")]
)
@pytest.mark.parametrize("uncertainty", ["mixture", "quantile"])
def test_the_forecasts_own_bands_are_what_it_says_of_itself(keys, uncertainty):
    offered = np.random.default_rng(1).uniform(20, 300, 96)
    queue = PATIENT | keys | {"uncertainty": uncertainty, "quantile": 0.75}
    forecast = with_bands(forecast_of(offered=offered, days=1), 0.2)
    own = staff(forecast, config_of(voice=queue))
    given = staff(forecast, config_of(voice=queue | {"uncertainty_cv": 0.2}))
    assert_frame_equal(own, given)
    assert_frame_equal(own, conform(own, REQUIREMENTS))


def test_bands_of_every_row_are_its_own_and_poisson_ones_are_certain():
    cv = np.repeat([0.0, 0.1, 0.3], 32)
    forecast = with_bands(forecast_of(offered=100.0, days=1), cv)
    found = staff(forecast, config_of(voice=PATIENT | {"uncertainty": "mixture"}))
    expected = fewest_agents(A, 100, 900, 180, Targets(0.8), Arrivals(cv))
    assert found["agents_required"].tolist() == expected.tolist()
    assert found["agents_required"].iloc[0] == int(fewest_agents(A, 100, 900, 180, Targets(0.8)))


def test_a_quantile_is_staffed_as_that_rate():
    factor = gamma.ppf(0.8, 1 / 0.15**2, scale=0.15**2)
    keys = PATIENT | {"uncertainty": "quantile", "uncertainty_cv": 0.15, "quantile": 0.8}
    found = staff(forecast_of(offered=200.0, days=1), config_of(voice=keys))
    there = staff(forecast_of(offered=200.0 * factor, days=1), config_of(voice=PATIENT))
    assert set(found["queue_model"]) == {"erlang_a/per_interval/quantile 0.8"}
    same = ["agents_required", "service_level", "asa_s", "occupancy", "abandonment"]
    assert_frame_equal(found[same], there[same])
    assert (found["offered"] == 200).all()
    assert (found["load"] == 40).all()


@pytest.mark.parametrize("cv", [0.01, 0.5, 2.0])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
def test_the_quantile_is_that_of_a_gamma_distribution(cv, share):
    expected = gamma.ppf(share, 1 / cv**2, scale=cv**2)
    assert rate_quantile(np.array([cv, 0.0]), share) == pytest.approx([expected, 1.0], rel=1e-10)


@pytest.mark.parametrize("uncertainty", ["mixture", "quantile"])
@pytest.mark.parametrize("bands", [pytest.param(False, id="none"), pytest.param(True, id="without width")])
def test_a_rate_of_unknown_uncertainty_is_refused_with_the_way_out(uncertainty, bands):
    forecast = forecast_of()
    if bands:
        forecast = forecast.assign(offered_p10=forecast["offered"], offered_p90=forecast["offered"])
    with pytest.raises(ConfigError, match=r"bands.*set uncertainty_cv"):
        staff(forecast, config_of(voice=PATIENT | {"uncertainty": uncertainty}))


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        pytest.param({"asa_s": 20, "uncertainty": "mixture"}, "has no expectation", id="patient wait"),
        pytest.param(
            {"asa_s": 20, "concurrency": 2, "uncertainty": "mixture"}, "has no expectation", id="chat"
        ),
        pytest.param({"concurrency": 2, "peakedness": 2}, "know no bursts", id="chat in bursts"),
    ],
)
def test_promises_without_an_expectation_are_refused(keys, words):
    queue = {"service_level": 0.8, "uncertainty_cv": 0.1} | keys
    with pytest.raises(ConfigError, match=words):
        staff(forecast_of(), config_of(voice=queue))


def test_with_patience_a_mean_wait_may_be_promised():
    queue = {"asa_s": 10, "patience_s": 120, "uncertainty": "mixture", "uncertainty_cv": 0.2}
    found = staff(forecast_of(offered=100.0, days=1), config_of(voice=queue)).iloc[0]
    agents = int(found["agents_required"])
    asa_s = expected_performance(
        QueueingModel("erlang_a", 120.0), [agents - 1, agents], 20, 180, Arrivals(0.2)
    ).asa_s
    assert asa_s[1] <= 10 < asa_s[0]
    assert found["asa_s"] == pytest.approx(asa_s[1])


@pytest.mark.parametrize(
    "queue",
    [
        pytest.param({"max_blocking": 0.02}, id="erlang_b"),
        pytest.param({"service_level": 0.8}, id="erlang_c"),
        pytest.param(PATIENT | {"max_abandonment": 0.05}, id="erlang_a"),
        pytest.param(PATIENT | {"redial_probability": 0.4}, id="erlang_x"),
        pytest.param(PATIENT | {"channel": "chat", "concurrency": 3}, id="chat"),
        pytest.param({"service_level": 0.8, "max_occupancy": 0.85, "concurrency": 2}, id="patient chat"),
    ],
)
@pytest.mark.parametrize("load_model", ["per_interval", "offered_load"])
def test_every_model_staffs_a_mixture_and_its_fraction(queue, load_model):
    keys = queue | {"load_model": load_model, "uncertainty": "mixture", "uncertainty_cv": 0.25}
    offered = np.random.default_rng(4).uniform(0, 150, 96)
    forecast = forecast_of(offered=offered, days=1)
    found = staff(forecast, config_of(voice=keys), fractional=True)
    assert_frame_equal(found, conform(found, REQUIREMENTS))
    sure = staff(forecast, config_of(voice=queue | {"load_model": load_model}))
    assert found["agents_required"].sum() > sure["agents_required"].sum()
    assert (found["agents_required"] - found["agents_fractional"]).between(-1e-9, 1.0).all()
    assert found["service_level"].between(queue.get("service_level", 0) - 1e-9, 1).all()
    assert found["queue_model"].str.endswith(f"{load_model}/mixture").all()


def test_bursts_are_named_and_cost_agents():
    forecast = forecast_of(offered=200.0, days=1)
    plain, bursts = (staff(forecast, config_of(voice=PATIENT | keys)) for keys in ({}, {"peakedness": 2.5}))
    assert (bursts["agents_required"] > plain["agents_required"]).all()
    assert set(bursts["queue_model"]) == {"erlang_a/per_interval/peakedness 2.5"}
    moving = staff(forecast, config_of(voice=PATIENT | {"peakedness": 2.5, "load_model": "offered_load"}))
    assert abs(moving["agents_required"].iloc[-1] - bursts["agents_required"].iloc[-1]) <= 1


def test_deferred_work_is_planned_for_the_forecast_whatever_its_uncertainty():
    queue = {"channel": "email", "deadline_h": 4, "hours": "Mon-Fri 08:00-18:00"}
    forecast = forecast_of("mail", offered=10.0, aht_s=300.0)
    mixed = staff(forecast, config_of(mail=queue | {"uncertainty": "mixture", "uncertainty_cv": 0.2}))
    assert_frame_equal(mixed, staff(forecast, config_of(mail=queue)))


def test_the_order_and_the_company_of_rows_do_not_matter():
    queue = PATIENT | {"uncertainty": "mixture", "load_model": "per_interval"}
    offered = np.random.default_rng(6).uniform(1, 90, 96)
    forecast = with_bands(forecast_of(offered=offered, days=1), 0.15)
    whole = staff(forecast, config_of(voice=queue))
    shuffled = staff(forecast.sample(frac=1.0, random_state=1), config_of(voice=queue))
    assert_frame_equal(whole, shuffled)
    morning = staff(forecast[:40], config_of(voice=queue))
    assert_frame_equal(whole[:40], morning)
