"""Exports that are named without --preset and --mapping: what they are is seen from them, and said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from wfm.cli.common import say
from wfm.config import Config
from wfm.io.recognition import Recognised, recognised
from wfm.io.sniff import NotOurColumns

_Result = TypeVar("_Result")


def recognising(
    read: Callable[[], _Result], again: Callable[[str], _Result], sources: Sequence[Path], config: Config
) -> tuple[_Result, Recognised | None]:
    """Return what `read` gives, or, where the columns are not ours, `again` with the preset that they are.

    What was recognised is said before. NotOurColumns, which names the likeliest preset, if it is in doubt;
    with a preset or a mapping `read` never raises that.
    """
    try:
        return read(), None
    except NotOurColumns as refusal:
        found = recognised(sources, config, refusal)
    for warning in found.warnings:
        say(f"warning: {warning}")
    return again(found.preset), found
