"""Settings, versions, inputs and figures of the summaries of two runs, key by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

UNTOLD = frozenset(  # of a manifest: other every night, or told elsewhere
    (
        *("run", "previous", "identity", "command", "configuration"),
        *("seconds", "peak_memory_mib", "parts", "outputs"),
    )
)
DIGITS_OF_HASH = 12


@dataclass(frozen=True)
class Setting:
    """A key whose value differs; None: that run does not have it."""

    key: str
    before: Any
    after: Any


def changed_settings(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Setting, ...]:
    """Return the dotted keys of two nested mappings whose values differ, in order; lists are one value."""
    one, other = dict(_flat(before)), dict(_flat(after))
    keys = sorted(one.keys() | other.keys())
    found = (Setting(key, one.get(key), other.get(key)) for key in keys)
    return tuple(setting for setting in found if setting.before != setting.after)


def of_manifest(manifest: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what of a manifest tells how a run was made; hashes of inputs by their first digits."""
    told = {key: value for key, value in (manifest or {}).items() if key not in UNTOLD}
    inputs = told.get("inputs")
    if isinstance(inputs, Mapping):
        told["inputs"] = {name: _short(value) for name, value in inputs.items()}
    return told


def changed_parts(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> tuple[Setting, ...]:
    """Return objective, bound, hours and parts of the summaries that differ."""
    names = ("status", "objective", "bound", "gap", "understaffed_h", "overstaffed_h", "required_h", "parts")
    sides = [{name: one[name] for name in names if name in one} for one in (before or {}, after or {})]
    return changed_settings(*sides)


def _flat(nested: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in nested.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{key}.")
        else:
            yield f"{path}{key}", value


def _short(value: Any) -> Any:
    return value[:DIGITS_OF_HASH] if isinstance(value, str) else value
