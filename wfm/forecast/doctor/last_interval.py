"""Acceptance check 9: is the last interval of a history complete?

Neither a log nor an export says when it was made. If a queue is open on when the last interval ends, it may
have been made inside it; a history that ends at midnight, at closing time or with later records was not.
"""

from __future__ import annotations

import pandas as pd

from wfm.config import Config
from wfm.forecast.calendar import opening, queue_calendar
from wfm.forecast.doctor.checks import Check, Place
from wfm.forecast.sources import default_as_of
from wfm.hours import DAY_MIN
from wfm.localtime import zone


def last_interval(history: pd.DataFrame, config: Config, last_stamp: pd.Timestamp | None) -> Check:
    """Return check 9 of HISTORY; `last_stamp` is the latest instant of the logs behind it, if any."""
    if history.empty:
        return Check(9, "not applicable", "no row could be read")
    end = default_as_of(history, config.centre.interval_min)
    start = end - pd.Timedelta(minutes=config.centre.interval_min)
    place = zone(config.centre.timezone)
    begins, ends = (f"{moment.tz_convert(place):%Y-%m-%dT%H:%M%z}" for moment in (start, end))
    going_on = [queue for queue in sorted(history["queue"].unique()) if _goes_on(queue, config, end)]
    if last_stamp is not None and last_stamp >= end:
        return Check(9, "ok", f"the last interval ends at {ends}, and records go on after it")
    if not going_on:
        return Check(9, "ok", f"the last interval ends at {ends}: at midnight, or when no queue is open")
    text = (
        f"the last interval, {begins} to {ends}, may be incomplete: at its end queues are still open. "
        f"Nothing is dropped; if the file was made before its end, forecast with --as-of {begins}"
    )
    date = f"{start.tz_convert(place):%Y-%m-%d}"
    return Check(9, "look", text, tuple(Place(queue=queue, dates=(date,)) for queue in going_on))


def _goes_on(name: str, config: Config, moment: pd.Timestamp) -> bool:
    """Return whether a queue is open at an instant that is not its midnight."""
    queue, interval_min = config.queues[name], config.centre.interval_min
    local = moment.tz_convert(zone(queue.timezone)).tz_localize(None)
    minute = local.hour * 60 + local.minute
    if minute % DAY_MIN == 0:
        return False
    dates = pd.DatetimeIndex([local.normalize()])
    is_open = opening(dates, queue_calendar(name, queue, interval_min, dates, {}))
    return bool(is_open[0, minute // interval_min])
