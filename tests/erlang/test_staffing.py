"""The stage: rows, promises kept, load model, deferred mass balance, refusals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang.staffing import staff
from wfm.errors import ConfigError, DataError
from wfm.tables import REQUIREMENTS

DAY_HOURS = "Mon-Fri 08:00-18:00"


def config_of(interval_min=15, **queues):
    return build_config(
        {"centre": {"timezone": "Europe/Berlin", "interval_min": interval_min}, "queues": queues}
    )


def forecast_of(queue="voice", offered=20.0, aht_s=180.0, days=7, minutes=15):
    first = pd.Timestamp("2026-03-02", tz="Europe/Berlin").tz_convert("UTC")
    starts = pd.date_range(first, periods=days * 24 * 60 // minutes, freq=f"{minutes}min", unit="us")
    rows = {"queue": queue, "interval_start": starts, "offered": offered, "aht_s": aht_s}
    return pd.DataFrame(rows).astype({"queue": "str"})


def backlog_of(*rows):
    table = pd.DataFrame(rows, columns=["queue", "arrived_at", "contacts"]).astype({"queue": "str"})
    return table.assign(arrived_at=pd.to_datetime(table["arrived_at"], utc=True).dt.as_unit("us"))


def test_the_golden_row_of_erlang_c_with_shrinkage():
    shrinkage = {"leave": 0.1, "sickness": 0.2}
    config = config_of(30, voice={"service_level": 0.8, "shrinkage": shrinkage, "load_model": "per_interval"})
    found = staff(forecast_of(offered=100.0, minutes=30, days=1), config).iloc[0]
    assert found["load"] == pytest.approx(10)
    assert (found["agents_required"], found["agents_to_schedule"], found["agents_gross"]) == (14, 18, 20)
    assert found["service_level"] == pytest.approx(0.88835, abs=1e-5)
    assert found["queue_model"] == "erlang_c/per_interval"


def test_requirements_have_the_working_hours_only_and_are_a_declared_table():
    config = config_of(voice={"service_level": 0.8, "patience_s": 120, "hours": DAY_HOURS})
    found = staff(forecast_of(), config)
    assert_frame_equal(found, conform(found, REQUIREMENTS))
    local = found["interval_start"].dt.tz_convert("Europe/Berlin")
    assert len(found) == 5 * 40
    assert set(local.dt.day_of_week) == {0, 1, 2, 3, 4}
    assert (local.dt.hour.min(), local.dt.hour.max()) == (8, 17)
    assert (found["service_level"] >= 0.8).all()


def test_a_closed_holiday_has_no_rows():
    queue = {"service_level": 0.8, "hours": DAY_HOURS, "holidays": "DE-HH", "holiday_hours": ""}
    forecast = forecast_of(days=60)
    found = staff(forecast, config_of(voice=queue))
    dates = set(found["interval_start"].dt.tz_convert("Europe/Berlin").dt.date.astype(str))
    assert "2026-04-02" in dates
    assert not dates & {"2026-04-03", "2026-04-06"}  # Good Friday, Easter Monday
    shortened = staff(forecast, config_of(voice=queue | {"holiday_hours": "Mon-Sun 10:00-12:00"}))
    assert len(shortened) == len(found) + 2 * 8  # two hours of each


def test_every_target_of_a_queue_is_kept():
    queue = {
        "service_level": 0.7,
        "asa_s": 15,
        "max_abandonment": 0.04,
        "max_occupancy": 0.86,
        "patience_s": 150,
    }
    offered = np.random.default_rng(3).uniform(0, 200, 96 * 7)
    found = staff(forecast_of(offered=offered), config_of(voice=queue))
    assert (found["service_level"] >= 0.7).all()
    assert (found["asa_s"] <= 15).all()
    assert (found["abandonment"] <= 0.04).all()
    assert (found["occupancy"] <= 0.86).all()


def test_intervals_without_contacts_need_nobody():
    found = staff(forecast_of(offered=0.0, days=1), config_of(voice={"service_level": 0.8}))
    counts = ["agents_required", "agents_to_schedule", "agents_gross"]
    assert (found[counts] == 0).all(axis=None)


def test_long_handle_times_are_staffed_by_the_offered_load_unless_the_user_says_otherwise():
    queue = {"service_level": 0.8, "patience_s": 120, "hours": DAY_HOURS}
    forecast = forecast_of(aht_s=1800.0)
    auto = staff(forecast, config_of(voice=queue))
    plain = staff(forecast, config_of(voice=queue | {"load_model": "per_interval"}))
    assert set(auto["queue_model"]) == {"erlang_a/offered_load"}
    assert set(plain["queue_model"]) == {"erlang_a/per_interval"}
    assert auto["load"].equals(plain["load"])
    assert auto["agents_required"].iloc[0] < plain["agents_required"].iloc[0] / 2  # nobody in service yet
    assert auto["agents_required"].iloc[39] == plain["agents_required"].iloc[39]  # settled
    short = staff(forecast_of(aht_s=200.0), config_of(voice=queue))
    assert set(short["queue_model"]) == {"erlang_a/per_interval"}


def test_chat_counts_people_and_its_load_counts_contacts():
    queue = {"channel": "chat", "service_level": 0.8, "patience_s": 300, "load_model": "per_interval"}
    forecast = forecast_of("chat", offered=60.0, days=1)
    alone = staff(forecast, config_of(chat=queue))
    three = staff(forecast, config_of(chat=queue | {"concurrency": 3, "concurrency_slowdown": 0.15}))
    assert set(alone["queue_model"]) == {"erlang_a/per_interval"}
    assert set(three["queue_model"]) == {"chat/per_interval"}
    assert alone["load"].equals(three["load"])
    assert (three["agents_required"] < alone["agents_required"]).all()
    assert (three["agents_required"] > alone["agents_required"] / 3).all()


def test_deferred_work_is_balanced_and_done_in_working_hours():
    config = config_of(mail={"channel": "email", "deadline_h": 4, "hours": DAY_HOURS, "max_occupancy": 0.9})
    offered = np.random.default_rng(5).uniform(0, 30, 96 * 7)
    forecast = forecast_of("mail", offered=offered, aht_s=300.0)
    backlog = backlog_of(("mail", "2026-02-27T15:00Z", 40.0), ("mail", "2026-02-20T15:00Z", 25.0))
    found = staff(forecast, config, backlog)
    end = found["interval_start"].max() + pd.Timedelta(minutes=15)
    arrived = (forecast["offered"] * forecast["aht_s"])[forecast["interval_start"] < end].sum() + 65 * 300
    assert found["load"].sum() * 900 == pytest.approx(arrived, rel=1e-12)
    assert len(found) == 5 * 40
    assert found[["service_level", "asa_s", "abandonment"]].isna().all(axis=None)
    assert (found["occupancy"] <= 0.9 + 1e-12).all()
    assert set(found["queue_model"]) == {"deferred"}


def test_backlog_counts_its_working_hours_from_arrival():
    """Friday 16:00 leaves 2 of 4 working hours: all of it must be done by Monday 10:00."""
    config = config_of(mail={"channel": "email", "deadline_h": 4, "hours": DAY_HOURS})
    forecast = forecast_of("mail", offered=0.0, aht_s=300.0, days=1)
    found = staff(forecast, config, backlog_of(("mail", "2026-02-27T15:00Z", 48.0)))
    assert found["load"].iloc[:8].to_numpy() == pytest.approx([2.0] * 8)
    assert found["agents_required"].tolist() == [2] * 8 + [0] * 32


def test_queues_that_do_not_fit_are_refused():
    with pytest.raises(ConfigError, match="no such queue"):
        staff(forecast_of("vioce"), config_of(voice={"service_level": 0.8}))
    with pytest.raises(DataError, match="no deferred work"):
        staff(
            forecast_of(),
            config_of(voice={"service_level": 0.8}),
            backlog_of(("voice", "2026-03-01T10:00Z", 3)),
        )
    config = config_of(voice={"queue_model": "erlang_b", "max_blocking": 0.02, "concurrency": 2})
    with pytest.raises(ConfigError, match="no concurrency"):
        staff(forecast_of(), config)


def test_an_empty_forecast_gives_empty_requirements():
    found = staff(forecast_of().iloc[:0], config_of(voice={"service_level": 0.8}))
    assert found.empty
    assert list(found.columns) == REQUIREMENTS.names


def test_a_night_span_belongs_to_the_day_that_began_it():
    """Open nightly from 22:00 but not on Good Friday: closed from 22:00 of that day to 06:00 of the next."""
    queue = {"service_level": 0.8, "hours": "Mon-Sun 22:00-06:00", "holidays": "DE", "holiday_hours": ""}
    found = staff(forecast_of(days=40), config_of(voice=queue))
    local = found["interval_start"].dt.tz_convert("Europe/Berlin").dt.tz_localize(None)
    around = local[(local >= "2026-04-03") & (local < "2026-04-05")]
    assert (around.iloc[23], around.iloc[24]) == (
        pd.Timestamp("2026-04-03 05:45"),
        pd.Timestamp("2026-04-04 22:00"),
    )


def test_a_night_of_one_weekday_ends_on_the_next():
    found = staff(forecast_of(), config_of(voice={"service_level": 0.8, "hours": "Fri 22:00-06:00"}))
    local = found["interval_start"].dt.tz_convert("Europe/Berlin").dt.tz_localize(None)
    assert (local.min(), local.max()) == (pd.Timestamp("2026-03-06 22:00"), pd.Timestamp("2026-03-07 05:45"))
    assert len(local) == 8 * 4


def test_a_calendar_nobody_knows_is_refused():
    queue = {"service_level": 0.8, "holidays": "XX", "holiday_hours": ""}
    with pytest.raises(ConfigError, match="no such calendar"):
        staff(forecast_of(days=1), config_of(voice=queue))
