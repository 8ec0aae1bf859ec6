"""Laws that hold whatever the numbers: conservation, Little's law, identities between models, order, scale.

The limits of Erlang A and the states of every model are in test_models, minimality is in test_targets.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.erlang.fractional import fractional_agents
from wfm.erlang.measures import VARIANTS
from wfm.erlang.models import Answering, QueueingModel, performance
from wfm.erlang.targets import Targets, fewest_agents

B, C = QueueingModel("erlang_b"), QueueingModel("erlang_c")
IMPATIENT = [
    pytest.param(QueueingModel("erlang_a", 15.0), id="A in a hurry"),
    pytest.param(QueueingModel("erlang_a", 300.0), id="A"),
    pytest.param(QueueingModel("erlang_x", 120.0, 0.6), id="X"),
    pytest.param(QueueingModel("chat", 180.0, slowdowns=(1.0, 1.2, 1.4)), id="chat"),
]
PATIENT = [
    pytest.param(C, id="C"),
    pytest.param(QueueingModel("chat", slowdowns=(1.0, 1.3)), id="patient chat"),
]
QUEUES = [*PATIENT, *IMPATIENT]
AGENTS, RATIOS = st.integers(1, 90), st.floats(0.1, 1.6)
TARGETS = st.builds(
    Targets,
    service_level=st.floats(0.02, 0.995),
    answer_within_s=st.sampled_from([0.0, 8.0, 32.0, 512.0]),
    service_level_variant=st.sampled_from(VARIANTS),
    asa_s=st.floats(0.5, 120),
    max_abandonment=st.floats(0.005, 0.5),
    max_occupancy=st.floats(0.3, 0.99),
)
SINGLE = ("service_level", "asa_s", "max_abandonment", "max_occupancy")


def load_of(model, agents, ratio):
    """Return a load that is `ratio` of the capacity; patient queues stay below it."""
    share = min(ratio, 0.97) if model.patient else ratio
    return agents * share * len(model.slowdowns) / model.slowdowns[-1]


@pytest.mark.parametrize("model", QUEUES)
@given(agents=AGENTS, ratio=RATIOS, aht_s=st.floats(20, 2000))
def test_littles_law_holds_for_the_line(model, agents, ratio, aht_s):
    load = load_of(model, agents, ratio)
    found = performance(model, agents, load, aht_s)
    arrivals_per_s = load * float(found.attempts) / aht_s
    assert float(found.queue_length) == pytest.approx(arrivals_per_s * float(found.mean_wait_s), rel=1e-10)


@pytest.mark.parametrize("model", [pytest.param(B, id="B"), QUEUES[0], *QUEUES[2:5]])
@given(agents=AGENTS, ratio=RATIOS, aht_s=st.floats(20, 2000))
def test_busy_agents_are_the_throughput_times_the_handle_time(model, agents, ratio, aht_s):
    load = load_of(model, agents, ratio)
    found = performance(model, agents, load, aht_s)
    lost = float(found.abandonment) + float(found.blocking)
    served = load * float(found.attempts) * (1 - lost)
    assert float(found.occupancy) * agents == pytest.approx(served, rel=1e-10)


@pytest.mark.parametrize("model", IMPATIENT)
@given(agents=AGENTS, ratio=RATIOS, within_s=st.floats(0, 300))
def test_answered_and_abandoned_are_all_contacts(model, agents, ratio, within_s):
    load = load_of(model, agents, ratio)
    in_target = performance(model, agents, load, 240, Answering(within_s))
    of_answered = performance(model, agents, load, 240, Answering(within_s, "answered"))
    answered = float(in_target.service_level) / float(of_answered.service_level)
    assert answered + float(in_target.abandonment) == pytest.approx(1.0, rel=1e-9)


@pytest.mark.parametrize("model", IMPATIENT)
@given(agents=AGENTS, ratio=RATIOS)
def test_who_abandons_leaves_the_line_at_the_rate_of_patience(model, agents, ratio):
    found = performance(model, agents, load_of(model, agents, ratio), 240)
    assert float(found.abandonment) == pytest.approx(float(found.mean_wait_s) / model.patience_s, rel=1e-10)


@given(agents=st.integers(1, 600), ratio=st.floats(0.2, 2.0))
def test_erlang_b_follows_its_recursion(agents, ratio):
    load = agents * ratio
    less, more = performance(B, [agents - 1, agents], load, 1.0).blocking
    assert more == pytest.approx(load * less / (agents + load * less), rel=1e-11)


@given(agents=st.integers(1, 600), ratio=st.floats(0.2, 0.999))
def test_erlang_c_follows_from_erlang_b(agents, ratio):
    load = agents * ratio
    blocked = float(performance(B, agents, load, 1.0).blocking)
    p_wait = float(performance(C, agents, load, 1.0).p_wait)
    assert p_wait == pytest.approx(agents * blocked / (agents - load * (1 - blocked)), rel=1e-10)


@given(agents=st.integers(1, 80), ratio=st.floats(0.1, 0.98))
def test_a_patient_chat_with_one_slot_is_erlang_c(agents, ratio):
    chat, voice = (performance(model, agents, agents * ratio, 300) for model in (QueueingModel("chat"), C))
    for measure in ("service_level", "asa_s", "occupancy", "p_wait"):
        assert float(getattr(chat, measure)) == pytest.approx(float(getattr(voice, measure)), rel=1e-10)


@pytest.mark.parametrize("model", IMPATIENT)
@given(agents=AGENTS, ratio=RATIOS, within_s=st.floats(0, 300), short=st.floats(0, 1))
def test_the_definitions_of_service_level_keep_their_order(model, agents, ratio, within_s, short):
    """With abandoned in time L and all lost A: 1 >= 1 - short >= 1 - L >= 1 - A divide what is in time."""
    load = load_of(model, agents, ratio)
    level = {
        variant: float(
            performance(
                model, agents, load, 240, Answering(within_s, variant, short * within_s)
            ).service_level
        )
        for variant in VARIANTS
    }
    rising = ("offered", "excluding_short", "excluding_abandoned_in_target", "answered")
    assert (np.diff([level[variant] for variant in rising]) >= -1e-12).all()
    assert level["abandons_in_target_good"] >= level["excluding_abandoned_in_target"] - 1e-12
    assert max(level.values()) <= 1 + 1e-12


@pytest.mark.parametrize("model", PATIENT)
@given(agents=AGENTS, ratio=st.floats(0.1, 0.97), within_s=st.floats(0, 300))
def test_where_nobody_abandons_all_definitions_agree(model, agents, ratio, within_s):
    load = load_of(model, agents, ratio)
    levels = [
        float(performance(model, agents, load, 240, Answering(within_s, variant)).service_level)
        for variant in VARIANTS
    ]
    assert max(levels) - min(levels) <= 1e-12


@pytest.mark.parametrize("model", QUEUES)
@given(
    agents=AGENTS,
    ratio=st.floats(0.1, 1.2),
    more=st.floats(1.0, 1.3),
    variant=st.sampled_from(VARIANTS),
    within_s=st.sampled_from([0.0, 20.0, 200.0]),
)
def test_more_contacts_worsen_every_measure(model, agents, ratio, more, variant, within_s):
    few = load_of(model, agents, ratio)
    found = performance(model, agents, [few, few * more], 240, Answering(within_s, variant))
    assert np.diff(found.service_level)[0] <= 1e-11
    waits = [pair for pair in (found.asa_s, found.mean_wait_s) if np.isfinite(pair).all()]
    for rising in (found.abandonment, found.occupancy, found.p_wait, *waits):
        assert np.diff(rising)[0] >= -1e-11 * (1 + rising[0])


@pytest.mark.parametrize("model", QUEUES)
@given(agents=AGENTS, ratio=RATIOS, within_s=st.floats(0, 200), longer=st.floats(0, 200))
def test_a_longer_threshold_raises_the_service_level(model, agents, ratio, within_s, longer):
    load = load_of(model, agents, ratio)
    soon = performance(model, agents, load, 240, Answering(within_s)).service_level
    late = performance(model, agents, load, 240, Answering(within_s + longer)).service_level
    assert float(soon) <= float(late) + 1e-12


@given(agents=AGENTS, ratio=RATIOS, patience_s=st.floats(5, 2000), longer=st.floats(1, 10))
def test_more_patience_means_fewer_lost_and_longer_waits(agents, ratio, patience_s, longer):
    load = agents * ratio
    hasty, calm = (
        performance(QueueingModel("erlang_a", patience), agents, load, 240)
        for patience in (patience_s, patience_s * longer)
    )
    assert float(hasty.abandonment) >= float(calm.abandonment) - 1e-12
    assert float(hasty.mean_wait_s) <= float(calm.mean_wait_s) * (1 + 1e-9) + 1e-12


@given(agents=AGENTS, ratio=RATIOS, redials=st.floats(0, 0.95))
def test_redials_worsen_service_and_stay_within_their_bounds(agents, ratio, redials):
    load = agents * ratio
    plain = performance(QueueingModel("erlang_a", 120), agents, load, 240)
    again = performance(QueueingModel("erlang_x", 120, redials), agents, load, 240)
    assert float(again.service_level) <= float(plain.service_level) + 1e-12
    assert float(again.abandonment) >= float(plain.abandonment) - 1e-12
    assert 1 <= float(again.attempts) <= 1 / (1 - redials) * (1 + 1e-12)


@pytest.mark.parametrize("model", QUEUES)
@given(calls=st.floats(0.1, 2000), aht_s=st.floats(20, 900), targets=TARGETS)
def test_all_targets_together_need_what_the_hardest_needs(model, calls, aht_s, targets):
    alone = [
        int(
            fewest_agents(
                model, calls, 3600, aht_s, replace(targets, **(dict.fromkeys(SINGLE) | {name: value}))
            )
        )
        for name in SINGLE
        if (value := getattr(targets, name)) is not None
    ]
    assert int(fewest_agents(model, calls, 3600, aht_s, targets)) == max(alone)


@pytest.mark.parametrize("model", QUEUES)
@given(calls=st.floats(0.1, 2000), level=st.floats(0.05, 0.99), share=st.floats(0.5, 1.0))
def test_a_softer_target_never_needs_more(model, calls, level, share):
    hard = fewest_agents(model, calls, 3600, 300, Targets(level))
    assert int(fewest_agents(model, calls, 3600, 300, Targets(level * share))) <= int(hard)


@pytest.mark.parametrize("model", QUEUES)
@given(calls=st.floats(0.1, 2000), aht_s=st.floats(20, 900), targets=TARGETS, power=st.integers(-6, 6))
def test_the_unit_of_time_changes_nothing(model, calls, aht_s, targets, power):
    unit = 2.0**power  # exact, so that no boundary moves by a rounding
    scaled = replace(
        targets,
        answer_within_s=targets.answer_within_s * unit,
        short_abandon_s=targets.short_abandon_s * unit,
        asa_s=targets.asa_s * unit,
    )
    same = model if model.patience_s is None else replace(model, patience_s=model.patience_s * unit)
    expected = fewest_agents(model, calls, 3600, aht_s, targets)
    assert int(fewest_agents(same, calls, 3600 * unit, aht_s * unit, scaled)) == int(expected)
    exact = float(fractional_agents(model, calls, 3600, aht_s, targets))
    found = float(fractional_agents(same, calls, 3600 * unit, aht_s * unit, scaled))
    assert found == pytest.approx(exact, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("model", "target"),
    [
        pytest.param(B, "max_blocking", id="B"),
        pytest.param(C, "service_level", id="C"),
        pytest.param(QueueingModel("erlang_a", 90.0), "max_abandonment", id="A"),
    ],
)
@given(calls=st.floats(0.1, 2000), first=st.floats(0.05, 0.95), bound=st.floats(0.02, 0.95))
def test_a_pool_never_needs_more_than_its_parts(model, target, calls, first, bound):
    targets = Targets(**{target: bound})
    parts = fewest_agents(model, [calls * first, calls * (1 - first)], 3600, 300, targets)
    assert int(fewest_agents(model, calls, 3600, 300, targets)) <= int(parts.sum())


@given(load=st.floats(0.05, 300), level=st.floats(0.05, 0.99), within_s=st.floats(0, 200))
def test_patience_never_needs_more_agents_than_waiting_for_ever(load, level, within_s):
    targets = Targets(level, within_s, service_level_variant="abandons_in_target_good")
    calm = fewest_agents(C, load, 240.0, 240.0, targets)
    assert int(fewest_agents(QueueingModel("erlang_a", 200.0), load, 240.0, 240.0, targets)) <= int(calm)
    assert int(calm) > math.floor(load)
