"""Numbers as text by the compiled function: the digits are Python's, the form is Arrow's, for any bits."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from numba import njit
from numpy.typing import NDArray

from wfm.io.shortest import ROOM, write_number

EVERY_POWER_OF_TEN = np.array([float(f"1e{exponent}") for exponent in range(-323, 309)])
EVERY_POWER_OF_TWO = np.ldexp(1.0, np.arange(-1074, 1024))
SPECIAL = np.array(
    [0.0, -0.0, np.inf, -np.inf, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 9e15]
)


@njit(cache=False)
def _written(numbers: NDArray[np.uint64], ends: NDArray[np.int64], into: NDArray[np.uint8]) -> None:
    for row in range(len(numbers)):
        ends[row + 1] = write_number(numbers[row], into, ends[row])


def texts_of(numbers: NDArray[np.float64]) -> pa.Array:
    ends = np.zeros(len(numbers) + 1, dtype=np.int64)
    into = np.empty(len(numbers) * ROOM, dtype=np.uint8)
    _written(numbers.view(np.uint64), ends, into)
    return pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(into))


def _drawn(kind: str, count: int = 200_000) -> NDArray[np.float64]:
    random = np.random.default_rng(7)
    powers = np.concatenate([EVERY_POWER_OF_TEN, EVERY_POWER_OF_TWO])
    kinds = {
        "any bits": lambda: random.integers(0, 2**64, 5 * count, dtype=np.uint64).view(np.float64),
        "subnormal": lambda: random.integers(1, 2**52, count, dtype=np.uint64).view(np.float64),
        "fractions": lambda: random.uniform(0, 1, 5 * count),
        "few decimals": lambda: np.round(random.uniform(-1e4, 1e4, count), 3),
        "whole": lambda: np.floor(10 ** random.uniform(0, 20, count)),
        "halfway between decimals": lambda: random.integers(2**51, 2**54, count) * 0.5,
        "powers and their neighbours": lambda: np.concatenate(
            [powers, -powers, np.nextafter(powers, 0), np.nextafter(powers, np.inf)]
        ),
        "special": lambda: SPECIAL,
    }
    numbers: NDArray[np.float64] = kinds[kind]()
    return numbers[~np.isnan(numbers)]


KINDS = [
    "any bits",
    "subnormal",
    "fractions",
    "few decimals",
    "whole",
    "halfway between decimals",
    "powers and their neighbours",
    "special",
]


@pytest.mark.parametrize("kind", KINDS)
def test_the_text_is_arrows(kind: str) -> None:
    numbers = _drawn(kind)
    texts, expected = texts_of(numbers), pa.array(numbers).cast(pa.large_string())
    other = pc.indices_nonzero(pc.not_equal(texts, expected))
    assert [(texts[row.as_py()], expected[row.as_py()]) for row in other[:5]] == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_digits_are_pythons_and_read_back(kind: str) -> None:
    numbers = _drawn(kind)[:20_000]
    texts = texts_of(numbers).to_pylist()
    assert [float(text) for text in texts] == numbers.tolist()
    assert [_digits(text) for text in texts] == [_digits(repr(number)) for number in numbers.tolist()]


def _digits(text: str) -> str:
    mantissa = text.split("e", maxsplit=1)[0].replace("-", "")
    return mantissa.replace(".", "").strip("0")


def test_nan_is_no_text() -> None:
    assert texts_of(np.array([1.0, np.nan, -np.nan, 2.0])).to_pylist() == ["1", "", "", "2"]
