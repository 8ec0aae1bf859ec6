"""The roster as suggestions change it: coverage, cost and rules of the next change, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from wfm.schedule.advice.change import Change, changed_agent, changed_tables, on_queue
from wfm.schedule.advice.presence import keeps_site, without
from wfm.schedule.advice.published import Published
from wfm.schedule.advice.sheet import Share, Sheet
from wfm.schedule.verify import Violation
from wfm.schedule.verify.case import WEEK, Agent
from wfm.schedule.verify.leave import exact, exact_hours
from wfm.schedule.verify.verification import AGENT_RULES, SHIFT_RULES
from wfm.schedule.verify.weeks import day_limits, hour_limits, paid_hours

# Rules of dates: if one is broken, no other clock time on the same date would keep it.
OF_DATES = frozenset(
    {
        *("consecutive_days", "days_per_week", "weekends_off_per_4_weeks", "minors.days_per_week"),
        *("pins", "freeze", "start_date", "end_date", "max_changed_shifts_per_agent"),
    }
)


@dataclass(frozen=True)
class Price:
    """Paid hours that a change adds, and what they cost."""

    hours: Fraction
    cost: float


@dataclass(frozen=True)
class Week:
    """Paid hours and shifts of an agent in a week, and the most that leave lets it have without overtime."""

    hours: Fraction
    most_hours: Fraction
    shifts: int
    most_shifts: Fraction

    def overtime(self, more: Fraction = Fraction(0)) -> Fraction:
        """Return the hours of overtime if so much more were paid."""
        return max(Fraction(0), self.hours + more - self.most_hours)


class Desk:
    """The agents and tables as they are after the changes so far."""

    def __init__(self, published: Published) -> None:
        self.case = case = published.case()
        self.published, self.horizon, self.config = published, published.horizon, published.config
        self.agents: dict[str, Agent] = {agent.agent_id: agent for agent in case.agents}
        self.sheet = Sheet(case)
        self.contract_names = dict(
            zip(published.agents["agent_id"], published.agents["contract"], strict=True)
        )
        self.settled: set[tuple[str, date]] = set()  # dates of agents that a change has taken
        self.barred: set[tuple[str, str, date]] = set()  # kind, agent and date without hope
        self._own: dict[str, Published] = {}
        self._weeks: dict[tuple[str, date], Week] = {}

    def shares(self, change: Change) -> list[Share]:
        """Return the time on queue that a change adds and takes away."""
        agent = self.agents[change.agent_id]
        shift = agent.shift_on(change.date)
        before, after = on_queue(() if shift is None else shift.segments), on_queue(change.after)
        return self.sheet.shares(agent, without(after, before), without(before, after))

    def price(self, change: Change) -> Price:
        """Return the paid hours and the cost of a change; what is overtime costs `overtime_price`."""
        agent = self.agents[change.agent_id]
        hours, week = self._more_hours(change), self._week(change)
        overtime = week.overtime(hours) - week.overtime()
        extra = exact(agent.contract.overtime_price) - 1
        return Price(hours, float(hours + extra * overtime) * agent.cost_per_hour)

    def _more_hours(self, change: Change) -> Fraction:
        """Return the paid hours that a change adds."""
        shift = self.agents[change.agent_id].shift_on(change.date)
        before = timedelta() if shift is None else shift.paid
        return exact_hours(change.paid) - exact_hours(before)

    def _week(self, change: Change) -> Week:
        """Return the week of a change as it is now."""
        first = self.horizon.first_day
        begin = first + (change.date - first) // WEEK * WEEK
        key = change.agent_id, begin
        if key not in self._weeks:
            agent = self.agents[change.agent_id]
            shifts = sum(begin <= shift.date < begin + WEEK for shift in agent.shifts)
            hours, most_shifts = paid_hours(agent.shifts, begin), day_limits(agent, begin)[1]
            self._weeks[key] = Week(hours, hour_limits(agent, begin)[1], shifts, most_shifts)
        return self._weeks[key]

    def hopeless(self, change: Change) -> bool:
        """Return whether a change cannot be: its date is settled or barred, or its week would be too full."""
        where = change.agent_id, change.date
        if where in self.settled or (change.kind, *where) in self.barred:
            return True
        if change.leave is not None:
            return False
        agent, week = self.agents[change.agent_id], self._week(change)
        added = agent.shift_on(change.date) is None
        too_long = week.overtime(self._more_hours(change)) > exact(agent.contract.overtime_hours)
        return too_long or (added and week.shifts + 1 > week.most_shifts)

    def allowed(self, change: Change) -> bool:
        """Return whether afterwards every rule of the agent holds, and those of its site as before."""
        agent = self.agents[change.agent_id]
        colleagues = [one for one in self.agents.values() if one.site == agent.site]
        site = self.config.sites[agent.site]
        if not keeps_site(site, colleagues, agent.shift_on(change.date), change.after, self.sheet):
            return False
        broken = list(self._broken_rules(change))
        if any(violation.rule in OF_DATES for violation in broken):
            self.barred.add((change.kind, change.agent_id, change.date))
        return not broken and not self._judged(change)

    def _broken_rules(self, change: Change) -> Iterator[Violation]:
        """Yield what the rules of agents say at once, so that `verify` sees only what has a chance."""
        agent = changed_agent(self.agents[change.agent_id], change)
        for shift_rule in SHIFT_RULES:
            yield from shift_rule(agent)
        for agent_rule in AGENT_RULES:
            yield from agent_rule(agent, self.case)

    def _judged(self, change: Change) -> list[Violation]:
        """Return what `verify` says of the agent's tables."""
        own = self._own.setdefault(change.agent_id, self.published.only(change.agent_id))
        judged = changed_tables(own, self.agents[change.agent_id], change).judged()
        return [violation for violation in judged.violations if violation.subject == change.agent_id]

    def accept(self, change: Change) -> None:
        """Let the change be so."""
        agent = self.agents[change.agent_id]
        self.sheet.apply(self.shares(change))
        self.published = changed_tables(self.published, agent, change)
        self.agents[change.agent_id] = changed_agent(agent, change)
        self.settled.add((change.agent_id, change.date))
        self._own.pop(change.agent_id, None)
        self._weeks.clear()
