"""Agents and plans fit the configuration, each other, and the work."""

from __future__ import annotations

from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.config import Config, Contract
from wfm.conform import conform
from wfm.demo import Centre
from wfm.demo.casts import DEMO
from wfm.demo.people import apportion
from wfm.demo.rates import expected_contacts
from wfm.erlang import staff
from wfm.localtime import to_local
from wfm.tables import BANDS, FORECAST


@given(st.integers(0, 500), st.lists(st.floats(0.01, 10), min_size=1, max_size=9))
def test_apportioned_parts_add_up_and_are_near_their_share(total: int, shares: list[float]) -> None:
    parts = apportion(total, {str(number): share for number, share in enumerate(shares)})
    assert sum(parts.values()) == total
    for number, share in enumerate(shares):
        assert abs(parts[str(number)] - total * share / sum(shares)) < 1


def test_150_agents_at_two_sites_as_the_cast_says(centre: Centre) -> None:
    assert centre.agents["site"].value_counts().to_dict() == {"hamburg": 90, "porto": 60}
    several = centre.agents["skills"].str.contains(";").mean()
    assert several == pytest.approx(0.4, abs=0.03)


def test_agents_skills_contracts_and_sites_are_those_of_the_configuration(
    centre: Centre, config: Config
) -> None:
    skills = {skill for text in centre.agents["skills"] for skill in text.split(";")}
    assert skills == set(config.queues)
    assert set(centre.agents["contract"]) == set(config.contracts)
    assert set(centre.agents["site"]) == set(config.sites)


def test_names_are_distinct_and_some_are_trying(centre: Centre) -> None:
    names = centre.agents["name"]
    assert names.is_unique
    for trouble in (",", "'", '"', ";", "[", "ü"):
        assert names.str.contains(trouble, regex=False).any(), trouble


def test_time_off_of_an_agent_never_overlaps(centre: Centre) -> None:
    off = centre.time_off.sort_values(["agent_id", "start"])
    previous_end = off.groupby("agent_id")["end"].shift()
    assert not (off["start"] < previous_end).any()


def test_whole_days_off_begin_and_end_at_midnight_of_the_site(centre: Centre, config: Config) -> None:
    whole = centre.time_off[centre.time_off["kind"] != "doctor"]
    sites = whole["agent_id"].map(centre.agents.set_index("agent_id")["site"])
    assert set(sites) == set(config.sites)
    for name, rows in whole.groupby(sites):
        for moment in ("start", "end"):
            local = to_local(rows[moment], config.sites[str(name)].timezone)
            assert (local == local.dt.normalize()).all()


def test_plans_are_of_known_agents_and_queues(centre: Centre, config: Config) -> None:
    agents = set(centre.agents["agent_id"])
    assert set(centre.time_off["agent_id"]) <= agents
    assert set(centre.requests["agent_id"]) <= agents
    assert set(centre.overrides["queue"]) | set(centre.events["queue"]) <= set(config.queues)


@pytest.fixture(scope="module")
def required_h(centre: Centre, config: Config) -> pd.Series:
    """Return hours of agents_to_schedule per queue in the first week of the plan, at the true expectation."""
    week = pd.Timedelta(weeks=1)
    parts = []
    for name, queue in config.queues.items():
        handling = DEMO.traffic[name].handling
        aht_s = handling.talk_s + handling.hold_share * handling.hold_s + handling.acw_s
        rates = expected_contacts(DEMO, name, queue, 15)
        last = rates[
            rates["interval_start"] >= rates["interval_start"].max() - week + pd.Timedelta(minutes=15)
        ]
        bands = dict.fromkeys(BANDS, last["contacts"])
        parts.append(last.assign(queue=name, offered=last["contacts"], aht_s=aht_s, model="true", **bands))
    forecast = pd.concat(parts).assign(interval_start=lambda rows: rows["interval_start"] + week)
    requirements = staff(conform(forecast, FORECAST), config, centre.backlog)
    return requirements.groupby("queue")["agents_to_schedule"].sum() / 4


@pytest.fixture(scope="module")
def productive_h(centre: Centre, config: Config) -> pd.Series:
    """Return hours on queue per agent in that week: longest paid week less paid breaks and leave."""
    agents = centre.agents.set_index("agent_id")
    first = pd.Timestamp("2026-03-02")
    terms = agents["contract"].map(config.contracts)
    most_days = terms.map(lambda each: each.days_per_week[1])
    off = leave_days(centre, first).reindex(agents.index, fill_value=0).clip(upper=most_days)
    worked = (most_days - off) / most_days * (agents["start_date"] <= first)
    productive: pd.Series = terms.map(longest_week_h) * worked
    return productive


def longest_week_h(terms: Contract) -> float:
    paid_break_h = sum(each.minutes for each in terms.breaks if each.paid) / 60
    return terms.week_hours[1] - terms.days_per_week[1] * paid_break_h


def leave_days(centre: Centre, first: pd.Timestamp) -> pd.Series:
    """Return whole weekdays off per agent in the week of `first`."""
    off = centre.time_off[centre.time_off["kind"] != "doctor"]
    noons = [first.tz_localize("UTC") + pd.Timedelta(days=day, hours=12) for day in range(5)]
    counted = pd.Series(0, index=off.index)
    for noon in noons:
        counted += (off["start"] <= noon) & (off["end"] > noon)
    return counted.groupby(off["agent_id"]).sum()


def test_the_agents_can_just_about_do_the_work(required_h: pd.Series, productive_h: pd.Series) -> None:
    assert 0.93 < required_h.sum() / productive_h.sum() < 0.97


def test_no_group_of_queues_needs_more_than_those_who_can_serve_it(
    centre: Centre, required_h: pd.Series, productive_h: pd.Series
) -> None:
    skills = centre.agents.set_index("agent_id")["skills"].str.split(";").map(set)
    for size in range(1, len(required_h) + 1):
        for group in combinations(required_h.index, size):
            able = skills.map(lambda known, group=group: not known.isdisjoint(group))
            assert required_h[list(group)].sum() < 0.97 * productive_h[able].sum(), group
