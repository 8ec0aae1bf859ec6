"""A quotation mark out of place costs its own row, never one of its neighbours, and is never read past."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.io.odd_logs import CONFIG
from wfm.io import quotes
from wfm.io.intake import Intake, take_in
from wfm.io.quotes import OUT_OF_PLACE, are_sound, mend
from wfm.io.sniff import Dialect

DIALECT = Dialect("utf-8", ",", ("a", "b"), 0, quoted=True, complete=True, compressed=False)
HEADER = "contact_id,queue,arrived_at,wait_s,outcome,note"


def imported(folder: Path, *rows: str) -> Intake:
    path = folder / "log.csv"
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8", newline="")
    return take_in([path], CONFIG, max_bad_ratio=1)


@pytest.mark.parametrize("line_end", [pytest.param(end, id=repr(end)) for end in ("\n", "\r\n", "\r")])
@pytest.mark.parametrize("packed", [pytest.param(False, id="plain"), pytest.param(True, id="gzip")])
def test_line_ends_and_packing_change_nothing(tmp_path, line_end, packed):
    content = line_end.join([HEADER, row(1), row(2, '"open'), row(3), ""]).encode()
    path = tmp_path / "log.csv"
    path.write_bytes(gzip.compress(content) if packed else content)
    intake = take_in([path], CONFIG, max_bad_ratio=1)
    assert (intake.rows_kept, intake.quarantine["record"].tolist()) == (2, [2])


def row(number: int, note: str = "") -> str:
    return f"c{number},billing,2026-03-02T09:07:00+01:00,1,abandoned,{note}"


@pytest.mark.parametrize(
    "note",
    [
        pytest.param('"never closed', id="never closed"),
        pytest.param('"closed" early', id="text after a closing quote"),
        pytest.param('"a""', id="doubled at the end"),
        pytest.param('a,"b"c', id="text after, and a cell too many"),
    ],
)
def test_a_quote_out_of_place_costs_one_row(tmp_path, note):
    intake = imported(tmp_path, row(1), row(2, note), row(3), row(4, '"fine, ""really"""'), row(5))
    assert intake.quarantine[["record", "reason"]].to_numpy().tolist() == [[2, OUT_OF_PLACE]]
    assert intake.history["offered"].sum() == intake.rows_kept == 4


def test_a_number_is_never_read_past_its_closing_quote(tmp_path):
    bad = row(2).replace(",1,", ',"1"5,')
    assert imported(tmp_path, row(1), bad).quarantine["record"].tolist() == [2]


def test_quotes_inside_a_cell_and_blanks_around_quotes_are_no_fault(tmp_path):
    intake = imported(tmp_path, row(1, 'Jim "Jimmy" Smith'), row(2, ' "x" '), row(3, '"two\nlines"'))
    assert (intake.rows_kept, intake.rows_quarantined) == (3, 0)


WELL_FORMED = st.lists(st.lists(st.text('ab", \n\r', max_size=6), min_size=2, max_size=3), max_size=8)


@given(table=WELL_FORMED, block=st.integers(1, 9))
def test_what_python_writes_is_sound_however_it_is_read_in_blocks(tmp_path_factory, table, block):
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    written = io.StringIO(newline="")
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows(table)
    path.write_text(written.getvalue(), newline="")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotes, "BLOCK", block)
        assert are_sound(path, DIALECT)


@given(text=st.text('ab"",\n\r ', min_size=1, max_size=60), block=st.integers(1, 9))
def test_a_mended_copy_is_sound_or_has_quotes_as_text_and_keeps_every_other_line(
    tmp_path_factory, text, block
):
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_text(text, newline="")
    mend(path, DIALECT, path.with_name("mended.csv"))
    mended = path.with_name("mended.csv").read_bytes().decode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quotes, "BLOCK", block)
        if are_sound(path, DIALECT):
            assert mended == text
    pairs = zip(mended.splitlines(keepends=True), text.splitlines(keepends=True), strict=True)
    assert all(copy == line or copy == "0" + line.lstrip('ab", ') for copy, line in pairs)
