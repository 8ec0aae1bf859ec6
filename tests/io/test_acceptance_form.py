"""`wfm doctor` on the form of files, check 11: encodings, packing, serial days, rows of sums."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.forecast.made import configured
from tests.io.acceptance_files import (
    CONFIG,
    OFFICE,
    check,
    export_row,
    office_days,
    written,
)
from wfm.forecast.doctor import Check
from wfm.io.acceptance import accept, examination

EXCEL_EPOCH = datetime(1899, 12, 30)


@pytest.fixture(autouse=True)
def _taken_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out check 1, which takes every file in once more."""
    monkeypatch.setattr(examination, "twice_check", lambda _: Check(1, "ok", "left out"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return an export without fault: ten days of office hours."""
    return written(tmp_path / "good.csv", [export_row(start.isoformat()) for start in office_days()])


FORMS = [
    pytest.param("utf-8", ",", "UTF-8 with commas", id="plain"),
    pytest.param("utf-8-sig", ",", "byte order mark", id="BOM"),
    pytest.param("utf-16", ",", "UTF-16 with byte order mark", id="UTF-16"),
    pytest.param("utf-16-le", ",", "UTF-16", id="UTF-16 without mark"),
    pytest.param("utf-8", ";", "semicolons", id="semicolon"),
    pytest.param("utf-8", "\t", "tabs", id="tab"),
]


@pytest.mark.parametrize(
    ("encoding", "delimiter", "words", "packed"),
    [pytest.param(*form.values, False, id=form.id) for form in FORMS]
    + [pytest.param(*form.values, True, id=f"{form.id}, gzip") for form in FORMS[:4:3]],
)
def test_11_how_a_file_is_written_is_told_and_read(good, tmp_path, encoding, delimiter, words, packed):
    content = good.read_text().replace(",", delimiter).encode(encoding)
    path = tmp_path / "form.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    found = accept([path], CONFIG)
    assert found.wrong == 0
    assert found.checks[10].status == "ok"
    if not (packed and words == "UTF-8 with commas"):
        assert words in found.checks[10].text
    assert ("gzip" in found.checks[10].text) == packed


def serial(start: datetime) -> str:
    local = start.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None)
    return repr((local - EXCEL_EPOCH) / timedelta(days=1))


def test_11_serial_days_are_recognised(tmp_path):
    rows = [export_row(serial(s)) for s in office_days(1)]
    found = check(11, written(tmp_path / "a.csv", rows))
    assert found.status == "wrong"
    assert 'time_format = "excel"' in found.text
    assert found.places[0].records == tuple(range(1, len(rows) + 1))
    numbers = [export_row(f"{n}.5") for n in range(40)]  # no time either, but no day of this century
    assert check(11, written(tmp_path / "b.csv", numbers)).status == "ok"


@pytest.mark.parametrize(
    "row", ["Total,,3200,2560,320,320,512000,240", "Gesamt:,,3200,2560,320,320,,", "SUMME,3200"]
)
def test_11_a_last_row_of_sums_is_recognised_and_no_unknown_queue(good, tmp_path, row):
    path = tmp_path / "sums.csv"
    path.write_text(good.read_text() + row + "\n")
    found = accept([path], CONFIG)
    assert "a last row of sums" in found.checks[10].text
    assert found.checks[10].status in ("ok", "look")  # left out by the import, or refused
    assert found.checks[9].status == "ok"
    assert found.wrong == 0


def test_11_a_queue_of_that_name_is_no_row_of_sums(tmp_path):
    rows = [export_row(s.isoformat(), queue="total") for s in office_days()]
    named = configured(15, total={"hours": OFFICE})
    found = check(11, written(tmp_path / "named.csv", rows), config=named)
    assert (found.status, "sums" in found.text) == ("ok", False)


def test_11_a_row_of_sums_that_was_counted_is_wrong_and_one_left_out_is_not(tmp_path):
    mapping = tmp_path / "mapping.toml"
    text = """
[source.acd]
grain = "interval"
[source.acd.constants]
queue = "hotline"
[source.acd.columns]
interval_start = "start"
offered = "offered"
"""
    rows = [f"day,{s.isoformat()},10" for s in office_days(1)] + ["Total,2026-03-02T17:45:00+01:00,400"]
    path = written(tmp_path / "a.csv", rows, "what,start,offered")
    mapping.write_text(text)
    assert check(11, path, mapping=mapping).status == "wrong"
    mapping.write_text(text + '[[source.acd.exclude]]\nreason = "sums"\nwhen = { what = "Total" }\n')
    found = check(11, path, mapping=mapping)
    assert (found.status, "left out" in found.text) == ("ok", True)
