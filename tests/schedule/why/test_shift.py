"""Why a shift: every price and every legal option is what `verify` says of the roster with that shift."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.examples import QUICK, examples
from tests.schedule.advice.made import published_of, random_centre, understaffed_h, without
from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, moment, standard
from wfm.config import Break
from wfm.conform import conform
from wfm.errors import UsageError
from wfm.schedule.advice import Published
from wfm.schedule.advice.change import Change, changed_tables
from wfm.schedule.advice.drawing import Grid
from wfm.schedule.advice.effect import newly_broken
from wfm.schedule.verify.goals import is_missed
from wfm.schedule.why import ShiftExplanation, explain_shift
from wfm.schedule.why.options import Option
from wfm.schedule.why.shapes import cheapest_places
from wfm.tables import ROSTER

EXACT = 1e-6
EIGHT = moment(MONDAY, "08:00")
MOST = 8


def options_of(found: ShiftExplanation) -> list[Option]:
    """Return every option that an explanation shows."""
    limits = [one for limit in found.limits for one in (limit.first, limit.forbidden) if one is not None]
    granting = [one for _, one in found.missed if one is not None]
    return [*found.options, *limits, *granting]


def changed(published: Published, found: ShiftExplanation, option: Option) -> Published:
    """Return the tables with an option in place of what is rostered."""
    change = Change("", found.agent.agent_id, found.date, option.segments)
    return changed_tables(published, found.agent, change)


def check(published: Published, found: ShiftExplanation) -> None:
    """The laws of options, judged by `verify` on the whole roster."""
    before = published.judged()
    for option in options_of(found):
        after = changed(published, found, option).judged()
        differences = {name: after.parts[name] - before.parts[name] for name in before.parts}
        assert dict(option.parts) == pytest.approx(differences, abs=EXACT)
        assert option.points == pytest.approx(after.objective - before.objective, abs=EXACT)
        assert option.understaffed_h == pytest.approx(
            after.figures["understaffed_h"] - before.figures["understaffed_h"], abs=EXACT
        )
        assert option.overstaffed_h == pytest.approx(
            after.figures["overstaffed_h"] - before.figures["overstaffed_h"], abs=EXACT
        )
        news = newly_broken(before.violations, after.violations)[0]
        assert sorted(map(str, option.broken)) == sorted(map(str, news))
        assert option.legal == (not news)


def busy_centre(seed: int) -> Scenario:
    """Return a random centre with wishes, leave, pins, few seats, presence and shifts of the day before."""
    scenario, random = random_centre(seed, agents=6, days=3), np.random.default_rng(seed + 1)
    scenario.sites = {
        "hamburg": {"seats": 3, "min_present": int(random.integers(0, 2))},
        "porto": {"timezone": "Europe/Lisbon"},
    }
    scenario.contracts = {
        "full": contract(
            week_hours=[0, 24],
            days_per_week=[0, 3],
            overtime_hours=float(random.choice([0, 2])),
            consecutive_days=2,
            longest_stretch_h=float(random.choice([3, 4])),
            break_spacing_min=int(random.choice([0, 90])),
        )
    }
    for number in range(6):
        agent, day = f"a{number}", day_after(int(random.integers(0, 3)))
        kind = str(random.choice(["day_off", "prefer_start", "prefer_shift", "avoid_shift"]))
        value = {"day_off": "", "prefer_start": "09:00"}.get(kind, "09:00-18:00")
        scenario.wish(agent, day, kind, value, weight=float(random.choice([1, 2.5])))
        if random.random() < 0.3:
            scenario.worked(agent, day_after(-1), standard("13:00", 8.5))
        if random.random() < 0.2:
            scenario.pin(agent, day, "off")
        if random.random() < 0.2:
            scenario.leave_day(agent, day, paid=bool(random.random() < 0.5))
    return scenario


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_price_and_every_verdict_is_that_of_verify(seed: int) -> None:
    check_a_busy_centre(seed)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_every_price_and_every_verdict_is_that_of_verify_at_length(seed: int) -> None:
    check_a_busy_centre(seed)


def check_a_busy_centre(seed: int) -> None:
    random = np.random.default_rng(seed)
    published = published_of(busy_centre(seed))
    agent, day = f"a{random.integers(0, 6)}", day_after(int(random.integers(0, 3)))
    check(published, explain_shift(published, agent, day, 3))


@settings(max_examples=examples(6, quick=3), deadline=None)
@given(seed=st.integers(0, 10_000))
def test_on_a_legal_roster_the_legal_options_are_those_without_any_violation(seed: int) -> None:
    random = np.random.default_rng(seed)
    scenario = random_centre(seed, agents=4)
    scenario.contracts = {"full": contract(week_hours=[0, 16.5], days_per_week=[0, 2])}
    published = published_of(scenario)
    assume(not published.judged().violations)
    found = explain_shift(published, f"a{random.integers(0, 4)}", MONDAY, 4)
    for option in found.options:
        assert option.legal == (not changed(published, found, option).judged().violations)


def test_a_start_far_from_those_of_the_days_around_costs_twice() -> None:
    found = explain_shift(published_of(legal_week()), "a1", day_after(2), 30)
    far = [one for one in found.options if one.segments and one.parts["start_consistency"]]
    assert {one.parts["start_consistency"] for one in far} == {2.0}
    eight = moment(day_after(2), "08:00")
    assert all(abs(one.segments[0].start - eight) > timedelta(hours=1) for one in far)


def test_seats_and_presence_of_the_site_forbid_too() -> None:
    scenario = legal_week()
    scenario.sites = {"hamburg": {"seats": 1, "min_present": 2}}
    scenario.rest("a1", day_after(1))
    published = published_of(scenario)
    busy = explain_shift(published, "a1", day_after(1), MOST)
    assert all("seats" in {one.rule for one in option.broken} for option in busy.options)
    check(published, busy)
    scenario.sites, scenario.needs = {"hamburg": {"min_present": 1}}, []
    scenario.need("calls", MONDAY, "08:30-16:30", 1)
    scenario.work("a2", MONDAY, standard("08:30"))  # its breaks are not those of a1
    limits = {one.direction: one for one in explain_shift(published_of(scenario), "a1", MONDAY).limits}
    off = limits["day off"]
    assert off.forbidden is not None
    assert "min_present" in {one.rule for one in off.forbidden.broken}


@pytest.mark.parametrize("sunday", [date(2026, 3, 29), date(2026, 10, 25)], ids=["forward", "back"])
def test_a_night_of_a_clock_change_is_priced_by_elapsed_time(sunday: date) -> None:
    scenario = Scenario()
    scenario.contracts = {"full": contract(week_hours=[0, 45], days_per_week=[0, 5], starts=["00:00-06:00"])}
    scenario.agent("a1")
    scenario.work("a1", sunday, standard("00:00", 9.0))
    scenario.need("calls", sunday, "00:00-12:00", 1)
    published = published_of(scenario, first_day=sunday - timedelta(days=6))
    check(published, explain_shift(published, "a1", sunday, MOST))


def test_the_plan_before_counts_where_there_is_one() -> None:
    published = published_of(random_centre(3))
    plan = replace(published, previous=published.roster)
    agent = str(published.roster["agent_id"].iloc[0])
    found = explain_shift(plan, agent, MONDAY, 3)
    now = found.segments[0].start, found.segments[-1].end
    for option in found.options:
        same = bool(option.segments) and (option.segments[0].start, option.segments[-1].end) == now
        assert option.parts["changed_shift"] == (0.0 if same else 8.0)
    check(plan, found)


@settings(max_examples=examples(8, quick=3), deadline=None)
@given(seed=st.integers(0, 10_000))
def test_what_a_shift_adds_and_serves_is_the_difference_of_two_coverages(seed: int) -> None:
    published = published_of(random_centre(seed))
    agent_id = str(published.roster["agent_id"].iloc[0])
    day = published.roster["shift_date"].iloc[0].date()
    found = explain_shift(published, agent_id, day, 1)
    gone = without(published, [(agent_id, day)])
    with_shift, alone = published.judged(), gone.judged()
    assert sum(found.added.parts.values()) == pytest.approx(with_shift.objective - alone.objective)
    assert found.added.understaffed_h == pytest.approx(understaffed_h(published) - understaffed_h(gone))
    keys = ["queue", "interval_start"]
    tables = {"net_with": with_shift.coverage, "net_without": alone.coverage}
    rows = pd.DataFrame([vars(row) for row in found.served])
    if rows.empty:
        return
    rows["interval_start"] = pd.to_datetime(rows["interval_start"], utc=True).astype("datetime64[us, UTC]")
    for column, coverage in tables.items():
        joined = rows.merge(coverage, on=keys, how="left", suffixes=("", "_there"))
        assert list(joined[column]) == pytest.approx(list(joined["net_staffing"]))
    both = with_shift.coverage.merge(alone.coverage, on=keys, suffixes=("", "_alone"))
    moved = both[(both["net_staffing"] - both["net_staffing_alone"]).abs() > EXACT]
    assert set(map(tuple, moved[keys].to_numpy())) <= set(map(tuple, rows[keys].to_numpy()))


def test_requests_met_and_missed_are_told_for_the_shift_and_each_option() -> None:
    scenario = legal_week()
    scenario.wish("a1", MONDAY, "day_off", weight=2)
    scenario.wish("a1", MONDAY, "prefer_start", "10:00")
    scenario.wish("a1", day_after(1), "day_off")
    found = explain_shift(published_of(scenario), "a1", MONDAY, MOST)
    assert [wish.kind for wish in found.requests] == ["day_off", "prefer_start"]
    assert [wish.kind for wish, _ in found.missed] == ["day_off", "prefer_start"]
    for option in found.options:
        shift = found.agent.shifts
        missed = [wish.kind for wish in option.requests_missed]
        if not option.segments:
            assert missed == []
        else:
            near = abs(option.segments[0].start - shift[0].start - timedelta(hours=2)) <= timedelta(
                minutes=30
            )
            assert missed == (["day_off"] if near else ["day_off", "prefer_start"])


@pytest.mark.parametrize(
    ("keys", "direction", "rule"),
    [
        pytest.param({"starts": ["08:00-14:00"]}, "earlier", "starts", id="starts, earlier"),
        pytest.param({"starts": ["06:00-08:30"]}, "later", "starts", id="starts, later"),
        pytest.param({"rest_h": 15}, "later", "rest_h", id="rest"),
        pytest.param({"shift_hours": [8.5, 9]}, "shorter", "shift_hours", id="shortest"),
        pytest.param({"shift_hours": [8, 8.5]}, "longer", "shift_hours", id="longest"),
        pytest.param({"week_hours": [35, 40]}, "longer", "week_hours", id="hours of the week"),
        pytest.param({"day_hours": 8.0}, "longer", "day_hours", id="hours of the day"),
        pytest.param({"days_per_week": [5, 5]}, "day off", "days_per_week", id="days of the week"),
        pytest.param({"week_hours": [40, 45]}, "day off", "week_hours", id="least hours"),
    ],
)
def test_the_rule_that_binds_is_named_by_its_key(keys: dict[str, Any], direction: str, rule: str) -> None:
    scenario = legal_week()
    scenario.contracts = {"full": contract(**keys)}
    limits = {one.direction: one for one in explain_shift(published_of(scenario), "a1", MONDAY).limits}
    limit = limits[direction]
    assert limit.forbidden is not None
    assert rule in {violation.rule for violation in limit.forbidden.broken}


def test_a_limit_is_one_step_beyond_the_last_legal_one() -> None:
    scenario = legal_week()
    scenario.contracts = {"full": contract(starts=["06:30-09:00"])}
    limits = {one.direction: one for one in explain_shift(published_of(scenario), "a1", MONDAY).limits}
    for direction, first, forbidden in (("earlier", -30, -120), ("later", 30, 90)):
        ends = (limits[direction].first, limits[direction].forbidden)
        moved = [None if one is None else one.segments[0].start - EIGHT for one in ends]
        assert moved == [timedelta(minutes=first), timedelta(minutes=forbidden)]


@pytest.mark.parametrize(
    ("change", "because"),
    [
        pytest.param(lambda s: s.leave_day("a1", day_after(5)), "on leave", id="leave"),
        pytest.param(lambda s: s.pin("a1", day_after(5), "off"), "pinned", id="pin"),
        pytest.param(
            lambda s: s.agent("a1", availability="Mon-Fri 06:00-22:00"), "not available", id="hours"
        ),
        pytest.param(lambda s: s.agent("a1", end_date=pd.Timestamp(day_after(4))), "employed", id="left"),
        pytest.param(lambda s: s.agent("a1"), "", id="nothing"),
    ],
)
def test_why_an_agent_is_off(change: Any, because: str) -> None:
    scenario = legal_week()
    change(scenario)
    found = explain_shift(published_of(scenario), "a1", day_after(5))
    assert because in found.off_because
    assert bool(found.off_because) == bool(because)
    assert found.segments == ()
    assert found.limits == ()
    if because:
        assert found.best is None or because == "not available"


def test_a_shift_that_is_needed_and_legal_is_found_for_a_day_off() -> None:
    scenario = legal_week()
    scenario.contracts = {"full": contract(days_per_week=[4, 6], week_hours=[35, 48])}
    scenario.need("calls", day_after(5), "08:00-16:30", 1)
    published = published_of(scenario)
    best = explain_shift(published, "a1", day_after(5)).best
    assert best is not None
    assert best.points < 0
    assert best.understaffed_h < 0


def test_activities_and_leave_inside_a_shift_stay_where_they_are() -> None:
    scenario = legal_week()
    plan = "08:00 on_queue 10:00 break 10:15 on_queue 12:00 lunch- 12:30 leave 13:30 on_queue"
    scenario.work("a1", MONDAY, f"{plan} 14:00 break 14:15 on_queue 16:30")
    noon = pd.Timestamp("2026-03-02 12:30", tz="Europe/Berlin")
    scenario.absent("a1", noon.to_pydatetime(), (noon + pd.Timedelta(hours=1)).to_pydatetime())
    published = published_of(scenario)
    found = explain_shift(published, "a1", MONDAY, MOST)
    check(published, found)
    legal = [option for option in found.options if option.legal and option.segments]
    assert legal
    for option in legal:
        (leave,) = [one for one in option.segments if one.activity == "leave"]
        assert (leave.start, leave.end) == (noon, noon + pd.Timedelta(hours=1))


@pytest.mark.parametrize(
    ("agent", "day", "words"),
    [
        pytest.param("a9", MONDAY, "did you mean 'a", id="agent"),
        pytest.param("Lea Duarde", MONDAY, "did you mean 'a2' (Lea Duarte)", id="a name"),
        pytest.param("a1", date(2027, 1, 1), "2026-03-02 to 2026-03-08", id="date"),
    ],
)
def test_unknown_agents_and_dates_are_refused(agent: str, day: date, words: str) -> None:
    scenario = legal_week()
    scenario.agent("a2", name="Lea Duarte")
    with pytest.raises(UsageError) as error:
        explain_shift(published_of(scenario), agent, day)
    assert words in str(error.value)


GRID = Grid(900, 900, 4 * 3600)
RULES = [
    Break(activity="break", minutes=15, paid=True, from_min=60, to_min=150),
    Break(activity="lunch", minutes=30, paid=False, from_min=150, to_min=300),
    Break(activity="break", minutes=15, paid=True, from_min=300, to_min=420),
]


def legal_places(length: int, blocked: tuple[int, int]) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield all places of the breaks by trying each: apart, no stretch too long, off the blocked."""
    starts = [range(rule.from_min * 60, rule.to_min * 60 + 1, 900) for rule in RULES]
    for firsts in product(*starts):
        places = tuple((one, one + rule.minutes * 60) for one, rule in zip(firsts, RULES, strict=True))
        edges = [0, *(edge for place in places for edge in place), length]
        stretches = np.diff(edges)[::2]
        apart = (stretches[1:-1] >= GRID.spacing).all() and stretches[0] >= 0 and stretches[-1] >= 0
        free = all(place[1] <= blocked[0] or blocked[1] <= place[0] for place in places)
        if apart and free and stretches.max() <= GRID.longest:
            yield places


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), hours=st.sampled_from([6.5, 7.5, 8.5]))
def test_breaks_stand_where_brute_force_finds_them_cheapest(seed: int, hours: float) -> None:
    random = np.random.default_rng(seed)
    cost = random.normal(size=40)
    first = int(random.integers(4, 24)) * 900
    blocked = (first, first + 1800)

    def price(place: tuple[int, int]) -> float:
        return float(cost[place[0] // 900 : place[1] // 900].sum())

    length = int(hours * 3600)
    least = min((sum(map(price, places)) for places in legal_places(length, blocked)), default=None)
    found = cheapest_places(RULES, length, GRID, [blocked], price)
    assert (found is None) == (least is None)
    if found is not None and least is not None:
        assert sum(map(price, found)) == pytest.approx(least)
        assert found in set(legal_places(length, blocked))


def test_the_best_breaks_of_a_shift_are_those_that_verify_prices_least() -> None:
    scenario = legal_week()
    scenario.contracts = {"full": contract(shift_hours=[8.5, 8.5], starts=["08:00-08:00"])}
    scenario.agent("a1", skills="calls;chats")
    scenario.need("chats", MONDAY, "09:45-10:30", 1)
    scenario.need("chats", MONDAY, "11:45-13:00", 2)
    published = published_of(scenario)
    objectives = []
    breaks = scenario.contracts["full"]["breaks"]
    for offsets in product(*(range(one["from_min"], one["to_min"] + 1, 15) for one in breaks)):
        ends = [start + one["minutes"] for start, one in zip(offsets, breaks, strict=True)]
        if (
            offsets[1] > ends[0] and offsets[2] > ends[1] and sum(offsets) % (420 if QUICK else 210) == 0
        ):  # one in 28, or 14
            rows = [row for plan in _with_breaks(scenario, offsets).plans.values() for row in plan]
            moved = replace(published, roster=conform(pd.DataFrame(rows), ROSTER))
            objectives.append(moved.judged().objective)
    found = explain_shift(published, "a1", MONDAY, MOST)
    same = [one.points for one in found.options if len(one.segments) == len(found.segments)]
    best = published.judged().objective + min([0.0, *same])
    assert best <= min(objectives) + EXACT


def _with_breaks(scenario: Scenario, offsets: tuple[int, ...]) -> Scenario:
    clock = [
        f"{8 + minute // 60:02d}:{minute % 60:02d}" for at in offsets for minute in (at, at + 15, at + 30)
    ]
    plan = (
        f"08:00 on_queue {clock[0]} break {clock[1]} on_queue {clock[3]} lunch- {clock[5]} on_queue "
        f"{clock[6]} break {clock[7]} on_queue 16:30"
    )
    moved = replace(scenario, plans=dict(scenario.plans))
    moved.work("a1", MONDAY, plan)
    return moved


def test_the_option_that_grants_a_wish_is_the_cheapest_legal_one_that_does() -> None:
    scenario = legal_week()
    scenario.wish("a1", MONDAY, "prefer_start", "11:00")
    found = explain_shift(published_of(scenario), "a1", MONDAY, 200)
    ((wish, granting),) = found.missed
    meeting = [one for one in found.options if one.legal and wish not in one.requests_missed]
    assert granting is not None
    assert granting.points == min(one.points for one in meeting)


def test_every_wish_of_the_date_is_judged_as_verify_judges_it() -> None:
    published = published_of(busy_centre(11))
    for agent_id in published.agents["agent_id"]:
        found = explain_shift(published, str(agent_id), MONDAY, 1)
        assert [wish for wish, _ in found.missed] == [
            wish for wish in found.requests if is_missed(wish, found.agent)
        ]
