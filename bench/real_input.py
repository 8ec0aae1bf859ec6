"""The command lines of docs/real_data.md, run one after the other: time and memory of each, accuracy, roster.

Every indented line of that page that starts with wfm, python or mkdir is run as it stands, from the root of
the project, so that page and figures cannot part. Prints Markdown tables. CPU seconds are user + system;
memory is the largest resident set of the process, by wait4.

    python bench/real_input.py [WORD ...]      # of the headings, e.g. February; default: all
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# Nothing heavy is imported up here: a child's peak memory counts that of the parent it was forked from.

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "real_data.md"
DATA = ROOT.parent / "shared" / "data"
OUT = ROOT / "build"
INTERVAL_H = 0.5  # of all three examples
RATIOS = ("wape", "day_wape", "noise_floor", "bias", "coverage_80", "coverage_95")


@dataclass(frozen=True)
class Stage:
    """One command that was run."""

    name: str
    wall_s: float
    cpu_s: float
    peak_mb: float


def sections(page: str) -> dict[str, list[str]]:
    """Return the command lines below each heading, continuations joined."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in page.replace("\\\n", " ").splitlines():
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        if re.match(r" {4}(wfm|python|mkdir) ", line):
            found.setdefault(heading, []).append(line.strip())
    return found


def run(command: str) -> Stage:
    """Run one command line of the page; if it fails, stop and show what it said."""
    words = shlex.split(command)
    program = {"wfm": [sys.executable, "-m", "wfm"], "python": [sys.executable]}.get(words[0], [words[0]])
    with tempfile.TemporaryFile("w+") as said:
        start = time.perf_counter()
        child = subprocess.Popen(
            [*program, *words[1:]], cwd=ROOT, stdout=said, stderr=said, env=environment()
        )
        _, status, used = os.wait4(child.pid, 0)
        wall_s = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            said.seek(0)
            raise SystemExit(f"{command}\nended {child.returncode}:\n{said.read()}")
    name = " ".join(words[:2]) if words[0] == "wfm" else words[0]
    return Stage(name, wall_s, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def environment() -> dict[str, str]:
    """Return ours, with the project where the scripts of the examples find it."""
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def stages_table(stages: list[Stage]) -> None:
    print("| command | wall s | CPU s | peak MB |\n|---|---|---|---|")
    for stage in stages:
        if stage.name.startswith("wfm"):
            print(f"| `{stage.name}` | {stage.wall_s:.1f} | {stage.cpu_s:.1f} | {stage.peak_mb:.0f} |")


def scores_table(path: Path) -> None:
    """Print the figures of a backtest, the best model first."""
    import pandas as pd

    scores = pd.read_csv(path).sort_values("wape")
    first = scores.iloc[0]
    counted = f"{first['origins']} origins, {first['intervals']} intervals, {first['contacts']:.0f} contacts"
    handle_time = f", AHT WAPE {first['aht_wape']:.1%}" if "aht_wape" in scores else ""
    print(f"\n{path.relative_to(ROOT)}: {counted}{handle_time}\n")
    print("| model | WAPE | day WAPE | floor | bias | in 80 % band | in 95 % band |\n|" + "---|" * 7)
    for row in scores.to_dict("records"):
        mark = "**" if row["chosen"] else ""
        cells = " | ".join(f"{row[name]:.1%}" for name in RATIOS)
        print(f"| {mark}{row['model']}{mark} | {cells} |")


def held_out(folder: Path) -> None:
    """Print the error of the forecast file against the week that came, reckoned here with pandas alone."""
    import pandas as pd

    history = pd.read_parquet(folder / "history.parquet").set_index("interval_start")["offered"]
    forecast = pd.read_parquet(folder / "forecast.parquet").set_index("interval_start")
    recent = pd.DataFrame(
        {week: history.shift(freq=f"{7 * week}D").reindex(forecast.index) for week in (1, 2, 3)}
    )
    came = history.reindex(forecast.index)
    print(f"\nheld-out week: {len(came)} open intervals, {came.sum():.0f} calls, the outage included\n")
    print("| forecast | WAPE |\n|---|---|")
    for name, expected in {
        "wfm": forecast["offered"],
        "one week before": recent[1],
        "median of the weeks before": recent.median(axis=1),
    }.items():
        print(f"| {name} | {(expected - came).abs().sum() / came.sum():.1%} |")


def staffing(folder: Path) -> None:
    """Print what the forecast expects and what it takes, in agent-hours and agents at once."""
    import pandas as pd

    requirements = pd.read_parquet(folder / "requirements.parquet")
    offered, load = requirements["offered"].sum(), requirements["load"].max()
    print(f"\nforecast: {len(requirements)} intervals, {offered:.0f} calls, at most {load:.1f} erlangs")
    print("\n| | hours | most at once |\n|---|---|---|")
    for name in ("agents_required", "agents_to_schedule", "agents_gross"):
        print(f"| {name} | {requirements[name].sum() * INTERVAL_H:.1f} | {requirements[name].max()} |")


def roster(folder: Path) -> None:
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    print("\n| roster | |\n|---|---|")
    for name in (
        "status",
        "objective",
        "bound",
        "gap",
        "required_h",
        "understaffed_h",
        "overstaffed_h",
        "agents",
    ):
        value = summary[name]
        print(f"| {name} | {value if isinstance(value, str | int) else format(value, '.3f')} |")
    print("\nviolations found by wfm verify: 0 (it ends 5 otherwise)")


def main() -> None:
    if not DATA.is_dir():
        raise SystemExit(f"no {DATA}: the real data lie beside the project, see {PAGE.relative_to(ROOT)}")
    wanted = [word.lower() for word in sys.argv[1:]]
    chosen = {
        heading: commands
        for heading, commands in sections(PAGE.read_text(encoding="utf-8")).items()
        if not wanted or any(word in heading.lower() for word in wanted)
    }
    measured = {heading: [run(command) for command in commands] for heading, commands in chosen.items()}
    for heading, stages in measured.items():
        print(f"\n### {heading}\n")
        stages_table(stages)
        folders = {match for command in chosen[heading] for match in re.findall(r"build/(\w+)", command)}
        for folder in sorted(folders):
            for path in sorted((OUT / folder).glob("scores*.csv")):
                scores_table(path)
            staffing(OUT / folder)
            if (OUT / folder / "summary.json").exists():
                held_out(OUT / folder)
                roster(OUT / folder)


if __name__ == "__main__":
    main()
