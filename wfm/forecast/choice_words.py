"""Why a queue got its model, in words: the rule of `combination`, and the errors that it looked at."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wfm.forecast.candidates import Candidates
from wfm.forecast.combination import CLEAR_GAIN, FEWEST_ORIGINS, origin_errors
from wfm.forecast.queue_forecast import Tested
from wfm.forecast.registry import MEAN


def choice_in_words(tested: Tested, field: Candidates) -> Iterator[str]:
    """Yield why this model, then the error of each that competed: root mean squares of the origins."""
    choice, competing = tested.choice, field.competing
    if len(competing) == 1:
        yield f"why {choice}: no other model was asked for"
        return
    errors = origin_errors(tested.rolled, competing)
    known = ~np.isnan(errors).any(axis=0)
    origins = int(known.sum())
    if origins < FEWEST_ORIGINS:
        yield f"why {choice}: {origins} origins of the backtest are too few to tell ({FEWEST_ORIGINS} do)"
        return
    means = dict(zip(competing, errors[:, known].mean(axis=1), strict=True))
    if choice == MEAN:
        yield f"why {choice}: no model alone is better by {CLEAR_GAIN:.0%} and at each of {origins} origins"
    else:
        gain = 1 - means[choice] / means[MEAN]
        yield f"why {choice}: better than the mean by {gain:.1%}, and at each of {origins} origins"
    best_first = sorted(means, key=lambda name: means[name])
    yield "errors: " + ", ".join(f"{name} {means[name]:.3f}" for name in best_first) + " contacts (rms)"
