"""The stop rule of a volume that cannot be: a last day with next to no contacts, or many times too many.

An export that was cut, or loaded twice, looks like this, and no plan should be made of it. The last whole day
of the centre is compared with the medians of its queues on the same weekday of the eight weeks before.
Queues that an event touches on that day, or that have a public holiday, are left out.
"""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from wfm.calendars import public_holidays
from wfm.config import Config
from wfm.errors import DataError, Fault, count_of
from wfm.localtime import day_bounds, local_dates

WEEKS = 8
FEWEST_WEEKS = 4  # with fewer nobody knows what is usual
FEWEST_CONTACTS = 50  # on a usual day: of fewer, chance makes any share


def check_volume(
    history: pd.DataFrame, config: Config, until: pd.Timestamp, events: pd.DataFrame | None
) -> None:
    """Raise DataError when the last whole day before `until` is out of all proportion."""
    found = last_day(history, config, until, events)
    if found is None:
        return
    day, offered, usual = found
    low, high = config.nightly.min_volume, config.nightly.max_volume
    if low * usual <= offered <= high * usual:
        return
    contacts = count_of(f"{offered:.0f}", "contact")
    problem = f"{contacts} on {day.isoformat()}, {offered / usual:.0%} of a usual day ({usual:.0f})"
    hint = (
        f"look at the export of that day; [nightly] min_volume = {low:g} and max_volume = {high:g} set the"
        " limits, and an event of that day explains it"
    )
    raise DataError([Fault(problem)], source="a volume that cannot be", hint=hint)


def last_day(
    history: pd.DataFrame, config: Config, until: pd.Timestamp, events: pd.DataFrame | None
) -> tuple[date, float, float] | None:
    """Return the last whole local day before `until`, its contacts, and what is usual; None if unknown."""
    day = local_dates(pd.Series([until]), config.centre.timezone).iloc[0] - pd.Timedelta(days=1)
    offered = usual = 0.0
    for name, rows in history[history["interval_start"] < until].groupby("queue", sort=True):
        zone = config.queues[str(name)].timezone
        if _is_special(str(name), day, config, events):
            continue
        totals = rows.groupby(local_dates(rows["interval_start"], zone))["offered"].sum()
        before = [day - pd.Timedelta(weeks=week) for week in range(1, WEEKS + 1)]
        known = totals.reindex(before).dropna().to_numpy()
        if len(known) >= FEWEST_WEEKS:
            usual += float(np.median(known))
            offered += float(totals.get(day, 0.0))
    return (day.date(), offered, usual) if usual >= FEWEST_CONTACTS else None


def _is_special(name: str, day: pd.Timestamp, config: Config, events: pd.DataFrame | None) -> bool:
    """Return whether a public holiday or an event makes the day of a queue no usual one."""
    queue = config.queues[name]
    if queue.holidays and day.date() in public_holidays(queue.holidays, (day.year, day.year)):
        return True
    if events is None or events.empty:
        return False
    begin, end = day_bounds(day.date(), queue.timezone)
    own = events["queue"].isna() | events["queue"].isin(["", name])
    return bool((own & (events["from"] < end) & (events["to"] > begin)).any())
