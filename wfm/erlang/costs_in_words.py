"""Costs and sensitivity as a planner reads them: lines for the screen, plain values for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.erlang.costing import all_queues
from wfm.errors import count_of

AMOUNTS = ("paid_h", "paid_exact_h", "fte", "cost")
MOST_QUEUES = 20  # named one by one
WORDS = {
    "volume": "volume",
    "aht": "handle time",
    "planned_shrinkage": "planned shrinkage",
    "unplanned_shrinkage": "unplanned shrinkage",
    "service_level": "service level",
}
RELATIVE = ("volume", "aht")  # levers whose change is a share, not points


def costs_in_words(costed: pd.DataFrame) -> list[str]:
    """Return what COSTS come to: each queue, all of them, and each month with the days that are covered."""
    totals = costed[costed["period"] == "total"]
    lines = [
        f"staff: {row['queue']}: {_amounts(row)} in {count_of(format(row['days'], '.4g'), 'day')}"
        for row in totals.head(MOST_QUEUES).to_dict("records")
    ]
    if len(totals) > MOST_QUEUES:
        lines.append(f"staff: and {count_of(len(totals) - MOST_QUEUES, 'queue')} more")
    for row in all_queues(costed).to_dict("records"):
        if row["period"] == "month":
            part = "" if row["days"] >= row["period_days"] else ", in part"
            days = f"{row['days']:.4g} of {count_of(row['period_days'], 'day')}{part}"
            lines.append(f"staff: {row['date']:%Y-%m} ({days}): {_amounts(row)}")
        elif row["period"] == "total" and row["queues"] > 1:
            lines.append(f"staff: all queues: {_amounts(row)}")
    return lines


def _amounts(row: dict[Any, Any]) -> str:
    text = f"{row['paid_h']:.0f} h paid, {row['fte']:.1f} FTE, cost {row['cost']:.0f}"
    if pd.notna(row["cost_per_contact"]):
        text += f" ({row['cost_per_contact']:.2f} a contact)"
    return text


def sensitivity_in_words(varied: pd.DataFrame, costed: pd.DataFrame, config: Config) -> list[str]:
    """Return SENSITIVITY beside COSTS as small tables: amounts of all queues, service of the plan."""
    if varied.empty:
        return []
    given = varied[varied["service_level_change"].notna()]
    services = (_service_table(given[given["lever"] == lever], lever, config) for lever in RELATIVE)
    return [*_requirement_table(varied, costed), *(line for table in services for line in table)]


def _requirement_table(varied: pd.DataFrame, costed: pd.DataFrame) -> Iterator[str]:
    """Yield one line per step; the queues that a lever does not move stand with what is planned."""
    planned = costed.loc[costed["period"] == "total", list(AMOUNTS)].sum(skipna=False)
    yield f"  {'required if':30}{'FTE':>9}{'cost':>12}{'h paid':>10}{'':>9}{'h unrounded':>13}".rstrip()
    yield _line("as planned", planned, planned)
    moved = [f"{name}_change" for name in AMOUNTS]
    changes = varied.groupby(["lever", "change"])[moved].sum(skipna=False)
    for lever in (name for name in WORDS if name in changes.index):
        for change, row in changes.loc[lever].iterrows():
            yield _line(f"{WORDS[lever]} {_step(lever, change)}", planned + row.to_numpy(), planned)


def _line(name: str, then: pd.Series, planned: pd.Series) -> str:
    text = f"  {name:30}{then['fte']:9.1f}{then['cost']:12.0f}"
    for column, width in (("paid_h", 10), ("paid_exact_h", 13)):
        if pd.notna(then[column]):
            share = then[column] / planned[column] - 1.0 if planned[column] else 0.0
            text += f"{then[column]:{width}.0f}" + (f"{share:+9.1%}" if then is not planned else " " * 9)
    return text.rstrip()


def _step(lever: str, change: object) -> str:
    return f"{100.0 * float(str(change)):+.3g} {'%' if lever in RELATIVE else 'points'}"


def _service_table(given: pd.DataFrame, lever: str, config: Config) -> Iterator[str]:
    """Yield the service levels of the planned agents, one line per queue, one column per step."""
    if given.empty:
        return
    planned = given.assign(planned=given["service_level"] - given["service_level_change"])
    levels = given.pivot_table(index="queue", columns="change", values="service_level")
    levels.insert(0, "planned", planned.groupby("queue")["planned"].first())
    names = [f"{name} [{config.queues[name].service_level_variant}]" for name in levels.index[:MOST_QUEUES]]
    head = f"service level if {WORDS[lever]}"
    width = max(30, *(len(name) + 2 for name in names))
    yield f"  {head:{width}}{'planned':>9}" + "".join(
        f"{_step(lever, step):>9}" for step in levels.columns[1:]
    )
    for name, row in zip(names, levels.to_numpy()[:MOST_QUEUES], strict=True):
        yield f"  {name:{width}}" + "".join(f"{level:9.1%}" for level in row)


def costs_as_values(costed: pd.DataFrame) -> dict[str, Any]:
    """Return the totals of COSTS by queue, and months and total of all queues, as plain values."""
    totals = costed[costed["period"] == "total"].drop(columns="period")
    sums = all_queues(costed)
    months = sums[sums["period"] == "month"].drop(columns="period")
    total = sums[sums["period"] == "total"].drop(columns="period")
    return {
        "queues": {row.pop("queue"): row for row in plain_rows(totals)},
        "months": plain_rows(months),
        "total": next(iter(plain_rows(total)), None),
    }


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows as plain values: dates as text, nothing as None."""
    dated = {
        str(name): table[name].dt.strftime("%Y-%m-%d")
        for name in table
        if pd.api.types.is_datetime64_any_dtype(table[name])
    }
    rows = table.assign(**dated).to_dict("records")
    return [{str(key): None if pd.isna(value) else value for key, value in row.items()} for row in rows]
