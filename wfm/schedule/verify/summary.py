"""A summary against what verify computed: objective, parts, figures, and the bound and gap that it claims."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date

from wfm.schedule.verify.objective import Objective
from wfm.schedule.verify.violation import Violation

TOLERANCE = 1e-6


def claims(summary: Mapping[str, object], found: Objective, first_day: date) -> Iterator[Violation]:
    """Yield a violation `objective` for every wrong number of the summary; what it leaves out is no fault."""
    parts = summary.get("parts", {})
    stated = {f"parts.{name}": value for name, value in parts.items()} if isinstance(parts, Mapping) else {}
    if stated:
        stated.setdefault("parts.overtime", 0.0)  # summaries from before there was overtime
    stated |= {name: summary[name] for name in ("objective", *found.figures) if name in summary}
    computed = {f"parts.{name}": value for name, value in found.parts.items()}
    computed |= {"objective": found.total, **found.figures}
    for name, value in stated.items():
        text = _difference(name, value, computed.get(name))
        if text:
            yield Violation("summary", first_day, "objective", text)
    for text in (*_bound_faults(summary, found.paid_hour), *_paid_faults(summary.get("paid_h"), found)):
        yield Violation("summary", first_day, "objective", text)


def bound_claim(summary: Mapping[str, object], proven: float, first_day: date) -> Iterator[Violation]:
    """Yield a violation `objective` if the summary's bound lies above the one that its prices prove."""
    if proven == math.inf:
        text = "no bound: some agent has no legal tour, with its activities where the roster has them"
        yield Violation("summary", first_day, "objective", text)
    stated = _number(summary.get("bound"))
    if stated is not None and stated > proven + TOLERANCE * max(1.0, abs(stated)):
        text = f"bound {stated:.10g}, the prices of the proof give only {proven:.10g}"
        yield Violation("summary", first_day, "objective", text)


def _difference(name: str, value: object, computed: float | None) -> str:
    if computed is None:
        return f"{name} is no part of the objective"
    number = _number(value)
    if number is not None and math.isclose(number, computed, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
        return ""
    return f"{name} {value!r}, recomputed {computed:.10g}"


def _bound_faults(summary: Mapping[str, object], paid_hour: float) -> Iterator[str]:
    """Yield what is wrong with bound and gaps, where there are any, against the summary's own objective."""
    cost, bound = _number(summary.get("objective")), summary.get("bound")
    if cost is None or bound is None:
        return
    least, whole = _number(bound), max(1.0, abs(cost))
    if least is None or least > cost + TOLERANCE * whole:
        yield f"bound {bound!r} is not a number up to the objective {cost:.10g}"
        return
    for name, unit in (("gap", whole), ("gap_h", paid_hour)):
        claim = summary.get(name)
        stated = _number(claim)
        if claim is None:
            continue
        if not unit:
            yield f"{name} {claim!r}, but paid hours have no price"
        elif stated is None or abs(stated * unit - (cost - least)) > TOLERANCE * whole:
            yield f"{name} {claim!r}, objective and bound make it {(cost - least) / unit:.10g}"


def _paid_faults(paid_h: object, found: Objective) -> Iterator[str]:
    """Yield what is wrong with the paid hours at mean cost, if they are stated."""
    if paid_h is None:
        return
    if not found.paid_hour:
        yield f"paid_h {paid_h!r}, but paid hours have no price"
    elif text := _difference("paid_h", paid_h, found.parts["paid"] / found.paid_hour):
        yield text


def _number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number and isinstance(value, int | float) else None
