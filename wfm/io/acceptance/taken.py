"""The files of an acceptance, imported together and each for itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from wfm.config import Config
from wfm.io.intake import Intake, take_in
from wfm.io.mapping import Source, load_mapping, load_preset

ANY_RATIO = 1.0  # of refused rows: a bad file is to be described


@dataclass(frozen=True)
class Taken:
    """What came of the `files` together and of each `alone`; `again` imports any of them in any order."""

    files: tuple[Path, ...]
    whole: Intake
    alone: tuple[Intake, ...]
    again: Callable[[Sequence[Path]], Intake]
    sources: tuple[Source, ...]
    timezone: str


def take_each(files: Sequence[Path], config: Config, *, preset: str | None, mapping: Path | None) -> Taken:
    """Return the files imported with quarantine up to any ratio; errors as those of `take_in`."""
    again = partial(take_in, config=config, preset=preset, mapping=mapping, max_bad_ratio=ANY_RATIO)
    whole = again(files, keep_contacts=True)
    alone = (whole,) if len(files) == 1 else tuple(again([path], keep_contacts=True) for path in files)
    known = load_mapping(mapping) if mapping else load_preset(preset) if preset else {}
    return Taken(tuple(files), whole, alone, again, tuple(known.values()), config.centre.timezone)
