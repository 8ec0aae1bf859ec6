"""The formats of `wfm export` by name; each is one function that reads what it needs and writes a file."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping

from wfm.errors import UsageError
from wfm.export import connect_wfm, genesys_wfm
from wfm.export.request import Exported, Request

Writer = Callable[[Request], Exported]

FORMATS: Mapping[str, Writer] = {
    "connect-wfm": connect_wfm.write,
    "genesys-wfm": genesys_wfm.write,
}


def named_format(name: str) -> Writer:
    """Return the writer of a format; UsageError, with the nearest name, if there is none."""
    if name not in FORMATS:
        near = difflib.get_close_matches(name, list(FORMATS), n=1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(FORMATS)}"
        raise UsageError(f"--format {name}: there is no such format", hint=hint)
    return FORMATS[name]
