"""The real log of February 1999, through the mapping file of the documentation, against pandas alone."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from wfm.config import Config, build_config
from wfm.io.intake import Intake, take_in

pytestmark = pytest.mark.real_data
HOURS = "Sun-Thu 07:00-24:00;Fri 07:00-14:00;Sat 20:00-24:00"
VOICE_UNIT = """
[source.voice_unit]
grain = "contact"
timezone = "Asia/Jerusalem"
[source.voice_unit.columns]
contact_id = ["vru_line", "call_id"]
arrived_at = "arrived_at"
wait_s = "q_time"
talk_s = "ser_time"
outcome = "outcome"
[source.voice_unit.constants]
queue = "bank"
[source.voice_unit.values.outcome]
AGENT = "handled"
HANG = "abandoned"
PHANTOM = "flow_out"
"""


@pytest.fixture(scope="module")
def config() -> Config:
    return build_config(
        {
            "centre": {"timezone": "Asia/Jerusalem", "interval_min": 30},
            "queues": {"bank": {"hours": HOURS, "service_level": 0.8}},
        }
    )


@pytest.fixture(scope="module")
def log(shared: Path) -> Path:
    return shared / "data" / "anonymous_bank_feb1999_calls.csv.gz"


@pytest.fixture(scope="module")
def intake(project: Path, log: Path, config: Config) -> Intake:
    return take_in([log], config, mapping=project / "docs" / "examples" / "anonymous_bank.toml")


@pytest.fixture(scope="module")
def calls(log: Path) -> pd.DataFrame:
    """The calls offered to the agents, read by pandas: the oracle."""
    calls = pd.read_csv(log)
    in_voice_unit = (calls["outcome"] == "HANG") & (calls["q_start"] == "0:00:00")
    offered = calls[~in_voice_unit & (calls["outcome"] != "PHANTOM")]
    arrived = pd.to_datetime(offered["arrived_at"]) + pd.to_timedelta(offered["vru_time"], unit="s")
    return offered.assign(start=arrived.dt.tz_localize("Asia/Jerusalem").dt.floor("30min"))


def test_every_row_of_the_log_has_its_place(intake: Intake) -> None:
    assert intake.rows_read + intake.rows_excluded == 33_344
    assert intake.rows_excluded == 1_941 + 278  # left in the voice unit, phantom
    assert (intake.rows_quarantined, intake.rows_duplicate) == (0, 0)
    assert intake.history["offered"].sum() == intake.rows_kept


def test_every_interval_is_that_of_an_independent_count(intake: Intake, calls: pd.DataFrame) -> None:
    history = intake.history[intake.history["offered"] > 0].set_index("interval_start")
    groups = calls.groupby("start")
    answered = calls[calls["outcome"] == "AGENT"].groupby("start")
    wanted = pd.DataFrame(
        {
            "offered": groups.size(),
            "handled": answered.size(),
            "aht_s": answered["ser_time"].mean(),
            "wait_s": answered["q_time"].sum(),
        }
    )
    wanted.index = pd.DatetimeIndex(wanted.index).tz_convert("UTC").as_unit("us").rename("interval_start")
    wanted = wanted.assign(handled=wanted["handled"].fillna(0), wait_s=wanted["wait_s"].fillna(0)).astype(
        float
    )
    pd.testing.assert_frame_equal(history[wanted.columns.tolist()], wanted, rtol=1e-12, check_freq=False)


def test_zeros_stand_in_opening_hours_alone(intake: Intake, calls: pd.DataFrame) -> None:
    quiet = intake.history.loc[intake.history["offered"] == 0, "interval_start"].dt.tz_convert(
        "Asia/Jerusalem"
    )
    assert len(quiet) > 0
    friday_afternoon = (quiet.dt.day_of_week == 4) & (quiet.dt.hour >= 14)
    saturday = (quiet.dt.day_of_week == 5) & (quiet.dt.hour < 20)
    assert not (friday_afternoon | saturday | (quiet.dt.hour < 7)).any()


def test_entries_into_the_voice_unit_are_the_published_series(
    tmp_path: Path, shared: Path, log: Path, config: Config
) -> None:
    (tmp_path / "voice_unit.toml").write_text(VOICE_UNIT)
    history = take_in([log], config, mapping=tmp_path / "voice_unit.toml").history
    published = pd.read_csv(shared / "data" / "anonymous_bank_30min.csv", parse_dates=["interval_start"])
    february = published[published["interval_start"].dt.strftime("%Y-%m") == "1999-02"]
    local = history["interval_start"].dt.tz_convert("Asia/Jerusalem").dt.tz_localize(None)
    ours = pd.Series(history["offered"].to_numpy(), index=local)
    theirs = february.set_index("interval_start")["offered"]
    assert ours.sum() == theirs.sum() == 33_344
    different = (ours.reindex(theirs.index, fill_value=0) != theirs).sum()
    assert different <= 38  # the series closes its intervals on the right; 19 calls are on a boundary
