"""The runs so far, newest first, as `wfm status` shows them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from wfm.io.results import read_summary
from wfm.nightly.publish import CURRENT

ATTEMPTS = "attempts.jsonl"


@dataclass(frozen=True)
class Run:
    """One run folder, or one night that published nothing (exit_code above 0)."""

    run: str
    published: bool
    exit_code: int
    text: str

    def __str__(self) -> str:
        mark = "*" if self.published else " "
        return f"{mark} {self.run}  exit {self.exit_code}  {self.text}"

    def facts(self) -> dict[str, Any]:
        """Return the run as plain values."""
        return asdict(self)


def record(runs: Path, run: str, exit_code: int, error: str = "") -> None:
    """Add a night to the list of attempts; one line, appended whole."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    line = json.dumps({"time": now, "run": run, "exit_code": exit_code, "error": error}, ensure_ascii=False)
    with (runs / ATTEMPTS).open("a", encoding="utf-8") as attempts:
        attempts.write(line + "\n")


def last_runs(runs: Path, most: int) -> list[Run]:
    """Return the last nights, newest first; the published run carries a star."""
    if not runs.is_dir():
        return []
    current = (runs / CURRENT).resolve().name if (runs / CURRENT).exists() else ""
    attempts = runs / ATTEMPTS
    lines = attempts.read_text(encoding="utf-8").splitlines() if attempts.exists() else []
    nights = [json.loads(line) for line in lines[-most:]]
    return [_run(runs, night, current) for night in reversed(nights)]


def _run(runs: Path, night: dict[str, Any], current: str) -> Run:
    name = str(night["run"])
    text = str(night.get("error", ""))
    summary = runs / name / "summary.json"
    if name and summary.exists():
        figures = read_summary(summary)
        text = (
            f"{figures['first_day']} +{figures['weeks']}w: gap {figures['gap']:.1%},"
            f" understaffed {figures['understaffed_h']:.1f} h of {figures['required_h']:.0f} h"
        )
    return Run(name or str(night["time"]), name == current and bool(name), int(night["exit_code"]), text)
