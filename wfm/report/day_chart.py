"""Day totals of a queue as bars: recent history, then the forecast with its 80 % and 95 % ranges."""

from __future__ import annotations

import pandas as pd

from wfm.report import paths, wording
from wfm.report.chart import WIDE, Chart, Mark, day_axis, days_since, vertical_axis
from wfm.report.paths import Floats, Scale
from wfm.report.selection import QueueRows

HISTORY_DAYS = 56


def day_chart(queue: QueueRows) -> Chart | None:
    """Return the chart of a queue; None where nothing is forecast. Days are local dates of the queue."""
    ahead = _day_totals(queue)
    if ahead.empty:
        return None
    today = ahead["date"].min()
    past = _recent_totals(queue, today)
    begin = past.index.min() if len(past) else today
    count = (ahead["date"].max() - begin).days + 1
    across = Scale(0, count, WIDE.left, WIDE.right)
    highest = max(past.max() if len(past) else 0.0, ahead[["offered", "offered_p975"]].max().max())
    up, y_ticks = vertical_axis(float(highest), WIDE)
    past_days, days = (today - begin).days, days_since(begin, ahead["date"])
    return Chart(
        anchor=f"queue-{queue.number}-days",
        title=f"Contacts per day: {past_days} days of history, {count - past_days} days ahead",
        description=_words(past, ahead),
        unit="contacts per day",
        frame=WIDE,
        marks=[
            Mark("history-bar", _bars(days_since(begin, past.index), past.to_numpy(), across, up)),
            Mark("forecast-bar", _bars(days, ahead["offered"].to_numpy(), across, up)),
            *_ranges(days, ahead, across, up),
        ],
        x_ticks=day_axis(begin, count, across),
        y_ticks=y_ticks,
    )


def _day_totals(queue: QueueRows) -> pd.DataFrame:
    """Return the day totals; where the run has none, the sums of the intervals, without bands."""
    if len(queue.days) or queue.forecast.empty:
        return queue.days
    sums = queue.forecast.groupby("date")[["offered"]].sum().reset_index()
    return sums.reindex(columns=queue.days.columns)


def _recent_totals(queue: QueueRows, today: pd.Timestamp) -> pd.Series:
    totals = queue.history.groupby("date")["offered"].sum()
    return totals[(totals.index >= today - pd.Timedelta(days=HISTORY_DAYS)) & (totals.index < today)]


def _bars(days: Floats, values: Floats, across: Scale, up: Scale) -> str:
    left, top = across(days + 0.12), up(values)
    return paths.boxes(left, top, across(days + 0.88) - left, float(up(0)) - top)


def _ranges(days: Floats, ahead: pd.DataFrame, across: Scale, up: Scale) -> list[Mark]:
    """Return the ranges as thin boxes in the middle of each bar; none where the run has no bands."""
    if ahead["offered_p975"].isna().all():
        return []
    marks = []
    for css, low, high, half in (
        ("range-95", "offered_p025", "offered_p975", 0.07),
        ("range-80", "offered_p10", "offered_p90", 0.15),
    ):
        left, top = across(days + 0.5 - half), up(ahead[high].to_numpy())
        height = up(ahead[low].to_numpy()) - top
        marks.append(Mark(css, paths.boxes(left, top, across(days + 0.5 + half) - left, height)))
    return marks


def _words(past: pd.Series, ahead: pd.DataFrame) -> str:
    (busiest,) = ahead.nlargest(1, "offered").to_dict("records")
    history = f"History: mean {wording.number(past.mean())} contacts a day. " if len(past) else ""
    return (
        f"{history}Expected: mean {wording.number(ahead['offered'].mean())} a day, most on "
        f"{wording.day(busiest['date'].date())} with {wording.number(busiest['offered'])}."
    )
