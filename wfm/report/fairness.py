"""How evenly a site's unpopular shifts are spread over its agents, and whose requests are met.

The measure is that of the objective (`docs/rostering.md`): unpopular shifts of the whole roster, each counted
once, against the mean of all agents of the site, rounded up.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.report import wording
from wfm.report.requests_met import Wishes
from wfm.report.shifts import SiteRoster

KINDS = ("late", "night", "weekend", "unpopular")


@dataclass(frozen=True)
class AgentShare:
    """One agent: shifts by kind, unpopular ones above the site's mean, requests as `2 of 3`."""

    name: str
    team: str
    shifts: int
    late: int
    night: int
    weekend: int
    unpopular: int
    above: int
    requests: str


@dataclass(frozen=True)
class SiteFairness:
    """A site's spread in words, and its agents, the most unpopular shifts first."""

    name: str
    number: int
    words: str
    agents: Sequence[AgentShare]


def fairness(site: SiteRoster, wishes: Mapping[str, Wishes] | None) -> SiteFairness:
    """Return the spread over a site's agents; `wishes` are by agent id, None where they are not known."""
    counts = _counts(site)
    mean = counts["unpopular"].mean()
    share = math.ceil(mean)
    ordered = counts.assign(above=(counts["unpopular"] - share).clip(lower=0)).sort_values(
        ["unpopular", "team", "name"], ascending=[False, True, True], kind="stable"
    )
    return SiteFairness(
        name=wording.printable(site.name),
        number=site.number,
        words=_words(ordered, mean, share),
        agents=[
            AgentShare(
                name=wording.printable(row["name"]),
                team=wording.printable(row["team"]),
                requests=_requests(str(agent_id), wishes),
                **{kind: int(row[kind]) for kind in ("shifts", *KINDS, "above")},
            )
            for agent_id, row in zip(ordered.index, ordered.to_dict("records"), strict=True)
        ],
    )


def _counts(site: SiteRoster) -> pd.DataFrame:
    """Return the shifts by kind of everybody of the site, also of those who have none."""
    shifts = site.shifts.groupby("agent_id")
    sums = shifts[list(KINDS)].sum().assign(shifts=shifts.size())
    return site.people[["name", "team"]].join(sums).fillna(dict.fromkeys(("shifts", *KINDS), 0))


def _words(agents: pd.DataFrame, mean: float, share: int) -> str:
    counts = agents["unpopular"]
    return (
        f"Unpopular shifts: {wording.number(counts.min())} to {wording.number(counts.max())} an agent, "
        f"mean {wording.number(mean, 2)}; {wording.counted(int((counts > share).sum()), 'agent')} above "
        f"{wording.number(share)}, by {wording.counted(int(agents['above'].sum()), 'shift')} in all."
    )


def _requests(agent_id: str, wishes: Mapping[str, Wishes] | None) -> str:
    if wishes is None or agent_id not in wishes:
        return ""
    return f"{wishes[agent_id].met} of {wishes[agent_id].asked}"
