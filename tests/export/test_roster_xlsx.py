"""The workbook of a roster: what it says, against the roster; that nothing in it runs; how it prints."""

from __future__ import annotations

import unicodedata
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.export.plans import (
    BREAK_AFTER_MIN,
    BREAK_MIN,
    MAIN,
    MONDAY,
    ZONES,
    Work,
    Worker,
    asked,
    centre,
    day_cells,
    first_line,
    grids,
    parse,
    sheet_files,
    write_csv,
)
from wfm.errors import DataError, UsageError
from wfm.export import FORMATS
from wfm.export.sheet_names import sheet_names
from wfm.io.roster_cells import agent_key, agent_of

WRITE = FORMATS["xlsx"]
HOSTILE = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2",
    "@SUM(A1)",
    '=HYPERLINK("http://x")',
    "http://example.com",
    "\tx",
    "a\x07b\x1b",
    "_x0041_",
    "<b>&amp;",
    "12",
    "\u202eevil",
    "W" * 400,
    "12:00-13:00",
)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]


def texts_of(book: Path) -> list[str]:
    """Return the parts of the archive as text."""
    with zipfile.ZipFile(book) as parts:
        return [parts.read(name).decode() for name in parts.namelist() if name.endswith((".xml", ".rels"))]


def test_names_that_look_like_formulas_stay_text_and_nothing_in_the_book_runs(tmp_path: Path) -> None:
    workers = [Worker(f"id{text}", text, team=text) for text in HOSTILE]
    shifts = [Work(worker.agent_id, MONDAY) for worker in workers]
    request = asked(tmp_path, workers, shifts)
    WRITE(request)
    for part in texts_of(request.out):
        root = parse(part)
        assert not [element for element in root.iter() if element.tag in (f"{MAIN}f", f"{MAIN}hyperlink")]
        assert 'TargetMode="External"' not in part
    shown = {(row[1], row[0]) for rows in grids(request.out).values() for row in rows[4:] if row[0]}
    assert {agent_of(key) for _, key in shown} == {worker.agent_id for worker in workers}
    assert {"=1+1", "+cmd|' /C calc'!A0", "-2", "@SUM(A1)", "12", "_x0041_"} <= {name for name, _ in shown}
    assert len(sheet_files(request.out)) == len(HOSTILE) + 2  # legend and the hidden sheet


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_keys_of_agents_are_plain_and_give_the_id_back(agent_id: str) -> None:
    key = agent_key(agent_id)
    assert agent_of(key) == agent_id
    assert key.isascii()
    assert "_" not in key
    assert key[0] not in "=+-@"


@given(st.lists(st.text(max_size=50), max_size=8), st.lists(st.text(max_size=10), max_size=2))
@example(["\U0001f600" * 40, "\U0001f600" * 39, "x" * 40, "X" * 40, "", "'", "History"], ["team"])
def test_names_of_sheets_are_those_that_excel_takes(wanted: list[str], taken: list[str]) -> None:
    names = sheet_names(wanted, taken)
    assert len(names) == len(wanted)
    folded = [name.casefold() for name in names]
    assert len(set(folded)) == len(folded)
    assert not {*folded} & {name.casefold() for name in taken}
    for name in names:
        assert 1 <= len(name.encode("utf-16-le")) // 2 <= 31
        assert not set(name) & set("[]:*?/\\")
        assert not any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in name)
        assert name.strip("' ") == name
        assert name.casefold() != "history"


@pytest.mark.parametrize(
    "monday",
    [
        pytest.param(MONDAY, id="ordinary week"),
        pytest.param(date(2026, 3, 23), id="an hour is skipped"),
        pytest.param(date(2026, 10, 19), id="an hour comes twice"),
    ],
)
@pytest.mark.parametrize("start_min", [pytest.param(480, id="day"), pytest.param(1320, id="night")])
def test_cells_and_hours_are_those_of_the_roster_by_the_clock_of_the_site(
    tmp_path: Path, monday: date, start_min: int
) -> None:
    workers = [Worker("b1", "Ben", "hamburg", "North"), Worker("p1", "Pia", "porto", "South")]
    days = [monday + timedelta(days=number) for number in (2, 4, 5, 6)]
    shifts = [Work(worker.agent_id, day, start_min, 480) for worker in workers for day in days]
    request = asked(tmp_path, workers, shifts)
    WRITE(request)
    zones = {worker.agent_id: ZONES[worker.site] for worker in workers}
    expected = {
        (agent_key(shift.agent_id), shift.day.isoformat()): "-".join(shift.clocks(zones[shift.agent_id]))
        for shift in shifts
    }
    found = {(key, day): first_line(text) for _, _, key, day, text in day_cells(request.out)}
    assert {place: text for place, text in found.items() if text != "off"} == expected
    assert len(found) == 14
    for (sheet, rows), zone in zip(grids(request.out).items(), ZONES.values(), strict=True):
        assert sheet in ("North", "South")
        assert zone in rows[1][1]
        paid = len(days) * (480 - BREAK_MIN) / 60  # elapsed, whatever the clock does
        assert rows[4][10:] == [paid, 0, 30, 40, len(days)]
        lunch = shifts[0].instants(zone)[0] + timedelta(minutes=BREAK_AFTER_MIN)
        assert rows[4][5].splitlines()[1] == f"{lunch.astimezone(ZoneInfo(zone)):%H:%M}"


def test_leave_and_employment_are_marked_and_change_the_limits_of_the_contract(tmp_path: Path) -> None:
    workers = [
        Worker("a", "A"),
        Worker("b", "B", start_date="2026-03-05"),
        Worker("c", end_date="2026-02-28"),
    ]
    shifts = [Work("a", WEEK[3]), Work("b", WEEK[4])]
    off = write_csv(
        tmp_path / "off.csv",
        "agent_id,start,end,kind,paid",
        [
            ("a", "2026-03-02", "2026-03-04", "leave", "true"),
            ("b", "2026-03-06T00:00", "2026-03-06T07:00", "x", "false"),
        ],
    )
    request = asked(tmp_path, workers, shifts, time_off=off)
    WRITE(request)
    (rows,) = grids(request.out).values()
    assert [row[1] for row in rows[4:6]] == ["A", "B"]  # c has left before
    assert rows[4][3:6] == ["leave", "leave", "off"]
    # Two of at most five days: 2 x 40 / 5 hours of credit, off the least and the most.
    assert rows[4][10:14] == [8, 16, 30 - 16, 40 - 16]
    assert rows[5][3:7] == ["", "", "", "off"]
    assert rows[5][12] == pytest.approx(30 * 4 / 7 - 7, abs=1e-3)  # four of seven days, less unpaid leave
    assert rows[6][1:5] == ["Shifts", "", 0, 0]
    assert rows[6][6:8] == [1, 1]
    assert rows[7][6:8] == [8, 8]


def test_overtime_that_is_allowed_is_within_the_limits(tmp_path: Path) -> None:
    request = asked(tmp_path, [Worker("a")], [Work("a", MONDAY)], config=centre(overtime_hours=6))
    WRITE(request)
    (rows,) = grids(request.out).values()
    assert rows[4][13] == 46


def test_the_sheet_is_set_up_for_the_screen_and_for_paper(tmp_path: Path) -> None:
    request = asked(tmp_path, [Worker("a", team="North")], [Work("a", MONDAY)])
    WRITE(request)
    with zipfile.ZipFile(request.out) as parts:
        sheet = parse(parts.read(sheet_files(request.out)["North"]))
        book = parse(parts.read("xl/workbook.xml"))
    (pane,) = sheet.iter(f"{MAIN}pane")
    assert (pane.get("state"), pane.get("topLeftCell")) == ("frozen", "D5")
    (page,) = sheet.iter(f"{MAIN}pageSetup")
    assert (page.get("orientation"), page.get("paperSize"), page.get("fitToHeight")) == (
        "landscape",
        "9",
        "0",
    )
    assert [element.get("fitToPage") for element in sheet.iter(f"{MAIN}pageSetUpPr")] == ["1"]
    (header,) = sheet.iter(f"{MAIN}oddHeader")
    assert header.text == "&L&A"
    titles = [name for name in book.iter(f"{MAIN}definedName") if name.get("name") == "_xlnm.Print_Titles"]
    assert titles[0].text == "North!$1:$4"
    hidden = {column.get("min") for column in sheet.iter(f"{MAIN}col") if column.get("hidden") == "1"}
    assert hidden == {"1"}
    assert [row.get("r") for row in sheet.iter(f"{MAIN}row") if row.get("hidden") == "1"] == ["3"]
    assert {rule.get("type") for rule in sheet.iter(f"{MAIN}cfRule")} == {
        "cellIs",
        "beginsWith",
        "expression",
    }
    states = {element.get("name"): element.get("state") for element in book.iter(f"{MAIN}sheet")}
    assert states["wfm"] == "veryHidden"


def test_hours_outside_the_contract_are_what_the_colour_asks_for(tmp_path: Path) -> None:
    request = asked(tmp_path, [Worker("a")], [Work("a", MONDAY)])
    WRITE(request)
    with zipfile.ZipFile(request.out) as parts:
        sheet = parse(parts.read(sheet_files(request.out)["hamburg"]))
    (rule,) = (rule for rule in sheet.iter(f"{MAIN}cfRule") if rule.get("type") == "expression")
    assert rule[0].text == "OR($K5<$M5-0.0083,$K5>$N5+0.0083)"
    (rows,) = grids(request.out).values()
    assert rows[3][10:14] == ["Paid h", "Leave h", "Min h", "Max h"]  # K to N


def test_the_same_plan_gives_the_same_bytes(tmp_path: Path) -> None:
    request = asked(tmp_path, [Worker("a"), Worker("b")], [Work("a", MONDAY), Work("b", MONDAY)])
    WRITE(request)
    first = request.out.read_bytes()
    WRITE(request)
    assert request.out.read_bytes() == first
    with zipfile.ZipFile(request.out) as parts:
        assert "2026-03-02T00:00:00Z" in parts.read("docProps/core.xml").decode()
        assert {info.date_time[0] for info in parts.infolist()} == {1980}


def test_several_weeks_are_several_sheets_and_teams_of_one_name_are_told_apart(tmp_path: Path) -> None:
    workers = [Worker("a", site="hamburg", team="Team"), Worker("b", site="porto", team="Team"), Worker("c")]
    shifts = [Work(worker.agent_id, MONDAY + timedelta(days=days)) for worker in workers for days in (0, 8)]
    request = asked(tmp_path, workers, shifts)
    done = WRITE(request)
    weeks = ("2026-03-02", "2026-03-09")
    assert set(grids(request.out)) == {
        f"{week} {name}" for week in weeks for name in ("hamburg", "Team hamburg", "Team porto")
    }
    assert (done.rows, done.figures["shifts"], done.figures["weeks"]) == (3, 6, 2)


def test_staffing_is_the_sum_of_the_coverage_by_day_from_the_table_or_from_requirements(
    tmp_path: Path,
) -> None:
    workers = [Worker("a", skills="billing"), Worker("b", skills="tech;billing"), Worker("c", skills="tech")]
    shifts = [Work(worker.agent_id, day) for worker in workers for day in WEEK[:4]]
    needs = {"billing": 1, "tech": 2}
    hours = range(7, 18)
    header = (
        "queue,interval_start,offered,aht_s,load,agents_required,agents_to_schedule,agents_gross,queue_model"
    )
    required = write_csv(
        tmp_path / "requirements.csv",
        header,
        [
            (queue, f"{day}T{hour:02d}:00", 1, 60, 1, need, need, need, "given")
            for queue, need in needs.items()
            for day in WEEK[:5]
            for hour in hours
        ],
    )
    request = asked(tmp_path, workers, shifts, requirements=required)
    WRITE(request)
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_path(request.out).get_sheet_by_name("Staffing").to_python()
    every = {row[0]: row[3:] for row in rows if row[2] == "all queues"}
    # On queue 08:00-10:00 and 10:30-16:30, three agents for three who are needed: 8 of 11 hours each.
    need_h = 3 * len(hours)
    for day in WEEK[:4]:
        assert every[str(day)][:6] == [need_h, need_h, 24, 24 - need_h, need_h - 24, 0]
    assert every[str(WEEK[4])] == [need_h, need_h, 0, -need_h, need_h, 0, -2]
    (grid,) = grids(request.out).values()
    assert grid[9][1] == "Missing h, all"
    assert grid[9][3:8] == [9, 9, 9, 9, 33]


@pytest.mark.parametrize(
    ("change", "error", "what"),
    [
        pytest.param({"agents": None}, UsageError, "--agents", id="no agents"),
        pytest.param({"names": Path("q.csv")}, UsageError, "--queues is not for a roster", id="other option"),
        pytest.param({"out": Path("plan.csv")}, UsageError, "ends with .xlsx", id="ending"),
        pytest.param(
            {"coverage": Path("c"), "requirements": Path("r")}, UsageError, "one of them", id="both"
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, change: dict[str, Path | None], error: type[Exception], what: str
) -> None:
    request = asked(tmp_path, [Worker("a")], [Work("a", MONDAY)])
    with pytest.raises(error, match=what):
        WRITE(replace(request, **change))  # type: ignore[arg-type]
    assert not request.out.exists()


def test_shifts_of_strangers_and_empty_rosters_are_faults_of_the_data(tmp_path: Path) -> None:
    workers = [Worker("a"), Worker("b")]
    request = asked(tmp_path, workers, [Work("a", MONDAY), Work("b", MONDAY)])
    (tmp_path / "agents.csv").write_text("agent_id,name,site,contract,skills\na,Ann,hamburg,full,billing\n")
    with pytest.raises(DataError, match="'b': a shift of an agent who is not in agents"):
        WRITE(request)
    empty = asked(tmp_path, workers, [])
    with pytest.raises(DataError, match="no shift"):
        WRITE(empty)
