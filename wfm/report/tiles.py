"""The figures of the first screen, each with its unit and with what to measure it by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.config import Config
from wfm.io.run_folder import RunTables
from wfm.report import shifts, wording
from wfm.report.outlook import QueueOutlook, TotalHours, gap_words, total


@dataclass(frozen=True)
class Tile:
    """One figure: what it is, the number with its unit, and what to measure it by."""

    label: str
    value: str
    note: str


def tiles(run: RunTables, outlooks: Sequence[QueueOutlook], hours: TotalHours, config: Config) -> list[Tile]:
    """Return the figures of a run; what it cannot give is a dash with the reason."""
    return [
        Tile("Understaffed", wording.hours(hours.understaffed), _share(hours.understaffed, hours.required)),
        Tile("Overstaffed", wording.hours(hours.overstaffed), _share(hours.overstaffed, hours.required)),
        _staffed_tile(outlooks),
        _simulated_tile(run),
        _cost_tile(run),
        _gap_tile(run),
        _error_tile(outlooks),
        _freshness_tile(run, config),
    ]


def _share(part_h: float | None, required_h: float | None) -> str:
    if part_h is None or not required_h:
        return "no requirement to compare with"
    return f"{wording.percent(part_h / required_h)} of {wording.hours(required_h)} required"


def _staffed_tile(outlooks: Sequence[QueueOutlook]) -> Tile:
    known = [each for each in outlooks if each.staffed_share is not None and each.contacts]
    contacts = total([each.contacts for each in known])
    if not known or not contacts:
        return Tile("Service outlook", wording.EN_DASH, "no contacts beside the staffing")
    met = sum((each.staffed_share or 0) * (each.contacts or 0) for each in known) / contacts
    note = f"of {wording.number(contacts)} expected contacts arrive when staffing meets the requirement"
    return Tile("Service outlook", wording.percent(met), note)


def _simulated_tile(run: RunTables) -> Tile:
    """Tell how many of the days of live queues keep their promises, in how many simulated weeks."""
    simulated = (run.summary or {}).get("simulation", {})
    live = {name: q for name, q in simulated.get("queues", {}).items() if q.get("days_met") is not None}
    if not live:
        return Tile("Promises kept", wording.EN_DASH, "not simulated")
    kept = sum(queue["days_met"] for queue in live.values()) / len(live)
    worst = min(live, key=lambda name: live[name]["days_met"])
    note = f"of simulated days, mean of {wording.counted(len(live), 'live queue')}"
    if live[worst]["days_met"] < kept:
        note += f"; {wording.percent(live[worst]['days_met'], 0)} in {wording.in_sentence(worst)}, the worst"
    note += f"; {wording.counted(int(simulated['replications']), 'replication')}"
    return Tile("Promises kept", wording.percent(kept, 0), note)


def _cost_tile(run: RunTables) -> Tile:
    if run.roster is None:
        return Tile("Paid", wording.EN_DASH, "no roster")
    paid = wording.hours(float(shifts.paid_hours(run.roster).sum()))
    cost = shifts.cost(run.roster, run.agents)
    people = wording.counted(run.roster["agent_id"].nunique(), "agent")
    if cost is None:
        return Tile("Paid", paid, f"{people}; no cost per hour given")
    return Tile("Cost", wording.number(cost), f"in the currency of cost_per_hour; {paid} paid, {people}")


def _gap_tile(run: RunTables) -> Tile:
    summary = run.summary or {}
    words = gap_words(summary.get("objective"), summary.get("bound"))
    if not words.startswith("at most"):
        return Tile("Proven gap", words, "by the proven lower bound" if words.startswith("the best") else "")
    gap_h = summary.get("gap_h")
    paid = "" if gap_h is None else f" ({wording.hours_at_most(gap_h)} paid)"
    note = f"of the objective could still be saved{paid}, by the proven lower bound"
    return Tile("Proven gap", words, note)


def _error_tile(outlooks: Sequence[QueueOutlook]) -> Tile:
    """Weigh the queues' errors by their contacts."""
    known = [each for each in outlooks if each.wape is not None and each.noise_floor is not None]
    weights = [float(each.rows.scores["contacts"].max()) for each in known]
    if not known or not sum(weights):
        return Tile("Forecast error", wording.EN_DASH, "no backtest")
    wape = sum((each.wape or 0) * weight for each, weight in zip(known, weights, strict=True)) / sum(weights)
    floor = sum((each.noise_floor or 0) * w for each, w in zip(known, weights, strict=True)) / sum(weights)
    note = f"WAPE per interval in the backtest; chance alone makes {wording.percent(floor)}"
    return Tile("Forecast error", wording.percent(wape), note)


def _freshness_tile(run: RunTables, config: Config) -> Tile:
    timezone = config.centre.timezone
    if run.history is None or run.history.empty:
        return Tile("Data to", wording.EN_DASH, "no history")
    end = run.history["interval_start"].max() + pd.Timedelta(minutes=config.centre.interval_min)
    if run.forecast is not None and len(run.forecast):
        end = min(end, run.forecast["interval_start"].min())  # later rows were not used
    note = f"end of the last interval, {timezone}"
    if run.roster is not None and len(run.roster):
        ahead_h = (run.roster["start"].min() - end).total_seconds() / 3600
        note += f"; {wording.hours(ahead_h)} before the first shift"
    return Tile("Data to", wording.moment(end, timezone), note)
