"""The formats of `wfm export` by name; each is one function that reads what it needs and writes its files."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

from wfm.errors import UsageError
from wfm.export import connect_wfm, genesys_wfm, roster_ics, roster_xlsx
from wfm.export.request import Exported, Request

Writer = Callable[[Request], Exported]

FORMATS: Mapping[str, Writer] = {
    "connect-wfm": connect_wfm.write,
    "genesys-wfm": genesys_wfm.write,
    "ics": roster_ics.write,
    "xlsx": roster_xlsx.write,
}
PLAN_FORMATS = frozenset({"ics", "xlsx"})  # of a roster, with the names of agents


def named_format(name: str, more: Mapping[str, Writer] | None = None) -> Writer:
    """Return the writer of a format, also of `more`; UsageError, with the nearest name, if there is none."""
    known = {**FORMATS, **(more or {})}
    if name not in known:
        near = difflib.get_close_matches(name, list(known), n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
        raise UsageError(f"--format {name}: there is no such format", hint=hint)
    return known[name]
