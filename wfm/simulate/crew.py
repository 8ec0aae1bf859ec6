"""Requirements or a roster to the agents of a scenario: who is on queue when, and which share is missed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Queue
from wfm.simulate.scenario import NO_SKILL, Staff
from wfm.simulate.span import Span

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Blend(NamedTuple):
    """A live and a deferred queue (numbers) that one team serves in some intervals, the live one first."""

    live: int
    deferred: int
    worked: NDArray[np.bool_]  # (N) in which the deferred queue works; else the live agents leave it alone


def staff_of_requirements(
    agents: Floats,
    span: Span,
    away_s: float,
    lost: Mapping[str, tuple[float, float]],
    blends: Sequence[Blend] = (),
) -> Staff:
    """Return agents of one queue each, as many as (Q, N) says; those who came last leave first.

    `lost` has the shares missed in whole stretches and in short absences, by queue. The agents of both queues
    of a blend are one team with both skills while the deferred one works.
    """
    agents, rank, shares = _teams(agents, [lost[name] for name in span.queues], blends)
    group, begin, end, first = [], [], [], [0]
    for team in range(len(agents)):
        for number in range(int(agents[team].max(initial=0))):
            present = np.concatenate([[False], agents[team] > number, [False]])
            turns = np.flatnonzero(np.diff(present.astype(np.int64)))
            begin += (turns[::2] * span.interval_s).tolist()
            end += (turns[1::2] * span.interval_s).tolist()
            group.append(team)
            first.append(len(begin))
    presence = _Presence(first, begin, end, list(range(len(begin))))
    return _staff(rank, group, presence, [shares[team] for team in group], away_s)


def _teams(
    agents: Floats, lost: Sequence[tuple[float, float]], blends: Sequence[Blend]
) -> tuple[Floats, Ints, list[tuple[float, float]]]:
    """Return agents (Q, N), skills (Q, Q) and shares missed of one team per queue.

    That of a deferred queue takes in the live agents that it is blended with, and misses their mean share.
    """
    counts, shares = agents.copy(), list(lost)
    rank = np.full((len(agents), len(agents)), NO_SKILL, dtype=np.int64)
    np.fill_diagonal(rank, 0)
    for live, deferred, worked in blends:
        joining = np.where(worked, agents[live], 0.0)
        counts[live] = agents[live] - joining
        counts[deferred] = agents[deferred] + joining
        rank[deferred, [live, deferred]] = 0, 1
        part = float(joining.sum() / max(1.0, counts[deferred].sum()))
        of_live, of_deferred = lost[live], lost[deferred]
        shares[deferred] = (
            of_deferred[0] + part * (of_live[0] - of_deferred[0]),
            of_deferred[1] + part * (of_live[1] - of_deferred[1]),
        )
    return counts, rank, shares


def staff_of_roster(
    roster: pd.DataFrame,
    skills: Mapping[str, Sequence[str]],
    span: Span,
    away_s: float,
    lost: Mapping[str, tuple[float, float]],
) -> Staff:
    """Return the agents of a roster; `skills` are each agent's queues, best first.

    `lost` are shares by queue; an agent has those of its first one.
    """
    number = {queue: q for q, queue in enumerate(span.queues)}
    served = {agent: tuple(number[s] for s in own if s in number) for agent, own in skills.items()}
    groups = sorted({served[agent] for agent in roster["agent_id"].unique()} - {()})
    on_queue = roster[(roster["activity"] == "on_queue") & roster["agent_id"].map(served).astype(bool)]
    on_queue = on_queue.sort_values(["agent_id", "start"])
    rank = np.full((len(groups), len(span.queues)), NO_SKILL, dtype=np.int64)
    for g, own in enumerate(groups):
        rank[g, list(own)] = np.arange(len(own))
    first: list[int] = [0]
    begin: list[float] = []
    end: list[float] = []
    shift: list[int] = []
    people = on_queue.groupby("agent_id", sort=True)
    for _, rows in people:
        for since, until, number_of_shift in _stretches(
            span.seconds(rows["start"]), span.seconds(rows["end"]), rows["shift_date"]
        ):
            begin.append(since)
            end.append(until)
            shift.append(number_of_shift)
        first.append(len(begin))
    names = [str(agent) for agent in people.groups]
    group = [groups.index(served[agent]) for agent in names]
    shares = [lost[span.queues[served[agent][0]]] for agent in names]
    return _staff(rank, group, _Presence(first, begin, end, shift), shares, away_s)


def _stretches(starts: Floats, ends: Floats, dates: pd.Series) -> list[tuple[float, float, int]]:
    """Return (begin, end, shift) of one agent's time on queue in the span, segments that touch as one."""
    found: list[tuple[float, float, int]] = []
    for start, end, date in zip(starts, ends, dates, strict=True):
        number = date.toordinal()
        if end <= 0:
            continue
        if found and found[-1][1] == start and found[-1][2] == number:
            found[-1] = (found[-1][0], end, number)
        else:
            found.append((max(0.0, start), end, number))
    return found


def unplanned(queue: Queue, whole_shift: Sequence[str]) -> tuple[float, float]:
    """Return the unplanned shrinkage of a queue as (share of shifts missed, share of the rest in absences).

    Additive shares are of paid time, of which the planned ones are gone already: U / (1 - P) of what is
    scheduled is missed, as `agents_to_schedule` has it.
    """
    causes = {name: share for name, share in queue.shrinkage.items() if name not in queue.shrinkage_planned}
    if queue.shrinkage_mode == "additive":
        planned = sum(share for name, share in queue.shrinkage.items() if name in queue.shrinkage_planned)
        causes = {name: share / (1.0 - planned) for name, share in causes.items()}
        sick = sum(share for name, share in causes.items() if name in whole_shift)
        rest = sum(causes.values()) - sick
        return float(sick), float(rest / (1.0 - sick)) if sick < 1.0 else 0.0
    left = {True: 1.0, False: 1.0}
    for name, share in causes.items():
        left[name in whole_shift] *= 1.0 - share
    return 1.0 - left[True], 1.0 - left[False]


@dataclass(frozen=True)
class _Presence:
    """Stretches of all agents, as in Staff."""

    first: list[int]
    begin: list[float]
    end: list[float]
    shift: list[int]


def _staff(
    rank: Ints,
    group: Sequence[int],
    presence: _Presence,
    shares: Sequence[tuple[float, float]],
    away_s: float,
) -> Staff:
    return Staff(
        rank=rank,
        group=np.array(group, dtype=np.int64),
        first=np.array(presence.first, dtype=np.int64),
        begin=np.array(presence.begin, dtype=np.float64),
        end=np.array(presence.end, dtype=np.float64),
        shift=np.array(presence.shift, dtype=np.int64),
        sick=np.array([sick for sick, _ in shares], dtype=np.float64),
        away=np.array([away for _, away in shares], dtype=np.float64),
        away_s=away_s,
    )
