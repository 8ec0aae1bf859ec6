"""Required agents beside the open peers: how many rows are right, and rows per CPU second.

    python bench/erlang.py [--json] [--peers DIR] [--install-peers DIR]

`--install-peers DIR` makes one virtual environment per peer in DIR (pip, from its usual index; pyworkforce
from its source distribution) and then compares; `--peers DIR` uses those of an earlier run. Without either
only ours is measured. Nothing is added to the environment of the project.

The rows are one list for all: ordinary (Erlang C, 0.2-500 erlangs, with shrinkage), boundary (occupancy and
shrinkage that come out at whole numbers, where floats are off by one), extreme (0.01 to 50,000 erlangs,
threshold 0, handle times longer than the interval, no calls) and patience (Erlang A, 0.2-60 erlangs). A row
is right if both numbers, agents and agents with shrinkage, are the exact ones. Those are ours, once each of
them is proved minimal by the 25-digit sums of tests/erlang/oracle.py and rational arithmetic (`proved`).
`late` is a row without answer after LIMIT_S seconds, `not asked` one for which a peer had no time left of the
BUDGET_S of its kind. None of the peers knows chat, or what earlier intervals leave behind.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import time
import venv
from fractions import Fraction
from pathlib import Path

import numpy as np
from erlang_peers import PEERS
from mpmath import mpf

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.erlang import oracle
from wfm.erlang.models import QueueingModel
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import Targets, fewest_agents

LIMIT_S, BUDGET_S = 2.0, 5.0
KINDS = ("ordinary", "boundary", "extreme", "patience")
REQUIREMENTS = {  # of pip, one call each: what a peer needs, then the peer
    "pyworkforce": (
        ["numpy", "pandas", "ortools", "joblib"],
        ["--no-deps", "--ignore-requires-python", "--no-binary", "pyworkforce", "pyworkforce"],
    ),
    "call-center-tools": (["call-center-tools"],),
    "erlanglib": (["erlanglib"],),
    "wfmplan": (["wfmplan", "scipy"],),  # it imports scipy without saying so
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help="make them first")
    options = parser.parse_args()
    folder, missing = options.install_peers or options.peers, {}
    if options.install_peers:
        missing = install(options.install_peers)
    rows = all_rows()
    exact = [ours(row) for row in rows]
    report = {
        "rows": {kind: sum(row["kind"] == kind for row in rows) for kind in KINDS},
        "proved": sum(proved(row, answer) for row, answer in zip(rows, exact, strict=True)),
        "wfm": {"answers": counted(rows, exact, exact), "rows_per_s": our_speed(rows)},
        "peers": {name: peer(folder, name, rows, exact, missing) for name in PEERS},
    }
    print(json.dumps(report, indent=1) if options.json else as_text(report))


def install(folder: Path) -> dict[str, str]:
    """Make the environments; return why a peer could not be installed."""
    missing = {}
    for name, calls in REQUIREMENTS.items():
        venv.create(folder / name, with_pip=True, clear=True)
        for packages in calls:
            pip = [python_of(folder, name), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            made = subprocess.run([*pip, *packages], capture_output=True, text=True, check=False)
            if made.returncode:
                missing[name] = made.stderr.strip().splitlines()[-1]
    return missing


def python_of(folder: Path, name: str) -> Path:
    return folder / name / "bin" / "python"


def all_rows() -> list[dict]:
    """Return the rows of every kind, each kind in random but fixed order."""
    return [*ordinary(), *boundary(), *extreme(), *patience()]


def a_row(kind: str, calls: float, aht_s: float, interval_s: float = 1800.0, **more) -> dict:
    usual = {
        "service_level": 0.8,
        "within_s": 20.0,
        "max_occupancy": None,
        "shrinkage": 0.0,
        "patience_s": None,
    }
    return {"kind": kind, "calls": calls, "aht_s": aht_s, "interval_s": interval_s, **usual, **more}


def ordinary() -> list[dict]:
    random = np.random.default_rng(11)
    rows = []
    for load in np.exp(random.uniform(math.log(0.2), math.log(500), 200)):
        aht_s = float(random.integers(60, 900))
        within_s, share = float(random.choice([10, 20, 30, 60])), float(random.choice([0.7, 0.8, 0.9, 0.95]))
        calls = max(0.1, round(load * 1800 / aht_s, 1))
        shrinkage = float(random.choice([0.0, 0.25, 0.31]))
        rows.append(
            a_row("ordinary", calls, aht_s, service_level=share, within_s=within_s, shrinkage=shrinkage)
        )
    return rows


def boundary() -> list[dict]:
    """Return rows where whole numbers of agents come to the occupancy cap exactly, as decimals say it."""
    rows = []
    for agents in range(21, 421, 7):
        for cap, shrinkage in ((0.7, 0.3), (0.85, 0.15), (0.6, 0.4)):
            load = agents * int(100 * cap + 0.5) / 100
            rows.append(
                a_row(
                    "boundary",
                    round(load * 10, 6),
                    180.0,
                    max_occupancy=cap,
                    shrinkage=shrinkage,
                    service_level=0.5,
                )
            )
    return rows


def extreme() -> list[dict]:
    loads = (0.01, 0.05, 2000.0, 10_000.0, 50_000.0)
    return [
        *(a_row("extreme", load * 6, 300.0) for load in loads),
        *(a_row("extreme", load * 6, 300.0, service_level=0.99) for load in loads),
        *(a_row("extreme", calls, 240.0, within_s=0.0) for calls in (0.5, 20.0, 300.0, 1500.0)),
        *(a_row("extreme", calls, aht_s, 900.0) for calls in (0.2, 3.0, 40.0) for aht_s in (1200.0, 5400.0)),
        *(a_row("extreme", calls, 300.0, service_level=0.9999) for calls in (1.0, 60.0, 600.0)),
        a_row("extreme", 0.0, 300.0),
        a_row("extreme", 120.0, 300.0, within_s=1800.0),
    ]


def patience() -> list[dict]:
    random = np.random.default_rng(12)
    return [
        a_row(
            "patience",
            max(0.1, round(float(load) * 1800 / aht_s, 1)),
            aht_s,
            patience_s=float(random.choice([60, 180, 400])),
            service_level=float(random.choice([0.7, 0.8, 0.9])),
        )
        for load in np.exp(random.uniform(math.log(0.2), math.log(60), 30))
        for aht_s in [float(random.integers(60, 900))]
    ]


def model_of(row: dict) -> QueueingModel:
    return QueueingModel("erlang_a", row["patience_s"]) if row["patience_s"] else QueueingModel("erlang_c")


def targets_of(row: dict) -> Targets:
    return Targets(
        service_level=row["service_level"],
        answer_within_s=row["within_s"],
        max_occupancy=row["max_occupancy"],
    )


def ours(row: dict) -> list[int]:
    required = fewest_agents(model_of(row), [row["calls"]], row["interval_s"], row["aht_s"], targets_of(row))
    return [int(required[0]), int(with_shrinkage(required, {"all": row["shrinkage"]}, []).agents_gross[0])]


def proved(row: dict, answer: list[int]) -> bool:
    """Return whether the agents are enough, one less too few, and the shrinkage rounded up from them."""
    agents, gross = answer
    smallest = agents == 0 if row["calls"] == 0 else enough(row, agents) and not enough(row, agents - 1)
    return smallest and gross == math.ceil(agents / (1 - Fraction(str(row["shrinkage"]))))


def enough(row: dict, agents: int) -> bool:
    load = Fraction(str(row["calls"])) * Fraction(str(row["aht_s"])) / Fraction(str(row["interval_s"]))
    if agents < 1 or (row["patience_s"] is None and agents <= load):
        return False
    precise, aht_s, within_s = mpf(load.numerator) / load.denominator, mpf(row["aht_s"]), mpf(row["within_s"])
    if row["patience_s"] is None:
        cap = Fraction(str(row["max_occupancy"] or 1))
        level = oracle.erlang_c(agents, precise, aht_s, within_s)["service_level"]
        return load <= cap * agents and level >= row["service_level"]
    found = oracle.erlang_a(agents, precise, aht_s, row["patience_s"], within_s)
    return found["answered_in_target"] >= row["service_level"]


def counted(rows: list[dict], answers: list, exact: list) -> dict[str, dict[str, int]]:
    """Return by kind how many rows are right, wrong, or without answer, and for which reason."""
    found: dict[str, dict[str, int]] = {}
    for row, answer, truth in zip(rows, answers, exact, strict=True):
        verdict = answer if isinstance(answer, str) else "right" if answer == truth else "wrong"
        of_kind = found.setdefault(row["kind"], {})
        of_kind[verdict] = of_kind.get(verdict, 0) + 1
    return found


def our_speed(rows: list[dict]) -> dict[str, float]:
    """Return rows per CPU second: the peers' loads many times over, with one target; and a million others."""
    mixed = np.exp(np.random.default_rng(13).uniform(math.log(0.2), math.log(500), 1_000_000))
    found = {}
    for name, kind in (("erlang_c", "ordinary"), ("erlang_a", "patience")):
        same = [row for row in rows if row["kind"] == kind]
        model, targets = model_of(same[0]), targets_of(same[0])
        calls, aht_s = (np.tile([row[key] for row in same], 2000) for key in ("calls", "aht_s"))
        found[name] = rate(model, calls, aht_s, targets)
        found[f"{name}, 1e6 rows of 0.2-500 erlangs"] = rate(
            model, mixed * 6, np.full(mixed.size, 300.0), targets
        )
    return found


def rate(model: QueueingModel, calls: np.ndarray, aht_s: np.ndarray, targets: Targets) -> float:
    seconds = []
    fewest_agents(model, calls[:10], 1800.0, aht_s[:10], targets)
    for _ in range(3):
        begin = time.process_time()
        fewest_agents(model, calls, 1800.0, aht_s, targets)
        seconds.append(time.process_time() - begin)
    return round(calls.size / statistics.median(seconds))


def peer(folder: Path | None, name: str, rows: list[dict], exact: list, missing: dict[str, str]) -> dict:
    """Return the peer's counts and speed, or why there are none."""
    if folder is None:
        return {"absent": "python bench/erlang.py --install-peers DIR installs it"}
    if name in missing or not python_of(folder, name).is_file():
        return {"absent": missing.get(name, f"not in {folder}")}
    question = json.dumps({"rows": rows, "limit_s": LIMIT_S, "budget_s": BUDGET_S})
    worker = Path(__file__).with_name("erlang_peers.py")
    asked = subprocess.run(
        [python_of(folder, name), worker, name], input=question, capture_output=True, text=True, check=False
    )
    if asked.returncode:
        return {"absent": asked.stderr.strip().splitlines()[-1]}
    found = json.loads(asked.stdout)
    speed = {
        kind: round(statistics.median(passes), 1) for kind, passes in found["rows_per_s"].items() if passes
    }
    return {
        "version": found["version"],
        "answers": counted(rows, found["answers"], exact),
        "rows_per_s": speed,
    }


def as_text(report: dict) -> str:
    lines = [f"{report['proved']} of {sum(report['rows'].values())} rows proved by the oracle"]
    for name, found in {"wfm": report["wfm"], **report["peers"]}.items():
        if "absent" in found:
            lines.append(f"{name}: not measured: {found['absent']}")
            continue
        lines.append(f"{name} {found.get('version', '')}".rstrip())
        for kind, verdicts in found["answers"].items():
            asked = sum(count for verdict, count in verdicts.items() if verdict != "not asked")
            words = ", ".join(f"{count} {verdict}" for verdict, count in sorted(verdicts.items()))
            share = f"{verdicts.get('right', 0) / asked:7.1%} right" if asked else "      -      "
            lines.append(f"  {kind:<9} {share}   ({words})")
        for what, speed in found["rows_per_s"].items():
            ours_too = report["wfm"]["rows_per_s"].get(what)
            times = f"   wfm is {ours_too / speed:,.0f} times as fast" if name != "wfm" and ours_too else ""
            lines.append(f"  {what}: {speed:,.0f} rows per CPU second{times}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
