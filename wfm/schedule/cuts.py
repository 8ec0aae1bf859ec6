"""Coverage of many queues by agents with several skills, without flow variables: the cuts that can bind.

The least total of missing agents U over all ways to split agents among the queues of their skills is the
largest shortfall of any set K of queues: U = max(0, max over K of R(K) - S(K)), R(K) the requirement of K and
S(K) the agents with a skill in K (max-flow min-cut). Queues and skill groups that share nothing form separate
components whose shortfalls add up. Source: Ford & Fulkerson (1956), Maximal Flow through a Network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.errors import ConfigError, Fault

MOST_CUTS = 4096
NO_COMPONENT = -1
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Cuts:
    """Sets of queues whose shortfall can bind. C cuts, G skill groups, N intervals.

    `covers[c, g]`: the group has a skill in the cut. Cuts of one component stand together, from
    `component_first[k]` to `component_first[k + 1]`; `component[g]` is the group's, NO_COMPONENT without a
    skill. `required[c, n]` is R(K), `queues[c]` the positions of the queues in K.
    """

    covers: Flags
    component_first: Ints
    component: Ints
    required: Floats
    queues: tuple[tuple[int, ...], ...]


def build_cuts(groups: Sequence[frozenset[int]], required: Floats) -> Cuts:
    """Return the cuts for skill groups (sets of queue indices) and requirements (queues x intervals)."""
    serving = [frozenset(g for g, skills in enumerate(groups) if q in skills) for q in range(len(required))]
    component = np.full(len(groups), NO_COMPONENT, dtype=np.int64)
    families: list[list[frozenset[int]]] = []
    for queues in _components(serving):
        closed = _unions([serving[q] for q in queues])
        families.append(closed)
        for g in frozenset().union(*closed):
            component[g] = len(families) - 1
    cuts = [cut for family in families for cut in family]
    owners = [k for k, family in enumerate(families) for _ in family]
    members = tuple(
        tuple(
            q
            for q, groups_of in enumerate(serving)
            if groups_of <= cut and (groups_of or not cut) and _owner(groups_of, families) == owner
        )
        for cut, owner in zip(cuts, owners, strict=True)
    )
    totals = np.array([required[list(queues)].sum(axis=0) for queues in members])
    covers = np.array([[g in cut for g in range(len(groups))] for cut in cuts], dtype=bool)
    first = np.concatenate([[0], np.cumsum([len(family) for family in families])]).astype(np.int64)
    totals = totals.reshape(len(cuts), required.shape[1])
    return Cuts(covers.reshape(len(cuts), len(groups)), first, component, totals, members)


def _components(serving: Sequence[frozenset[int]]) -> list[list[int]]:
    """Return sets of queues linked by groups; queues that nobody serves form one of their own."""
    components: list[tuple[set[int], list[int]]] = []
    for queue, groups in enumerate(serving):
        linked = [c for c in components if c[0] & groups or (not groups and not c[0])]
        merged: tuple[set[int], list[int]] = (set(groups), [queue])
        for part in linked:
            merged[0].update(part[0])
            merged[1].extend(part[1])
            components.remove(part)
        components.append(merged)
    return [sorted(queues) for _, queues in components]


def _unions(sets: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    """Return every union of the sets; only these can be the groups that serve a binding set of queues."""
    closed: set[frozenset[int]] = set()
    for one in sorted(set(sets), key=sorted):
        closed |= {one} | {one | other for other in closed}
        if len(closed) > MOST_CUTS:
            fault = Fault(f"the skills overlap in more than {MOST_CUTS} ways", column="agents.skills")
            raise ConfigError([fault], hint="roster separate groups of queues apart")
    return sorted(closed, key=lambda cut: (len(cut), sorted(cut)))


def _owner(groups: frozenset[int], families: Sequence[Sequence[frozenset[int]]]) -> int:
    return next(k for k, family in enumerate(families) if groups in family)
