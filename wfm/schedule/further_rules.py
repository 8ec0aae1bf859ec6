"""Rules of one agent that join dates far apart: weekly rest, hours on average, changes of the previous plan.

Here is whether a tour keeps them; `wfm.schedule.lawful` finds tours that do.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.agents import Agent
from wfm.schedule.goals import units_by_week
from wfm.schedule.tour import OFF

Ints = NDArray[np.int64]
Span = tuple[int, int]


def keeps_further_rules(agent: Agent, types: Ints) -> bool:
    """Return whether a tour keeps weekly rest, averages and the limit of changes."""
    return (
        changes(agent, types) <= most_changes(agent)
        and next(weeks_without_rest(agent, types), None) is None
        and next(windows_broken(agent, types), None) is None
    )


def most_changes(agent: Agent) -> int:
    """Return how many shifts of the agent may differ from the previous roster."""
    limit = agent.further.most_changes
    return len(agent.off_cost) if limit < 0 else limit


def changes(agent: Agent, types: Ints) -> int:
    """Return how many shifts differ from the previous roster; 0 where there is none to stay near."""
    further = agent.further
    if not further.changed.size:
        return 0
    worked = np.flatnonzero(types != OFF)
    return int(further.changed[worked, types[worked]].sum() + further.changed_off[types == OFF].sum())


def weeks_without_rest(agent: Agent, types: Ints) -> Iterator[int]:
    """Yield the weeks of the horizon in which no gap between shifts is as long as the weekly rest."""
    least = agent.further.weekly_rest
    if not least:
        return
    spans = shift_spans(agent, types)
    for week in range(len(agent.further.week_begin) - 1):
        if all(last - first < least for first, last in gaps_of_week(agent, spans, week)):
            yield week


def shift_spans(agent: Agent, types: Ints) -> list[Span]:
    """Return begin and end of every shift, minutes of the grid, in order."""
    lengths = len(agent.shifts.length)
    found = []
    for day in np.flatnonzero(types != OFF):
        begin = int(agent.shifts.begin[day, types[day] // lengths])
        found.append((begin, begin + int(agent.shifts.length[types[day] % lengths])))
    return found


def gaps_of_week(agent: Agent, spans: list[Span], week: int) -> list[Span]:
    """Return the stretches of a week without shift; a shift before the horizon may reach into it."""
    begin, end = (int(agent.further.week_begin[w]) for w in (week, week + 1))
    gaps, free_from = [], max(begin, agent.further.last_end)
    for first, last in spans:
        if last > begin and first < end:
            gaps.append((free_from, first))
            free_from = max(free_from, last)
    return [(a, b) for a, b in [*gaps, (free_from, end)] if a < b]


def windows_broken(agent: Agent, types: Ints) -> Iterator[tuple[int, int, int]]:
    """Yield (first week, last week, units too many) of reference periods; too few are negative."""
    if not agent.further.windows:
        return
    units = units_by_week(agent, types)
    for first, last, least, most in agent.further.windows:
        total = int(units[first : last + 1].sum())
        if total > most:
            yield first, last, total - most
        elif total < least:
            yield first, last, total - least
