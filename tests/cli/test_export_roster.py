"""`wfm export` of a roster and of a run; an edited workbook through `schedule`, `verify` and `repair`."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.cli.tiny import AGENTS, PLANNED, changed_config, fails, leftovers, succeeds, write
from tests.export.plans import day_cells, edited, first_line
from tests.report.png import need_fonts

EXPORT = ("export", "roster.csv", "--format", "xlsx", "-o", "plan.xlsx")
FREE = {
    'starts = ["09:00-09:00"]': 'starts = ["08:00-10:00"]',
    "shift_hours = [8.0, 8.0]": "shift_hours = [7.0, 8.0]",
}
SCHEDULE = ("schedule", "requirements.csv", "--agents", "agents.csv", "--from", str(PLANNED))


@pytest.fixture
def free(planned: Path) -> str:
    """Return a configuration in which shifts may begin from 08:00 to 10:00."""
    return changed_config(FREE)


def shifts_of(roster: str) -> dict[tuple[str, str], str]:
    """Return the shift of each agent and date by the wall clock that the file shows."""
    found: dict[tuple[str, str], list[str]] = {}
    with Path(roster).open() as file:
        for row in csv.DictReader(file):
            found.setdefault((row["agent_id"], row["shift_date"]), []).extend((row["start"], row["end"]))
    return {key: f"{min(moments)[11:16]}-{max(moments)[11:16]}" for key, moments in found.items()}


def typed(cells: Mapping[tuple[str, str], str], out: str = "edited.xlsx") -> dict[str, str]:
    """Edit the plan by agent and date; return the cells' names by agent."""
    places = {
        (key.removeprefix("id:"), day): (sheet, cell)
        for sheet, cell, key, day, _ in day_cells(Path("plan.xlsx"))
    }
    edited(Path("plan.xlsx"), {places[key]: text for key, text in cells.items()}, Path(out))
    return {key[0]: "!".join(places[key]) for key in cells}


def test_a_plan_goes_out_is_edited_and_comes_back_as_pins(free: str) -> None:
    done = succeeds(*EXPORT, "--coverage", "coverage.csv", "--json", "--config", free)
    summary = json.loads(done.out)
    assert (summary["agents"], summary["weeks"]) == (len(AGENTS), 1)
    before = shifts_of("roster.csv")
    assert summary["shifts"] == len(before)
    on_sheet = {
        (key.removeprefix("id:"), day): first_line(text)
        for _, _, key, day, text in day_cells(Path("plan.xlsx"))
        if first_line(text) != "off"
    }
    assert on_sheet == before
    monday, tuesday = PLANNED.isoformat(), PLANNED.replace(day=PLANNED.day + 1).isoformat()
    typed({("A1", monday): "10-17", ("A2", tuesday): "off"})
    more = ("--pins", "edited.xlsx", "--config", free)
    done = succeeds(*SCHEDULE, *more, "--previous", "roster.csv", "-o", "new.csv")
    assert "pins: 2 edited cells of edited.xlsx" in done.err
    after = shifts_of("new.csv")
    assert after["A1", monday] == "10:00-17:00"
    assert ("A2", tuesday) not in after
    succeeds("verify", "new.csv", "--agents", "agents.csv", "--requirements", "requirements.csv", *more)
    broken = ("verify", "roster.csv", "--agents", "agents.csv", "--requirements", "requirements.csv", *more)
    assert "A2 2026-03-03 pins: 09:00-17:00, pinned off" in run_code(5, *broken)
    repair = ("repair", "roster.csv", "--agents", "agents.csv", "--requirements", "requirements.csv")
    succeeds(*repair, "--from", monday, "--to", tuesday, *more, "-o", "repaired.csv")
    assert shifts_of("repaired.csv")["A1", monday] == "10:00-17:00"


def run_code(code: int, *arguments: str) -> str:
    """Run a command that ends with `code`; return its standard output."""
    from tests.cli.tiny import run

    outcome = run(*arguments)
    assert outcome.code == code, outcome.err
    return outcome.out


def test_an_edit_that_breaks_a_rule_is_named_by_the_conflict_and_writes_nothing(free: str) -> None:
    succeeds(*EXPORT, "--config", free)
    typed({("A3", PLANNED.isoformat()): "04:00-12:00"})
    message = fails(5, *SCHEDULE, "--pins", "edited.xlsx", "-o", "new.csv", "--config", free)
    assert "agent A3" in message
    assert f"pins 04:00-12:00 on {PLANNED}" in message
    assert not Path("new.csv").exists()


def test_edits_that_cannot_be_read_are_all_named_by_sheet_and_cell(free: str) -> None:
    succeeds(*EXPORT, "--config", free)
    monday = PLANNED.isoformat()
    places = typed({("A1", monday): "8-4pm??", ("A4", monday): "early"})
    message = fails(4, *SCHEDULE, "--pins", "edited.xlsx", "-o", "new.csv", "--config", free)
    assert f"{places['A1']}, value '8-4pm??': cannot be read -> write HH:MM-HH:MM or off" in message
    assert f"{places['A4']}, value 'early'" in message


def test_names_come_from_the_configuration_and_without_them_nothing_is_written(planned: Path) -> None:
    succeeds(*EXPORT)  # [inputs] agents
    bare = changed_config({'agents = "agents.csv"\n': ""})
    Path("plan.xlsx").unlink()
    assert "--agents" in fails(2, *EXPORT, "--config", bare)
    assert not Path("plan.xlsx").exists()
    succeeds(*EXPORT, "--config", bare, "--agents", "agents.csv")


@pytest.mark.parametrize(
    ("code", "arguments", "what"),
    [
        pytest.param(2, ("roster.csv", "--format", "xlsx", "-o", "p.csv"), "ends with .xlsx", id="ending"),
        pytest.param(
            2,
            ("roster.csv", "--format", "xlsx", "-o", "p.xlsx", "--queue", "hotline"),
            "--queue",
            id="option",
        ),
        pytest.param(
            2, ("roster.csv", "--format", "ics", "-o", "."), "holds something else", id="folder in use"
        ),
        pytest.param(
            2,
            ("forecast.csv", "--format", "genesys-wfm", "-o", "p.csv", "--agents", "agents.csv"),
            "--agents is for a roster",
            id="agents",
        ),
        pytest.param(
            2, (".", "--format", "svg", "-o", "p", "--coverage", "coverage.csv"), "not for pictures", id="svg"
        ),
        pytest.param(2, ("roster.csv", "--format", "ics", "-o", "-"), "several files", id="folder on stdout"),
        pytest.param(
            4, ("forecast.csv", "--format", "xlsx", "-o", "p.xlsx"), "missing column", id="forecast"
        ),
        pytest.param(4, ("roster.csv", "--format", "svg", "-o", "p"), "is not a folder", id="no run"),
        pytest.param(7, ("roster.csv", "--format", "ics", "-o", "no/where"), "folder", id="nowhere"),
        pytest.param(7, (".", "--format", "svg", "-o", "wfm.toml"), "cannot be made", id="a file"),
    ],
)
def test_what_cannot_be_exported_says_why(
    planned: Path, code: int, arguments: tuple[str, ...], what: str
) -> None:
    before = sorted(path.name for path in planned.iterdir())
    assert what in fails(code, "export", *arguments)
    assert sorted(path.name for path in planned.iterdir()) == before


def test_calendars_are_written_once_and_follow_the_roster(planned: Path) -> None:
    done = json.loads(succeeds("export", "roster.csv", "--format", "ics", "-o", "cal", "--json").out)
    assert done["files_written"] == len(list(Path("cal").glob("*.ics"))) == len(AGENTS)
    rows = Path("roster.csv").read_text().splitlines()
    kept = [row for row in rows if not row.startswith("A2,2026-03-03")]
    write("less.csv", "\n".join([*kept, ""]))
    done = json.loads(succeeds("export", "less.csv", "--format", "ics", "-o", "cal", "--json").out)
    assert (done["cancelled"], done["changed"], done["new"], done["files_written"]) == (1, 0, 0, 1)
    assert leftovers(Path()) == []


def test_a_run_has_the_same_charts_as_png(planned: Path) -> None:
    need_fonts()
    succeeds("export", ".", "--format", "svg", "-o", "charts")
    done = json.loads(succeeds("export", ".", "--format", "png", "-o", "images", "--json").out)
    drawn = {path.stem: path.read_bytes() for path in Path("images").iterdir()}
    assert drawn.keys() == {path.stem for path in Path("charts").iterdir()}
    assert done["rows"] == len(drawn)
    assert all(content.startswith(b"\x89PNG") for content in drawn.values())
    Path("images/queue-07-days.png").touch()
    noted = succeeds("export", ".", "--format", "png", "-o", "images")
    assert "left from an earlier export: 1 picture, the first queue-07-days.png" in noted.err
    Path("images/queue-07-days.png").unlink()
    assert {path.stem: path.read_bytes() for path in Path("images").iterdir()} == drawn


def test_the_charts_of_a_run_are_files(planned: Path) -> None:
    done = json.loads(succeeds("export", ".", "--format", "svg", "-o", "charts", "--json").out)
    names = sorted(path.name for path in Path("charts").iterdir())
    assert done["rows"] == len(names)
    kinds = ("queue-01-days", "queue-01-week", "queue-01-net", "queue-01-staffing-1", "site-01-day-01")
    assert {f"{kind}.svg" for kind in kinds} <= set(names)
