"""Random streams: one for each part of a centre, so that changing one leaves the others alone."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the generator of one part: the same for the same seed and name, on every machine."""
    return np.random.default_rng([seed, zlib.crc32(part.encode())])


def gamma_factors(rng: np.random.Generator, cv: float, size: int) -> NDArray[np.float64]:
    """Return `size` factors with mean 1 and this coefficient of variation; ones for 0."""
    if cv == 0:
        return np.ones(size)
    return rng.gamma(1 / cv**2, cv**2, size)
