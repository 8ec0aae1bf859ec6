"""What the explanation of an interval says of an uncertain rate, and of bursts of arrivals."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from wfm.config import Queue
from wfm.erlang.uncertainty import rate_quantile


def rate_in_words(queue: Queue, offered: float, cv: float, factor: float) -> Iterator[str]:
    """Yield what is known of the rate of an interval beside its forecast; nothing where it is certain.

    `factor` is the quantile that `uncertainty = "quantile"` staffs for, relative to the forecast.
    """
    origin = "uncertainty_cv" if queue.uncertainty_cv else "its 80 % band less the chance of single calls"
    gamma = f"gamma distributed about the forecast, coefficient of variation {cv:.3f} ({origin})"
    if queue.uncertainty == "mixture":
        low, high = (float(rate_quantile(np.array([cv]), share)[0]) for share in (0.1, 0.9))
        yield f"rate       {gamma}; 80 % of it within {low:.3f} to {high:.3f} times the forecast"
        yield "           targets hold in expectation: E[G SL(n, a G)] / E[G] for the factor G on the rate"
    elif queue.uncertainty == "quantile":
        yield f"rate       {gamma}"
        number = f"{factor:.4f} x {offered:.2f} = {factor * offered:.2f} contacts"
        yield f"           staffed for its {100 * queue.quantile:g} % quantile, {number}"
    if queue.peakedness > 1:
        words = "load and agents over z in every formula (Hayward's approximation)"
        yield f"bursts     peakedness z = {queue.peakedness:g}: {words}"
