"""Why an agent works as it does on a date, or is off: what the shift does, what binds it, what else could be.

Everything is recomputed from the tables by the rules and the objective of `verify`: nothing is asked of the
solver. Points are those of the objective; a difference above 0 is dearer than what is rostered.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from wfm.config import OFF, employed
from wfm.errors import UsageError, one_line
from wfm.schedule.advice.change import on_queue
from wfm.schedule.advice.published import Published
from wfm.schedule.verify.case import Agent, Case, Request
from wfm.schedule.verify.leave import leave_day
from wfm.schedule.verify.pattern import cell
from wfm.schedule.verify.read import Tables, read_case
from wfm.schedule.why.options import Limit, Option, Options
from wfm.schedule.why.prices import Added, Prices
from wfm.schedule.why.shapes import Shape


@dataclass(frozen=True)
class Served:
    """A queue in an interval of the shift: agents needed, and net staffing with and without the shift."""

    queue: str
    interval_start: datetime
    agents_to_schedule: float
    net_with: float
    net_without: float


@dataclass(frozen=True)
class ShiftExplanation:
    """Why a shift, or a day off (`segments` empty), stands in the roster.

    `added` is what the shift adds to the objective against a day off; `served` its intervals; `limits` what
    binds it; `missed` the requests not met, each with the cheapest legal option that meets it; `options` what
    else could be, the cheapest first; `rules` how many of the shifts looked at break each rule; `off_because`
    why the agent could not work at all (empty: it could, or it does); `objective` that of the whole roster.
    """

    agent: Agent
    name: str
    date: date
    segments: Shape
    added: Added
    served: tuple[Served, ...]
    limits: tuple[Limit, ...]
    options: tuple[Option, ...]
    rules: Mapping[str, int]
    requests: tuple[Request, ...]
    missed: tuple[tuple[Request, Option | None], ...]
    off_because: str
    objective: float
    broken_now: tuple[str, ...]

    @property
    def best(self) -> Option | None:
        """The cheapest legal option."""
        return next((option for option in self.options if option.legal), None)

    @property
    def paid(self) -> timedelta:
        """Paid time of the shift other than leave."""
        paid = (one for one in self.segments if one.paid and one.activity != "leave")
        return sum((one.end - one.start for one in paid), timedelta())


def explain_shift(published: Published, agent_id: str, day: date, most: int = 5) -> ShiftExplanation:
    """Return why an agent has its shift on a date, or none; `most` is how many legal options are wanted.

    Raises UsageError for an agent who is not in the tables (with the nearest id or name), or whose site or
    contract the configuration does not have, and for a date outside the horizon.
    """
    name = name_of(published, agent_id)
    published.check_date(day)
    case = case_of(published)
    agent = next((one for one in case.agents if one.agent_id == agent_id), None)
    if agent is None:
        hint = "correct site and contract in agents, or add them to wfm.toml"
        raise UsageError(f"agent '{agent_id}' is in no site or contract of wfm.toml", hint=hint)
    prices = Prices(case, agent, day)
    options = Options(prices)
    best, rules = options.best(most)
    judged = published.judged()
    return ShiftExplanation(
        agent,
        name,
        day,
        options.now,
        options.added,
        tuple(_served(prices, options.now)),
        tuple(options.limits()),
        best,
        rules,
        options.wishes,
        tuple((wish, options.granting(wish)) for wish in options.missed(options.now)),
        "" if options.now else _off_because(agent, case, day),
        judged.objective,
        tuple(str(violation) for violation in judged.violations if violation.subject == agent_id),
    )


def case_of(published: Published) -> Case:
    """Return the case of a published roster, with its requests."""
    tables = Tables(
        published.roster,
        published.agents,
        published.requirements,
        published.time_off,
        published.requests,
        published.pins,
        published.previous,
        published.activities,
    )
    return read_case(tables, published.config, published.horizon, published.freeze_days)


def name_of(published: Published, agent_id: str) -> str:
    """Return the name of an agent; UsageError, with the nearest id or name, if there is no such id."""
    names = dict(zip(published.agents["agent_id"], published.agents["name"].astype("str"), strict=True))
    if agent_id in names:
        return str(names[agent_id])
    ids = {**{str(name): one for one, name in names.items()}, **{str(one): one for one in names}}
    near = difflib.get_close_matches(agent_id, list(ids), n=1, cutoff=0.5)
    hint = "see agents"
    if near:
        hint = f"did you mean '{ids[near[0]]}' ({one_line(str(names[ids[near[0]]]))})?"
    raise UsageError(f"no agent '{one_line(agent_id)}'", hint=hint)


def _served(prices: Prices, shape: Shape) -> Iterator[Served]:
    """Yield the queues whose coverage the shift may change, interval by interval."""
    sheet = prices.sheet
    for number, time in sorted(prices.times(on_queue(shape)).items()):
        need = prices.needed(number)
        with_shift, without = prices.scheduled(number, time), prices.scheduled(number, 0)
        own = set(sheet.served(prices.free, number)[0])
        for queue, agents in sorted(need.items()):
            if queue in own or with_shift[queue] != without[queue]:
                moment = sheet.start_of(number)
                yield Served(queue, moment, agents, with_shift[queue] - agents, without[queue] - agents)


def _off_because(agent: Agent, case: Case, day: date) -> str:
    """Return why an agent cannot work on a date whatever the need; empty if nothing says so."""
    reasons = {
        "is not employed": not employed(agent.start_date, agent.end_date, day),
        "is on leave": bool(leave_day(agent, day)),
        "is pinned off": day in agent.pins and agent.pins[day] is None,
        "is off in the published roster, which is frozen": (
            day in agent.frozen and agent.frozen[day] is None
        ),
        f"is off in the rotation {agent.contract.pattern}": cell(agent, case, day) == OFF,
        "is not available": not agent.availability.always and not agent.availability.spans_of(day.weekday()),
    }
    return next((text for text, holds in reasons.items() if holds), "")
