"""The stages composed: what one gives is what the next takes, and no roster leaves that breaks a rule."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import wfm.pipeline.proof
import wfm.pipeline.site_parts
from tests.cli.tiny import AGENTS, PLANNED, make_centre, short_search
from wfm.config import Config
from wfm.erlang import staff
from wfm.errors import LimitError, RuleError
from wfm.forecast import forecast
from wfm.io.history import read_history
from wfm.io.inputs import read_agents
from wfm.io.toml import load_config
from wfm.pipeline import Plan, PlanInputs, make_plan, prove, schedule_in_words
from wfm.pipeline.proof import ProofPart
from wfm.schedule.options import Options
from wfm.schedule.verify import verify


@pytest.fixture(scope="module", autouse=True)
def _short_search() -> Iterator[None]:
    with short_search():
        yield


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[PlanInputs, Config]]:
    """Return the tables and the configuration of the tiny centre."""
    folder = tmp_path_factory.mktemp("pipeline")
    make_centre(folder)
    with chdir(folder):
        config = load_config(Path("wfm.toml"))
        yield (
            PlanInputs(read_history(Path("history.csv"), config), read_agents(Path("agents.csv"), config)),
            config,
        )


@pytest.fixture(scope="module")
def plan(centre: tuple[PlanInputs, Config]) -> Plan:
    """Return the plan of the tiny centre."""
    return make_plan(*centre)


def test_the_plan_is_what_the_stages_give_one_after_the_other(
    centre: tuple[PlanInputs, Config], plan: Plan
) -> None:
    inputs, config = centre
    predicted = forecast(inputs.history, config, horizon_days=7, models=config.forecast.models)
    pd.testing.assert_frame_equal(plan.forecast.forecast, predicted.forecast)
    pd.testing.assert_frame_equal(plan.requirements, staff(predicted.forecast, config))


def test_the_plan_is_for_the_first_week_after_the_history(plan: Plan) -> None:
    dates = plan.schedule.roster["shift_date"].dt.date
    assert dates.min() >= PLANNED
    assert dates.max() <= date(2026, 3, 8)
    assert set(plan.schedule.roster["agent_id"]) == set(AGENTS)


def test_every_stage_is_timed(plan: Plan) -> None:
    assert list(plan.seconds) == ["forecast", "staff", "schedule", "simulate"]
    assert all(seconds >= 0 for seconds in plan.seconds.values())


def test_as_of_moves_the_plan(centre: tuple[PlanInputs, Config]) -> None:
    inputs, config = centre
    moved = make_plan(inputs, config, as_of=pd.Timestamp("2026-02-23", tz="Europe/Berlin"))
    assert moved.schedule.summary["first_day"] == "2026-02-23"


def test_inputs_are_not_changed(centre: tuple[PlanInputs, Config]) -> None:
    inputs, config = centre
    history, agents = inputs.history.copy(deep=True), inputs.agents.copy(deep=True)
    make_plan(inputs, config)
    pd.testing.assert_frame_equal(inputs.history, history)
    pd.testing.assert_frame_equal(inputs.agents, agents)


def test_leave_reaches_the_roster(centre: tuple[PlanInputs, Config]) -> None:
    inputs, config = centre
    midnights = pd.to_datetime(["2026-03-04", "2026-03-05"]).tz_localize("Europe/Berlin").tz_convert("UTC")
    leave = pd.DataFrame(
        {"agent_id": ["A1"], "start": midnights[:1], "end": midnights[1:], "kind": ["leave"], "paid": [True]}
    )
    planned = make_plan(replace(inputs, time_off=leave), config).schedule.roster
    mine = planned.loc[planned["agent_id"] == "A1", "shift_date"]
    assert pd.Timestamp("2026-03-04") not in set(mine)
    assert len(mine) >= 3


def test_a_roster_that_fails_its_verification_never_leaves(
    centre: tuple[PlanInputs, Config], plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    roster = plan.schedule.roster
    short = replace(plan.schedule, roster=roster[roster["agent_id"] != "A1"].reset_index(drop=True))
    monkeypatch.setattr(wfm.pipeline.site_parts, "schedule", lambda *_, **__: short)
    with pytest.raises(RuleError, match="A1 2026-03-02 week_hours"):
        make_plan(*centre)


def test_a_roster_that_breaks_the_freeze_never_leaves(
    centre: tuple[PlanInputs, Config], plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    inputs, config = centre
    roster = plan.schedule.roster
    day = roster.loc[roster["agent_id"] == "A1", "shift_date"].iloc[0]
    before = roster[(roster["agent_id"] != "A1") | (roster["shift_date"] != day)].reset_index(drop=True)
    monkeypatch.setattr(wfm.pipeline.site_parts, "schedule", lambda *_, **__: plan.schedule)
    with pytest.raises(RuleError, match=f"A1 {day:%Y-%m-%d} freeze: "):
        make_plan(replace(inputs, previous=before), config, options=Options(freeze_days=7))


def test_what_is_said_names_every_stage(centre: tuple[PlanInputs, Config]) -> None:
    said: list[str] = []
    make_plan(*centre, say=said.append)
    for stage in ("forecast:", "staff:", "schedule:", "verify: 0 violations", "simulate: hotline"):
        assert any(line.startswith(stage) for line in said), stage


def test_the_proof_plays_the_rostered_week_both_ways(centre: tuple[PlanInputs, Config], plan: Plan) -> None:
    _, config = centre
    assert plan.proof.requirements is not None
    assert plan.proof.roster is not None
    starts = plan.schedule.coverage["interval_start"]
    for result in (plan.proof.requirements, plan.proof.roster):
        assert set(result.simulation["interval_start"]) == set(starts)
    required = plan.proof.requirements.simulation["agents"]
    planned = plan.requirements["agents_required"]
    assert required.mean() == pytest.approx(planned.mean(), rel=0.05)
    assert (plan.proof.roster.simulation["agents"] <= len(AGENTS) + 1e-9).all()
    assert any("promises kept on" in line for line in plan.proof.in_words(config))


def test_a_plan_that_cannot_be_simulated_stands_and_says_so(
    centre: tuple[PlanInputs, Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    def piled_up(*_: Any, **__: Any) -> Any:
        raise LimitError("more than 20 contacts wait at once", hint="check offered")

    monkeypatch.setattr(wfm.pipeline.proof, "simulate", piled_up)
    said: list[str] = []
    plan = make_plan(*centre, say=said.append)
    assert plan.proof.roster is None
    assert len(plan.schedule.roster) > 0
    assert "warning: not simulated: more than 20 contacts wait at once" in said


def test_intervals_that_even_the_requirements_miss_are_told(
    centre: tuple[PlanInputs, Config], plan: Plan
) -> None:
    inputs, config = centre
    short = plan.requirements.assign(agents_required=1)
    predicted = plan.forecast
    proof = prove(
        ProofPart(plan.schedule, short, predicted.forecast, predicted.days, inputs.agents, None, config)
    )
    said = proof.in_words(config)
    assert any("agents as required miss a promise in" in line for line in said)
    assert any(line.startswith("simulate: hotline 2026-03-02 09:00 service_level ") for line in said)


def test_the_verdict_does_not_come_from_the_solver(centre: tuple[PlanInputs, Config], plan: Plan) -> None:
    inputs, config = centre
    verdict = verify(
        plan.schedule.roster, inputs.agents, plan.requirements, config, first_day=PLANNED, weeks=1
    )
    assert verdict.violations == ()
    assert verdict.objective == pytest.approx(plan.schedule.summary["objective"], rel=1e-9)


def summary(**figures: Any) -> dict[str, Any]:
    """Return a summary with some figures of its own."""
    plain = {"status": "feasible", "objective": 100.0, "bound": 95.0, "gap": 0.05, "warnings": []}
    return {
        **plain,
        "understaffed_h": 3.0,
        "overstaffed_h": 1.0,
        "required_h": 60.0,
        "gap_h": 1.26,
        "paid_h": 71.0,
        "seconds": 2.0,
        **figures,
    }


def test_a_summary_in_words_has_its_figures_and_warnings() -> None:
    warning, line, gap = schedule_in_words(summary(warnings=["nobody serves chat"]))
    assert warning == "warning: nobody serves chat"
    for words in (
        "feasible",
        "objective 100",
        "5.0%",
        "understaffed 3.0 h (5.00% of 60 h)",
        "overstaffed 1.0 h",
    ):
        assert words in line
    assert "gap 5.0%: at most 1.3 paid agent-hours (of 71 planned) could still be saved" in gap


def test_no_hours_are_said_to_be_saved_where_an_hour_has_no_price() -> None:
    (line,) = schedule_in_words(summary(gap_h=None, paid_h=None))
    assert "gap 5.0%" in line


def test_a_week_without_requirement_can_be_put_in_words() -> None:
    line, _ = schedule_in_words(summary(required_h=0.0, understaffed_h=0.0))
    assert "0.00% of 0 h" in line
