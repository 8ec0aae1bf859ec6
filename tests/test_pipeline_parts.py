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
from wfm.executor import unheard
from wfm.forecast import forecast
from wfm.pipeline import Ended, LastGood, LostError, Plan, PlanInputs, make_plan
from wfm.pipeline.queue_parts import ForecastPart, forecast_in_parts, joined_forecasts, staff_in_parts
from wfm.pipeline.site_parts import OWN_TABLES, SitePart, site_parts
from wfm.pipeline.work import Direct
from wfm.schedule.verify import verify

Centre = tuple[PlanInputs, Config]


class Failing:
    """Does everything, but for the parts of a stage in which one of the names is."""

    def __init__(self, stage: str, names: str, error: BaseException) -> None:
        self.stage, self.names, self.error = stage, set(names.split()), error

    def each(
        self, stage: str, function: Callable[[Any], Any], parts: Sequence[Any], _: Any = None
    ) -> list[Ended[Any, Any]]:
        ended = []
        for part in parts:
            own = part.sites if stage == "schedule" else getattr(part, "queues", ())
            bad = stage == self.stage and bool(self.names.intersection(own))
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


def test_a_shortage_at_both_sites_at_once_costs_what_it_does_in_one_roster(centre: Centre) -> None:
    """U/R runs over all queues: the verification of the whole finds objective and bound again."""
    inputs, config = centre
    few = inputs.agents[~inputs.agents["agent_id"].isin(["N1", "S1"])].reset_index(drop=True)
    found = make_plan(replace(inputs, agents=few), config)
    summary, coverage = found.schedule.summary, found.schedule.coverage
    short = coverage[coverage["net_staffing"] < 0]
    sites = short["queue"].map({queue: site for site, queues in SITES.items() for queue in queues})
    assert (sites.groupby(short["interval_start"]).nunique() == len(SITES)).any()
    verdict = verify(
        *(found.schedule.roster, few, found.requirements, config),
        first_day=PLANNED,
        weeks=1,
        summary=summary,
        proof=found.schedule.prices,
    )
    assert verdict.violations == ()
    assert verdict.objective == pytest.approx(summary["objective"], rel=1e-9)
    assert verdict.bound is not None
    assert summary["bound"] <= verdict.bound + 1e-6
    assert verdict.bound <= verdict.objective


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
    assert found.schedule.summary["agents"] == 8
    (stale,) = found.stale
    assert (stale.stage, stale.names, stale.kept) == ("schedule", ("south",), True)


def test_if_every_part_fails_so_does_the_plan(centre: Centre, plan: Plan) -> None:
    class Nothing:
        def each(self, _stage: str, _do: Any, parts: Sequence[Any], _: Any = None) -> list[Ended[Any, Any]]:
            return [Ended(part, None, LimitError("late", hint="")) for part in parts]

    with pytest.raises(LimitError, match="late"):
        make_plan(*centre, work=Nothing(), last=table_of(plan))


def test_parts_that_were_lost_give_no_answer_so_that_all_of_them_are_kept(centre: Centre, plan: Plan) -> None:
    """But without any plan from before the night has none either."""
    inputs, config = centre
    lost = Failing("schedule", "north south", LostError("its worker died", hint=""))
    last = replace(table_of(plan), night="monday", older={("schedule", "south"): "sunday"})
    found = make_plan(inputs, config, work=lost, last=last)
    pd.testing.assert_frame_equal(found.schedule.roster, plan.schedule.roster)
    assert [(one.names, one.since, one.until) for one in found.stale] == [
        (("north",), "monday", date(2026, 3, 6)),
        (("south",), "sunday", date(2026, 3, 6)),
    ]
    assert found.schedule.summary["status"] == "kept"
    with pytest.raises(LostError):
        make_plan(inputs, config, work=lost)


def south_fails(centre: Centre, last: LastGood, **changes: Any) -> tuple[Plan, PlanInputs]:
    """Return the plan with other tables in which the roster of south fails, and these tables."""
    inputs, config = centre
    changed = replace(inputs, **changes)
    return make_plan(
        changed, config, work=Failing("schedule", "south", LimitError("late", hint="")), last=last
    ), changed


def on_queue(roster: pd.DataFrame, agents: list[str], requirements: pd.DataFrame) -> pd.Series:
    """Return the agents on queue at each interval that has requirements."""
    rows = roster[(roster["activity"] == "on_queue") & roster["agent_id"].isin(agents)]
    starts = requirements["interval_start"].drop_duplicates().sort_values()
    counts = [int(((rows["start"] <= start) & (rows["end"] > start)).sum()) for start in starts]
    return pd.Series(counts, index=pd.Index(starts), dtype="float64")


def test_a_kept_roster_is_without_those_who_are_away_and_its_figures_are_of_tonight(
    centre: Centre, plan: Plan
) -> None:
    """One has left, one is on leave all day, one for two hours, one is no longer available on Fridays."""
    inputs, config = centre
    before = plan.schedule.roster
    worked = {str(name): set(rows["shift_date"].dt.day) for name, rows in before.groupby("agent_id")}
    day_off, hours_off = min(worked["S2"]), min(worked["S3"])
    stamps = [f"2026-03-0{day_off}T00:00", f"2026-03-0{hours_off}T10:00"]
    ends = [f"2026-03-0{day_off + 1}T00:00", f"2026-03-0{hours_off}T12:00"]
    leave = pd.DataFrame(
        {
            "agent_id": ["S2", "S3"],
            "start": pd.to_datetime(stamps).tz_localize("Europe/Berlin").tz_convert("UTC"),
            "end": pd.to_datetime(ends).tz_localize("Europe/Berlin").tz_convert("UTC"),
            "kind": "leave",
            "paid": True,
        }
    )
    agents = inputs.agents[inputs.agents["agent_id"] != "S1"].reset_index(drop=True)
    last_day = max(worked["S4"])
    names = ["Mon", "Tue", "Wed", "Thu", "Fri"]
    free = ",".join(name for name in names if name != names[last_day - 2])
    agents.loc[agents["agent_id"] == "S4", "availability"] = f"{free} 09:00-17:00"
    found, _ = south_fails(centre, table_of(plan), agents=agents, time_off=leave)
    roster = found.schedule.roster
    south = roster[roster["site"] == "south"]
    assert set(south["agent_id"]) == {"S2", "S3", "S4"}
    assert day_off not in set(south.loc[south["agent_id"] == "S2", "shift_date"].dt.day)
    short = south[(south["agent_id"] == "S3") & (south["shift_date"].dt.day == hours_off)]
    local = [
        (what, f"{start.tz_convert('Europe/Berlin'):%H}")
        for what, start in zip(short["activity"], short["start"], strict=True)
    ]
    assert local == [("on_queue", "09"), ("leave", "10"), ("on_queue", "12")]
    assert set(south.loc[south["agent_id"] == "S4", "shift_date"].dt.day) == worked["S4"]
    dropped, cut, broken = found.remarks
    assert f"{len(worked['S1']) + 1} shifts" in dropped
    assert "S1 2026-03-0" in dropped
    assert f"S3 2026-03-0{hours_off} (time off)" in cut
    assert f"S4 2026-03-0{last_day} availability" in broken
    coverage = found.schedule.coverage
    own = coverage[coverage["queue"].isin(SITES["south"])]
    counted = on_queue(roster, ["S2", "S3", "S4"], own)
    pd.testing.assert_series_equal(
        own.groupby("interval_start")["agents_scheduled"].sum(), counted, check_names=False
    )
    verdict = verify(roster, agents, found.requirements, config, first_day=PLANNED, weeks=1, time_off=leave)
    summary = found.schedule.summary
    alike = {**verdict.figures, **verdict.parts}
    assert {**summary["parts"], **{name: summary[name] for name in verdict.figures}} == pytest.approx(alike)
    assert summary["objective"] == pytest.approx(sum(summary["parts"].values()), rel=1e-9)
    assert summary["bound"] <= summary["objective"]


def test_the_demand_of_a_site_without_any_roster_is_missing_in_full(centre: Centre, plan: Plan) -> None:
    found, _ = south_fails(centre, LastGood())
    coverage = found.schedule.coverage
    south = coverage[coverage["queue"].isin(SITES["south"])]
    assert (south["agents_scheduled"] == 0).all()
    needed = plan.schedule.coverage
    own = needed.loc[
        needed["queue"].isin(SITES["south"]), "agents_to_schedule"
    ].sum()  # hours: intervals of 60
    others = needed[needed["queue"].isin(SITES["north"])].groupby("interval_start")
    missing = others.sum(numeric_only=True)
    north = (missing["agents_to_schedule"] - missing["agents_scheduled"]).clip(lower=0).sum()
    assert found.schedule.summary["understaffed_h"] == pytest.approx(own + north)
    assert found.remarks == ()


def until(rows: pd.DataFrame, queues: tuple[str, ...], day: str) -> pd.DataFrame:
    """Return a table without the rows of some queues from a local date on."""
    late = rows["interval_start"] >= pd.Timestamp(day, tz="Europe/Berlin")
    return rows[~(late & rows["queue"].isin(queues))].reset_index(drop=True)


def test_days_that_a_kept_forecast_does_not_reach_are_told_and_move_no_week(
    centre: Centre, plan: Plan
) -> None:
    inputs, config = centre
    work = Failing("forecast", "claims", ZeroDivisionError("poison"))
    last = replace(table_of(plan), forecast=until(plan.forecast.forecast, ("claims",), "2026-03-05"))
    said: list[str] = []
    found = make_plan(inputs, config, work=work, last=replace(last, night="monday"), say=said.append)
    (stale,), (gap,) = found.stale, found.uncovered
    assert (stale.since, stale.until) == ("monday", date(2026, 3, 4))
    assert "kept from monday, reaches to 2026-03-04" in str(stale)
    assert (gap.queue, gap.days) == ("claims", (date(2026, 3, 5), date(2026, 3, 6)))
    assert f"warning: {gap}" in said
    assert found.schedule.summary["first_day"] == PLANNED.isoformat()
    north = plan.schedule.coverage["queue"].isin(SITES["north"])
    pd.testing.assert_frame_equal(
        found.schedule.coverage[found.schedule.coverage["queue"].isin(SITES["north"])].reset_index(drop=True),
        plan.schedule.coverage[north].reset_index(drop=True),
    )


def test_a_site_of_which_nothing_is_foretold_gets_no_roster_for_a_demand_of_zero(
    centre: Centre, plan: Plan
) -> None:
    inputs, config = centre
    work = Failing("forecast", " ".join(SITES["south"]), ZeroDivisionError("poison"))
    found = make_plan(inputs, config, work=work, last=LastGood(roster=plan.schedule.roster))
    assert [gap.queue for gap in found.uncovered] == list(SITES["south"])
    stale = found.stale[-1]
    assert (stale.stage, stale.names, stale.kept) == ("schedule", ("south",), True)
    assert "no forecast reaches the roster" in stale.reason
    pd.testing.assert_frame_equal(found.schedule.roster, plan.schedule.roster)


def test_a_part_knows_the_queues_that_its_own_are_like(centre: Centre) -> None:
    inputs, config = centre
    like = config.queues["orders"].model_copy(update={"like": "bills"})
    config = config.model_copy(update={"queues": {**config.queues, "orders": like}})
    seen: list[ForecastPart] = []

    class Watching(Direct):
        def each(
            self, stage: str, function: Any, parts: Sequence[Any], heard: Any = unheard
        ) -> list[Ended[Any, Any]]:
            seen.extend(parts)
            return super().each(stage, function, parts, heard)

    as_of = pd.Timestamp(date(2026, 3, 1), tz="UTC")
    forecast_in_parts(inputs.history, config, as_of, None, Watching())
    assert {"bills", "orders"} <= set(seen[0].history.rows()["queue"])
