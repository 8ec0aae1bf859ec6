"""repair, --dry-run and --best-effort from the command line: exit codes, what is written, what is said."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import PLANNED as MONDAY
from tests.cli.tiny import SCHEDULE_COMMAND, VERIFY_COMMAND, changed_config, fails, run, succeeds, write

INPUTS = ("--agents", "agents.csv", "--requirements", "requirements.csv")
REPAIR = ("repair", "roster.csv", *INPUTS, "-o", "repaired.csv")
DAY = ("--day", str(MONDAY))
HEADER = "agent_id,start,end,kind,paid\n"


def fall_sick() -> str:
    """Let one agent who works on Monday call in sick; return the name."""
    roster = pd.read_csv("roster.csv")
    ill = str(roster.loc[roster["shift_date"] == str(MONDAY), "agent_id"].min())
    write("time_off.csv", f"{HEADER}{ill},{MONDAY}T00:00,{MONDAY.replace(day=3)}T00:00,sick,true\n")
    return ill


def test_a_sick_call_is_repaired_and_the_result_verifies(planned: Path) -> None:
    ill = fall_sick()
    outputs = ("--changes", "changes.csv", "--coverage", "after.csv", "--summary", "repair.json")
    outcome = succeeds(*REPAIR, *DAY, "--time-off", "time_off.csv", "--max-changed-shifts", "2", *outputs)
    assert "repair: 1 shift struck by time off" in outcome.err
    repaired = pd.read_csv("repaired.csv")
    assert not ((repaired["agent_id"] == ill) & (repaired["shift_date"] == str(MONDAY))).any()
    changes = pd.read_csv("changes.csv")
    struck = changes[changes["reason"] == "time off"]
    assert list(struck["agent_id"]) == [ill]
    assert list(struck["becomes"]) == ["off"]
    assert json.loads(Path("repair.json").read_text("utf-8"))["changed_shifts"] <= 2
    news = ("--time-off", "time_off.csv", "--previous", "roster.csv", "--max-changed-shifts", "2")
    succeeds("verify", "repaired.csv", *VERIFY_COMMAND[2:], *news)


def test_verify_names_the_budget_that_a_roster_exceeds(planned: Path) -> None:
    roster = pd.read_csv("roster.csv")
    first = roster["agent_id"].min()
    roster[roster["agent_id"] != first].to_csv("fewer.csv", index=False)
    outcome = run(
        "verify", "fewer.csv", *VERIFY_COMMAND[2:], "--previous", "roster.csv", "--max-changed-shifts", "1"
    )
    assert outcome.code == 5
    assert "max_changed_shifts: " in outcome.out


def test_the_same_repair_gives_the_same_bytes(planned: Path) -> None:
    fall_sick()
    succeeds(*REPAIR, *DAY, "--time-off", "time_off.csv")
    once = Path("repaired.csv").read_bytes()
    succeeds(*REPAIR, *DAY, "--time-off", "time_off.csv")
    assert Path("repaired.csv").read_bytes() == once


def test_too_small_a_budget_is_5_and_writes_nothing(planned: Path) -> None:
    write("pins.csv", "agent_id,date,shift_start,shift_end\nA1,2026-03-03,off,\nA1,2026-03-02,off,\n")
    message = fails(
        5,
        *REPAIR,
        "--from",
        "2026-03-02",
        "--to",
        "2026-03-06",
        "--pins",
        "pins.csv",
        "--max-changed-shifts",
        "0",
    )
    assert "must change" in message or "cannot hold together" in message
    assert not Path("repaired.csv").exists()


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        pytest.param(2, (), "--day", id="no day"),
        pytest.param(2, (*DAY, "--from", "2026-03-02"), "--day stands alone", id="both"),
        pytest.param(2, ("--from", "2026-03-06", "--to", "2026-03-02"), "lies before", id="backwards"),
        pytest.param(2, ("--day", "2.3.2026"), "is not a date", id="no date"),
        pytest.param(2, ("--day", "2027-03-02"), "no shift from 2027-03-02", id="outside"),
        pytest.param(4, (*DAY, "--time-off", "none.csv"), "none.csv", id="no file"),
        pytest.param(7, (*DAY, "--changes", "nowhere/changes.csv"), "nowhere", id="no folder"),
    ],
)
def test_wrong_input_gets_one_message_and_its_exit_code(
    planned: Path, code: int, arguments: tuple[str, ...], words: str
) -> None:
    assert words in fails(code, *REPAIR, *arguments)
    assert not Path("repaired.csv").exists()


def test_a_dry_run_says_whether_the_rules_can_be_kept_and_writes_nothing(planned: Path) -> None:
    before = Path("roster.csv").read_bytes()
    outcome = succeeds(*SCHEDULE_COMMAND[:-1], "other.csv", "--dry-run", "--json")
    assert "can be kept" in outcome.err
    assert json.loads(outcome.out) == {"agents": 4, "conflicts": 0}
    assert not Path("other.csv").exists()
    config = changed_config({"[32, 40]": "[48, 50]"})
    message = fails(5, *SCHEDULE_COMMAND, "--dry-run", "--config", config)
    assert "week_hours at least 48" in message
    assert "would do" in message
    assert Path("roster.csv").read_bytes() == before


def test_best_effort_writes_the_roster_and_says_what_is_not_kept(planned: Path) -> None:
    config = changed_config({"[32, 40]": "[48, 50]"})
    outcome = succeeds(
        *SCHEDULE_COMMAND[:-1], "effort.csv", "--best-effort", "--config", config, "--summary", "effort.json"
    )
    assert "unmet: A1 week_hours: " in outcome.err
    unmet = json.loads(Path("effort.json").read_text("utf-8"))["unmet"]
    assert {(one["subject"], one["rule"]) for one in unmet} == {(f"A{n}", "week_hours") for n in range(1, 5)}
    verdict = run("verify", "effort.csv", *VERIFY_COMMAND[2:], "--config", config)
    assert verdict.code == 5
    assert {line.split()[2] for line in verdict.out.splitlines()} == {"week_hours:"}
