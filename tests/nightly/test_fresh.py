"""A night does not plan from data that should be longer by now; closed hours do not age it."""

from __future__ import annotations

import tomllib

import pandas as pd
import pytest

from wfm.config import Config, build_config
from wfm.errors import DataError
from wfm.nightly.fresh import check_fresh, judged_at

LAST = "2026-03-06T19:45:00+01:00"  # the last interval of a Friday


def office(keys: str = "") -> Config:
    text = '[centre]\ntimezone = "Europe/Berlin"\n[queues.hotline]\nservice_level = 0.8\n'
    return build_config(tomllib.loads(text + 'hours = "Mon-Fri 08:00-20:00"\nholidays = "DE-HH"\n' + keys))


def history_to(last: str) -> pd.DataFrame:
    return pd.DataFrame({"queue": "hotline", "interval_start": pd.to_datetime([last], utc=True)})


@pytest.mark.parametrize(
    ("last", "judged", "stale"),
    [
        pytest.param(LAST, "2026-03-09T03:30", False, id="the weekend is closed"),
        pytest.param(LAST, "2026-03-10T03:30", False, id="Monday is younger than 36 hours"),
        pytest.param(LAST, "2026-03-11T03:30", True, id="Monday is missing"),
        pytest.param("2026-04-02T19:45:00+02:00", "2026-04-07T03:30", False, id="Easter is closed"),
        pytest.param(
            "2026-04-02T19:45:00+02:00", "2026-04-09T09:00", True, id="Tuesday after Easter is missing"
        ),
    ],
)
def test_only_missing_opening_hours_make_data_stale(last, judged, stale):
    config = office(f'[nightly]\nnow = "{judged}"\n')
    moment, source = judged_at(config, None)
    assert source == "[nightly] now"
    if stale:
        with pytest.raises(DataError, match="should be in it by now"):
            check_fresh(history_to(last), config, moment)
    else:
        check_fresh(history_to(last), config, moment)


def test_as_of_comes_before_the_configuration_and_the_clock_comes_last():
    as_of = pd.Timestamp("2026-01-01T00:00:00Z")
    assert judged_at(office('[nightly]\nnow = "2026-03-11T03:30"\n'), as_of) == (as_of, "--as-of")
    moment, source = judged_at(office(), None)
    assert source == "the clock"
    assert abs((pd.Timestamp.now(tz="UTC") - moment).total_seconds()) < 60
