"""The stop rule of stale data: a night does not plan from a history that should be longer by now.

Stale is a history without rows in the last opening hours that ended `[nightly] max_age_h` ago; nights,
weekends and public holidays of the queues' calendars do not age it. Judged at --as-of, else at [nightly] now,
else by the clock: the only place where the clock has a say.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from wfm.calendars import public_holidays
from wfm.config import Config, Queue
from wfm.errors import ConfigError, DataError, Fault
from wfm.hours import parse_hours
from wfm.localtime import instant, interval_grid, local_dates, open_mask

LOOK_BACK_DAYS = 14


def judged_at(config: Config, as_of: pd.Timestamp | None) -> tuple[pd.Timestamp, str]:
    """Return the moment freshness is judged at, and where it comes from."""
    if as_of is not None:
        return as_of, "--as-of"
    if config.nightly.now is None:
        return pd.Timestamp(datetime.now(UTC)), "the clock"
    try:
        moment = datetime.fromisoformat(config.nightly.now)
    except ValueError as error:
        fault = Fault("not a time", "write 2026-03-02T03:30", column="nightly.now", value=config.nightly.now)
        raise ConfigError([fault]) from error
    aware = moment if moment.tzinfo is not None else instant(moment, config.centre.timezone)
    return pd.Timestamp(aware), "[nightly] now"


def check_fresh(history: pd.DataFrame, config: Config, moment: pd.Timestamp) -> None:
    """Raise DataError when the history ends before hours that it should have by `moment`."""
    limit = moment - pd.Timedelta(hours=config.nightly.max_age_h)
    known = set(history["queue"].unique())  # a queue without any row is a gap of the plan, not stale data
    alike = {_rhythm(queue): queue for name, queue in config.queues.items() if name in known}
    due = [last for queue in alike.values() if (last := _last_open(queue, config, limit)) is not None]
    if due and history["interval_start"].max() < max(due):
        end = history["interval_start"].max().isoformat()
        fault = Fault(f"the history ends at {end}, contacts of {max(due).isoformat()} should be in it by now")
        hint = "look at the import; [nightly] max_age_h sets the patience"
        raise DataError([fault], source="stale data", hint=hint)


def _rhythm(queue: Queue) -> tuple[object, ...]:
    """Return what the last opening hours of a queue depend on: large centres have few of these."""
    return queue.timezone, queue.hours, queue.holidays


def _last_open(queue: Queue, config: Config, limit: pd.Timestamp) -> pd.Timestamp | None:
    """Return the start of the queue's last interval, holidays aside, that had ended by `limit`."""
    last = local_dates(pd.Series([limit]), queue.timezone).iloc[0].date()
    first = last - timedelta(days=LOOK_BACK_DAYS)
    starts = interval_grid(first, last, queue.timezone, config.centre.interval_min)
    starts = starts[starts + pd.Timedelta(minutes=config.centre.interval_min) <= limit]
    starts = starts[open_mask(starts, parse_hours(queue.hours), queue.timezone)]
    if queue.holidays and len(starts):
        festive = pd.DatetimeIndex(sorted(public_holidays(queue.holidays, (first.year, last.year))))
        starts = starts[~local_dates(starts.to_series(), queue.timezone).isin(festive).to_numpy()]
    return starts[-1] if len(starts) else None
