"""The calculator shows the answer among its neighbours."""

from __future__ import annotations

import pytest

from wfm.config import build_config
from wfm.erlang.calculator import calculate
from wfm.errors import ConfigError, UsageError


def queue_of(**keys):
    return build_config({"queues": {"desk": keys}}).queues["desk"]


def test_the_answer_is_the_first_row_that_keeps_the_target():
    found = calculate(queue_of(service_level=0.8, shrinkage={"all": 0.3}), 100, 1800, 180)
    assert found.loc[found["answer"], "agents"].tolist() == [14]
    assert found.loc[found["service_level"] >= 0.8, "agents"].min() == 14
    assert found["agents"].tolist() == list(range(11, 20))
    assert set(found["agents_gross"]) == {20}
    assert set(found["queue_model"]) == {"erlang_c/per_interval"}


def test_given_agents_are_shown_beside_the_requirement():
    found = calculate(queue_of(service_level=0.8, patience_s=120), 100, 1800, 180, agents=2)
    assert found["agents"].tolist() == list(range(8))
    assert found.loc[found["answer"], "agents"].tolist() == [2]
    assert set(found["agents_required"]) == {12}


def test_no_calls_need_nobody():
    found = calculate(queue_of(service_level=0.8), 0, 1800, 180)
    assert found.loc[found["answer"], "agents"].tolist() == [0]
    assert (found["service_level"] == 1).all()


def test_fractional_agents_lie_just_below_the_answer_and_cost_nothing_without_calls():
    found = calculate(queue_of(service_level=0.8), 100, 1800, 180)
    assert 13 < found["agents_fractional"].iloc[0] < 14
    assert calculate(queue_of(service_level=0.8), 0, 1800, 180)["agents_fractional"].iloc[0] == 0


def test_deferred_work_needs_its_load_at_the_occupancy_as_the_decimals_say():
    queue = queue_of(channel="email", deadline_h=8, max_occupancy=0.85)
    found = calculate(queue, 200, 3600, 306)  # 17 erlangs / 0.85 = 20, in floats a little more
    answer = found[found["answer"]].iloc[0]
    assert (answer["agents"], answer["queue_model"]) == (20, "deferred")
    assert answer["agents_fractional"] == pytest.approx(20)
    assert answer["occupancy"] == pytest.approx(0.85)
    assert found[["service_level", "asa_s", "abandonment"]].isna().all(axis=None)
    assert (found["occupancy"] <= 1).all()


def test_blocking_as_the_only_promise_is_erlang_b_even_where_patience_is_known():
    found = calculate(queue_of(max_blocking=0.01, patience_s=60), 100, 1800, 180)
    assert set(found["queue_model"]) == {"erlang_b/per_interval"}
    answer = int(found.loc[found["answer"], "agents"].iloc[0])
    assert found.loc[found["blocking"] <= 0.01, "agents"].min() == answer == 18


@pytest.mark.parametrize("model", ["erlang_c", "erlang_a"])
def test_a_promise_that_the_model_cannot_break_alone_is_refused(model):
    with pytest.raises(ConfigError, match="never blocks"):
        calculate(queue_of(max_blocking=0.01, patience_s=60, queue_model=model), 100, 1800, 180)


def test_more_work_than_people_is_refused_at_once():
    with pytest.raises(UsageError, match="erlangs"):
        calculate(queue_of(service_level=0.8), 1e300, 1800, 180)
