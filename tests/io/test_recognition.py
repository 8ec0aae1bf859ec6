"""Presets that nobody named: taken if the file is one beyond doubt, else refused with the likeliest named."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import wfm.io.guess.guessing
from wfm.config import Config, build_config
from wfm.demo.exports import generate_exports
from wfm.io.guess.fits import known_sources
from wfm.io.intake import take_in
from wfm.io.mapping import load_preset, preset_names
from wfm.io.recognition import Recognised, recognised
from wfm.io.sniff import NotOurColumns

EXPORTS = generate_exports()
CONFIRMED = [name for name in preset_names() if load_preset(name)[name].confirmed]
QUEUES = sorted(
    {"billing", "sales", "email", *(word for export in EXPORTS.values() for word in export.queues)}
)
CONFIG = build_config(
    {
        "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
        "queues": {name: {"service_level": 0.8, "answer_within_s": 20} for name in QUEUES},
    }
)
SMALL = "genesys-wfm"


def sample(preset: str, folder: Path) -> list[Path]:
    """Write the sample of a preset; the logs of one system are several files."""
    for name, content in EXPORTS[preset].files.items():
        (folder / name).write_text(content, encoding="utf-8")
    return [folder / name for name in EXPORTS[preset].files]


def seen(paths: list[Path], config: Config = CONFIG) -> Recognised:
    """Return what files are that an import without preset refused."""
    with pytest.raises(NotOurColumns) as raised:
        take_in(paths, config)
    return recognised(paths, config, raised.value)


def doubt(paths: list[Path]) -> str:
    """Return the hint of the refusal of files that are not recognised."""
    with pytest.raises(NotOurColumns) as raised:
        seen(paths)
    assert raised.value.faults  # as without any guess
    return raised.value.hint


def changed(tmp_path: Path, old: str, new: str, preset: str = SMALL) -> list[Path]:
    (path,) = sample(preset, tmp_path)
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    return [path]


@pytest.mark.parametrize("preset", CONFIRMED)
def test_a_sample_of_a_confirmed_preset_is_the_history_that_naming_it_gives(tmp_path, preset):
    paths = sample(preset, tmp_path)
    found = seen(paths)
    assert found.preset == preset
    assert f"read with preset {preset} (confidence 1.00)" in found.warnings[0]
    assert f"--preset {preset}" in found.warnings[0]
    named = take_in(paths, CONFIG, preset=preset)
    again = take_in(paths, CONFIG, preset=found.preset)
    assert named.rows_kept > 0
    pd.testing.assert_frame_equal(again.history, named.history)


@pytest.mark.parametrize("preset", sorted({*preset_names()} - {*CONFIRMED}))
def test_a_sample_of_an_unconfirmed_preset_is_refused_by_its_name(tmp_path, preset):
    hint = doubt(sample(preset, tmp_path))
    assert f"looks like preset {preset} (" in hint
    assert "unconfirmed" in hint
    assert f"try --preset {preset}" in hint


def test_questions_that_change_the_figures_are_said(tmp_path):
    assert any("after-contact work" in text for text in seen(sample("asterisk", tmp_path)).warnings)
    assert any("in which zone" in text for text in seen(sample("five9-log", tmp_path)).warnings)
    no_zone = load_preset("connect-ctr")["connect-ctr"]
    assert no_zone.timezone == "UTC"  # so that there is none to ask for
    assert not any("zone" in text for text in seen(sample("connect-ctr", tmp_path)).warnings)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param(",Offered,", ",OFFERED,", "genesys-wfm (0.99)", id="a header spelt otherwise"),
        pytest.param(",Offered,", ",Came,", "a header that it needs is missing", id="a header that lacks"),
        pytest.param("2026-", "year ", "0% of its rows read", id="stamps of no format"),
    ],
)
def test_a_doubt_is_refused_and_the_preset_named(tmp_path, old, new, words):
    hint = doubt(changed(tmp_path, old, new))
    assert words in hint
    assert "try --preset genesys-wfm" in hint


def test_times_written_otherwise_are_not_guessed(tmp_path):
    paths = sample(SMALL, tmp_path)
    rows = pd.read_csv(paths[0])
    stamps = pd.to_datetime(rows["Interval Start UTC Date"])
    rows["Interval Start UTC Date"] = stamps.dt.strftime("%d/%m/%Y %H:%M")
    rows.to_csv(paths[0], index=False)
    assert "another time format" in doubt(paths)


@pytest.mark.parametrize(("faults", "rows"), [(1, 100), (2, 100)])
def test_one_row_in_a_hundred_may_have_a_fault(tmp_path, faults, rows):
    (path,) = sample(SMALL, tmp_path)
    header, first = path.read_text(encoding="utf-8").splitlines()[:2]
    starts = pd.date_range("2026-03-02", periods=rows, freq="15min").strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [",".join([start, *first.split(",")[1:]]) for start in starts]
    lines[:faults] = [line.replace("2026", "year") for line in lines[:faults]]
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    if faults / rows <= 0.01:
        assert seen([path]).preset == SMALL
        assert take_in([path], CONFIG, preset=SMALL).rows_quarantined == faults
    else:
        assert "genesys-wfm (0.98, 98% of its rows read)" in doubt([path])


def test_of_two_presets_that_fit_none_is_taken(tmp_path, monkeypatch):
    twin = {**known_sources(), "twin": load_preset(SMALL)[SMALL]}
    monkeypatch.setattr(wfm.io.guess.guessing, "known_sources", lambda: twin)
    assert "fits too" in doubt(sample(SMALL, tmp_path))


def test_files_of_two_systems_are_refused_with_both_named(tmp_path):
    hint = doubt([*sample(SMALL, tmp_path), *sample("five9-log", tmp_path)])
    assert "--preset genesys-wfm and --preset five9-log" in hint


def test_a_file_of_ours_among_those_of_a_preset_is_refused(tmp_path):
    ours = tmp_path / "ours.csv"
    ours.write_text("queue,interval_start,offered\nbilling,2026-03-02T09:00Z,1\n", encoding="utf-8")
    for paths in ([*sample(SMALL, tmp_path), ours], [ours, *sample(SMALL, tmp_path)]):
        hint = doubt(paths)
        assert "ours.csv has the columns of our table history, another file has not" in hint


def test_every_file_is_looked_at(tmp_path):
    (path,) = sample(SMALL, tmp_path)
    text = path.read_text(encoding="utf-8")
    other = tmp_path / "other.csv"
    other.write_text(text, encoding="utf-8")
    assert seen([path, other]).preset == SMALL
    other.write_text(text.replace("2026-", "year "), encoding="utf-8")
    assert "other.csv looks like preset genesys-wfm" in doubt([path, other])


def test_strangers_and_our_columns_written_otherwise_are_sent_to_sniff(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    assert "`wfm import --sniff FILE` says which" in doubt([path])
    path.write_text("Queue,Interval_Start,OFFERED\nbilling,2026-03-02T09:00Z,1\n", encoding="utf-8")
    assert "our table history, written otherwise" in doubt([path])
