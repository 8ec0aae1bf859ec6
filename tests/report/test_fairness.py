"""The fairness table: counts by hand, sums against the checker of rosters, requests by their definition."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.report.centre import config_of, run_of
from tests.report.test_shifts import roster_of
from wfm.conform import conform, empty
from wfm.io.run_folder import RunTables
from wfm.report import render
from wfm.report.fairness import AgentShare, SiteFairness, fairness
from wfm.report.requests_met import Wishes, requests_met, requests_note
from wfm.report.shifts import site_rosters
from wfm.schedule.verify.case import Horizon
from wfm.schedule.verify.goals import unpopular_above_mean
from wfm.schedule.verify.read import Tables, read_case
from wfm.tables import AGENTS, REQUESTS, REQUIREMENTS, TIME_OFF

CONFIG = config_of(["billing"])


def people(*names: str) -> pd.DataFrame:
    rows = {"agent_id": list(names), "name": [name.title() for name in names], "site": "hamburg"}
    return conform(pd.DataFrame({**rows, "contract": "full_time", "skills": "billing"}), AGENTS)


def spread(roster: pd.DataFrame, agents: pd.DataFrame) -> SiteFairness:
    (site,) = site_rosters(roster, agents, CONFIG)
    return fairness(site, None)


def by_name(found: SiteFairness) -> dict[str, AgentShare]:
    return {agent.name: agent for agent in found.agents}


def test_counts_three_and_none_have_a_fair_share_of_two_as_the_documentation_says() -> None:
    days = ("2026-03-02", "2026-03-03", "2026-03-04")
    late = [roster_of(("ann", "on_queue", f"{day} 15:00", f"{day} 22:30")) for day in days]
    found = spread(pd.concat(late, ignore_index=True), people("ann", "bob"))
    assert [(a.name, a.unpopular, a.above) for a in found.agents] == [("Ann", 3, 1), ("Bob", 0, 0)]
    assert found.words.startswith("Unpopular shifts: 0 to 3 an agent, mean 1.50; 1")


@pytest.mark.parametrize(
    ("start", "end", "late", "night", "weekend"),
    [
        pytest.param("2026-03-02 09:00", "2026-03-02 17:00", 0, 0, 0, id="plain"),
        pytest.param("2026-03-02 14:30", "2026-03-02 22:30", 1, 0, 0, id="late"),
        pytest.param("2026-03-02 16:00", "2026-03-03 00:00", 1, 1, 0, id="late and night"),
        pytest.param("2026-03-02 04:00", "2026-03-02 12:00", 0, 1, 0, id="night"),
        pytest.param("2026-03-08 09:00", "2026-03-08 17:00", 0, 0, 1, id="Sunday"),
        pytest.param("2026-03-07 15:00", "2026-03-07 23:30", 1, 1, 1, id="all three"),
    ],
)
def test_a_shift_counts_under_each_reason_and_once_in_all(
    start: str, end: str, late: int, night: int, weekend: int
) -> None:
    ann = by_name(spread(roster_of(("ann", "on_queue", start, end)), people("ann")))["Ann"]
    assert (ann.late, ann.night, ann.weekend) == (late, night, weekend)
    assert ann.unpopular == max(late, night, weekend)
    assert ann.shifts == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_shifts_above_the_mean_add_up_to_what_the_checker_of_rosters_counts(seed: int) -> None:
    run = run_of(CONFIG, agents=25, weeks=2, rostered_days=14, seed=seed)
    assert run.roster is not None
    assert run.agents is not None
    tables = Tables(run.roster, run.agents, empty(REQUIREMENTS))
    case = read_case(tables, CONFIG, Horizon(pd.Timestamp("2026-03-02").date(), 2))
    for site in site_rosters(run.roster, run.agents, CONFIG):
        agents = [agent for agent in case.agents if agent.site == site.name]
        found = fairness(site, None)
        assert sum(agent.above for agent in found.agents) == unpopular_above_mean(agents, case)
        assert len(found.agents) == len(agents)


def wishes_of(kind: str, value: str, *, time_off: pd.DataFrame | None = None) -> Wishes:
    """Return what comes of one request of Ann for Mon 2 March, on which she works 09:00-17:00."""
    roster = roster_of(
        ("ann", "on_queue", "2026-03-02 09:00", "2026-03-02 17:00"),
        ("bob", "on_queue", "2026-03-03 09:00", "2026-03-03 17:00"),
    )
    who = "bob" if time_off is not None else "ann"
    rows = {"agent_id": [who], "date": ["2026-03-02"], "kind": [kind], "value": [value]}
    run = RunTables(roster=roster, agents=people("ann", "bob"))
    found = requests_met(run, CONFIG, conform(pd.DataFrame(rows), REQUESTS), time_off)
    assert found is not None
    return found[who]


@pytest.mark.parametrize(
    ("kind", "value", "met"),
    [
        pytest.param("day_off", "", 0, id="works on the day off"),
        pytest.param("prefer_shift", "08:00-18:00", 1, id="inside the window"),
        pytest.param("prefer_shift", "09:30-18:00", 0, id="begins before the window"),
        pytest.param("avoid_shift", "16:00-20:00", 0, id="overlaps what is to be avoided"),
        pytest.param("avoid_shift", "17:00-20:00", 1, id="ends when that begins"),
        pytest.param("prefer_start", "09:30", 1, id="half an hour off"),
        pytest.param("prefer_start", "09:45", 0, id="more than half an hour off"),
    ],
)
def test_a_request_is_met_as_the_contract_defines_it(kind: str, value: str, met: int) -> None:
    assert wishes_of(kind, value) == Wishes(met=met, asked=1)


def test_a_whole_day_of_leave_misses_no_shift_that_was_preferred() -> None:
    leave = pd.DataFrame({"agent_id": ["bob"], "kind": "leave", "paid": True})
    span = {"start": pd.Timestamp("2026-03-02T00:00+01:00"), "end": pd.Timestamp("2026-03-03T00:00+01:00")}
    assert wishes_of("prefer_shift", "08:00-18:00", time_off=conform(leave.assign(**span), TIME_OFF)).met == 1
    assert wishes_of("prefer_shift", "08:00-18:00", time_off=empty(TIME_OFF)).met == 0


@pytest.mark.parametrize(
    ("missed", "told"), [pytest.param(1, False, id="as the run"), pytest.param(2, True, id="otherwise")]
)
def test_requests_that_the_run_counted_otherwise_are_told(missed: int, told: bool) -> None:
    run = RunTables(summary={"requests": 3, "requests_missed": missed})
    note = requests_note(run, {"ann": Wishes(met=1, asked=2), "bob": Wishes(met=1, asked=1)})
    assert note.startswith("Requests: 2 of 3 met.")
    assert ("counted 1 of 3" in note) is told


def test_a_request_outside_the_roster_is_not_counted() -> None:
    roster = roster_of(("ann", "on_queue", "2026-03-02 09:00", "2026-03-02 17:00"))
    rows = {"agent_id": ["ann"], "date": ["2026-03-09"], "kind": ["day_off"], "value": [""]}
    run = RunTables(roster=roster, agents=people("ann"))
    assert requests_met(run, CONFIG, conform(pd.DataFrame(rows), REQUESTS), None) == {}


def test_the_page_shows_requests_only_where_it_was_given_them() -> None:
    roster = roster_of(("ann", "on_queue", "2026-03-02 09:00", "2026-03-02 17:00"))
    rows = {"agent_id": ["ann", "ann"], "date": "2026-03-02", "kind": ["day_off", "prefer_start"]}
    requests = conform(pd.DataFrame({**rows, "value": ["", "09:00"]}), REQUESTS)
    run = RunTables(roster=roster, agents=people("ann", "bob"))
    assert "<td>1 of 2</td>" in render(run, CONFIG, requests=requests)
    assert "Requests: 1 of 2 met." in render(run, CONFIG, requests=requests)
    assert "Requests met" not in render(run, CONFIG)
    assert "--requests" in render(run, CONFIG)
