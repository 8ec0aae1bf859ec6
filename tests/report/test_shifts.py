"""Shifts, paid hours and unpopular shifts of a roster, by hand, across a clock change and in two zones."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.report.centre import config_of
from wfm.conform import conform
from wfm.report import wording
from wfm.report.gantt import gantt
from wfm.report.shifts import SiteRoster, cost, paid_hours, site_rosters
from wfm.report.week_grid import site_weeks
from wfm.tables import AGENTS, ROSTER

CONFIG = config_of(["billing"])


def roster_of(
    *segments: tuple[str, str, str, str], site: str = "hamburg", timezone: str = "Europe/Berlin"
) -> pd.DataFrame:
    """Return a roster of (agent, activity, local start, local end); lunch is unpaid."""
    rows = [
        {
            "agent_id": agent,
            "activity": activity,
            "start": pd.Timestamp(start).tz_localize(timezone),
            "end": pd.Timestamp(end).tz_localize(timezone),
            "shift_date": pd.Timestamp(min(s[2] for s in segments if s[0] == agent)).normalize(),
            "paid": activity != "lunch",
            "site": site,
        }
        for agent, activity, start, end in segments
    ]
    return conform(pd.DataFrame(rows), ROSTER)


def site_of(roster: pd.DataFrame) -> SiteRoster:
    (site,) = site_rosters(roster, None, CONFIG)
    return site


def test_paid_hours_leave_out_unpaid_segments_and_leave() -> None:
    roster = roster_of(
        ("ann", "on_queue", "2026-03-02 08:00", "2026-03-02 12:00"),
        ("ann", "lunch", "2026-03-02 12:00", "2026-03-02 12:30"),
        ("ann", "leave", "2026-03-02 12:30", "2026-03-02 16:30"),
    )
    assert paid_hours(roster).tolist() == [4, 0, 0]


def test_cost_is_paid_hours_times_the_rate_of_each_agent() -> None:
    roster = roster_of(
        ("ann", "on_queue", "2026-03-02 08:00", "2026-03-02 12:00"),
        ("bob", "on_queue", "2026-03-02 08:00", "2026-03-02 10:00"),
    )
    people = {"agent_id": ["ann", "bob"], "name": "x", "contract": "full_time", "skills": "billing"}
    dear = conform(pd.DataFrame({**people, "cost_per_hour": [20.0, 35.0]}), AGENTS)
    assert cost(roster, dear) == 4 * 20 + 2 * 35
    assert cost(roster, conform(pd.DataFrame(people), AGENTS)) is None


@pytest.mark.parametrize(
    ("start", "end", "unpopular"),
    [
        pytest.param("2026-03-02 08:00", "2026-03-02 16:00", False, id="day"),
        pytest.param("2026-03-02 14:00", "2026-03-02 22:00", False, id="ends at 22:00 sharp"),
        pytest.param("2026-03-02 14:00", "2026-03-02 22:15", True, id="ends after 22:00"),
        pytest.param("2026-03-02 06:00", "2026-03-02 14:00", False, id="starts when the night ends"),
        pytest.param("2026-03-02 05:45", "2026-03-02 13:00", True, id="starts in the night"),
        pytest.param("2026-03-02 23:30", "2026-03-03 05:00", True, id="over midnight"),
        pytest.param("2026-03-07 09:00", "2026-03-07 14:00", True, id="Saturday"),
        pytest.param("2026-03-06 18:00", "2026-03-06 21:00", False, id="Friday"),
    ],
)
def test_a_shift_is_unpopular_late_at_night_and_on_the_weekend(start: str, end: str, unpopular: bool) -> None:
    shifts = site_of(roster_of(("ann", "on_queue", start, end))).shifts
    assert shifts["unpopular"].tolist() == [unpopular]


def test_a_shift_over_the_clock_change_has_its_true_length_and_its_wall_clock_ends() -> None:
    site = site_of(roster_of(("ann", "on_queue", "2026-03-28 22:00", "2026-03-29 06:00")))
    (segment,) = site.segments.to_dict("records")
    assert segment["end_min"] - segment["begin_min"] == 7 * 60
    assert segment["paid_h"] == 7
    (shift,) = site.shifts.to_dict("records")
    assert (shift["begin_local"], shift["end_local"]) == ("22:00", "06:00")
    assert gantt(site).days[0].axis == ["22:00", "00:00", "03:00", "05:00"]


def test_times_are_those_of_the_site() -> None:
    roster = roster_of(
        ("rui", "on_queue", "2026-03-02 08:00", "2026-03-02 12:00"), site="porto", timezone="Europe/Lisbon"
    )
    (site,) = site_rosters(roster, None, CONFIG)
    assert site.timezone == "Europe/Lisbon"
    (week,) = site_weeks(site, CONFIG)
    assert week.agents[0].shifts[0] == "08:00\u201312:00"
    assert week.agents[0].paid == f"4.0{wording.NBSP}h"


def test_the_week_grid_counts_shifts_and_hours_of_everybody_employed() -> None:
    roster = roster_of(
        ("ann", "on_queue", "2026-03-02 08:00", "2026-03-02 12:00"),
        ("bob", "on_queue", "2026-03-07 08:00", "2026-03-07 10:00"),
    )
    agents = conform(
        pd.DataFrame(
            {
                "agent_id": ["ann", "bob", "eve", "gone"],
                "name": ["Ann", "Bob", "Eve", "Gone"],
                "site": "hamburg",
                "contract": "full_time",
                "skills": "billing",
                "end_date": [None, None, None, "2026-03-01"],
            }
        ),
        AGENTS,
    )
    (site,) = site_rosters(roster, agents, CONFIG)
    (week,) = site_weeks(site, CONFIG)
    assert [(a.name, a.shift_count, a.unpopular) for a in week.agents] == [
        ("Ann", 1, 0),
        ("Bob", 1, 1),
        ("Eve", 0, 0),
    ]
    assert list(week.totals) == ["1", "0", "0", "0", "0", "1", "0"]
    assert week.agents[0].contract == f"35\u201340{wording.NBSP}h"
    assert (week.shift_count, week.unpopular) == (2, 1)
