"""The stage: tables in, the service they give out, compared with what is known of it; faults in words."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from wfm.config import build_config
from wfm.conform import conform
from wfm.erlang import staff
from wfm.errors import ConfigError, DataError, LimitError
from wfm.simulate.build import Tables, build_scenario
from wfm.simulate.options import Options
from wfm.simulate.stage import simulate
from wfm.tables import AGENTS, BACKLOG, CONTACTS, DAYS, FORECAST, REQUIREMENTS, ROSTER

ZONE = "Europe/Berlin"
MONDAY = pd.Timestamp("2026-03-02", tz=ZONE)
TEXT: dict[str, Any] = {
    "centre": {"name": "c", "timezone": ZONE, "interval_min": 30},
    "queues": {
        "billing": {"hours": "Mon-Fri 08:00-18:00", "service_level": 0.8, "patience_s": 180},
        "sales": {"hours": "Mon-Fri 08:00-18:00", "service_level": 0.8, "patience_s": 180},
        "mail": {"channel": "email", "hours": "Mon-Fri 08:00-18:00", "deadline_h": 4},
    },
}


def config(**queues):
    """Return the configuration with some keys of some queues replaced."""
    own = {name: {**keys, **queues.get(name, {})} for name, keys in TEXT["queues"].items()}
    return build_config({**TEXT, "queues": own})


def forecast(queues=("billing",), calls=60.0, aht_s=180.0, days=2):
    """Return FORECAST of full days from 08:00 to 18:00."""
    hours = [
        pd.date_range(MONDAY + pd.Timedelta(days=d, hours=8), periods=20, freq="30min") for d in range(days)
    ]
    rows = [(queue, t) for queue in queues for day in hours for t in day]
    frame = pd.DataFrame(rows, columns=["queue", "interval_start"]).assign(offered=calls, aht_s=aht_s)
    bands = dict.fromkeys(
        ("offered_p025", "offered_p10", "offered_p50", "offered_p90", "offered_p975"), calls
    )
    return conform(frame.assign(**bands, model="given"), FORECAST)


def roster(*stretches, agents=1, skills="billing"):
    """Return ROSTER and AGENTS: everybody works these (day, from, to, activity)."""
    names = [f"a{number:02d}" for number in range(agents)]
    rows = [
        (
            agent,
            day + pd.Timedelta(begin),
            MONDAY.normalize().tz_localize(None),
            activity,
            day + pd.Timedelta(end),
        )
        for agent in names
        for day, begin, end, activity in ((MONDAY, *stretch) for stretch in stretches)
    ]
    frame = pd.DataFrame(rows, columns=["agent_id", "start", "shift_date", "activity", "end"])
    people = pd.DataFrame({"agent_id": names, "name": names, "contract": "full", "skills": skills})
    return conform(frame.assign(paid=True, site="c"), ROSTER), conform(people, AGENTS)


def test_staffed_intervals_give_what_their_formula_foretells():
    settings = config(billing={"load_model": "per_interval"})
    required = staff(forecast(calls=200.0, aht_s=120.0, days=5), settings)
    result = simulate(required, settings, options=Options(replications=200))
    foretold = required.set_index("interval_start")
    found = result.simulation.set_index("interval_start")
    late = pd.DatetimeIndex(found.index).tz_convert(ZONE).hour >= 9  # the day begins empty
    for column, tolerance in (("service_level", 0.02), ("abandonment", 0.01), ("occupancy", 0.01)):
        assert np.abs(found[column] - foretold[column])[late].mean() < tolerance
    assert not result.misses


def test_too_few_agents_are_named_with_the_interval_and_enough_are_not():
    settings = config()
    required = staff(forecast(), settings)
    short = required.copy()
    short.loc[4:6, "agents_required"] -= 3
    result = simulate(short, settings, options=Options(replications=100))
    named = {miss.interval_start for miss in result.misses}
    assert set(required["interval_start"][5:7]) <= named
    assert named <= set(
        required["interval_start"][4:9]
    )  # the line of the short ones is worked off after them
    assert result.misses[0].promise == "service_level"
    assert result.summary["queues"]["billing"]["intervals_missed"] == len(named)
    assert not simulate(required, settings, options=Options(replications=100)).misses


def test_contacts_are_conserved_and_the_offered_are_the_forecast():
    settings = config()
    required = staff(forecast(days=3), settings)
    table = simulate(required, settings, options=Options(replications=300)).simulation
    total = table["handled"] + table["abandoned"] + table["turned_away"]
    assert np.allclose(total, table["attempts"])
    assert table["offered"].sum() == pytest.approx(required["offered"].sum(), rel=0.01)
    assert table["offered"].equals(table["attempts"])
    assert len(table) == len(required)


def test_replications_go_on_until_the_precision_is_reached():
    settings = config()
    required = staff(forecast(calls=20.0, days=1), settings)
    coarse, fine = (simulate(required, settings, options=Options(precision=p)) for p in (0.05, 0.004))
    assert coarse.summary["queues"]["billing"]["service_level_half_width"] <= 0.05
    assert fine.summary["queues"]["billing"]["service_level_half_width"] <= 0.004
    assert fine.summary["replications"] > coarse.summary["replications"]


def test_the_same_seed_gives_the_same_tables_and_another_seed_others():
    settings = config()
    required = staff(forecast(("billing", "sales")), settings)
    one, two, other = (
        simulate(required, settings, options=Options(replications=20, seed=seed, workers=workers))
        for seed, workers in ((1, 1), (1, 3), (2, 1))
    )
    pd.testing.assert_frame_equal(one.simulation, two.simulation, check_exact=True)
    pd.testing.assert_frame_equal(one.days, two.days, check_exact=True)
    assert not one.simulation.equals(other.simulation)


def test_an_uncertain_day_spreads_the_service_of_days_and_keeps_the_mean_volume():
    required = staff(forecast(calls=100.0, days=5), config())
    certain, uncertain = config(), config(billing={"uncertainty": "mixture", "uncertainty_cv": 0.15})
    sure, unsure = (simulate(required, c, options=Options(replications=300)) for c in (certain, uncertain))
    spread = [(r.days["service_level_p90"] - r.days["service_level_p10"]).mean() for r in (sure, unsure)]
    assert spread[1] > 2 * spread[0]
    assert unsure.days["met"].mean() < sure.days["met"].mean()
    assert unsure.simulation["offered"].sum() == pytest.approx(required["offered"].sum(), rel=0.02)


def test_bands_of_day_totals_say_how_uncertain_a_day_is():
    settings = config()
    required = staff(forecast(calls=100.0), settings)
    dates = [MONDAY.tz_localize(None) + pd.Timedelta(days=d) for d in range(2)]
    cv = 0.2
    spread = 1.2815515655446004 * np.sqrt((cv * 2000) ** 2 + 2000)
    bands = {
        "offered_p025": 2000 - 1.6 * spread, "offered_p10": 2000 - spread, "offered_p50": 2000.0,
        "offered_p90": 2000 + spread, "offered_p975": 2000 + 1.6 * spread,
    }  # fmt: skip
    days = conform(
        pd.DataFrame({"queue": "billing", "date": dates, "offered": 2000.0, "aht_s": 180.0, **bands}), DAYS
    )
    tables = Tables(required, None, None, None, empty_backlog(), days, None)
    scenario, _ = build_scenario(tables, settings, Options())
    assert scenario.demand.day_cv == pytest.approx([cv])


def empty_backlog():
    return conform(pd.DataFrame(columns=BACKLOG.names), BACKLOG)


def test_a_roster_is_on_queue_when_it_says_so_and_breaks_touching_nothing_are_merged():
    settings = config()
    required = staff(forecast(days=1, calls=1.0), settings)
    segments = (
        ("8h", "10h", "on_queue"), ("10h", "10h15min", "break"), ("10h15min", "12h", "on_queue"),
        ("12h", "13h", "on_queue"), ("13h", "14h", "training"), ("14h", "16h", "on_queue"),
    )  # fmt: skip
    people, agents = roster(*segments, agents=2)
    tables = Tables(required, people, agents, None, empty_backlog(), None, None)
    scenario, span = build_scenario(tables, settings, Options(shrinkage=False))
    assert span.start == MONDAY + pd.Timedelta(hours=8)
    assert scenario.staff.begin[:3].tolist() == [0.0, 8100.0, 21600.0]
    assert scenario.staff.end[:3].tolist() == [7200.0, 18000.0, 28800.0]
    result = simulate(required, settings, roster=people, agents=agents, options=Options(replications=8))
    at = result.simulation.set_index("interval_start")["agents"]
    assert at[MONDAY + pd.Timedelta(hours=9)] == pytest.approx(2.0)
    assert at[MONDAY + pd.Timedelta(hours=17, minutes=30)] == 0.0


def test_a_queue_that_nobody_serves_is_told_and_its_contacts_leave():
    settings = config()
    required = staff(forecast(("billing", "sales"), days=1), settings)
    people, agents = roster(("8h", "18h", "on_queue"), agents=9)
    result = simulate(required, settings, roster=people, agents=agents, options=Options(replications=8))
    rows = result.simulation[result.simulation["queue"] == "sales"]
    assert "queue sales: nobody can serve it" in result.summary["warnings"]
    assert rows["handled"].sum() == 0
    assert np.allclose(rows["abandoned"] + rows["turned_away"], rows["attempts"])
    assert (rows["service_level"] == 0).all()


def test_without_patience_a_queue_that_nobody_serves_turns_everybody_away():
    settings = config(sales={"patience_s": None} | {"service_level": 0.8})
    required = staff(forecast(("sales",), days=1, calls=5.0), settings)
    people, agents = roster(("8h", "18h", "on_queue"))
    rows = simulate(
        required, settings, roster=people, agents=agents, options=Options(replications=4)
    ).simulation
    assert np.allclose(rows["turned_away"], rows["attempts"])
    assert rows["backlog"].iloc[-1] == pytest.approx(rows["attempts"].sum())


def test_patience_of_next_to_nothing_is_the_loss_formula():
    settings = config(billing={"patience_s": 1e-6})
    required = staff(forecast(days=1), settings).assign(agents_required=6)
    table = simulate(required, settings, options=Options(replications=400)).simulation
    load, blocked = 6.0, 1.0
    for n in range(1, 7):
        blocked = load * blocked / (n + load * blocked)
    assert table["abandonment"][2:].mean() == pytest.approx(blocked, abs=0.01)


def test_unplanned_shrinkage_is_drawn_for_scheduled_agents_and_not_for_required_ones():
    settings = config(billing={"shrinkage": {"sickness": 0.1, "aux": 0.1}, "shrinkage_planned": []})
    required = staff(forecast(calls=200.0, days=5), settings)
    scheduled, plain = (
        simulate(required, settings, options=Options(staffing=staffing, replications=100)).simulation
        for staffing in ("scheduled", "required")
    )
    share = scheduled["agents"].sum() / required["agents_to_schedule"].sum()
    assert share == pytest.approx(0.8, abs=0.02)  # contacts are finished into absences
    assert plain["agents"].sum() == pytest.approx(required["agents_required"].sum(), rel=0.01)


def test_deferred_work_left_from_before_is_done_and_deadlines_are_counted():
    settings = config()
    expected = forecast(("mail",), calls=10.0, aht_s=300.0)
    old = conform(
        pd.DataFrame({"queue": ["mail"], "arrived_at": [MONDAY - pd.Timedelta(days=1)], "contacts": [30.0]}),
        BACKLOG,
    )
    required = staff(expected, settings, old)
    with_old, without = (
        simulate(required, settings, forecast=expected, backlog=backlog, options=Options(replications=40))
        for backlog in (old, None)
    )
    first = with_old.simulation["backlog"].iloc[0] - without.simulation["backlog"].iloc[0]
    assert 5 < first <= 30
    table = without.simulation
    assert table["service_level"].isna().all()
    assert table["within_deadline"].dropna().between(0, 1).all()
    assert table["within_deadline"].iloc[-1] != table["within_deadline"].iloc[-1]  # due after the end
    assert without.summary["queues"]["mail"]["within_deadline"] > 0.9


def test_measured_handle_times_keep_the_mean_and_lose_the_long_tail():
    settings = config()
    required = staff(forecast(calls=100.0), settings)
    log = pd.DataFrame(
        {
            "contact_id": [str(n) for n in range(500)], "queue": "billing", "wait_s": 0.0,
            "outcome": "handled",
            "arrived_at": MONDAY, "talk_s": np.where(np.arange(500) % 2, 170.0, 190.0),
        }
    )  # fmt: skip
    contacts = conform(log, CONTACTS)
    measured, formula = (
        simulate(required, settings, contacts=given, options=Options(replications=200))
        for given in (contacts, None)
    )
    steady, wild = measured.simulation, formula.simulation
    without_acw = "queue billing: the log has no after-contact work, agents look free too early"
    assert without_acw in measured.summary["warnings"]
    assert without_acw not in formula.summary["warnings"]
    assert steady["occupancy"].mean() == pytest.approx(wild["occupancy"].mean(), abs=0.01)
    assert steady["asa_s"].mean() < wild["asa_s"].mean()


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        pytest.param({"empty": True}, DataError, "no rows", id="no requirements"),
        pytest.param({"queue": "other"}, ConfigError, "no such queue", id="unknown queue"),
        pytest.param({"offered": 1e9}, DataError, "contacts in one replication", id="absurd load"),
        pytest.param({"agents": 10**7}, DataError, "agents in one interval", id="absurd staff"),
        pytest.param({"shift": True}, DataError, "not a multiple of 30 min", id="other grid"),
    ],
)
def test_what_cannot_be_played_is_refused_in_words(change, error, words):
    settings = config()
    required = staff(forecast(days=1), settings)
    if "empty" in change:
        required = required.iloc[:0]
    if "queue" in change:
        required = required.assign(queue="other")
    if "offered" in change:
        required = required.assign(offered=change["offered"])
    if "agents" in change:
        required = required.assign(agents_required=change["agents"])
    if "shift" in change:
        late = required["interval_start"] + pd.Timedelta(minutes=10)
        required["interval_start"] = required["interval_start"].where(required.index != 3, late)
    with pytest.raises(error) as caught:
        simulate(conform(required, REQUIREMENTS), settings, options=Options(replications=2))
    assert words in str(caught.value)


def test_a_roster_of_other_weeks_or_unknown_agents_is_refused_in_words():
    settings = config()
    required = staff(forecast(days=1), settings)
    people, agents = roster(("8h", "18h", "on_queue"))
    later = people.assign(
        start=people["start"] + pd.Timedelta(days=70),
        end=people["end"] + pd.Timedelta(days=70),
        shift_date=people["shift_date"] + pd.Timedelta(days=70),
    )
    with pytest.raises(DataError, match=r"its shifts are of 2026-05-11 to 2026-05-11"):
        simulate(required, settings, roster=later, agents=agents)
    with pytest.raises(DataError, match="not in agents"):
        simulate(required, settings, roster=people, agents=agents.assign(agent_id="someone"))


def test_contacts_that_pile_up_beyond_all_room_end_with_a_message(monkeypatch):
    monkeypatch.setattr("wfm.simulate.replications.FIRST_CONTACTS", 100)
    monkeypatch.setattr("wfm.simulate.replications.MOST_CONTACTS", 1000)
    settings = config(billing={"patience_s": None, "redial_probability": 0.0}, mail={"deadline_h": 400})
    required = staff(forecast(("mail",), calls=500.0), settings).assign(agents_required=1)
    with pytest.raises(LimitError, match="contacts wait at once"):
        simulate(required, settings, options=Options(replications=1))
