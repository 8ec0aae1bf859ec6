"""A large file whose beginning is plain: what comes later is seen all the same."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from wfm.config import build_config
from wfm.io import sniff as sniffing
from wfm.io.intake import take_in

CONFIG = build_config(
    {
        "centre": {"timezone": "Europe/Berlin"},
        "queues": {"billing": {"service_level": 0.8}, "Büro": {"asa_s": 9}},
        "import": {"final_newline": "optional"},
    }
)
HEADER = "contact_id,queue,arrived_at,wait_s,talk_s,outcome"
ROWS = [f"c{n},billing,2026-03-02T09:{n % 60:02d}:00+01:00,{n},60,handled" for n in range(400)]
LATER = {
    "a quoted cell with a delimiter": b'"x,1",billing,2026-03-02T10:00:00+01:00,5,60,handled\n',
    "a line break in quotes": b'"x\n1",billing,2026-03-02T10:00:00+01:00,5,60,handled\n',
    "a letter in UTF-8": "x1,Büro,2026-03-02T10:00:00+01:00,5,60,handled\n".encode(),
    "a letter in Windows-1252": "x1,Büro,2026-03-02T10:00:00+01:00,5,60,handled\n".encode("cp1252"),
    "a bare return": b"x1,billing,2026-03-02T10:00:00Z,5,60,handled\r"
    b"x2,billing,2026-03-02T10:00:00Z,5,6,handled\n",
    "no line break at the end": b"x1,billing,2026-03-02T10:00:00+01:00,5,60,handled",
    "nothing else": b"",
}


@pytest.mark.parametrize("later", [pytest.param(rows, id=name) for name, rows in LATER.items()])
def test_an_assumption_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, later: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes("\n".join((HEADER, *ROWS, "")).encode() + later)
    monkeypatch.setattr("wfm.io.sniff.BLOCK", 1 << 10)  # of which the beginning is one
    monkeypatch.setattr("wfm.io.blocks.BLOCK", 1 << 10)
    certain = take_in([path], CONFIG, max_bad_ratio=1.0)
    monkeypatch.setattr(sniffing, "LARGE", 0)
    assert sniffing.sniff(path, assume=True).assumed
    assumed = take_in([path], CONFIG, max_bad_ratio=1.0)
    pd.testing.assert_frame_equal(assumed.history, certain.history)
    pd.testing.assert_frame_equal(assumed.quarantine, certain.quarantine)
    assert (assumed.rows_read, assumed.rows_kept) == (certain.rows_read, certain.rows_kept)
    assert assumed.rows_read >= len(ROWS)
