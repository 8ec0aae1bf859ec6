"""Rosters are right in any zone and over any clock change: checked by the independent verification.

Random zones and years, the weeks of their clock changes, two sites far apart, shifts over midnight;
requirements follow the wall clock of their queue.
"""

from __future__ import annotations

from datetime import date, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.schedule.small import ONE_CHOICE
from wfm.config import Config, build_config
from wfm.conform import conform
from wfm.hours import parse_hours
from wfm.localtime import day_bounds, interval_grid, open_mask
from wfm.schedule.options import Options
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify
from wfm.tables import AGENTS, REQUIREMENTS

HOURS = "Mon-Sun 18:00-06:00"
ZONES = [
    "Europe/Berlin",
    "Europe/Lisbon",
    "America/New_York",
    "America/Santiago",
    "Asia/Kathmandu",
    "Asia/Jerusalem",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Africa/Casablanca",
    "UTC",
]


def night_centre(queue_zone: str, site_zone: str) -> Config:
    """Return a night hotline of one zone, staffed from two sites, one of them elsewhere."""
    night = {
        "week_hours": [14, 45],
        "days_per_week": [2, 5],
        "shift_hours": [7, 9],
        "shift_step_min": 60,
        "starts": ["00:00-06:00", "12:00-23:30"],
        "rest_h": 11,
        "breaks": [{"minutes": 30, "from_min": 180, "to_min": 300, "paid": False, "activity": "lunch"}],
    }
    return build_config(
        {
            "centre": {"timezone": queue_zone, "interval_min": 15},
            "sites": {"here": {"timezone": queue_zone}, "there": {"timezone": site_zone}},
            "queues": {"hotline": {"service_level": 0.8, "hours": HOURS}},
            "contracts": {"night": night},
        }
    )


def tables_of(config: Config, first_day: date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return six agents at two sites, and a need of two agents in every open interval of the week."""
    agents = pd.DataFrame(
        {
            "agent_id": [f"a{i}" for i in range(6)],
            "name": "x",
            "site": ["here", "there"] * 3,
            "contract": "night",
            "skills": "hotline",
            "availability": [
                "",
                "",
                "",
                "",
                "Mon-Fri 15:00-09:00",
                "Sat-Sun 00:00-24:00;Mon-Thu 20:00-12:00",
            ],
        }
    )
    zone = config.queues["hotline"].timezone
    starts = interval_grid(first_day, first_day + timedelta(days=6), zone, 15)
    opens = starts[open_mask(starts, parse_hours(HOURS), zone)]
    need = dict.fromkeys(("agents_required", "agents_to_schedule", "agents_gross"), 2)
    rows = pd.DataFrame({"queue": "hotline", "interval_start": opens, **need})
    rows = rows.assign(offered=1.0, aht_s=1.0, load=1.0, queue_model="given")
    return conform(agents, AGENTS), conform(rows, REQUIREMENTS)


def planned_and_verified(queue_zone: str, site_zone: str, first_day: date) -> pd.DataFrame:
    config = night_centre(queue_zone, site_zone)
    agents, requirements = tables_of(config, first_day)
    options = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=6)
    result = schedule(requirements, agents, config, first_day=first_day, options=options)
    verdict = verify(
        result.roster, agents, requirements, config, first_day=first_day, weeks=1, summary=result.summary
    )
    assert [str(violation) for violation in verdict.violations] == []
    assert verdict.objective == pytest.approx(result.summary["objective"])
    return result.roster


def monday_of_change(zone: str, year: int, number: int) -> date:
    """Return the Monday before the zone's n-th clock change of a year, or of some week if it has none."""
    days = pd.date_range(f"{year}-01-01", f"{year}-12-31", freq="D")
    lengths = [(b - a).total_seconds() for a, b in (day_bounds(day.date(), zone) for day in days)]
    odd = [day for day, length in zip(days, lengths, strict=True) if length != 86400]
    day = (odd[number % len(odd)] if odd else days[37 * (number + 1)]).date()
    return day - timedelta(days=day.weekday())


@settings(max_examples=examples(6, quick=3), deadline=None)
@given(
    queue_zone=st.sampled_from(ZONES),
    site_zone=st.sampled_from(ZONES),
    year=st.integers(2015, 2035),
    number=st.integers(0, 1),
)
def test_rosters_over_clock_changes_pass_verification_in_any_zone(queue_zone, site_zone, year, number):
    planned_and_verified(queue_zone, site_zone, monday_of_change(site_zone, year, number))


@pytest.mark.parametrize(
    ("first_day", "night", "elapsed_h"),
    [
        pytest.param(date(2026, 3, 23), "2026-03-28", 11, id="spring: the night loses an hour"),
        pytest.param(date(2026, 10, 19), "2026-10-24", 13, id="autumn: the night gains one"),
    ],
)
def test_the_night_of_a_clock_change_is_as_long_as_it_is(first_day, night, elapsed_h):
    config = night_centre("Europe/Berlin", "Europe/Lisbon")
    _, requirements = tables_of(config, first_day)
    local = requirements["interval_start"].dt.tz_convert("Europe/Berlin")
    begins = local.ge(pd.Timestamp(f"{night} 18:00", tz="Europe/Berlin"))
    ends = local.lt(pd.Timestamp(night, tz="Europe/Berlin") + pd.DateOffset(days=1, hours=6))
    assert int((begins & ends).sum()) == elapsed_h * 4
    roster = planned_and_verified("Europe/Berlin", "Europe/Lisbon", first_day)
    assert len(roster)
