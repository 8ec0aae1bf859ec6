"""Sensitivity: levers against brute force, shrinkage by hand, monotony, the plan under other demand."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, isnan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tests.erlang import oracle
from tests.erlang.day_simulator import Day, service_levels, simulate_days
from tests.examples import examples
from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang.costing import costs
from wfm.erlang.planned_service import planned_service
from wfm.erlang.sensitivity import sensitivity
from wfm.erlang.staffing import staff
from wfm.tables import SENSITIVITY

AMOUNTS = ["required_h", "scheduled_h", "paid_h", "fte", "cost"]
OFFICE = "Mon-Fri 09:00-17:00"
SHRINKAGE = {"leave": 0.08, "training": 0.03, "breaks": 0.09, "sickness": 0.05, "aux": 0.02}
SHAPE = 0.5 + np.sin(np.linspace(0.1, 3.0, 32))  # of a day of 32 quarters


def config_of(staffing=None, **queues):
    ready = {
        name: {"service_level": 0.8, "hours": OFFICE, "load_model": "per_interval"} | queue
        for name, queue in queues.items()
    }
    centre = {"timezone": "Europe/Berlin", "interval_min": 15}
    return build_config({"centre": centre, "staffing": staffing or {}, "queues": ready})


def forecast_of(offered, aht_s=200.0, queue="voice"):
    """Return a forecast of the quarters from Monday 09:00, one for each element of `offered`."""
    first = pd.Timestamp("2026-03-02T09:00", tz="Europe/Berlin").tz_convert("UTC")
    starts = pd.date_range(first, periods=len(offered), freq="15min", unit="us")
    return pd.DataFrame(
        {"queue": queue, "interval_start": starts, "offered": offered, "aht_s": aht_s}
    ).astype({"queue": "str"})


def varied(forecast, config, backlog=None, *, fractional=False):
    return sensitivity(
        forecast, config, staff(forecast, config, backlog, fractional=fractional), backlog
    ).set_index(["queue", "lever", "change"])


def fewest_by_states(load, aht_s, target, within_s=20):
    """Return the fewest agents of Erlang C, counted up from the load with 25 digits."""
    agents = int(load) + 1
    while oracle.erlang_c(agents, load, aht_s, within_s)["service_level"] < target:
        agents += 1
    return agents


def test_every_row_is_a_count_of_agents_by_the_states_of_the_queue():
    """Volume, handle time and target, each interval staffed by summing the states of Erlang C."""
    offered, aht_s = 40 * SHAPE[::4], 200.0
    staffing = {"volume_steps": [0.1, 0.25], "aht_steps": [0.2], "service_level_steps": [0.05, 0.15]}
    config = config_of(staffing | {"fte_week_hours": 35, "cost_per_hour": 18}, voice={})
    found = varied(forecast_of(offered), config)

    def hours(volume=1.0, longer=1.0, target=0.8):
        loads = offered * volume * aht_s * longer / 900
        return sum(fewest_by_states(load, aht_s * longer, target) for load in loads) / 4

    planned = hours()
    wanted = {("volume", step): hours(volume=1 + step) for step in (-0.25, -0.1, 0.1, 0.25)}
    wanted |= {("aht", step): hours(longer=1 + step) for step in (-0.2, 0.2)}
    wanted |= {("service_level", step): hours(target=0.8 + step) for step in (-0.15, -0.05, 0.05, 0.15)}
    rows = found.drop(["planned_shrinkage", "unplanned_shrinkage"], level="lever").loc["voice"]
    assert {place: row["required_h"] for place, row in rows.iterrows()} == wanted
    assert rows["required_h_change"].to_numpy() == pytest.approx((rows["required_h"] - planned).to_numpy())
    # Two hours of a Monday are a quarter of a day, the only one.
    assert rows["fte"].to_numpy() == pytest.approx((rows["paid_h"] * 7 / 35 / 0.25).to_numpy())
    assert rows["cost"].to_numpy() == pytest.approx((rows["paid_h"] * 18).to_numpy())


def test_the_plan_under_other_demand_is_the_steady_state_of_its_agents():
    """Service, abandonment and occupancy of fixed agents, by states and integrals, weighted by contacts."""
    offered, aht_s = 30 * SHAPE[::16], 220.0
    variants = ("offered", "excluding_abandoned_in_target", "abandons_in_target_good", "answered")
    queues = {name: {"patience_s": 150, "service_level_variant": name} for name in variants}
    config = config_of({"volume_steps": [0.2], "aht_steps": [0.1]}, **queues)
    forecast = pd.concat([forecast_of(offered, aht_s, name) for name in variants])
    required = staff(forecast, config)
    found = dict(sensitivity(forecast, config, required).set_index(["queue", "lever", "change"]).iterrows())
    levers = (("volume", 0.2), ("aht", -0.1))
    for number, name in enumerate(variants):
        agents = required[required["queue"] == name]["agents_required"].tolist()
        for lever, change in levers if number == 0 else levers[number % 2 :][:1]:
            row = found[name, lever, change]
            calls = offered * (1 + change if lever == "volume" else 1)
            handle_s = aht_s * (1 + change if lever == "aht" else 1)
            each = [
                oracle.erlang_a(n, c * handle_s / 900, handle_s, 150, 20)
                for n, c in zip(agents, calls, strict=True)
            ]
            wanted = by_hand(name, calls, agents, each)
            assert row[["service_level", "abandonment", "occupancy"]].tolist() == pytest.approx(
                wanted, rel=1e-9
            )


def by_hand(variant, calls, agents, each):
    """Return sum over sum of what the definition counts; `each` holds the shares of one interval."""
    in_target = sum(c * e["answered_in_target"] for c, e in zip(calls, each, strict=True))
    longer = sum(c * e["longer"] for c, e in zip(calls, each, strict=True))
    abandoned = sum(c * e["abandonment"] for c, e in zip(calls, each, strict=True))
    level = {
        "offered": in_target / calls.sum(),
        "excluding_abandoned_in_target": in_target / (in_target + longer),
        "abandons_in_target_good": 1 - longer / calls.sum(),
        "answered": in_target / (calls.sum() - abandoned),
    }[variant]
    busy = sum(n * e["occupancy"] for n, e in zip(agents, each, strict=True))
    return [float(level), float(abandoned / calls.sum()), float(busy / sum(agents))]


def test_the_plan_under_its_own_demand_is_what_the_requirements_say():
    config = config_of(voice={"patience_s": 150}, patient={}, chat={"channel": "chat", "concurrency": 3})
    forecast = pd.concat([forecast_of(25 * SHAPE, 200.0, name) for name in config.queues])
    required = staff(forecast, config)
    found = planned_service(required, config)
    for queue, rows in required.groupby("queue"):
        name = str(queue)
        for measure in ("service_level", "abandonment"):
            wanted = (rows[measure] * rows["offered"]).sum() / rows["offered"].sum()
            assert found.loc[name, measure] == pytest.approx(wanted, rel=1e-12)
        assert found.loc[name, "occupancy"] == pytest.approx(
            (rows["occupancy"] * rows["agents_required"]).sum() / rows["agents_required"].sum(), rel=1e-12
        )


@pytest.mark.parametrize("change", [-0.1, 0.1])
def test_the_plan_along_a_moving_load_is_what_simulated_days_show(change):
    """Handle times of half an hour, 10 % more or fewer calls than the agents were planned for."""
    offered, aht_s, patience_s = 60 * SHAPE, 1800.0, 300.0
    config = config_of(
        {"volume_steps": [0.1]}, voice={"patience_s": patience_s, "load_model": "offered_load"}
    )
    required = staff(forecast_of(offered, aht_s), config)
    found = planned_service(required, config, {"offered": 1 + change})
    agents = required["agents_required"].to_numpy()
    day = Day(offered * (1 + change), agents, 900.0, aht_s, patience_s, 20.0)
    calls, in_time = simulate_days(day, 1500, np.random.default_rng(7))
    assert found.loc["voice", "service_level"] == pytest.approx(in_time.sum() / calls.sum(), abs=0.015)


@pytest.mark.parametrize("patience_s", [200.0, None])
def test_along_a_moving_load_too_the_plan_under_its_own_demand_is_what_the_requirements_say(patience_s):
    """To a third of a point: requirements take a load that hardly moves for one that stands."""
    queue = {"load_model": "offered_load"} | ({"patience_s": patience_s} if patience_s else {})
    config = config_of(voice=queue)
    required = staff(forecast_of(40 * SHAPE, 420.0), config)
    wanted = (required["service_level"] * required["offered"]).sum() / required["offered"].sum()
    assert planned_service(required, config).loc["voice", "service_level"] == pytest.approx(
        wanted, abs=0.0035
    )


def test_only_the_load_counts_where_calls_are_lost():
    """Erlang B: as many more calls, or as much longer ones, are the same; and blocked by its formula."""
    queue = {"service_level": None, "max_blocking": 0.02, "queue_model": "erlang_b"}
    config = config_of({"volume_steps": [0.1], "aht_steps": [0.1]}, voice=queue)
    forecast = forecast_of(50 * SHAPE[::8])
    found = varied(forecast, config).loc["voice"]
    for change in (-0.1, 0.1):
        volume, aht = found.loc[("volume", change)], found.loc[("aht", change)]
        assert volume[AMOUNTS].tolist() == aht[AMOUNTS].tolist()
        assert volume["service_level"] == pytest.approx(aht["service_level"], rel=1e-12)
        loads = forecast["offered"] * 200 * (1 + change) / 900
        agents = staff(forecast, config)["agents_required"]
        lost = [oracle.erlang_b(n, load) for n, load in zip(agents, loads, strict=True)]
        wanted = 1 - float((np.array(lost, dtype=float) * loads).sum() / loads.sum())
        assert volume["service_level"] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize(
    ("mode", "planned", "unplanned"),
    [
        pytest.param("additive", Fraction(20, 100), Fraction(7, 100), id="additive"),
        pytest.param(
            "multiplicative",
            1 - Fraction(92 * 97 * 91, 100**3),
            1 - Fraction(95 * 98, 100**2),
            id="multiplicative",
        ),
    ],
)
def test_shrinkage_by_hand(mode, planned, unplanned):
    """Every number of agents required, grossed up in fractions and rounded up once."""
    config = config_of(voice={"shrinkage": SHRINKAGE, "shrinkage_mode": mode})
    forecast = forecast_of(40 * SHAPE)
    required = staff(forecast, config, fractional=True)
    found = dict(sensitivity(forecast, config, required).set_index(["lever", "change"]).iterrows())
    for lever in ("planned_shrinkage", "unplanned_shrinkage"):
        for change in (-0.05, -0.02, 0.02, 0.05):
            points = Fraction(str(change))
            p = planned + points * (lever == "planned_shrinkage")
            u = unplanned + points * (lever == "unplanned_shrinkage")
            left = (1 - p - u) / (1 - p) if mode == "additive" else 1 - u
            everything = 1 - p - u if mode == "additive" else (1 - u) * (1 - p)
            agents = [int(n) for n in required["agents_required"]]
            row = found[lever, change]
            assert row["required_h"] == sum(agents) / 4
            assert row["scheduled_h"] == sum(ceil(n / left) for n in agents) / 4
            assert row["paid_h"] == sum(ceil(n / everything) for n in agents) / 4
            exact = required["agents_fractional"].sum() / 4 / float(everything)
            assert row["paid_exact_h"] == pytest.approx(exact, rel=1e-12)
            assert isnan(row["service_level"])


@settings(max_examples=examples(12, quick=4), deadline=None)
@given(
    scale=st.floats(0.5, 300),
    aht_s=st.floats(20, 900),
    patience_s=st.one_of(st.none(), st.floats(10, 900)),
    level=st.floats(0.3, 0.9),
)
def test_more_work_never_needs_fewer_agents_and_never_serves_better(scale, aht_s, patience_s, level):
    steps = [0.02, 0.2]
    staffing = {f"{name}_steps": steps for name in ("volume", "aht", "service_level", "shrinkage")}
    queue = {"service_level": level, "shrinkage": SHRINKAGE}
    config = config_of(staffing, voice=queue | ({"patience_s": patience_s} if patience_s else {}))
    found = varied(forecast_of(scale * SHAPE[::8], aht_s), config).loc["voice"]
    levers = ["volume", "service_level", "planned_shrinkage", "unplanned_shrinkage"]
    if patience_s is None:  # long calls may need fewer where they make the line short by who leaves it
        levers.append("aht")
    for lever in levers:
        rows = found.loc[lever].sort_index()
        for amount in AMOUNTS:
            assert rows[amount].is_monotonic_increasing
            assert (rows[f"{amount}_change"] * np.sign(rows.index) >= 0).all()
    rows = found.loc["volume"].sort_index()
    assert (np.diff(rows["service_level"]) <= 1e-12).all()
    assert (np.diff(rows["occupancy"]) >= -1e-12).all()
    assert (np.diff(rows["abandonment"]) >= -1e-12).all()


def test_changes_are_measured_from_the_costs_of_the_requirements():
    staffing = {"cost_per_hour": 20, "fte_week_hours": 38.5}
    config = config_of(
        staffing, voice={"patience_s": 100, "shrinkage": SHRINKAGE}, gold={"cost_per_hour": 31}
    )
    forecast = pd.concat([forecast_of(40 * SHAPE), forecast_of(9 * SHAPE, 300.0, "gold")])
    required = staff(forecast, config, fractional=True)
    found = sensitivity(forecast, config, required)
    assert_frame_equal(found, conform(found, SENSITIVITY))
    costed = costs(required, config)
    totals = costed[costed["period"] == "total"].set_index("queue")
    for name in (*AMOUNTS, "paid_exact_h"):
        before = (found[name] - found[f"{name}_change"]).to_numpy()
        assert before == pytest.approx(totals.loc[found["queue"], name].to_numpy(), rel=1e-12)
    demand = found[found["lever"].isin(["volume", "aht"])]
    planned = planned_service(required, config)["service_level"]
    assert (demand["service_level"] - demand["service_level_change"]).to_numpy() == pytest.approx(
        planned[demand["queue"]].to_numpy(), rel=1e-12
    )


def test_a_handle_time_that_crosses_the_border_of_auto_keeps_its_load_model():
    """225 s are a quarter of 15 minutes: 220 s are staffed interval by interval, and so are 231."""
    forecast = forecast_of(40 * SHAPE, 220.0)
    auto, fixed = (
        config_of({"aht_steps": [0.05]}, voice={"patience_s": 120, "load_model": load_model})
        for load_model in ("auto", "per_interval")
    )
    assert_frame_equal(
        sensitivity(forecast, auto, staff(forecast, auto)),
        sensitivity(forecast, fixed, staff(forecast, fixed)),
    )
    moved = staff(forecast.assign(aht_s=231.0), auto)
    row = varied(forecast, auto).loc[("voice", "aht", 0.05)]
    assert row["required_h"] != moved["agents_required"].sum() / 4  # what the other model would have said


def test_steps_that_leave_no_legal_share_have_no_row():
    staffing = {"shrinkage_steps": [0.04, 0.96], "service_level_steps": [0.05, 0.3]}
    config = config_of(staffing, voice={"service_level": 0.96, "shrinkage": {"sickness": 0.03}})
    found = varied(forecast_of(20 * SHAPE[:4]), config).loc["voice"]
    assert found.loc["service_level"].index.tolist() == [-0.3, -0.05]
    assert found.loc["planned_shrinkage"].index.tolist() == [0.04, 0.96]
    assert found.loc["unplanned_shrinkage"].index.tolist() == [0.04, 0.96]
    only_asa = config_of(voice={"service_level": None, "asa_s": 20})
    assert "service_level" not in varied(forecast_of(20 * SHAPE[:4]), only_asa).index.unique("lever")
    none: dict[str, list[float]] = {
        f"{name}_steps": [] for name in ("volume", "aht", "shrinkage", "service_level")
    }
    assert varied(forecast_of(20 * SHAPE[:4]), config_of(none, voice={})).empty


def test_a_step_named_twice_is_one_step():
    steps = {"volume_steps": [0.1, 0.05, 0.1]}
    found = varied(forecast_of(20 * SHAPE[:4]), config_of(steps, voice={})).loc["voice"]
    assert found.loc["volume"].index.tolist() == [-0.1, -0.05, 0.05, 0.1]


def test_email_needs_agents_for_its_arrivals_and_the_backlog_as_it_is():
    """Work is arrivals x handle time: volume moves what arrives, the handle time all of it."""
    queue = {"channel": "email", "deadline_h": 4, "service_level": None, "load_model": "auto"}
    config = config_of({"volume_steps": [0.5], "aht_steps": [0.5]}, mail=queue)
    forecast = forecast_of(np.full(32, 30.0), 300.0, "mail")
    arrived = pd.to_datetime(["2026-03-02T07:00Z"], utc=True).as_unit("us")
    backlog = pd.DataFrame({"queue": ["mail"], "arrived_at": arrived, "contacts": [320.0]})
    found = varied(forecast, config, backlog, fractional=True).loc["mail"]
    hours = 300 / 3600
    assert found.loc[("volume", 0.5), "paid_exact_h"] == pytest.approx((1.5 * 960 + 320) * hours)
    assert found.loc[("volume", -0.5), "paid_exact_h"] == pytest.approx((0.5 * 960 + 320) * hours)
    assert found.loc[("aht", 0.5), "paid_exact_h"] == pytest.approx(1.5 * (960 + 320) * hours)
    assert found["service_level"].isna().all()


def test_email_that_is_blended_moves_with_the_target_of_its_live_queue():
    """What it needs beyond the agents of calls depends on how many those are."""
    mail = {"channel": "email", "deadline_h": 4, "service_level": None, "load_model": "auto"}
    config = config_of(
        {"service_level_steps": [0.15]},
        voice={"patience_s": 120},
        mail=mail | {"blend_with": "voice"},
        letters=mail,
    )
    parts = [forecast_of(30 * SHAPE)] + [forecast_of(12 * SHAPE, 300.0, name) for name in ("mail", "letters")]
    forecast = pd.concat(parts)
    found = varied(forecast, config).xs("service_level", level="lever")["required_h"]
    assert set(found.index.unique("queue")) == {"voice", "mail"}
    for change, level in ((-0.15, 0.65), (0.15, 0.95)):
        voice = config.queues["voice"].model_copy(update={"service_level": level})
        other = config.model_copy(update={"queues": config.queues | {"voice": voice}})
        hours = staff(forecast, other).groupby("queue")["agents_required"].sum() / 4
        assert found.xs(change, level="change").to_dict() == hours[["mail", "voice"]].to_dict()


def test_the_simulated_days_of_this_test_settle_where_the_load_stands():
    """The simulator itself: a load that stands still gives Erlang A."""
    day = Day(np.full(40, 30.0), np.full(40, 9), 900.0, 240.0, 150.0, 20.0)
    level, error = service_levels(day, 1500)
    wanted = float(oracle.erlang_a(9, 8.0, 240.0, 150.0, 20)["answered_in_target"])
    assert np.abs(level[8:].mean() - wanted) < 4 * error[8:].mean() / np.sqrt(32) + 1e-3


def test_without_requirements_nothing_varies():
    forecast = forecast_of(20 * SHAPE[:4])
    shut = config_of(voice={"hours": "Sun 09:00-17:00"})
    assert sensitivity(forecast, shut, staff(forecast, shut)).empty
