"""How a CSV file is opened: where its first data row is."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfm.config import build_config
from wfm.io.intake import take_in

CONFIG = build_config({"centre": {"timezone": "UTC"}, "queues": {"billing": {"service_level": 0.8}}})
ROWS = "".join(f"c{n},billing,2026-03-02T09:0{n}:00Z,1,handled,x\n" for n in range(4))


@pytest.mark.parametrize("last", ["note", '"a note\nin two lines"', '"one\n\n\nof four"'])
def test_a_header_may_have_line_breaks_in_quotes(tmp_path: Path, last: str) -> None:
    path = tmp_path / "log.csv"
    path.write_text(f"contact_id,queue,arrived_at,wait_s,outcome,{last}\n{ROWS}")
    intake = take_in([path], CONFIG)
    assert (intake.rows_read, intake.history["offered"].sum()) == (4, 4)
