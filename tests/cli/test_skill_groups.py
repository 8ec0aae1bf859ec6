"""Skill groups on the command line: staffed, rostered, verified; and what is refused."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from tests.cli.tiny import CONFIG, SCHEDULE_COMMAND, STAFF_COMMAND, VERIFY_COMMAND, run

GROUPS = ("--skill-requirements", "skills.csv")


@pytest.fixture
def one_hour(planned):
    """Keep one hour of the tiny centre's forecast, so that one interval is staffed."""
    frame = pd.read_csv("forecast.csv")
    open_rows = frame[frame["offered"] > 0]
    open_rows.head(1).to_csv("forecast.csv", index=False)
    return planned


def test_one_queue_with_its_own_group_needs_what_the_formula_says(one_hour):
    outcome = run(*STAFF_COMMAND, "--agents", "agents.csv", *GROUPS, "--json")
    assert outcome.code == 0, outcome.err
    required, skills = pd.read_csv("requirements.csv"), pd.read_csv("skills.csv")
    assert skills["group"].tolist() == ["hotline"]
    assert skills["agents_required"].tolist() == required["agents_required"].tolist()
    figures = json.loads(outcome.out)["skill_groups"]
    assert figures["agent_hours"] == {"hotline": float(skills["agents_required"].sum())}
    assert figures["intervals_missed"] == 0


def test_a_roster_for_groups_is_made_and_verified(planned):
    required = pd.read_csv("requirements.csv")
    columns = ["interval_start", "agents_required", "agents_to_schedule", "agents_gross"]
    required[columns].assign(group="phone", skills="hotline").to_csv("skills.csv", index=False)
    rostered = run(*SCHEDULE_COMMAND, *GROUPS, "--coverage", "coverage.csv", "--summary", "summary.json")
    assert rostered.code == 0, rostered.err
    assert set(pd.read_csv("coverage.csv")["queue"]) == {"phone"}
    checked = run(*VERIFY_COMMAND, *GROUPS, "--summary", "summary.json")
    assert checked.code == 0, checked.err
    assert "0 violations" in checked.err


def test_without_groups_and_agents_nothing_is_staffed(one_hour):
    outcome = run(*STAFF_COMMAND, *GROUPS)
    assert outcome.code == 3
    assert "[skill_groups.NAME], or give --agents" in outcome.err


@pytest.mark.parametrize(
    ("section", "said"),
    [
        ('[skill_groups.x]\nskills = ["hotlin"]\n', "did you mean 'hotline'?"),
        ('[skill_groups."a;b"]\nskills = ["hotline"]\n', "a name has no ; [ or ]"),
        ('[skill_groups.x]\nskills = ["hotline", "hotline"]\n', "every queue stands once"),
        ('[skill_groups.x]\nskills = ["hotline"]\ncost_per_hou = 2\n', "cost_per_hour"),
    ],
    ids=["unknown queue", "name", "twice", "unknown key"],
)
def test_a_group_that_cannot_be_is_refused(one_hour, section, said):
    (one_hour / "wfm.toml").write_text(CONFIG + section)
    outcome = run(*STAFF_COMMAND, *GROUPS)
    assert outcome.code == 3
    assert said in outcome.err


def test_agents_that_form_no_group_are_not_ignored(one_hour):
    outcome = run(*STAFF_COMMAND, "--agents", "agents.csv")
    assert outcome.code == 2
    assert "--skill-requirements" in outcome.err
    (one_hour / "wfm.toml").write_text(CONFIG + '[skill_groups.x]\nskills = ["hotline"]\n')
    assert run(*STAFF_COMMAND, *GROUPS, "--agents", "agents.csv").code == 2


def test_two_tables_in_one_file_are_refused_before_the_work(one_hour):
    outcome = run(*STAFF_COMMAND, "--costs", "./requirements.csv")
    assert outcome.code == 2
    assert "two tables in one file" in outcome.err


def test_skill_requirements_of_other_days_are_refused(planned):
    required = pd.read_csv("requirements.csv")
    columns = ["interval_start", "agents_required", "agents_to_schedule", "agents_gross"]
    skills = required[columns].assign(group="phone", skills="hotline")
    skills.iloc[1:].to_csv("skills.csv", index=False)
    outcome = run(*SCHEDULE_COMMAND, *GROUPS)
    assert outcome.code == 4
    assert "no row for 1 of the requirements' intervals" in outcome.err
