"""swap, leave, suggest from the command line: exit codes, what is written and when, one object for --json."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import PLANNED as MONDAY
from tests.cli.tiny import VERIFY_COMMAND, fails, run, succeeds, write

INPUTS = ("--agents", "agents.csv", "--requirements", "requirements.csv")
SWAP = ("swap", "roster.csv")
LEAVE = ("leave", "roster.csv", *INPUTS)
SUGGEST = ("suggest", "roster.csv", *INPUTS)
SATURDAY = "2026-03-07"


def at_work(day: str = str(MONDAY)) -> list[str]:
    roster = pd.read_csv("roster.csv")
    return sorted(set(roster[roster["shift_date"] == day]["agent_id"]))


def test_an_allowed_swap_is_written_and_its_reverse_gives_the_same_bytes(planned: Path) -> None:
    one, other = at_work()[:2]
    outcome = succeeds(*SWAP, one, str(MONDAY), other, *INPUTS, "-o", "swapped.csv")
    assert "swap: allowed, no rule newly broken" in outcome.err
    succeeds("swap", "swapped.csv", one, str(MONDAY), other, *INPUTS, "-o", "back.csv")
    assert Path("back.csv").read_bytes() == Path("roster.csv").read_bytes()
    succeeds("verify", "swapped.csv", *VERIFY_COMMAND[2:])


def test_a_swap_that_breaks_a_rule_ends_with_5_names_it_and_writes_nothing(planned: Path) -> None:
    off = next(day for day in pd.date_range(MONDAY, periods=5) if len(at_work(str(day.date()))) < 4)
    day = str(off.date())
    idle = min({"A1", "A2", "A3", "A4"} - set(at_work(day)))
    busy = next(name for name in at_work(day) if days_of(name) == 4)
    outcome = run(*SWAP, busy, day, idle, *INPUTS, "-o", "swapped.csv")
    assert outcome.code == 5
    assert f"{busy} {MONDAY} days_per_week: 3 shifts, at least 4" in outcome.out
    assert "not allowed" in outcome.err
    assert not Path("swapped.csv").exists()
    answer = json.loads(run(*SWAP, busy, day, idle, *INPUTS, "--json").out)
    assert answer["allowed"] is False
    assert any("days_per_week" in line for line in answer["broken"])


def days_of(agent: str) -> int:
    roster = pd.read_csv("roster.csv")
    return int(roster[roster["agent_id"] == agent]["shift_date"].nunique())


@pytest.mark.parametrize(
    ("code", "arguments", "words"),
    [
        pytest.param(2, (*SWAP, "A1", "2026-03-02", "A9", *INPUTS), "no agent 'A9'", id="unknown agent"),
        pytest.param(2, (*SWAP, "A1", "2.3.2026", "A2", *INPUTS), "is not a date", id="no date"),
        pytest.param(2, (*SWAP, "A1", "2027-03-02", "A2", *INPUTS), "not a date of the roster", id="outside"),
        pytest.param(2, (*SWAP, "A1", SATURDAY, "A2", *INPUTS), "both off", id="nothing to swap"),
        pytest.param(4, ("swap", "none.csv", "A1", SATURDAY, "A2", *INPUTS), "none.csv", id="no roster"),
        pytest.param(2, (*LEAVE, "--agent", "A1"), "without --date", id="no day of leave"),
        pytest.param(2, (*LEAVE, "--tolerance", "nan"), "tolerance", id="tolerance"),
        pytest.param(2, (*LEAVE, "--team", "red"), "no team 'red'", id="unknown team"),
        pytest.param(2, (*LEAVE, "--agent", "A1", "--date", SATURDAY, "--team", "red"), "--team", id="both"),
        pytest.param(2, (*LEAVE, "-o", "table.txt"), "unknown kind of file", id="kind of file"),
        pytest.param(7, (*SUGGEST, "-o", "nowhere/table.csv"), "nowhere", id="no folder"),
        pytest.param(3, (*SUGGEST, "--config", "bad.toml"), "centre", id="configuration"),
        pytest.param(2, (*SUGGEST, "--freeze", "7d"), "--previous", id="freeze alone"),
    ],
)
def test_wrong_input_gets_one_message_and_its_exit_code(
    planned: Path, code: int, arguments: tuple[str, ...], words: str
) -> None:
    write("bad.toml", "[center]\n")
    assert words in fails(code, *arguments)


def test_headroom_is_a_table_on_the_screen_in_a_file_or_in_json(planned: Path) -> None:
    shown = succeeds(*LEAVE, "--date", str(MONDAY)).out.splitlines()
    assert shown[0].split()[:4] == ["date", "site", "rostered", "headroom"]
    assert shown[1].startswith(f"{MONDAY}  office")
    assert succeeds(*LEAVE, "-o", "headroom.csv").out == ""
    table = pd.read_csv("headroom.csv")
    assert list(table["date"]) == [str(day.date()) for day in pd.date_range(MONDAY, periods=7)]
    answer = json.loads(succeeds(*LEAVE, "--json").out)
    assert [row["headroom"] for row in answer["headroom"]] == list(table["headroom"])


def test_leave_of_one_agent_is_answered_with_its_effect(planned: Path) -> None:
    name = at_work()[0]
    whole = ("--agent", name, "--date", str(MONDAY), "--tolerance", "99", "--unpaid")
    answer = json.loads(succeeds(*LEAVE, *whole, "--json").out)
    assert answer["approved"] is True
    assert answer["after"]["understaffed_h"] >= answer["before"]["understaffed_h"]
    assert "leave: yes" in succeeds(*LEAVE, *whole).err
    assert "has a day off" in succeeds(*LEAVE, "--agent", name, "--date", SATURDAY).err


def test_suggestions_are_written_and_applied_and_pass_verification(planned: Path) -> None:
    gone = pd.read_csv("roster.csv").query(f"not (agent_id == '{at_work()[0]}' and shift_date == '{MONDAY}')")
    gone.to_csv("ill.csv", index=False)
    applied = ("--new-roster", "new.csv", "--new-time-off", "new_off.csv")
    succeeds("suggest", "ill.csv", *INPUTS, "-o", "suggestions.csv", *applied)
    table = pd.read_csv("suggestions.csv")
    before, after = (
        json.loads(run("verify", roster, *VERIFY_COMMAND[2:], *off, "--json").out)
        for roster, off in (("ill.csv", ()), ("new.csv", ("--time-off", "new_off.csv")))
    )
    assert set(after["lines"]) <= set(before["lines"])
    less = table["overstaffed_h_before"].iloc[0] - table["overstaffed_h_after"].iloc[-1]
    per_hour = 4 * 2  # quarters of an hour x weight
    assert before["parts"]["overstaffed"] - after["parts"]["overstaffed"] == pytest.approx(per_hour * less)
    answer = json.loads(succeeds("suggest", "ill.csv", *INPUTS, "--json").out)
    assert [row["becomes"] for row in answer["suggestions"]] == list(table["becomes"])
