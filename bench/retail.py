"""Public single-task retail instances, planned by us and judged by the penalty of their own set.

The files are read in ../shared/reference/rosters/retail (another place: WFM_SHARED). Their day runs from
06:00 to 06:00; here it is the calendar day, so that every clock time stands six hours earlier. One contiguous
shift of 6-10 h per day, starting 06:00-10:00, 14:00-18:00 or 20:00-24:00 (theirs; 24:00 is 00:00), in steps
of 15 minutes. The penalty is the square of the people above the maximum cover, summed over the intervals;
fewer than the minimum are not allowed there and are told as hours here. No roster goes below `floor`: the
least minutes of the staff, as far as they are more than the maximum cover.
`rules="readme"`: no rest, any number of days, as the README beside the files says. `rules="source"`: 14 h of
rest and at most five days in a row, which the solver of the published solution keeps (PetterS/monolith,
retail_scheduling_pricing.cpp). What our files cannot say: minutes over two weeks are half of them in each
week; a shift may run past the end of the horizon, where the maximum counts as nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from bench.centres import (
    FIRST_DAY,
    INTERVAL_MIN,
    ZONE,
    Absent,
    BenchCentre,
    Ints,
    reference,
    requirements_table,
)
from bench.roster_run import planned
from wfm.config import build_config
from wfm.conform import conform
from wfm.hours import DAY_MIN
from wfm.tables import AGENTS

EARLIER_MIN = 6 * 60
PER_DAY = DAY_MIN // INTERVAL_MIN
STARTS = ["00:00-04:00", "08:00-12:00", "14:00-18:00"]  # six hours earlier
Rules = Literal["readme", "source"]
REST = {"readme": {"rest_h": 0, "consecutive_days": 31}, "source": {"rest_h": 14, "consecutive_days": 5}}
WEIGHTS = {  # nobody missing comes first, then nobody too many; nothing else counts
    "understaffed": 100,
    "overstaffed": 2,
    "paid": 0,
    "request": 0,
    "fairness": 0,
    "start_consistency": 0,
}


@dataclass(frozen=True)
class Instance:
    """A file: days, (least, most) minutes of each person, cover per interval from 06:00 of the first day."""

    name: str
    days: int
    staff: tuple[tuple[int, int], ...]
    least: Ints
    most: Ints


def measured(name: str, limit_s: float, rules: Rules) -> dict[str, Any]:
    """Return the row of one instance, with its penalty and the published one."""
    instance = read(name)
    done = planned(build(instance, rules), limit_s)
    on_duty = coverage(instance, done.roster)
    missing_h = missing(instance, on_duty) * INTERVAL_MIN / 60
    return {
        "instance": f"{name} {rules}",
        **done.row,
        "missing_h": missing_h,
        "penalty": penalty(instance, on_duty),
        "floor": floor(instance),
        "published": published().get(name),
    }


def read(name: str) -> Instance:
    """Read an instance; raise Absent if it is not there."""
    path = reference("retail") / f"{name}.txt"
    if not path.is_file():
        raise Absent(f"{path} is not there")
    sections = {title: list(rows) for title, rows in _sections(path.read_text())}
    days = int(sections["HORIZON"][0][0])
    cover = np.zeros((2, days * PER_DAY), dtype=np.int64)
    for day, span, _task, least, most in sections["COVER"]:
        hour, minute = span.partition("-")[0].split(":")
        since_min = (int(day) - 1) * DAY_MIN + int(hour) * 60 + int(minute) - EARLIER_MIN
        cover[:, since_min // INTERVAL_MIN] = int(least), int(most)
    staff = tuple((int(least), int(most)) for _, least, most in sections["STAFF"])
    return Instance(name, days, staff, *cover)


def _sections(text: str) -> Iterator[tuple[str, Iterator[list[str]]]]:
    """Yield the rows of each section, comments left out."""
    for part in re.split(r"^SECTION_", text, flags=re.MULTILINE)[1:]:
        title, *lines = part.splitlines()
        rows = (line.split(",") for line in lines if line.strip() and not line.startswith("#"))
        yield title.strip(), rows


def published() -> dict[str, int]:
    """Return the penalties of SOLUTIONS.md by instance."""
    text = (reference("retail") / "SOLUTIONS.md").read_text()
    return {name: int(value) for name, value in re.findall(r"^\| (\w+_\w+) \| (\d+) \|", text, re.MULTILINE)}


def build(instance: Instance, rules: Rules) -> BenchCentre:
    """Return an instance as configuration and tables: one contract per pair of minutes, one queue."""
    weeks = instance.days // 7
    names = {pair: f"h{pair[0]}_{pair[1]}" for pair in instance.staff}
    config = {
        "centre": {"name": "bench", "timezone": ZONE, "interval_min": INTERVAL_MIN},
        "queues": {"task": {"service_level": 0.8, "hours": "Mon-Sun 00:00-24:00"}},
        "contracts": {
            name: {
                "week_hours": [minutes / 60 / weeks for minutes in pair],
                "days_per_week": [0, 7],
                "shift_hours": [6, 10],
                "shift_step_min": INTERVAL_MIN,
                "starts": STARTS,
                "start_step_min": INTERVAL_MIN,
                **REST[rules],
            }
            for pair, name in names.items()
        },
        "schedule": {"weeks": weeks, "weights": WEIGHTS},
    }
    agents = pd.DataFrame(
        {
            "agent_id": [f"a{number:03d}" for number in range(len(instance.staff))],
            "name": [f"Person {number}" for number in range(len(instance.staff))],
            "contract": [names[pair] for pair in instance.staff],
            "skills": "task",
        }
    )
    need = instance.least.reshape(1, instance.days, PER_DAY)
    return BenchCentre(
        build_config(config),
        conform(agents, AGENTS),
        requirements_table(need, ["task"], 0),
        label=instance.name,
    )


def coverage(instance: Instance, roster: pd.DataFrame) -> Ints:
    """Return the people on duty per interval, those past the horizon's end at the end."""
    origin = FIRST_DAY.tz_localize(ZONE)
    on_duty = np.zeros(instance.days * PER_DAY + PER_DAY, dtype=np.int64)
    bounds = [(roster[name] - origin) // pd.Timedelta(minutes=INTERVAL_MIN) for name in ("start", "end")]
    for first, last in zip(*bounds, strict=True):
        on_duty[first:last] += 1
    return on_duty


def floor(instance: Instance) -> int:
    """Return a lower bound of the penalty: a square is at least the number it is the square of."""
    least_min = sum(least for least, _ in instance.staff)
    return max(0, least_min // INTERVAL_MIN - int(instance.most.sum()))


def missing(instance: Instance, on_duty: Ints) -> int:
    """Return the agent-intervals below the minimum."""
    return int(np.maximum(0, instance.least - on_duty[: len(instance.least)]).sum())


def penalty(instance: Instance, on_duty: Ints) -> int:
    """Return the penalty of the set: squares of the people above the maximum; past the end it is nobody."""
    most = np.concatenate([instance.most, np.zeros(len(on_duty) - len(instance.most), dtype=np.int64)])
    return int((np.maximum(0, on_duty - most) ** 2).sum())
