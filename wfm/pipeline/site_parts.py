"""Rosters, sites that share no queue apart: what cannot be kept at one site is no matter of the others.

Sites belong together if agents of both have the skill of one queue, or if an activity calls people of both.
What is left of one roster in many is the mean cost of an hour, over all agents, to which costs are relative:
the weight of `paid` is scaled, so that the objectives add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import pandas as pd

from wfm.config import Config
from wfm.conform import joined
from wfm.errors import Fault, RuleError
from wfm.executor import tell
from wfm.schedule.inputs import with_site
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import verify
from wfm.schedule.verify.objective import UNIT_MIN
from wfm.skills import queues_of
from wfm.tables import ACTIVITY_TABLE, COVERAGE, PINS, REQUESTS, ROSTER, TIME_OFF

OWN_TABLES = {
    "time_off": TIME_OFF,
    "requests": REQUESTS,
    "pins": PINS,
    "activities": ACTIVITY_TABLE,
    "previous": ROSTER,
}
KEPT = "kept"  # status of an earlier roster that stands in for one that failed
WORST_FIRST = (KEPT, "interrupted", "time_limit", "feasible", "optimal")
ADDED = (
    "objective",
    "bound",
    "understaffed_h",
    "overstaffed_h",
    "required_h",
    "requests",
    "requests_missed",
    "agents",
)


@dataclass(frozen=True)
class SitePart:
    """Sites that share queues, their agents and what concerns these; `tables` as `schedule` takes them."""

    sites: tuple[str, ...]
    requirements: pd.DataFrame
    agents: pd.DataFrame
    tables: Mapping[str, pd.DataFrame | None]
    config: Config
    first_day: date | None
    options: Options | None

    @property
    def queues(self) -> tuple[str, ...]:
        """The queues of the part."""
        return tuple(sorted(self.requirements["queue"].unique()))


@dataclass(frozen=True)
class Scheduled:
    """A roster that was verified."""

    result: ScheduleResult


def scheduled_part(part: SitePart) -> Scheduled:
    """Return the roster of a part, telling its progress; RuleError where its verification finds anything."""
    tables: dict[str, Any] = dict(part.tables)
    result = schedule(
        part.requirements,
        part.agents,
        part.config,
        first_day=part.first_day,
        options=part.options,
        progress=tell,
        **tables,
    )
    verdict = verify(
        result.roster,
        part.agents,
        part.requirements,
        part.config,
        first_day=datetime.fromisoformat(result.summary["first_day"]).date(),
        weeks=result.summary["weeks"],
        freeze_days=0 if part.options is None else part.options.freeze_days,
        summary=result.summary,
        **tables,
    )
    if verdict.violations:
        faults = [Fault(str(violation)) for violation in verdict.violations]
        raise RuleError(
            faults, source="the roster failed its verification", hint="this is a bug: please report it"
        )
    return Scheduled(result)


def site_parts(whole: SitePart) -> list[SitePart]:
    """Return the parts of a plan, by the names of their sites; the plan itself where it has one part only."""
    agents = with_site(whole.agents, whole.config)
    groups = _groups(agents, whole)
    if len(groups) <= 1:
        return [replace(whole, sites=sites) for sites in groups] or [whole]
    mean_cost = float(agents["cost_per_hour"].mean())
    served = {site: group for group in groups for site in group}
    queue_of: dict[str, tuple[str, ...]] = {}
    for site, skills in zip(agents["site"], agents["skills"], strict=True):
        queue_of |= dict.fromkeys(queues_of(str(skills)), served[site])
    first = groups[0]
    queue_group = whole.requirements["queue"].map(lambda queue: queue_of.get(queue, first))
    home = dict(zip(agents["agent_id"], agents["site"].map(served), strict=True))
    return [
        SitePart(
            group,
            _rows(whole.requirements, queue_group.map(lambda own, group=group: own == group)),
            _rows(agents, agents["site"].isin(group)),
            {
                **{name: _own(frame, group, home, first) for name, frame in whole.tables.items()},
                "activities": _own_activities(whole, agents, group, served),
                "elsewhere": _elsewhere(whole.requirements, queue_group, group),
            },
            _priced(whole.config, agents[agents["site"].isin(group)], mean_cost),
            whole.first_day,
            whole.options,
        )
        for group in groups
    ]


def _elsewhere(requirements: pd.DataFrame, queue_group: pd.Series, group: tuple[str, ...]) -> pd.DataFrame:
    """Return what the other groups are to schedule per interval: R of the objective runs over all queues."""
    others = requirements[queue_group.map(lambda own: own != group).astype(bool)]
    return others.groupby("interval_start")[["agents_to_schedule"]].sum().reset_index()


def _groups(agents: pd.DataFrame, whole: SitePart) -> list[tuple[str, ...]]:
    """Return the sites that belong together, each site once, by name."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.setdefault(name, name) != name:
            name = leader[name]
        return name

    def bind(names: Iterable[str]) -> None:
        first, *others = names
        for other in others:
            leader[find(other)] = find(first)

    for site, skills in zip(agents["site"], agents["skills"], strict=True):
        bind([f"site {site}", *(f"queue {queue}" for queue in queues_of(str(skills)))])
    for queue, settings in whole.config.queues.items():
        if settings.blend_with is not None:
            bind([f"queue {queue}", f"queue {settings.blend_with}"])
    for called in _called(agents, whole.tables.get("activities")):
        bind([f"site {site}" for site in called])
    together: dict[str, list[str]] = {}
    for site in sorted(set(agents["site"])):
        together.setdefault(find(f"site {site}"), []).append(site)
    return [tuple(group) for group in together.values()]


def _called(agents: pd.DataFrame, activities: pd.DataFrame | None) -> list[list[str]]:
    """Return the sites of the people that each activity calls; at least one."""
    found = []
    for people in () if activities is None else activities["agents"]:
        names = [name.strip() for name in str(people).split(";")]
        teams = {name.removeprefix("team:").strip() for name in names if name.startswith("team:")}
        called = agents["agent_id"].isin(names) | agents["team"].isin(teams)
        found.append(sorted(set(agents.loc[called, "site"])) or [min(agents["site"])])
    return found


def _own_activities(
    whole: SitePart, agents: pd.DataFrame, group: tuple[str, ...], served: Mapping[str, tuple[str, ...]]
) -> pd.DataFrame | None:
    """Return the activities of a group; those that call nobody known are told of by the first one."""
    activities = whole.tables.get("activities")
    if activities is None:
        return None
    called = _called(agents, activities)
    return _rows(activities, pd.Series([served[sites[0]] == group for sites in called], activities.index))


def _own(
    frame: pd.DataFrame | None,
    group: tuple[str, ...],
    home: Mapping[str, tuple[str, ...]],
    first: tuple[str, ...],
) -> pd.DataFrame | None:
    """Return the rows of a table that concern a group; the first one gets those of nobody known."""
    if frame is None:
        return None
    if "agent_id" not in frame:
        return frame
    return _rows(frame, frame["agent_id"].map(lambda agent: home.get(agent, first) == group))


def _priced(config: Config, agents: pd.DataFrame, mean_cost: float) -> Config:
    """Return the configuration with the weight at which costs relative to the group's own mean are right."""
    own = float(agents["cost_per_hour"].mean())
    weights = config.schedule.weights
    if not mean_cost or own == mean_cost:
        return config
    scaled = weights.model_copy(update={"paid": weights.paid * own / mean_cost})
    return config.model_copy(update={"schedule": config.schedule.model_copy(update={"weights": scaled})})


def joined_rosters(parts: Sequence[ScheduleResult], config: Config) -> ScheduleResult:
    """Return the rosters of parts as one: figures added, warnings one after the other, the worst status.

    The bounds of parts add up to one of the whole: what the joint shortage costs more is never negative.
    """
    if len(parts) == 1:
        return parts[0]
    summaries = [part.summary for part in parts]
    prices = [part.prices for part in parts if len(part.prices)]
    objective, bound = (sum(one[name] for one in summaries) for name in ("objective", "bound"))
    names = list(dict.fromkeys(name for one in summaries for name in one["parts"]))
    paid = config.schedule.weights.paid
    weighted = {name: sum(one["parts"].get(name, 0.0) for one in summaries) for name in names}
    together = _joint_shortage([part.coverage for part in parts], config)
    weighted["understaffed"] = weighted.get("understaffed", 0.0) + together
    objective += together
    summary: dict[str, Any] = {
        **summaries[0],
        "status": min((one["status"] for one in summaries), key=WORST_FIRST.index),
        **{name: sum(one[name] for one in summaries) for name in ADDED},
        "objective": objective,
        "gap": (objective - bound) / max(1.0, abs(objective)),
        "gap_h": (objective - bound) / paid if paid else None,
        "parts": weighted,
        "paid_h": weighted["paid"] / paid if paid else None,
        "warnings": [text for one in summaries for text in one["warnings"]],
        "unmet": [rule for one in summaries for rule in one.get("unmet", ())],
        "seconds": sum(one["seconds"] for one in summaries),
    }
    return ScheduleResult(
        joined([part.roster for part in parts], ROSTER),
        joined([part.coverage for part in parts], COVERAGE),
        summary,
        pd.concat(prices or [parts[0].prices], ignore_index=True),
    )


def _joint_shortage(coverages: Sequence[pd.DataFrame], config: Config) -> float:
    """Return what U (1 + U/R) of all parts together costs above the sum over the parts, R being the same.

    That is w (U^2 - sum of the parts' U^2) / R per interval, in units of 15 minutes.
    """
    missing = pd.concat(
        [(-part["net_staffing"]).clip(lower=0).groupby(part["interval_start"]).sum() for part in coverages],
        axis=1,
    ).fillna(0.0)
    every = pd.concat(coverages)
    total = every.groupby("interval_start")["agents_to_schedule"].sum().reindex(missing.index)
    joint = missing.sum(axis=1) ** 2 - (missing**2).sum(axis=1)
    cost = (joint / total.where(total > 0)).sum()  # nothing is missing where R is 0
    return float(cost) * config.schedule.weights.understaffed * config.centre.interval_min / UNIT_MIN


def _rows(frame: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    return frame[chosen.astype(bool)].reset_index(drop=True)
