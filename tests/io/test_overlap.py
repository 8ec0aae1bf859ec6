"""What an import says of files that overlap, and of intervals that more contacts left than came in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from wfm.config import build_config
from wfm.io.intake import MOST_PAIRS, Intake, take_in

CONFIG = build_config({"centre": {"timezone": "UTC"}, "queues": {"billing": {"service_level": 0.8}}})
LOG = "contact_id,queue,arrived_at,wait_s,talk_s,acw_s,outcome"
EXPORT = "queue,interval_start,offered,handled,abandoned,flow_out"


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    def run(files: dict[str, list[str]]) -> Intake:
        for name, lines in files.items():
            (tmp_path / name).write_text("\n".join([*lines, ""]), encoding="utf-8")
        return take_in([tmp_path / name for name in files], CONFIG)

    return run


def log(numbers: range, talk_s: int = 60) -> list[str]:
    return [LOG, *(f"c{n},billing,2026-03-02T09:{n:02d}:00Z,5,{talk_s},0,handled" for n in numbers)]


def export(numbers: range, offered: int = 9, rest: str = "5,1,1") -> list[str]:
    starts = pd.date_range("2026-03-02", periods=60, freq="15min").strftime("%Y-%m-%dT%H:%M:%SZ")
    return [EXPORT, *(f"billing,{starts[n]},{offered},{rest}" for n in numbers)]


def overlaps(intake: Intake) -> list[str]:
    """Return the pairs of files that warnings name, without their folder."""
    said = [text for text in intake.warnings if text.startswith("files overlap: ")]
    assert len(said) <= 1
    words = said[0].removeprefix("files overlap: ").split("; ") if said else []
    return [" ".join(word.rpartition("/")[2] for word in pair.split(" ")) for pair in words]


@pytest.mark.parametrize("rows", [log, export])
def test_the_warning_names_which_file_replaces_how_many_rows_of_which(imported, rows):
    files = {"a": rows(range(20)), "b": rows(range(15, 30)), "c": rows(range(28, 40))}
    assert overlaps(imported(files)) == ["b replaces 5 rows of a", "c replaces 2 rows of b"]
    assert overlaps(imported({"a": rows(range(20)), "b": rows(range(20, 30))})) == []
    twice = rows(range(20))
    assert overlaps(imported({"a": [*twice, *twice[1:]]})) == []  # within one file


@pytest.mark.parametrize("rows", [log, export])
def test_of_several_files_the_last_one_replaces_the_rows_of_each(imported, rows):
    files = {"a": rows(range(20)), "b": rows(range(10, 20)), "c": rows(range(5, 12))}
    found = overlaps(imported(files))
    replaced = {"b of a": 8, "c of a": 7, "c of b": 2}  # 12-19; 5-11; 10-11
    assert set(found) == {
        f"{pair[0]} replaces {count} row{'s' if count > 1 else ''} of {pair[-1]}"
        for pair, count in replaced.items()
    }


def test_at_most_five_pairs_are_named(imported):
    files = {f"f{n}": log(range(n, n + 2)) for n in range(MOST_PAIRS + 3)}
    found = overlaps(imported(files))
    assert len(found) == MOST_PAIRS + 1
    assert found[-1] == "and 2 more pairs of files"


def test_intervals_of_an_export_for_which_contacts_hold_are_counted(imported):
    intake = imported({"a": export(range(34, 40)), "b": log(range(20))})  # 09:00 and 09:15 are 36 and 37
    assert "2 intervals of exports left out: the logs of contacts hold there" in intake.warnings
    assert intake.history["offered"].tolist() == [9, 9, 15, 5, 9, 9]


@pytest.mark.parametrize(
    ("offered", "rest", "gone"),
    [
        pytest.param(9, "5,3,1", 0, id="all"),
        pytest.param(9, "5,,", 0, id="some are not given"),
        pytest.param(5, "6,,", 6, id="handled"),
        pytest.param(5, "0,6,", 6, id="abandoned"),
        pytest.param(5, "3,2,1", 6, id="together"),
    ],
)
def test_more_contacts_gone_than_came_are_told_and_kept(imported, offered, rest, gone):
    rows = [*export(range(4)), *export(range(4, 7), offered, rest)[1:]]
    intake = imported({"a": rows})
    said = [text for text in intake.warnings if "than offered" in text]
    assert intake.rows_kept == 7
    if not gone:
        assert not said
        return
    (text,) = said
    assert "in 3 of its intervals" in text
    assert f"first in record 5: {gone} of {offered}" in text
