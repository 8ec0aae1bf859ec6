"""Contacts per CPU second of `wfm simulate`, beside Ciw and SimPy, all checked by exact figures.

    python bench/simulate.py [--json] [--peers DIR] [--install-peers DIR]

`--install-peers DIR` makes one virtual environment per peer in DIR (pip, from its usual index) and then
compares; `--peers DIR` uses those of an earlier run. Without either only ours is measured.

**Speed.** Whole replications through `replicate` on one thread, counting and adding up included, warm, the
median of PASSES: a week of one queue of 100 and of 40 erlangs; days of 20,000 contacts whose arrivals and
agents follow a curve; `skills`: five queues, ten groups of agents with two skills each, 150 agents, 90 %
loaded; `roster`: the same queues, 450 people in shifts of three stretches. `days`: 1,000 of the days with a
curve, wall seconds on two threads.

**Beside the peers.** `one queue` is M/M/n+M; `two queues` have the same agents, who take the first one's
contacts first, and differ in patience. (In Ciw all agents of a node serve all of its customers, so that this
is as far as all three go.) Exact are the formulas (tests/erlang/oracle.py) and the stationary distribution of
the chain (tests/simulate/markov.py). Behind a figure stands by how many of its standard errors it is off.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.simulate_peers import PEERS
from tests.erlang import oracle
from tests.simulate import markov, small
from wfm.simulate.book import ABANDONED, ANSWERED, ANSWERED_IN, ATTEMPTS, WAITED_S
from wfm.simulate.replications import Replications, replicate
from wfm.simulate.scenario import Scenario
from wfm.simulate.sums import Sums

Question = dict[str, Any]  # see bench/simulate_peers.py
centre: Callable[..., Scenario] = small.centre
stationary: Callable[..., dict[tuple[int, ...], float]] = markov.stationary
erlang_a: Callable[..., dict[str, Any]] = oracle.erlang_a

PASSES = 5
DAY_S, INTERVAL_S, DAY_INTERVALS = 86_400.0, 900.0, 96
HOURS, WARM_UP_HOURS, SEEDS = 900, 4, 20  # of ours beside the peers
PEER_CONTACTS = 100_000  # per pass
LONGEST = (40, 60)  # lines of the chain, beyond which nobody comes
PAIRS = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 0), (0, 2), (1, 3), (2, 4), (3, 0), (4, 1)]
QUESTIONS: dict[str, Question] = {
    "one queue": {
        "agents": 21,
        "aht_s": 180.0,
        "within_s": 20.0,
        "queues": [{"rate": 20 / 180, "patience_s": 120.0}],
    },
    "two queues": {
        "agents": 12,
        "aht_s": 180.0,
        "within_s": 0.0,
        "queues": [{"rate": 5 / 180, "patience_s": 60.0}, {"rate": 7 / 180, "patience_s": 240.0}],
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help="make them first")
    options = parser.parse_args()
    missing = install(options.install_peers) if options.install_peers else {}
    folder = options.install_peers or options.peers
    report = {
        "machine_load": os.getloadavg()[0],  # before it; at best 0, and disturbed from the number of cores on
        "contacts_per_cpu_s": {name: speed(make(), count) for name, (make, count) in OURS.items()},
        "days_wall_s": thousand_days(),
        "beside": {name: beside(question, folder, missing) for name, question in QUESTIONS.items()},
    }
    print(json.dumps(report, indent=1) if options.json else in_words(report))


def week(load: int, agents: int) -> Scenario:
    """Return a week of one queue with AHT and patience 180 s, and always as many agents."""
    return centre(
        [load / 180], [180.0], [[0]], small.whole_time(0, agents, 7 * DAY_S),
        intervals=7 * DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0,
    )  # fmt: skip


def day() -> Scenario:
    """Return a day of 20,000 contacts with two peaks; agents come and go as the square-root rule says."""
    hour = np.arange(DAY_INTERVALS) / 4
    curve = np.exp(-(((hour - 11) / 3) ** 2)) + 0.8 * np.exp(-(((hour - 16) / 3) ** 2)) + 0.02
    rate = 20_000 * curve / curve.sum() / INTERVAL_S
    agents = np.ceil(rate * 180 + np.sqrt(rate * 180)).astype(int)
    crew = []
    for number in range(agents.max()):
        edges = INTERVAL_S * np.flatnonzero(np.diff(np.concatenate([[0], agents > number, [0]])))
        crew.append((0, list(zip(edges[::2], edges[1::2], strict=True))))
    return centre(
        rate[None], [180.0], [[0]], crew, intervals=DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0
    )


def skills() -> Scenario:
    """Return two days of five queues and ten groups of 15, about 90 % loaded."""
    crew = [agent for group in range(len(PAIRS)) for agent in small.whole_time(group, 15, 2 * DAY_S)]
    return five_queues(0.15, crew)


def roster() -> Scenario:
    """Return two days of the same queues, 450 people in three shifts a day with a break and a lunch."""
    crew = []
    for number in range(450):
        start = (number % 3) * 8 * 3600.0 + (number // 30 % 4) * 900.0
        spans = []
        for begin in (start, DAY_S + start):
            spans += [(begin, begin + 7200), (begin + 8100, begin + 14_400), (begin + 16_200, begin + 27_000)]
        crew.append((number % len(PAIRS), spans))
    return five_queues(0.12, crew)


def five_queues(rate: float, crew: list[Any]) -> Scenario:
    ranks = [[pair.index(q) if q in pair else small.REST for q in range(5)] for pair in PAIRS]
    return centre(
        [rate] * 5, [180.0] * 5, ranks, crew,
        intervals=2 * DAY_INTERVALS, interval_s=INTERVAL_S, patience_s=180.0,
    )  # fmt: skip


OURS: dict[str, tuple[Callable[[], Scenario], int]] = {  # and how many replications are a pass
    "100 erlangs": (lambda: week(100, 102), 8),
    "40 erlangs": (lambda: week(40, 41), 16),
    "day's curve": (day, 120),
    "skills": (skills, 8),
    "roster": (roster, 8),
}


def speed(scenario: Scenario, replications: int) -> float:
    """Return contacts per CPU second on one thread, the median of several passes."""
    played(scenario, 0, 1)
    found = []
    for seed in range(PASSES):
        begun = time.process_time()
        sums = played(scenario, seed, replications)
        found.append(float(sums.counts[ATTEMPTS].sum()) / (time.process_time() - begun))
    return statistics.median(found)


def thousand_days() -> float:
    """Return the wall seconds of 1,000 days of 20,000 contacts on two threads."""
    scenario = day()
    played(scenario, 0, 16, workers=2)
    begun = time.monotonic()
    sums = played(scenario, 1, 1000, workers=2)
    wall_s = time.monotonic() - begun
    assert abs(sums.counts[ATTEMPTS].sum() / 2e7 - 1) < 0.01
    return wall_s


def played(scenario: Scenario, seed: int, replications: int, workers: int = 1) -> Sums:
    variants = np.zeros(len(scenario.rules.priority), dtype=np.int64)
    return replicate(scenario, variants, Replications(seed, 0, replications), workers=workers)


def beside(question: Question, folder: Path | None, missing: dict[str, str]) -> dict[str, Any]:
    """Return the exact figures, ours and the peers' answers, or why there is none."""
    exact = exact_one(question) if len(question["queues"]) == 1 else exact_two(question)
    peers = {name: missing.get(name) or ask(folder, name, question) for name in PEERS}
    return {"exact": exact, "wfm": ours(question), **peers}


def exact_one(question: Question) -> dict[str, float]:
    """Return what the formulas say of M/M/n+M."""
    (queue,), aht_s = question["queues"], question["aht_s"]
    load = queue["rate"] * aht_s
    found = erlang_a(question["agents"], load, aht_s, queue["patience_s"], question["within_s"])
    names = {"service_level": "answered_in_target", "asa_s": "asa_s", "abandoned_1": "abandonment"}
    return {name: float(found[key]) for name, key in names.items()}


def exact_two(question: Question) -> dict[str, float]:
    """Return the share answered at once and those abandoned, by the chain of busy agents and both lines."""
    agents: int = question["agents"]
    rates, patience = ([own[key] for own in question["queues"]] for key in ("rate", "patience_s"))

    def moves(state: tuple[int, int, int]) -> list[tuple[float, tuple[int, int, int]]]:
        busy, *lines = state
        if busy < agents:
            freed = [(busy / question["aht_s"], (busy - 1, 0, 0))] if busy else []
            return [(sum(rates), (busy + 1, 0, 0)), *freed]
        ended = (busy, lines[0] - 1, lines[1]) if lines[0] else (busy, 0, lines[1] - 1)
        found = [(busy / question["aht_s"], ended if any(lines) else (busy - 1, 0, 0))]
        for q in (0, 1):
            more, less = list(lines), list(lines)
            more[q], less[q] = lines[q] + 1, lines[q] - 1
            if lines[q] < LONGEST[q]:
                found.append((rates[q], (busy, more[0], more[1])))
            if lines[q]:
                found.append((lines[q] / patience[q], (busy, less[0], less[1])))
        return found

    chain = stationary((0, 0, 0), moves)
    waiting = [sum(p * state[1 + q] for state, p in chain.items()) for q in (0, 1)]
    abandoned = {f"abandoned_{q + 1}": float(waiting[q] / patience[q] / rates[q]) for q in (0, 1)}
    return {"service_level": float(sum(p for state, p in chain.items() if state[0] < agents)), **abandoned}


def ours(question: Question) -> dict[str, Any]:
    """Return our answer in the form of the peers'."""
    scenario = asked(question)
    sums = [played(scenario, seed, 1).counts[:, :, WARM_UP_HOURS:].sum(axis=2) for seed in range(SEEDS)]
    counts = np.array(sums).transpose(1, 2, 0)  # figure, queue, seed
    everything = counts.sum(axis=1)
    ratios = {
        "service_level": (everything[ANSWERED_IN], everything[ATTEMPTS]),
        "asa_s": (everything[WAITED_S], everything[ANSWERED]),
    } | {
        f"abandoned_{q + 1}": (counts[ABANDONED, q], counts[ATTEMPTS, q])
        for q in range(len(question["queues"]))
    }
    found = {name: small.ratio(*ratio) for name, ratio in ratios.items()}
    return {
        "figures": {name: value for name, (value, _) in found.items()},
        "errors": {name: error for name, (_, error) in found.items()},
        "contacts_per_cpu_s": speed(scenario, 8),
    }


def asked(question: Question) -> Scenario:
    """Return the scenario of a question, over HOURS."""
    queues = question["queues"]
    return centre(
        [own["rate"] for own in queues], [question["aht_s"]] * len(queues), [list(range(len(queues)))],
        small.whole_time(0, question["agents"], HOURS * 3600.0), intervals=HOURS,
        patience_s=[own["patience_s"] for own in queues], priority=list(range(len(queues))),
        answer_within_s=question["within_s"],
    )  # fmt: skip


def ask(folder: Path | None, name: str, question: Question) -> dict[str, Any] | str:
    """Return a peer's answer, or why there is none."""
    if folder is None:
        return "skipped: python bench/simulate.py --install-peers DIR installs it"
    if not python_of(folder, name).is_file():
        return f"skipped: not in {folder}"
    script = Path(__file__).with_name("simulate_peers.py")
    given = json.dumps({**question, "contacts": PEER_CONTACTS, "passes": PASSES})
    ended = subprocess.run(
        [python_of(folder, name), script, name], input=given, capture_output=True, text=True, check=False
    )
    if ended.returncode:
        return f"failed: {ended.stderr.strip().splitlines()[-1]}"
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer


def install(folder: Path) -> dict[str, str]:
    """Make an environment for each peer; return why one could not be installed."""
    missing = {}
    for name in PEERS:
        venv.create(folder / name, with_pip=True, clear=True)
        pip = [str(python_of(folder, name)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        made = subprocess.run([*pip, name], capture_output=True, text=True, check=False)
        if made.returncode:
            missing[name] = f"skipped: {made.stderr.strip().splitlines()[-1]}"
    return missing


def python_of(folder: Path, name: str) -> Path:
    return folder / name / "bin" / "python"


def in_words(report: dict[str, Any]) -> str:
    lines = ["contacts per CPU second, one thread, warm:"]
    lines += [f"  {name:<12}{value / 1e6:7.2f} M" for name, value in report["contacts_per_cpu_s"].items()]
    lines.append(f"1,000 days of 20,000 contacts on two threads: {report['days_wall_s']:.2f} s")
    lines.append(f"load of the machine before: {report['machine_load']:.1f} of {os.cpu_count()} cores")
    for name, found in report["beside"].items():
        lines += ["", *beside_in_words(name, **found)]
    return "\n".join(lines)


def beside_in_words(name: str, exact: dict[str, float], **found: dict[str, Any] | str) -> list[str]:
    lines = [f"{name:<12}" + "".join(f"{key:>22}" for key in exact) + "      contacts / CPU s"]
    lines.append(f"  {'exact':<10}" + "".join(f"{value:16.4f}      " for value in exact.values()))
    for who, answer in found.items():
        if isinstance(answer, str):
            lines.append(f"  {who:<10}{answer}")
            continue
        figures = [
            f"{answer['figures'][key]:16.4f}{(answer['figures'][key] - truth) / answer['errors'][key]:+6.1f}"
            for key, truth in exact.items()
        ]
        lines.append(f"  {who:<10}{''.join(figures)}{answer['contacts_per_cpu_s']:22,.0f}")
    return lines


if __name__ == "__main__":
    main()
