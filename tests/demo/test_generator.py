"""One seed, one centre, whose tables conform."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pytest

from wfm.conform import conform
from wfm.demo import Centre, generate, generate_sample
from wfm.tables import TABLES

TABLE_NAMES = [field.name for field in fields(Centre) if field.name in TABLES]


def small(seed: int, history_days: int = 21) -> Centre:
    return generate(seed, agents=30, history_days=history_days)


def test_a_seed_gives_one_centre() -> None:
    first, again = small(7), small(7)
    for name in TABLE_NAMES:
        pd.testing.assert_frame_equal(getattr(first, name), getattr(again, name), check_exact=True)


def test_another_seed_gives_another_centre() -> None:
    first, other = small(7), small(8)
    assert not first.history["offered"].equals(other.history["offered"])
    assert list(first.agents["name"]) != list(other.agents["name"])


def test_a_longer_history_leaves_the_people_alone() -> None:
    first, longer = small(7), small(7, history_days=35)
    for name in ("agents", "time_off", "requests"):
        pd.testing.assert_frame_equal(getattr(first, name), getattr(longer, name))


@pytest.mark.parametrize("name", TABLE_NAMES, ids=TABLE_NAMES)
def test_every_table_conforms_as_it_stands(centre: Centre, name: str) -> None:
    frame = getattr(centre, name)
    assert len(frame)
    pd.testing.assert_frame_equal(conform(frame, TABLES[name]), frame)


@pytest.mark.parametrize("agents", [1, 2, 7], ids=str)
def test_any_number_of_agents_makes_a_centre(agents: int) -> None:
    assert len(generate(1, agents=agents, history_days=7).agents) == agents
    assert len(generate_sample(1, agents=agents).agents) == agents


def test_more_agents_get_more_contacts() -> None:
    few, many = (generate(1, agents=agents, history_days=7).history["offered"].sum() for agents in (50, 100))
    assert 2 < many / few < 2.5
