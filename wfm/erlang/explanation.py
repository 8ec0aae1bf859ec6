"""Why an interval needs so many agents: load, model, each target's own agents, shrinkage; with formulas."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.models import QueueingModel
from wfm.erlang.offered_load import modified_offered_load
from wfm.erlang.shrinkage import factors
from wfm.erlang.staffing import contiguous, staff, uses_offered_load
from wfm.erlang.targets import Targets, fewest_agents
from wfm.erlang.working import working_mask
from wfm.errors import DataError, Fault
from wfm.localtime import to_local

TARGET_WORDS = {
    "service_level": "service level of at least {value:.0%} within {within:g} s [{variant}]",
    "asa_s": "mean wait of at most {value:g} s",
    "max_abandonment": "at most {value:.1%} abandoned",
    "max_occupancy": "occupancy of at most {value:.0%}",
    "max_blocking": "at most {value:.1%} blocked",
}


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
        fault = Fault("no working interval begins there", "name a start of an open interval", column="start")
        raise DataError([fault], source=f"{queue} {start.isoformat()}")
    own = None if backlog is None else backlog[backlog["queue"] == queue]
    required = staff(forecast[forecast["queue"] == queue], config, own)
    row = required[required["interval_start"] == start].iloc[0]
    lines = list(_demand(rows.iloc[int(at[0])], settings, config.centre.interval_min))
    lines += _deferred(row) if settings.deferred else _targets(rows, int(at[0]), settings, config)
    return [*lines, *_shrinkage(row, settings)]


def _demand(row: pd.Series, queue: Queue, interval_min: int) -> Iterator[str]:
    local = to_local(pd.Series([row["interval_start"]]), queue.timezone).iloc[0]
    load = row["offered"] * row["aht_s"] / (interval_min * 60)
    yield f"{row['queue']} {local:%Y-%m-%d %H:%M} {queue.timezone}, {interval_min} minutes"
    band = f"80 % band {row['offered_p10']:.0f}-{row['offered_p90']:.0f}"
    yield f"offered    {row['offered']:.2f} contacts ({band}), by {row['model']}"
    yield f"aht_s      {row['aht_s']:.1f} s"
    yield f"load       {row['offered']:.2f} x {row['aht_s']:.1f} / {interval_min * 60} = {load:.3f} erlangs"


def _targets(rows: pd.DataFrame, at: int, queue: Queue, config: Config) -> Iterator[str]:
    interval_s = config.centre.interval_min * 60.0
    offered, aht_s = rows["offered"].to_numpy(dtype=float), rows["aht_s"].to_numpy(dtype=float)
    calls = float(offered[at])
    if uses_offered_load(queue, offered, aht_s, interval_s):
        moving = modified_offered_load(
            offered, aht_s, interval_s, contiguous(rows, config.centre.interval_min)
        )
        calls = float(moving[at]) * interval_s / float(aht_s[at])
        words = "contacts begun in earlier intervals go on (m' = lambda - mu m)"
        yield f"in service {moving[at]:.3f} erlangs: {words}"
    model, targets = model_of(queue), targets_of(queue)
    yield f"model      {_model_words(model)}"
    for name, alone in single_targets(targets):
        words = TARGET_WORDS[name].format(
            value=getattr(targets, name),
            within=targets.answer_within_s,
            variant=targets.service_level_variant,
        )
        yield f"target     {words}: {_fewest(model, calls, interval_s, float(aht_s[at]), alone)} agents"
    fewest = _fewest(model, calls, interval_s, float(aht_s[at]), targets)
    yield f"required   {fewest} agents: the fewest for all of it"


def _fewest(model: QueueingModel, calls: float, interval_s: float, aht_s: float, targets: Targets) -> int:
    return int(fewest_agents(model, calls, interval_s, aht_s, targets))


def single_targets(targets: Targets) -> Iterator[tuple[str, Targets]]:
    """Yield each target that is set, with all others taken away."""
    none = dict.fromkeys(TARGET_WORDS)
    for name in TARGET_WORDS:
        value = getattr(targets, name)
        if value is not None:
            yield name, replace(targets, **{**none, name: value})


def _model_words(model: QueueingModel) -> str:
    words: list[str] = [model.name]
    words.append("contacts wait for ever" if model.patient else f"mean patience {model.patience_s:g} s")
    if model.redial_probability:
        words.append(f"{model.redial_probability:.0%} of the abandoned call again")
    if len(model.slowdowns) > 1:
        words.append(f"{len(model.slowdowns)} at once, handle times x {model.slowdowns[-1]:g} when full")
    return ", ".join(words)


def _deferred(row: pd.Series) -> Iterator[str]:
    yield f"planned    {row['load']:.3f} erlangs of open work, levelled over the hours before its deadline"
    yield f"required   {row['agents_required']} agents"


def _shrinkage(row: pd.Series, queue: Queue) -> Iterator[str]:
    to_schedule, gross = factors(queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)
    planned = _shares(queue, of_plan=True)
    beyond = _shares(queue, of_plan=False)
    yield f"shrinkage  {queue.shrinkage_mode}; planned: {planned}; unplanned: {beyond}"
    yield f"to schedule {row['agents_to_schedule']} = {row['agents_required']} x {to_schedule}, rounded up"
    yield f"gross      {row['agents_gross']} = {row['agents_required']} x {gross}, rounded up"


def _shares(queue: Queue, *, of_plan: bool) -> str:
    shares = [
        f"{name} {share:g}"
        for name, share in queue.shrinkage.items()
        if (name in queue.shrinkage_planned) == of_plan
    ]
    return ", ".join(shares) or "-"
