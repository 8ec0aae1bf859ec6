"""Exit codes 5 and 6: hard rules that cannot be met, rosters that break them, limits that cannot be kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.tiny import (
    AGENTS,
    SCHEDULE_COMMAND,
    VERIFY_COMMAND,
    changed_config,
    fails,
    run,
    succeeds,
    write,
)

VIOLATION = re.compile(r"^\S+ \d{4}-\d{2}-\d{2} [a-z_]+: .+$")
OUTPUTS = ("roster.csv", "coverage.csv", "summary.json")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(
            "[32, 40]", "[48, 50]", ("week_hours at least 48", "days_per_week at most 5"), id="hours and days"
        ),
        pytest.param(
            "[4, 5]", "[6, 6]", ("days_per_week at least 6", "week_hours at most 40"), id="days and hours"
        ),
    ],
)
def test_an_infeasible_contract_is_5_in_words_and_the_last_roster_stands(
    planned: Path, old: str, new: str, words: tuple[str, ...]
) -> None:
    good = {name: Path(name).read_bytes() for name in OUTPUTS}
    config = changed_config({old: new})
    outputs = ("--coverage", "coverage.csv", "--summary", "summary.json")
    message = fails(5, *SCHEDULE_COMMAND, *outputs, "--config", config)
    for text in (*words, *AGENTS):
        assert text in message
    assert {name: Path(name).read_bytes() for name in OUTPUTS} == good


def test_a_pin_that_breaks_a_rule_is_5_and_a_legal_one_is_kept(planned: Path) -> None:
    header = "agent_id,date,shift_start,shift_end\n"
    good = Path("roster.csv").read_bytes()
    write("pins.csv", f"{header}A1,2026-03-03,10:00,18:00\n")  # starts = 09:00-09:00
    message = fails(5, *SCHEDULE_COMMAND, "--pins", "pins.csv")
    assert "A1" in message
    assert "10:00" in message
    assert Path("roster.csv").read_bytes() == good
    write("pins.csv", f"{header}A1,2026-03-03,off,\nA2,2026-03-04,09:00,17:00\n")
    succeeds(*SCHEDULE_COMMAND, "--pins", "pins.csv")
    shifts = {tuple(line.split(",")[:3:2]) for line in Path("roster.csv").read_text("utf-8").splitlines()}
    assert ("A1", "2026-03-03") not in shifts
    assert ("A2", "2026-03-04") in shifts
    succeeds(*VERIFY_COMMAND, "--pins", "pins.csv")


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        pytest.param("seats = 1", "seats", id="too few seats"),
        pytest.param("min_present = 9", "min_present", id="more present than there are"),
    ],
)
def test_a_limit_of_a_site_that_no_roster_can_keep_is_5(planned: Path, limit: str, words: str) -> None:
    good = Path("roster.csv").read_bytes()
    config = changed_config({"[sites.office]": f"[sites.office]\n{limit}"})
    message = fails(5, *SCHEDULE_COMMAND, "--config", config)
    assert "site office" in message
    assert words in message
    assert Path("roster.csv").read_bytes() == good


def test_limits_of_a_site_for_which_no_roster_was_found_are_6(planned: Path) -> None:
    """One seat, one agent present: nobody is while the only one inside has a break, though hours suffice."""
    good = Path("roster.csv").read_bytes()
    rest = "breaks = [{ minutes = 30, from_min = 180, to_min = 240 }]"
    config = changed_config(
        {
            "[sites.office]": "[sites.office]\nseats = 1\nmin_present = 1",
            "[32, 40]": "[8, 40]",
            "[4, 5]": "[1, 5]",
            "rest_h = 11": f"rest_h = 11\n{rest}",
        }
    )
    message = fails(6, *SCHEDULE_COMMAND, "--config", config)
    assert "site office" in message
    assert "min_present" in message
    assert Path("roster.csv").read_bytes() == good


def test_a_queue_that_nobody_serves_is_no_error_but_a_warning(planned: Path) -> None:
    queue = '[queues.night]\nhours = "Mon-Fri 09:00-17:00"\nmax_occupancy = 0.9\n[contracts.full]'
    config = changed_config({"[contracts.full]": queue})
    rows = Path("requirements.csv").read_text(encoding="utf-8").splitlines()
    write("two.csv", "\n".join([*rows, *[row.replace("hotline", "night", 1) for row in rows[1:]], ""]))
    outcome = succeeds("schedule", "two.csv", *SCHEDULE_COMMAND[2:], "--config", config, "--json")
    assert any("night" in warning for warning in json.loads(outcome.out)["warnings"])
    assert "night" in outcome.err


def test_what_has_no_effect_is_said(planned: Path) -> None:
    write("pins.csv", "agent_id,date,shift_start,shift_end\nA9,2026-03-03,off,\nA1,2027-03-03,off,\n")
    outcome = succeeds(*SCHEDULE_COMMAND, "--pins", "pins.csv", "--json")
    warnings = json.loads(outcome.out)["warnings"]
    assert any("A9" in warning for warning in warnings)
    assert any("2027-03-03" in warning for warning in warnings)
    assert all(f"warning: {warning}" in outcome.err for warning in warnings)


def broken_roster() -> str:
    """Write the roster without the first two shifts of an agent with five, and return the file's name."""
    header, *rows = Path("roster.csv").read_text(encoding="utf-8").splitlines()
    agent = next(name for name in AGENTS if sum(row.startswith(f"{name},") for row in rows) == 4)
    kept = [row for row in rows if not row.startswith(f"{agent},")]
    mine = [row for row in rows if row.startswith(f"{agent},")]
    return write("broken.csv", "\n".join([header, *kept, *mine[2:], ""]))


def test_a_violated_roster_is_5_with_a_line_for_each_violation_on_stdout(planned: Path) -> None:
    outcome = run("verify", broken_roster(), *VERIFY_COMMAND[2:])
    assert outcome.code == 5
    lines = outcome.out.splitlines()
    assert lines
    assert all(VIOLATION.match(line) for line in lines), lines
    rules = {line.split()[2] for line in lines}
    assert rules == {"week_hours:", "days_per_week:"}
    assert f"{len(lines)} violations" in outcome.err


def test_verify_with_json_prints_one_object_with_the_same_lines(planned: Path) -> None:
    roster = broken_roster()
    lines = run("verify", roster, *VERIFY_COMMAND[2:]).out.splitlines()
    outcome = run("verify", roster, *VERIFY_COMMAND[2:], "--json")
    assert outcome.code == 5
    summary = json.loads(outcome.out)
    assert (summary["violations"], summary["lines"]) == (len(lines), lines)


def test_a_good_roster_has_no_violation_and_the_objective_of_its_summary(planned: Path) -> None:
    outcome = succeeds(*VERIFY_COMMAND, "--summary", "summary.json", "--json")
    summary = json.loads(Path("summary.json").read_text(encoding="utf-8"))
    checked = json.loads(outcome.out)
    assert checked["violations"] == 0
    assert checked["objective"] == pytest.approx(summary["objective"], abs=1e-9)
    assert sum(checked["parts"].values()) == pytest.approx(checked["objective"], abs=1e-9)


def test_a_summary_with_another_objective_is_5(planned: Path) -> None:
    summary = json.loads(Path("summary.json").read_text(encoding="utf-8"))
    write("false.json", json.dumps({**summary, "objective": summary["objective"] - 1}))
    outcome = run(*VERIFY_COMMAND, "--summary", "false.json")
    assert outcome.code == 5
    assert "objective" in outcome.out
