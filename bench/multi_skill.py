"""Skill groups staffed against a long search: cost, seconds, and the promises on seeds never seen.

    python bench/multi_skill.py [--seeds 0 1 2] [--size 1.0] [--kicks 40]

Random centres of five queues (3 to 30 erlangs each, times the size, some with patience, priorities and
delayed overflow) and ten groups: five of one skill, five of two or three, each further skill 6 % dearer.
`long` is the same search with ten times as many restarts: none cheaper is known. `unseen` is by how many
points the worst queue is above its target, simulated with seeds that no search saw.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import pandas as pd

from wfm.config import Config, SkillGroup, build_config
from wfm.conform import conform
from wfm.erlang import staff
from wfm.simulate.steady import steady_service, steady_system
from wfm.skill_staffing import FULL, Effort, margins_of, staff_skill_groups
from wfm.tables import FORECAST

QUEUES, GROUPS = 5, 10
START = pd.Timestamp("2026-03-02 09:00", tz="UTC")
UNSEEN = (777, 778, 779)
CONTACTS = 8_000_000  # of an unseen simulation


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--size", type=float, default=1.0)
    parser.add_argument("--kicks", type=int, default=40, help="restarts of the long search")
    parser.add_argument("--long-contacts", type=int, default=100_000)
    options = parser.parse_args()
    print(
        f"{'seed':>5} {'erlangs':>8} {'alone':>8} {'cost':>8} {'s':>6}"
        f" {'long':>8} {'s':>6} {'ratio':>7}  unseen"
    )
    for seed in options.seeds:
        config, groups, requirements = centre(seed, options.size)
        began = time.perf_counter()
        cost, agents = answer(config, groups, requirements, FULL)
        seconds = time.perf_counter() - began
        if not options.kicks:
            print(f"{seed:>5} cost {cost:.2f} in {seconds:.1f} s")
            continue
        began = time.perf_counter()
        effort = Effort(options.long_contacts, FULL.thorough, options.kicks)
        long_cost, _ = answer(config, groups, requirements, effort)
        long_seconds = time.perf_counter() - began
        alone = float(requirements["agents_required"].sum())
        erlangs = float(requirements["load"].sum())
        margin = unseen(config, groups, requirements, agents)
        print(
            f"{seed:>5} {erlangs:>8.1f} {alone:>8.0f} {cost:>8.2f} {seconds:>6.1f} {long_cost:>8.2f}"
            f" {long_seconds:>6.1f} {cost / long_cost:>7.4f}  {margin:+.2f}",
            flush=True,
        )


def centre(seed: int, size: float) -> tuple[Config, dict[str, SkillGroup], pd.DataFrame]:
    """Return a random centre, its groups and the requirements of one interval."""
    random = np.random.default_rng(seed)
    names = [f"q{number}" for number in range(QUEUES)]
    queues: dict[str, dict[str, float | str]] = {}
    for name in names:
        queues[name] = {
            "service_level": float(random.choice([0.7, 0.8, 0.9])),
            "answer_within_s": float(random.choice([10, 20, 30, 60])),
            "load_model": "per_interval",
            "priority": int(random.integers(1, 4)),
        }
        if random.random() < 0.6:
            queues[name]["patience_s"] = float(random.integers(60, 400))
        if random.random() < 0.3:
            queues[name]["overflow_after_s"] = float(random.choice([5, 10, 20]))
    config = build_config({"centre": {"interval_min": 15}, "queues": queues})
    skills = [(name,) for name in names]
    while len(skills) < GROUPS:
        own = tuple(str(name) for name in random.permutation(names)[: random.integers(2, 4)])
        skills += [] if own in skills else [own]  # type: ignore[list-item]
    groups = {
        "+".join(own): SkillGroup(
            skills=own, cost_per_hour=round((1 + 0.06 * (len(own) - 1)) * random.uniform(0.97, 1.03), 3)
        )
        for own in skills
    }
    aht_s = random.integers(120, 420, QUEUES).astype(float)
    offered = size * random.uniform(3, 30, QUEUES) * 900.0 / aht_s
    frame = pd.DataFrame({"queue": names, "interval_start": START, "offered": offered, "aht_s": aht_s})
    bands = ("offered_p025", "offered_p10", "offered_p50", "offered_p90", "offered_p975")
    frame = frame.assign(**dict.fromkeys(bands, frame["offered"]), model="given")
    return config, groups, staff(conform(frame, FORECAST), config)


def answer(
    config: Config, groups: dict[str, SkillGroup], requirements: pd.DataFrame, effort: Effort
) -> tuple[float, np.ndarray]:
    """Return the cost and the agents per group of one search."""
    found = staff_skill_groups(requirements, groups, config, effort=effort)
    if found.missed:
        raise SystemExit("the groups have no limit, and yet a promise was missed")
    rows = found.table.set_index("group")["agents_required"]
    agents = np.array([rows[name] for name in groups], dtype=np.int64)
    return float(agents @ np.array([group.cost_per_hour for group in groups.values()])), agents


def unseen(
    config: Config, groups: dict[str, SkillGroup], requirements: pd.DataFrame, agents: np.ndarray
) -> float:
    """Return by how many points the worst queue is above its service level, on the mean of unseen seeds."""
    rows = requirements.set_index("queue").loc[list(config.queues)]
    skills = [group.skills for group in groups.values()]
    system = steady_system(
        config.queues, rows["offered"].to_numpy() / 900.0, rows["aht_s"].to_numpy(dtype=float), skills
    )
    serves = np.array([[name in own for name in config.queues] for own in skills])
    levels, margins = [], []
    for seed in UNSEEN:
        service = steady_service(system, agents, CONTACTS, seed)
        levels.append(service.service_level.value)
        margins.append(margins_of(service, config.queues, serves).value)
    targets = np.array([queue.service_level for queue in config.queues.values()])
    assert (np.mean(margins, axis=0) > -0.01).all(), "a promise is missed"
    return 100 * float((np.mean(levels, axis=0) - targets).min())


if __name__ == "__main__":
    main()
