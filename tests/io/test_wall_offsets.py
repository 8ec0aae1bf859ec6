"""A wall clock is placed where zoneinfo places it, and in doubt where that knows two answers or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from wfm.io.wall_offsets import WallClocks

ZONES = {
    "berlin": "Europe/Berlin",
    "nyc": "America/New_York",
    "howe": "Australia/Lord_Howe",
    "dublin": "Europe/Dublin",
    "utc": "UTC",
    "berlin too": "Europe/Berlin",
}
CHANGES = (  # naive wall clocks near a change, and near the ends of a year
    *(datetime(2026, 3, 29, 2), datetime(2026, 10, 25, 2), datetime(2026, 3, 8, 2), datetime(2026, 11, 1, 1)),
    *(
        datetime(2026, 4, 5, 1, 30),
        datetime(2026, 10, 4, 2),
        datetime(2025, 12, 31, 23),
        datetime(1996, 10, 27),
    ),
)
SECONDS = st.integers(-7200, 7200)
NEAR = st.builds(lambda moment, second: moment + timedelta(seconds=second), st.sampled_from(CHANGES), SECONDS)
ANY = st.datetimes(datetime(1970, 1, 2), datetime(2037, 12, 31))


@given(stamps=st.lists(st.tuples(NEAR | ANY, st.integers(0, len(ZONES) - 1)), max_size=40))
def test_a_wall_clock_is_the_instant_of_zoneinfo_or_in_doubt(stamps):
    local = np.array([moment for moment, _ in stamps], dtype="M8[us]").astype(np.int64)
    queues = np.array([queue for _, queue in stamps], dtype=np.uint16)
    instants, certain = WallClocks(ZONES).instants(local, queues)
    for place, (moment, queue) in enumerate(stamps):
        zone = ZoneInfo([*ZONES.values()][queue])
        first, second = (moment.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        assert certain[place] == (first == second)
        if first == second:
            assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(instants[place])) == first
