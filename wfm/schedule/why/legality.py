"""Which rules a change of one agent's date breaks that were kept before, in the words of `verify`."""

from __future__ import annotations

from collections.abc import Sequence

from wfm.schedule.advice.effect import newly_broken
from wfm.schedule.advice.presence import keeps_site
from wfm.schedule.verify import Violation
from wfm.schedule.verify.case import Agent, Case, Segment
from wfm.schedule.verify.site import agents_of
from wfm.schedule.verify.verification import AGENT_RULES, CASE_RULES, SHIFT_RULES, SITE_RULES
from wfm.schedule.why.prices import Prices, with_agent


class Judge:
    """The rules that stand in the way of one agent and date; those of the site are asked only if they may."""

    def __init__(self, case: Case, prices: Prices) -> None:
        self.case, self.prices, agent = case, prices, prices.agent
        self._shift = agent.shift_on(prices.day)
        self._colleagues = agents_of(agent.site, case)
        self._before = _of_people(agent, case)
        self._at_site = _of_site(agent.site, case)

    def broken(self, segments: Sequence[Segment]) -> tuple[Violation, ...]:
        """Return the rules newly broken if the agent had these segments (none: a day off)."""
        agent = self.prices.worked(segments)
        changed = with_agent(self.case, agent)
        found = newly_broken(self._before, _of_people(agent, changed))[0]
        site = self.case.config.sites[agent.site]
        if keeps_site(site, self._colleagues, self._shift, segments, self.prices.sheet):
            return found
        return (*found, *newly_broken(self._at_site, _of_site(agent.site, changed))[0])


def _of_people(agent: Agent, case: Case) -> list[Violation]:
    found = [violation for rule in SHIFT_RULES for violation in rule(agent)]
    found += [violation for rule in AGENT_RULES for violation in rule(agent, case)]
    return found + [violation for rule in CASE_RULES for violation in rule(case)]


def _of_site(site: str, case: Case) -> list[Violation]:
    return [violation for rule in SITE_RULES for violation in rule(site, case)]
