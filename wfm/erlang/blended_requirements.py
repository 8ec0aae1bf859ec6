"""Requirements of deferred queues that are blended with a live one: what they ask for beyond its agents.

A deferred queue with `blend_with` is worked off by the agents of that queue too, in the time that contacts
leave them, and its agents take contacts in return. The live queue's rows stay what they are; the deferred
one's rows ask for agents(blend) - agents(live queue alone), so that the sum of both is the blend, and never
for more than by themselves, since both can be kept apart. The work of an interval is that of its deferred
row, levelled between arrival and deadline as without blending. Where the live queue's load is followed
through the day, both terms of the difference are steady states of its mean load in the interval.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Queue
from wfm.erlang.blending import Background, BlendedAgents, Inbound, blend, fewest_blended
from wfm.erlang.choice import model_of, targets_of
from wfm.erlang.models import QueueingModel
from wfm.erlang.offered_load import calls_of_mean_load
from wfm.erlang.rows import contiguous, is_moving
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.targets import Targets, fewest_agents
from wfm.errors import ConfigError, Fault


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
            requirements = _blended_pair(requirements, name, config)
    return requirements


@dataclass(frozen=True)
class Pair:
    """A deferred queue and its live one in the intervals (N) that both work, and the blend that serves both.

    `together` has the deferred queue's rows as staffed alone, `calls` and `aht_s` (seconds) are what the live
    agents meet there, a piece of deferred work takes `piece_s` seconds. `alone` is the agents of the live
    queue by itself, in the same steady state as `blend`.
    """

    together: pd.DataFrame
    model: QueueingModel
    targets: Targets
    calls: NDArray[np.float64]
    aht_s: NDArray[np.float64]
    interval_s: float
    piece_s: float
    alone: NDArray[np.int64]
    blend: BlendedAgents

    @property
    def more(self) -> NDArray[np.int64]:
        """Return what the deferred rows ask for: never more than by themselves."""
        apart = self.together["agents_required"].to_numpy(np.int64)
        more: NDArray[np.int64] = np.minimum(np.maximum(0, self.blend.agents - self.alone), apart)
        return more

    @property
    def load(self) -> NDArray[np.float64]:
        """Return the erlangs of the live queue."""
        return self.calls * self.aht_s / self.interval_s


def pair_of(requirements: pd.DataFrame, name: str, config: Config) -> Pair | None:
    """Return the blend of the deferred queue `name` in requirements of queues staffed alone.

    None where it is blended with no queue, or both share no interval. Raises ConfigError as `blended` does.
    """
    deferred = config.queues[name]
    partner = deferred.blend_with
    if partner is None:
        return None
    live = config.queues[partner]
    model, targets = _model(name, live), _targets(live, deferred)
    interval_s = config.centre.interval_min * 60.0
    mail = requirements[requirements["queue"] == name]
    calls = requirements[requirements["queue"] == partner]
    together = mail[mail["interval_start"].isin(calls["interval_start"])]
    if together.empty:
        return None
    rows = _calls(calls, interval_s).loc[together["interval_start"]]
    offered, aht_s = rows["calls"].to_numpy(np.float64), rows["aht_s"].to_numpy(np.float64)
    piece_s = _mean_handle_s(mail)
    work = together["load"].to_numpy(np.float64)
    background = Background(work * interval_s / piece_s, piece_s)
    found = fewest_blended(model, Inbound(offered, interval_s, aht_s), background, targets)
    alone = fewest_agents(model, offered, interval_s, aht_s, targets_of(live))
    return Pair(together, model, targets, offered, aht_s, interval_s, piece_s, alone, found)


def _blended_pair(requirements: pd.DataFrame, name: str, config: Config) -> pd.DataFrame:
    pair = pair_of(requirements, name, config)
    if pair is None:
        return requirements
    deferred, together, more = config.queues[name], pair.together, pair.more
    steady = blend(pair.model, pair.blend, pair.load, pair.aht_s, pair.piece_s)
    busy = pair.load * (1.0 - steady.abandonment) + together["load"].to_numpy(np.float64)
    everybody = pair.alone + more
    kept_free = pair.blend.threshold.tolist()
    names = np.array([f"blend/{deferred.blend_with}/{kept} idle" for kept in kept_free], dtype=object)
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
    follows = contiguous(rows, round(interval_s / 60.0))
    moving = rows["queue_model"].map(is_moving).to_numpy(dtype=bool)
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
