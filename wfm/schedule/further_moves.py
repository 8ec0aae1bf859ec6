"""Rules of one agent that join dates far apart, for the compiled moves: whether a whole tour keeps them.

The same rules as in `wfm.schedule.further_rules` and the fewest days in a row, on the plan's flat arrays.
"""

from __future__ import annotations

from wfm.compiled import kernel
from wfm.schedule.shift_changes import Work
from wfm.schedule.tour import OFF


@kernel
def keeps_further(work: Work, a: int) -> bool:
    """Return whether an agent keeps weekly rest, averages, fewest days in a row and the limit of changes."""
    return bool(
        not work.crew.further[a]
        or (
            _runs_long_enough(work, a)
            and _rests_every_week(work, a)
            and _keeps_averages(work, a)
            and _few_changes(work, a)
        )
    )


@kernel
def _runs_long_enough(work: Work, a: int) -> bool:
    crew, types = work.crew, work.plan.types
    least = crew.least_run[a]
    if least <= 1:
        return True
    run, started, excused = crew.run_before[a], 0, crew.start_free[a, 0]
    for d in range(types.shape[1]):
        if types[a, d] != OFF:
            if run == 0:
                started = d
                excused = crew.start_free[a, started]
            run += 1
            continue
        if 0 < run < least and not excused and not crew.end_free[a, d]:
            return False
        run = 0
    return True


@kernel
def _rests_every_week(work: Work, a: int) -> bool:
    crew, choices, types = work.crew, work.choices, work.plan.types
    least, k = crew.weekly_rest[a], crew.catalogue[a]
    if least == 0:
        return True
    lengths, days = choices.lengths[k], types.shape[1]
    for w in range(crew.week_begin.shape[1] - 1):
        begin, end = crew.week_begin[a, w], crew.week_begin[a, w + 1]
        free_from, longest = max(begin, crew.last_end[a]), 0
        for d in range(max(0, 7 * w - 2), min(days, 7 * w + 9)):
            t = types[a, d]
            if t == OFF:
                continue
            first = choices.begin[k, d, t // lengths]
            last = first + choices.length[k, t % lengths]
            if last > begin and first < end:
                longest = max(longest, first - free_from)
                free_from = max(free_from, last)
        if max(longest, end - free_from) < least:
            return False
    return True


@kernel
def _keeps_averages(work: Work, a: int) -> bool:
    crew, units = work.crew, work.plan.units
    for p in range(crew.windows[a]):
        total = 0
        for w in range(crew.window[a, p, 0], crew.window[a, p, 1] + 1):
            total += units[a, w]
        if total < crew.window[a, p, 2] or total > crew.window[a, p, 3]:
            return False
    return True


@kernel
def _few_changes(work: Work, a: int) -> bool:
    crew, types = work.crew, work.plan.types
    if crew.most_changes[a] < 0:
        return True
    changes = 0
    for d in range(types.shape[1]):
        t = types[a, d]
        if t == OFF:
            changes += int(crew.changed_off[a, d])
        else:
            changes += int(crew.changed[a, d, t])
    return bool(changes <= crew.most_changes[a])
