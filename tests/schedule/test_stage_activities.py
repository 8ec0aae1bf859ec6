"""Activities with windows, meetings, and days that stay as they were planned."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.schedule.small import (
    ONE_CHOICE,
    bumpy_centre,
    config_with,
)
from tests.schedule.test_stage import planned
from wfm.conform import conform
from wfm.errors import RuleError
from wfm.schedule.options import Options
from wfm.tables import ACTIVITY_TABLE, TIME_OFF


def activities_of(*rows):
    """Return ACTIVITY_TABLE; a row is id, kind, agents, minutes, earliest, latest, together, paid."""
    return conform(pd.DataFrame(list(rows), columns=ACTIVITY_TABLE.names), ACTIVITY_TABLE)


def test_activities_stand_in_their_windows_and_meetings_at_one_time():
    config = config_with()
    agents, requirements = bumpy_centre(10, 13, config)
    agents["contract"], agents["team"] = "full", ["red", "blue"] * 5
    work = activities_of(
        (
            "m1",
            "meeting",
            "team:red",
            30,
            "2026-11-03T08:00:00+01:00",
            "2026-11-03T16:00:00+01:00",
            "true",
            "true",
        ),
        (
            "t1",
            "training",
            "a01;a03",
            60,
            "2026-11-04T08:00:00+01:00",
            "2026-11-06T18:00:00+01:00",
            "false",
            "true",
        ),
        (
            "c1",
            "coaching",
            "a05",
            45,
            "2026-11-05T08:00:00+01:00",
            "2026-11-05T18:00:00+01:00",
            "false",
            "false",
        ),
    )
    roster = planned(config, agents, requirements, activities=work).roster
    meetings = roster[roster["activity"] == "meeting"]
    assert sorted(meetings["agent_id"]) == ["a00", "a02", "a04", "a06", "a08"]
    assert len(set(meetings["start"])) == 1
    assert sorted(roster.loc[roster["activity"] == "training", "agent_id"]) == ["a01", "a03"]
    assert list(roster.loc[roster["activity"] == "coaching", "paid"]) == [False]


def test_a_meeting_that_suits_nobody_is_a_conflict_and_leave_excuses():
    config = config_with()
    agents, requirements = bumpy_centre(4, 14, config)
    agents["contract"] = "full"
    night = ("2026-11-03T01:00:00+01:00", "2026-11-03T03:00:00+01:00")
    result = planned(
        config,
        agents,
        requirements,
        activities=activities_of(("n", "meeting", "a00;a01", 30, *night, "true", "true")),
    )
    assert sum("no possible shift" in warning for warning in result.summary["warnings"]) == 2
    agents["contract"], agents["site"] = "short", "hamburg"
    agents.loc[agents["agent_id"] == "a00", "availability"] = "Mon-Sun 08:00-12:00"
    agents.loc[agents["agent_id"] == "a01", "availability"] = "Mon-Sun 12:00-17:00"
    day = ("2026-11-03T08:00:00+01:00", "2026-11-03T18:00:00+01:00")
    apart = activities_of(("never", "meeting", "a00;a01", 30, *day, "true", "true"))
    with pytest.raises(RuleError, match=r"never: no time in its window suits a00, a01"):
        planned(config, agents, requirements, activities=apart)


def test_frozen_days_stay_and_time_off_releases_them():
    config = config_with()
    agents, requirements = bumpy_centre(8, 15, config)
    first = planned(config, agents, requirements)
    away = first.roster["agent_id"].iloc[0]
    day = first.roster["shift_date"].iloc[0]
    rows = [(away, f"{day:%Y-%m-%d}T00:00:00+00:00", f"{day:%Y-%m-%d}T23:59:00+00:00", "sick", "true")]
    options = Options(600, ONE_CHOICE, seed=7, sweeps=10, freeze_days=4)
    tables = {
        "previous": first.roster,
        "time_off": conform(pd.DataFrame(rows, columns=TIME_OFF.names), TIME_OFF),
    }
    again = planned(config, agents, requirements, options=options, **tables)
    frozen = first.roster["shift_date"] < first.roster["shift_date"].min() + pd.Timedelta(days=4)
    spans = [
        roster[roster["agent_id"] != away]
        .groupby(["agent_id", "shift_date"])
        .agg({"start": "min", "end": "max"})
        for roster in (first.roster[frozen], again.roster)
    ]
    for key, span in spans[0].iterrows():
        assert tuple(spans[1].loc[key]) == tuple(span)
    gone = again.roster[(again.roster["agent_id"] == away) & (again.roster["activity"] == "on_queue")]
    assert day not in set(gone["shift_date"])


def test_who_is_in_the_plan_before_only_after_the_horizon_is_not_frozen():
    config = config_with()
    agents, requirements = bumpy_centre(4, 15, config)
    first = planned(config, agents, requirements)
    later = first.roster.copy()
    for column in ("shift_date", "start", "end"):
        moved = later[column] + pd.Timedelta(days=7)
        later[column] = later[column].where(later["agent_id"] == "a00", moved)
    options = Options(600, ONE_CHOICE, seed=7, sweeps=4, freeze_days=7)
    again = planned(config, agents, requirements, options=options, previous=later)
    spans = [
        roster[roster["agent_id"] == "a00"].groupby("shift_date").agg({"start": "min", "end": "max"})
        for roster in (first.roster, again.roster)
    ]
    pd.testing.assert_frame_equal(*spans)
    assert set(again.roster["agent_id"]) == set(agents["agent_id"])
