"""The agents of a generated centre: sites, skills, contracts, availability, and trying names.

Skills and contracts are apportioned, not drawn, so that every seed gives a centre that can cover its traffic.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import timedelta
from importlib.resources import files

import numpy as np
import pandas as pd

from wfm.conform import conform
from wfm.demo.cast import Cast, Site
from wfm.demo.stream import stream
from wfm.tables import AGENTS

PART_TIME_AVAILABILITY = ("Mon-Fri 07:00-15:00", "Mon-Fri 14:00-22:00", "Mon-Sat 08:00-18:00")
LIMITED_PART_TIME = 0.5
FULL_TIME_AVAILABILITY = "Mon-Fri 07:00-18:00"
LIMITED_FULL_TIME = 0.08
AGENTS_PER_TEAM = 15
AGENTS_PER_HOSTILE_NAME = 4  # at least
JOINS_AFTER_DAYS = 8  # the Monday of the second week of the plan
LEAVES_AFTER_DAYS = 12  # the Friday of that week


def agents_of(cast: Cast, head_count: int, seed: int) -> pd.DataFrame:
    """Return AGENTS: `head_count` of them over the sites; at each, one joins and one leaves soon."""
    heads = apportion(head_count, {site.name: site.share for site in cast.sites})
    staffed = [site for site in cast.sites if heads[site.name]]
    rows = pd.concat([_site_rows(site, heads[site.name], cast, seed) for site in staffed], ignore_index=True)
    return conform(rows.assign(name=_names(len(rows), stream(seed, "names"))), AGENTS)


def apportion(total: int, shares: Mapping[str, float]) -> dict[str, int]:
    """Return whole parts of `total` in proportion to the shares, by largest remainder."""
    exact = {key: total * share / sum(shares.values()) for key, share in shares.items()}
    parts = {key: int(value) for key, value in exact.items()}
    by_remainder = sorted(exact, key=lambda key: (parts[key] - exact[key], key))
    for key in by_remainder[: total - sum(parts.values())]:
        parts[key] += 1
    return parts


def _site_rows(site: Site, heads: int, cast: Cast, seed: int) -> pd.DataFrame:
    rng = stream(seed, f"agents of {site.name}")
    contracts = rng.permutation(_dealt(heads, cast.contracts))
    availability = [_availability(str(contract), rng) for contract in contracts]
    last_day = pd.Timestamp(cast.last_day)
    starts = pd.Series(last_day - pd.to_timedelta(rng.integers(60, 4000, heads), unit="D"))
    ends = pd.Series(pd.NaT, index=starts.index, dtype="datetime64[us]")
    if heads > 1:
        starts.iloc[-1] = last_day + timedelta(days=JOINS_AFTER_DAYS)
        ends.iloc[0] = last_day + timedelta(days=LEAVES_AFTER_DAYS)
    return pd.DataFrame(
        {
            "agent_id": [f"{site.prefix}{number:03d}" for number in range(1, heads + 1)],
            "site": site.name,
            "contract": contracts,
            "skills": _dealt(heads, {";".join(crew.skills): crew.share for crew in site.crews}),
            "availability": availability,
            "start_date": starts,
            "end_date": ends,
            "cost_per_hour": np.round(site.cost_per_hour * rng.uniform(0.92, 1.12, heads), 2),
            "team": [f"{site.name}-{1 + number // AGENTS_PER_TEAM}" for number in range(heads)],
        }
    )


def _dealt(heads: int, shares: Mapping[str, float]) -> list[str]:
    return [key for key, count in apportion(heads, shares).items() for _ in range(count)]


def _availability(contract: str, rng: np.random.Generator) -> str | None:
    limited, choice = rng.random(), int(rng.integers(len(PART_TIME_AVAILABILITY)))
    if contract == "part_time" and limited < LIMITED_PART_TIME:
        return PART_TIME_AVAILABILITY[choice]
    if contract == "full_time" and limited < LIMITED_FULL_TIME:
        return FULL_TIME_AVAILABILITY
    return None


def _names(count: int, rng: np.random.Generator) -> list[str]:
    """Return distinct names, hostile ones spread among them; when the pairs run out, a numeral follows."""
    known = tomllib.loads(files("wfm.demo").joinpath("names.toml").read_text(encoding="utf-8"))
    pairs = [f"{first} {last}" for first in known["first"] for last in known["last"]]
    order = rng.permutation(len(pairs))
    rounds = [divmod(number, len(pairs)) for number in range(count)]
    names = [pairs[order[place]] + (f" {again + 1}" if again else "") for again, place in rounds]
    hostile = known["hostile"][: count // AGENTS_PER_HOSTILE_NAME]
    for place, name in zip(rng.permutation(count), hostile, strict=False):
        names[place] = name
    return names
