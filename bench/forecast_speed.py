"""How fast forecasts are made: many queues of 26 weeks of half hours, on one thread, warm, median of PASSES.

`series_per_s_core`: cleaning, calendar, profile and day regression with bands, two weeks ahead, from what is
known of each queue as arrays. `series_per_s_full`: that and the models of the mean, at the last day and at
the origins of a backtest, the choice and calibrated bands. `file_to_file`: `wfm forecast` of 200 queues from
Parquet to Parquet in a process of its own, table checks, backtest and scores included: wall and CPU seconds
and memory.

The queues are made (seeded): a weekday level, a hump over 24 hours, days that differ by 6 %, Poisson counts.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from wfm.config import Config, build_config
from wfm.conform import conform, empty
from wfm.forecast.bands import quantiles
from wfm.forecast.candidates import candidates
from wfm.forecast.cases import Cases, stacked
from wfm.forecast.learning import learn
from wfm.forecast.queue_forecast import QUEUES_TOGETHER, calibrated, expected_contacts, tested_queues
from wfm.forecast.registry import model
from wfm.forecast.sources import QueueSource, Span, default_as_of, queue_sources
from wfm.io.tables import write_table
from wfm.localtime import interval_grid
from wfm.tables import EVENTS, HISTORY

PASSES = 5
QUEUES, MANY_QUEUES = 64, 200
WEEKS, INTERVAL_MIN, HORIZON_DAYS = 26, 30, 14
TIMEZONE = "Europe/Berlin"
USUAL_ERROR = 0.12
WEEKDAY_LEVEL = np.array([1.3, 1.1, 1.0, 1.0, 0.9, 0.6, 0.5])


def speed() -> dict[str, Any]:
    """Return series per CPU second, and what 200 queues take from file to file."""
    config = configuration(QUEUES)
    known = conform(history(QUEUES), HISTORY)
    items, _ = queue_sources(
        known, config, Span(default_as_of(known, INTERVAL_MIN), HORIZON_DAYS, empty(EVENTS))
    )
    arrays = [
        stacked([item.source.case(item.future[0], HORIZON_DAYS) for item in some]) for some in together(items)
    ]
    return {
        "series_per_s_core": rate(lambda: core(arrays)),
        "series_per_s_full": rate(lambda: full(items, config)),
        "file_to_file": file_to_file(),
    }


def core(arrays: list[Cases]) -> None:
    """Forecast all queues with one model and bands."""
    for some in arrays:
        learned = learn(some)
        made = model("day_regression")(learned.learning) * learned.future_factor
        error = np.full(made.size, USUAL_ERROR)
        quantiles(made.ravel(), error, error)


def full(items: list[QueueSource], config: Config) -> None:
    """Forecast all queues with the mean, backtest, choice and calibrated bands."""
    field = candidates(())
    for some in together(items):
        for tested in tested_queues(some, field, config.forecast.backtest_origins, None):
            of_interval, _ = calibrated(tested.rolled, tested.choice)
            made = expected_contacts(tested, field)
            day = np.broadcast_to(np.arange(len(made))[:, None], made.shape).ravel()
            quantiles(made.ravel(), *of_interval.of_day(day))


def together(items: list[QueueSource]) -> list[list[QueueSource]]:
    """Return the queues in the groups in which forecasts are made."""
    return [items[begin : begin + QUEUES_TOGETHER] for begin in range(0, len(items), QUEUES_TOGETHER)]


def rate(job: Callable[[], None]) -> float:
    """Return the queues that a job forecasts per CPU second."""
    job()
    found = []
    for _ in range(PASSES):
        begun = time.process_time()
        job()
        found.append(QUEUES / (time.process_time() - begun))
    return round(statistics.median(found), 1)


def history(queues: int) -> pd.DataFrame:
    """Return the history of made queues."""
    first = pd.Timestamp("2026-01-05")
    last = first + pd.Timedelta(days=7 * WEEKS - 1)
    starts = interval_grid(first.date(), last.date(), TIMEZONE, INTERVAL_MIN)
    local = starts.tz_convert(TIMEZONE)
    hour = np.asarray(local.hour + local.minute / 60)
    usual = WEEKDAY_LEVEL[local.day_of_week] * (1 + 0.8 * np.sin((hour - 7) / 24 * 2 * np.pi))
    number = np.asarray((local.tz_localize(None).normalize() - first).days)
    rng = np.random.default_rng(1)
    parts = []
    for queue in range(queues):
        mean = rng.lognormal(3, 0.7) * usual * rng.lognormal(0, 0.06, 7 * WEEKS)[number]
        offered = rng.poisson(mean).astype(float)
        parts.append(pd.DataFrame({"queue": name(queue), "interval_start": starts, "offered": offered}))
    return pd.concat(parts, ignore_index=True)


def name(queue: int) -> str:
    return f"queue_{queue:03d}"


def configuration(queues: int) -> Config:
    """Return the configuration of made queues."""
    return build_config(document(queues))


def document(queues: int) -> dict[str, Any]:
    keys = {"hours": "", "holidays": "DE", "service_level": 0.8, "aht_s": 180}
    centre = {"timezone": TIMEZONE, "interval_min": INTERVAL_MIN}
    return {"centre": centre, "queues": {name(queue): keys for queue in range(queues)}}


def file_to_file() -> dict[str, float]:
    """Return wall and CPU seconds and peak memory (MiB) of `wfm forecast` over 200 queues."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_table(conform(history(MANY_QUEUES), HISTORY), HISTORY, home / "history.parquet")
        (home / "wfm.toml").write_text(toml(document(MANY_QUEUES)))
        command = [sys.executable, "-m", "wfm", "forecast", "history.parquet", "-o", "forecast.parquet"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        begun = time.monotonic()
        subprocess.run([*command, "--horizon", "2w"], cwd=home, check=True, capture_output=True)
        wall_s = time.monotonic() - begun
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": round(wall_s, 2), "cpu_s": round(cpu_s, 2), "mib": round(after.ru_maxrss / 1024)}


def toml(sections: dict[str, Any]) -> str:
    """Return the two levels of sections that `document` makes."""
    lines = ["[centre]", *(assigned(key, value) for key, value in sections["centre"].items())]
    for queue, keys in sections["queues"].items():
        lines += [f"[queues.{queue}]", *(assigned(key, value) for key, value in keys.items())]
    return "\n".join(lines) + "\n"


def assigned(key: str, value: object) -> str:
    return f"{key} = " + (f'"{value}"' if isinstance(value, str) else str(value))
