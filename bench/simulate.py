"""Contacts per CPU second of `wfm simulate`, beside Ciw and SimPy, all checked by the oracle.

    python bench/simulate.py [--json] [--peers DIR] [--install-peers DIR]

`--install-peers DIR` makes one virtual environment per peer in DIR (pip, from its usual index) and then
compares; `--peers DIR` uses those of an earlier run. Without either only ours is measured.

Ours are whole replications through `replicate` on one thread, counting and adding up included, warm, the
median of PASSES. `single`: one queue of 90 erlangs; `skills`: five queues, ten groups of agents with two
skills each, 150 agents; `roster`: the same people in shifts of two to four stretches; `days`: 1,000 days of
20,000 contacts with a day's curve, wall seconds on two threads. `peers` is M/M/n+M at 20 erlangs, 21 agents:
service level, abandonment and mean wait beside the exact ones (tests/erlang/oracle.py).
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from simulate_peers import PEERS

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.erlang import oracle
from tests.simulate.small import REST, centre, whole_time
from wfm.simulate.book import ABANDONED, ANSWERED, ANSWERED_IN, ATTEMPTS, WAITED_S
from wfm.simulate.replications import Replications, replicate
from wfm.simulate.scenario import Scenario

PASSES = 5
DAY_S, INTERVAL_S = 86_400.0, 900.0
DAY_INTERVALS = 96
QUESTION = {"load": 20.0, "agents": 21, "aht_s": 180.0, "patience_s": 120.0, "within_s": 20.0}
PEER_CONTACTS = 100_000
PAIRS = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2), (1, 3), (2, 4), (3, 0), (4, 1)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help="make them first")
    options = parser.parse_args()
    if options.install_peers:
        install(options.install_peers)
    report = {
        "contacts_per_cpu_s": {name: speed(make(), count) for name, (make, count) in OURS.items()},
        "days_wall_s": thousand_days(),
        "same_queue": {"exact": exact(), "wfm": ours_beside()}
        | beside(options.install_peers or options.peers),
    }
    print(json.dumps(report, indent=1) if options.json else in_words(report))


def single() -> Scenario:
    """Return a week of one queue: 90 erlangs, 92 agents, AHT 180 s, patience 180 s."""
    return centre(
        [0.5], [180.0], [[0]], whole_time(0, 92, 7 * DAY_S),
        intervals=7 * DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0,
    )  # fmt: skip


def skills() -> Scenario:
    """Return two days of five queues and ten groups of 15, about 90 % loaded."""
    crew = [agent for group in range(len(PAIRS)) for agent in whole_time(group, 15, 2 * DAY_S)]
    return centre(
        [0.15] * 5, [180.0] * 5, ranks(), crew,
        intervals=2 * DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0,
    )  # fmt: skip


def roster() -> Scenario:
    """Return two days of the same queues, 450 people in three shifts a day with breaks and a lunch."""
    crew = []
    for number in range(450):
        start = (number % 3) * 8 * 3600.0 + (number // 30 % 4) * 900.0
        spans = []
        for day in range(2):
            begin = day * DAY_S + start
            spans += [(begin, begin + 7200), (begin + 8100, begin + 14_400), (begin + 16_200, begin + 27_000)]
        crew.append((number % len(PAIRS), spans))
    return centre(
        [0.12] * 5, [180.0] * 5, ranks(), crew,
        intervals=2 * DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0,
    )  # fmt: skip


def ranks() -> list[list[int]]:
    """Return the ten groups' ranks of the five queues."""
    return [[pair.index(q) if q in pair else REST for q in range(5)] for pair in PAIRS]


OURS: dict[str, tuple[Callable[[], Scenario], int]] = {
    "single": (single, 8),
    "skills": (skills, 8),
    "roster": (roster, 8),
}


def speed(scenario: Scenario, replications: int) -> float:
    """Return contacts per CPU second on one thread, the median of several passes."""
    variants = np.zeros(len(scenario.rules.priority), dtype=np.int64)
    replicate(scenario, variants, Replications(0, 0, 1), workers=1)
    found = []
    for seed in range(PASSES):
        begun = time.process_time()
        sums = replicate(scenario, variants, Replications(seed, 0, replications), workers=1)
        found.append(float(sums.counts[ATTEMPTS].sum()) / (time.process_time() - begun))
    return statistics.median(found)


def thousand_days() -> float:
    """Return the wall seconds of 1,000 days of 20,000 contacts on two threads."""
    hour = np.arange(DAY_INTERVALS) / 4
    curve = np.exp(-(((hour - 11) / 3) ** 2)) + 0.8 * np.exp(-(((hour - 16) / 3) ** 2)) + 0.02
    rate = 20_000 * curve / curve.sum() / INTERVAL_S
    agents = np.ceil(rate * 180 + np.sqrt(rate * 180)).astype(int)
    crew = []
    for number in range(agents.max()):
        here = np.flatnonzero(np.diff(np.concatenate([[0], agents > number, [0]]).astype(int)))
        crew.append(
            (0, [(INTERVAL_S * a, INTERVAL_S * b) for a, b in zip(here[::2], here[1::2], strict=True)])
        )
    scenario = centre(
        rate[None], [180.0], [[0]], crew, intervals=DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0
    )
    variants = np.zeros(1, dtype=np.int64)
    replicate(scenario, variants, Replications(0, 0, 8), workers=2)
    begun = time.monotonic()
    sums = replicate(scenario, variants, Replications(1, 0, 1000), workers=2)
    wall_s = time.monotonic() - begun
    assert abs(sums.counts[ATTEMPTS].sum() / 2e7 - 1) < 0.01
    return wall_s


def exact() -> dict[str, float]:
    """Return what the formulas say of the question put to all."""
    found = oracle.erlang_a(
        QUESTION["agents"], *(QUESTION[k] for k in ("load", "aht_s", "patience_s", "within_s"))
    )
    names = {"service_level": "answered_in_target", "abandonment": "abandonment", "asa_s": "asa_s"}
    return {name: float(found[key]) for name, key in names.items()}


def ours_beside() -> dict[str, Any]:
    """Return our answers to the question, with standard errors, and contacts per CPU second."""
    hours = 900
    scenario = centre(
        [QUESTION["load"] / QUESTION["aht_s"]], [QUESTION["aht_s"]], [[0]],
        whole_time(0, int(QUESTION["agents"]), hours * 3600.0), intervals=hours,
        patience_s=QUESTION["patience_s"], answer_within_s=QUESTION["within_s"],
    )  # fmt: skip
    variants = np.zeros(1, dtype=np.int64)
    rows = [
        replicate(scenario, variants, Replications(seed, 0, 1), workers=1).counts[:, 0].sum(axis=1)
        for seed in range(20)
    ]
    counts = np.array(rows).T
    pairs = {
        "service_level": (counts[ANSWERED_IN], counts[ATTEMPTS]),
        "abandonment": (counts[ABANDONED], counts[ATTEMPTS]),
        "asa_s": (counts[WAITED_S], counts[ANSWERED]),
    }
    values = {name: float(x.sum() / y.sum()) for name, (x, y) in pairs.items()}
    errors = {name: float((x / y).std(ddof=1) / np.sqrt(len(x))) for name, (x, y) in pairs.items()}
    return {**values, "errors": errors, "contacts_per_cpu_s": speed(scenario, 8)}


def beside(folder: Path | None) -> dict[str, Any]:
    """Return the peers' answers, or why there is none."""
    if folder is None:
        return dict.fromkeys(PEERS, "skipped: no --peers")
    return {name: ask(folder / name / "bin" / "python", name) for name in PEERS}


def ask(python: Path, name: str) -> dict[str, Any] | str:
    if not python.exists():
        return "skipped: not installed"
    script = Path(__file__).with_name("simulate_peers.py")
    question = json.dumps({**QUESTION, "contacts": PEER_CONTACTS, "passes": 5})
    ended = subprocess.run(
        [python, script, name], input=question, capture_output=True, text=True, check=False, timeout=600
    )
    if ended.returncode:
        return f"failed: {ended.stderr.strip().splitlines()[-1]}"
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def install(folder: Path) -> None:
    """Make an environment for each peer."""
    for name in PEERS:
        venv.create(folder / name, with_pip=True, clear=True)
        subprocess.run([folder / name / "bin" / "python", "-m", "pip", "install", "-q", name], check=True)


def in_words(report: dict[str, Any]) -> str:
    lines = ["contacts per CPU second, one thread, warm:"]
    lines += [f"  {name:<8}{value / 1e6:8.2f} M" for name, value in report["contacts_per_cpu_s"].items()]
    lines.append(f"1,000 days of 20,000 contacts on two threads: {report['days_wall_s']:.2f} s")
    lines.append("M/M/n+M, 20 erlangs, 21 agents:    level  abandoned    ASA s   contacts/CPU s")
    for name, found in report["same_queue"].items():
        if isinstance(found, str):
            lines.append(f"  {name:<30}{found}")
            continue
        rate = found.get("contacts_per_cpu_s")
        figures = f"{found['service_level']:10.2%}{found['abandonment']:11.2%}{found['asa_s']:9.2f}"
        lines.append(f"  {name:<28}{figures}{'' if rate is None else f'{rate:17,.0f}'}")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
