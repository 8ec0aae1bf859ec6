"""What a planner should know about a queue's forecast: what was masked, what was assumed, what is thin."""

from __future__ import annotations

import numpy as np

from wfm.errors import count_of
from wfm.forecast.rolling import Made, Rolled
from wfm.forecast.sources import QueueSource

SHORT_HISTORY_DAYS = 28
OLD_HISTORY_DAYS = 7
LONGEST_GAP_DAYS = 28
MOST_DATES = 8


def queue_notes(item: QueueSource, made: Made, backtest: Rolled) -> tuple[str, ...]:
    """Return notes in words, without the queue's name."""
    calendar = item.source.case(item.future[0], len(item.future)).notes
    return (*calendar, *made.learned.event_notes[made.row], *_masked(made), *_thin(item, made, backtest))


def _masked(made: Made) -> list[str]:
    cleaning, learning = made.learned.cleaning, made.learned.learning
    day = learning.day[made.row, : learning.known_days]
    down, spike, odd = cleaning.down[made.row], cleaning.spike[made.row], cleaning.odd[made.row]
    notes = []
    if down.any():
        days = _dates(day[down.any(axis=1)])
        notes.append(
            f"{count_of(int(down.sum()), 'interval')} of zero read as outage and not learnt from: {days}"
        )
    if spike.any():
        days = _dates(day[spike.any(axis=1)])
        notes.append(f"{count_of(int(spike.sum()), 'interval')} far above the usual not learnt from: {days}")
    if odd.any():
        notes.append(
            f"{count_of(int(odd.sum()), 'day')} far from their neighbours not learnt from: {_dates(day[odd])}"
        )
    level = cleaning.level[made.row]
    if level[0] != 1.0:
        since = day[level == 1.0][0]
        notes.append(f"the level changed by {level[0] - 1:+.0%} on about {_dates(np.array([since]))}")
    return notes


def _dates(days: np.ndarray) -> str:
    named = ", ".join(str(day) for day in days[:MOST_DATES].astype("datetime64[D]"))
    return named + (f" and {len(days) - MOST_DATES} more" if len(days) > MOST_DATES else "")


def _gap(item: QueueSource) -> list[str]:
    """Return a note on the longest gap of the history, if it is long; a stray row far away makes one too."""
    known = np.flatnonzero(item.source.grid.observed)
    if len(known) < 2:
        return []
    step = np.diff(known)
    if step.max() <= LONGEST_GAP_DAYS:
        return []
    dates = item.source.grid.dates
    last, back = (str(dates[known[step.argmax() + at]].date()) for at in (0, 1))
    return [f"no row between {last} and {back}, {count_of(int(step.max()) - 1, 'day')}; is a date wrong?"]


def _thin(item: QueueSource, made: Made, backtest: Rolled) -> list[str]:
    """Return notes on a history that is short, old or silent."""
    days = int(item.source.grid.observed.sum())
    notes = []
    grid = item.source.grid
    last = grid.dates[np.flatnonzero(grid.observed)[-1]] if grid.observed.any() else grid.dates[-1]
    late = int((item.future[0] - last).days) - 1
    if late >= OLD_HISTORY_DAYS:
        notes.append(f"the history ends {count_of(late, 'day')} before the forecast begins")
    notes += _gap(item)
    if days < SHORT_HISTORY_DAYS:
        notes.append(f"short history of {count_of(days, 'day')}, scored at {backtest.origins} origins")
    if not np.nansum(made.learned.learning.offered[made.row]) > 0:
        notes.append("no contact to learn from on an ordinary day: the forecast is zero")
    return notes
