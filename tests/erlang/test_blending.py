"""The threshold policy: the reference cases, the exact oracle, two-dimensional chains, fewest agents."""

from __future__ import annotations

import csv
import importlib.util
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.erlang.blend_chains import Centre, measured
from tests.examples import examples
from wfm.erlang.blending import Background, Inbound, blend, fewest_blended
from wfm.erlang.models import Answering, QueueingModel, performance
from wfm.erlang.targets import Targets, fewest_agents

VARIANTS: dict[str, Any] = {
    "sl_offered": "offered",
    "sl_excl": "excluding_abandoned_in_target",
    "sl_abgood": "abandons_in_target_good",
    "sl_answered": "answered",
}
MEASURES = {
    "pw": "p_wait",
    "ew": "mean_wait_s",
    "pab": "abandonment",
    "occ": "occupancy",
    "lq": "queue_length",
}
PATIENT, IMPATIENT = QueueingModel("erlang_c"), QueueingModel("erlang_a", 120.0)


@pytest.fixture(scope="module")
def oracle(shared):
    spec = importlib.util.spec_from_file_location("blend_oracle", shared / "reference/erlang/oracle.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_reference_case_agrees_to_ten_digits(shared):
    columns = {"pw": "p_wait", "ew_all": "mean_wait_s", "p_abandon": "abandonment", "occ": "occupancy"}
    with (shared / "reference" / "erlang" / "cases.csv").open(newline="") as file:
        cases = [row for row in csv.DictReader(file) if row["model"] == "BLEND"]
    assert len(cases) == 5
    for case in cases:
        aht_s, interval_s = float(case["aht_s"]), float(case["interval_s"])
        model = QueueingModel("erlang_a", float(case["patience_s"]))
        policy = int(case["agents"]), int(case["threshold"])
        load = float(case["calls"]) * aht_s / interval_s
        found = blend(model, policy, load, aht_s)
        for column, variant in VARIANTS.items():
            level = blend(model, policy, load, aht_s, answering=Answering(float(case["T_s"]), variant))
            assert float(level.service_level) == pytest.approx(float(case[column]), rel=1e-10), case
        for column, measure in (columns | {"lq": "queue_length"}).items():
            assert float(getattr(found, measure)) == pytest.approx(float(case[column]), rel=1e-10), case
        begun = float(found.background_per_s) * interval_s
        assert begun == pytest.approx(float(case["outbound_per_interval"]), rel=1e-10, abs=1e-12)


@settings(max_examples=examples(60), deadline=None)
@given(
    agents=st.integers(1, 60),
    kept=st.floats(0, 1),
    share=st.floats(0.05, 1.6),
    patience_s=st.floats(5, 3000),
    within_s=st.floats(0, 120),
)
def test_random_cases_are_those_of_the_oracle(oracle, agents, kept, share, patience_s, within_s):
    threshold, load = round(kept * agents), share * agents
    truth = oracle.blend(agents, load / 180, 180, patience_s, within_s, threshold)
    model, policy = QueueingModel("erlang_a", patience_s), (agents, threshold)
    found = blend(model, policy, load, 180.0)
    for key, variant in VARIANTS.items():
        level = blend(model, policy, load, 180.0, answering=Answering(within_s, variant)).service_level
        assert float(level) == pytest.approx(float(truth[key]), rel=1e-9, abs=1e-12)
    for key, measure in MEASURES.items():
        assert float(getattr(found, measure)) == pytest.approx(float(truth[key]), rel=1e-9, abs=1e-12)
    begun = pytest.approx(float(truth["out_rate"]), rel=1e-9, abs=1e-12)
    assert float(found.background_per_s) == begun


@pytest.mark.parametrize("model", [PATIENT, IMPATIENT], ids=["C", "A"])
@pytest.mark.parametrize(("agents", "load"), [(14, 10.0), (100, 91.5), (3, 0.2)])
def test_keeping_everybody_free_is_the_queue_without_background_work(model, agents, load):
    alone = performance(model, agents, load, 180.0)
    found = blend(model, (agents, agents), load, 180.0)
    for measure in ("service_level", "asa_s", "abandonment", "occupancy", "p_wait", "queue_length"):
        assert getattr(found, measure) == pytest.approx(getattr(alone, measure), rel=1e-12)
    assert float(found.background_per_s) == 0.0


@pytest.mark.parametrize("threshold", [0, 1, 4, 12])
def test_patient_contacts_are_those_of_the_two_dimensional_chain(threshold):
    truth = measured(Centre(12, threshold, 8 / 180, 180.0, 180.0, math.inf), 20.0, 160)
    found = blend(PATIENT, (12, threshold), 8.0, 180.0)
    for measure, value in truth.items():
        assert float(getattr(found, measure)) == pytest.approx(value, abs=1e-8)
    balance = 8.0 + float(found.background_per_s) * 180.0
    assert balance == pytest.approx(12 * float(found.occupancy), rel=1e-12)


# The largest errors that docs/blending.md says were measured: service level with and without patience, work.
ERRORS = {1 / 3: (0.031, 0.104, 0.036), 0.6: (0.011, 0.04, 0.009), 1.0: (1e-7, 1e-7, 1e-7)}
ERRORS |= {1.7: (0.004, 0.018, 0.004), 3.0: (0.004, 0.02, 0.008), 4.0: (0.006, 0.017, 0.011)}


@pytest.mark.parametrize("patience_s", [120.0, math.inf])
@pytest.mark.parametrize("threshold", [0, 2, 5])
@pytest.mark.parametrize("ratio", ERRORS)
def test_other_handle_times_are_near_the_two_dimensional_chain(patience_s, threshold, ratio):
    level_error = ERRORS[ratio][math.isinf(patience_s)]
    work_error = ERRORS[ratio][2]
    truth = measured(Centre(16, threshold, 12 / 180, 180.0, 180.0 * ratio, patience_s), 20.0, 150)
    model = PATIENT if math.isinf(patience_s) else QueueingModel("erlang_a", patience_s)
    found = blend(model, (16, threshold), 12.0, 180.0, 180.0 * ratio)
    assert float(found.service_level) == pytest.approx(truth["service_level"], abs=level_error)
    assert float(found.occupancy) == pytest.approx(truth["occupancy"], abs=0.01)
    assert float(found.background_per_s) == pytest.approx(truth["background_per_s"], rel=work_error)


@settings(max_examples=examples(100), deadline=None)
@given(
    agents=st.integers(1, 150),
    threshold=st.integers(0, 20),
    share=st.floats(0.05, 1.2),
    ratio=st.floats(0.1, 20),
    patience_s=st.floats(10, 2000),
)
def test_all_work_of_the_busy_agents_is_accounted_for(agents, threshold, share, ratio, patience_s):
    load = share * agents
    model = QueueingModel("erlang_a", patience_s)
    found = blend(model, (agents, threshold), load, 180.0, 180.0 * ratio)
    work = load * (1 - float(found.abandonment)) + float(found.background_per_s) * 180.0 * ratio
    assert work == pytest.approx(agents * float(found.occupancy), rel=1e-6)
    assert float(found.occupancy) * agents >= agents - threshold - 1e-9


@settings(max_examples=examples(60), deadline=None)
@given(
    load=st.floats(0.1, 60),
    work=st.floats(0.01, 30),
    level=st.floats(0.5, 0.95),
    ratio=st.sampled_from([1.0, 1.0, 0.5, 2.5]),
    cap=st.sampled_from([None, 0.85, 0.95]),
    model=st.sampled_from([PATIENT, IMPATIENT]),
)
def test_the_fewest_agents_are_enough_and_one_fewer_are_not(load, work, level, ratio, cap, model):
    targets = Targets(service_level=level, max_occupancy=cap)
    calls, per_s = load * 10, work / (180.0 * ratio)
    inbound, background = Inbound(calls, 1800.0, 180.0), Background(per_s * 1800, 180.0 * ratio)
    agents, threshold = (int(part) for part in fewest_blended(model, inbound, background, targets))
    alone = int(fewest_agents(model, calls, 1800.0, 180.0, targets))
    assert agents >= alone

    def kept(n):
        """Return the most that can be kept free, all tried, and whether every promise holds with them."""
        found = blend(model, (n, np.arange(n + 1)), load, 180.0, 180.0 * ratio)
        done = np.flatnonzero(found.background_per_s >= per_s * (1 - 1e-11))
        if not len(done):
            return -1, False
        most = done.max()
        busy = load * (1 - found.abandonment[most]) + work
        return most, found.service_level[most] >= level and busy <= (cap or 1) * n * (1 + 1e-11)

    assert kept(agents) == (threshold, True)
    if agents > alone:
        assert not kept(agents - 1)[1]


def test_without_background_work_or_without_calls_the_other_decides():
    targets = Targets(service_level=0.8)
    none = fewest_blended(PATIENT, Inbound(100.0, 1800.0, 180.0), Background(0.0, 300.0), targets)
    assert (int(none.agents), int(none.threshold)) == (14, 14)
    quiet = fewest_blended(PATIENT, Inbound(0.0, 1800.0, 180.0), Background(18.0, 300.0), targets)
    assert (int(quiet.agents), int(quiet.threshold)) == (3, 0)
    found = blend(PATIENT, (3, 0), 0.0, 180.0, 300.0)
    assert float(found.background_per_s) * 1800 == pytest.approx(18.0)
    assert float(found.service_level) == 1.0


def test_columns_are_answered_element_by_element():
    calls, mail = np.array([50.0, 100.0, 200.0]), np.array([20.0, 0.0, 40.0])
    targets = Targets(service_level=0.8)
    found = fewest_blended(IMPATIENT, Inbound(calls, 1800.0, 180.0), Background(mail, 240.0), targets)
    for row in range(3):
        one = fewest_blended(
            IMPATIENT, Inbound(calls[row], 1800.0, 180.0), Background(mail[row], 240.0), targets
        )
        assert (found.agents[row], found.threshold[row]) == one


def test_a_line_without_end_leaves_no_time_and_no_agent_serves_nobody():
    full = blend(PATIENT, (10, 2), 10.0, 180.0)
    assert (float(full.service_level), float(full.background_per_s)) == (0.0, 0.0)
    nobody = blend(IMPATIENT, (0, 0), 10.0, 180.0)
    assert (float(nobody.abandonment), float(nobody.background_per_s)) == (1.0, 0.0)


@pytest.mark.parametrize("name", ["erlang_b", "erlang_x", "chat"])
def test_models_that_cannot_be_blended_are_refused(name):
    with pytest.raises(ValueError, match="blending knows erlang_a and erlang_c"):
        blend(QueueingModel(name, 120.0, 0.5), (10, 2), 5.0, 180.0)


@settings(max_examples=examples(50), deadline=None)
@given(agents=st.integers(2, 80), share=st.floats(0.1, 0.95))
def test_more_agents_kept_free_serve_contacts_better_and_leave_less_time(agents, share):
    assume(share * agents < agents - 0.5)
    found = blend(PATIENT, (agents, np.arange(agents + 1)), share * agents, 180.0)
    assert (np.diff(found.service_level) >= -1e-9).all()
    assert (np.diff(found.background_per_s) <= 1e-12).all()
