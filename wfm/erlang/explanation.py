"""Why an interval needs so many agents: load, model, each target's own agents, shrinkage; with formulas.

Loads in erlangs, times in seconds, ratios are fractions, shown as percentages.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.erlang.blend_words import BlendWords, blend_in_words
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.expectation import Arrivals, expected_performance
from wfm.erlang.fractional import fractional_agents
from wfm.erlang.models import Performance, QueueingModel
from wfm.erlang.offered_load import calls_of_mean_load
from wfm.erlang.rate_words import rate_in_words
from wfm.erlang.rows import contiguous, is_moving
from wfm.erlang.shrinkage import factors
from wfm.erlang.staffing import staff
from wfm.erlang.targets import Targets
from wfm.erlang.uncertainty import rate_quantile, uncertainty_of
from wfm.erlang.working import working_mask
from wfm.errors import DataError, Fault, count_of
from wfm.localtime import to_local

TARGET_WORDS = {
    "service_level": "service level of at least {percent:g}% within {within:g} s [{variant}]",
    "asa_s": "mean wait of at most {value:g} s",
    "max_abandonment": "at most {percent:g}% abandoned",
    "max_occupancy": "occupancy of at most {percent:g}%",
    "max_blocking": "at most {percent:g}% blocked",
}
MEASURES = {
    "service_level": ("service_level", "{:.2%}"),
    "asa_s": ("asa_s", "{:.1f} s"),
    "max_abandonment": ("abandonment", "{:.2%}"),
    "max_occupancy": ("occupancy", "{:.2%}"),
    "max_blocking": ("blocking", "{:.2%}"),
}
LONGEST_DIVISOR = 9999  # of a factor shown as a fraction

Staffed = Callable[[Queue], pd.Series]  # the row of the requirements, were the queue like that


@dataclass(frozen=True)
class Moment:
    """One queue in one interval: its row of the requirements, and the load that its agents meet."""

    queue: Queue
    row: pd.Series
    calls: float
    interval_s: float
    arrivals: Arrivals

    @property
    def model(self) -> QueueingModel:
        """Return how contacts wait."""
        return model_of(self.queue)

    @property
    def targets(self) -> Targets:
        """Return what is promised."""
        return targets_of(self.queue)

    @property
    def aht_s(self) -> float:
        """Return the handle time."""
        return float(self.row["aht_s"])

    @property
    def agents(self) -> int:
        """Return the agents required."""
        return int(self.row["agents_required"])

    @property
    def moves(self) -> bool:
        """Return whether the course of the load decides, instead of one steady state."""
        return _moves(self.row)

    @property
    def load(self) -> float:
        """Return the erlangs that the agents meet."""
        return self.calls * self.aht_s / self.interval_s

    def exact(self, targets: Targets, fewest: int) -> float:
        """Return the real number of agents, up to `fewest`, that meets these targets exactly."""
        given = (self.calls, self.interval_s, self.aht_s)
        return float(fractional_agents(self.model, *given, targets, fewest, self.arrivals))

    def steady(self, agents: int, factor: float | None = None) -> Performance:
        """Return the expected steady state with so many agents, or that at `factor` times the rate."""
        answering, z = self.targets.answering, self.queue.peakedness
        load, arrivals = self.load, self.arrivals
        if factor is not None:
            load, arrivals = load * factor, Arrivals(0.0, z)
        return expected_performance(self.model, agents, load, self.aht_s, arrivals, answering)


def explain_interval(
    forecast: pd.DataFrame,
    config: Config,
    queue: str,
    start: pd.Timestamp,
    backlog: pd.DataFrame | None = None,
) -> list[str]:
    """Return the explanation of one row of the requirements, line by line.

    `forecast` is FORECAST, `backlog` the deferred work open when it begins. Raises DataError when the queue
    has no working interval that begins at `start`.
    """
    settings = config.queues[queue]
    rows = forecast[forecast["queue"] == queue].sort_values("interval_start", ignore_index=True)
    rows = rows[working_mask(pd.DatetimeIndex(rows["interval_start"]), settings)].reset_index(drop=True)
    at = np.flatnonzero(rows["interval_start"] == start)
    if not len(at):
        raise _closed(queue, rows["interval_start"], start, settings.timezone)
    own = None if backlog is None else backlog[backlog["queue"] == queue]

    def staffed(like: Queue) -> pd.Series:
        changed = config.model_copy(update={"queues": {queue: like}})
        required = staff(forecast[forecast["queue"] == queue], changed, own)
        return required[required["interval_start"] == start].iloc[0]

    row = staffed(settings)
    required = int(row["agents_required"])
    lines = list(_demand(rows.iloc[int(at[0])], settings, config.centre.interval_min))
    if settings.deferred:
        lines += _plan(row, settings)
        found = _blended(forecast, config, row, own)
        lines += _need(row, settings) if found is None else found.lines
        required = required if found is None else found.agents
    else:
        moment, arrived = _moment(rows, int(at[0]), settings, row, config.centre.interval_min)
        lines += [*arrived, *_live(moment, staffed)]
    return [*lines, *_shrinkage(required, settings)]


def _closed(queue: str, starts: pd.Series, start: pd.Timestamp, timezone: str) -> DataError:
    near = starts.iloc[(starts - start).abs().argsort()[:1]]
    remedy = "name a start of an open interval"
    if len(near):
        remedy += f", such as {_local(near.iloc[0], timezone):%Y-%m-%dT%H:%M}"
    fault = Fault("no working interval of the forecast begins there", remedy, column="start")
    return DataError([fault], source=f"{queue} {_local(start, timezone):%Y-%m-%dT%H:%M} {timezone}")


def _local(moment: pd.Timestamp, timezone: str) -> pd.Timestamp:
    return pd.Timestamp(to_local(pd.Series([moment]), timezone).iloc[0])


def _demand(row: pd.Series, queue: Queue, interval_min: int) -> Iterator[str]:
    load = row["offered"] * row["aht_s"] / (interval_min * 60)
    local = f"{_local(row['interval_start'], queue.timezone):%Y-%m-%d %H:%M} {queue.timezone}"
    yield f"{row['queue']} {local}, {interval_min} minutes"
    band = f"80 % band {row['offered_p10']:.0f}-{row['offered_p90']:.0f}"
    yield f"offered    {row['offered']:.2f} contacts ({band}), by {row['model']}"
    yield f"aht_s      {row['aht_s']:.1f} s"
    numbers = f"{row['offered']:.2f} x {row['aht_s']:.1f} / {interval_min * 60}"
    yield f"load       a = offered x aht_s / interval = {numbers} = {load:.3f} erlangs"


def _moment(
    rows: pd.DataFrame, at: int, queue: Queue, row: pd.Series, interval_min: int
) -> tuple[Moment, list[str]]:
    """Return the interval with the contacts that come to its load, and what is to be said of them."""
    interval_s = interval_min * 60.0
    offered, aht_s = rows["offered"].to_numpy(dtype=float), rows["aht_s"].to_numpy(dtype=float)
    unsure = uncertainty_of(queue, rows)
    offered = offered * unsure.factor
    arrivals = Arrivals(float(unsure.cv[at]) if queue.uncertainty == "mixture" else 0.0, queue.peakedness)
    said = list(rate_in_words(queue, rows["offered"].iloc[at], unsure.cv[at], unsure.factor[at]))
    if not _moves(row):
        return Moment(queue, row, float(offered[at]), interval_s, arrivals), said
    calls = float(calls_of_mean_load(offered, aht_s, interval_s, contiguous(rows, interval_min))[at])
    load = calls * float(aht_s[at]) / interval_s
    words = "contacts begun in earlier intervals go on (m' = lambda - m / aht_s)"
    means = "           the targets hold on average over the interval, waiting contacts carried into the next"
    lines = [*said, f"in service a = {load:.3f} erlangs: {words}", means]
    return Moment(queue, row, calls, interval_s, arrivals), lines


def _moves(row: pd.Series) -> bool:
    """Return whether a row of the requirements was staffed along the course of its load."""
    return is_moving(str(row["queue_model"]))


def _live(moment: Moment, staffed: Staffed) -> Iterator[str]:
    row = moment.row
    yield f"model      {_model_words(moment.model)}"
    yield from _targets(moment, staffed)
    yield f"required   n = {count_of(moment.agents, 'agent')}: the fewest for all of it"
    yield f"fractional {moment.exact(moment.targets, moment.agents):.2f} agents meet it exactly (for costing)"
    lost = f"abandoned {row['abandonment']:.2%}, occupancy {row['occupancy']:.2%}"
    variant = f"service level {row['service_level']:.2%} [{moment.targets.service_level_variant}]"
    yield f"gives      {variant}, ASA {_seconds(row['asa_s'])}, {lost}"
    if moment.agents:
        put_in = _over_rates(moment) if np.any(np.asarray(moment.arrivals.cv) > 0) else _numbers(moment)
        lines = [*_formulas(moment.model), *put_in]
        yield from (f"{'' if at else 'formula':10} {line}" for at, line in enumerate(lines))


def _targets(moment: Moment, staffed: Staffed) -> Iterator[str]:
    """Yield one line for each target: the fewest agents that it alone needs, what they and one less give."""
    singles = dict(single_targets(moment.targets))
    idle = {name: word for name in singles if (word := _asks_for_nothing(name, moment.model))}
    needed = {name: _alone(name, moment, staffed) for name in singles if name not in idle}
    exact = {name: moment.exact(singles[name], agents) for name, agents in needed.items()}
    hardest = max(exact, key=exact.__getitem__)
    for name, alone in singles.items():
        value = getattr(alone, name)
        words = TARGET_WORDS[name].format(
            value=value,
            percent=100 * value,
            within=alone.answer_within_s,
            variant=alone.service_level_variant,
        )
        binds = ", binds" if name == hardest else ""
        found = idle[name] if name in idle else _given(name, moment, needed[name]) + binds
        yield f"target     {words}: {found}"


def _asks_for_nothing(name: str, model: QueueingModel) -> str:
    if model.name == "erlang_b":
        return "asks for nothing, nobody waits" if name in ("asa_s", "max_abandonment") else ""
    return "asks for nothing, nobody is blocked" if name == "max_blocking" else ""


def _alone(name: str, moment: Moment, staffed: Staffed) -> int:
    """Return the fewest agents for one target, all others taken away."""
    queue, model = moment.queue, moment.model.name
    promises = {**dict.fromkeys(TARGET_WORDS), name: getattr(queue, name)}
    same_model = queue.queue_model if model == "chat" else model
    return int(staffed(queue.model_copy(update={**promises, "queue_model": same_model}))["agents_required"])


def _given(name: str, moment: Moment, agents: int) -> str:
    """Return the agents, and what they and one less come to in the steady state, where there is one."""
    if moment.moves:
        return count_of(agents, "agent")
    measure, shape = MEASURES[name]

    def given_by(number: int) -> str:
        return shape.format(float(getattr(moment.steady(number), measure)))

    fewer = f"; {agents - 1} give {given_by(agents - 1)}" if agents > 1 else ""
    return f"{count_of(agents, 'agent')} ({given_by(agents)}{fewer})"


def _formulas(model: QueueingModel) -> Iterator[str]:
    """Yield the formulas of a model."""
    if model.name == "erlang_b":
        yield "blocked B = (a^n / n!) / (sum of a^k / k!, k = 0 to n); occupancy = a (1 - B) / n"
    elif model.name == "erlang_c":
        yield "P(wait) = B n / (n - a (1 - B)), B of Erlang B; occupancy = a / n"
        yield "service level = 1 - P(wait) exp(-(n - a) T / aht_s); ASA = P(wait) aht_s / (n - a)"
    else:
        yield from _rates(model)


def _numbers(moment: Moment) -> Iterator[str]:
    """Yield the numbers put in: the steady state at the load, where there is one."""
    found, z = moment.steady(moment.agents), moment.queue.peakedness
    agents, load = f"{moment.agents / z:g}", f"{moment.load / z:.3f}"
    aht_s, within_s = f"{moment.aht_s:.1f}", f"{moment.targets.answer_within_s:g}"
    level, occupancy = f"{float(found.service_level):.4f}", f"{float(found.occupancy):.4f}"
    p_wait, asa_s = f"{float(found.p_wait):.4f}", f"{float(found.asa_s):.1f} s"
    if math.isinf(float(found.asa_s)):
        yield f"n = {agents} has no steady state at a = {load}; the load passes before the queue grows"
    elif moment.model.name == "erlang_b":
        blocked = f"{float(found.blocking):.4f}"
        yield f"B = {blocked}; occupancy = {load} x (1 - {blocked}) / {agents} = {occupancy}"
    elif moment.model.name == "erlang_c":
        spare = f"({agents} - {load})"
        yield f"service level = 1 - {p_wait} x exp(-{spare} x {within_s} / {aht_s}) = {level}"
        yield f"ASA = {p_wait} x {aht_s} / {spare} = {asa_s}; occupancy = {load} / {agents} = {occupancy}"
    else:
        lost = f"abandoned {float(found.abandonment):.4f}"
        rest = f"service level {level}, ASA {asa_s}, {lost}, occupancy {occupancy}"
        yield f"steady state: P(wait) {p_wait}, {rest}"


def _over_rates(moment: Moment) -> Iterator[str]:
    """Yield the service level at some rates, and the expected one."""
    cv, agents = np.asarray(moment.arrivals.cv, dtype=np.float64).reshape(1), moment.agents
    for share in (0.1, 0.5, 0.9):
        factor = float(rate_quantile(cv, share)[0])
        found = moment.steady(agents, factor)
        level = f"service level {float(found.service_level):.4f}, occupancy {float(found.occupancy):.4f}"
        yield f"{share:.0%} quantile of the rate: a G = {moment.load * factor:.3f}, {level}"
    found = moment.steady(agents)
    means = f"service level {float(found.service_level):.4f}, occupancy {float(found.occupancy):.4f}"
    yield f"expected over all rates, by calls: {means} (by time)"
    if moment.model.endless:
        yield "ASA has no finite expectation: at rates above capacity the steady state is an endless queue"


def _rates(model: QueueingModel) -> Iterator[str]:
    """Yield the rates of the birth-death process behind the measures."""
    if model.name == "chat":
        slots = len(model.slowdowns)
        yield f"agents with j chats end j / (aht_s (1 + slowdown (j - 1))) of them a second, j up to {slots}"
    else:
        yield "busy agents end one contact each in aht_s seconds; occupancy = a (1 - abandoned) / n"
    if not model.patient:
        yield "a waiting contact leaves after patience_s on average; abandoned = mean wait / patience_s"
    if model.redial_probability:
        yield "the abandoned redial, so that a grows to a / (1 - redials x abandoned)"


def single_targets(targets: Targets) -> Iterator[tuple[str, Targets]]:
    """Yield each target that is set, with all others taken away."""
    none = dict.fromkeys(TARGET_WORDS)
    for name in TARGET_WORDS:
        value = getattr(targets, name)
        if value is not None:
            yield name, replace(targets, **{**none, name: value})


def _model_words(model: QueueingModel) -> str:
    words: list[str] = [model.name]
    if model.name == "erlang_b":
        words.append("contacts that find all agents busy are lost")
    else:
        words.append("contacts wait for ever" if model.patient else f"mean patience {model.patience_s:g} s")
    if model.redial_probability:
        words.append(f"{model.redial_probability:.0%} of the abandoned call again")
    if len(model.slowdowns) > 1:
        words.append(f"{len(model.slowdowns)} at once, handle times x {model.slowdowns[-1]:g} when full")
    return ", ".join(words)


def _plan(row: pd.Series, queue: Queue) -> Iterator[str]:
    yield f"model      deferred: done within {queue.deadline_h:g} working hours, oldest first"
    yield f"planned    {row['load']:.3f} erlangs of open work, levelled over the hours before its deadline"


def _need(row: pd.Series, queue: Queue) -> Iterator[str]:
    load, cap = row["load"], queue.max_occupancy or 1.0
    agents = count_of(row["agents_required"], "agent")
    yield f"required   n = {agents} = {load:.3f} / {cap:g} (occupancy), rounded up"
    yield f"fractional {load / cap:.2f} agents meet it exactly (for costing)"


def _blended(
    forecast: pd.DataFrame, config: Config, row: pd.Series, backlog: pd.DataFrame | None
) -> BlendWords | None:
    """Return what a blend with a live queue makes of a deferred one's row; None where there is none."""
    name, queue = str(row["queue"]), config.queues[row["queue"]]
    if queue.blend_with is None:
        return None
    apart = queue.model_copy(update={"blend_with": None})
    changed = config.model_copy(update={"queues": {**config.queues, name: apart}})
    required = staff(forecast[forecast["queue"].isin([name, queue.blend_with])], changed, backlog)
    return blend_in_words(required, config, name, row["interval_start"])


def _shrinkage(required: int, queue: Queue) -> Iterator[str]:
    to_schedule, gross = factors(queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
    planned = _shares(queue, of_plan=True)
    beyond = _shares(queue, of_plan=False)
    yield f"shrinkage  {queue.shrinkage_mode}; planned P: {planned}; unplanned U: {beyond}"
    additive = queue.shrinkage_mode == "additive"
    rostered = "n (1 - P) / (1 - P - U)" if additive else "n / product of (1 - U)"
    paid = "n / (1 - P - U)" if additive else "n / product of (1 - P) (1 - U)"
    yield f"to schedule {rostered} = {_product(required, to_schedule)}"
    yield f"gross      {paid} = {_product(required, gross)}"


def _seconds(value: float) -> str:
    return "endless" if math.isnan(value) else f"{value:.1f} s"


def _product(agents: int, factor: Fraction) -> str:
    shown = str(factor) if factor.denominator <= LONGEST_DIVISOR else f"{float(factor):.6f}"
    return f"{agents} x {shown} = {float(agents * factor):.2f}, rounded up {math.ceil(agents * factor)}"


def _shares(queue: Queue, *, of_plan: bool) -> str:
    shares = [
        f"{name} {share:g}"
        for name, share in queue.shrinkage.items()
        if (name in queue.shrinkage_planned) == of_plan
    ]
    return ", ".join(shares) or "-"
