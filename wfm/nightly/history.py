"""The runs so far, newest first, as `wfm status` shows them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wfm.errors import DataError, Fault
from wfm.io.atomic import write_text
from wfm.io.results import read_summary
from wfm.io.run_paths import read_manifest
from wfm.nightly.publish import CURRENT

ATTEMPTS = "attempts.jsonl"
MOST_KEPT = 1000  # nights: about three years


@dataclass(frozen=True)
class Run:
    """One run folder, or one night that published nothing (exit_code above 0)."""

    run: str
    published: bool
    exit_code: int
    text: str

    def __str__(self) -> str:
        mark = "*" if self.published else " "
        first_line = self.text.partition("\n")[0]
        return f"{mark} {self.run}  exit {self.exit_code}  {first_line}"

    def facts(self) -> dict[str, Any]:
        """Return the run as plain values."""
        return asdict(self)


def record(runs: Path, run: str, exit_code: int, error: str = "") -> None:
    """Add a night to the list of attempts, which is replaced whole; OutputError if it cannot be written."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"time": now, "run": run, "exit_code": exit_code, "error": error}, ensure_ascii=False)
    lines = [*_lines(runs)[1 - MOST_KEPT :], line]
    write_text(runs / ATTEMPTS, "".join(f"{text}\n" for text in lines))


def last_runs(runs: Path, most: int) -> list[Run]:
    """Return the last nights, newest first; the published run carries a star."""
    if not runs.is_dir():
        return []
    current = (runs / CURRENT).resolve().name if (runs / CURRENT).exists() else ""
    lines = list(enumerate(_lines(runs), start=1))
    nights = [_night(runs / ATTEMPTS, number, line) for number, line in lines[-most:]]
    return [_run(runs, night, current) for night in reversed(nights)]


def published_runs(runs: Path) -> list[str]:
    """Return the names of the runs that nights ended with, the last one last."""
    names = [
        _night(runs / ATTEMPTS, number, line)["run"] for number, line in enumerate(_lines(runs), start=1)
    ]
    return [name for name in names if name]


def _lines(runs: Path) -> list[str]:
    attempts = runs / ATTEMPTS
    return attempts.read_text(encoding="utf-8").splitlines() if attempts.exists() else []


def _night(attempts: Path, number: int, line: str) -> dict[str, Any]:
    """Return one line of the list; DataError when somebody else has written in it."""
    try:
        night = json.loads(line)
        return {
            **{key: str(night[key]) for key in ("time", "run", "error")},
            "exit_code": int(night["exit_code"]),
        }
    except (ValueError, TypeError, KeyError) as error:
        fault = Fault("not a night", "remove this line", row=number, value=line)
        raise DataError([fault], source=str(attempts)) from error


def _run(runs: Path, night: dict[str, Any], current: str) -> Run:
    name, text = night["run"], " ".join(night["error"].split())
    summary = runs / name / "summary.json"
    if name and summary.exists():
        text = "; ".join([_in_words(read_summary(summary)), *_kept(read_manifest(runs / name))])
    return Run(name or night["time"], name == current and bool(name), night["exit_code"], text)


def _kept(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Yield in words what of a run is older than it, and which queues nobody knows enough of."""
    for one in manifest.get("stale", ()):
        names = ", ".join(one["names"])
        if one.get("since"):
            yield f"{one['stage']} of {names} kept from {one['since']}, reaches to {one['until']}"
        elif not one["kept"]:
            yield f"{one['stage']} of {names} failed, there is none from before"
    for gap in manifest.get("uncovered", ()):
        yield f"no forecast of {gap['queue']} from {gap['days'][0]} to {gap['days'][-1]}"


def _in_words(figures: Mapping[str, Any]) -> str:
    try:
        return (
            f"{figures['first_day']} +{figures['weeks']}w: gap {figures['gap']:.1%},"
            f" understaffed {figures['understaffed_h']:.1f} h of {figures['required_h']:.0f} h"
        )
    except KeyError as lacking:
        return f"made by another version: its summary has no {lacking}"
