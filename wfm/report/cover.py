"""The first screen: verdict, figures, queues at a glance, worst gaps and warnings, ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.io.run_folder import RunTables
from wfm.report import wording
from wfm.report.gaps import Spell, worst_spells
from wfm.report.outlook import QueueOutlook, Verdict, level, queue_outlook, total_hours, verdict, verdict_rule
from wfm.report.run_warnings import warnings_of
from wfm.report.selection import QueueRows
from wfm.report.tiles import Tile, tiles


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
    simulated: str
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
    hours = total_hours(run, outlooks)
    return Cover(
        span=_span(run, queues),
        verdict=verdict(hours.understaffed, hours.required, outlooks),
        rule=verdict_rule(),
        tiles=tiles(run, outlooks, hours, config),
        queues=[_glance(each) for each in outlooks],
        gaps=[_gap_row(spell) for spell in worst_spells(queues)],
        warnings=warnings_of(run, queues),
        has_coverage=run.coverage is not None,
    )


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


def _simulated(given: Mapping[str, Any]) -> str:
    """Return what a simulation of the roster gives beside what is promised."""
    level, promised = given.get("service_level"), given.get("service_level_target")
    if level is None:
        in_time = given.get("within_deadline")
        return wording.EN_DASH if in_time is None else f"{wording.percent(in_time)} in time"
    return wording.percent(level) + ("" if promised is None else f" of {wording.percent(promised, 0)}")


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
        simulated=_simulated(each.rows.simulated),
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
