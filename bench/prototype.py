"""The prototype's instances in the files of the contract; its generator is loaded in place, never copied.

`build(n, weeks, seed)` calls `make(n, weeks, seed)` of ../shared/reference/rosters/prototype/inst.py (another
place: WFM_SHARED) and maps what it returns. Where the contract cannot say what the generator means:
- A break has one window per contract, there one per shift length: contracts of several lengths have the mean.
  For the same reason a 9 h shift has the 30 min lunch of the shorter ones: 9.5 h elapsed, not 10.
- Lengths lie on one grid per contract. PT24 (4, 5, 6, 8 h paid) is two contracts, 4-5 and 6-8; the agents
  take turns, those with four days of leave take the shorter one, which alone can fill the rest of that week.
- Leave is credited exactly, not in rounded hours, and not on the weekday that an agent never works.
- From four weeks on, one weekend is off by `weekends_off_per_4_weeks` (`rotation="rule"`), or the fixed one
  of the generator (`rotation="fixed"`, pins). Full-timers with a weekday off then have [32, 40] hours.
- The preferred band of starts (4 units per shift outside) is the request that charges fewest shifts
  wrongly, see `wishes`; single lengths are charged exactly.
- Goals and weights are the contract's: its convex understaffing, its fairness, paid time from the first hour.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import pairwise
from math import gcd
from types import ModuleType
from typing import Any, Literal

import numpy as np
import pandas as pd

from bench.centres import (
    INTERVAL_MIN,
    ZONE,
    Absent,
    BenchCentre,
    Span,
    days_off_table,
    leave_table,
    missed,
    reference,
    requests_table,
    requirements_table,
)
from bench.roster_run import planned
from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.hours import WEEKDAYS, clock
from wfm.tables import AGENTS

QUEUES = ("q0", "q1", "q2")
OPEN_MIN, CLOSE_MIN, STEP_MIN = 7 * 60, 23 * 60, 30
BANDS_MIN = {1: (7 * 60, 9 * 60 + 30), 2: (10 * 60, 12 * 60 + 30), 3: (13 * 60, 23 * 60)}  # of starts
WINDOWS = ("07:00-23:00", "07:00-18:30", "11:00-23:00")  # by the generator's `avail`
CONTRACTS = {  # the generator's, by the lengths that one contract of ours can hold (paid hours)
    "ft8": ("FT8", (8,)),
    "ft8_weekday_off": ("FT8", (8,)),
    "ft10": ("FT10", (10,)),
    "flex": ("FLEX", (6, 7, 8, 9)),
    "pt24_short": ("PT24", (4, 5)),
    "pt24_long": ("PT24", (6, 8)),
    "pt20": ("PT20", (4, 5)),
}
DAY_OFF_WEIGHT = 4.0  # 16 units
Wish = tuple[str, str]


def build(n: int, weeks: int, seed: int, *, rotation: Literal["rule", "fixed"] = "rule") -> BenchCentre:
    """Return the instance `make(n, weeks, seed)` as configuration and tables; raise Absent without it."""
    source = generator()
    instance = source.make(n, weeks, seed)
    names = [agent_name(agent) for agent in range(n)]
    never = [weekday_off(instance, agent) for agent in range(n)]
    contracts = contract_names(source, instance, never)
    rotated = [(names[agent], day) for agent in range(n) for day in rotated_days(agent, weeks)]
    weekends_off = int(weeks >= 4 and rotation == "rule")
    agents = pd.DataFrame(
        {
            "agent_id": names,
            "name": [f"Agent {agent}" for agent in range(n)],
            "contract": contracts,
            "skills": [";".join(QUEUES[q] for q in source.GROUPS[group][0]) for group in instance.group],
            "availability": [availability(instance, agent, day) for agent, day in enumerate(never)],
        }
    )
    return BenchCentre(
        configuration(sorted(set(contracts)), weeks, weekends_off=weekends_off),
        conform(agents, AGENTS),
        requirements_table(instance.R, QUEUES, OPEN_MIN),
        leave_table((names[a], first, days) for a in range(n) for first, days in runs(instance.timeoff[a])),
        requests_table(wanted(source, instance, contracts, never)),
        days_off_table(rotated if rotation == "fixed" else []),
        label=f"{n} x {weeks} seed {seed}",
    )


def configuration(contracts: Sequence[str], weeks: int, *, weekends_off: int) -> Config:
    """Return the configuration of some of the contracts."""
    source = generator()
    return build_config(
        {
            "centre": {"name": "bench", "timezone": ZONE, "interval_min": INTERVAL_MIN},
            "defaults": {"queue": {"service_level": 0.8, "hours": "Mon-Sun 07:00-23:00"}},
            "queues": {name: {} for name in QUEUES},
            "contracts": {name: contract(source, name, weekends_off=weekends_off) for name in contracts},
            "schedule": {"weeks": weeks},
        }
    )


def measured(
    n: int, weeks: int, seed: int, limit_s: float, rotation: Literal["rule", "fixed"]
) -> dict[str, Any]:
    """Return the row of one instance."""
    centre = build(n, weeks, seed, rotation=rotation)
    return {"instance": centre.label, **planned(centre, limit_s).row}


@cache
def generator() -> ModuleType:
    """Load inst.py from its place; raise Absent if it is not there."""
    path = reference("prototype") / "inst.py"
    spec = importlib.util.spec_from_file_location("inst", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise Absent(f"the prototype's generator is not in {path}")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def contract(source: ModuleType, name: str, *, weekends_off: int) -> dict[str, Any]:
    """Return a contract of the configuration, from the tables of the generator."""
    (of_contract, lengths), hours = CONTRACTS[name], week_hours(source, name)
    elapsed = [elapsed_min(source, name, length) for length in lengths]
    days = {"FT8": 5, "FT10": 4}.get(of_contract, 6)  # no rule there; the leave of a week counts at most so
    return {
        "week_hours": hours,
        "days_per_week": [0, days],
        "shift_hours": [elapsed[0] / 60, elapsed[-1] / 60],
        "shift_step_min": gcd(*(b - a for a, b in pairwise(elapsed))) or STEP_MIN,
        "starts": [f"{clock(OPEN_MIN)}-{clock(CLOSE_MIN - elapsed[0])}"],
        "start_step_min": STEP_MIN,
        "rest_h": source.REST * INTERVAL_MIN / 60,
        "consecutive_days": source.MAXCONS,
        "weekends_off_per_4_weeks": weekends_off,
        "leave_day_hours": hours[1] / (4 if lengths == (10,) else 5),
        "breaks": breaks(source, lengths),
    }


def week_hours(source: ModuleType, name: str) -> list[float]:
    """Return weekly hours: with a weekday and a weekend off, full-timers have four days left."""
    low, high = next(row[3:] for row in source.CONTRACTS if row[0] == CONTRACTS[name][0])
    return [low - 8 if name == "ft8_weekday_off" else low, high]


def elapsed_min(source: ModuleType, name: str, length: int) -> int:
    """Return the minutes of a shift of `length` paid hours: those, and the lunch of its contract."""
    lunch_slots: int = min(source.LUNCH[other] for other in CONTRACTS[name][1])
    return length * 60 + lunch_slots * INTERVAL_MIN


def breaks(source: ModuleType, lengths: Sequence[int]) -> list[dict[str, Any]]:
    """Return the breaks of a contract; the windows are the mean of those of its lengths."""
    lunch_min = min(source.LUNCH[length] for length in lengths) * INTERVAL_MIN
    found = []
    for position, minutes in enumerate((15, lunch_min, 15)):
        windows = [source.WIN[length][position] for length in lengths]
        if None in windows:
            continue
        first, last = (round(sum(window[edge] for window in windows) / len(windows)) for edge in (0, 1))
        rest = {"minutes": minutes, "from_min": first * INTERVAL_MIN, "to_min": last * INTERVAL_MIN}
        found.append(rest | ({"activity": "lunch", "paid": False} if position == 1 else {}))
    return found


def contract_names(source: ModuleType, instance: Any, never: Sequence[int | None]) -> list[str]:
    """Return the contract of each agent; PT24 agents take turns between short and long shifts."""
    names, long_turn = [], False
    for agent, number in enumerate(instance.contract):
        name = source.CONTRACTS[number][0].lower()
        if name == "pt24":
            long_turn = not long_turn
            credited = [day for day in np.flatnonzero(instance.timeoff[agent]) if day % 7 != never[agent]]
            name += "_long" if long_turn and len(credited) != 4 else "_short"
        rotates = instance.W >= 4 and never[agent] is not None
        name += "_weekday_off" if name == "ft8" and rotates else ""
        names.append(name)
    return names


def agent_name(agent: int) -> str:
    return f"a{agent:04d}"


def weekday_off(instance: Any, agent: int) -> int | None:
    """Return the weekday an agent never works, from the days that neither leave nor rotation takes."""
    off = ~instance.dayav[agent] & ~instance.timeoff[agent]
    off[rotated_days(agent, instance.W)] = False
    found = np.flatnonzero(off)
    return int(found[0] % 7) if len(found) else None


def rotated_days(agent: int, weeks: int) -> list[int]:
    """Return the days of the weekend that the generator keeps free: none in less than four weeks."""
    return [agent % 4 * 7 + 5, agent % 4 * 7 + 6] if weeks >= 4 else []


def availability(instance: Any, agent: int, never: int | None) -> str:
    """Return weekly hours: shifts lie inside the opening, and inside the agent's own window."""
    days = [name for number, name in enumerate(WEEKDAYS) if number != never]
    return f"{','.join(days)} {WINDOWS[instance.avail[agent]]}"


def runs(days: Any) -> Iterator[tuple[int, int]]:
    """Yield (first day, days) of each run of days off."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], days.astype(int), [0]))))
    yield from ((int(first), int(last - first)) for first, last in edges.reshape(-1, 2))


def wanted(
    source: ModuleType, instance: Any, contracts: Sequence[str], never: Sequence[int | None]
) -> Iterator[tuple[str, int, str, str, float]]:
    """Yield the requests: days off as drawn, and the preferred band of starts on every day."""
    chosen = {(name, band): wishes(source, name, band)[0] for name in set(contracts) for band in BANDS_MIN}
    for agent, off in enumerate(never):
        for day in range(instance.D):
            if instance.wantoff[agent, day]:
                yield agent_name(agent), day, "day_off", "", DAY_OFF_WEIGHT
            if instance.pref[agent] and not instance.timeoff[agent, day] and day % 7 != off:
                yield agent_name(agent), day, *chosen[contracts[agent], int(instance.pref[agent])], 1.0


def wishes(source: ModuleType, name: str, band: int) -> tuple[Wish, int]:
    """Return the request (kind, value) nearest to the band, and how many shifts it charges wrongly.

    prefer_shift is missed on a day off too; it is a choice only where hours fix the number of shifts, so that
    this is a constant.
    """
    first, last = BANDS_MIN[band]
    shifts = shift_types(source, name)
    options = [("avoid_shift", span) for half in halves() for span in ((OPEN_MIN, half), (half, CLOSE_MIN))]
    options += [("prefer_start", (half, half)) for half in halves()]
    if len(CONTRACTS[name][1]) == 1 and name != "ft8_weekday_off":
        options.append(("prefer_shift", (first, last + shifts[0][1] - shifts[0][0])))
    wrong = [
        sum(missed(kind, span, shift) == (first <= shift[0] <= last) for shift in shifts)
        for kind, span in options
    ]
    best = int(np.argmin(wrong))
    kind, span = options[best]
    value = clock(span[0]) if kind == "prefer_start" else f"{clock(span[0])}-{clock(span[1])}"
    return (kind, value), wrong[best]


def halves() -> range:
    """Return the half hours inside the opening."""
    return range(OPEN_MIN + STEP_MIN, CLOSE_MIN, STEP_MIN)


def shift_types(source: ModuleType, name: str) -> list[Span]:
    """Return every (start, end) of a contract inside the opening, minutes."""
    elapsed = [elapsed_min(source, name, length) for length in CONTRACTS[name][1]]
    return [
        (start, start + minutes)
        for minutes in elapsed
        for start in range(OPEN_MIN, CLOSE_MIN - minutes + 1, STEP_MIN)
    ]
