"""Expected measures under an uncertain rate: against integrals in high precision, closed forms and laws."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mpmath import exp, gamma, mp, mpf, quad
from scipy.integrate import quad as float_quad
from scipy.special import gammainc, gammaln

from tests.erlang import oracle
from tests.examples import examples
from wfm.erlang.expectation import GAUSS, KRONROD, POINTS, Arrivals, expected_performance
from wfm.erlang.fractional import fractional_agents
from wfm.erlang.measures import VARIANTS
from wfm.erlang.models import Answering, QueueingModel, performance
from wfm.erlang.targets import Targets, fewest_agents

FEW, SOME = settings(max_examples=examples(12, quick=4)), settings(max_examples=examples(30))
B, C = QueueingModel("erlang_b"), QueueingModel("erlang_c")
A, X = QueueingModel("erlang_a", 150.0), QueueingModel("erlang_x", 120.0, 0.5)
CHAT = QueueingModel("chat", 180.0, slowdowns=(1.0, 1.2, 1.4))
PATIENT_CHAT = QueueingModel("chat", None, slowdowns=(1.0, 1.1))
MODELS = [
    pytest.param(model, id=name)
    for name, model in {
        "B": B, "C": C, "A": A, "A in a hurry": QueueingModel("erlang_a", 10.0), "X": X, "chat": CHAT,
        "patient chat": PATIENT_CHAT,
    }.items()
]  # fmt: skip
CVS = [0.02, 0.1, 0.3, 1.0, 2.0]
TIGHT = 1e-8


def test_the_rule_is_gauss_and_kronrods():
    """The seven points are Gauss's, both integrate every polynomial that they should."""
    points, weights = np.polynomial.legendre.leggauss(7)
    assert POINTS[GAUSS > 0] == pytest.approx(points, abs=1e-15)
    assert GAUSS[GAUSS > 0] == pytest.approx(weights, abs=1e-15)
    for degree in range(0, 23, 2):
        assert (KRONROD * POINTS**degree).sum() == pytest.approx(2 / (degree + 1), rel=1e-14)


def of_rates(value, cv, kink, by_calls=True):
    """Return the mean of value(g) over the gamma law of the rate, by an adaptive rule of other making."""
    shape = 1 / cv**2

    def weighted(x):  # over log g, where no cv makes a singularity
        log_density = (shape + by_calls) * x - shape * math.exp(x) + shape * math.log(shape) - gammaln(shape)
        return math.exp(log_density) * value(math.exp(x))

    width = min(cv, 1.0)
    ends = [-40 * max(cv**2, 0.3) * width - 8 * width, 8 * width]
    cuts = [-3 * width, -width, 0.0, width, 3 * width, math.log(kink) if kink > 0 else 0.0]
    inside = sorted({cut for cut in cuts if ends[0] < cut < ends[1]})
    edges = [ends[0], *inside, ends[1]]
    return sum(
        float_quad(weighted, low, high, epsabs=1e-11, epsrel=1e-11, limit=200)[0]
        for low, high in pairwise(edges)
    )


def capacity(model, agents):
    return agents * len(model.slowdowns) / model.slowdowns[-1]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("cv", CVS)
def test_shares_are_means_over_calls_and_occupancy_is_one_over_time(model, cv):
    load, agents = 24.0, 14 if "chat" in model.name else 26
    found = expected_performance(model, agents, load, 240, Arrivals(cv))
    at = {}

    def seen(g):
        if g not in at:
            at[g] = performance(model, agents, load * g, 240)
        return at[g]

    def mean(value, by_calls=True):
        return of_rates(value, cv, capacity(model, agents) / load, by_calls)

    attempts = mean(lambda g: float(seen(g).attempts))
    assert mean(lambda _: 1.0) == pytest.approx(1.0, abs=1e-9)
    assert float(found.attempts) == pytest.approx(attempts, abs=TIGHT)
    for measure in ("service_level", "abandonment", "p_wait", "blocking"):
        counted = mean(lambda g, name=measure: float(seen(g).attempts * getattr(seen(g), name)))
        assert float(getattr(found, measure)) == pytest.approx(counted / attempts, abs=TIGHT), measure
    in_use = mean(lambda g: float(seen(g).occupancy), by_calls=False)
    assert float(found.occupancy) == pytest.approx(in_use, abs=TIGHT)
    if not model.endless:
        answered = mean(lambda g: float(seen(g).attempts * (1 - seen(g).abandonment - seen(g).blocking)))
        waits = mean(
            lambda g: float(seen(g).attempts * (1 - seen(g).abandonment - seen(g).blocking) * seen(g).asa_s)
        )
        assert float(found.asa_s) == pytest.approx(waits / answered, abs=1e-5)


def exact_service_level(agents, load, cv, aht_s=240, within_s=20):
    """The expected service level of Erlang C, by its states and a 20-digit integral up to the kink."""
    with mp.workdps(20):
        shape, full = 1 / mpf(cv) ** 2, mpf(agents) / load
        scale = shape ** (shape + 1) / gamma(shape + 1)
        steps = [1 + step * mpf(cv) for step in (-6, -3, -1, 0, 1, 3)]
        edges = [mpf(0), *[step for step in steps if 0 < step < full], full]

        def in_time(g):
            if g <= 0 or g >= full:
                return mpf(0)
            level = oracle.erlang_c(agents, load * g, aht_s, within_s)["service_level"]
            return scale * g**shape * exp(-shape * g) * level

        return float(quad(in_time, edges, maxdegree=6))


def test_the_golden_row_needs_115_agents_where_the_certain_rate_needs_108():
    targets = Targets(service_level=0.8, answer_within_s=20)
    assert int(fewest_agents(C, 1500, 3600, 240, targets)) == 108
    assert int(fewest_agents(C, 1500, 3600, 240, targets, Arrivals(0.1))) == 115
    enough, one_less = (exact_service_level(agents, 100, 0.1) for agents in (115, 114))
    assert enough >= 0.8 > one_less
    found = expected_performance(C, [115, 114], 100, 240, Arrivals(0.1)).service_level
    assert found == pytest.approx([enough, one_less], abs=1e-10)


@FEW
@given(load=st.floats(0.5, 12.0), cv=st.sampled_from([0.05, 0.25, 0.7]), target=st.floats(0.3, 0.97))
def test_one_agent_less_misses_the_exact_mixture(load, cv, target):
    agents = int(fewest_agents(C, load * 15, 3600, 240, Targets(service_level=target), Arrivals(cv)))
    assert exact_service_level(agents, load, cv) >= target - 1e-9
    assert agents == 1 or exact_service_level(agents - 1, load, cv) < target + 1e-9


@SOME
@given(load=st.floats(0.05, 400), agents=st.integers(1, 500), cv=st.floats(0.005, 2.0))
@example(load=100.0, agents=100, cv=0.1)
def test_erlang_c_is_busy_for_the_closed_form_of_the_smaller_of_load_and_agents(load, agents, cv):
    shape = 1 / cv**2
    below, above = gammainc(shape + 1, shape * agents / load), gammainc(shape, shape * agents / load)
    busy = (load * below + agents * (1 - above)) / agents
    found = expected_performance(C, agents, load, 240, Arrivals(cv))
    assert float(found.occupancy) == pytest.approx(busy, abs=1e-9)
    # with no time to wait, whoever waits is late
    at_once = expected_performance(C, agents, load, 240, Arrivals(cv), Answering(0.0))
    assert float(at_once.service_level) == pytest.approx(1 - float(at_once.p_wait), abs=1e-9)


@pytest.mark.parametrize("model", MODELS)
@given(load=st.floats(0.1, 300), ratio=st.floats(0.3, 2.5), cv=st.floats(0.01, 2.0))
def test_work_done_is_the_work_of_the_calls_answered(model, load, ratio, cv):
    """Calls weigh shares, time weighs occupancy, and both count the same calls: two laws of one mixture."""
    if model.endless or model.name == "chat":
        return
    agents = math.ceil(load * ratio)
    found = expected_performance(model, agents, load, 240, Arrivals(cv))
    answered = load * found.attempts * (1 - found.abandonment - found.blocking)
    assert float(found.occupancy * agents) == pytest.approx(float(answered), rel=1e-7)


@FEW
@given(load=st.floats(1, 60), ratio=st.floats(0.5, 1.6), cv=st.floats(0.05, 1.0), redials=st.booleans())
def test_every_definition_of_service_level_is_one_of_expected_counts(load, ratio, cv, redials):
    """Shares of one kind of call come from identities between the definitions, at one rate each."""
    model, agents, within_s, short_s = X if redials else A, math.ceil(load * ratio), 25.0, 8.0

    def count(variant, seconds):
        def at(g):
            found = performance(model, agents, load * g, 240, Answering(seconds, variant))
            return float(found.attempts * found.service_level)

        return of_rates(at, cv, agents / load)

    def served(g):
        found = performance(model, agents, load * g, 240)
        return float(found.attempts * (1 - found.abandonment))

    attempts = of_rates(
        lambda g: float(performance(model, agents, load * g, 240).attempts), cv, agents / load
    )
    in_time, gone_too = count("offered", within_s), count("abandons_in_target_good", within_s)
    short = count("abandons_in_target_good", short_s) - count("offered", short_s)
    expected = {
        "offered": in_time / attempts,
        "excluding_short": in_time / (attempts - short),
        "excluding_abandoned_in_target": in_time / (attempts - (gone_too - in_time)),
        "abandons_in_target_good": gone_too / attempts,
        "answered": in_time / of_rates(served, cv, agents / load),
    }
    for variant in VARIANTS:
        found = expected_performance(
            model, agents, load, 240, Arrivals(cv), Answering(within_s, variant, short_s)
        )
        assert float(found.service_level) == pytest.approx(expected[variant], abs=1e-7), variant


@pytest.mark.parametrize("model", MODELS)
@given(calls=st.floats(0.5, 1500), aht_s=st.floats(30, 900), level=st.floats(0.1, 0.99))
def test_a_rate_that_is_all_but_certain_is_staffed_as_a_certain_one(model, calls, aht_s, level):
    targets = Targets(level, max_occupancy=0.9, max_abandonment=0.3)
    sure = fewest_agents(model, calls, 3600, aht_s, targets)
    for cv in (0.0, 1e-8, 1e-6):
        assert int(fewest_agents(model, calls, 3600, aht_s, targets, Arrivals(cv))) == int(sure)
    nearly = performance(model, sure, calls * aht_s / 3600, aht_s, targets.answering)
    found = expected_performance(model, sure, calls * aht_s / 3600, aht_s, Arrivals(1e-6), targets.answering)
    for measure in ("service_level", "occupancy", "abandonment", "asa_s"):
        assert float(getattr(found, measure)) == pytest.approx(float(getattr(nearly, measure)), abs=1e-5)


def test_an_occupancy_at_the_decimals_of_its_cap_is_kept():
    targets = Targets(max_occupancy=0.85)
    assert int(fewest_agents(C, 200, 3600, 306, targets, Arrivals(1e-6))) == 20  # 17 erlangs / 0.85
    assert (
        int(fewest_agents(C, 200, 3600, 306, targets, Arrivals(0.0, 3.0))) == 20
    )  # bursts fill no more time


@pytest.mark.parametrize("model", MODELS)
@SOME
@given(
    calls=st.floats(0.5, 900),
    cv=st.floats(0.01, 2.0),
    level=st.floats(0.1, 0.97),
    z=st.sampled_from([1.0, 2.5]),
)
def test_fewest_agents_is_enough_minimal_and_just_above_the_fractional(model, calls, cv, level, z):
    arrivals = Arrivals(cv, 1.0 if model.name == "chat" else z)
    targets = Targets(level, max_occupancy=0.95, max_abandonment=0.5)
    agents = int(fewest_agents(model, calls, 1800, 240, targets, arrivals))
    load = calls * 240 / 1800

    def kept(number):
        found = expected_performance(model, number, load, 240, arrivals, targets.answering)
        shares = found.occupancy <= 0.95 + 1e-9 and found.abandonment <= 0.5 + 1e-9
        return bool(found.service_level >= level - 1e-9 and shares)

    assert agents >= 1
    assert kept(agents)
    assert agents == 1 or not kept(agents - 1)
    fraction = float(fractional_agents(model, calls, 1800, 240, targets, agents, arrivals))
    assert agents - 1 <= fraction <= agents
    if model.name != "chat" and agents > 1 and fraction < agents:
        assert kept(fraction * (1 + 1e-9))
        assert not kept(fraction * (1 - 1e-6) - 1e-6)


def test_rows_of_different_uncertainty_are_each_staffed_by_their_own():
    calls, cv = np.linspace(0, 900, 40), np.linspace(0, 0.5, 40)[::-1]
    together = fewest_agents(A, calls, 1800, 240, Targets(0.8), Arrivals(cv))
    alone = [
        int(fewest_agents(A, c, 1800, 240, Targets(0.8), Arrivals(v))) for c, v in zip(calls, cv, strict=True)
    ]
    assert together.tolist() == alone
    assert together[0] == 0


@pytest.mark.parametrize("model", [pytest.param(C, id="C"), pytest.param(PATIENT_CHAT, id="patient chat")])
def test_a_wait_without_end_has_no_expectation(model):
    found = expected_performance(model, 120 // len(model.slowdowns), 100, 240, Arrivals(0.1))
    assert math.isinf(found.asa_s)
    for targets in (Targets(asa_s=10), Targets(0.8, mean_wait_s=10)):
        with pytest.raises(ValueError, match="no expected wait"):
            fewest_agents(model, 100, 1800, 240, targets, Arrivals(0.1))


@pytest.mark.parametrize("model", [pytest.param(A, id="A"), pytest.param(B, id="B"), pytest.param(C, id="C")])
@pytest.mark.parametrize("load", [0.01, 1.0, 50_000.0])
@pytest.mark.parametrize("cv", [0.001, 2.0])
def test_the_extremes_are_enough_and_minimal(model, load, cv):
    targets, arrivals = Targets(0.8), Arrivals(cv)
    agents = int(fewest_agents(model, load, 1, 1, targets, arrivals))
    level = expected_performance(model, [agents - 1, agents], load, 1, arrivals).service_level
    assert level[1] >= 0.8 - 1e-9
    assert agents == 1 or level[0] < 0.8
