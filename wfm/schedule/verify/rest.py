"""Rules between shifts: rest and days in a row, with the shifts before the horizon as history."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from wfm.schedule.verify.case import DAY, Agent, Case
from wfm.schedule.verify.violation import Violation, hours_text


def rest_h(agent: Agent, case: Case) -> Iterator[Violation]:
    """Between the end of a shift and the next start lie at least `rest_h` elapsed hours."""
    least = timedelta(hours=agent.contract.rest_h)
    in_order = sorted((*agent.history, *agent.shifts), key=lambda shift: shift.start)
    for earlier, later in pairwise(in_order):
        rest = later.start - earlier.end
        if rest < least and (earlier.date in case.horizon or later.date in case.horizon):
            text = (
                f"{hours_text(rest)} between {agent.clock(earlier.end)} and {agent.clock(later.start)}, "
                f"at least {hours_text(least)}"
            )
            yield Violation(agent.agent_id, later.date, "rest_h", text)


def consecutive_days(agent: Agent, case: Case) -> Iterator[Violation]:
    """No run of dates with a shift is longer than `consecutive_days`.

    One line a run, at its first date too many.
    """
    most = agent.contract.consecutive_days
    for run in _runs(sorted({shift.date for shift in (*agent.history, *agent.shifts)})):
        too_many = [day for day in run[most:] if day in case.horizon]
        if too_many:
            text = f"{len(run)} days in a row from {run[0]} to {run[-1]}, at most {most}"
            yield Violation(agent.agent_id, too_many[0], "consecutive_days", text)


def _runs(days: list[date]) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in days:
        if runs and runs[-1][-1] + DAY == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
