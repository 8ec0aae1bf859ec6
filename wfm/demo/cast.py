"""What a generated centre is made of: the traffic of each queue, the crews, the events. No randomness here.

Durations are seconds (`_s`) or hours (`_h`), ratios fractions, clock times local to the queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from wfm.localtime import instant_of_minute


@dataclass(frozen=True)
class Peak:
    """A hump of the intraday shape: Gaussian around a clock time."""

    at_h: float
    width_h: float
    height: float


@dataclass(frozen=True)
class Waiting:
    """How contacts wait on an ordinary day: a share is delayed, by an exponential time; patience likewise.

    With `flow_out_after_s`, whoever still waits then is offered a callback and leaves the queue.
    """

    delayed: float
    mean_s: float
    patience_s: float
    flow_out_after_s: float = 300


@dataclass(frozen=True)
class Handling:
    """Handle times: talk is log-normal, hold happens to a share of contacts, after-contact work is gamma."""

    talk_s: float
    talk_cv: float
    hold_share: float
    hold_s: float
    acw_s: float


@dataclass(frozen=True)
class Traffic:
    """The demand of one queue.

    `weekday_contacts` is the mean of a Monday to Friday at the end of the history; `weekday` the factor of
    each day, Monday first; `growth` is per year; the season has its peak on `season_peak`, a day of the year.
    `day_cv` and `interval_cv` are coefficients of variation of the rate around its mean: the overdispersion.
    Without `waiting` the work is deferred; replies take a gamma-distributed time of `reply_h` working hours.
    """

    weekday_contacts: float
    weekday: tuple[float, ...]
    peaks: tuple[Peak, ...]
    night: float
    growth: float
    season: float
    season_peak: int
    day_cv: float
    interval_cv: float
    holiday: float
    handling: Handling
    waiting: Waiting | None = None
    reply_h: float = 3.0


@dataclass(frozen=True)
class Episode:
    """Local days or hours of some queues that are unlike the others.

    `factor` is what really happens to the rate; `effect` is what the events table tells, None: to be learnt.
    Clock times are those of `timezone`, None: of each queue.
    """

    name: str
    kind: Literal["campaign", "closed", "outage"]
    queues: tuple[str, ...]
    first: date
    days: int = 1
    from_min: int = 0
    to_min: int = 24 * 60
    factor: float = 1.0
    effect: float | None = None
    told: bool = True
    timezone: str | None = None

    def span(self, timezone: str) -> tuple[datetime, datetime]:
        """Return the first instant and the first one after, in the episode's zone, else in `timezone`."""
        place = self.timezone or timezone
        last = self.first + timedelta(days=self.days - 1)
        begin = instant_of_minute(self.first, self.from_min, place)
        return begin, instant_of_minute(last, self.to_min, place)


@dataclass(frozen=True)
class Crew:
    """Agents of one site with the same skills, best first; `share` of the site's agents."""

    skills: tuple[str, ...]
    share: float


@dataclass(frozen=True)
class Site:
    """A site's part of all agents, its crews, and the cost of a paid hour (mean, spread)."""

    name: str
    prefix: str
    share: float
    crews: tuple[Crew, ...]
    cost_per_hour: float


@dataclass(frozen=True)
class Cast:
    """A whole centre to be generated: `agents` is the number of agents for which the traffic is made."""

    config: str
    traffic: Mapping[str, Traffic]
    sites: tuple[Site, ...]
    contracts: Mapping[str, float]
    episodes: tuple[Episode, ...]
    agents: int
    last_day: date
    history_days: int
    log_days: int
