"""Workbooks: the sheet with a header, under its titles; dates, clocks and numbers mean what a CSV would."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from xml.sax.saxutils import escape

import pandas as pd
import pytest

from wfm.config import build_config
from wfm.errors import DataError
from wfm.io.intake import Intake, take_in

CONFIG = build_config(
    {
        "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
        "queues": {name: {"service_level": 0.8} for name in ("billing", "sales")},
    }
)
MAPPING = """
[source.x]
grain = "interval"
{keys}
[source.x.columns]
queue = "Queue"
interval_start = {start}
offered = "Offered"
talk_s = "Talk"
"""
Cell = str | int | float | date | time | timedelta | None
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_FORMATS = (0, 22, 14, 21, 46)  # general, date and time, date, h:mm:ss, [h]:mm:ss
_DAY_0 = datetime(1899, 12, 30)


def workbook(path: Path, sheets: dict[str, Sequence[Sequence[Cell]]]) -> Path:
    """Write the smallest file that is a workbook (ECMA-376), with these rows in each sheet."""
    part = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{part}.worksheet+xml"/>'
        for n in range(len(sheets))
    )
    names = "".join(f'<sheet name="{name}" sheetId="{n + 1}" r:id="r{n}"/>' for n, name in enumerate(sheets))
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_REL}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(len(sheets))
    )
    package = "http://schemas.openxmlformats.org/package/2006"
    styles = "".join(f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in _FORMATS)
    files = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{part}.sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{part}.styles+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_NS} xmlns:r="{_REL}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">{links}'
        f'<Relationship Id="s" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f"<styleSheet {_NS}><cellXfs>{styles}</cellXfs></styleSheet>",
    }
    for n, rows in enumerate(sheets.values()):
        body = "".join(_row(place, row) for place, row in enumerate(rows, start=1))
        files[f"xl/worksheets/sheet{n}.xml"] = f"<worksheet {_NS}><sheetData>{body}</sheetData></worksheet>"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return path


def _row(place: int, row: Sequence[Cell]) -> str:
    cells = "".join(_cell(column, place, cell) for column, cell in enumerate(row))
    return f'<row r="{place}">{cells}</row>'


def _cell(column: int, row: int, cell: Cell) -> str:
    place = f"{chr(65 + column)}{row}"
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t>{escape(cell)}</t></is></c>'
    day = timedelta(days=1)
    match cell:
        case datetime():
            number, style = (cell - _DAY_0) / day, 1
        case date():
            number, style = (datetime(cell.year, cell.month, cell.day) - _DAY_0) / day, 2
        case time():
            number, style = timedelta(hours=cell.hour, minutes=cell.minute, seconds=cell.second) / day, 3
        case timedelta():
            number, style = cell / day, 4
        case _:
            number, style = cell, 0
    return f'<c r="{place}" s="{style}"><v>{number!r}</v></c>'


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    def run(
        sheets: dict[str, Sequence[Sequence[Cell]]], keys: str = "", start: str = '"Start"', bad: float = 1
    ) -> Intake:
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(MAPPING.format(keys=keys, start=start))
        book = workbook(tmp_path / "export.xlsx", sheets)
        return take_in([book], CONFIG, mapping=mapping, max_bad_ratio=bad)

    return run


HEADER = ("Queue", "Start", "Offered", "Talk")
NINE = datetime(2026, 3, 2, 9)
ROWS = (HEADER, ("billing", NINE, 41, 120.5), ("sales", datetime(2026, 3, 2, 9, 15), 7, 30))


def figures(intake: Intake) -> list[tuple[object, ...]]:
    """Return (queue, start in the wall clock, offered, talk_s)."""
    history = intake.history
    starts = history["interval_start"].dt.tz_convert("Europe/Berlin").dt.strftime("%Y-%m-%d %H:%M")
    return list(zip(history["queue"], starts, history["offered"], history["talk_s"], strict=True))


EXPECTED = [("billing", "2026-03-02 09:00", 41.0, 120.5), ("sales", "2026-03-02 09:15", 7.0, 30.0)]


def test_dates_and_numbers_of_a_sheet_are_read(imported):
    assert figures(imported({"Data": ROWS})) == EXPECTED


def test_titles_above_the_header_and_empty_rows_are_skipped(imported):
    titles: list[tuple[Cell, ...]] = [("Report of March",), (), ("made", datetime(2026, 4, 1))]
    titles.append(("by", "the planner"))
    sheet = [*titles, (*HEADER, "Wait"), (), ROWS[1], (None, None, None, None), ROWS[2]]
    intake = imported({"Data": sheet})
    assert figures(intake) == EXPECTED
    assert intake.rows_read == 2


def test_the_first_sheet_with_a_header_is_read_or_the_one_that_is_named(imported):
    cover = [("About this report",), ("made", 46083)]
    assert figures(imported({"Cover": cover, "Data": ROWS, "Old": [HEADER]})) == EXPECTED
    sheets = {"Data": [HEADER], "March": ROWS}
    assert figures(imported(sheets, keys='sheet = "March"')) == EXPECTED
    with pytest.raises(DataError, match="its sheets are Data, March"):
        imported(sheets, keys='sheet = "April"')


@pytest.mark.parametrize(
    ("keys", "start", "cells"),
    [
        pytest.param("", '"Start"', (NINE,), id="a date"),
        pytest.param('time_format = "%d.%m.%Y %H:%M"', '"Start"', (NINE,), id="a date, whatever the format"),
        pytest.param('time_format = "%d.%m.%Y %H:%M"', '"Start"', ("02.03.2026 09:00",), id="a text"),
        pytest.param('time_format = "excel"', '"Start"', (46083.375,), id="a serial number"),
        pytest.param("", '["Start", "Clock"]', (date(2026, 3, 2), time(9)), id="a date and a clock"),
        pytest.param(
            'time_format = "%d.%m.%Y %H:%M"', '["Start", "Clock"]', ("02.03.2026", "09:00"), id="two texts"
        ),
    ],
)
def test_a_start_may_be_a_date_a_number_or_texts(imported, keys, start, cells):
    header = ("Queue", "Start", "Clock", "Offered", "Talk")
    row = ("billing", *cells, *[None] * (2 - len(cells)), 41, 120.5)
    assert figures(imported({"Data": [header, row]}, keys, start)) == EXPECTED[:1]


@pytest.mark.parametrize("talk", [time(0, 2), timedelta(minutes=2), "0:02:00", timedelta(hours=30)])
def test_a_clock_cell_is_a_duration(imported, talk):
    intake = imported({"Data": [HEADER, ("billing", NINE, 41, talk)]}, 'duration = "h:mm:ss"')
    assert intake.history["talk_s"].tolist() == [108_000 if talk == timedelta(hours=30) else 120]


@pytest.mark.parametrize("value", [0.1, 1234.5, 1e-7, 12345678.25, 3.0, 120.123456789])
def test_a_number_is_that_number_whatever_the_marks_of_texts(imported, value):
    row = ("billing", NINE, "1.234,5", value)
    intake = imported({"Data": [HEADER, row]}, 'decimal = ","\nthousands = "."')
    assert intake.history["talk_s"].tolist() == [value]
    assert intake.history["offered"].tolist() == [1234.5]


def test_refused_rows_have_the_number_of_the_data_row(imported):
    intake = imported({"Data": [("Title",), *ROWS, ("biling", NINE, 1, 1)]})
    assert intake.quarantine[["record", "value"]].to_numpy().tolist() == [[3, "biling"]]


def test_what_is_no_workbook_or_has_no_header_is_a_data_error(imported, tmp_path):
    with pytest.raises(DataError, match="no sheet has a header"):
        imported({"Data": [("x",), (1, 2, 3)]})
    with pytest.raises(DataError, match="two columns have this name"):
        imported({"Data": [("Queue", "Queue", "Offered")]})
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 this is no archive")
    with pytest.raises(DataError, match="cannot be read"):
        take_in([broken], CONFIG)


def test_a_workbook_of_canonical_columns_needs_no_mapping(tmp_path):
    stamp = datetime(2026, 3, 2, 9, 7)
    header = ("contact_id", "queue", "arrived_at", "wait_s", "talk_s", "outcome")
    first: tuple[Cell, ...] = (17, "billing", stamp, 12, 100, "handled")
    second: tuple[Cell, ...] = (18, "sales", stamp, 3, None, "abandoned")
    rows = [header, first, second]
    book = workbook(tmp_path / "calls.xlsx", {"Calls": rows})
    intake = take_in([book], CONFIG, keep_contacts=True)
    assert intake.contacts is not None
    assert intake.contacts["contact_id"].tolist() == ["17", "18"]
    assert intake.contacts["arrived_at"].tolist() == [pd.Timestamp("2026-03-02T08:07Z")] * 2
