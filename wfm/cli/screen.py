"""Pictures on a terminal: what a command made, at a glance, below its plain lines.

On stderr, and only if that is a terminal: cron and pipes see the plain lines alone. Colour is never the only
sign, so that NO_COLOR and colour-blind readers lose nothing. Names come from data and are printed as they
are, never as markup.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

BARS = "▁▂▃▄▅▆▇█"
MOST_QUEUES = 20
MOST_DAYS = 14
HOURS = 24
SCORE_BAR = 10  # signs of the greatest error of a queue
# net staffing of an hour as a share of its agents to schedule: the sign, its style, what it means
LEVELS: tuple[tuple[float, str, str, str], ...] = (
    (-0.10, "▼", "bold red", "short by over 10 %"),
    (-0.02, "▽", "red", "short by 2 to 10 %"),
    (0.02, "·", "green", "within 2 %"),
    (0.10, "△", "cyan", "over by 2 to 10 %"),
    (math.inf, "▲", "blue", "over by more"),
)


def sparkline(values: Sequence[float], top: float | None = None) -> str:
    """Return one bar per value, from 0 to `top` (None: the greatest); a blank for one that is not known."""
    known = [value for value in values if not math.isnan(value)]
    top = max(known, default=0.0) if top is None else top
    steps = len(BARS) - 1
    return "".join(
        " " if math.isnan(value) else BARS[round(max(value, 0.0) / top * steps) if top > 0 else 0]
        for value in values
    )


def level(net: float, required: float) -> tuple[str, str]:
    """Return the sign and style of an hour's net staffing; a blank where nothing is required or scheduled."""
    if required <= 0:
        return (" ", "") if net <= 0 else (LEVELS[-1][1], LEVELS[-1][2])
    share = net / required
    return next((sign, style) for most, sign, style, _ in LEVELS if share < most or most == math.inf)


def show_volume(frame: pd.DataFrame, timezone: str, title: str) -> None:
    """Show contacts per queue and day of a history or a forecast (queue, interval_start, offered, aht_s?)."""
    console = _terminal()
    if console is not None and len(frame):
        console.print(volume_table(frame, timezone, title))


def show_requirements(frame: pd.DataFrame, timezone: str, interval_min: int) -> None:
    """Show agents per queue and day of REQUIREMENTS."""
    console = _terminal()
    if console is not None and len(frame):
        console.print(requirements_table(frame, timezone, interval_min))


def show_coverage(coverage: pd.DataFrame, timezone: str) -> None:
    """Show the net staffing of COVERAGE by day and hour, all queues together."""
    console = _terminal()
    if console is not None and len(coverage):
        console.print(coverage_map(coverage, timezone))
        console.print(_legend(), style="dim")


def show_service(simulation: pd.DataFrame, timezone: str) -> None:
    """Show the simulated service of SIMULATION per queue and hour of the day."""
    console = _terminal()
    if console is not None and len(simulation):
        console.print(service_table(simulation, timezone))


def show_scores(scores: pd.DataFrame) -> None:
    """Show the errors of SCORES per queue and model, the best first."""
    console = _terminal()
    if console is not None and len(scores):
        console.print(scores_table(scores))


def volume_table(frame: pd.DataFrame, timezone: str, title: str) -> Table:
    """Return contacts, busiest day and a sparkline of the days, by queue."""
    table = _table(title, ("queue", "contacts", "a day", "AHT s", "days"))
    days = frame["interval_start"].dt.tz_convert(timezone).dt.normalize()
    every = days.drop_duplicates().sort_values()
    for name, rows in _first(frame.groupby("queue", sort=True), MOST_QUEUES):
        totals = rows.groupby(days.loc[rows.index])["offered"].sum()
        aht = _weighted(rows) if "aht_s" in rows else math.nan
        shown = totals.reindex(every).tail(60).tolist()
        table.add_row(
            _text(name),
            f"{totals.sum():,.0f}",
            f"{totals.mean():,.1f}",
            "" if math.isnan(aht) else f"{aht:.0f}",
            _text(sparkline(shown)),
        )
    return table


def requirements_table(frame: pd.DataFrame, timezone: str, interval_min: int) -> Table:
    """Return hours and peak of the agents to schedule, and a sparkline of the hours of the day, by queue."""
    table = _table("agents to schedule", ("queue", "hours", "peak", "busiest", "hours of the day 0 to 23"))
    local = frame["interval_start"].dt.tz_convert(timezone)
    for name, rows in _first(frame.groupby("queue", sort=True), MOST_QUEUES):
        agents = rows["agents_to_schedule"]
        own = local.loc[rows.index]
        by_hour = agents.groupby(own.dt.hour).mean().reindex(range(HOURS)).tolist()
        peak = own.loc[agents.idxmax()]
        table.add_row(
            _text(name),
            f"{agents.sum() * interval_min / 60:,.0f}",
            f"{agents.max():.0f}",
            f"{peak:%a %H:%M}",
            _text(sparkline(by_hour)),
        )
    return table


def coverage_map(coverage: pd.DataFrame, timezone: str) -> Table:
    """Return a map of net staffing: a row a day, a sign an hour."""
    hours = "".join(f"{hour:<6}" for hour in range(0, HOURS, 3))  # two characters an hour
    table = _table("net staffing (hours short and over)", ("day", hours.rstrip(), "short", "over"))
    local = coverage["interval_start"].dt.tz_convert(timezone)
    frame = coverage.assign(day=local.dt.normalize(), hour=local.dt.hour)
    interval_h = _interval_h(coverage)
    for day, rows in _first(frame.groupby("day", sort=True), MOST_DAYS):
        sums = rows.groupby("hour")[["net_staffing", "agents_to_schedule"]].sum()
        signs = [level(*sums.loc[hour]) if hour in sums.index else (" ", "") for hour in range(HOURS)]
        line = _text("").join(_text(f"{sign} ", style) for sign, style in signs)
        short = -rows["net_staffing"].clip(upper=0).sum() * interval_h
        over = rows["net_staffing"].clip(lower=0).sum() * interval_h
        table.add_row(f"{day:%a %d %b}", line, f"{short:.1f}", f"{over:.1f}")
    return table


def service_table(simulation: pd.DataFrame, timezone: str) -> Table:
    """Return contacts, service of the whole and of the worst hour of the day, and a bar an hour, 0 to 100 %.

    Service is the service level, of deferred work the share done by its deadline; shares are weighted by what
    they are shares of.
    """
    heads = ("queue", "contacts", "served", "worst", "at", "hours of the day 0-23")
    table = _table("simulated: share of contacts served in time (a full bar is 100 %)", heads)
    hours = simulation["interval_start"].dt.tz_convert(timezone).dt.hour
    for name, rows in _first(simulation.groupby("queue", sort=True), MOST_QUEUES):
        live = rows["service_level"].notna().any()
        share = rows["service_level"] if live else rows["within_deadline"]
        weight = rows["attempts"].where(share.notna(), 0.0)
        by_hour = _means(share, weight, hours.loc[rows.index]).reindex(range(HOURS)).tolist()
        worst, at = min((one, hour) for hour, one in enumerate([*by_hour, math.inf]) if not math.isnan(one))
        table.add_row(
            _text(name),
            f"{rows['offered'].sum():,.0f}",
            _percent(float(_means(share, weight, weight * 0.0).mean())),
            "" if math.isinf(worst) else _percent(worst),
            "" if math.isinf(worst) else f"{at:02d}:00",
            _text(sparkline(by_hour, top=1.0)),
        )
    return table


def _means(values: pd.Series, weights: pd.Series, groups: pd.Series) -> pd.Series:
    """Return the weighted mean of each group, NaN without weight."""
    sums = weights.groupby(groups).sum()
    return (values.fillna(0.0) * weights).groupby(groups).sum() / sums.where(sums > 0)


def scores_table(scores: pd.DataFrame) -> Table:
    """Return error and bias of each model by queue, the best first; a star marks the model that is used."""
    heads = ("queue", "model", "used", "error", "bias", "in 80 %", "of worst")
    table = _table("error of a forecast interval (WAPE), share inside the 80 % band", heads)
    for name, rows in _first(scores.groupby("queue", sort=True), MOST_QUEUES):
        worst = float(rows["wape"].max())
        for row in rows.sort_values(["wape", "model"]).to_dict("records"):
            table.add_row(
                _text(name),
                _text(row["model"]),
                "*" if row["chosen"] else "",
                _percent(row["wape"]),
                _percent(row["bias"], sign="+"),
                _percent(row["coverage_80"]),
                _text(
                    ""
                    if math.isnan(row["wape"])
                    else "█" * round(row["wape"] / worst * SCORE_BAR if worst else 0)
                ),
            )
    return table


def _percent(share: float, sign: str = "") -> str:
    return "" if math.isnan(share) else f"{share:{sign}z.1%}"


def _interval_h(frame: pd.DataFrame) -> float:
    starts = frame["interval_start"].drop_duplicates().sort_values()
    return float(starts.diff().min().total_seconds()) / 3600 if len(starts) > 1 else 0.0


def _weighted(rows: pd.DataFrame) -> float:
    known = rows[rows["aht_s"].notna() & (rows["offered"] > 0)]
    total = float(known["offered"].sum())
    return float((known["aht_s"] * known["offered"]).sum()) / total if total else math.nan


def _first(groups: Iterable[tuple[object, pd.DataFrame]], most: int) -> Iterable[tuple[object, pd.DataFrame]]:
    for number, group in enumerate(groups):
        if number == most:
            return
        yield group


def _table(title: str, columns: Sequence[str]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(title=title, title_justify="left", box=SIMPLE, pad_edge=False, padding=(0, 1))
    for column in columns:
        # Only a model may be broken into lines: figures are whole on a narrow screen too.
        table.add_column(column, no_wrap=column != "model", justify="right" if column in _RIGHT else "left")
    return table


_RIGHT = (
    *("contacts", "a day", "AHT s", "hours", "peak", "short", "over"),
    *("served", "worst", "error", "bias", "in 80 %"),
)


def _legend() -> str:
    return ", ".join(f"{sign} {meaning}" for _, sign, _, meaning in LEVELS) + "; blank: closed"


def _text(value: object, style: str = "") -> Text:
    """Return a text that is printed as it is: no markup, and control characters made visible."""
    from rich.text import Text

    shown = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(value))
    return Text(shown, style=style)


def _terminal() -> Console | None:
    """Return the console of stderr if that is a terminal; rich honours NO_COLOR and TERM=dumb."""
    if not sys.stderr.isatty():
        return None
    from rich.console import Console

    return Console(stderr=True, markup=False, highlight=False)
