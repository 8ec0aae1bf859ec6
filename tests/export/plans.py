"""Rosters to export, shift by shift, and workbooks read and edited by nothing but zip and XML."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from wfm.config import Config, build_config
from wfm.export.request import Request

MONDAY = date(2026, 3, 2)
ZONES = {"hamburg": "Europe/Berlin", "porto": "Europe/Lisbon"}
BREAK_AFTER_MIN, BREAK_MIN = 120, 30
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def centre(**contract: Any) -> Config:
    """Return a configuration of two sites in two zones and one contract."""
    full = {"week_hours": [30, 40], "days_per_week": [3, 5], "shift_hours": [4, 10], **contract}
    return build_config(
        {
            "centre": {"name": "Example", "timezone": "Europe/Berlin", "interval_min": 60},
            "sites": {name: {"timezone": timezone} for name, timezone in ZONES.items()},
            "queues": {name: {"service_level": 0.8} for name in ("billing", "tech")},
            "contracts": {"full": full},
        }
    )


@dataclass(frozen=True)
class Worker:
    """A row of agents."""

    agent_id: str
    name: str = "Ann"
    site: str = "hamburg"
    team: str = ""
    skills: str = "billing"
    start_date: str = ""
    end_date: str = ""


@dataclass(frozen=True)
class Work:
    """A shift: clock minutes after the local midnight at which it starts, and its elapsed length."""

    agent_id: str
    day: date
    start_min: int = 480
    length_min: int = 510

    def instants(self, timezone: str) -> tuple[datetime, datetime]:
        """Return start and end (UTC), the end by elapsed time."""
        begin = datetime(self.day.year, self.day.month, self.day.day, tzinfo=ZoneInfo(timezone))
        start = (begin + timedelta(minutes=self.start_min)).astimezone(UTC)  # wall-clock arithmetic
        return start, start + timedelta(minutes=self.length_min)

    def clocks(self, timezone: str) -> tuple[str, str]:
        """Return the wall clock at start and end."""
        start, end = (moment.astimezone(ZoneInfo(timezone)) for moment in self.instants(timezone))
        return f"{start:%H:%M}", f"{end:%H:%M}"


def write_csv(path: Path, header: str, rows: Sequence[Sequence[object]]) -> Path:
    """Write a table."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(header.split(","))
        table.writerows(rows)
    return path


def agents_file(path: Path, workers: Sequence[Worker]) -> Path:
    """Write agents."""
    rows = [(w.agent_id, w.name, w.site, "full", w.skills, w.team, w.start_date, w.end_date) for w in workers]
    return write_csv(path, "agent_id,name,site,contract,skills,team,start_date,end_date", rows)


def roster_file(path: Path, workers: Sequence[Worker], shifts: Sequence[Work]) -> Path:
    """Write a roster: each shift has half an hour of unpaid lunch after two hours."""
    sites = {worker.agent_id: worker.site for worker in workers}
    rows = []
    for shift in shifts:
        site = sites[shift.agent_id]
        start, end = shift.instants(ZONES[site])
        lunch = start + timedelta(minutes=BREAK_AFTER_MIN)
        back = lunch + timedelta(minutes=BREAK_MIN)
        for first, last, activity, paid in (
            (start, lunch, "on_queue", "true"),
            (lunch, back, "lunch", "false"),
            (back, end, "on_queue", "true"),
        ):
            rows.append(
                (shift.agent_id, first.isoformat(), shift.day, activity, last.isoformat(), paid, site)
            )
    return write_csv(path, "agent_id,start,shift_date,activity,end,paid,site", rows)


def asked(
    folder: Path, workers: Sequence[Worker], shifts: Sequence[Work], out: str = "plan.xlsx", **more: Any
) -> Request:
    """Write a plan into a folder, and return the request to export it."""
    config = more.pop("config", None) or centre()
    return Request(
        roster_file(folder / "roster.csv", workers, shifts),
        folder / out,
        config,
        agents=agents_file(folder / "agents.csv", workers),
        **more,
    )


def parse(content: bytes | str) -> ET.Element:
    """Return a part of a workbook."""
    return ET.fromstring(content)  # noqa: S314  written by the test itself


def sheet_files(book: Path) -> dict[str, str]:
    """Return the part of the archive that holds each sheet, by the sheet's name."""
    with zipfile.ZipFile(book) as parts:
        links = parse(parts.read("xl/_rels/workbook.xml.rels"))
        targets = {link.get("Id"): f"xl/{link.get('Target')}" for link in links}
        sheets = parse(parts.read("xl/workbook.xml")).iter(f"{MAIN}sheet")
        return {str(sheet.get("name")): targets[sheet.get(ID)] for sheet in sheets}


def edited(book: Path, cells: Mapping[tuple[str, str], str | float | None], out: Path) -> Path:
    """Write a copy in which cells (sheet, name) hold other texts or numbers, as a spreadsheet would."""
    files = sheet_files(book)
    with zipfile.ZipFile(book) as parts, zipfile.ZipFile(out, "w") as copy:
        for part in parts.namelist():
            content = parts.read(part)
            mine = {cell: text for (sheet, cell), text in cells.items() if files[sheet] == part}
            if mine:
                root = parse(content)
                for element in root.iter(f"{MAIN}c"):
                    if element.get("r") in mine:
                        _fill(element, mine.pop(str(element.get("r"))))
                assert not mine, f"no such cells: {mine}"
                content = ET.tostring(root, encoding="utf-8")
            copy.writestr(part, content)
    return out


def _fill(element: ET.Element, value: str | float | None) -> None:
    for child in list(element):
        element.remove(child)
    element.attrib.pop("t", None)
    if isinstance(value, str):
        element.set("t", "inlineStr")
        text = ET.SubElement(ET.SubElement(element, f"{MAIN}is"), f"{MAIN}t")
        text.text = value
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    elif value is not None:
        ET.SubElement(element, f"{MAIN}v").text = str(value)


def grids(book: Path) -> dict[str, list[list[Any]]]:
    """Return the rows of every sheet with a week grid, as calamine reads them."""
    from python_calamine import CalamineWorkbook

    with CalamineWorkbook.from_path(book) as opened:
        every = {
            name: opened.get_sheet_by_name(name).to_python(skip_empty_area=False)
            for name in opened.sheet_names
        }
    return {name: rows for name, rows in every.items() if rows[0][0] == "wfm week grid"}


def day_cells(book: Path) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield sheet, cell, the agent's key, date and text of every day in every grid."""
    for sheet, rows in grids(book).items():
        for number, row in enumerate(rows[4:], start=5):
            if str(row[0]).startswith("id:"):
                for column in range(3, 10):
                    yield sheet, f"{'ABCDEFGHIJ'[column]}{number}", row[0], rows[2][column], str(row[column])


def first_line(text: str) -> str:
    """Return the shift of a cell."""
    return re.split(r"\n", text)[0]
