"""`wfm outbound` and `wfm callbacks`: tables, objects, and options that make no sense."""

from __future__ import annotations

import json

import pytest

from tests.cli.tiny import fails, succeeds
from wfm.erlang.callbacks import Callers, callback_performance
from wfm.erlang.models import QueueingModel
from wfm.erlang.outbound import Campaign, agents_for, fastest_pace
from wfm.errors import count_of


def test_outbound_prints_the_fastest_pace_and_its_neighbours():
    text = succeeds("outbound", "--agents", "20", "--max-abandonment", "0.03").out
    pace = fastest_pace(20, Campaign(180.0, 0.3))
    rows = [line.split() for line in text.splitlines()[3:]]
    assert [int(row[0]) for row in rows] == list(range(17, 24))
    marked = next(row for row in rows if row[-1] == "<-")
    assert (marked[0], marked[1]) == ("20", f"{pace.dials_per_hour:.1f}")
    assert "at most 3.00% of live answers without an agent in 2 s" in text


def test_outbound_finds_the_agents_for_a_number_of_contacts():
    options = ("--contacts", "300", "--wait", "3s", "--aht", "2m", "--answer-rate", "0.2", "--ring", "20s")
    found = json.loads(succeeds("outbound", *options, "--json").out)
    pace = agents_for(300.0, Campaign(120.0, 0.2, 0.03, 3.0, 20.0))
    assert found["agents"] == pace.agents
    assert found["contacts_per_hour"] == pytest.approx(pace.contacts_per_hour)
    assert found["contacts_per_hour"] >= 300
    assert (found["ring_s"], found["wait_s"]) == (20.0, 3.0)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param((), "one of them", id="nothing"),
        pytest.param(("--agents", "3", "--contacts", "4"), "one of them", id="both"),
        pytest.param(("--agents", "3", "--answer-rate", "0"), "--answer-rate 0", id="no answers"),
        pytest.param(("--agents", "3", "--max-abandonment", "1"), "--max-abandonment 1", id="all lost"),
        pytest.param(("--agents", "3", "--aht", "0s"), "--aht lies above 0", id="no time"),
        pytest.param(("--contacts", "1e9"), "more than 100,000 agents", id="too many"),
    ],
)
def test_outbound_refuses_what_makes_no_sense(options, words):
    assert words in fails(2, "outbound", *options)


CALLS = ("callbacks", "--calls", "100", "--service-level", "80/20", "--patience", "120s", "--acceptance")


def test_callbacks_print_the_fewest_agents_and_their_neighbours():
    text = succeeds(*CALLS, "0.4").out
    marked = next(line for line in text.splitlines() if "<- fewest" in line).split()
    agents, kept = int(marked[0]), int(marked[1])
    found = callback_performance(QueueingModel("erlang_a", 120.0), (agents, kept), Callers(10.0, 180.0, 0.4))
    assert marked[2] == f"{float(found.service_level):.2%}"
    assert found.service_level >= 0.8
    as_object = json.loads(succeeds(*CALLS, "0.4", "--json").out)
    assert (as_object["agents"], as_object["threshold"]) == (agents, kept)


def test_callbacks_that_nobody_takes_are_the_calculator():
    alone = json.loads(succeeds(*CALLS, "0", "--json").out)
    options = ("--calls", "100", "--service-level", "80/20", "--patience", "120s", "--json")
    erlang = json.loads(succeeds("erlang", *options).out)
    assert alone["agents"] == erlang["agents_required"]
    assert alone["service_level"] == pytest.approx(erlang["service_level"], rel=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("1.5",), "--acceptance 1.5 is not a share", id="share"),
        pytest.param(("0.4", "--max-callback-load", "0"), "--max-callback-load 0", id="no room"),
        pytest.param(("0.4", "--aht", "0s"), "lie above 0", id="no time"),
        pytest.param(("0.4", "--aht", "9999h"), "erlangs", id="too much"),
    ],
)
def test_callbacks_refuse_what_makes_no_sense(options, words):
    assert words in fails(2, *CALLS, *options)


@pytest.mark.parametrize(("calls", "fewer"), [("100", True), ("1", False)], ids=["many calls", "hardly any"])
def test_callbacks_say_how_many_agents_it_takes_without_them(calls, fewer):
    usual = ("--calls", calls, "--aht", "180s", "--service-level", "80/20")
    alone = json.loads(succeeds("erlang", *usual, "--interval", "30m", "--json").out)["agents_required"]
    given = json.loads(succeeds("callbacks", *usual, "--acceptance", "0.4", "--json").out)
    assert given["agents_without_callbacks"] == alone
    assert (given["agents"] < alone) == fewer
    said = succeeds("callbacks", *usual, "--acceptance", "0.4").out.splitlines()[-1]
    assert said.startswith(f"without callbacks {count_of(alone, 'agent')}")
    assert ("too" in said or "take these" in said) != fewer
