"""The explanation of an interval says what the requirement says, target by target."""

from __future__ import annotations

import re
import tomllib

import pandas as pd
import pytest

from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.erlang.explanation import explain_interval
from wfm.erlang.staffing import staff
from wfm.errors import DataError
from wfm.tables import BANDS, FORECAST

START = pd.Timestamp("2026-03-02T09:00:00+01:00")


def config_of(keys: str) -> Config:
    head = '[centre]\ntimezone = "Europe/Berlin"\ninterval_min = 30\n[queues.hotline]\n'
    return build_config(tomllib.loads(head + 'hours = "Mon-Fri 09:00-11:00"\n' + keys))


def forecast_of(offered: float, aht_s: float) -> pd.DataFrame:
    starts = pd.date_range(START, periods=4, freq="30min").tz_convert("UTC").as_unit("us")
    frame = pd.DataFrame({"queue": "hotline", "interval_start": starts, "offered": offered, "aht_s": aht_s})
    return conform(frame.assign(model="given", **dict.fromkeys(BANDS, offered)), FORECAST)


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("service_level = 0.8\nmax_occupancy = 0.7", id="two targets"),
        pytest.param("service_level = 0.9\nasa_s = 5\nload_model = 'per_interval'", id="erlang C"),
        pytest.param("service_level = 0.8\nmax_abandonment = 0.02\npatience_s = 60", id="erlang A"),
        pytest.param("channel = 'chat'\nconcurrency = 3\nservice_level = 0.8", id="chat"),
    ],
)
def test_required_is_that_of_the_table_and_of_the_hardest_target(keys):
    config, forecast = config_of(keys), forecast_of(100.0, 240.0)
    row = staff(forecast, config).iloc[0]
    text = "\n".join(explain_interval(forecast, config, "hotline", START))
    required = int(re.findall(r"required +(\d+) agents", text)[0])
    alone = [int(count) for count in re.findall(r"^target .*: (\d+) agents$", text, flags=re.M)]
    assert required == row["agents_required"]
    assert max(alone) == required
    assert f"to schedule {row['agents_to_schedule']} =" in text


def test_the_published_example_is_explained_with_its_load():
    config = config_of("service_level = 0.8\nload_model = 'per_interval'")
    text = "\n".join(explain_interval(forecast_of(100.0, 180.0), config, "hotline", START))
    assert "= 10.000 erlangs" in text
    assert "required   14 agents" in text


def test_a_closed_interval_is_a_data_error():
    config = config_of("service_level = 0.8")
    with pytest.raises(DataError, match="no working interval"):
        explain_interval(forecast_of(10.0, 180.0), config, "hotline", START + pd.Timedelta(hours=5))
