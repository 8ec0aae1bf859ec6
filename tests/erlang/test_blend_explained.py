"""The explanation of a blended row: its numbers found again from two-dimensional chains and Erlang A."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd
import pytest

from tests.erlang import oracle
from tests.erlang.blend_chains import Centre, measured
from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang.explanation import explain_interval
from wfm.erlang.staffing import staff
from wfm.errors import ConfigError
from wfm.tables import BANDS, FORECAST

START = pd.Timestamp("2026-03-02T08:00:00+01:00")
OPEN = "Mon-Fri 08:00-18:00"
CALLS, MAILS, AHT_S, PATIENCE_S = 60.0, 14.0, 180.0, 120.0
VOICE: dict[str, Any] = {
    "service_level": 0.8,
    "patience_s": PATIENCE_S,
    "hours": OPEN,
    "load_model": "per_interval",
}
MAIL: dict[str, Any] = {"channel": "email", "deadline_h": 4, "hours": OPEN, "blend_with": "voice"}


def config(mail=None, voice=None):
    queues = {"voice": VOICE | (voice or {}), "mail": MAIL | {"arrivals": "hours"} | (mail or {})}
    centre = {"name": "c", "timezone": "Europe/Berlin", "interval_min": 30}
    return build_config({"centre": centre, "queues": queues})


def forecast(queues=("voice", "mail"), calls=CALLS, mails=MAILS):
    starts = pd.date_range(START, periods=20, freq="30min").tz_convert("UTC").as_unit("us")
    parts = [
        pd.DataFrame({"queue": queue, "interval_start": starts, "offered": offered, "aht_s": AHT_S})
        for queue, offered in (("voice", calls), ("mail", mails))
        if queue in queues
    ]
    frame = pd.concat(parts, ignore_index=True)
    return conform(frame.assign(model="given", **dict.fromkeys(BANDS, frame["offered"])), FORECAST)


def explained(settings, at=6, table=None):
    """Return the explanation of the mail's interval `at` and its row of the requirements."""
    table = forecast() if table is None else table
    start = START + at * pd.Timedelta(minutes=30)
    required = staff(table, settings, fractional=True)
    row = required[(required["queue"] == "mail") & (required["interval_start"] == start)].iloc[0]
    return "\n".join(explain_interval(table, settings, "mail", start)), row


def numbers(pattern, text):
    found = re.search(pattern, text, re.M)
    assert found is not None, text
    return [float(group) for group in found.groups()]


def fewest(good, least=1):
    return next(agents for agents in range(least, 100) if good(agents))


def test_the_blend_and_the_difference_are_found_again_by_hand():
    text, row = explained(config())
    load, work = CALLS * AHT_S / 1800, MAILS * AHT_S / 1800  # 6 and 1.4 erlangs
    (planned,) = numbers(r"^planned +(\S+) erlangs", text)
    assert planned == pytest.approx(work, abs=5e-4)  # constant arrivals are levelled already
    alone = fewest(lambda n: voice_alone(n, load) >= 0.8)

    def given(agents, kept_free, within_s=20.0):
        return measured(Centre(agents, kept_free, CALLS / 1800, AHT_S, AHT_S, PATIENCE_S), within_s, 40)

    def most_kept(agents):
        enough = work / AHT_S * (1 - 1e-9)
        kept = (k for k in range(agents, -1, -1) if given(agents, k, 0.0)["background_per_s"] >= enough)
        return next(kept, -1)

    def keeps(agents):
        kept_free = most_kept(agents)
        return kept_free >= 0 and given(agents, kept_free)["service_level"] >= 0.8

    both = fewest(keeps, alone)
    kept_free, apart = most_kept(both), math.ceil(work)
    assert 0 < both - alone <= apart
    assert numbers(r"^alone +(\d+) agents? = (\S+) / 1 ", text) == [apart, planned]
    assert numbers(r"^blend +with voice, a = (\S+) erlangs: (\d+) agents?", text) == [load, both]
    assert numbers(r"more than (\d+) of them are idle", text) == [kept_free]
    assert numbers(r"^less +(\d+) agents? that voice", text) == [alone]
    assert numbers(r"^required +n = (\d+) agents? = (\d+) - (\d+)$", text) == [both - alone, both, alone]
    truth = given(both, kept_free)
    level, lost, busy = numbers(r"service level (\S+)% .*abandoned (\S+)%, occupancy (\S+)%", text)
    assert level == pytest.approx(100 * truth["service_level"], abs=0.01)
    assert lost == pytest.approx(100 * truth["abandonment"], abs=0.01)
    assert busy == pytest.approx(100 * (load * (1 - truth["abandonment"]) + work) / both, abs=0.01)
    (room,) = numbers(r"room for (\S+) erlangs", text)
    assert room == pytest.approx(truth["background_per_s"] * AHT_S, abs=1e-3)
    assert row["agents_required"] == both - alone


def voice_alone(agents, load):
    return float(oracle.service_levels(oracle.erlang_a(agents, load, AHT_S, PATIENCE_S, 20.0))["offered"])


@pytest.mark.parametrize(
    ("mail", "voice"),
    [
        pytest.param({}, {}, id="plain"),
        pytest.param({"shrinkage": {"leave": 0.1, "sickness": 0.2}}, {}, id="shrinkage"),
        pytest.param({"max_occupancy": 0.7}, {"max_occupancy": 0.95}, id="occupancy"),
        pytest.param({}, {"patience_s": None, "asa_s": 10}, id="patient calls"),
        pytest.param({}, {"load_model": "offered_load"}, id="a load that moves"),
        pytest.param({}, {"uncertainty": "mixture", "uncertainty_cv": 0.2}, id="an uncertain rate"),
    ],
)
@pytest.mark.parametrize("at", [0, 12])
def test_what_is_explained_is_what_the_table_says(mail, voice, at):
    text, row = explained(config(mail, voice), at)
    more, both, alone = (int(x) for x in numbers(r"^required +n = (\d+) agents? = (\d+) - (\d+)", text))
    (apart,) = numbers(r"^alone +(\d+) agents?", text)
    assert more == row["agents_required"] == min(both - alone, apart)
    assert row["queue_model"] == f"blend/voice/{int(numbers(r'more than (.+) of them', text)[0])} idle"
    assert numbers(r"^to schedule .*, rounded up (\d+)$", text) == [row["agents_to_schedule"]]
    assert numbers(r"^gross .*, rounded up (\d+)$", text) == [row["agents_gross"]]
    assert numbers(r"^fractional (\S+) agents", text)[0] == pytest.approx(row["agents_fractional"], abs=0.005)
    assert ("at most 70 %" in text) == ("max_occupancy" in mail)


def test_a_row_of_the_live_queue_for_other_than_its_mean_rate_is_told():
    plain, _ = explained(config())
    unsure, _ = explained(config(voice={"uncertainty": "quantile", "uncertainty_cv": 0.3, "quantile": 0.9}))
    assert "its own row has" not in plain
    own, alone = numbers(r"its own row has (\d+) agents?", unsure)[0], numbers(r"^less +(\d+) ", unsure)[0]
    assert own > alone


@pytest.mark.parametrize(
    ("voice", "queues"),
    [
        pytest.param({"hours": "Mon-Fri 08:00-09:00"}, ("voice", "mail"), id="voice is closed"),
        pytest.param({}, ("mail",), id="voice is not forecast"),
    ],
)
def test_without_the_live_queue_it_is_explained_as_staffed_alone(voice, queues):
    text, row = explained(config(voice=voice), table=forecast(queues))
    assert not re.search(r"^blend ", text, re.M)
    assert numbers(r"^required +n = (\d+) agents?", text) == [row["agents_required"]] == [2]


def test_an_interval_without_mail_asks_for_nobody():
    text, row = explained(config(), table=forecast(mails=0.0))
    assert row["agents_required"] == 0
    assert numbers(r"^required +n = (\d+) agents? = (\d+) - (\d+)$", text)[0] == 0


def test_a_live_queue_that_cannot_be_blended_is_refused_in_words():
    with pytest.raises(ConfigError, match="erlang_x cannot be blended"):
        explain_interval(forecast(), config(voice={"redial_probability": 0.2}), "mail", START)
