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

from wfm.cli.screen import (
    BARS,
    LEVELS,
    coverage_map,
    level,
    requirements_table,
    scores_table,
    service_table,
    sparkline,
    volume_table,
)

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


def test_service_is_weighted_by_contacts_and_its_bars_end_at_100_percent():
    played = rows(
        offered=[10.0] * 8,
        attempts=[30.0, 10.0, 0.0, 10.0] + [10.0] * 4,
        service_level=[0.5, 0.9, math.nan, 1.0] + [0.25] * 4,
        within_deadline=[math.nan] * 8,
    )
    text = printed(service_table(played, "Europe/Berlin"))
    first = (30 * 0.5 + 10 * 0.9 + 10 * 1.0) / 50  # nine in Berlin
    whole = (50 * first + 40 * 0.25) / 90
    (line,) = (line for line in text.splitlines() if "billing" in line)
    assert line.split()[:5] == ["billing", "80", f"{whole:.1%}", "25.0%", "10:00"]
    bars = line[len(line.rstrip()) - 2 :].rstrip()
    assert [BARS.index(bar) for bar in bars] == [round(first * 7), round(0.25 * 7)]


def test_deferred_work_counts_by_its_deadline():
    done = rows(offered=1.0, attempts=1.0, service_level=math.nan, within_deadline=[1.0, 0.0] * 4)
    assert printed(service_table(done, "UTC")).count("50.0%") == 2


def scored(name: str = "billing") -> pd.DataFrame:
    columns = {"wape": [0.2, 0.1, math.nan], "bias": [-0.0001, 0.012, math.nan], "coverage_80": 0.8}
    models = ["mean", "ets", "glm"]
    return pd.DataFrame({"queue": name, "model": models, "chosen": [False, True, False], **columns})


def test_models_stand_by_their_error_and_the_used_one_is_marked():
    lines = [line.split() for line in printed(scores_table(scored())).splitlines() if "billing" in line]
    assert [line[:2] for line in lines] == [["billing", "ets"], ["billing", "mean"], ["billing", "glm"]]
    assert lines[0][2:] == ["*", "10.0%", "+1.2%", "80.0%", "█" * 5]
    assert lines[1][2:] == ["20.0%", "+0.0%", "80.0%", "█" * 10]  # and no -0.0%


def test_figures_are_whole_on_80_columns():
    long = scored("support_chat").assign(
        model="mean(2 x day_regression, svd_profile, median_days)", wape=0.321
    )
    file = io.StringIO()
    Console(file=file, width=80, markup=False).print(scores_table(long))
    text = file.getvalue()
    assert text.count("32.1%") == 3
    assert text.count("80.0%") == 3
    assert "\u2026" not in text
    played = rows(offered=1000.0, attempts=1000.0, service_level=0.321).assign(queue="support_chat")
    file = io.StringIO()
    Console(file=file, width=80, markup=False).print(service_table(played, "UTC"))
    assert "\u2026" not in file.getvalue()
    assert file.getvalue().count("32.1%") == 2


def test_names_are_printed_as_they_are():
    hostile = "[red]x[/] \x1b[31m\n"
    frame = rows(offered=[1.0] * 8).assign(queue=hostile)
    played = frame.assign(attempts=1.0, service_level=1.0)
    tables = (
        volume_table(frame, "UTC", "contacts"),
        service_table(played, "UTC"),
        scores_table(scored(hostile)),
    )
    for table in tables:
        text = printed(table)
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
