"""What the stages of a plan have to say, one sentence a line."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import Any

from wfm.config import Config
from wfm.errors import count_of
from wfm.simulate.stage import SimulationResult

MOST_MISSES_NAMED = 10


def schedule_in_words(summary: Mapping[str, Any]) -> list[str]:
    """Return the summary of a roster as sentences."""
    required, missing = max(float(summary["required_h"]), 1e-9), float(summary["understaffed_h"])
    best = f"gap {summary['gap']:.1%} (no roster can cost less than {summary['bound']:.0f})"
    lines = [f"warning: {text}" for text in summary["warnings"]]
    lines.append(
        f"schedule: {summary['status']}, objective {summary['objective']:.0f}, {best}; understaffed"
        f" {missing:.1f} h ({missing / required:.2%} of {required:.0f} h), overstaffed"
        f" {summary['overstaffed_h']:.1f} h, {summary['seconds']:.0f} s"
    )
    if summary["gap_h"] is not None:
        at_most = ceil(round(summary["gap_h"] * 10, 6)) / 10  # rounded up, so that it is true
        lines.append(
            f"schedule: gap {summary['gap']:.1%}: at most {at_most:.1f} paid agent-hours"
            f" (of {summary['paid_h']:.0f} planned) could still be saved with nothing else worse"
        )
    lines += [f"unmet: {one['subject']} {one['rule']}: {one['text']}" for one in summary.get("unmet", ())]
    if summary.get("requests"):
        lines.append(
            f"schedule: {summary['requests_missed']} of {count_of(summary['requests'], 'request')} not met"
        )
    return lines


def simulation_in_words(result: SimulationResult, config: Config) -> list[str]:
    """Return per queue what was promised and what the simulation gives, and the first intervals that miss."""
    summary = result.summary
    lines = [f"warning: {text}" for text in summary["warnings"]]
    for name, given in summary["queues"].items():
        line = f"simulate: {name}: {count_of(format(given['offered'], '.0f'), 'contact')}"
        if given.get("service_level") is not None:
            half = given["service_level_half_width"]
            line += f", service level [{given['service_level_variant']}] {given['service_level']:.1%}"
            line += "" if half is None else f" +- {half:.1%}"
        if given.get("service_level_target") is not None:
            line += f" (promised {given['service_level_target']:.0%})"
        if given.get("within_deadline") is not None:
            line += f", {given['within_deadline']:.1%} done by the deadline"
        if given.get("backlog_at_end") is not None:
            line += f", {given['backlog_at_end']:.0f} waiting at the end"
        if given.get("abandonment") is not None:
            line += f", abandoned {given['abandonment']:.1%}"
        if given.get("days_met") is not None:
            line += f"; promises kept on {given['days_met']:.0%} of the days"
        if given.get("intervals_missed"):
            line += f", surely missed in {count_of(given['intervals_missed'], 'interval')}"
        lines.append(line)
    lines += misses_in_words(result, config)
    lines.append(f"simulate: {count_of(summary['replications'], 'replication')}, seed {summary['seed']}")
    return lines


def misses_in_words(result: SimulationResult, config: Config) -> list[str]:
    """Return the first promises that intervals miss, and how many more there are."""
    lines = [f"simulate: {miss.in_words(config.queue_zones)}" for miss in result.misses[:MOST_MISSES_NAMED]]
    if len(result.misses) > MOST_MISSES_NAMED:
        lines.append(f"simulate: and {len(result.misses) - MOST_MISSES_NAMED} more, see the table")
    return lines
