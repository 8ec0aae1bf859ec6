"""What the explanation of an interval says of a deferred queue that is blended with a live one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.erlang.blended_requirements import Pair, pair_of
from wfm.erlang.blending import blend
from wfm.errors import count_of


class BlendWords(NamedTuple):
    """The lines, and the agents that the deferred queue asks for."""

    lines: list[str]
    agents: int


def blend_in_words(
    required: pd.DataFrame, config: Config, name: str, start: pd.Timestamp
) -> BlendWords | None:
    """Return how the deferred queue `name` comes to its agents in the interval that begins at `start`.

    `required` is REQUIREMENTS of it and its live queue, both staffed alone. None where the live one has no
    row then: the deferred one is staffed alone. Raises ConfigError for a live queue that cannot be blended.
    """
    pair = pair_of(required, name, config)
    at = [] if pair is None else np.flatnonzero(pair.together["interval_start"] == start).tolist()
    if pair is None or not at:
        return None
    here = (required["queue"] == config.queues[name].blend_with) & (required["interval_start"] == start)
    lines = list(_difference(pair, at[0], required[here].iloc[0], config.queues[name].max_occupancy or 1.0))
    return BlendWords(lines, int(pair.more[at[0]]))


def _difference(pair: Pair, at: int, live: pd.Series, cap: float) -> Iterator[str]:
    """Yield the agents of both queues alone, of the blend, and the difference."""
    mail, partner = pair.together.iloc[at], live["queue"]
    both, alone, apart = int(pair.blend.agents[at]), int(pair.alone[at]), int(mail["agents_required"])
    more = int(pair.more[at])
    yield f"alone      {count_of(apart, 'agent')} = {mail['load']:.3f} / {cap:g} (occupancy), rounded up"
    yield f"blend      with {partner}, a = {pair.load[at]:.3f} erlangs: {count_of(both, 'agent')} for both"
    if mail["load"] > 0.0:
        yield from _policy(pair, at)
    yield f"less       {count_of(alone, 'agent')} that {partner} needs by itself"
    if int(live["agents_required"]) != alone:
        own = f"{count_of(live['agents_required'], 'agent')} ({live['queue_model']})"
        yield f"           its own row has {own}; the difference is that of steady states at the mean load"
    capped = f", but no more than the {apart} alone" if both - alone > apart else ""
    yield f"required   n = {count_of(more, 'agent')} = {both} - {alone}{capped}"
    exact = min(float(mail["load"]) / cap, more)
    yield f"fractional {exact:.2f} agents: those of the work alone, but no more than n (for costing)"


def _policy(pair: Pair, at: int) -> Iterator[str]:
    """Yield when deferred work may begin, and the steady state that this gives."""
    agents, kept_free = int(pair.blend.agents[at]), int(pair.blend.threshold[at])
    load, work = float(pair.load[at]), float(pair.together["load"].iloc[at])
    yield f"           email begins while more than {kept_free} of them are idle: the most that gets it done"
    answering = pair.targets.answering
    found = blend(pair.model, (agents, kept_free), load, pair.aht_s[at], pair.piece_s, answering)
    level = f"service level {float(found.service_level):.2%} [{answering.variant}]"
    busy = (load * (1.0 - float(found.abandonment)) + work) / agents
    limit = pair.targets.max_occupancy
    bound = "" if limit is None else f" (at most {100 * limit:g} %)"
    lost = f"abandoned {float(found.abandonment):.2%}, occupancy {busy:.2%}{bound}"
    yield f"           gives calls {level}, ASA {float(found.asa_s):.1f} s, {lost}"
    room = float(found.background_per_s) * pair.piece_s
    yield f"           and room for {room:.3f} erlangs of email of {pair.piece_s:.1f} s, {work:.3f} needed"
