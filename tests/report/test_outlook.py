"""The figures of the first screen, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from tests.report.centre import config_of
from wfm.conform import conform
from wfm.io.run_folder import RunTables
from wfm.report import outlook, render, wording
from wfm.report.gaps import worst_spells
from wfm.report.selection import queue_rows
from wfm.tables import COVERAGE, HISTORY, REQUIREMENTS, SCORES

NINE = pd.Timestamp("2026-03-02T09:00+01:00")
CONFIG = config_of(["billing", "tech"])


def coverage_of(nets: list[float], queue: str = "billing", start: pd.Timestamp = NINE) -> pd.DataFrame:
    """Return coverage with 10 agents to schedule in each quarter of an hour from `start`."""
    rows = {
        "queue": queue,
        "interval_start": pd.date_range(start, periods=len(nets), freq="15min"),
        "agents_required": 9,
        "agents_to_schedule": 10,
        "agents_scheduled": [10 + net for net in nets],
        "net_staffing": nets,
    }
    return conform(pd.DataFrame(rows), COVERAGE)


def requirements_of(offered: list[float]) -> pd.DataFrame:
    rows = {
        "queue": "billing",
        "interval_start": pd.date_range(NINE, periods=len(offered), freq="15min"),
        "offered": offered,
        "aht_s": 180.0,
        "load": 2.0,
        "agents_required": 9,
        "agents_to_schedule": 10,
        "agents_gross": 12,
        "queue_model": "erlang_a",
    }
    return conform(pd.DataFrame(rows), REQUIREMENTS)


def test_hours_and_shares_of_a_queue_by_hand() -> None:
    run = RunTables(coverage=coverage_of([-2, 0, 1, -1]), requirements=requirements_of([5, 10, 15, 20]))
    (rows,) = queue_rows(run, CONFIG)
    found = outlook.queue_outlook(rows)
    assert found.required_h == 10
    assert found.understaffed_h == pytest.approx(0.75)
    assert found.overstaffed_h == pytest.approx(0.25)
    assert found.understaffed_share == pytest.approx(0.075)
    assert found.contacts == 50
    assert found.staffed_share == pytest.approx(0.5)


def test_a_spell_joins_consecutive_intervals_and_names_its_worst() -> None:
    run = RunTables(coverage=coverage_of([-1, -3, -2, 0, -2.5, 1]))
    first, second = worst_spells(queue_rows(run, CONFIG))
    assert (first.missing, first.worst_at, first.scheduled, first.to_schedule) == (3, "09:15", 7, 10)
    assert first.when.endswith("09:00\u201309:45")
    assert first.missing_h == pytest.approx(1.5)
    assert (second.missing, second.worst_at) == (2.5, "10:00")


def test_spells_are_at_most_ten_and_the_worst_ones() -> None:
    nets = np.resize([-0.2, 1.0], 40) * np.arange(1, 41)
    spells = worst_spells(queue_rows(RunTables(coverage=coverage_of(nets.tolist())), CONFIG))
    assert [spell.missing for spell in spells] == pytest.approx([n / 5 for n in range(39, 20, -2)])


def test_spells_stand_in_the_local_time_of_their_queue() -> None:
    run = RunTables(coverage=coverage_of([-1], start=pd.Timestamp("2026-07-01T22:00Z")))
    (spell,) = worst_spells(queue_rows(run, CONFIG))
    assert spell.when == f"Thu 2{wording.NBSP}Jul, 00:00\u201300:15"
    assert spell.timezone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("nets", "word"),
    [
        pytest.param([0.0] * 100, "Safe", id="nothing missing"),
        pytest.param([-10.0] + [0.0] * 99, "Safe", id="one hundredth"),
        pytest.param([-10.0] * 2 + [0.0] * 98, "Tight", id="two hundredths"),
        pytest.param([-10.0] * 6 + [0.0] * 94, "Short", id="six hundredths"),
    ],
)
def test_the_verdict_follows_the_share_of_missing_hours(nets: list[float], word: str) -> None:
    assert f"<strong>{word}</strong>" in render(RunTables(coverage=coverage_of(nets)), CONFIG)


def test_a_small_queue_that_nobody_serves_is_not_safe() -> None:
    small = coverage_of([-10.0], queue="tech")
    coverage = pd.concat([coverage_of([0.0] * 200), small], ignore_index=True)
    html = render(RunTables(coverage=coverage), CONFIG)
    assert "<strong>Short</strong>" in html
    assert f"100.0{wording.NBSP}% in \u2068tech\u2069, the worst queue" in html
    assert "Queue \u2068tech\u2069: no agent is scheduled for it." in html


@pytest.mark.parametrize(
    ("objective", "bound", "words"),
    [
        pytest.param(100.0, 97.6, f"at most 2.4{wording.NBSP}%", id="of the objective, as in the summary"),
        pytest.param(100.0, 97.59, f"at most 2.5{wording.NBSP}%", id="rounded up, so that it is true"),
        pytest.param(0.5, 0.25, f"at most 25.0{wording.NBSP}%", id="of 1 at least"),
        pytest.param(100.0, 100.0, "the best possible roster", id="proven"),
        pytest.param(0.0, 0.0, "the best possible roster", id="nothing left to save"),
        pytest.param(100.0, -5.0, "no useful bound", id="negative bound"),
        pytest.param(None, 100.0, "not known", id="no objective"),
    ],
)
def test_the_gap_is_said_in_words_that_hold(objective: float | None, bound: float, words: str) -> None:
    assert outlook.gap_words(objective, bound) == words


def test_the_first_screen_says_what_the_gap_is_in_paid_hours() -> None:
    figures = {"objective": 8400.0, "bound": 8205.5, "gap": (8400.0 - 8205.5) / 8400.0}
    html = render(RunTables(summary={**figures, "gap_h": 48.61}), CONFIG)
    assert f"of the objective could still be saved (48.7{wording.NBSP}h paid)" in html
    without = render(RunTables(summary={**figures, "gap_h": None}), CONFIG)
    assert "of the objective could still be saved, by the proven" in without


@pytest.mark.parametrize(
    ("value", "text"),
    [(48.61, "48.7"), (48.6, "48.6"), (999.99, "1,000"), (1000.2, "1,001"), (0.0, "0.0")],
    ids=str,
)
def test_hours_of_at_most_are_rounded_up(value: float, text: str) -> None:
    assert wording.hours_at_most(value) == f"{text}{wording.NBSP}h"


def test_a_queue_silent_for_over_a_week_is_named() -> None:
    stamps = pd.date_range(NINE, periods=9, freq="D")
    rows = [{"queue": "billing", "interval_start": stamp, "offered": 5.0} for stamp in stamps]
    rows += [{"queue": "tech", "interval_start": stamp, "offered": 5.0 * (stamp == NINE)} for stamp in stamps]
    html = render(RunTables(history=conform(pd.DataFrame(rows), HISTORY), summary={}), CONFIG)
    assert f"Queue \u2068tech\u2069: silent since Mon 2{wording.NBSP}Mar, 09:00 (Europe/Berlin)." in html
    assert "billing\u2069: silent" not in html


def test_the_error_shown_is_that_of_the_model_in_use() -> None:
    scores = [
        {"queue": "billing", "model": model, "wape": wape, "noise_floor": 0.08, "chosen": chosen}
        | {"origins": 4, "intervals": 100, "contacts": 1000.0}
        for model, wape, chosen in (("naive", 0.05, False), ("median", 0.123, True))
    ]
    run = RunTables(scores=conform(pd.DataFrame(scores), SCORES))
    (rows,) = queue_rows(run, CONFIG)
    found = outlook.queue_outlook(rows)
    assert (found.wape, found.noise_floor) == (0.123, 0.08)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(wording.number(-1234.56, 1), "\u22121,234.6", id="sign and separators"),
        pytest.param(wording.number(-0.04, 1), "0.0", id="no negative zero"),
        pytest.param(wording.number(math.nan), "\u2013", id="missing"),
        pytest.param(wording.seconds(239.9), f"4{wording.NBSP}min", id="no sixty seconds"),
        pytest.param(wording.seconds(20), f"20{wording.NBSP}s", id="seconds"),
        pytest.param(wording.hours(1234.4), f"1,234{wording.NBSP}h", id="whole hours"),
        pytest.param(wording.signed(0.04, 1), "0.0", id="zero has no plus"),
        pytest.param(wording.printable("a\x00\nb"), "a\ufffd\ufffdb", id="control characters"),
    ],
)
def test_numbers_read_as_people_write_them(text: str, expected: str) -> None:
    assert text == expected
