"""A summary is believed only where verify computes the same."""

from __future__ import annotations

from typing import Any

import pytest

from tests.schedule.verify.builder import contract, legal_week


def summary_of() -> dict[str, Any]:
    scenario = legal_week()
    found, paid_hour = scenario.verify(), scenario.config.schedule.weights.paid
    bound = 0.9 * found.objective
    return {
        "status": "feasible",
        "objective": found.objective,
        "bound": bound,
        "gap": (found.objective - bound) / max(1, found.objective),
        "gap_h": (found.objective - bound) / paid_hour,
        "paid_h": 2 * 5 * 8.0,
        "parts": dict(found.parts),
        **found.figures,
    }


def test_a_true_summary_is_no_violation() -> None:
    assert legal_week().lines(summary=summary_of()) == []


@pytest.mark.parametrize(
    ("key", "change", "words"),
    [
        pytest.param("objective", 0.01, "objective ", id="objective"),
        pytest.param("parts.paid", 0.01, "parts.paid ", id="part"),
        pytest.param("understaffed_h", 1, "understaffed_h ", id="understaffed_h"),
        pytest.param("overstaffed_h", 1, "overstaffed_h ", id="overstaffed_h"),
        pytest.param("required_h", 1, "required_h ", id="required_h"),
        pytest.param("gap", 0.001, "gap ", id="gap"),
        pytest.param("gap_h", 0.01, "gap_h ", id="gap_h"),
        pytest.param("paid_h", 0.01, "paid_h ", id="paid_h"),
    ],
)
def test_every_false_number_is_named(key: str, change: float, words: str) -> None:
    summary = summary_of()
    place, _, name = key.rpartition(".")
    numbers = summary[place] if place else summary
    numbers[name] += change
    if key == "objective":
        del summary["gap"], summary["gap_h"]  # else they no longer follow from the objective either
    lines = legal_week().lines(summary=summary)
    assert len(lines) == 1
    assert lines[0].startswith(f"summary 2026-03-02 objective: {words}")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        pytest.param(
            {"bound": 1e9, "gap": None}, "bound 1000000000.0 is not", id="bound above the objective"
        ),
        pytest.param({"gap_h": "few"}, "gap_h 'few'", id="a word is no number of hours"),
        pytest.param({"objective": "low"}, "objective 'low', recomputed", id="no number"),
        pytest.param({"objective": float("nan")}, "objective nan, recomputed", id="not a number"),
        pytest.param({"parts": {"luck": 1.0}}, "parts.luck is no part", id="unknown part"),
        pytest.param({"gap": True}, "gap True", id="a flag is no number"),
    ],
)
def test_impossible_claims_are_named(wrong: dict[str, Any], words: str) -> None:
    lines = legal_week().lines(summary={**summary_of(), **wrong})
    assert len(lines) == 1
    assert words in lines[0]


def test_a_tolerance_of_a_millionth_is_granted() -> None:
    summary = summary_of()
    del summary["gap"], summary["gap_h"]
    summary["objective"] *= 1 + 5e-7
    assert legal_week().lines(summary=summary) == []
    summary["objective"] *= 1 + 5e-6
    assert len(legal_week().lines(summary=summary)) == 1


def test_numbers_that_are_not_stated_are_no_fault() -> None:
    assert legal_week().lines(summary={"status": "feasible", "bound": None, "gap": None}) == []
    assert legal_week().lines(summary={**summary_of(), "gap_h": None, "paid_h": None}) == []


@pytest.mark.parametrize("costs", ["no weight", "no costs"])
def test_hours_without_a_price_measure_no_gap(costs: str) -> None:
    scenario = legal_week()
    if costs == "no weight":
        scenario.schedule = {"weights": {"paid": 0}}
    else:
        for agent_id in scenario.people:
            scenario.agent(agent_id, cost_per_hour=0.0)
    objective = scenario.verify().objective
    summary = {"objective": objective, "bound": 0.9 * objective, "gap": 0.1, "gap_h": None, "paid_h": None}
    assert scenario.lines(summary=summary) == []
    for name in ("gap_h", "paid_h"):
        [line] = scenario.lines(summary={**summary, name: 3.0})
        assert f"objective: {name} 3.0, but paid hours have no price" in line


def test_a_summary_from_before_there_was_overtime_is_believed_where_there_is_none() -> None:
    summary = summary_of()
    del summary["parts"]["overtime"]
    assert legal_week().lines(summary=summary) == []
    scenario = legal_week()
    scenario.contracts["full"] = contract(week_hours=[35, 39], overtime_hours=1)
    found = scenario.verify()
    true: dict[str, Any] = {"objective": found.objective, "parts": dict(found.parts)}
    assert scenario.lines(summary=true) == []
    del true["parts"]["overtime"]
    [line] = scenario.lines(summary=true)
    assert line == "summary 2026-03-02 objective: parts.overtime 0.0, recomputed 4"
