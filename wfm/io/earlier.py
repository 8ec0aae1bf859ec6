"""Earlier forecasts in run folders or files, and the history beside them of what happened since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from wfm.config import Config
from wfm.errors import DataError, Fault, UsageError
from wfm.io.history import read_history
from wfm.io.run_paths import RUN_NAME, find_table
from wfm.tables import FORECAST, HISTORY


@dataclass(frozen=True)
class ForecastFile:
    """A forecast table and the name to speak of it by: that of its run, or the path as given."""

    name: str
    path: Path
    in_run: bool = False


def find_forecasts(places: Sequence[Path]) -> list[ForecastFile]:
    """Return the forecasts of files, run folders and folders of run folders, each once, runs by age.

    DataError for a place that does not exist, and where none has a forecast.
    """
    missing = [
        Fault("does not exist", "name a folder of runs, or a forecast", str(place)) for place in places
    ]
    if absent := [fault for place, fault in zip(places, missing, strict=True) if not place.exists()]:
        raise DataError(absent, source="score", hint="`wfm nightly` makes runs, `wfm forecast` a forecast")
    found: dict[Path, ForecastFile] = {}
    for place in places:
        for one in _forecasts_of(place):
            found.setdefault(one.path.resolve(), one)
    if not found:
        named = ", ".join(map(str, places))
        fault = Fault(
            "no run with a forecast", "run `wfm nightly`, or name forecasts of `wfm forecast`", named
        )
        raise DataError([fault], source="score")
    return sorted(found.values(), key=_age)


def history_beside(
    forecasts: Sequence[ForecastFile], config: Config, base: Path, *, mapping: Path | None = None
) -> pd.DataFrame:
    """Return the history of the newest run that has one, else that of [inputs], relative to `base`.

    UsageError if there is neither.
    """
    for one in reversed(forecasts):
        path = find_table(one.path.parent, HISTORY) if one.in_run else None
        if path is not None:
            return read_history(path, config)
    named = config.inputs.history
    if named is None:
        raise UsageError("no history to score against", hint="name what happened since with --history FILE")
    files = [named] if isinstance(named, str) else list(named)
    parts = [read_history(base / name, config, mapping=mapping) for name in files]
    return pd.concat(parts, ignore_index=True)


def _forecasts_of(place: Path) -> list[ForecastFile]:
    if not place.is_dir():
        return [ForecastFile(str(place), place)]
    folders = [place]
    if find_table(place, FORECAST) is None:
        folders = [one for one in place.iterdir() if one.is_dir() and not one.name.startswith(".")]
    paths = {folder.resolve(): find_table(folder, FORECAST) for folder in sorted(folders)}
    return [ForecastFile(run.name, path, in_run=True) for run, path in paths.items() if path is not None]


def _age(one: ForecastFile) -> tuple[bool, str, int, str]:
    """Return a key that puts files first, then runs by the moment planned from and their number."""
    if not RUN_NAME.fullmatch(one.name):
        return one.in_run, "", 0, one.name
    stem, _, number = one.name.rpartition("-")
    return True, stem, int(number), one.name
