"""Results of stages as tables and plain values, which files can hold, and back again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from wfm.forecast import ForecastResult
from wfm.pipeline import Proof, Scheduled
from wfm.schedule.stage import ScheduleResult
from wfm.simulate.stage import SimulationResult
from wfm.simulate.verdict import Miss


@dataclass(frozen=True)
class Imported:
    """HISTORY, the quarantine of an import (None for a ready history), and what there is to say of it."""

    history: pd.DataFrame
    quarantine: pd.DataFrame | None
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Packed:
    """A result taken apart: tables by name, and what JSON can hold."""

    tables: Mapping[str, pd.DataFrame]
    facts: dict[str, Any] = field(default_factory=dict)


def packed(result: Any) -> Packed:
    """Return a result taken apart; TypeError for one of an unknown kind."""
    kind = type(result)
    if kind not in _KINDS:
        raise TypeError(f"no way to keep {kind.__name__}")
    return _KINDS[kind][0](result)


def unpacked(kind: str, parts: Packed) -> Any:
    """Return the result of a kind (the name of its class) from its parts."""
    named = {known.__name__: ways for known, ways in _KINDS.items()}
    return named[kind][1](parts)


def _pack_imported(imported: Imported) -> Packed:
    tables = {"history": imported.history}
    if imported.quarantine is not None:
        tables["quarantine"] = imported.quarantine
    return Packed(tables, {"notes": list(imported.notes)})


def _unpack_imported(parts: Packed) -> Imported:
    quarantine = parts.tables.get("quarantine")
    return Imported(parts.tables["history"], quarantine, tuple(parts.facts["notes"]))


def _pack_forecast(result: ForecastResult) -> Packed:
    names = ("forecast", "days", "scores", "parts")
    return Packed({name: getattr(result, name) for name in names}, {"notes": list(result.notes)})


def _unpack_forecast(parts: Packed) -> ForecastResult:
    return ForecastResult(**parts.tables, notes=tuple(parts.facts["notes"]))


def _pack_scheduled(scheduled: Scheduled) -> Packed:
    result = scheduled.result
    tables = {"roster": result.roster, "coverage": result.coverage, "prices": result.prices}
    return Packed(tables, {"summary": result.summary})


def _unpack_scheduled(parts: Packed) -> Scheduled:
    return Scheduled(ScheduleResult(**parts.tables, summary=parts.facts["summary"]))


def _pack_proof(proof: Proof) -> Packed:
    tables: dict[str, pd.DataFrame] = {}
    facts: dict[str, Any] = {}
    for name in ("requirements", "roster"):
        result: SimulationResult | None = getattr(proof, name)
        if result is not None:
            tables |= {f"{name}-simulation": result.simulation, f"{name}-days": result.days}
            misses = [
                {**asdict(miss), "interval_start": miss.interval_start.isoformat()} for miss in result.misses
            ]
            facts[name] = {"summary": result.summary, "misses": misses}
    return Packed(tables, facts)


def _unpack_proof(parts: Packed) -> Proof:
    found: dict[str, SimulationResult | None] = {"requirements": None, "roster": None}
    for name, facts in parts.facts.items():
        found[name] = SimulationResult(
            parts.tables[f"{name}-simulation"],
            parts.tables[f"{name}-days"],
            facts["summary"],
            [
                Miss(**{**miss, "interval_start": pd.Timestamp(miss["interval_start"])})
                for miss in facts["misses"]
            ],
        )
    return Proof(**found)


_KINDS: dict[type, tuple[Callable[[Any], Packed], Callable[[Packed], Any]]] = {
    pd.DataFrame: (lambda frame: Packed({"table": frame}), lambda parts: parts.tables["table"]),
    Imported: (_pack_imported, _unpack_imported),
    ForecastResult: (_pack_forecast, _unpack_forecast),
    Scheduled: (_pack_scheduled, _unpack_scheduled),
    Proof: (_pack_proof, _unpack_proof),
}
