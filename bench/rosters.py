"""Rosters by family: objective, proven bound and gap, staffing, violations, seconds and memory.

    python bench/rosters.py                      a small instance of each family (what `make bench` runs)
    python bench/rosters.py prototype --agents 200 --limit 120 --seeds 1 2 3 4 5
    python bench/rosters.py prototype --agents 1000 --weeks 4 --limit 720 [--rotation fixed]
    python bench/rosters.py hidden --agents 60 --seeds 1 2 3
    python bench/rosters.py retail --instances 1_7_10_1 81_14_20_1 [--rules source]
    python bench/rosters.py peers --agents 30 --limit 60 [--peers DIR | --install-peers DIR]

prototype: the generator beside the project (`bench/prototype.py`). hidden: requirements that a known legal
roster covers exactly (`bench/hidden.py`). retail: public instances and the penalty of that set
(`bench/retail.py`). peers: others on the instance of prototype, ours first (`bench/roster_peers.py`).
All take --json. Shares are of the required hours. Each row runs in a process of its own, so that memory and
seconds are its own; after several, the worst figure of each column follows. What is not there is skipped.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.centres import Absent

Row = dict[str, Any]
FAMILIES = {"prototype": "prototype", "hidden": "hidden", "retail": "retail", "peers": "roster_peers"}
FORMATS = {
    "objective": "10.0f",
    "bound": "10.0f",
    "known": "10.0f",
    "gap": "8.2%",
    "above_known": "+12.2%",
    "understaffed": "13.3%",
    "overstaffed": "12.2%",
    "violations": "11d",
    "missing_h": "10.2f",
    "penalty": "8d",
    "floor": "7d",
    "published": "10d",
    "wall_s": "8.1f",
    "cpu_s": "8.1f",
    "mib": "6d",
}


def main() -> None:
    options = arguments()
    if options.one:
        print(json.dumps(row_of(json.loads(options.one))))
        return
    families = {options.family: cases(options)} if options.family else small_cases(options)
    report = {family: run(of_family, quiet=options.json) for family, of_family in families.items()}
    if options.json:
        print(json.dumps(report, indent=1))


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("family", nargs="?", choices=list(FAMILIES))
    parser.add_argument("--agents", type=int, default=30)
    parser.add_argument("--weeks", type=int, default=1)
    parser.add_argument("--limit", type=float, default=60, help="time limit of an instance, seconds")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--rotation", choices=["rule", "fixed"], default="rule", help="of prototype")
    parser.add_argument("--instances", nargs="+", default=["1_7_10_1"], help="of retail")
    parser.add_argument("--rules", choices=["readme", "source"], default="readme", help="of retail")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help="make them first")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def cases(options: argparse.Namespace) -> list[Row]:
    """Return what each row of the chosen family is made from."""
    same = {"family": options.family, "limit_s": options.limit}
    if options.family == "retail":
        return [{**same, "name": name, "rules": options.rules} for name in options.instances]
    sized = [{**same, "n": options.agents, "weeks": options.weeks, "seed": seed} for seed in options.seeds]
    if options.family == "prototype":
        return [{**case, "rotation": options.rotation} for case in sized]
    if options.family == "peers":
        peers = importlib.import_module("bench.roster_peers")
        folder = options.install_peers or options.peers
        if options.install_peers:
            peers.install(folder)
        return [
            {**case, "peer": name, "folder": folder and str(folder)} for case in sized for name in peers.PEERS
        ]
    return sized


def small_cases(options: argparse.Namespace) -> dict[str, list[Row]]:
    """Return one small instance of each family of ours: about a minute in all."""
    options.limit, found = 15, {}
    for family in ("prototype", "hidden", "retail"):
        options.family = family
        found[family] = cases(options)
    return found


def run(of_family: Sequence[Row], *, quiet: bool) -> Row:
    """Return the rows of a family and the worst of each column, shown as they come unless quiet."""
    rows: list[Row] = []
    for case in of_family:
        rows.append({"family": case["family"], **in_a_process(case)})
        if not quiet:
            show(rows[-1], header=len(rows) == 1)
    largest = worst(rows)
    if not quiet and len(rows) > 1:
        show(largest, header=False)
    return {"rows": rows, "worst": largest}


def in_a_process(case: Row) -> Row:
    ended = subprocess.run(
        [sys.executable, __file__, "--one", json.dumps(case)], capture_output=True, text=True, check=False
    )
    if ended.returncode:
        return {"instance": str(case), "status": f"failed: {ended.stderr.strip().splitlines()[-1]}"}
    row: Row = json.loads(ended.stdout)
    return row


def row_of(case: Row) -> Row:
    """Return the figures of one row; the module of its family has `measured`."""
    family = importlib.import_module(f"bench.{FAMILIES[case.pop('family')]}")
    try:
        row: Row = family.measured(**case)
    except Absent as why:
        return {"instance": "-", "status": f"skipped: {why}"}
    return row


def worst(rows: Sequence[Row]) -> Row:
    """Return the largest figure of each column, and how many rows have none."""
    known = {name: [row[name] for row in rows if row.get(name) is not None] for name in FORMATS}
    largest = {name: max(figures) for name, figures in known.items() if figures}
    without = len(rows) - len(known["objective"])
    return {"family": "worst", "instance": "", **largest, "status": f"{without} without" if without else ""}


def show(row: Row, *, header: bool) -> None:
    columns = [name for name in FORMATS if name in row]
    if header:
        print(f"{'family':<10}{'instance':<36}" + "".join(map(headed, columns)) + "  status")
    cells = "".join(cell(name, row[name]) for name in columns)
    print(f"{row['family']:<10}{row['instance']:<36}{cells}  {row['status']}", flush=True)


def headed(name: str) -> str:
    return f"{name:>{width(name)}}"


def cell(name: str, value: float | None) -> str:
    return f"{'-':>{width(name)}}" if value is None else f"{value:{FORMATS[name]}}"


def width(name: str) -> int:
    return int(FORMATS[name].lstrip("+").split(".")[0].rstrip("d"))


if __name__ == "__main__":
    main()
