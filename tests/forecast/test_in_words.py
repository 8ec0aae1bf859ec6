"""Accuracy in sentences: the winner, its distance to the rules and to the floor."""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.forecast.in_words import MOST_QUEUES, chosen_scores, scores_in_words


def scores(queues=("a",)):
    models = ["seasonal_naive", "moving_average", "median_days"]
    return pd.concat(
        pd.DataFrame(
            {
                "queue": queue,
                "model": models,
                "wape": [0.2, 0.125, 0.1],
                "noise_floor": 0.05,
                "gain": [-0.6, 0.0, 0.2],
                "gain_low": [-0.8, np.nan, 0.14],
                "gain_high": [-0.4, np.nan, 0.26],
                "chosen": [False, False, True],
            }
        )
        for queue in queues
    )


def test_the_chosen_model_is_named_beside_the_rules_and_the_floor():
    (line,) = scores_in_words(scores())
    assert line == (
        "a: median_days: WAPE 10.0% (floor 5.0%; seasonal_naive 20.0%, moving_average 12.5%); "
        "+20.0% (+14.0% to +26.0%) against the eight-week mean"
    )


def test_an_interval_that_is_not_known_is_left_out():
    (line,) = scores_in_words(scores().assign(gain_low=np.nan))
    assert line.endswith("; +20.0% against the eight-week mean")


def test_no_origin_is_no_error():
    (line,) = scores_in_words(scores().assign(wape=np.nan))
    assert line == "a: median_days: history too short for a backtest"


def test_many_queues_are_counted_not_listed():
    lines = scores_in_words(scores([f"q{number:03d}" for number in range(MOST_QUEUES + 5)]))
    assert len(lines) == MOST_QUEUES + 1
    assert lines[-1].startswith("and 5 more queues")


def test_a_machine_gets_the_figures_of_the_chosen_model():
    known = scores(["a", "b"]).assign(skill=0.6, coverage_80=np.nan, coverage_95=0.95)
    found = chosen_scores(known)
    assert list(found) == ["a", "b"]
    assert found["a"]["model"] == "median_days"
    assert found["a"]["wape"] == 0.1
    assert found["b"]["coverage_80"] is None
