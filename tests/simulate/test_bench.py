"""The benchmark of the simulation: its centres are what it says they are, and its exact figures are exact."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench import simulate, simulate_peers
from tests.erlang import oracle
from wfm.simulate.parts import parts_of
from wfm.simulate.scenario import NO_SKILL, Scenario


def test_day_has_20_000_contacts_and_agents_who_come_and_go():
    scenario = simulate.day()
    assert scenario.demand.rate.sum() * simulate.INTERVAL_S == pytest.approx(20_000)
    assert (np.diff(scenario.staff.first) > 1).any()


@pytest.mark.parametrize(
    ("scenario", "agents", "stretches"),
    [
        pytest.param(simulate.skills(), 150, 1, id="always there"),
        pytest.param(simulate.roster(), 450, 6, id="shifts on two days"),
    ],
)
def test_five_queues_are_one_part_about_90_percent_loaded(scenario: Scenario, agents, stretches):
    serves = scenario.staff.rank < NO_SKILL
    assert serves.shape == (10, 5)
    assert (serves.sum(axis=1) == 2).all()
    assert len(parts_of(scenario)) == 1
    assert len(scenario.staff.group) == agents
    assert set(np.diff(scenario.staff.first)) == {stretches}
    load = (scenario.demand.rate[:, 0] * scenario.demand.aht_s[:, 0]).sum()
    present_s = (scenario.staff.end - scenario.staff.begin).sum()
    assert 0.84 < load * 2 * simulate.DAY_S / present_s < 0.91


def test_two_queues_with_one_patience_are_erlang_a_together():
    queues = [{"rate": 0.02, "patience_s": 100.0}, {"rate": 0.03, "patience_s": 100.0}]
    exact = simulate.exact_two({"agents": 8, "aht_s": 150.0, "within_s": 0.0, "queues": queues})
    together = oracle.erlang_a(8, 7.5, 150.0, 100.0, 0.0)
    abandoned = (0.02 * exact["abandoned_1"] + 0.03 * exact["abandoned_2"]) / 0.05
    assert abandoned == pytest.approx(float(together["abandonment"]), rel=1e-9)
    assert exact["service_level"] == pytest.approx(1 - float(together["p_wait"]), rel=1e-9)
    assert exact["abandoned_1"] < exact["abandoned_2"]


def test_figures_of_a_peer_are_those_counted_by_hand():
    contacts = [(0, 0.0, True), (0, 30.0, True), (1, 5.0, False), (1, 12.0, True)]
    found = simulate_peers.measures(contacts, within_s=20.0)
    assert found == {"service_level": 0.5, "asa_s": 14.0, "abandoned_1": 0.0, "abandoned_2": 0.5}


@pytest.mark.parametrize("folder", [None, Path("nowhere")], ids=["not asked for", "not installed"])
def test_peer_that_is_absent_is_skipped_with_a_reason(folder: Path | None):
    question: dict[str, Any] = simulate.QUESTIONS["one queue"]
    answer = simulate.ask(folder, "ciw", question)
    assert isinstance(answer, str)
    assert answer.startswith("skipped: ")
