"""The first screen: verdict, figures, queues at a glance, worst gaps and warnings, ready to print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.config import Config
from wfm.io.run_folder import RunTables
from wfm.report import shifts, wording
from wfm.report.outlook import (
    QueueOutlook,
    Spell,
    Verdict,
    gap_words,
    level,
    queue_outlook,
    total,
    verdict,
    verdict_rule,
    worst_spells,
)
from wfm.report.selection import QueueRows
from wfm.report.warnings import warnings_of


@dataclass(frozen=True)
class Tile:
    """One figure: what it is, the number with its unit, and what to measure it by."""

    label: str
    value: str
    note: str


@dataclass(frozen=True)
class GlanceRow:
    """One queue in the table of the first screen."""

    name: str
    number: int
    channel: str
    contacts: str
    required: str
    understaffed: str
    understaffed_share: str
    overstaffed: str
    staffed: str
    wape: str
    floor: str
    last: str
    css: str


@dataclass(frozen=True)
class GapRow:
    """One spell with too few agents."""

    queue: str
    when: str
    timezone: str
    missing: str
    worst_at: str
    staffing: str
    missing_h: str


@dataclass(frozen=True)
class Cover:
    """Everything of the first screen."""

    span: str
    verdict: Verdict
    rule: str
    tiles: Sequence[Tile]
    queues: Sequence[GlanceRow]
    gaps: Sequence[GapRow]
    warnings: Sequence[str]
    has_coverage: bool


def cover(run: RunTables, queues: Sequence[QueueRows], config: Config) -> Cover:
    """Return the first screen of a run."""
    outlooks = [queue_outlook(queue) for queue in queues]
    summary = run.summary or {}
    required = _first(summary.get("required_h"), total([each.required_h for each in outlooks]))
    understaffed = _first(summary.get("understaffed_h"), total([each.understaffed_h for each in outlooks]))
    overstaffed = _first(summary.get("overstaffed_h"), total([each.overstaffed_h for each in outlooks]))
    return Cover(
        span=_span(run, queues),
        verdict=verdict(understaffed, required, outlooks),
        rule=verdict_rule(),
        tiles=[
            Tile("Understaffed", wording.hours(understaffed), _share(understaffed, required)),
            Tile("Overstaffed", wording.hours(overstaffed), _share(overstaffed, required)),
            _staffed_tile(outlooks),
            _paid_tile(run),
            _gap_tile(run),
            _error_tile(outlooks),
            _freshness_tile(run, config),
        ],
        queues=[_glance(each) for each in outlooks],
        gaps=[_gap_row(spell) for spell in worst_spells(queues)],
        warnings=warnings_of(run, queues),
        has_coverage=run.coverage is not None,
    )


def _first(stated: object, computed: float | None) -> float | None:
    return float(stated) if isinstance(stated, int | float) else computed


def _span(run: RunTables, queues: Sequence[QueueRows]) -> str:
    """Return the dates of the plan: those of the shifts, else of the requirement, else of the forecast."""
    if run.roster is not None and len(run.roster):
        dates = run.roster["shift_date"]
    else:
        parts = [queue.coverage["date"] for queue in queues] + [queue.forecast["date"] for queue in queues]
        known = [part for part in parts if len(part)]
        if not known:
            return ""
        dates = pd.concat(known)
    return wording.day_span(dates.min().date(), dates.max().date())


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


def _paid_tile(run: RunTables) -> Tile:
    if run.roster is None:
        return Tile("Paid", wording.EN_DASH, "no roster")
    paid = wording.hours(float(shifts.paid_hours(run.roster).sum()))
    cost = shifts.cost(run.roster, run.agents)
    people = wording.counted(run.roster["agent_id"].nunique(), "agent")
    if cost is None:
        return Tile("Paid", paid, f"{people}; no cost per hour given")
    return Tile("Paid", paid, f"{people}; cost {wording.number(cost)}, in the currency of cost_per_hour")


def _gap_tile(run: RunTables) -> Tile:
    summary = run.summary or {}
    words = gap_words(summary.get("objective"), summary.get("bound"))
    if not words.startswith("at most"):
        return Tile("Proven gap", words, "by the proven lower bound" if words.startswith("the best") else "")
    return Tile("Proven gap", words, "above the best possible roster, by the proven lower bound")


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
    note = f"end of the last interval, {timezone}"
    if run.roster is not None and len(run.roster):
        ahead_h = (run.roster["start"].min() - end).total_seconds() / 3600
        note += f"; {wording.hours(ahead_h)} before the first shift"
    return Tile("Data to", wording.moment(end, timezone), note)


def _glance(each: QueueOutlook) -> GlanceRow:
    history = each.rows.history
    last = "none"
    if len(history):
        end = history["interval_start"].max() + pd.Timedelta(minutes=each.rows.interval_min)
        last = wording.moment(end, each.rows.timezone)
    return GlanceRow(
        name=wording.printable(each.rows.name),
        number=each.rows.number,
        channel=each.rows.settings.channel if each.rows.settings else "not configured",
        contacts=wording.number(each.contacts),
        required=wording.hours(each.required_h),
        understaffed=wording.hours(each.understaffed_h),
        understaffed_share=wording.percent(each.understaffed_share),
        overstaffed=wording.hours(each.overstaffed_h),
        staffed=wording.percent(each.staffed_share),
        wape=wording.percent(each.wape),
        floor=wording.percent(each.noise_floor),
        last=f"{last} {each.rows.timezone}" if len(history) else last,
        css="unknown" if each.understaffed_share is None else level(0.0, each.understaffed_share),
    )


def _gap_row(spell: Spell) -> GapRow:
    return GapRow(
        queue=wording.printable(spell.queue),
        when=spell.when,
        timezone=spell.timezone,
        missing=wording.number(spell.missing, 1),
        worst_at=spell.worst_at,
        staffing=f"{wording.number(spell.scheduled, 1)} of {wording.number(spell.to_schedule)}",
        missing_h=wording.hours(spell.missing_h),
    )
