"""From expected to actual contacts of one queue: arrivals, waits, fates and handle times, one row a contact.

Arrivals are Poisson given a rate that is itself random: a gamma factor for the day and one for the interval.
Live contacts wait as in a queue with exponential delays and exponential patience; the busier the interval is
against its expectation, the more of them and the longer. Times are whole seconds from the first interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.demo.cast import Handling, Traffic, Waiting
from wfm.demo.stream import gamma_factors
from wfm.hours import WeeklyHours
from wfm.localtime import open_mask

Seconds = NDArray[np.int64]
LARGEST_DELAYED_SHARE = 0.95
BUSY_EXPONENT = 3.0  # how steeply waits grow with the load
LONGEST_REPLY_DAYS = 28
GRID_MIN = 15


def contacts_of(
    expected: pd.DataFrame, traffic: Traffic, hours: WeeklyHours, timezone: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return contacts in order of arrival: `row` of `expected`, times in s since its first interval, outcome.

    `arrived`, `wait_s`, `talk_s`, `hold_s`, `acw_s` are whole seconds; the last three are 0 unless handled.
    """
    interval_s = int(expected["interval_start"].diff().min().total_seconds())
    begin = expected["interval_start"].iloc[0]
    starts = ((expected["interval_start"] - begin) // pd.Timedelta(seconds=1)).to_numpy()
    busy = _busyness(expected["date"], traffic, rng)
    counts = rng.poisson(expected["contacts"].to_numpy() * busy)
    row = np.repeat(np.arange(len(expected)), counts)
    arrived = np.sort(starts[row] + rng.integers(0, interval_s, len(row)))
    if traffic.waiting is None:
        wait_s = _replies(arrived, traffic, hours, timezone, begin, rng) - arrived
        outcome = np.full(len(row), "handled")
    else:
        wait_s, outcome = _waits(busy[row], traffic.waiting, rng)
    contacts = pd.DataFrame({"row": row, "arrived": arrived, "wait_s": wait_s, "outcome": outcome})
    return contacts.assign(**_handle_times(outcome == "handled", traffic.handling, rng))


def _busyness(dates: pd.Series, traffic: Traffic, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return the random factor of the rate for each interval."""
    day, _ = pd.factorize(dates)
    days = gamma_factors(rng, traffic.day_cv, int(day.max()) + 1)
    busy: NDArray[np.float64] = days[day] * gamma_factors(rng, traffic.interval_cv, len(day))
    return busy


def _waits(
    busy: NDArray[np.float64], waiting: Waiting, rng: np.random.Generator
) -> tuple[Seconds, NDArray[np.str_]]:
    """Return wait and outcome: whoever is delayed longer than patience lasts leaves."""
    steep = busy**BUSY_EXPONENT
    delayed = rng.random(len(busy)) < np.minimum(waiting.delayed * steep, LARGEST_DELAYED_SHARE)
    wait_s = np.where(delayed, rng.exponential(waiting.mean_s, len(busy)) * steep, 0.0)
    patience_s = rng.exponential(waiting.patience_s, len(busy))
    lasted_s = np.minimum(np.minimum(wait_s, patience_s), waiting.flow_out_after_s)
    outcome = np.select(
        [wait_s <= lasted_s, patience_s <= lasted_s], ["handled", "abandoned"], default="flow_out"
    )
    return np.ceil(lasted_s).astype(np.int64), outcome


def _replies(
    arrived: Seconds,
    traffic: Traffic,
    hours: WeeklyHours,
    timezone: str,
    begin: pd.Timestamp,
    rng: np.random.Generator,
) -> Seconds:
    """Return when deferred contacts are taken up: after a gamma-distributed working time."""
    if not len(arrived):
        return arrived
    end = begin + pd.Timedelta(seconds=int(arrived[-1])) + pd.Timedelta(days=LONGEST_REPLY_DAYS)
    grid = pd.date_range(begin, end, freq=f"{GRID_MIN}min", unit="us")
    clock_s = np.arange(len(grid)) * GRID_MIN * 60.0
    worked_s = np.concatenate([[0.0], np.cumsum(open_mask(grid[:-1], hours, timezone) * GRID_MIN * 60.0)])
    done_s = np.interp(arrived, clock_s, worked_s) + rng.gamma(2.0, traffic.reply_h * 1800, len(arrived)) + 1
    step = np.searchsorted(worked_s, done_s, side="left")  # working time reaches done_s within this step
    taken_up: Seconds = np.ceil(clock_s[step] - (worked_s[step] - done_s)).astype(np.int64)
    return taken_up


def _handle_times(
    handled: NDArray[np.bool_], handling: Handling, rng: np.random.Generator
) -> dict[str, Seconds]:
    size = len(handled)
    sigma = np.sqrt(np.log(1 + handling.talk_cv**2))
    talk_s = rng.lognormal(np.log(handling.talk_s) - sigma**2 / 2, sigma, size)
    held = rng.random(size) < handling.hold_share
    hold_s = np.where(held, rng.exponential(1.0, size) * handling.hold_s, 0.0)
    acw_s = rng.gamma(2.0, handling.acw_s / 2, size)
    times = {"talk_s": np.ceil(talk_s), "hold_s": np.round(hold_s), "acw_s": np.round(acw_s)}
    return {name: np.where(handled, seconds, 0).astype(np.int64) for name, seconds in times.items()}
