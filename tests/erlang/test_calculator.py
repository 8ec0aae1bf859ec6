"""The calculator shows the answer among its neighbours."""

from __future__ import annotations

from wfm.config import build_config
from wfm.erlang.calculator import calculate


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
