"""How earlier forecasts came true, in sentences and as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from wfm.errors import DataError, Fault, count_of
from wfm.forecast.hindsight import EarlierForecast, Hindsight, LastDay
from wfm.forecast.in_words import MOST_QUEUES

Facts = dict[str, object]


def hindsight_in_words(found: Hindsight) -> list[str]:
    """Return the notes; per queue its error by lead, then its last complete day."""
    queues = list(found.scores.groupby("queue", sort=True))
    lines = [*found.notes]
    if found.hidden:
        lie = (
            "interval lies in an outage or closure"
            if found.hidden == 1
            else "intervals lie in outages or closures"
        )
        lines.append(f"{found.hidden} {lie}: not scored")
    lines += [_queue_in_words(str(queue), rows) for queue, rows in queues[:MOST_QUEUES]]
    if len(queues) > MOST_QUEUES:
        lines.append(f"and {len(queues) - MOST_QUEUES} more queues, see the table")
    lines += [_day_in_words(day) for day in found.last_days[:MOST_QUEUES]]
    return lines


def hindsight_facts(found: Hindsight) -> Facts:
    """Return, per queue, its rows of HINDSIGHT, its bias and its last day as values; None is unknown."""
    days = {day.queue: _day_facts(day) for day in found.last_days}
    queues = {
        str(queue): {
            "bias": _bias(rows),
            "leads": [_plain(row) for row in _records(rows.drop(columns="queue"))],
            "last_day": days.get(str(queue)),
        }
        for queue, rows in found.scores.groupby("queue", sort=True)
    }
    intervals = int(found.scores["intervals"].sum())
    return {"intervals": intervals, "hidden": found.hidden, "notes": list(found.notes), "queues": queues}


def nothing_to_score(forecasts: Sequence[EarlierForecast], history: pd.DataFrame) -> DataError:
    """Return the error of forecasts of which nothing has happened in the history."""
    begins = min(one.made for one in forecasts).isoformat(timespec="minutes")
    ends = "has no rows"
    if len(history):
        ends = f"ends with {history['interval_start'].max().isoformat(timespec='minutes')}"
    count = count_of(len(forecasts), "forecast")
    problem = f"no interval of {count} has happened: the first begins at {begins}, the history {ends}"
    remedy = "name a newer history with --history, or an older forecast"
    return DataError([Fault(problem, remedy)], source="score")


def _queue_in_words(queue: str, rows: pd.DataFrame) -> str:
    errors = [
        f"{_lead_in_words(row['lead_from_day'], row['lead_to_day'])} {row['wape']:.1%}"
        f" (floor {row['noise_floor']:.1%})"
        for row in _records(rows)
        if pd.notna(row["wape"]) and pd.notna(row["noise_floor"])
    ]
    bias = _bias(rows)
    if bias is None:
        return f"{queue}: no contact came in the {count_of(rows['intervals'].sum(), 'interval')} scored"
    level = f"{'too high' if bias > 0 else 'too low'} by {abs(bias):.1%}" if bias else "level right"
    return f"{queue}: WAPE of intervals {', '.join([*errors, level])}"


def _lead_in_words(first: int, last: float) -> str:
    if first == 0:
        return "same day"
    if pd.isna(last):
        return f"{first} days and more"
    return "1 day ahead" if last == 1 else f"{first}-{last:.0f} days"


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in rows.to_dict("records")]


def _bias(rows: pd.DataFrame) -> float | None:
    """Return the bias over all leads, None without a contact."""
    came = float(rows["offered"].sum())
    return float(rows["forecast"].sum()) / came - 1 if came > 0 else None


def _day_in_words(day: LastDay) -> str:
    ahead = "the same day" if day.lead_days == 0 else f"{day.lead_days} d before"
    share = f" ({day.forecast / day.offered - 1:+.1%})" if day.offered > 0 else ""
    return (
        f"{day.queue}: {day.date:%a %Y-%m-%d}: {count_of(f'{day.offered:.0f}', 'contact')} came,"
        f" {day.forecast:.0f} expected{share} by {day.run}, {ahead}"
    )


def _day_facts(day: LastDay) -> Facts:
    return {
        "date": f"{day.date:%Y-%m-%d}",
        "forecast_of": day.run,
        "lead_days": day.lead_days,
        "offered": day.offered,
        "forecast": day.forecast,
    }


def _plain(row: dict[str, Any]) -> Facts:
    return {name: None if pd.isna(value) else value for name, value in row.items()}
