"""From requirements per queue to agents per skill group, interval by interval, each in its own steady state.

Live queues share the agents of the groups by their routing (skills in order, priorities, overflow), whose
service the caller measures; every promise of every queue must hold. Deferred work is not routed contact by
contact: its agents come on top, from the cheapest groups that have the skill and agents left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, SkillGroup
from wfm.conform import conform, empty
from wfm.erlang.multi_skill import Groups, Measure, cheapest_staffing
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.skill_start import first_staffing
from wfm.errors import ConfigError, Fault
from wfm.tables import SKILL_REQUIREMENTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ENOUGH, SPARE = 3, 20  # times what all queues need apart, and more: nobody needs so many of one group
CHUNK = 16  # intervals that start from each other's answers, whoever solves them


@dataclass(frozen=True)
class SharedLoad:
    """Live queues with contacts in one interval: contacts, handle time, agents that each needs alone."""

    queues: tuple[str, ...]
    offered: tuple[float, ...]
    aht_s: tuple[float, ...]
    alone: tuple[int, ...]


MeasureFor = Callable[[SharedLoad, list[str]], Measure]  # groups by name, in the order of the staffings


@dataclass(frozen=True)
class _Answer:
    """Agents of every group; not `kept`: no staffing keeps every promise, these are those of queues apart."""

    agents: Ints
    kept: bool


@dataclass(frozen=True)
class SkillStaffing:
    """SKILL_REQUIREMENTS, and the intervals in which no staffing of the groups keeps every promise."""

    table: pd.DataFrame
    missed: list[pd.Timestamp]


def staff_groups(
    requirements: pd.DataFrame,
    groups: Mapping[str, SkillGroup],
    config: Config,
    measure_for: MeasureFor,
    *,
    kicks: int = 0,
    workers: int = 1,
    done: Callable[[float], None] = lambda _: None,
) -> SkillStaffing:
    """Return how many agents of each group are needed in each interval of REQUIREMENTS.

    Intervals are independent; equal ones are solved once, with so many `kicks` of the search. `done` hears
    the share that is over. Raises ConfigError for a queue that no group serves, and for promises that groups
    cannot keep.
    """
    _check(requirements, groups, config)
    loads = dict(shared_loads(requirements, config))
    distinct = list(dict.fromkeys(loads.values()))
    chunks = [distinct[at : at + CHUNK] for at in range(0, len(distinct), CHUNK)]
    solved: dict[SharedLoad, _Answer] = {}
    with ThreadPoolExecutor(max_workers=max(1, workers)) as pool:
        for answers in pool.map(lambda chunk: list(_solved(chunk, groups, measure_for, kicks)), chunks):
            solved.update(answers)
            done(len(solved) / max(1, len(distinct)))
    names = list(groups)
    needed = {
        pd.Timestamp(start): solved[loads[start]].agents.copy()
        if start in loads
        else np.zeros(len(names), np.int64)
        for start in sorted(requirements["interval_start"].unique())
    }
    missed = {start for start, load in loads.items() if not solved[load].kept}
    missed |= _add_deferred(needed, requirements, groups, config)
    return SkillStaffing(_table(needed, names, groups, config), sorted(missed))


def _solved(
    loads: Sequence[SharedLoad], groups: Mapping[str, SkillGroup], measure_for: MeasureFor, kicks: int
) -> Iterator[tuple[SharedLoad, _Answer]]:
    """Yield each load with its answer, which starts from that before where the same queues are open."""
    names = list(groups)
    before: tuple[SharedLoad, Ints, Ints] | None = None  # load, first guess, answer
    for load in loads:
        useful = [name for name, group in groups.items() if not set(load.queues).isdisjoint(group.skills)]
        serves = np.array([[name in groups[g].skills for name in load.queues] for g in useful])
        cost = np.array([groups[g].cost_per_hour for g in useful])
        most = np.array([_limit(groups[g], load) for g in useful], dtype=np.int64)
        guess = first_staffing(np.array(load.alone, dtype=np.int64), serves, cost, most)
        start = guess
        if before is not None and before[0].queues == load.queues:
            start = np.clip(before[2] + guess - before[1], 0, most)
        found = cheapest_staffing(Groups(cost, most), start, measure_for(load, useful), kicks=kicks)
        before = None if found is None else (load, guess, found)
        whole = np.zeros(len(names), dtype=np.int64)
        whole[[names.index(name) for name in useful]] = guess if found is None else found
        yield load, _Answer(whole, kept=found is not None)


def shared_loads(requirements: pd.DataFrame, config: Config) -> Iterator[tuple[pd.Timestamp, SharedLoad]]:
    """Yield the live queues with contacts of each interval that has any."""
    live = [name for name in requirements["queue"].unique() if not config.queues[name].deferred]
    rows = requirements[requirements["queue"].isin(live) & (requirements["offered"] > 0)]
    for start, group in rows.sort_values("queue").groupby("interval_start", sort=True):
        columns = (tuple(group[name].tolist()) for name in ("queue", "offered", "aht_s", "agents_required"))
        yield pd.Timestamp(start), SharedLoad(*columns)  # type: ignore[arg-type]


def _add_deferred(
    needed: Mapping[pd.Timestamp, Ints],
    requirements: pd.DataFrame,
    groups: Mapping[str, SkillGroup],
    config: Config,
) -> set[pd.Timestamp]:
    """Add the agents of deferred work, cheapest groups first; return the intervals that have too few."""
    names, lacking = list(groups), set()
    for queue in sorted(requirements["queue"].unique()):
        if not config.queues[queue].deferred:
            continue
        able = [name for name in names if queue in groups[name].skills]
        able.sort(key=lambda name: (groups[name].cost_per_hour, groups[name].skills.index(queue)))
        rows = requirements[(requirements["queue"] == queue) & (requirements["agents_required"] > 0)]
        for start, agents in zip(rows["interval_start"], rows["agents_required"], strict=True):
            left = int(agents)
            for name in able:
                counts, at, most = needed[pd.Timestamp(start)], names.index(name), groups[name].most
                taken = left if most is None else min(left, max(0, most - int(counts[at])))
                counts[at] += taken
                left -= taken
            if left:
                lacking.add(pd.Timestamp(start))
    return lacking


def _table(
    needed: Mapping[pd.Timestamp, Ints],
    names: Sequence[str],
    groups: Mapping[str, SkillGroup],
    config: Config,
) -> pd.DataFrame:
    """Return SKILL_REQUIREMENTS; the shrinkage of a group is that of its first skill's queue."""
    if not needed:
        return empty(SKILL_REQUIREMENTS)
    starts = sorted(needed)
    counts = np.array([needed[start] for start in starts])
    parts = []
    for at, name in enumerate(names):
        queue = config.queues[groups[name].skills[0]]
        heads = with_shrinkage(counts[:, at], queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
        parts.append(
            pd.DataFrame(
                {
                    "group": name,
                    "interval_start": starts,
                    "skills": ";".join(groups[name].skills),
                    "agents_required": counts[:, at],
                    "agents_to_schedule": heads.agents_to_schedule,
                    "agents_gross": heads.agents_gross,
                }
            )
        )
    return conform(pd.concat(parts), SKILL_REQUIREMENTS)


def _limit(group: SkillGroup, load: SharedLoad) -> int:
    return ENOUGH * sum(load.alone) + SPARE if group.most is None else group.most


def _check(requirements: pd.DataFrame, groups: Mapping[str, SkillGroup], config: Config) -> None:
    served = {name for group in groups.values() for name in group.skills}
    faults = []
    for name in sorted(requirements["queue"].unique()):
        queue = config.queues[name]
        if name not in served:
            faults.append(
                Fault("no group serves it", "name it in the skills of a group", column=f"queues.{name}")
            )
        if queue.max_blocking is not None and not queue.deferred:
            remedy = "promise a service_level, asa_s or max_abandonment instead"
            faults.append(
                Fault("groups that share queues block nobody", remedy, column=f"queues.{name}.max_blocking")
            )
    if faults:
        raise ConfigError(faults, hint="[skill_groups], or the skills of the agents")
