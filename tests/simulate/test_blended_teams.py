"""Requirements of a blended pair are played as one team: counted, as a roster, and against the chain."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tests.erlang.blend_chains import Centre, measured
from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang.staffing import staff
from wfm.simulate.crew import Blend, staff_of_requirements
from wfm.simulate.options import Options
from wfm.simulate.scenario import NO_SKILL
from wfm.simulate.span import Span
from wfm.simulate.stage import simulate
from wfm.tables import AGENTS, BACKLOG, REQUIREMENTS, ROSTER

ZONE = "Europe/Berlin"
OPEN = "Mon-Fri 08:00-18:00"
MONDAY = pd.Timestamp("2026-03-02", tz=ZONE)
INTERVALS = 20  # from 08:00 to 18:00
VOICE: dict[str, Any] = {"service_level": 0.8, "patience_s": 120, "hours": OPEN, "load_model": "per_interval"}
MAIL: dict[str, Any] = {"channel": "email", "deadline_h": 4, "hours": OPEN, "arrivals": "hours"}


def config(mail=None, voice=None):
    queues = {"voice": VOICE | (voice or {}), "mail": MAIL | {"blend_with": "voice"} | (mail or {})}
    return build_config({"centre": {"name": "c", "timezone": ZONE, "interval_min": 30}, "queues": queues})


def rows(queue, days=1, intervals=INTERVALS, **columns):
    """Return rows of one queue from 08:00 on, on days from Monday."""
    starts = [
        t
        for day in range(days)
        for t in pd.date_range(MONDAY + pd.Timedelta(days=day, hours=8), periods=intervals, freq="30min")
    ]
    frame = pd.DataFrame({"queue": queue, "interval_start": pd.DatetimeIndex(starts), **columns})
    return frame.assign(interval_start=frame["interval_start"].dt.tz_convert("UTC").dt.as_unit("us"))


def forecast(calls, mails=12.0, days=5):
    parts = [
        rows("voice", days, offered=np.tile(calls, days), aht_s=180.0),
        rows("mail", days, offered=mails, aht_s=180.0),
    ]
    return pd.concat(parts, ignore_index=True).astype({"queue": "str"})


def required(*parts):
    """Return REQUIREMENTS of rows with offered, aht_s, agents_required and queue_model."""
    frame = pd.concat(parts, ignore_index=True)
    agents = frame["agents_required"]
    rest = dict.fromkeys(("service_level", "asa_s", "occupancy", "abandonment", "agents_fractional"), np.nan)
    load = frame["offered"] * frame["aht_s"] / 1800.0
    frame = frame.assign(load=load, agents_to_schedule=agents, agents_gross=agents, **rest)
    return conform(frame, REQUIREMENTS)


def roster_of(agents, begin="8h", end="18h"):
    """Return ROSTER and AGENTS: so many with both skills on Monday."""
    names = [f"a{number:03d}" for number in range(agents)]
    shift = {"start": MONDAY + pd.Timedelta(begin), "end": MONDAY + pd.Timedelta(end)}
    table = pd.DataFrame({"agent_id": names}).assign(
        shift_date=MONDAY.tz_localize(None), activity="on_queue", paid=True, site="c", **shift
    )
    people = pd.DataFrame({"agent_id": names, "name": names, "contract": "full", "skills": "voice;mail"})
    return conform(table, ROSTER), conform(people, AGENTS)


def on_queue(staffed, span, q):
    """Return (N) how many agents who can serve the queue are on queue in the middle of each interval."""
    serves = staffed.rank[staffed.group, q] < NO_SKILL
    each = np.repeat(serves, np.diff(staffed.first))
    middle = (np.arange(span.intervals) + 0.5) * span.interval_s
    there = (staffed.begin[:, None] < middle) & (middle < staffed.end[:, None])
    return (there & each[:, None]).sum(axis=0)


counts = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 4), st.booleans()), min_size=1, max_size=8)


@given(counts)
def test_each_queue_has_its_own_agents_and_those_of_the_other_while_mail_works(intervals):
    live, mail, worked = (np.array(column) for column in zip(*intervals, strict=True))
    mail = mail * worked  # a queue that does not work asks for nobody
    span = Span(MONDAY, len(live), 30, ("chat", "mail", "voice"))
    agents = np.stack([np.ones(len(live)), mail, live]).astype(np.float64)
    lost = dict.fromkeys(span.queues, (0.0, 0.0))
    staffed = staff_of_requirements(agents, span, 0.0, lost, [Blend(2, 1, worked)])
    assert on_queue(staffed, span, 2).tolist() == (live + mail).tolist()
    assert on_queue(staffed, span, 1).tolist() == np.where(worked, live + mail, 0).tolist()
    assert on_queue(staffed, span, 0).tolist() == [1] * len(live)
    both = staffed.rank[(staffed.rank < NO_SKILL).sum(axis=1) == 2]
    assert (both[:, 2] < both[:, 1]).all()  # the live queue is the first skill


@given(st.integers(1, 9), st.integers(0, 9), st.floats(0, 0.5), st.floats(0, 0.5))
def test_a_team_misses_as_much_as_its_agents_would_apart(live, mail, of_live, of_mail):
    span = Span(MONDAY, 3, 30, ("mail", "voice"))
    agents = np.repeat([[float(mail)], [float(live)]], 3, axis=1)
    lost = {"mail": (of_mail, of_mail / 2), "voice": (of_live, of_live / 2)}
    staffed = staff_of_requirements(agents, span, 0.0, lost, [Blend(1, 0, np.ones(3, dtype=np.bool_))])
    assert staffed.sick.sum() == pytest.approx(live * of_live + mail * of_mail)
    assert staffed.away.sum() == pytest.approx((live * of_live + mail * of_mail) / 2)


def test_a_blended_plan_keeps_both_promises_and_lets_the_lowered_rows_fail_when_played_apart():
    calls = 100 + 40 * np.sin(np.arange(INTERVALS) / INTERVALS * 2 * np.pi)
    plan = staff(forecast(calls), config())
    found = simulate(plan, config(), options=Options(replications=100))
    voice, mail = found.summary["queues"]["voice"], found.summary["queues"]["mail"]
    assert voice["service_level"] - voice["service_level_half_width"] > 0.8
    assert mail["within_deadline"] > 0.99
    assert not found.misses
    apart = simulate(plan, config({"blend_with": None}), options=Options(replications=5))
    assert apart.summary["queues"]["mail"]["within_deadline"] < 0.5


def test_as_many_at_all_times_are_the_same_as_a_roster_of_agents_with_both_skills():
    plan = required(
        rows("voice", offered=100.0, aht_s=180.0, agents_required=12, queue_model="erlang_a/per_interval"),
        rows("mail", offered=10.0, aht_s=300.0, agents_required=2, queue_model="blend/voice/4 idle"),
    )
    roster, agents = roster_of(14)
    options = Options(replications=4)
    teams = simulate(plan, config(), options=options)
    rostered = simulate(plan, config(), roster=roster, agents=agents, options=options)
    assert_frame_equal(teams.simulation, rostered.simulation)
    assert teams.summary["warnings"] == rostered.summary["warnings"]


@pytest.mark.parametrize(
    "mail_aht_s", [pytest.param(180.0, id="one handle time"), pytest.param(400.0, id="long mails")]
)
def test_calls_beside_mail_without_end_wait_as_in_the_chain_that_keeps_nobody_free(mail_aht_s):
    plan = required(
        rows("voice", offered=100.0, aht_s=180.0, agents_required=10, queue_model="erlang_a/per_interval"),
        rows("mail", offered=0.0, aht_s=mail_aht_s, agents_required=4, queue_model="blend/voice/0 idle"),
    )
    arrived = pd.Timestamp("2026-02-27 12:00", tz="UTC")
    backlog = conform(
        pd.DataFrame({"queue": ["mail"], "arrived_at": [arrived], "contacts": [3000.0]}), BACKLOG
    )
    result = simulate(plan, config(), backlog=backlog, options=Options(replications=40))
    truth = measured(Centre(14, 0, 100 / 1800, 180.0, mail_aht_s, 120.0), 20.0, 60)
    found = result.simulation[result.simulation["queue"] == "voice"].iloc[2:]  # the day begins with mail only
    assert found["service_level"].mean() == pytest.approx(truth["service_level"], abs=0.01)
    assert found["abandonment"].mean() == pytest.approx(truth["abandonment"], abs=0.01)
    left = result.simulation.loc[result.simulation["queue"] == "mail", "backlog"].to_numpy()
    assert left.min() > 0
    done_per_s = (left[3] - left[18]) / (15 * 1800.0)
    assert done_per_s == pytest.approx(truth["background_per_s"], rel=0.02)


def test_live_agents_leave_mail_alone_when_it_does_not_work():
    """Mail works until noon and leaves a heap; calls in the afternoon are as if there were none."""
    morning = {"hours": "Mon-Fri 08:00-12:00"}
    voice = rows("voice", offered=100.0, aht_s=180.0, agents_required=12, queue_model="erlang_a/per_interval")
    mail = rows(
        "mail", intervals=8, offered=400.0, aht_s=300.0, agents_required=1, queue_model="blend/voice/0 idle"
    )
    options = Options(replications=150)
    result = simulate(required(voice, mail), config(morning), options=options)
    blended, alone = result.simulation, simulate(required(voice), config(morning), options=options).simulation
    level, calm = (
        table[table["queue"] == "voice"].set_index("interval_start")["service_level"]
        for table in (blended, alone)
    )
    assert (level.iloc[2:8] < calm.iloc[2:8] - 0.2).all()
    assert level.iloc[10:].mean() == pytest.approx(calm.iloc[10:].mean(), abs=0.02)
    backlog = blended.loc[blended["queue"] == "mail", "backlog"]
    assert backlog.iloc[-1] > 1000
    assert any(
        "where the hours of mail begin or end all agents change" in w for w in result.summary["warnings"]
    )


@pytest.mark.parametrize(
    ("kept_free", "load", "told"),
    [
        pytest.param(4, 10.0, True, id="kept free"),
        pytest.param(0, 10.0, False, id="nobody kept free"),
        pytest.param(9, 0.0, False, id="no mail, nothing to keep free from"),
    ],
)
def test_that_nobody_is_kept_free_is_told_where_the_blend_counts_on_it(kept_free, load, told):
    plan = required(
        rows("voice", offered=100.0, aht_s=180.0, agents_required=12, queue_model="erlang_a/per_interval"),
        rows(
            "mail",
            offered=load,
            aht_s=300.0,
            agents_required=2,
            queue_model=f"blend/voice/{kept_free} idle",
        ),
    )
    warnings = simulate(plan, config(), options=Options(replications=1)).summary["warnings"]
    assert [f"up to {kept_free} of its agents free for voice" in text for text in warnings] == [True] * told
