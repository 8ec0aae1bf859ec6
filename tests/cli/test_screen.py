"""Pictures on a terminal: right, legible without colour, and absent where nobody looks."""

from __future__ import annotations

import io
import math
import os
import pty
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from wfm.cli.screen import BARS, LEVELS, coverage_map, level, requirements_table, sparkline, volume_table

SIGNS = [sign for _, sign, _, _ in LEVELS]
numbers = st.lists(st.floats(0, 1e6) | st.just(math.nan), min_size=1, max_size=60)


def printed(table: object, *, colour: bool = False) -> str:
    file = io.StringIO()
    Console(file=file, width=120, force_terminal=colour, markup=False).print(table)
    return file.getvalue()


def rows(**columns: object) -> pd.DataFrame:
    starts = pd.date_range("2026-03-02T08:00:00", periods=8, freq="15min", tz="UTC")
    return pd.DataFrame({"queue": "billing", "interval_start": starts, **columns})


@given(values=numbers)
def test_a_sparkline_has_a_bar_a_value_in_the_order_of_the_values(values):
    bars = sparkline(values)
    assert len(bars) == len(values)
    known = sorted((value, BARS.index(bar)) for value, bar in zip(values, bars, strict=True) if bar != " ")
    assert [bar for _, bar in known] == sorted(bar for _, bar in known)
    assert [bar == " " for bar in bars] == [math.isnan(value) for value in values]
    if known and known[-1][0] > 0:
        assert known[-1][1] == len(BARS) - 1


@given(required=st.floats(0.5, 500), share=st.floats(-1, 1))
def test_a_sign_says_how_short_or_over_an_hour_is(required, share):
    net = share * required
    sign, _ = level(net, required)
    bounds = [-math.inf, *(most for most, *_ in LEVELS)]
    place = SIGNS.index(sign)
    assert bounds[place] <= net / required < bounds[place + 1]


def test_the_map_has_the_local_hours_and_the_hours_short_and_over():
    coverage = rows(net_staffing=[-2.0] * 4 + [3.0] * 4, agents_to_schedule=[10.0] * 8)
    text = printed(coverage_map(coverage, "Europe/Berlin"))
    line = next(line for line in text.splitlines() if "Mon 02 Mar" in line)
    assert [sign for sign in line if sign in SIGNS] == ["▼", "▲"]
    assert line.split()[-2:] == ["2.0", "3.0"]  # four quarters of two short, four of three over
    header = next(line for line in text.splitlines() if "day" in line)
    assert header.index("9 ") == line.index("▼")  # 08:00 UTC is nine in Berlin


def test_volume_and_requirements_say_their_sums():
    frame = rows(offered=[4.0] * 8, aht_s=[100.0] * 4 + [200.0] * 4)
    assert [word for word in printed(volume_table(frame, "UTC", "contacts")).split() if word == "150"] == [
        "150"
    ]
    staffed = rows(agents_to_schedule=[2] * 7 + [9])
    text = printed(requirements_table(staffed, "UTC", 15))
    assert "09:45" in text
    assert " 6 " in text  # 23 agents a quarter of an hour each: 5.75 hours


def test_names_are_printed_as_they_are():
    hostile = "[red]x[/] \x1b[31m\n"
    frame = rows(offered=[1.0] * 8).assign(queue=hostile)
    text = printed(volume_table(frame, "UTC", "contacts"))
    assert "[red]x[/] \\x1b[31m\\n" in text
    assert "\x1b" not in text


def test_without_colour_the_same_signs_stand_there(monkeypatch: pytest.MonkeyPatch) -> None:
    coverage = rows(net_staffing=[-2.0] * 8, agents_to_schedule=[10.0] * 8)
    coloured = printed(coverage_map(coverage, "UTC"), colour=True)
    monkeypatch.setenv("NO_COLOR", "1")
    plain = printed(coverage_map(coverage, "UTC"), colour=True)
    assert "\x1b[" in coloured
    assert "31m" not in plain
    assert plain.count("▼") == coloured.count("▼") == 2


@pytest.mark.parametrize("terminal", [True, False])
def test_a_picture_is_shown_on_a_terminal_alone(tmp_path: Path, project: Path, terminal: bool) -> None:
    samples = project / "data" / "samples"
    command = [
        sys.executable,
        "-m",
        "wfm",
        "import",
        str(samples / "contacts.csv.gz"),
        "-o",
        str(tmp_path / "h.csv"),
    ]
    command += ["--config", str(samples / "wfm.toml")]
    if not terminal:
        ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
        assert not set(ended.stderr) & set(BARS)
        return
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=theirs, env={**os.environ, "COLUMNS": "120"}
    )
    os.close(theirs)
    said = b""
    try:
        while block := os.read(ours, 65536):
            said += block
    except OSError:  # the end of a terminal
        pass
    assert process.wait(timeout=120) == 0
    os.close(ours)
    assert set(said.decode()) & set(BARS)
