"""Days in a row: how many dates with a shift may, and must at least, follow each other; history counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from wfm.config import employed
from wfm.errors import count_of
from wfm.schedule.verify.case import DAY, Agent, Case
from wfm.schedule.verify.leave import leave_day
from wfm.schedule.verify.violation import Violation


def consecutive_days(agent: Agent, case: Case) -> Iterator[Violation]:
    """No run of dates with a shift is longer than `consecutive_days`.

    One line a run, at its first date too many.
    """
    most = agent.contract.consecutive_days
    for run in _runs(agent):
        too_many = [day for day in run[most:] if day in case.horizon]
        if too_many:
            text = f"{len(run)} days in a row from {run[0]} to {run[-1]}, at most {most}"
            yield Violation(agent.agent_id, too_many[0], "consecutive_days", text)


def min_consecutive_days(agent: Agent, case: Case) -> Iterator[Violation]:
    """No run that ended in the horizon, or right before it, is shorter than `min_consecutive_days`.

    Excused is a run whose beginning or end is not known, and one beside leave or the end of employment.
    """
    least = agent.contract.min_consecutive_days
    first_day = case.horizon.first_day
    for run in _runs(agent):
        if len(run) < least and run[-1] >= first_day - DAY and not _excused(run, agent, case):
            where = f"on {run[0]}" if len(run) == 1 else f"from {run[0]} to {run[-1]}"
            text = f"{count_of(len(run), 'day')} in a row {where}, at least {least}"
            yield Violation(agent.agent_id, max(run[0], first_day), "min_consecutive_days", text)


def _excused(run: list[date], agent: Agent, case: Case) -> bool:
    cut_off = run[0] <= case.known_from or run[-1] >= case.horizon.last_day
    beside = (run[0] - DAY, run[-1] + DAY)
    return cut_off or any(
        bool(leave_day(agent, day)) or not employed(agent.start_date, agent.end_date, day) for day in beside
    )


def _runs(agent: Agent) -> list[list[date]]:
    runs: list[list[date]] = []
    for day in sorted({shift.date for shift in (*agent.history, *agent.shifts)}):
        if runs and runs[-1][-1] + DAY == day:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs
