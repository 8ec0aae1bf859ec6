"""The explanation of a shift as lines of text, and as plain values for JSON. Clock times are the site's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from typing import Any

from wfm.errors import one_line
from wfm.schedule.advice.change import shift_text
from wfm.schedule.verify import Violation
from wfm.schedule.verify.case import Agent, Request
from wfm.schedule.verify.goals import at_clock
from wfm.schedule.verify.violation import HOUR
from wfm.schedule.why.bars import bar, scale_of
from wfm.schedule.why.options import SMALLEST, Limit, Option
from wfm.schedule.why.shapes import Shape
from wfm.schedule.why.shift import Served, ShiftExplanation

SHOWN_RULES = 3
PART_NAMES = {"start_consistency": "starts", "changed_shift": "changed"}


def in_words(found: ShiftExplanation, interval: timedelta) -> list[str]:
    """Return the explanation line by line; `interval` is the length of one of its intervals."""
    agent = found.agent
    title = f"{agent.agent_id} {one_line(found.name)}, {found.date:%Y-%m-%d %a}, {agent.site}"
    lines = [f"{title}: {shift_text(agent, found.segments)}"]
    lines += [f"  broken as it stands: {text}" for text in found.broken_now]
    if found.segments:
        lines += ["", *_added(found), "", *_served(found.served, agent, interval), "", *_limits(found)]
    else:
        lines += ["", f"  {why_off(found)}"]
    wishes = list(_wishes(found))
    if wishes:
        lines += ["", "requests of the date:", *wishes]
    return [*lines, "", *_options(found)]


def why_off(found: ShiftExplanation) -> str:
    """Return why an agent has no shift."""
    best = found.best
    if found.off_because:
        return f"off: {found.agent.agent_id} {found.off_because}"
    if best is None:
        return _no_legal_shift(found)
    span = span_of(found.agent, best.segments)
    if best.points < -SMALLEST:
        return f"off, though {span} is legal and would lower the objective by {-best.points:z.2f}"
    return f"off: not needed; the best legal shift, {span}, would cost {best.points:z.2f} points more"


def _no_legal_shift(found: ShiftExplanation) -> str:
    if not found.options:
        return "off: no shift of the contract fits with its breaks"
    rules = ", ".join(f"{rule} ({count})" for rule, count in _by_count(found.rules))
    cheapest = found.options[0]
    price = (
        f"the cheapest, {span_of(found.agent, cheapest.segments)}, would cost {cheapest.points:+z.2f} points"
    )
    return f"off: every shift of the contract breaks a rule: {rules}; {price}"


def span_of(agent: Agent, shape: Shape) -> str:
    """Return `08:00-16:30`, or `off`."""
    return f"{agent.clock(shape[0].start)}-{agent.clock(shape[-1].end)}" if shape else "off"


def _added(found: ShiftExplanation) -> Iterator[str]:
    """Yield what the shift does to the objective against a day off."""
    parts, hours = found.added.parts, found.paid / HOUR
    yield f"what it does, in points of the objective ({found.objective:z.2f} in all), against a day off:"
    for name, points in parts.items():
        if abs(points) > SMALLEST:
            yield f"  {name:<18}{points:+z10.2f}{_reason(name, found, hours)}"
    yield f"  {'together':<18}{sum(parts.values()):+z10.2f}"


def _reason(name: str, found: ShiftExplanation, hours: float) -> str:
    reasons = {
        "understaffed": f"  {-found.added.understaffed_h:z.2f} agent-hours less missing",
        "overstaffed": f"  {found.added.overstaffed_h:z.2f} agent-hours more than needed",
        "paid": f"  {hours:g} h paid",
    }
    return reasons.get(name, "")


def _served(rows: Iterable[Served], agent: Agent, interval: timedelta) -> Iterator[str]:
    """Yield the queues it serves, equal intervals together; one line a stretch."""
    rows = list(rows)
    scale = scale_of(row.agents_to_schedule + max(row.net_with, row.net_without, 0) for row in rows)
    size = f", one sign is {scale:g} agents" if scale > 1 else ""
    yield f"net staffing (# others, + this shift, . missing, | needed{size}):"
    for queue in sorted({row.queue for row in rows}):
        yield f"  {one_line(queue)}"
        own = sorted((row for row in rows if row.queue == queue), key=lambda row: row.interval_start)
        for stretch in _stretches(own, interval):
            first, last = stretch[0], stretch[-1]
            span = f"{agent.clock(first.interval_start)}-{agent.clock(last.interval_start + interval)}"
            need = first.agents_to_schedule
            figures = f"needs {need:g}, net {first.net_without:+z.2f} without, {first.net_with:+z.2f} with"
            drawn = bar(need, need + first.net_without, need + first.net_with, scale)
            yield f"    {span}  {figures:<44} {drawn}"


def _stretches(rows: list[Served], interval: timedelta) -> Iterator[list[Served]]:
    """Yield rows that follow each other with the same numbers."""

    def key(numbered: tuple[int, Served]) -> tuple[object, ...]:
        number, row = numbered
        return row.interval_start - number * interval, row.agents_to_schedule, row.net_with, row.net_without

    for _, stretch in groupby(enumerate(rows), key):
        yield [row for _, row in stretch]


def _limits(found: ShiftExplanation) -> Iterator[str]:
    yield "what binds it:"
    for limit in found.limits:
        yield f"  {limit.direction:<8} {_limit(found.agent, limit)}"


def _limit(agent: Agent, limit: Limit) -> str:
    first, beyond = limit.first, limit.forbidden
    words = [] if first is None else [f"{span_of(agent, first.segments)} is legal, {first.points:+z.2f}"]
    if beyond is not None:
        rules = "; ".join(_rule(violation) for violation in beyond.broken[:SHOWN_RULES])
        more = len(beyond.broken) - SHOWN_RULES
        words.append(
            f"{span_of(agent, beyond.segments)} breaks {rules}{f'; {more} more' if more > 0 else ''}"
        )
    return "; ".join(words)


def _rule(violation: Violation) -> str:
    return f"{violation.rule}: {one_line(violation.text)}"


def _wishes(found: ShiftExplanation) -> Iterator[str]:
    missed = {wish for wish, _ in found.missed}
    yield from (f"  met     {wish_text(wish)}" for wish in found.requests if wish not in missed)
    for wish, option in found.missed:
        granted = "no legal shift meets it"
        if option is not None:
            span = span_of(found.agent, option.segments)
            granted = f"the cheapest that meets it is {span}, {option.points:+z.2f}"
        yield f"  missed  {wish_text(wish)}: {granted}"


def wish_text(wish: Request) -> str:
    """Return a request as it stands in its table."""
    first, last = (at_clock(wish.date, minute) for minute in (wish.start_min, wish.end_min))
    values = {"day_off": "", "prefer_start": f" {first:%H:%M}"}
    value = values.get(wish.kind, f" {first:%H:%M}-{last:%H:%M}")
    return f"{wish.kind}{value}, weight {wish.weight:g}"


def _options(found: ShiftExplanation) -> Iterator[str]:
    """Yield the options, the cheapest first."""
    against = "what is rostered" if found.segments else "being off"
    yield f"what else could be, in points more than {against}:"
    if not found.options:
        yield "  nothing: no shift of the contract fits"
    for option in found.options:
        span = span_of(found.agent, option.segments)
        rules = ", ".join(sorted({violation.rule for violation in option.broken}))
        verdict = f"breaks {rules}" if rules else "legal"
        what = f"{verdict}{_same_span(found, option)}; {_parts(option)}{_changed_wishes(found, option)}"
        yield f"  {span:<12}{option.points:+z9.2f}  {what}"


def _same_span(found: ShiftExplanation, option: Option) -> str:
    same = bool(option.segments) and span_of(found.agent, option.segments) == span_of(
        found.agent, found.segments
    )
    return f", {shift_text(found.agent, option.segments).partition(', ')[2]}" if same else ""


def _parts(option: Option) -> str:
    shown = (
        f"{PART_NAMES.get(name, name)} {points:+z.2f}"
        for name, points in option.parts.items()
        if abs(points) > SMALLEST
    )
    return ", ".join(shown) or "no part changes"


def _changed_wishes(found: ShiftExplanation, option: Option) -> str:
    before = {wish for wish, _ in found.missed}
    met = [wish_text(wish) for wish, _ in found.missed if wish not in option.requests_missed]
    missed = [wish_text(wish) for wish in option.requests_missed if wish not in before]
    words = [*(f"meets {text}" for text in met), *(f"misses {text}" for text in missed)]
    return "".join(f"; {word}" for word in words)


def _by_count(rules: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(rules.items(), key=lambda item: (-item[1], item[0]))


def facts(found: ShiftExplanation) -> dict[str, Any]:
    """Return the explanation as plain values: instants in ISO 8601 (UTC), hours, points."""
    return {
        "agent_id": found.agent.agent_id,
        "name": found.name,
        "site": found.agent.site,
        "date": str(found.date),
        "objective": found.objective,
        "shift": _segments(found.segments),
        "paid_h": found.paid / HOUR,
        "adds": {
            "parts": dict(found.added.parts),
            "understaffed_h": found.added.understaffed_h,
            "overstaffed_h": found.added.overstaffed_h,
        },
        "serves": [{**vars(row), "interval_start": row.interval_start.isoformat()} for row in found.served],
        "limits": [
            {
                "direction": limit.direction,
                "first": None if limit.first is None else _facts(limit.first),
                "forbidden": None if limit.forbidden is None else _facts(limit.forbidden),
            }
            for limit in found.limits
        ],
        "requests": [_wish_facts(wish, found) for wish in found.requests],
        "options": [_facts(option) for option in found.options],
        "rules_of_options": dict(_by_count(found.rules)),
        "off_because": "" if found.segments else why_off(found),
        "broken_now": list(found.broken_now),
    }


def _wish_facts(wish: Request, found: ShiftExplanation) -> dict[str, Any]:
    granting = dict(found.missed)
    option = granting.get(wish)
    return {
        "kind": wish.kind,
        "text": wish_text(wish),
        "weight": wish.weight,
        "met": wish not in granting,
        "cheapest_that_meets_it": None if option is None else _facts(option),
    }


def _facts(option: Option) -> dict[str, Any]:
    parts = {name: _clean(points) for name, points in option.parts.items()}
    return {
        "shift": _segments(option.segments),
        "points": option.points,
        "parts": parts,
        "understaffed_h": option.understaffed_h,
        "overstaffed_h": option.overstaffed_h,
        "legal": option.legal,
        "broken": [str(violation) for violation in option.broken],
        "requests_missed": [wish_text(wish) for wish in option.requests_missed],
    }


def _segments(shape: Shape) -> list[dict[str, Any]]:
    return [
        {
            "start": one.start.isoformat(),
            "end": one.end.isoformat(),
            "activity": one.activity,
            "paid": one.paid,
        }
        for one in shape
    ]


def _clean(points: float) -> float:
    return 0.0 if math.isclose(points, 0.0, abs_tol=SMALLEST) else points
