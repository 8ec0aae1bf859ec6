"""The real month of bench/replay.py: its estimates, and that days not fitted come out as recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench.replay import HALF, Month, fitted_away
from bench.replay_callers import overtaking
from bench.replay_figures import RATIOS, half_width, periods, ratio
from bench.replay_log import Floats, Gap, Log, Turn, mean_patience_s, present, read_log, seen, survival
from bench.replay_plain import Calls, Loop, as_simulated, draw_patience, play_plainly
from bench.replay_play import counted, hourly, play

ABANDONED_POINTS, DAY_POINTS, WAIT_SHARE = 0.02, 0.025, 0.2


def waits(*pairs: tuple[float, bool]) -> Log:
    """Return calls that waited so long and were answered, or hung up."""
    wait, answered = (np.array(column) for column in zip(*pairs, strict=True))
    none = np.zeros(len(wait), dtype=np.int64)
    return Log(np.zeros(len(wait)), wait.astype(float), np.zeros(len(wait)), answered, none, none, none)


@pytest.fixture(scope="module")
def month(shared: Path) -> Month:
    path = shared / "data" / "anonymous_bank_feb1999_calls.csv.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    return Month(read_log(path))


def of_half(figures: Floats, name: str) -> tuple[float, float]:
    """Return a ratio of both halves, of (..., HOURS, FIGURES)."""
    sums = figures.reshape(-1, *figures.shape[-2:]).sum(axis=0)
    first, second = (ratio(half.sum(axis=0), name) for half in (sums[:HALF], sums[HALF:]))
    return float(first), float(second)


def test_patience_curve_by_hand() -> None:
    log = waits((10, False), (20, True), (30, False), (40, True))
    assert survival(log, np.array([0.0, 10, 20, 30, 99])) == pytest.approx([1, 3 / 4, 3 / 4, 3 / 8, 3 / 8])
    assert mean_patience_s(log) == 50


def test_patience_is_drawn_by_its_curve_and_beyond_what_was_waited() -> None:
    random = np.random.default_rng(1)
    true, given = random.weibull(0.6, 40_000) * 200, random.exponential(150, 40_000)
    log = waits(*zip(np.minimum(true, given).tolist(), (given < true).tolist(), strict=True))
    drawn = draw_patience(random, log, np.zeros(40_000))
    for quantile in (0.2, 0.5, 0.7):
        assert np.quantile(drawn, quantile) == pytest.approx(np.quantile(true, quantile), rel=0.05, abs=1.5)
    assert (draw_patience(random, log, np.full(1000, 60.0)) >= 60).all()


def test_an_agent_is_away_in_long_gaps_and_while_calls_wait() -> None:
    gaps = [Gap(0, 10, 20, 9), Gap(0, 30, 90, 0), Gap(0, 95, 99, 0)]
    turns = [Turn(0, 0, 100, gaps)]
    assert present(turns, 1, longest_gap_s=50, longest_line_s=5) == [[(0, 10), (20, 30), (90, 100)]]
    assert present(turns, 1, np.inf, np.inf) == [[(0, 100)]]


def test_a_head_start_is_worth_its_seconds_and_no_more() -> None:
    calls = Calls(
        arrived_s=np.array([0.0, 5, 60, 100]),
        takes_s=np.array([200.0, 10, 10, 10]),
        patience_s=np.full(4, np.inf),
        line=np.zeros(4, dtype=np.int64),
        head_start_s=np.array([0.0, 0, 90, 90]),
    )
    wait, answered = Loop(calls, [[(0.0, 1000.0)]], np.ones((1, 1), dtype=np.bool_)).run()
    assert answered.all()
    assert wait.tolist() == [0, 210 - 5, 200 - 60, 220 - 100]  # the last came 95 s after the second


@pytest.mark.real_data
def test_no_call_of_the_log_is_lost(month: Month) -> None:
    log = month.log
    assert hourly(log)[:, RATIOS["abandonment"][1]].sum() == len(log.kind) == 27_162 + 3_963
    assert log.answered.sum() == 27_162


@pytest.mark.real_data
def test_nobody_is_present_less_than_on_calls_nor_on_calls_outside(month: Month) -> None:
    on_calls = month.log.takes_s[month.log.agent >= 0].sum()
    for gap_s, line_s in ((np.inf, np.inf), (1800, np.inf), (np.inf, 60), (300, 30)):
        hours = sum(end - begin for own in month.present(gap_s, line_s) for begin, end in own)
        assert hours >= on_calls * 0.99  # a few calls of one agent overlap in the log
    assert seen(month.log, 1800.0).sum() * 1800 >= on_calls


@pytest.mark.real_data
def test_priority_was_worth_ninety_seconds(month: Month) -> None:
    sooner = overtaking(month.log, 2, 1, (0, 85, 95, 400))
    assert sooner[0] > 0.7
    assert sooner[2] < 0.05


@pytest.fixture(scope="module")
def both(month: Month) -> tuple[Floats, Floats]:
    """Return the figures of each replication by the kernels and by the plain loop."""
    base = month.base()
    plain = play_plainly(as_simulated(base), base.presence, base.takes, 6)
    return play(base, 12).sum(axis=(1, 2)), plain.sum(axis=(1, 2))


@pytest.mark.real_data
@pytest.mark.parametrize("name", RATIOS)
def test_the_kernels_agree_with_the_plain_loop(both: tuple[Floats, Floats], name: str) -> None:
    ours, plain = both
    apart = ratio(ours.sum(axis=0), name) - ratio(plain.sum(axis=0), name)
    assert abs(apart) < 1.5 * np.hypot(half_width(ours, name), half_width(plain, name))


@pytest.mark.real_data
def test_days_not_fitted_come_out_as_recorded(month: Month) -> None:
    """The share of time lost is fitted to the abandonment of the first half; the second half is judged."""
    found = play(month.paused(fitted_away(month, 8)), 16)
    _, recorded = of_half(month.recorded, "abandonment")
    assert of_half(found, "abandonment")[1] == pytest.approx(recorded, abs=ABANDONED_POINTS)
    assert of_half(found, "asa_s")[1] == pytest.approx(of_half(month.recorded, "asa_s")[1], rel=WAIT_SHARE)
    days = periods(found, month.recorded, (14, 28), 1)
    distance = [abs(day["abandonment"][0] - day["abandonment"][1]) for day in days]
    assert np.average(distance, weights=[day["calls"] for day in days]) < DAY_POINTS


@pytest.mark.real_data
def test_agents_seen_in_a_half_hour_are_not_agents_there_for_all_of_it(month: Month) -> None:
    staffed = month.staffed(counted(seen(month.log, 1800.0), 1800.0))
    assert of_half(play(staffed, 4), "abandonment")[1] < 0.6 * of_half(month.recorded, "abandonment")[1]
