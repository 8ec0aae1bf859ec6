"""Staffing of skill groups proven by simulation: the search of `wfm.erlang`, measured by `wfm.simulate`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Queue, SkillGroup
from wfm.erlang.multi_skill import Margins, Measure
from wfm.erlang.skill_requirements import SharedLoad, SkillStaffing, shared_loads, staff_groups
from wfm.errors import DataError, Fault
from wfm.simulate.steady import Ratio, SteadyService, steady_service, steady_system
from wfm.skills import queues_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Together = Callable[[Callable[[Ints], Margins], Sequence[Ints]], Iterable[Margins]]

SMALLEST_SHARE = 1e-4  # shares nearer to 0 or 1 are as good as these
SHORTEST_WAIT_S = 1e-2
UNSTABLE = -20.0  # every margin where contacts pile up or nobody answers them
UNUSED = 5.0  # margin of a promise that nobody tests, such as the occupancy of a group without agents
FEW = 12  # distinct intervals that are worth the full effort
OTHER_SEED = 1_000_003  # of thorough measurements


@dataclass(frozen=True)
class Effort:
    """Contacts of a simulation, while searching and of a staffing to be believed; searches begun anew."""

    quick: int
    thorough: int
    kicks: int


FULL, LIGHT = Effort(100_000, 4_000_000, 4), Effort(30_000, 400_000, 0)


def groups_of_agents(agents: pd.DataFrame) -> dict[str, SkillGroup]:
    """Return the groups that AGENTS form: who has the same skills in the same order, dates left aside.

    A group is named by its skills, costs the mean of its agents, and has no more agents than there are.
    """
    skills = agents["skills"].map(lambda text: queues_of(str(text)))
    cost = agents["cost_per_hour"] if "cost_per_hour" in agents else pd.Series(1.0, index=agents.index)
    found = {}
    for own, rows in agents.groupby(skills, sort=True):
        if own:
            mean = float(cost.loc[rows.index].fillna(1.0).mean())
            found["+".join(own)] = SkillGroup(skills=own, cost_per_hour=max(mean, 1e-9), most=len(rows))
    if not found:
        raise DataError([Fault("no agents, so that there are no groups")], source="agents")
    return found


def staff_skill_groups(
    requirements: pd.DataFrame,
    groups: Mapping[str, SkillGroup],
    config: Config,
    *,
    effort: Effort | None = None,
    done: Callable[[float], None] = lambda _: None,
) -> SkillStaffing:
    """Return SKILL_REQUIREMENTS for REQUIREMENTS: the cheapest groups that keep every queue's promises.

    Equal inputs give equal tables, whatever the number of cores.
    """
    few = len(set(dict(shared_loads(requirements, config)).values())) <= FEW
    chosen = effort or (FULL if few else LIGHT)
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(max_workers=cores, thread_name_prefix="measure") as pool:
        together = pool.map if few else map  # many intervals are spread over the cores instead

        def measure_for(load: SharedLoad, names: list[str]) -> Measure:
            return _measure(load, [groups[name].skills for name in names], config, chosen, together)

        return staff_groups(
            requirements,
            groups,
            config,
            measure_for,
            kicks=chosen.kicks,
            workers=1 if few else cores,
            done=done,
        )


def _measure(
    load: SharedLoad,
    skills: Sequence[tuple[str, ...]],
    config: Config,
    effort: Effort,
    together: Together,
) -> Measure:
    """Return how staffings of groups with these skills are measured; `together` maps over several of them."""
    queues = {name: config.queues[name] for name in load.queues}
    rate_per_s = np.array(load.offered) / (config.centre.interval_min * 60.0)
    system = steady_system(queues, rate_per_s, np.array(load.aht_s), skills)
    serves = np.array([[name in own for name in queues] for own in skills])
    seed = config.simulate.seed

    def measured(staffings: Sequence[Ints], thorough: bool) -> list[Margins]:
        contacts = effort.thorough if thorough else effort.quick
        own_seed = seed + (OTHER_SEED if thorough else 0)

        def one(agents: Ints) -> Margins:
            return margins_of(steady_service(system, agents, contacts, own_seed), queues, serves)

        return list(together(one, staffings))

    return measured


def margins_of(service: SteadyService, queues: Mapping[str, Queue], serves: NDArray[np.bool_]) -> Margins:
    """Return the distance of every promise: shares in logits, waits in logarithms; negative where missed."""
    found: list[tuple[float, float]] = []
    for q, queue in enumerate(queues.values()):
        if not service.attempts[q]:  # too rare to be seen: whatever is promised, hardly anybody tests it
            continue
        if queue.service_level is not None:
            found.append(_of_share(service.service_level, q, queue.service_level, at_least=True))
        if queue.max_abandonment is not None:
            found.append(_of_share(service.abandonment, q, queue.max_abandonment, at_least=False))
        if queue.asa_s is not None:
            found.append(_of_wait(service.asa_s, q, queue.asa_s))
        if queue.max_occupancy is not None:
            own = np.flatnonzero(serves[:, q]).tolist()
            found += [_of_occupancy(service.occupancy, g, queue.max_occupancy) for g in own]
    values, errors = np.array(found).reshape(len(found), 2).T
    return Margins(values if service.stable else np.full(len(values), UNSTABLE), errors)


def _of_occupancy(ratio: Ratio, group: int, target: float) -> tuple[float, float]:
    if np.isnan(ratio.value[group]):  # nobody there who could be too busy
        return UNUSED, 0.0
    return _of_share(ratio, group, target, at_least=False)


def _of_share(ratio: Ratio, at: int, target: float, *, at_least: bool) -> tuple[float, float]:
    value, error = ratio.value[at], ratio.error[at]
    if np.isnan(value):  # contacts, and nobody of whom the share is: nobody was answered
        return UNSTABLE, 0.0
    share = float(np.clip(value, SMALLEST_SHARE, 1 - SMALLEST_SHARE))
    distance = _logit(share) - _logit(float(np.clip(target, SMALLEST_SHARE, 1 - SMALLEST_SHARE)))
    return (distance if at_least else -distance), float(error) / (share * (1 - share))


def _of_wait(ratio: Ratio, at: int, target_s: float) -> tuple[float, float]:
    value, error = ratio.value[at], ratio.error[at]
    if np.isnan(value):
        return UNSTABLE, 0.0
    wait_s = max(float(value), SHORTEST_WAIT_S)
    return float(np.log(target_s / wait_s)), float(error) / wait_s


def _logit(share: float) -> float:
    return float(np.log(share / (1 - share)))
