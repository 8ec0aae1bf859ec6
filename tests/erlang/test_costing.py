"""Costs: what can be said by hand, the laws of sums, days of clock changes, and which days are covered."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tests.examples import examples
from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang.costing import all_queues, costs
from wfm.erlang.staffing import staff
from wfm.tables import COSTS, REQUIREMENTS

HOURS = ["workload_h", "required_h", "scheduled_h", "paid_h"]
SUMS = ["contacts", *HOURS, "cost"]
OFFICE = "Mon-Fri 09:00-17:00"
BERLIN = "Europe/Berlin"
MONDAY = "2026-03-02"


def config_of(interval_min=30, staffing=None, timezone=BERLIN, **queues):
    ready = {
        name: {"service_level": 0.8, "timezone": timezone, "load_model": "per_interval"} | queue
        for name, queue in queues.items()
    }
    return build_config(
        {
            "centre": {"timezone": timezone, "interval_min": interval_min},
            "staffing": staffing or {},
            "queues": ready,
        }
    )


def starts_of(first, last, timezone=BERLIN, interval_min=30, hours=(0, 24), weekdays=range(7)):
    """Return the interval starts of the local dates from `first` to `last` within the hours."""
    begin, end = (pd.Timestamp(day, tz=timezone) for day in (first, last))
    every = pd.date_range(
        begin, end + pd.DateOffset(days=1), freq=f"{interval_min}min", inclusive="left", unit="us"
    )
    inside = (every.hour >= hours[0]) & (every.hour < hours[1]) & every.day_of_week.isin(list(weekdays))
    return every[inside].tz_convert("UTC")


def required(starts, agents=(14, 16, 20), offered=100.0, aht_s=180.0, queue="voice", interval_min=30):
    """Return REQUIREMENTS with the same agents (required, to schedule, gross) in every interval."""
    rows = {
        "queue": queue,
        "interval_start": starts,
        "offered": offered,
        "aht_s": aht_s,
        "load": offered * aht_s / (interval_min * 60),
        "agents_required": agents[0],
        "agents_to_schedule": agents[1],
        "agents_gross": agents[2],
        "queue_model": "erlang_c/per_interval",
    }
    return conform(pd.DataFrame(rows), REQUIREMENTS)


def office(first, last):
    return starts_of(first, last, hours=(9, 17), weekdays=range(5))


def total_of(costed, queue="voice"):
    return costed[(costed["period"] == "total") & (costed["queue"] == queue)].iloc[0]


def of_period(costed, period):
    rows = costed[costed["period"] == period]
    return rows.assign(date=rows["date"].dt.strftime("%Y-%m-%d")).set_index("date")


def test_a_week_by_hand():
    """Sixteen half-hours on five days: 14 agents required are 560 h, 20 paid are 800 h, twenty full weeks."""
    config = config_of(staffing={"fte_week_hours": 40, "cost_per_hour": 25}, voice={"hours": OFFICE})
    costed = costs(required(office(MONDAY, "2026-03-06")), config)
    found = total_of(costed)
    assert found[["contacts", *HOURS]].tolist() == pytest.approx([8000, 400, 560, 640, 800])
    assert found[["days", "fte", "cost", "cost_per_contact"]].tolist() == pytest.approx([7, 20, 20000, 2.5])
    assert found["date"] == pd.Timestamp(MONDAY)
    days = costed[costed["period"] == "day"]
    assert days[["required_h", "scheduled_h", "paid_h", "cost"]].to_numpy() == pytest.approx(
        np.tile([112.0, 128.0, 160.0, 4000.0], (5, 1))
    )
    assert days["fte"].to_numpy() == pytest.approx(
        28.0
    )  # a fifth of the week's work on a seventh of its days
    assert_frame_equal(costed, conform(costed, COSTS))


@pytest.mark.parametrize(
    ("calls", "aht_s", "minutes", "goal", "paid"),
    [
        pytest.param(100, 180, 30, (0.8, 20), 20, id="pyworkforce"),
        pytest.param(173, 240, 30, (0.8, 20), 40, id="SWPP"),
        pytest.param(180, 240, 30, (0.8, 20), 42, id="SWPP 180"),
        pytest.param(60, 360, 30, (0.8, 20), 23, id="long calls"),
        pytest.param(25, 300, 15, (0.9, 10), 19, id="90/10"),
    ],
)
def test_the_published_agents_paid_at_thirty_percent_shrinkage(calls, aht_s, minutes, goal, paid):
    """The golden values of the field: Erlang C, agents paid at a shrinkage of 30 %."""
    queue = {"service_level": goal[0], "answer_within_s": goal[1], "shrinkage": {"all": 0.3}}
    config = config_of(minutes, voice=queue)
    starts = starts_of(MONDAY, MONDAY, interval_min=minutes, hours=(9, 10))
    forecast = required(starts, offered=float(calls), aht_s=float(aht_s))[
        ["queue", "interval_start", "offered", "aht_s"]
    ]
    found = total_of(costs(staff(forecast, config), config))
    assert found["paid_h"] == pytest.approx(paid)
    assert found["workload_h"] == pytest.approx(calls * 60 / minutes * aht_s / 3600)


@pytest.mark.parametrize("weeks", [1, 2, 5])
@pytest.mark.parametrize("week_hours", [35.0, 38.5, 40.0])
def test_people_paid_a_full_week_are_as_many_full_time_equivalents(weeks, week_hours):
    """Ten agents paid 40 h a week are 400 / week_hours equivalents, however many weeks are planned."""
    last = pd.Timestamp(MONDAY) + pd.Timedelta(days=7 * weeks - 3)
    config = config_of(staffing={"fte_week_hours": week_hours}, voice={"hours": OFFICE})
    found = total_of(costs(required(office(MONDAY, last), agents=(7, 8, 10)), config))
    assert found["days"] == 7 * weeks
    assert found["fte"] == pytest.approx(400 / week_hours)


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        pytest.param("2026-03-29", 23, id="spring"),
        pytest.param("2026-03-30", 24, id="day after"),
        pytest.param("2026-10-25", 25, id="autumn"),
    ],
)
def test_a_day_of_clock_change_has_the_hours_that_it_has(day, hours):
    config = config_of(voice={"hours": ""})
    costed = costs(required(starts_of(day, day), agents=(1, 1, 2)), config)
    (found,) = costed[costed["period"] == "day"].to_dict("records")
    assert (found["required_h"], found["paid_h"], found["days"]) == (hours, 2 * hours, 1.0)
    assert found["date"] == pd.Timestamp(day)


@pytest.mark.parametrize(
    ("timezone", "march_h"),
    [
        pytest.param("UTC", 12.0, id="UTC"),
        pytest.param("Asia/Tokyo", 3.0, id="nine hours ahead"),
        pytest.param("America/New_York", 16.0, id="four hours behind, in summer time"),
        pytest.param("Asia/Kolkata", 6.5, id="half an hour"),
    ],
)
def test_months_part_at_the_midnight_of_the_queue(timezone, march_h):
    """From 31 March 12:00 to 1 April 12:00 UTC, one agent."""
    starts = pd.date_range("2026-03-31T12:00Z", periods=48, freq="30min", unit="us")
    months = of_period(
        costs(required(starts, agents=(1, 1, 1)), config_of(timezone=timezone, voice={"hours": ""})), "month"
    )
    assert months["required_h"].to_dict() == {"2026-03-01": march_h, "2026-04-01": 24.0 - march_h}


@pytest.mark.parametrize(
    ("first", "last", "hours", "days"),
    [
        pytest.param("2026-03-02", "2026-03-06", OFFICE, 7, id="Monday to Friday are a week"),
        pytest.param("2026-03-04", "2026-03-10", OFFICE, 7, id="Wednesday to Tuesday"),
        pytest.param("2026-03-02", "2026-03-11", OFFICE, 10, id="ten days"),
        pytest.param("2026-03-02", "2026-03-13", OFFICE, 14, id="two weeks"),
        pytest.param("2026-03-02", "2026-03-08", "", 7, id="open always"),
        pytest.param("2026-03-03", "2026-03-06", OFFICE, 6, id="no day before the first row"),
    ],
)
def test_closed_days_count_with_the_week_that_they_end(first, last, hours, days):
    starts = office(first, last) if hours else starts_of(first, last)
    assert total_of(costs(required(starts), config_of(voice={"hours": hours})))["days"] == days


@pytest.mark.parametrize(
    ("first", "last", "covered"),
    [
        pytest.param("2026-08-03", "2026-08-31", {"2026-08-01": (31, 31)}, id="begins on a closed Saturday"),
        pytest.param("2026-05-01", "2026-05-29", {"2026-05-01": (31, 31)}, id="ends on a closed Sunday"),
        pytest.param(
            "2026-07-20", "2026-08-14", {"2026-07-01": (12, 31), "2026-08-01": (16, 31)}, id="two in part"
        ),
        pytest.param(
            "2026-01-30",
            "2026-03-02",
            {"2026-01-01": (2, 31), "2026-02-01": (28, 28), "2026-03-01": (2, 31)},
            id="one whole between two",
        ),
    ],
)
def test_a_month_is_covered_once_all_its_working_time_is(first, last, covered):
    months = of_period(costs(required(office(first, last)), config_of(voice={"hours": OFFICE})), "month")
    found = {day: (row["days"], row["period_days"]) for day, row in months.iterrows()}
    assert found == covered
    assert months["fte"].to_numpy() == pytest.approx((months["paid_h"] * 7 / 40 / months["days"]).to_numpy())


def test_whole_months_make_a_total_of_their_days():
    """August and September 2026 begin and end on what they may: 61 days, also where closed."""
    starts = office("2026-08-03", "2026-09-30")
    assert total_of(costs(required(starts), config_of(voice={"hours": OFFICE})))["days"] == 61


def test_a_holiday_at_the_end_counts_up_to_the_week():
    """Good Friday and Easter Monday 2026 are closed: two weeks of work end on Thursday, as 14 days."""
    queue = {"hours": OFFICE, "holidays": "DE", "holiday_hours": ""}
    found = total_of(costs(required(office("2026-03-23", "2026-04-02")), config_of(voice=queue)))
    assert found["days"] == 14


def test_days_in_part_count_by_their_working_time():
    """Wednesday from 13:00 is half of its eight hours."""
    starts = office("2026-03-04", "2026-03-10")
    costed = costs(required(starts[8:]), config_of(voice={"hours": OFFICE}))
    assert total_of(costed)["days"] == 6.5
    days = of_period(costed, "day")
    assert days["days"].to_dict()["2026-03-04"] == 0.5
    assert days["fte"].to_numpy() == pytest.approx(days["fte"].iloc[1])  # by the hour it is a day like others


@st.composite
def plans(draw):
    """Draw requirements of one queue: any zone, any stretch over some weeks, any agents."""
    timezone = draw(st.sampled_from([BERLIN, "America/Havana", "Asia/Kathmandu", "Pacific/Auckland", "UTC"]))
    first = draw(st.dates(date(2026, 1, 1), date(2026, 12, 1)))
    length = draw(st.integers(1, 45))
    hours = draw(st.sampled_from([(0, 24), (9, 17), (0, 6), (23, 24)]))
    weekdays = draw(st.sampled_from([range(7), range(5), range(6)]))
    last = first + pd.Timedelta(days=length - 1)
    starts = starts_of(first, last, timezone, hours=hours, weekdays=weekdays)
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    required_agents = random.integers(0, 200, len(starts))
    agents = (required_agents, required_agents + 3, required_agents + 9)
    names = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    spec = f"{names[weekdays[0]]}-{names[weekdays[-1]]} {hours[0]:02}:00-{hours[1]:02}:00"
    rows = required(starts, agents, random.uniform(0, 500, len(starts)), random.uniform(60, 600, len(starts)))
    rate = draw(st.floats(0, 1e4))
    return rows, config_of(timezone=timezone, staffing={"cost_per_hour": rate}, voice={"hours": spec}), rate


@settings(max_examples=examples(60), deadline=None)
@given(plans())
def test_days_months_and_total_add_up(plan):
    rows, config, rate = plan
    costed = costs(rows, config)
    if rows.empty:
        assert costed.empty
        return
    sums = costed.groupby("period")[SUMS].sum()
    for period in ("day", "month"):
        assert sums.loc[period].to_numpy() == pytest.approx(sums.loc["total"].to_numpy(), rel=1e-12)
    assert total_of(costed)["required_h"] == rows["agents_required"].sum() * 0.5
    assert costed["cost"].to_numpy() == pytest.approx(costed["paid_h"].to_numpy() * rate, rel=1e-12)
    assert (costed["days"] > 0).all()
    assert (costed["days"] <= costed["period_days"]).all()
    full_time = costed["fte"] * costed["days"] * 40 / 7  # hours that so many people are paid
    assert full_time.to_numpy() == pytest.approx(costed["paid_h"].to_numpy(), rel=1e-12)


@settings(max_examples=examples(30), deadline=None)
@given(plans(), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_is_of_no_account(plan, random):
    rows, config, _ = plan
    order = list(range(len(rows)))
    random.shuffle(order)
    found, expected = costs(rows.iloc[order], config), costs(rows, config)
    assert found["queue"].tolist() == expected["queue"].tolist()
    numbers = expected.select_dtypes("number").columns
    assert found[numbers].to_numpy(dtype=float) == pytest.approx(
        expected[numbers].to_numpy(dtype=float), rel=1e-12, nan_ok=True
    )


def test_a_queue_may_have_its_own_cost_and_all_queues_are_their_sum():
    staffing = {"cost_per_hour": 20}
    config = config_of(
        staffing=staffing, voice={"hours": OFFICE}, gold={"hours": OFFICE, "cost_per_hour": 30}
    )
    starts = office(MONDAY, "2026-03-13")
    both = pd.concat([required(starts), required(starts, agents=(3, 4, 5), offered=10.0, queue="gold")])
    costed = costs(both, config)
    voice, gold = total_of(costed), total_of(costed, "gold")
    assert voice["cost"] == pytest.approx(20 * voice["paid_h"])
    assert gold["cost"] == pytest.approx(30 * gold["paid_h"])
    sums = all_queues(costed)
    assert sums["period"].value_counts().to_dict() == {"day": 10, "month": 1, "total": 1}
    everything = sums[sums["period"] == "total"].iloc[0]
    assert everything["queues"] == 2
    for name in (*SUMS, "fte"):
        assert everything[name] == pytest.approx(voice[name] + gold[name])
    assert everything["cost_per_contact"] == pytest.approx(everything["cost"] / everything["contacts"])


def test_money_scales_with_its_unit_and_work_does_not():
    rows = required(office(MONDAY, "2026-03-06"))
    plain, dear = (
        costs(rows, config_of(staffing={"cost_per_hour": rate}, voice={"hours": OFFICE}))
        for rate in (1, 17.5)
    )
    assert dear["cost"].to_numpy() == pytest.approx(17.5 * plain["paid_h"].to_numpy())
    assert dear[["fte", *HOURS]].equals(plain[["fte", *HOURS]])


@pytest.mark.parametrize(
    ("mode", "left"),
    [
        pytest.param("additive", 1 - Fraction(27, 100), id="additive"),
        pytest.param("multiplicative", Fraction(92 * 97 * 91 * 95 * 98, 100**5), id="multiplicative"),
    ],
)
def test_exact_hours_are_the_fractional_agents_with_all_their_shrinkage(mode, left):
    shrinkage = {"leave": 0.08, "training": 0.03, "breaks": 0.09, "sickness": 0.05, "aux": 0.02}
    config = config_of(voice={"hours": OFFICE, "shrinkage": shrinkage, "shrinkage_mode": mode})
    forecast = required(office(MONDAY, "2026-03-06"))[["queue", "interval_start", "offered", "aht_s"]]
    staffed = staff(forecast, config, fractional=True)
    found = total_of(costs(staffed, config))
    fractional_h = staffed["agents_fractional"].sum() / 2
    assert found["paid_exact_h"] == pytest.approx(fractional_h / float(left), rel=1e-12)
    assert found["workload_h"] < fractional_h < found["required_h"]
    assert found["paid_exact_h"] < found["paid_h"]
    assert np.isnan(total_of(costs(staff(forecast, config), config))["paid_exact_h"])


def test_email_counts_contacts_where_their_work_is_planned():
    """What came by night or before the plan is worked on by day, and counted there."""
    queue = {"channel": "email", "deadline_h": 4, "hours": OFFICE, "service_level": None}
    config = config_of(mail=queue)
    starts = starts_of(MONDAY, "2026-03-08")
    forecast = required(starts, offered=5.0, aht_s=360.0, queue="mail")[
        ["queue", "interval_start", "offered", "aht_s"]
    ]
    arrived = pd.to_datetime(["2026-02-27T15:00Z"], utc=True).as_unit("us")
    backlog = pd.DataFrame({"queue": ["mail"], "arrived_at": arrived, "contacts": [100.0]})
    found = total_of(costs(staff(forecast, config, backlog), config), "mail")
    until_friday = 5 * 48 - 14  # half-hours up to the last one worked, 17:00
    assert found["contacts"] == pytest.approx(5 * until_friday + 100)
    assert found["workload_h"] == pytest.approx((5 * until_friday + 100) / 10)


def test_nothing_costs_nothing():
    assert costs(required(pd.DatetimeIndex([], tz="UTC")), config_of(voice={})).empty
    idle = total_of(costs(required(office(MONDAY, MONDAY), (0, 0, 0), offered=0.0), config_of(voice={})))
    assert (idle["paid_h"], idle["fte"], idle["cost"]) == (0, 0, 0)
    assert np.isnan(idle["cost_per_contact"])
