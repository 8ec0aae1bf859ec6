"""Expected contacts per interval of one week, with bands, over the same weekdays of the week before."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.report import paths, wording
from wfm.report.chart import WIDE, Chart, Mark, day_axis, days_since, open_span, vertical_axis
from wfm.report.paths import Floats, Scale
from wfm.report.selection import QueueRows

WEEK_DAYS = 7
BACK = pd.Timedelta(days=WEEK_DAYS)
PANELS = Scale(0, WEEK_DAYS, WIDE.left, WIDE.right)
DIVIDERS = paths.rules(PANELS(np.arange(1.0, WEEK_DAYS)).tolist(), WIDE.top, WIDE.bottom, across=False)


def week_chart(queue: QueueRows, week: pd.DatetimeIndex) -> Chart | None:
    """Return seven day panels in a row, each of the queue's open hours; None where nothing is forecast."""
    ahead = queue.forecast[queue.forecast["date"].isin(week)]
    if ahead.empty:
        return None
    span = open_span(ahead, queue.interval_min)
    before = queue.history[queue.history["date"].isin(week - BACK)]
    before = before[before["minute"].between(span[0], span[1] - 1)]
    highest = max(ahead["offered_p975"].max(), before["offered"].max() if len(before) else 0.0)
    up, y_ticks = vertical_axis(float(highest), WIDE)
    marks = [
        *_bands(ahead, week, span, up, queue.interval_min),
        Mark("history-line", _line(before, week - BACK, span, up, queue.interval_min)),
        Mark("forecast-line", _line(ahead, week, span, up, queue.interval_min)),
    ]
    return Chart(
        anchor=f"queue-{queue.number}-week",
        title=f"Contacts per {queue.interval_min} minutes in the week from {wording.day(week[0])}",
        description=_words(ahead, queue),
        unit=f"contacts per {queue.interval_min} min",
        frame=WIDE,
        marks=[mark for mark in marks if mark.path],
        x_ticks=day_axis(week[0], WEEK_DAYS, PANELS),
        y_ticks=y_ticks,
        dividers=DIVIDERS,
    )


def _bands(
    ahead: pd.DataFrame, week: pd.DatetimeIndex, span: tuple[float, float], up: Scale, interval_min: int
) -> list[Mark]:
    x, pieces = places(ahead, week, span, interval_min)
    level = {name: up(ahead[f"offered_{name}"].to_numpy()) for name in ("p025", "p10", "p90", "p975")}
    return [
        Mark("band-95", paths.area(x, level["p025"], level["p975"], pieces)),
        Mark("band-80", paths.area(x, level["p10"], level["p90"], pieces)),
    ]


def _line(
    rows: pd.DataFrame, week: pd.DatetimeIndex, span: tuple[float, float], up: Scale, interval_min: int
) -> str:
    x, pieces = places(rows, week, span, interval_min)
    return paths.line(x, up(rows["offered"].to_numpy()), pieces)


def places(
    rows: pd.DataFrame, week: pd.DatetimeIndex, span: tuple[float, float], interval_min: int
) -> tuple[Floats, list[tuple[int, int]]]:
    """Return the middles of the intervals in a row of seven day panels, and the unbroken pieces."""
    within = (rows["minute"].to_numpy() + interval_min / 2 - span[0]) / (span[1] - span[0])
    x = PANELS(days_since(week[0], rows["date"]) + within)
    follows = rows["local"].diff() == pd.Timedelta(minutes=interval_min)
    same_day = rows["date"].diff() == pd.Timedelta(0)
    return x, paths.runs(~(follows & same_day).to_numpy())


def _words(ahead: pd.DataFrame, queue: QueueRows) -> str:
    peaks = ahead.loc[ahead.groupby("date")["offered"].idxmax()]
    words = (
        f"{wording.day(row['date'].date())}: peak {wording.number(row['offered'], 1)} at {row['local']:%H:%M}"
        for row in peaks.to_dict("records")
    )
    return "; ".join(words) + f". Times in {queue.timezone}."
