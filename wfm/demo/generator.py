"""A whole contact centre from one seed: configuration, a year of history, a contact log, agents and plans.

One process makes every contact of the history; the log is its last weeks, so both agree to the last second.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.resources import files

import pandas as pd

from wfm.config import Config, Queue, build_config
from wfm.conform import conform, empty
from wfm.demo import plans
from wfm.demo.books import backlog_rows, history_rows, log_rows
from wfm.demo.cast import Cast
from wfm.demo.casts import DEMO, SAMPLE
from wfm.demo.contacts import contacts_of
from wfm.demo.people import agents_of
from wfm.demo.rates import expected_contacts
from wfm.demo.stream import stream
from wfm.hours import parse_hours
from wfm.localtime import day_bounds
from wfm.tables import BACKLOG, CONTACTS, HISTORY

SMALL_CENTRE_EXPONENT = 1.15  # a small centre needs a larger share of spare agents for the same promise


@dataclass(frozen=True)
class Centre:
    """A generated centre: the text of its wfm.toml, and its tables as declared in `wfm.tables`."""

    config_text: str
    history: pd.DataFrame
    contacts: pd.DataFrame
    agents: pd.DataFrame
    time_off: pd.DataFrame
    requests: pd.DataFrame
    overrides: pd.DataFrame
    events: pd.DataFrame
    backlog: pd.DataFrame

    @property
    def config(self) -> Config:
        """The configuration that `config_text` says."""
        return build_config(tomllib.loads(self.config_text), text=self.config_text)


def generate(seed: int = 1, *, agents: int = DEMO.agents, history_days: int = DEMO.history_days) -> Centre:
    """Return the centre of `wfm demo`: two sites in two time zones, six queues over voice, chat and email.

    The history ends on Sunday 1 March 2026; the log holds its last two weeks. With another number of agents
    the traffic is scaled to what they can serve.
    """
    return generate_cast(replace(DEMO, history_days=history_days), seed, agents=agents)


def generate_sample(seed: int = 1, *, agents: int = SAMPLE.agents) -> Centre:
    """Return the small centre of `wfm init` and data/samples: one site, two live queues, eight weeks."""
    return generate_cast(SAMPLE, seed, agents=agents)


def generate_cast(cast: Cast, seed: int, *, agents: int) -> Centre:
    """Return the centre of a cast, with this number of agents."""
    text = files("wfm.demo").joinpath(cast.config).read_text(encoding="utf-8")
    config = build_config(tomllib.loads(text), source=cast.config, text=text)
    cast = _scaled(cast, agents)
    people = agents_of(cast, agents, seed)
    books = [_queue_books(cast, name, queue, config, seed) for name, queue in config.queues.items()]
    histories, logs, backlogs = zip(*books, strict=True)
    return Centre(
        config_text=text,
        history=conform(pd.concat(histories, ignore_index=True), HISTORY),
        contacts=_log(list(logs), people, seed),
        agents=people,
        time_off=plans.time_off_of(cast, people, config, seed),
        requests=plans.requests_of(cast, people, seed),
        overrides=plans.overrides_of(cast, config),
        events=plans.events_of(cast, config),
        backlog=_joined(list(backlogs)),
    )


def _scaled(cast: Cast, agents: int) -> Cast:
    factor = (agents / cast.agents) ** SMALL_CENTRE_EXPONENT
    traffic = {
        name: replace(each, weekday_contacts=each.weekday_contacts * factor)
        for name, each in cast.traffic.items()
    }
    return replace(cast, traffic=traffic)


def _queue_books(
    cast: Cast, name: str, queue: Queue, config: Config, seed: int
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return history, log and backlog of one queue."""
    expected = expected_contacts(cast, name, queue, config.centre.interval_min)
    rng = stream(seed, f"contacts of {name}")
    contacts = contacts_of(expected, cast.traffic[name], parse_hours(queue.hours), queue.timezone, rng)
    log_begin, _ = day_bounds(cast.last_day - timedelta(days=cast.log_days - 1), queue.timezone)
    _, end = day_bounds(cast.last_day, queue.timezone)
    logged = (expected["interval_start"] >= pd.Timestamp(log_begin)).to_numpy()[contacts["row"]]
    log = log_rows(expected["interval_start"].iloc[0], contacts[logged], name, queue)
    backlog = backlog_rows(expected, contacts, name, pd.Timestamp(end)) if queue.deferred else empty(BACKLOG)
    return history_rows(expected, contacts, name, queue), log, backlog


def _log(logs: list[pd.DataFrame], agents: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return CONTACTS, numbered by arrival; who handled a contact is drawn among those with the skill."""
    log = pd.concat(logs, ignore_index=True)
    log = log.sort_values(["arrived_at", "queue"], kind="stable", ignore_index=True)
    rng = stream(seed, "log")
    handlers = pd.Series(pd.NA, index=log.index, dtype="str")
    for queue in sorted(log["queue"].unique()):
        skilled = agents.loc[[queue in skills.split(";") for skills in agents["skills"]], "agent_id"]
        rows = ((log["queue"] == queue) & (log["outcome"] == "handled")).to_numpy()
        if len(skilled):  # a tiny centre may have nobody for a queue: its log then names no one
            handlers[rows] = rng.choice(skilled.to_numpy(), int(rows.sum()))
    ids = [f"c{number:07d}" for number in range(1, len(log) + 1)]
    return conform(log.assign(contact_id=ids, agent_id=handlers), CONTACTS)


def _joined(backlogs: list[pd.DataFrame]) -> pd.DataFrame:
    filled = [backlog for backlog in backlogs if len(backlog)]
    return conform(pd.concat(filled, ignore_index=True), BACKLOG) if filled else empty(BACKLOG)
