"""Requirements of deferred queues that are blended with a live one: what they ask for beyond its agents.

A deferred queue with `blend_with` is worked off by the agents of that queue too, in the time that contacts
leave them, and its agents take contacts in return. The live queue's rows stay what they are; the deferred
one's rows ask for agents(blend) - agents(live queue alone), so that the sum of both is the blend, and never
for more than by themselves, since both can be kept apart. The work of an interval is that of its deferred
row, levelled between arrival and deadline as without blending. Where the live queue's load is followed
through the day, both terms of the difference are steady states of its mean load in the interval.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Queue
from wfm.erlang.blending import Background, Inbound, blend, fewest_blended
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.models import QueueingModel
from wfm.erlang.offered_load import calls_of_mean_load
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import Targets, fewest_agents
from wfm.errors import ConfigError, Fault

MOVING = "/offered_load"  # in queue_model, of a load that is followed through the day


def blended(requirements: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return REQUIREMENTS with the rows of blended deferred queues lowered, and shrinkage applied anew.

    Rows of intervals in which the live queue has none stay as they are. Raises ConfigError where the live
    queue's model cannot be blended (redials, blocking).
    """
    pairs = [
        (name, queue.blend_with) for name, queue in config.queues.items() if queue.blend_with is not None
    ]
    present = set(requirements["queue"].unique()) if pairs else set()
    for name, partner in pairs:
        if {name, partner} <= present:
            requirements = _blended_pair(requirements, name, partner, config)
    return requirements


def _blended_pair(requirements: pd.DataFrame, name: str, partner: str, config: Config) -> pd.DataFrame:
    deferred, live = config.queues[name], config.queues[partner]
    model, targets = _model(name, live), _targets(live, deferred)
    interval_s = config.centre.interval_min * 60.0
    mail = requirements[requirements["queue"] == name]
    calls = _calls(requirements[requirements["queue"] == partner], interval_s)
    together = mail[mail["interval_start"].isin(calls.index)]
    if together.empty:
        return requirements
    rows = calls.loc[together["interval_start"]]
    offered, aht_s = rows["calls"].to_numpy(np.float64), rows["aht_s"].to_numpy(np.float64)
    piece_s = _mean_handle_s(mail)
    work = together["load"].to_numpy(np.float64)
    background = Background(work * interval_s / piece_s, piece_s)
    found = fewest_blended(model, Inbound(offered, interval_s, aht_s), background, targets)
    separate = fewest_agents(model, offered, interval_s, aht_s, targets_of(live))
    apart = together["agents_required"].to_numpy(np.int64)
    more = np.minimum(np.maximum(0, found.agents - separate), apart)
    steady = blend(model, found, offered * aht_s / interval_s, aht_s, piece_s)
    busy = offered * aht_s / interval_s * (1.0 - steady.abandonment) + work
    everybody = separate + more
    names = np.array([f"blend/{partner}/{kept} idle" for kept in found.threshold.tolist()], dtype=object)
    headcount = with_shrinkage(more, deferred.shrinkage, deferred.shrinkage_planned, deferred.shrinkage_mode)
    lowered = together.assign(
        agents_required=more,
        agents_to_schedule=headcount.agents_to_schedule,
        agents_gross=headcount.agents_gross,
        agents_fractional=np.minimum(together["agents_fractional"], more),
        occupancy=np.clip(np.divide(busy, everybody, out=np.zeros(len(busy)), where=everybody > 0), 0.0, 1.0),
        queue_model=names,
    )
    kept = requirements.copy()
    kept.loc[lowered.index, lowered.columns] = lowered
    return kept


def _model(name: str, live: Queue) -> QueueingModel:
    model = model_of(live)
    if model.name not in ("erlang_a", "erlang_c"):
        remedy = "let queue_model of the live queue be erlang_a or erlang_c"
        fault = Fault(f"{model.name} cannot be blended", remedy, column=f"queues.{name}.blend_with")
        raise ConfigError([fault])
    return model


def _targets(live: Queue, deferred: Queue) -> Targets:
    """Return the promises of the live queue; the lower of both limits bounds the occupancy of the blend."""
    own = targets_of(live)
    limits = [limit for limit in (live.max_occupancy, deferred.max_occupancy) if limit is not None]
    return Targets(
        own.service_level,
        own.answer_within_s,
        own.service_level_variant,
        own.short_abandon_s,
        own.asa_s,
        own.max_abandonment,
        min(limits, default=None),
    )


def _calls(rows: pd.DataFrame, interval_s: float) -> pd.DataFrame:
    """Return calls (those of the mean load where it is followed) and aht_s by start of the interval."""
    offered, aht_s = rows["offered"].to_numpy(np.float64), rows["aht_s"].to_numpy(np.float64)
    follows = np.asarray(rows["interval_start"].diff() == pd.Timedelta(seconds=interval_s))
    moving = rows["queue_model"].str.contains(MOVING, regex=False).to_numpy(dtype=bool)
    calls: NDArray[np.float64] = np.where(
        moving, calls_of_mean_load(offered, aht_s, interval_s, follows), offered
    )
    return pd.DataFrame({"calls": calls, "aht_s": aht_s}, index=pd.Index(rows["interval_start"]))


def _mean_handle_s(mail: pd.DataFrame) -> float:
    """Return the mean handle time over the plan: the work of an interval arrived in others."""
    contacts = float(mail["offered"].sum())
    weighted = float((mail["offered"] * mail["aht_s"]).sum())
    plain = float(mail["aht_s"].mean())
    return weighted / contacts if weighted > 0.0 else plain if plain > 0.0 else 1.0
