"""A backtest in parts, here or in other processes, is the backtest of all queues at once."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wfm.cli.working import FEW_QUEUES, at_work
from wfm.config import Config
from wfm.errors import DataError
from wfm.executor import Effort, Processes
from wfm.forecast import backtest
from wfm.pipeline import Direct, LostError, Pooled, Question, Work, backtest_in_parts

QUEUES = ("bills", "calls", "mail", "orders", "young")
QUESTION = Question(7, 2, ("seasonal_naive",))
POOL = Pooled(Processes(2), Effort(retries=0))


def centre() -> tuple[pd.DataFrame, Config]:
    """Return five weeks of five queues, the last of which is young and like the first."""
    queues: dict[str, Any] = {name: {"hours": "Mon-Sun 08:00-10:00", "asa_s": 30} for name in QUEUES}
    queues["young"]["like"] = "bills"
    config = Config.model_validate({"centre": {"timezone": "Europe/Berlin"}, "queues": queues})
    days = pd.date_range("2026-01-05", periods=35, tz="Europe/Berlin")
    starts = pd.DatetimeIndex([day + pd.Timedelta(minutes=480 + 15 * n) for day in days for n in range(8)])
    rng = np.random.default_rng(3)
    rows = [
        pd.DataFrame(
            {
                "queue": name,
                "interval_start": starts.tz_convert("UTC"),
                "offered": rng.poisson(9, len(starts)),
            }
        ).iloc[-56 if name == "young" else 0 :]
        for name in QUEUES
    ]
    return pd.concat(rows, ignore_index=True), config


@pytest.mark.parametrize("work", [Direct(), POOL], ids=["here", "two processes"])
def test_queues_in_parts_have_the_scores_of_all_at_once(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wfm.pipeline.queue_parts.QUEUES_TOGETHER", 2)
    history, config = centre()
    expected = backtest(history, config, horizon_days=7, origins=2, models=QUESTION.models)
    found = backtest_in_parts(history, config, QUESTION, None, work)
    pd.testing.assert_frame_equal(found.scores, expected.scores)
    pd.testing.assert_frame_equal(found.parts, expected.parts)
    assert set(found.scores["queue"]) == set(QUEUES)


def test_an_unknown_queue_of_an_event_is_told_once_and_before_any_work() -> None:
    history, config = centre()
    begin = pd.Timestamp("2026-01-10", tz="UTC")
    row = {
        "name": "fair",
        "queue": "nobody",
        "from": begin,
        "to": begin + pd.Timedelta(days=1),
        "kind": "closed",
    }
    events = pd.DataFrame([row])
    with pytest.raises(DataError, match="nobody"):
        backtest_in_parts(history, config, QUESTION, events, Direct())


@pytest.mark.parametrize(
    ("queues", "workers", "kind"),
    [(FEW_QUEUES, 0, Direct), (FEW_QUEUES + 1, 0, Pooled), (FEW_QUEUES + 1, 1, Direct)],
)
def test_a_command_starts_workers_for_many_queues_only(
    tmp_path: Path, queues: int, workers: int, kind: type
) -> None:
    names = {f"q{number}": {"asa_s": 30} for number in range(queues)}
    config = Config.model_validate({"queues": names, "compute": {"workers": workers}})
    with at_work(config, tmp_path / "wfm.toml", "backtest") as work:
        assert type(work) is kind


def _odd(part: int) -> int:
    if part == 3:
        raise ValueError("three")
    if part == 5:
        os._exit(9)
    return part


def test_a_pool_gives_results_in_the_order_of_the_parts_and_raises_what_a_part_raises() -> None:
    shares: list[float] = []
    pool = Pooled(Processes(2), Effort(retries=0), shares.append)
    assert [one.result for one in pool.each("odd", _odd, [4, 2, 9])] == [4, 2, 9]
    assert shares == pytest.approx([1 / 3, 2 / 3, 1])
    with pytest.raises(ValueError, match="three"):
        pool.each("odd", _odd, [1, 3])
    with pytest.raises(LostError, match="its worker died, once"):
        pool.each("odd", _odd, [5, 5])
