"""Queues: opening hours, promises to the caller, and how contacts are staffed for."""

from __future__ import annotations

import difflib
from fractions import Fraction
from typing import Literal

from pydantic import Field, model_validator

from wfm.config.kinds import Calendar, Hours, Section, Share, Timezone
from wfm.config.staffing import CostPerHour

Channel = Literal["voice", "chat", "email"]
QueueModel = Literal["auto", "erlang_b", "erlang_c", "erlang_a", "erlang_x"]
LoadModel = Literal["auto", "offered_load", "per_interval"]
Variant = Literal[
    "offered", "excluding_short", "excluding_abandoned_in_target", "abandons_in_target_good", "answered"
]


CLOSE_NAME = 0.8  # a planned cause this near to an unplanned one is a typo


class Queue(Section):
    """A queue: when it is open, what it promises, how its contacts behave."""

    channel: Channel = Field(default="voice", description="voice, chat or email")
    timezone: Timezone = Field(default="UTC", description="IANA zone; default: the centre's")
    hours: Hours = Field(default="", description="working hours, e.g. Mon-Fri 08:00-20:00; empty: always")
    arrivals: Literal["hours", "always", "channel"] = Field(
        default="channel", description="when contacts arrive: in hours, always; channel: always for email"
    )
    holidays: Calendar = Field(default="", description="calendar of the holidays package")
    holiday_hours: Hours | None = Field(
        default=None, description="hours on a holiday; empty text: closed; absent: learnt from the history"
    )
    service_level: float | None = Field(
        default=None, gt=0, lt=1, description="share to reach within answer_within_s"
    )
    answer_within_s: float = Field(default=20, ge=0, description="threshold of the service level, seconds")
    asa_s: float | None = Field(
        default=None, gt=0, description="longest mean wait of answered contacts, seconds"
    )
    max_abandonment: float | None = Field(default=None, gt=0, lt=1, description="largest abandoned / offered")
    max_occupancy: float | None = Field(
        default=None, ge=0.01, le=1, description="largest share of time in contact work"
    )
    max_blocking: float | None = Field(
        default=None, gt=0, lt=1, description="largest blocked share, Erlang B"
    )
    deadline_h: float | None = Field(
        default=None, gt=0, description="deferred work done within, working hours"
    )
    service_level_variant: Variant = Field(default="offered", description="which definition of service level")
    short_abandon_s: float = Field(default=5, ge=0, description="abandoned within this is short, seconds")
    patience_s: float | None = Field(
        default=None, gt=0, description="mean patience, seconds; absent: Erlang C"
    )
    redial_probability: float = Field(
        default=0, ge=0, lt=1, description="share of the abandoned who call again"
    )
    redial_after_s: float = Field(
        default=300, gt=0, description="mean time after which they do, in simulations, seconds"
    )
    priority: int | None = Field(
        default=None,
        ge=1,
        le=9,
        description="who is taken first in simulations, 1 before 9; default: 3, email 7",
    )
    routing: Literal["best_skill", "longest_idle"] = Field(
        default="best_skill",
        description="who takes a contact in simulations: idle agents who list it first, or the longest idle",
    )
    overflow_after_s: float = Field(
        default=0,
        ge=0,
        description="wait after which agents take it for whom it is not the first skill, in simulations",
    )
    handle_time: Literal["exponential", "lognormal"] = Field(
        default="exponential", description="how handle times spread in simulations"
    )
    handle_time_cv: float = Field(
        default=1, gt=0, le=10, description="standard deviation / mean of lognormal handle times"
    )
    queue_model: QueueModel = Field(default="auto", description="auto: Erlang A with patience, else Erlang C")
    load_model: LoadModel = Field(default="auto", description="auto: offered_load when AHT > interval / 4")
    aht_s: float | None = Field(
        default=None, gt=0, description="handle time where the history has none, seconds"
    )
    concurrency: int = Field(default=1, ge=1, le=20, description="contacts one agent handles at once (chat)")
    concurrency_slowdown: float = Field(
        default=0, ge=0, le=5, description="longer handle time per further contact"
    )
    shrinkage: dict[str, Share] = Field(
        default_factory=dict, description="shares of paid time lost, by cause"
    )
    shrinkage_planned: tuple[str, ...] = Field(
        default=("leave", "training", "breaks"), description="causes that the roster itself places"
    )
    shrinkage_mode: Literal["additive", "multiplicative"] = Field(
        default="additive", description="how causes add up"
    )
    uncertainty: Literal["none", "mixture", "quantile"] = Field(
        default="none",
        description="forecast error in staffing; mixture: expected targets, quantile: for one rate",
    )
    uncertainty_cv: float = Field(
        default=0, ge=0, le=2, description="coefficient of variation of the rate; 0: by the forecast's bands"
    )
    quantile: float = Field(default=0.5, gt=0, lt=1, description="quantile of the rate staffed for")
    peakedness: float = Field(
        default=1, ge=1, le=100, description="bursts: variance / mean of the busy agents of an endless group"
    )
    cost_per_hour: CostPerHour | None = Field(
        default=None, description="cost of a paid hour of its agents; absent: that of [staffing]"
    )
    blend_with: str | None = Field(
        default=None, description="email: live queue whose agents do this work too, in time left by contacts"
    )
    like: str | None = Field(default=None, description="queue whose profile a new queue borrows")

    @property
    def deferred(self) -> bool:
        """Whether the work may wait for a deadline instead of an answer time."""
        return self.channel == "email"

    @property
    def arrives_always(self) -> bool:
        """Whether contacts arrive outside working hours too."""
        return self.arrivals == "always" or (self.arrivals == "channel" and self.deferred)

    @model_validator(mode="after")
    def _consistent(self) -> Queue:
        targets = (
            self.service_level,
            self.asa_s,
            self.max_abandonment,
            self.max_occupancy,
            self.max_blocking,
        )
        if not self.deferred and all(target is None for target in targets):
            raise ValueError(
                "no target: set service_level (with answer_within_s), asa_s, max_abandonment or max_occupancy"
            )
        if self.deferred and self.deadline_h is None:
            raise ValueError("an email queue needs deadline_h (working hours)")
        if self.blend_with is not None and not self.deferred:
            raise ValueError("blend_with stands in an email queue and names a live one")
        if self.queue_model == "erlang_b" and self.max_blocking is None:
            raise ValueError("queue_model erlang_b needs max_blocking")
        if self.queue_model in ("erlang_a", "erlang_x") and self.patience_s is None:
            raise ValueError(f"queue_model {self.queue_model} needs patience_s")
        self._check_shrinkage()
        return self

    def _check_shrinkage(self) -> None:
        for name in self.shrinkage_planned:
            left = [cause for cause in self.shrinkage if cause not in self.shrinkage_planned]
            near = difflib.get_close_matches(name, left, n=1, cutoff=CLOSE_NAME)
            if name not in self.shrinkage and near:
                raise ValueError(f"shrinkage_planned names '{name}'; did you mean '{near[0]}'?")
        total = sum((Fraction(str(share)) for share in self.shrinkage.values()), Fraction(0))
        if self.shrinkage_mode == "additive" and total >= 1:
            raise ValueError(
                f"shrinkage adds up to {float(total):g}; additive shares of paid time must stay below 1"
            )
