"""Blended rows of the requirements: the difference to the live queue's agents, simulated, and refusals."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang.blended_requirements import blended
from wfm.erlang.blending import Background, Inbound, blend, fewest_blended
from wfm.erlang.models import QueueingModel
from wfm.erlang.shrinkage import with_shrinkage
from wfm.erlang.staffing import staff
from wfm.erlang.targets import Targets
from wfm.errors import ConfigError
from wfm.simulate.options import Options
from wfm.simulate.stage import simulate
from wfm.tables import AGENTS, REQUIREMENTS, ROSTER

ZONE = "Europe/Berlin"
OPEN = "Mon-Fri 08:00-18:00"
DAYS, INTERVALS = 5, 20
VOICE: dict[str, Any] = {"service_level": 0.8, "patience_s": 120, "hours": OPEN, "load_model": "per_interval"}
MAIL: dict[str, Any] = {"channel": "email", "deadline_h": 4, "hours": OPEN, "arrivals": "hours"}
TOGETHER: dict[str, Any] = {"blend_with": "voice"}


def config(mail=None, voice=None, **more):
    queues = {"voice": VOICE | (voice or {}), "mail": MAIL | (mail or {}), **more}
    return build_config({"centre": {"name": "c", "timezone": ZONE, "interval_min": 30}, "queues": queues})


def forecast(mail_aht_s=180.0):
    """Return a week with calls that move through the day, and mail at a constant rate."""
    first = pd.Timestamp("2026-03-02 08:00", tz=ZONE)
    days = [first + pd.Timedelta(days=day) for day in range(DAYS)]
    starts = pd.DatetimeIndex(
        [t for day in days for t in pd.date_range(day, periods=INTERVALS, freq="30min")]
    )
    calls = np.tile(100 + 40 * np.sin(np.arange(INTERVALS) / INTERVALS * 2 * np.pi), DAYS)
    queues = (("voice", calls, 180.0), ("mail", 12.0, mail_aht_s))
    parts = [
        pd.DataFrame({"queue": q, "interval_start": starts, "offered": n, "aht_s": s}) for q, n, s in queues
    ]
    table = pd.concat(parts, ignore_index=True).astype({"queue": "str"})
    return table.assign(interval_start=table["interval_start"].dt.tz_convert("UTC").dt.as_unit("us"))


def of(queue, table):
    return table[table["queue"] == queue].reset_index(drop=True)


def test_the_live_rows_stay_and_the_deferred_ones_ask_for_the_difference_to_the_blend():
    apart, found = staff(forecast(), config()), staff(forecast(), config(TOGETHER))
    assert_frame_equal(of("voice", apart), of("voice", found))
    assert_frame_equal(found, conform(found, REQUIREMENTS))
    voice, mail = of("voice", found), of("mail", found)
    kept = mail["queue_model"].str.extract(r"^blend/voice/(\d+) idle$")[0].astype(int)
    both = voice["agents_required"] + mail["agents_required"]
    load = voice["load"].to_numpy()
    steady = blend(QueueingModel("erlang_a", 120), (both, kept), load, 180.0)
    whole = mail["agents_required"] < of("mail", apart)["agents_required"]  # else as if kept apart
    assert (steady.service_level >= 0.8)[whole].all()
    assert (steady.background_per_s * 180 >= mail["load"] * (1 - 1e-11))[whole].all()
    inbound = Inbound(voice["offered"], 1800.0, 180.0)
    truth = fewest_blended(
        QueueingModel("erlang_a", 120), inbound, Background(mail["load"] * 10, 180.0), Targets(0.8)
    )
    assert (truth.agents >= both).all()
    assert (truth.agents == both)[whole].all()
    assert both.sum() < apart["agents_required"].sum()
    assert mail["load"].equals(of("mail", apart)["load"])


@pytest.mark.parametrize("load_model", ["per_interval", "offered_load"])
@pytest.mark.parametrize("mail_aht_s", [90.0, 180.0, 500.0])
def test_a_blend_never_asks_for_more_than_both_apart_nor_for_less_than_the_work(load_model, mail_aht_s):
    voice = {"load_model": load_model, "patience_s": None, "max_occupancy": 0.9}
    apart = staff(forecast(mail_aht_s), config(voice=voice))
    found = staff(forecast(mail_aht_s), config(TOGETHER, voice=voice))
    more = of("mail", found)["agents_required"]
    assert more.between(0, of("mail", apart)["agents_required"]).all()
    assert more.sum() < of("mail", apart)["agents_required"].sum()
    both = of("voice", found)["agents_required"] + more
    work = of("voice", found)["load"] + of("mail", found)["load"]
    if load_model == "per_interval":
        assert (both * 0.9 >= work - 1e-9).all()
    assert of("mail", found)["occupancy"].between(0, 1).all()


def test_shrinkage_is_applied_to_the_lowered_rows():
    lost: dict[str, Any] = {"leave": 0.1, "sickness": 0.08}
    found = of("mail", staff(forecast(), config(TOGETHER | {"shrinkage": lost})))
    wanted = with_shrinkage(found["agents_required"].to_numpy(), lost, ["leave"])
    assert found["agents_to_schedule"].tolist() == wanted.agents_to_schedule.tolist()
    assert found["agents_gross"].tolist() == wanted.agents_gross.tolist()


def test_fractional_agents_do_not_exceed_the_lowered_rows():
    found = of("mail", staff(forecast(), config(TOGETHER), fractional=True))
    assert (found["agents_fractional"] <= found["agents_required"]).all()


def test_intervals_without_the_live_queue_stay_and_so_does_a_table_without_it():
    early = {"hours": "Mon-Fri 08:00-12:00"}
    apart, found = staff(forecast(), config(voice=early)), staff(forecast(), config(TOGETHER, voice=early))
    alone = ~of("mail", found)["interval_start"].isin(of("voice", found)["interval_start"])
    assert alone.sum() == DAYS * 12
    assert_frame_equal(of("mail", found)[alone], of("mail", apart)[alone])
    only = of("mail", apart)
    assert_frame_equal(blended(only, config(TOGETHER)), only)


def roster_of(required):
    """Return ROSTER and AGENTS: in every interval as many as required, all skilled for both queues."""
    agents = required.groupby("interval_start")["agents_required"].sum()
    half_hour = pd.Timedelta(minutes=30)
    rows = [
        (f"a{number:03d}", t, t.tz_convert(ZONE).normalize().tz_localize(None), "on_queue", t + half_hour)
        for t, count in agents.items()
        for number in range(count)
    ]
    table = pd.DataFrame(rows, columns=["agent_id", "start", "shift_date", "activity", "end"])
    names = sorted(table["agent_id"].unique())
    people = pd.DataFrame({"agent_id": names, "name": names, "contract": "full", "skills": "voice;mail"})
    table = table.sort_values(["agent_id", "start"]).assign(paid=True, site="c")
    return conform(table, ROSTER), conform(people, AGENTS)


def test_both_promises_hold_in_a_simulation_with_fewer_agents_than_apart():
    settings = config(TOGETHER)
    apart, required = staff(forecast(), config()), staff(forecast(), settings)
    assert required["agents_required"].sum() < 0.95 * apart["agents_required"].sum()
    roster, agents = roster_of(required)
    result = simulate(required, settings, roster=roster, agents=agents, options=Options(replications=100))
    assert result.summary["queues"]["voice"]["service_level"] > 0.8
    assert result.summary["queues"]["mail"]["within_deadline"] > 0.99
    assert not result.misses


@pytest.mark.parametrize(
    ("queues", "words"),
    [
        pytest.param({"mail": {"blend_with": "voise"}}, "did you mean 'voice'", id="unknown"),
        pytest.param({"mail": {"blend_with": "mail"}}, "not a live queue", id="itself"),
        pytest.param(
            {"mail": TOGETHER, "more": {"other": MAIL | TOGETHER}}, "blended with another", id="twice"
        ),
        pytest.param(
            {"mail": TOGETHER, "voice": {"channel": "chat", "concurrency": 3}}, "several contacts", id="chat"
        ),
        pytest.param({"voice": {"blend_with": "mail"}}, "stands in an email queue", id="in the live queue"),
    ],
)
def test_a_blend_that_cannot_be_is_refused_in_words(queues, words):
    with pytest.raises(ConfigError, match=words):
        config(queues.get("mail"), queues.get("voice"), **queues.get("more", {}))


def test_a_live_queue_whose_contacts_call_again_cannot_be_blended():
    with pytest.raises(ConfigError, match="erlang_x cannot be blended"):
        staff(forecast(), config(TOGETHER, voice={"redial_probability": 0.3}))
