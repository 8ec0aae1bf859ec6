"""Published values and the exact reference cases: integers equal, probabilities to ten digits."""

from __future__ import annotations

import csv
from typing import Any

import pytest

from wfm.erlang.models import Answering, QueueingModel, performance
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import Targets, fewest_agents

MODELS: dict[str, Any] = {"A": "erlang_a", "B": "erlang_b", "C": "erlang_c", "X": "erlang_x", "CHAT": "chat"}
LEVELS: dict[str, Any] = {
    "sl": "offered",
    "sl_offered": "offered",
    "sl_excl": "excluding_abandoned_in_target",
    "sl_abgood": "abandons_in_target_good",
    "sl_answered": "answered",
}
BOUNDS = {
    "asa": "asa_s",
    "ew_all": "mean_wait_s",
    "pw": "max_p_wait",
    "occ": "max_occupancy",
    "p_abandon": "max_abandonment",
    "blocking": "max_blocking",
}
MEASURES = {
    "pw": "p_wait",
    "asa": "asa_s",
    "ew_all": "mean_wait_s",
    "p_abandon": "abandonment",
    "occ": "occupancy",
    "lq": "queue_length",
    "blocking": "blocking",
}


@pytest.fixture(scope="module")
def cases(shared):
    with (shared / "reference" / "erlang" / "cases.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["model"] in MODELS]


def model_of(case):
    handle_s = [float(value) for value in case["aht_s"].split(";")]
    return QueueingModel(
        MODELS[case["model"]],
        float(case["patience_s"]) if case["patience_s"] else None,
        float(case["redial_p"] or 0),
        tuple(value / handle_s[0] for value in handle_s),
    ), handle_s[0]


def targets_of(case):
    targets: dict[str, Any] = {"answer_within_s": float(case["T_s"])}
    for target in case["target"].split(" & "):
        name, bound = target.replace("<=", ">=").split(">=")
        if name in LEVELS:
            targets |= {"service_level": float(bound), "service_level_variant": LEVELS[name]}
        else:
            targets[BOUNDS[name]] = float(bound)
    return Targets(**targets)


def test_required_agents_of_every_reference_case_are_equal(cases):
    required = [case for case in cases if case["agents_is"] == "required"]
    assert len(required) > 90
    for case in required:
        model, aht_s = model_of(case)
        calls, interval_s = float(case["calls"]), float(case["interval_s"])
        found = fewest_agents(model, calls, interval_s, aht_s, targets_of(case))
        assert int(found) == int(case["agents"]), case["case_id"]


def test_measures_of_every_reference_case_agree_to_ten_digits(cases):
    compared = 0
    for case in cases:
        model, aht_s = model_of(case)
        load = float(case["calls"]) * aht_s / float(case["interval_s"])
        wanted: dict[str, Any] = {column: ("offered", measure) for column, measure in MEASURES.items()}
        wanted |= {column: (variant, "service_level") for column, variant in LEVELS.items()}
        for column, (variant, measure) in wanted.items():
            if not case[column]:
                continue
            answering = Answering(float(case["T_s"]), variant)
            found = getattr(performance(model, int(case["agents"]), load, aht_s, answering), measure)
            truth = pytest.approx(float(case[column]), rel=1e-10, abs=1e-12)
            assert float(found) == truth, (case["case_id"], column)
            compared += 1
    assert compared > 1000


@pytest.mark.parametrize(
    ("given", "agents", "paid", "measures"),
    [
        pytest.param(
            (100, 180, 1800, 0.8, 20), 14, 20, (0.8884, 7.84, 0.7143), id="CRAN ErlangC, pyworkforce"
        ),
        pytest.param((173, 240, 1800, 0.8, 20), 28, 40, (0.8407, 11.69, 0.8238), id="SWPP 173 calls"),
        pytest.param((180, 240, 1800, 0.8, 20), 29, 42, (0.8403, 11.63, 0.8276), id="SWPP 180 calls"),
        pytest.param((60, 360, 1800, 0.8, 20), 16, 23, (0.8362, 18.41, 0.7500), id="12 erlangs"),
        pytest.param((25, 300, 900, 0.9, 10), 13, 19, (0.9156, 6.34, 0.6410), id="90 in 10, quarter hours"),
    ],
)
def test_golden_staffing_rows_of_erlang_c(given, agents, paid, measures):
    calls, aht_s, interval_s, level, within_s = given
    model, targets = QueueingModel("erlang_c"), Targets(level, within_s)
    required = fewest_agents(model, [calls], interval_s, aht_s, targets)
    assert required.tolist() == [agents]
    assert with_shrinkage(required, {"all": 0.3}, []).agents_gross.tolist() == [paid]
    found = performance(model, required, calls * aht_s / interval_s, aht_s, targets.answering)
    rounded = (round(float(found.service_level[0]), 4), round(float(found.asa_s[0]), 2))
    assert (*rounded, round(float(found.occupancy[0]), 4)) == measures


@pytest.mark.parametrize(
    ("agents", "sl", "asa_s"),
    [(30, 0.24, 209), (31, 0.45, 75), (32, 0.61, 38), (33, 0.73, 21), (34, 0.82, 13), (35, 0.88, 8)],
)
def test_erlang_c_prints_the_table_of_cleveland(agents, sl, asa_s):
    found = performance(QueueingModel("erlang_c"), agents, 250 * 210 / 1800, 210)
    assert round(float(found.service_level), 2) == sl
    assert round(float(found.asa_s)) == asa_s


@pytest.mark.parametrize(
    ("lines", "load", "blocking"),
    [
        pytest.param(10, 4.461, 0.01, id="10 lines"),
        pytest.param(20, 13.182, 0.02, id="20 lines"),
        pytest.param(100, 75.242, 0.001, id="100 lines"),
        pytest.param(1, 0.0101, 0.01, id="1 line"),
        pytest.param(30, 19.034, 0.005, id="30 lines"),
    ],
)
def test_erlang_b_gives_the_standard_traffic_table(lines, load, blocking):
    found = performance(QueueingModel("erlang_b"), lines, load, 1)
    assert float(found.blocking) == pytest.approx(blocking, rel=3e-4)


def test_erlang_a_gives_the_example_of_garnett_mandelbaum_and_reiman():
    found = performance(QueueingModel("erlang_a", 120), 50, 48, 60)
    assert float(found.abandonment) == pytest.approx(0.031, abs=5e-4)
    assert float(found.mean_wait_s) == pytest.approx(3.7, abs=0.05)
    assert float(found.occupancy) == pytest.approx(0.93, abs=5e-3)
