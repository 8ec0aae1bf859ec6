"""How uncertain the rate of each interval is, as the configuration or the forecast's own bands have it.

The factor on the rate is gamma distributed with mean 1. `mixture` staffs for its whole law, `quantile` for
one rate of it. Without `uncertainty_cv` its coefficient of variation is that of the forecast's 80 % band, the
chance of single contacts (Poisson) taken out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv

from wfm.config import Queue
from wfm.erlang.choice import model_of
from wfm.erlang.expectation import CERTAIN, Arrivals
from wfm.errors import ConfigError, Fault

BAND = 2 * 1.2815515655446004  # standard deviations between the 10 % and the 90 % quantile of a normal
BAND_COLUMNS = ("offered_p10", "offered_p90")
MOST_CV = 2.0  # the bound of uncertainty_cv: bands of whole contacts say more of intervals with next to none
WAY_OUT = "set uncertainty_cv (0.1: ten per cent), or uncertainty = 'none'"

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Uncertainty:
    """What staffing does about the rate of each row: staff for `factor` x offered, or for `arrivals`.

    `words` end the text of `queue_model`: empty where rates are certain and arrivals Poisson.
    """

    factor: Floats
    arrivals: Arrivals
    words: str
    cv: Floats  # of the rate of every row, however it is staffed for
    endless_waits: NDArray[np.bool_]  # rows whose expected wait is infinite


def uncertainty_of(queue: Queue, rows: pd.DataFrame) -> Uncertainty:
    """Return what is uncertain of a live queue's rows: `offered`, and bands unless uncertainty_cv is set.

    Raises ConfigError where the queue's uncertainty is unknown, or its targets have no expectation.
    """
    _check(queue)
    zero, z = np.zeros(len(rows)), queue.peakedness
    burst, never = f"/peakedness {z:g}" if z > 1 else "", np.zeros(len(rows), dtype=np.bool_)
    if queue.uncertainty == "none":
        return Uncertainty(zero + 1.0, Arrivals(0.0, z), burst, zero, never)
    cv = zero + queue.uncertainty_cv if queue.uncertainty_cv else _cv_of_bands(rows)
    if queue.uncertainty == "mixture":
        endless = never | (model_of(queue).endless & (cv >= CERTAIN))
        return Uncertainty(zero + 1.0, Arrivals(cv, z), f"/mixture{burst}", cv, endless)
    factor = rate_quantile(cv, queue.quantile)
    return Uncertainty(factor, Arrivals(0.0, z), f"/quantile {queue.quantile!r}{burst}", cv, never)


def rate_quantile(cv: Floats, share: float) -> Floats:
    """Return the quantile of a gamma distribution with mean 1 and coefficient of variation `cv`, per row."""
    shape = 1.0 / np.maximum(cv, CERTAIN) ** 2
    return np.where(cv < CERTAIN, 1.0, gammaincinv(shape, share) / shape)


def _cv_of_bands(rows: pd.DataFrame) -> Floats:
    offered = rows["offered"].to_numpy(dtype=np.float64)
    if not set(BAND_COLUMNS) <= set(rows.columns):
        raise _unknown("the forecast has no bands")
    width = (rows["offered_p90"] - rows["offered_p10"]).to_numpy(dtype=np.float64)
    busy = offered > 0.0
    if busy.any() and not (width[busy] > 0.0).any():
        raise _unknown("the bands of the forecast have no width")
    variance = np.maximum((width / BAND) ** 2 - offered, 0.0)
    cv = np.sqrt(variance) / np.where(busy, offered, 1.0)
    return np.where(busy & np.isfinite(cv), np.minimum(cv, MOST_CV), 0.0)


def _unknown(problem: str) -> ConfigError:
    fault = Fault(f"{problem}, which would say how uncertain its rates are", WAY_OUT, column="uncertainty_cv")
    return ConfigError([fault])


def _check(queue: Queue) -> None:
    model = model_of(queue)
    if queue.peakedness > 1 and model.name == "chat":
        remedy = "set peakedness = 1, or concurrency = 1"
        raise ConfigError([Fault("agents of several chats know no bursts", remedy, column="peakedness")])
    if queue.uncertainty == "mixture" and model.endless and queue.asa_s is not None:
        problem = "has no expectation: at rates above capacity contacts without patience wait for ever"
        remedy = "set patience_s, or promise a service_level, or use uncertainty = 'quantile'"
        raise ConfigError([Fault(problem, remedy, column="asa_s")])
