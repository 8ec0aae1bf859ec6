"""The chain on real calls: the log of February 1999 to a verified roster, and stamps of clock changes."""

from __future__ import annotations

import csv
import runpy
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from wfm.config import Config, build_config
from wfm.erlang import staff
from wfm.forecast import backtest, forecast
from wfm.io.inputs import read_agents
from wfm.io.intake import Intake, take_in
from wfm.io.quarantine import TooManyBadRows
from wfm.io.toml import load_config
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import verify
from wfm.schedule.verify.verification import Verification

pytestmark = pytest.mark.real_data

ISRAEL = "Asia/Jerusalem"
HELD_OUT = pd.Timestamp("1999-02-21", tz=ISRAEL)
WEEK = pd.Timedelta(days=7)
SHORT_SEARCH = Options(time_limit_s=45, sweeps=8)
SKIPPED_HOUR = ("1999-04-02T02:00:00", "1999-04-02T02:30:00")
REPEATED_HOURS = ("2017-11-05 01:00", "2018-11-04 01:00", "2019-11-03 01:00", "2020-11-01 01:00")


@dataclass(frozen=True)
class Planned:
    """The week of 1999-02-21 from log to verdict."""

    config: Config
    intake: Intake
    forecast: pd.DataFrame
    requirements: pd.DataFrame
    agents: pd.DataFrame
    result: ScheduleResult
    verdict: Verification

    @property
    def came(self) -> pd.Series:
        """Calls of the history by interval start."""
        return self.intake.history.set_index("interval_start")["offered"]


@pytest.fixture(scope="module")
def examples(project: Path) -> Path:
    return project / "docs" / "examples"


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    return shared / "data" / "anonymous_bank_feb1999_calls.csv.gz"


@pytest.fixture(scope="module")
def agents_file(examples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The 40 agents of the example, as its script writes them."""
    rows = list(runpy.run_path(str(examples / "february" / "make_agents.py"))["agents"](1))
    path = tmp_path_factory.mktemp("february") / "agents.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def planned(examples: Path, log: Path, agents_file: Path) -> Planned:
    config = load_config(examples / "february" / "wfm.toml")
    intake = take_in([log], config, mapping=examples / "anonymous_bank.toml", keep_contacts=True)
    expected = forecast(intake.history, config, horizon_days=7, as_of=HELD_OUT.tz_convert("UTC")).forecast
    requirements = staff(expected, config)
    agents = read_agents(agents_file, config)
    result = schedule(requirements, agents, config, options=SHORT_SEARCH)
    verdict = verify(
        result.roster, agents, requirements, config, first_day=HELD_OUT.date(), summary=result.summary
    )
    return Planned(config, intake, expected, requirements, agents, result, verdict)


def test_every_call_of_the_log_is_kept_refused_or_a_duplicate(planned: Planned) -> None:
    intake = planned.intake
    assert intake.rows_read == intake.rows_kept + intake.rows_quarantined + intake.rows_duplicate > 0
    assert intake.history["offered"].sum() == intake.rows_kept


def test_the_configured_patience_is_the_estimate_of_the_log_before_the_held_out_week(
    planned: Planned,
) -> None:
    contacts = planned.intake.contacts
    assert contacts is not None
    early = contacts[contacts["arrived_at"] < HELD_OUT]
    hung_up = (early["outcome"] != "handled").sum()
    assert planned.config.queues["bank"].patience_s == pytest.approx(early["wait_s"].sum() / hung_up, abs=0.5)


def test_the_forecast_has_the_open_intervals_of_the_held_out_week_and_no_others(planned: Planned) -> None:
    local = planned.forecast["interval_start"].dt.tz_convert(ISRAEL)
    assert local.min() >= HELD_OUT
    assert local.max() < HELD_OUT + WEEK
    weekly_hours = 5 * 17 + 7 + 4.5
    assert len(local) == 2 * weekly_hours


def test_the_forecast_sees_nothing_of_the_week_that_it_is_for(planned: Planned) -> None:
    blind = planned.intake.history[planned.intake.history["interval_start"] < HELD_OUT]
    again = forecast(blind, planned.config, horizon_days=7, as_of=HELD_OUT.tz_convert("UTC")).forecast
    pd.testing.assert_frame_equal(again, planned.forecast)


def test_the_held_out_week_is_forecast_better_than_by_the_week_before(planned: Planned) -> None:
    starts = pd.DatetimeIndex(planned.forecast["interval_start"])
    came = planned.came.reindex(starts).to_numpy()
    week_before = planned.came.reindex(starts - WEEK).to_numpy()
    assert not np.isnan([came, week_before]).any()
    ours = np.abs(planned.forecast["offered"].to_numpy() - came).sum()
    assert ours < np.abs(week_before - came).sum()


def test_every_forecast_interval_is_staffed(planned: Planned) -> None:
    key = ["queue", "interval_start"]
    pd.testing.assert_frame_equal(planned.requirements[key], planned.forecast[key])
    assert (planned.requirements["agents_to_schedule"] >= planned.requirements["agents_required"]).all()
    promised = planned.config.queues["bank"].service_level
    assert (planned.requirements["service_level"] >= promised).all()


def test_forty_agents_get_a_roster_that_passes_verification(planned: Planned) -> None:
    assert len(planned.agents) == 40
    assert planned.verdict.violations == ()
    assert set(planned.result.roster["agent_id"]) <= set(planned.agents["agent_id"])
    assert planned.result.summary["first_day"] == str(date(1999, 2, 21))


def test_the_bound_lies_below_the_objective_that_verification_recomputes(planned: Planned) -> None:
    summary = planned.result.summary
    assert summary["bound"] <= summary["objective"]
    assert planned.verdict.objective == pytest.approx(summary["objective"])


@pytest.mark.parametrize(
    ("example", "file"),
    [
        pytest.param("bank", "bank_calls_30min.csv", id="North American bank"),
        pytest.param("anonymous_bank", "anonymous_bank_30min.csv", id="Israeli bank"),
    ],
)
def test_interval_series_are_forecast_better_than_by_the_planners_rules(
    shared: Path, examples: Path, example: str, file: str
) -> None:
    config = load_config(examples / example / "wfm.toml")
    history = take_in([shared / "data" / file], config).history
    scores = backtest(history, config, horizon_days=14, origins=3).scores.set_index("model")
    mean = scores[scores.index.str.startswith("mean(")].iloc[0]
    assert mean["noise_floor"] < mean["wape"]
    assert mean["wape"] < scores.loc[["moving_average", "seasonal_naive"], "wape"].min()


@pytest.fixture(scope="module")
def half_hours(shared: Path) -> Path:
    return shared / "data" / "anonymous_bank_30min.csv"


def israel(examples: Path, nonexistent: str) -> Config:
    """The example's configuration with another rule for the hour that was skipped."""
    config = load_config(examples / "anonymous_bank" / "wfm.toml")
    return config.model_copy(
        update={"import_": config.import_.model_copy(update={"nonexistent": nonexistent})}
    )


def test_impossible_stamps_are_named_by_record_and_value(examples: Path, half_hours: Path) -> None:
    with pytest.raises(TooManyBadRows) as refused:
        take_in([half_hours], israel(examples, "error"), max_bad_ratio=0)
    quarantine = refused.value.quarantine
    stamps = pd.read_csv(half_hours)["interval_start"]
    assert quarantine["value"].tolist() == list(SKIPPED_HOUR)
    assert stamps.iloc[quarantine["record"].astype(int) - 1].tolist() == list(SKIPPED_HOUR)
    assert quarantine["reason"].str.contains("impossible").all()


def test_dropped_stamps_leave_every_other_row_as_it_was(examples: Path, half_hours: Path) -> None:
    intake = take_in([half_hours], israel(examples, "drop"))
    rows = pd.read_csv(half_hours)
    skipped = rows["interval_start"].isin(SKIPPED_HOUR)
    assert intake.rows_read + intake.rows_excluded == len(rows)
    assert intake.rows_excluded == skipped.sum() == len(SKIPPED_HOUR)
    assert intake.history["offered"].tolist() == rows.loc[~skipped, "offered"].tolist()
    assert not intake.history["interval_start"].duplicated().any()


def test_shifted_stamps_meet_the_rows_of_the_next_hour_and_those_hold(
    examples: Path, half_hours: Path
) -> None:
    intake = take_in([half_hours], israel(examples, "shift"))
    assert intake.rows_read == intake.rows_kept + intake.rows_quarantined + intake.rows_duplicate
    assert intake.rows_duplicate == len(SKIPPED_HOUR)
    pd.testing.assert_frame_equal(intake.history, take_in([half_hours], israel(examples, "drop")).history)


def test_shifted_stamps_are_an_hour_later(tmp_path: Path, examples: Path, half_hours: Path) -> None:
    rows = pd.read_csv(half_hours)
    rows[rows["interval_start"] <= SKIPPED_HOUR[-1]].to_csv(tmp_path / "until_the_change.csv", index=False)
    history = take_in([tmp_path / "until_the_change.csv"], israel(examples, "shift")).history
    local = history["interval_start"].dt.tz_convert(ISRAEL).dt.strftime("%Y-%m-%dT%H:%M:%S")
    assert local.tolist()[-2:] == ["1999-04-02T03:00:00", "1999-04-02T03:30:00"]


def test_the_day_of_the_change_has_23_hours(examples: Path, half_hours: Path) -> None:
    history = take_in([half_hours], israel(examples, "drop")).history
    local = history["interval_start"].dt.tz_convert(ISRAEL)
    per_day = local.dt.date.value_counts()
    assert per_day[date(1999, 4, 2)] == 46
    assert (per_day.drop(date(1999, 4, 2)) == 48).all()


@pytest.fixture(scope="module")
def dispatches(shared: Path) -> Path:
    return shared / "data" / "seattle_fire_hourly.csv"


def seattle(**reading: Any) -> Config:
    return build_config(
        {
            "centre": {"timezone": "America/Los_Angeles", "interval_min": 60},
            "queues": {"seattle_fire": {"service_level": 0.8, "aht_s": 1800}},
            "import": reading,
        }
    )


def test_a_repeated_hour_with_one_row_is_refused_by_name(dispatches: Path) -> None:
    intake = take_in([dispatches], seattle())
    values = pd.to_datetime(intake.quarantine["value"]).dt.strftime("%Y-%m-%d %H:%M")
    assert values.tolist() == list(REPEATED_HOURS)
    assert intake.quarantine["reason"].str.contains("ambiguous").all()
    assert intake.rows_read == intake.rows_kept + len(REPEATED_HOURS)


def test_the_setting_decides_which_of_the_two_hours_it_is(dispatches: Path) -> None:
    first, second = (take_in([dispatches], seattle(ambiguous=rule)) for rule in ("first", "second"))
    assert first.rows_kept == second.rows_kept == first.rows_read
    rows = pd.read_csv(dispatches)
    assert first.history["offered"].sum() == second.history["offered"].sum() == rows["offered"].sum()
    only_first = set(first.history["interval_start"]) - set(second.history["interval_start"])
    only_second = set(second.history["interval_start"]) - set(first.history["interval_start"])
    assert {start + pd.Timedelta(hours=1) for start in only_first} == only_second
    assert len(only_first) == len(REPEATED_HOURS)


def test_hours_without_an_incident_are_zero_on_every_day_of_23_and_25_hours(dispatches: Path) -> None:
    history = take_in([dispatches], seattle(ambiguous="first", absent="zero")).history
    local = history["interval_start"].dt.tz_convert("America/Los_Angeles")
    hours = local.groupby(local.dt.date).size()
    assert hours.value_counts().to_dict() == {24: 1461 - 8, 23: 4, 25: 4}
    assert history["offered"].sum() == pd.read_csv(dispatches)["offered"].sum()
