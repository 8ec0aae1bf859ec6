"""The families of the roster benchmark: what they claim of their instances, checked by verify and by hand."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench import hidden, prototype, retail, rosters
from bench.centres import FIRST_DAY, ZONE, BenchCentre
from bench.roster_peers import in_its_words
from bench.roster_question import covered, question_of
from bench.roster_run import verdict
from bench.sample_model import answer
from bench.tours import Shift, Terms, random_tour, roster_table
from wfm.schedule.options import Options
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify

BRIEF = 2.0  # seconds: enough for a legal roster, which is all that is asked here
NO_NEED = {"agents_to_schedule": 0}  # hard rules do not depend on it


@pytest.fixture
def generator(shared: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WFM_SHARED", str(shared))
    return prototype.generator()


@pytest.fixture
def retail_folder(shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WFM_SHARED", str(shared))
    return shared / "reference" / "rosters" / "retail"


def planned_roughly(centre: BenchCentre) -> pd.DataFrame:
    options = Options(time_limit_s=BRIEF, sweeps=1, work_limit=0.01)
    tables = (centre.requirements.assign(**NO_NEED), centre.agents, centre.config)
    return schedule(*tables, first_day=centre.first_day, options=options, **centre.extras).roster


@pytest.mark.parametrize("seed", [1, 2, 3], ids=lambda seed: f"seed {seed}")
def test_hidden_roster_is_legal_and_covers_its_requirement_exactly(seed):
    centre = hidden.build(20, 1, seed)
    assert centre.known is not None
    found = verdict(centre, centre.known)
    assert (found["violations"], found["understaffed"], found["overstaffed"]) == (0, 0, 0)


def test_hidden_roster_is_legal_over_four_weeks_with_weekends_off():
    centre = hidden.build(12, 4, 5)
    assert centre.known is not None
    assert verdict(centre, centre.known)["violations"] == 0
    assert {contract.weekends_off_per_4_weeks for contract in centre.config.contracts.values()} == {1}


def test_one_agent_more_in_the_requirement_is_seen_as_missing():
    centre = hidden.build(10, 1, 1)
    assert centre.known is not None
    need = centre.requirements["agents_to_schedule"]
    more = centre.requirements.assign(agents_to_schedule=need + (need == need.max()))
    assert verdict(replace(centre, requirements=more), centre.known)["understaffed"] > 0


def test_same_seed_gives_same_hidden_centre_and_another_does_not():
    first, again, other = hidden.build(8, 1, 4), hidden.build(8, 1, 4), hidden.build(8, 1, 5)
    pd.testing.assert_frame_equal(first.requirements, again.requirements)
    assert first.known is not None
    assert again.known is not None
    assert other.known is not None
    pd.testing.assert_frame_equal(first.known, again.known)
    assert not first.known.equals(other.known)


@pytest.mark.parametrize("structure", hidden.STRUCTURES)
def test_every_queue_has_somebody_who_serves_it(structure):
    for queues in range(2, 7):
        groups = hidden.skill_groups(structure, queues, np.random.default_rng(1))
        assert {queue for group in groups for queue in group} == set(range(queues))
        assert all(len(set(group)) == len(group) for group in groups)


@pytest.mark.parametrize("name", hidden.CONTRACTS)
def test_random_tours_keep_their_contract(name):
    contract = hidden.configuration([name], ["q0"], 4).contracts[name]
    tour = random_tour(Terms(contract, 4, frozenset({1, 2})), np.random.default_rng(1))
    assert tour is not None
    low, high = contract.week_hours
    for week in range(1, 4):
        assert low <= sum(shift.paid_h for shift in tour if shift.day // 7 == week) <= high
    gaps = [(b.day - a.day) * 24 + (b.start_min - a.end_min) / 60 for a, b in pairwise(tour)]
    assert min(gaps) >= contract.rest_h
    assert not {shift.day for shift in tour} & {1, 2}
    assert any(not {7 * week + 5, 7 * week + 6} & {shift.day for shift in tour} for week in range(4))


def test_prototype_has_the_generators_types_agents_and_requirement(generator):
    centre, instance = prototype.build(60, 1, 7), generator.make(60, 1, 7)
    asked = centre.requirements.pivot_table("agents_to_schedule", "interval_start", "queue")
    assert (asked.to_numpy() == instance.R.reshape(3, -1).T).all()
    types = {shift for name in prototype.CONTRACTS for shift in prototype.shift_types(generator, name)}
    assert len(types) == len(generator.TYPES) + 1  # a shift of 9 h paid has the shorter lunch
    paid = {name.split("_")[0] for name in centre.agents["contract"]}
    assert paid <= {row[0].lower() for row in generator.CONTRACTS}
    for skills, group in zip(centre.agents["skills"], instance.group, strict=True):
        assert skills.split(";") == [f"q{queue}" for queue in generator.GROUPS[group][0]]


@pytest.mark.parametrize(("name", "length"), [("ft8", 8), ("ft10", 10)])
def test_prototype_contracts_of_one_length_are_the_generators(generator, name, length):
    made = prototype.contract(generator, name, weekends_off=0)
    _, _, _, low, high = next(row for row in generator.CONTRACTS if row[2] == (length,))
    assert made["shift_hours"] == [generator.SPAN[length] / 4] * 2
    assert (made["week_hours"], made["rest_h"], made["consecutive_days"]) == ([low, high], 11, 5)
    assert made["leave_day_hours"] == length
    windows = [(rest["from_min"] // 15, rest["to_min"] // 15) for rest in made["breaks"]]
    assert windows == [tuple(window) for window in generator.WIN[length]]
    assert [prototype.wishes(generator, name, band)[1] for band in prototype.BANDS_MIN] == [0, 0, 0]


@pytest.mark.parametrize(
    ("count", "weeks", "rotation"),
    [
        pytest.param(60, 1, "rule", id="a week"),
        pytest.param(8, 4, "rule", id="four weeks, weekends by rule"),
        pytest.param(8, 4, "fixed", id="four weeks, weekends of the generator"),
    ],
)
def test_every_agent_of_the_prototype_has_a_legal_tour(generator, count, weeks, rotation):
    centre = prototype.build(count, weeks, 1, rotation=rotation)
    assert weeks < 4 or "ft8_weekday_off" in set(centre.agents["contract"])
    assert verdict(centre, planned_roughly(centre))["violations"] == 0


def test_fixed_rotation_keeps_the_generators_weekend_free(generator):
    centre, instance = prototype.build(8, 4, 1, rotation="fixed"), generator.make(8, 4, 1)
    days = (centre.pins["date"] - FIRST_DAY).dt.days
    for agent, rows in days.groupby(centre.pins["agent_id"]):
        assert not instance.dayav[int(str(agent)[1:]), rows.to_list()].any()


def test_retail_clock_starts_at_six(retail_folder):
    instance = retail.read("1_7_10_1")
    lines = (retail_folder / "1_7_10_1.txt").read_text().splitlines()
    cover = [line.split(",") for line in lines if line.count(",") == 4 and not line.startswith("#")]
    assert instance.least.tolist() == [int(row[3]) for row in cover]
    assert cover[0][1].startswith("06:00")
    starts = retail.build(instance, "readme").requirements["interval_start"].dt.tz_convert(ZONE)
    assert starts.iloc[0] == FIRST_DAY.tz_localize(ZONE)
    assert retail.published()["1_7_10_1"] == retail.floor(instance)  # so that one is proven best


def test_retail_penalty_is_the_square_above_the_maximum_by_hand():
    cover = np.zeros(7 * 96, dtype=np.int64)
    cover[:4] = 1
    instance = retail.Instance("by hand", 7, ((360, 600),), cover, cover)
    shifts = [("a", Shift(0, 0, 60, ())), ("b", Shift(0, 30, 60, ())), ("c", Shift(0, 30, 30, ()))]
    on_duty = retail.coverage(instance, roster_table(shifts))
    assert on_duty[:6].tolist() == [1, 1, 3, 3, 1, 1]
    assert retail.penalty(instance, on_duty) == 4 + 4 + 1 + 1
    assert retail.missing(instance, on_duty) == 0
    assert retail.missing(instance, np.zeros_like(on_duty)) == 4


def test_retail_shift_past_the_end_counts_as_nobody_asked_for():
    nothing = np.zeros(7 * 96, dtype=np.int64)
    instance = retail.Instance("by hand", 7, ((360, 600),), nothing, nothing)
    on_duty = retail.coverage(instance, roster_table([("a", Shift(6, 1380, 120, ()))]))
    assert retail.penalty(instance, on_duty) == 8


def test_sample_model_keeps_every_hard_rule_though_the_requirement_tempts():
    centre = hidden.build(3, 1, 2, contracts=["two_turns"])
    local = centre.requirements["interval_start"].dt.tz_convert(ZONE)
    late_or_early = local.dt.hour.ge(16).where(local.dt.day_of_week % 2 == 0, local.dt.hour.lt(9))
    tempting = replace(centre, requirements=centre.requirements.assign(agents_to_schedule=3 * late_or_early))
    found = answer(question_of(tempting), 2 * BRIEF)
    assert found.shifts
    assert verdict(tempting, roster_table(found.shifts))["violations"] == 0


def test_question_covers_what_verify_counts():
    centre = hidden.build(6, 1, 3)
    question = question_of(centre)
    person = question.people[0]
    day, allowed = next((day, allowed) for day, allowed in enumerate(person.allowed) if allowed)
    shift = question.shifts[next(iter(allowed))].on(day)
    roster = roster_table([(person.agent_id, shift)])
    tables = (roster, centre.agents, centre.requirements, centre.config)
    seen = verify(*tables, first_day=centre.first_day, **centre.extras)
    assert seen.intervals["on_queue"].sum() == covered(shift).sum()
    words = in_its_words(question, 1.0)
    banned = [row for row in words["banned"] if row["resource"] == person.agent_id]
    assert len(banned) + sum(map(len, person.allowed)) == len(question.shifts) * question.days


def test_worst_row_has_the_largest_of_each_column_and_counts_rows_without():
    rows: list[dict[str, Any]] = [{"gap": 0.1, "objective": 5.0, "mib": 7}, {"gap": 0.2, "objective": 4.0}]
    worst = rosters.worst([*rows, {"status": "skipped"}])
    assert (worst["gap"], worst["objective"], worst["mib"], worst["status"]) == (0.2, 5.0, 7, "1 without")
