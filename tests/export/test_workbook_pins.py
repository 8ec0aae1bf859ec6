"""A plan exported, edited and read back: the pins are the edits, and what cannot be read is told."""

from __future__ import annotations

import re
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.export.plans import (
    MONDAY,
    Work,
    Worker,
    asked,
    day_cells,
    edited,
    first_line,
    grids,
    sheet_files,
    write_csv,
)
from wfm.errors import DataError
from wfm.export import FORMATS
from wfm.io.inputs import read_pins
from wfm.io.roster_cells import UnreadableCell, agent_of, wanted
from wfm.io.workbook_pins import cell_name

WORKERS = [
    Worker("a1", "Ann", "hamburg", "North"),
    Worker("=a_2", "Ben", "hamburg", "North"),
    Worker("\u00e4 3;", "Cem", "porto", "South"),
    Worker("a4", "Dora", "porto", "South"),
]
SHIFTS = [
    Work(worker.agent_id, MONDAY + timedelta(days=day), 420 + 60 * place + 30 * day, 480)
    for place, worker in enumerate(WORKERS)
    for day in range(place, place + 4)
]
Pins = set[tuple[str, str, str, str]]


def exported(folder: Path) -> Path:
    """Export the plan of four workers."""
    request = asked(folder, WORKERS, SHIFTS)
    FORMATS["xlsx"](request)
    return request.out


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exported(tmp_path_factory.mktemp("plan"))


def pins_of(book: Path) -> Pins:
    """Return the pins of a workbook: agent, ISO date, start, end."""
    pins = read_pins(book)
    assert pins is not None
    rows = pins.fillna({"shift_end": ""}).to_dict("records")
    return {
        (str(row["agent_id"]), f"{row['date']:%Y-%m-%d}", str(row["shift_start"]), str(row["shift_end"]))
        for row in rows
    }


def test_an_unchanged_plan_pins_nothing(plan: Path) -> None:
    assert pins_of(plan) == set()


@st.composite
def edits(draw: st.DrawFn) -> tuple[str, tuple[str, str]]:
    """Draw what a planner types, and the pin that is meant."""
    if draw(st.booleans()):
        return draw(st.sampled_from(["off", "OFF", " off ", "-", ""])), ("off", "")
    start, end = (draw(st.integers(0, 23 * 4 + 3)) * 15 for _ in range(2))
    hours, minutes = zip(divmod(start, 60), divmod(end, 60), strict=True)
    spelling = draw(st.sampled_from(["{:02d}:{:02d}", "{}:{:02d}", "{:02d}.{:02d}", "{:02d}{:02d}", "short"]))
    texts = [
        str(hour)
        if spelling == "short" and minute == 0
        else f"{hour:02d}:{minute:02d}"
        if spelling == "short"
        else spelling.format(hour, minute)
        for hour, minute in zip(hours, minutes, strict=True)
    ]
    dash = draw(st.sampled_from(["-", " - ", "\u2013", " \u2014 "]))
    below = draw(st.sampled_from(["", "\n12:00", "\n10:00 \u00b7 13:00"]))
    pin = tuple(f"{hour:02d}:{minute:02d}" for hour, minute in zip(hours, minutes, strict=True))
    return dash.join(texts) + below, (pin[0], pin[1])


@given(st.data())
@settings(max_examples=60)
def test_the_pins_are_the_cells_whose_shift_is_another(plan: Path, data: st.DataObject) -> None:
    cells = list(day_cells(plan))
    chosen = data.draw(st.lists(st.sampled_from(cells), unique=True, max_size=8))
    typed, expected = {}, set()
    for sheet, cell, key, day, text in chosen:
        words, pin = data.draw(edits())
        before = first_line(text)
        was = ("off", "") if before == "off" else tuple(before.split("-"))
        if pin == was:
            words = before  # with other breaks below it is no edit that can be pinned
        else:
            expected.add((agent_of(key), day, *pin))
        typed[sheet, cell] = words
    with tempfile.TemporaryDirectory() as folder:
        assert pins_of(edited(plan, typed, Path(folder) / "edited.xlsx")) == expected


def test_a_mark_pins_what_is_as_it_was(plan: Path, tmp_path: Path) -> None:
    sheet, cell, key, day, text = next(row for row in day_cells(plan) if row[4] != "off")
    start, end = first_line(text).split("-")
    book = edited(plan, {(sheet, cell): f"{start}-{end} !"}, tmp_path / "edited.xlsx")
    assert pins_of(book) == {(agent_of(key), day, start, end)}
    sheet, cell, key, day, _ = next(row for row in day_cells(plan) if row[4] == "off")
    book = edited(plan, {(sheet, cell): "off!"}, tmp_path / "edited.xlsx")
    assert pins_of(book) == {(agent_of(key), day, "off", "")}


def test_midnight_is_one_time_however_it_is_written() -> None:
    assert wanted("16:00-00:00", "16:00-24:00") is None
    assert wanted("off", "16-24") == ("16:00", "00:00")
    with pytest.raises(UnreadableCell, match="24:00 is no start"):
        wanted("off", "24:00-08:00")


def test_what_cannot_be_read_is_listed_all_at_once_with_sheet_and_cell(plan: Path, tmp_path: Path) -> None:
    typed: dict[tuple[str, str], str | float] = {
        ("North", "D5"): "8-4pm??",
        ("North", "E6"): "25:00-26:00",
        ("South", "F5"): "leave",
        ("South", "G6"): 0.354166,
        ("South", "H5"): "08:00-08:60",
    }
    book = edited(plan, typed, tmp_path / "edited.xlsx")
    with pytest.raises(DataError) as caught:
        read_pins(book)
    message = str(caught.value)
    assert len(caught.value.faults) == len(typed)
    for (sheet, cell), text in typed.items():
        line = next(line for line in message.splitlines() if f"{sheet}!{cell}," in line)
        assert f"'{text}'" in line
        assert "->" in line
    assert "5 data faults" in message


def test_other_breaks_under_the_same_shift_are_no_pin_but_a_fault(plan: Path, tmp_path: Path) -> None:
    sheet, cell, _, _, text = next(row for row in day_cells(plan) if row[4] != "off")
    book = edited(plan, {(sheet, cell): f"{first_line(text)}\n11:11"}, tmp_path / "edited.xlsx")
    with pytest.raises(DataError, match="breaks cannot be pinned"):
        read_pins(book)
    book = edited(plan, {(sheet, cell): first_line(text)}, tmp_path / "edited.xlsx")
    assert pins_of(book) == set()


def test_leave_can_be_overwritten_but_not_granted(tmp_path: Path) -> None:
    off = write_csv(
        tmp_path / "off.csv",
        "agent_id,start,end,kind,paid",
        [("a4", "2026-03-02", "2026-03-03", "leave", "true")],
    )
    request = asked(tmp_path, WORKERS, SHIFTS, time_off=off)
    FORMATS["xlsx"](request)
    assert pins_of(request.out) == set()
    (place,) = ((sheet, cell) for sheet, cell, *_, text in day_cells(request.out) if text == "leave")
    for words, pin in (("09:00-17:00", ("09:00", "17:00")), ("", ("off", ""))):
        book = edited(request.out, {place: words}, tmp_path / "edited.xlsx")
        assert pins_of(book) == {("a4", "2026-03-02", *pin)}


def rewritten(
    book: Path, out: Path, *, sheets: list[str], reverse: bool = False, rename: bool = False
) -> Path:
    """Write a workbook anew with other means: some sheets, rows of agents in another order, other names."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(book) as opened:
        kept = {name: opened.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in sheets}
    with xlsxwriter.Workbook(out, {"strings_to_formulas": False}) as copy:
        for number, (name, rows) in enumerate(kept.items()):
            sheet = copy.add_worksheet(f"Sheet{number}" if rename else name)
            agents = [row for row in rows[4:] if str(row[0]).startswith("id:")]
            others = [row for row in rows[4:] if not str(row[0]).startswith("id:")]
            sorted_rows = [*rows[:4], *(agents[::-1] if reverse else agents), *others]
            for index, row in enumerate(rows if name == "wfm" else sorted_rows):
                for column, cell in enumerate(row):
                    if isinstance(cell, str):
                        sheet.write_string(index, column, cell)
                    else:
                        sheet.write(index, column, cell)
    return out


def test_sheets_may_be_taken_away_and_renamed_and_rows_sorted(plan: Path, tmp_path: Path) -> None:
    sheet, cell, key, day, _ = next(row for row in day_cells(plan) if row[0] == "South" and row[4] != "off")
    book = edited(plan, {(sheet, cell): "06:00-14:00"}, tmp_path / "edited.xlsx")
    alone = rewritten(book, tmp_path / "alone.xlsx", sheets=["South", "wfm"], reverse=True, rename=True)
    assert pins_of(alone) == {(agent_of(key), day, "06:00", "14:00")}
    other = rewritten(book, tmp_path / "other.xlsx", sheets=["North", "wfm"])
    assert pins_of(other) == set()


def broken_books(plan: Path, folder: Path) -> Iterator[tuple[str, Path, str]]:
    """Yield files that are no plans of ours any more, and what must be said of them."""
    plain = folder / "plain.xlsx"
    with xlsxwriter.Workbook(plain) as book:
        book.add_worksheet().write_string(0, 0, "agent_id")
    yield "another workbook", plain, "no plan that wfm exported"
    cut = folder / "cut.xlsx"
    cut.write_bytes(plan.read_bytes()[:-2000])
    yield "cut off", cut, "cut.xlsx"
    text = folder / "text.xlsx"
    text.write_text("agent_id,date,shift_start\n")
    yield "no workbook", text, "text.xlsx"
    yield "missing", folder / "missing.xlsx", "missing.xlsx"
    state = edited(plan, {("wfm", "C2"): "09:00-17:00"}, folder / "state.xlsx")
    yield "hidden sheet changed", state, "hidden sheet with the exported plan was changed"
    bare = rewritten(plan, folder / "bare.xlsx", sheets=["wfm"])
    yield "no grid", bare, "no week grid is left"
    dates = edited(plan, dict.fromkeys([("North", f"{c}3") for c in "DEFGHIJ"], ""), folder / "dates.xlsx")
    yield "no dates", dates, "hidden row of dates"
    stranger = edited(plan, {("North", "A5"): "id:nobody"}, folder / "stranger.xlsx")
    yield "another agent", stranger, "North!D5"
    new = edited(plan, {("North", "D7"): "08:00-16:00"}, folder / "new.xlsx")  # the row of totals
    yield "a row without agent", new, "North!D7"
    version = edited(plan, {("wfm", "B1"): "99"}, folder / "version.xlsx")
    yield "another version", version, "another version"


def test_a_workbook_that_is_not_ours_or_was_damaged_is_refused(plan: Path, tmp_path: Path) -> None:
    for kind, book, what in broken_books(plan, tmp_path):
        with pytest.raises(DataError) as caught:
            read_pins(book)
        assert what in str(caught.value), kind


def test_two_sheets_that_disagree_about_a_day_are_a_fault(plan: Path, tmp_path: Path) -> None:
    content = (grids(plan)["North"][4][0], "North")
    book = edited(
        plan, {("North", "A6"): content[0], ("North", "D6"): "05:00-13:00"}, tmp_path / "twice.xlsx"
    )
    with pytest.raises(DataError, match=r"North!D6.*the same agent and date as North!D5"):
        read_pins(book)


@given(st.integers(0, 20_000))
def test_cells_are_named_as_spreadsheets_do(column: int) -> None:
    from xlsxwriter.utility import xl_rowcol_to_cell

    if column < 16_384:
        assert cell_name(6, column) == xl_rowcol_to_cell(6, column)


@given(
    st.text(alphabet="0123456789:.-\u2013 pmoff!x?\n", max_size=14),
    st.sampled_from(["off", "08:00-16:30\n12:00", ""]),
)
def test_every_text_is_a_pin_or_no_edit_or_told(text: str, before: str) -> None:
    try:
        pin = wanted(before, text)
    except UnreadableCell as error:
        pin = None if error.remedy else ("no remedy", "")
    assert (
        pin is None
        or pin == ("off", "")
        or all(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", part) for part in pin)
    )


def test_the_archive_that_tests_edit_is_the_one_that_was_written(plan: Path, tmp_path: Path) -> None:
    copy = edited(plan, {}, tmp_path / "copy.xlsx")
    with zipfile.ZipFile(plan) as first, zipfile.ZipFile(copy) as second:
        assert first.namelist() == second.namelist()
    assert sheet_files(plan) == sheet_files(copy)
