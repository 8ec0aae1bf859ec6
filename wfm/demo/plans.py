"""What people told the planner: time off, requests, overrides and events, for six weeks after the history.

Whole days off run from local midnight to local midnight of the agent's site.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.demo.cast import Cast
from wfm.demo.stream import stream
from wfm.localtime import instant_of_minute
from wfm.tables import EVENTS, OVERRIDES, REQUESTS, TIME_OFF, Table

Row = tuple[object, ...]

PLANNED_WEEKS = 6
WEEK_OF_LEAVE = 0.055  # chance per agent and week
DAY_OF_LEAVE = 0.06
LONG_ILLNESS = 0.013  # chance per agent
DOCTOR_EVERY = 40  # agents; the morning of one day of the first week
REQUEST = 0.12  # chance per agent and week
REQUEST_VALUES: Mapping[str, tuple[str | None, ...]] = {
    "day_off": (None,),
    "prefer_shift": ("07:00-16:00", "10:00-20:00"),
    "avoid_shift": ("18:00-22:00",),
    "prefer_start": ("07:30", "08:00", "09:00", "11:00"),
}
UPDATE_SHARE = 0.05  # of a weekday's contacts
REQUEST_WEIGHTS = (1.0, 1.0, 2.0)


def time_off_of(cast: Cast, agents: pd.DataFrame, config: Config, seed: int) -> pd.DataFrame:
    """Return TIME_OFF: weeks and single days of leave, a few long illnesses, a few hours at the doctor's."""
    rng = stream(seed, "time off")
    monday = cast.last_day + timedelta(days=1)
    rows: list[Row] = []
    people = agents[["agent_id", "site", "contract"]].itertuples(index=False, name=None)
    for number, (agent_id, site, contract) in enumerate(people):
        sees_doctor = contract == "full_time" and number % DOCTOR_EVERY == 3
        absences = _absences(monday, config.sites[site].timezone, rng, sees_doctor=sees_doctor)
        rows.extend((agent_id, *absence) for absence in absences)
    time_off = _table(rows, TIME_OFF)
    return _while_employed(time_off, time_off["start"].dt.tz_localize(None), agents)


def requests_of(cast: Cast, agents: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return REQUESTS: about one agent in eight asks for something each week."""
    rng = stream(seed, "requests")
    monday = pd.Timestamp(cast.last_day) + timedelta(days=1)
    rows: list[Row] = []
    for agent_id in agents["agent_id"]:
        for week in np.flatnonzero(rng.random(PLANNED_WEEKS) < REQUEST):
            day = monday + timedelta(days=int(7 * week + rng.integers(7)))
            kind = str(rng.choice(list(REQUEST_VALUES)))
            value = REQUEST_VALUES[kind][int(rng.integers(len(REQUEST_VALUES[kind])))]
            rows.append((agent_id, day, kind, value, float(rng.choice(REQUEST_WEIGHTS))))
    requests = _table(rows, REQUESTS)
    return _while_employed(requests, requests["date"], agents)


def overrides_of(cast: Cast, config: Config) -> pd.DataFrame:
    """Return OVERRIDES of the first two queues: a factor, an addition, and one that has expired."""
    monday = cast.last_day + timedelta(days=1)
    first, second = list(cast.traffic)[:2]
    zones = config.queue_zones

    def span(queue: str, day: int, first_h: int, last_h: int) -> Row:
        on = monday + timedelta(days=day)
        return (queue, *(instant_of_minute(on, 60 * hour, zones[queue]) for hour in (first_h, last_h)))

    expired = instant_of_minute(monday - timedelta(days=3), 0, config.centre.timezone)
    letters = ("offered", "multiply", "interval", 1.15, "m.vogt", "reminder letters", None)
    more = float(round(UPDATE_SHARE * cast.traffic[second].weekday_contacts))
    update = ("offered", "add", "total", more, "i.lopes", "router update announced", None)
    cancelled = ("aht_s", "multiply", "interval", 1.3, "i.lopes", "new tool, cancelled", expired)
    rows = [
        (*span(first, 1, 9, 12), *letters),
        (*span(second, 2, 0, 24), *update),
        (*span(second, 3, 8, 20), *cancelled),
    ]
    return _table(rows, OVERRIDES)


def events_of(cast: Cast, config: Config) -> pd.DataFrame:
    """Return EVENTS: the episodes of the centre that somebody told the planner."""
    rows = [
        (episode.name, queue, *episode.span(config.queues[queue].timezone), episode.kind, episode.effect)
        for episode in cast.episodes
        if episode.told
        for queue in episode.queues
    ]
    return _table(rows, EVENTS)


def _absences(monday: date, timezone: str, rng: np.random.Generator, *, sees_doctor: bool) -> Iterator[Row]:
    """Yield start, end, kind and paid of one agent's time off; no two overlap, each has a week of its own."""
    week_off, day_off = rng.random((2, PLANNED_WEEKS)) < [[WEEK_OF_LEAVE], [DAY_OF_LEAVE]]
    weekday = rng.integers(0, 5, PLANNED_WEEKS)

    def whole_days(first: date, days: int) -> Row:
        return tuple(instant_of_minute(first + timedelta(days=day), 0, timezone) for day in (0, days))

    if rng.random() < LONG_ILLNESS:
        yield (*whole_days(monday, 7 * PLANNED_WEEKS), "sick", False)
        return
    for week in range(PLANNED_WEEKS):
        begin = monday + timedelta(days=7 * week)
        day = begin + timedelta(days=int(weekday[week]))
        if week_off[week]:
            yield (*whole_days(begin, 7), "leave", True)
        elif day_off[week]:
            yield (*whole_days(day, 1), "leave", True)
        elif week == 0 and sees_doctor:
            yield (*(instant_of_minute(day, 60 * hour, timezone) for hour in (9, 12)), "doctor", True)


def _while_employed(rows: pd.DataFrame, days: pd.Series, agents: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose day lies within the employment of their agent."""
    employment = agents.set_index("agent_id").loc[rows["agent_id"]].reset_index()
    after_start = (days >= employment["start_date"]) | employment["start_date"].isna()
    before_end = (days <= employment["end_date"]) | employment["end_date"].isna()
    return rows[after_start & before_end].reset_index(drop=True)


def _table(rows: Sequence[Row], table: Table) -> pd.DataFrame:
    """Return rows, cells in the order of the table's columns, as that table."""
    if not rows:
        return empty(table)
    frame = pd.DataFrame(rows, columns=table.names)
    for column in table.columns:
        if column.kind == "time":
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True).astype("datetime64[us, UTC]")
    return conform(frame, table)
