"""A plan in parts is the plan as a whole; and what fails in one part is kept from before, and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd
import pytest

from tests.cli.tiny import short_search
from tests.two_sites import PLANNED, QUEUES, SITES, make_two_sites, two_sites
from wfm.config import Config
from wfm.erlang import staff
from wfm.errors import ConfigError, LimitError
from wfm.forecast import forecast
from wfm.pipeline import Ended, LastGood, Plan, PlanInputs, make_plan
from wfm.pipeline.queue_parts import ForecastPart, forecast_in_parts, joined_forecasts, staff_in_parts
from wfm.pipeline.site_parts import OWN_TABLES, SitePart, site_parts
from wfm.pipeline.work import Direct
from wfm.schedule.verify import verify

Centre = tuple[PlanInputs, Config]


class Failing:
    """Does everything, but for the parts of a stage in which a name is."""

    def __init__(self, stage: str, name: str, error: BaseException) -> None:
        self.stage, self.name, self.error = stage, name, error

    def each(self, stage: str, function: Callable[[Any], Any], parts: Sequence[Any]) -> list[Ended[Any, Any]]:
        ended = []
        for part in parts:
            names = part.sites if stage == "schedule" else getattr(part, "queues", ())
            bad = stage == self.stage and self.name in names
            ended.append(Ended(part, None, self.error) if bad else Ended(part, function(part)))
        return ended


@pytest.fixture(scope="module", autouse=True)
def _short_search() -> Iterator[None]:
    with short_search():
        yield


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """Return the tables and the configuration of two sites."""
    folder = tmp_path_factory.mktemp("parts")
    make_two_sites(folder)
    return two_sites(folder)


@pytest.fixture(scope="module")
def plan(centre: Centre) -> Plan:
    """Return the plan of two sites."""
    return make_plan(*centre)


def whole_of(plan: Plan, inputs: PlanInputs, config: Config, **tables: Any) -> SitePart:
    """Return a plan's roster as one part, with some tables more."""
    own = {name: tables.get(name) for name in OWN_TABLES}
    return SitePart((), plan.requirements, inputs.agents, own, config, PLANNED, None)


def rows_of(part: SitePart, name: str) -> pd.DataFrame:
    """Return a table of a part that has it."""
    rows = part.tables[name]
    assert rows is not None
    return rows


def table_of(plan: Plan) -> LastGood:
    """Return a plan as the one that stands."""
    return LastGood(plan.forecast.forecast, plan.requirements, plan.schedule.roster, plan.schedule.coverage)


@pytest.mark.parametrize("together", [1, 2, 3])
def test_queues_in_parts_have_the_forecast_of_all_at_once(
    centre: Centre, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wfm.pipeline.queue_parts.QUEUES_TOGETHER", together)
    inputs, config = centre
    young = config.queues["orders"].model_copy(update={"like": "bills"})
    config = config.model_copy(update={"queues": {**config.queues, "orders": young}})
    history = inputs.history[inputs.history["queue"] != "orders"].reset_index(drop=True)
    as_of = pd.Timestamp("2026-03-01", tz="UTC")
    ended = forecast_in_parts(history, config, as_of, None, Direct())
    found = joined_forecasts([one.result for one in ended if one.result is not None])
    expected = forecast(history, config, horizon_days=7, as_of=as_of, models=config.forecast.models)
    for table in ("forecast", "days", "scores", "parts"):
        pd.testing.assert_frame_equal(getattr(found, table), getattr(expected, table))
    assert set(found.notes) == set(expected.notes)


def test_sites_without_a_common_queue_are_parts(centre: Centre, plan: Plan) -> None:
    inputs, config = centre
    parts = site_parts(whole_of(plan, inputs, config))
    assert [part.sites for part in parts] == [("north",), ("south",)]
    assert [part.queues for part in parts] == [SITES["north"], SITES["south"]]
    assert sum(len(part.agents) for part in parts) == len(inputs.agents)
    assert sum(len(part.requirements) for part in parts) == len(plan.requirements)


def test_a_common_queue_a_blend_and_a_common_activity_bind_sites(centre: Centre, plan: Plan) -> None:
    inputs, config = centre
    agents = inputs.agents.copy()
    agents.loc[agents["agent_id"] == "S1", "skills"] = "orders;bills"
    assert len(site_parts(whole_of(plan, replace(inputs, agents=agents), config))) == 1
    blended = config.queues["claims"].model_copy(update={"blend_with": "bills"})
    mixed = config.model_copy(update={"queues": {**config.queues, "claims": blended}})
    assert len(site_parts(whole_of(plan, inputs, mixed))) == 1
    for people, parts in (("N1;S1", 1), ("N1;N2", 2)):
        activities = pd.DataFrame({"activity_id": ["a"], "agents": [people]})
        found = site_parts(whole_of(plan, inputs, config, activities=activities))
        assert len(found) == parts
        called = [rows_of(part, "activities") for part in found]
        assert [len(rows) for rows in called] == [1, 0][:parts]


def test_tables_go_with_their_agents_and_those_of_nobody_go_once(centre: Centre, plan: Plan) -> None:
    inputs, config = centre
    requests = pd.DataFrame({"agent_id": ["S2", "N1", "nobody"], "kind": ["day_off"] * 3})
    parts = site_parts(whole_of(plan, inputs, config, requests=requests))
    found = [list(rows_of(part, "requests")["agent_id"]) for part in parts]
    assert found == [["N1", "nobody"], ["S2"]]


def test_the_joined_roster_is_legal_and_costs_what_the_verification_of_the_whole_says(
    centre: Centre, plan: Plan
) -> None:
    inputs, config = centre
    summary = plan.schedule.summary
    verdict = verify(
        plan.schedule.roster, inputs.agents, plan.requirements, config, first_day=PLANNED, weeks=1
    )
    assert verdict.violations == ()
    assert verdict.objective == pytest.approx(summary["objective"], rel=1e-9)
    assert summary["bound"] <= summary["objective"]
    assert summary["objective"] == pytest.approx(sum(summary["parts"].values()), rel=1e-9)
    assert summary["agents"] == len(inputs.agents)
    assert list(plan.schedule.roster["agent_id"]) == sorted(plan.schedule.roster["agent_id"])


def test_the_joined_proof_has_every_queue_and_interval(plan: Plan) -> None:
    assert plan.proof.roster is not None
    assert sorted(plan.proof.roster.summary["queues"]) == sorted(QUEUES)
    key = ["queue", "interval_start"]
    simulated = plan.proof.roster.simulation[key].reset_index(drop=True)
    pd.testing.assert_frame_equal(simulated, plan.schedule.coverage[key].reset_index(drop=True))


def test_a_queue_that_fails_keeps_its_last_good_forecast(centre: Centre, plan: Plan) -> None:
    """And is named; all others are as they would be without it."""
    inputs, config = centre
    last = plan.forecast.forecast.assign(offered=plan.forecast.forecast["offered"] + 1)
    said: list[str] = []
    work = Failing("forecast", "claims", ZeroDivisionError("poison"))
    found = make_plan(inputs, config, work=work, last=replace(table_of(plan), forecast=last), say=said.append)
    for name in QUEUES:
        mine, expected = (
            frame.loc[frame["queue"] == name, "offered"].to_numpy()
            for frame in (found.forecast.forecast, last if name == "claims" else plan.forecast.forecast)
        )
        assert mine == pytest.approx(expected, rel=1e-12), name
    (stale,) = found.stale
    assert (stale.stage, stale.names, stale.kept) == ("forecast", ("claims",), True)
    assert any("claims" in line and "ZeroDivisionError: poison" in line for line in said)


def test_a_queue_that_fails_and_has_nothing_from_before_is_left_out(centre: Centre) -> None:
    found = make_plan(*centre, work=Failing("forecast", "claims", LimitError("killed", hint="")))
    assert set(found.requirements["queue"]) == set(QUEUES) - {"claims"}
    assert [one.kept for one in found.stale] == [False]


def test_a_queue_that_cannot_be_staffed_keeps_its_requirements(centre: Centre, plan: Plan) -> None:
    inputs, config = centre
    last = plan.requirements.assign(agents_to_schedule=plan.requirements["agents_to_schedule"] + 1)
    work = Failing("staff", "sales", ConfigError([], source="poison"))
    found = make_plan(inputs, config, work=work, last=replace(table_of(plan), requirements=last))
    more = found.requirements["agents_to_schedule"] - plan.requirements["agents_to_schedule"]
    assert list(more) == list((plan.requirements["queue"] == "sales").astype(int))


def test_requirements_queue_by_queue_are_those_of_all_at_once(centre: Centre, plan: Plan) -> None:
    _, config = centre
    rows = plan.forecast.forecast
    ended = staff_in_parts(rows, config, None, Failing("staff", "sales", LimitError("no", hint="")))
    found = {one.part.queues[0]: one.result for one in ended if one.result is not None}
    assert sorted(found) == ["bills", "claims", "orders"]
    expected = staff(rows, config)
    for name, own in found.items():
        pd.testing.assert_frame_equal(own, expected[expected["queue"] == name].reset_index(drop=True))


def test_a_site_that_fails_keeps_its_roster_and_the_other_has_a_new_one(centre: Centre, plan: Plan) -> None:
    inputs, config = centre
    found = make_plan(
        inputs, config, work=Failing("schedule", "south", LimitError("late", hint="")), last=table_of(plan)
    )
    pd.testing.assert_frame_equal(found.schedule.roster, plan.schedule.roster)
    pd.testing.assert_frame_equal(found.schedule.coverage, plan.schedule.coverage)
    assert found.schedule.summary["agents"] == 4
    (stale,) = found.stale
    assert (stale.stage, stale.names, stale.kept) == ("schedule", ("south",), True)


def test_if_every_part_fails_so_does_the_plan(centre: Centre, plan: Plan) -> None:
    class Nothing:
        def each(self, _stage: str, _function: Any, parts: Sequence[Any]) -> list[Ended[Any, Any]]:
            return [Ended(part, None, LimitError("late", hint="")) for part in parts]

    with pytest.raises(LimitError, match="late"):
        make_plan(*centre, work=Nothing(), last=table_of(plan))


def test_a_part_knows_the_queues_that_its_own_are_like(centre: Centre) -> None:
    inputs, config = centre
    like = config.queues["orders"].model_copy(update={"like": "bills"})
    config = config.model_copy(update={"queues": {**config.queues, "orders": like}})
    seen: list[ForecastPart] = []

    class Watching(Direct):
        def each(self, stage: str, function: Any, parts: Sequence[Any]) -> list[Ended[Any, Any]]:
            seen.extend(parts)
            return super().each(stage, function, parts)

    as_of = pd.Timestamp(date(2026, 3, 1), tz="UTC")
    forecast_in_parts(inputs.history, config, as_of, None, Watching())
    assert {"bills", "orders"} <= set(seen[0].history.rows()["queue"])
