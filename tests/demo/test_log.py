"""The contact log agrees with itself and, added up, with the history."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from wfm.config import Config
from wfm.demo import Centre
from wfm.demo.casts import VOICE
from wfm.hours import parse_hours
from wfm.localtime import interval_grid, open_mask, to_local

FIRST_DAY, LAST_DAY = date(2026, 2, 16), date(2026, 3, 1)
HANDLED_ONLY = ["answered_at", "talk_s", "hold_s", "acw_s", "agent_id"]


def test_the_log_adds_up_to_the_history_of_its_two_weeks(centre: Centre, config: Config) -> None:
    summed = added_up(centre.contacts, config)
    logged = rows_of_two_weeks(centre.history, config)
    assert summed.index.isin(logged.index).all()
    expected = summed.reindex(logged.index, fill_value=0.0)
    pd.testing.assert_frame_equal(expected, logged[expected.columns], check_exact=True)
    assert set(logged.columns) - set(expected.columns) == {"aht_s"}


def test_aht_is_handle_time_over_contacts_handled(centre: Centre) -> None:
    kept = centre.history
    assert (kept["aht_s"].isna() == (kept["handled"] == 0)).all()
    handle_s = kept["talk_s"] + kept["hold_s"] + kept["acw_s"]
    np.testing.assert_allclose((kept["aht_s"] * kept["handled"]).fillna(0), handle_s, rtol=1e-12)


def added_up(log: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return history columns by the definitions of the contract, with pandas alone."""
    target = log["queue"].map({name: queue.answer_within_s for name, queue in config.queues.items()})
    handled = log["outcome"] == "handled"
    abandoned = log["outcome"].isin(["abandoned", "short_abandon"])
    in_target = log["wait_s"] <= target
    counted = pd.DataFrame(
        {
            "offered": 1.0,
            "handled": handled,
            "abandoned": abandoned,
            "short_abandoned": log["outcome"] == "short_abandon",
            "flow_out": log["outcome"] == "flow_out",
            "answered_in_target": handled & in_target,
            "abandoned_in_target": abandoned & in_target,
            **{name: log[name].where(handled, 0.0) for name in ("talk_s", "hold_s", "acw_s", "wait_s")},
        }
    ).astype("float64")
    return counted.groupby([log["queue"], log["arrived_at"].dt.floor("15min").rename("interval_start")]).sum()


def rows_of_two_weeks(history: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return history by key, for every arrival interval of the log's days, from the calendar alone."""
    parts = []
    for name, queue in config.queues.items():
        grid = interval_grid(FIRST_DAY, LAST_DAY, queue.timezone, config.centre.interval_min)
        hours = parse_hours("" if queue.arrives_always else queue.hours)
        starts = grid[open_mask(grid, hours, queue.timezone)]
        parts.append(pd.MultiIndex.from_product([[name], starts], names=["queue", "interval_start"]))
    keys = parts[0].append(parts[1:])
    return history.set_index(["queue", "interval_start"]).loc[keys].sort_index()


def test_a_contact_is_as_long_as_its_stamps_say(centre: Centre) -> None:
    log = centre.contacts[centre.contacts["outcome"] == "handled"]
    waited = (log["answered_at"] - log["arrived_at"]).dt.total_seconds()
    pd.testing.assert_series_equal(waited, log["wait_s"], check_names=False)
    talked = (log["ended_at"] - log["answered_at"]).dt.total_seconds()
    pd.testing.assert_series_equal(talked, log["talk_s"] + log["hold_s"], check_names=False)


def test_only_the_handled_have_an_answer_an_agent_and_handle_time(centre: Centre) -> None:
    others = centre.contacts[centre.contacts["outcome"] != "handled"]
    assert others[HANDLED_ONLY].isna().all(axis=None)
    handled = centre.contacts[centre.contacts["outcome"] == "handled"]
    assert handled[HANDLED_ONLY].notna().all(axis=None)


def test_a_contact_is_handled_by_an_agent_with_the_skill(centre: Centre) -> None:
    skills = centre.agents.set_index("agent_id")["skills"].str.split(";").explode()
    able = pd.MultiIndex.from_arrays([skills.index, skills])
    handled = centre.contacts.dropna(subset="agent_id")
    assert pd.MultiIndex.from_frame(handled[["agent_id", "queue"]]).isin(able).all()


def test_offered_is_handled_abandoned_or_flown_out(centre: Centre) -> None:
    kept = centre.history
    assert (kept["offered"] == kept["handled"] + kept["abandoned"] + kept["flow_out"]).all()
    assert (kept["short_abandoned"] <= kept["abandoned_in_target"]).all()


def test_the_backlog_is_what_the_log_leaves_open_at_the_end(centre: Centre) -> None:
    end = pd.Timestamp("2026-03-02", tz="Europe/Berlin")
    log = centre.contacts[centre.contacts["queue"] == "email"]
    waiting = log[log["answered_at"] >= end].groupby(log["arrived_at"].dt.floor("15min")).size()
    kept = centre.backlog.set_index("arrived_at")["contacts"]
    assert set(centre.backlog["queue"]) == {"email"}
    assert waiting.sum() > 100
    pd.testing.assert_series_equal(kept, waiting.astype("float64"), check_names=False)


def test_email_is_taken_up_in_working_hours(centre: Centre) -> None:
    answered = centre.contacts.loc[centre.contacts["queue"] == "email", "answered_at"]
    local = to_local(answered, "Europe/Berlin")
    minute = local.dt.hour * 60 + local.dt.minute + local.dt.second / 60
    assert (local.dt.day_of_week < 5).all()
    assert minute.between(8 * 60, 18 * 60).all()


def test_patience_is_that_of_the_configuration(centre: Centre, config: Config) -> None:
    """Exponential patience, censored by the answer: total wait / number who left estimates its mean."""
    for name in VOICE:
        log = centre.contacts[centre.contacts["queue"] == name]
        left = log["outcome"].isin(["abandoned", "short_abandon"]).sum()
        waited = (log["wait_s"] - 0.5).clip(lower=0).sum()  # stamps are rounded up to whole seconds
        assert waited / left == pytest.approx(config.queues[name].patience_s, rel=4 / np.sqrt(left))
