"""Numbers as the shortest text that reads back as the same number, as a compiled function.

The method is Raffaello Giulietti's, "The Schubfach way to render doubles" (2020): of the decimals that round
to the number, those with the fewest digits, and of these the nearest. The form is Arrow's: no exponent from
1e-6 to below 1e10 (`0.25`, `12`), one outside (`2.5e-7`, `1e+10`).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

ROOM = 32  # bytes: the longest text has 25, and all 17 digits are written before zeros are left out
LOWEST, HIGHEST = -6, 9  # decimal exponents that are written without an exponent
LEAST_POWER, GREATEST_POWER = -292, 324
DIGITS = 17  # of any shortest text, at most

FRACTION = np.uint64((1 << 52) - 1)
IMPLICIT = np.uint64(1 << 52)
HALF, LOWER = np.uint64(32), np.uint64((1 << 32) - 1)
SIGN = np.uint64(1 << 63)
INFINITE = np.uint64(0x7FF << 52)
ZERO, ONE, TWO, FOUR, TEN = (np.uint64(number) for number in (0, 1, 2, 4, 10))
HUNDRED, TEN_THOUSAND = np.uint64(100), np.uint64(10_000)
SEVENTEEN_DIGITS = np.uint64(10 ** (DIGITS - 1))
FORTY, DIGIT = np.uint64(40), np.uint64(ord("0"))
POINT, EXPONENT, PLUS, MINUS = (ord(character) for character in ".e+-")
INF = tuple(b"inf")
PAIRS = np.frombuffer(b"".join(b"%02d" % pair for pair in range(100)), dtype=np.uint8)


def _powers_of_ten() -> NDArray[np.uint64]:
    """Return the first 128 bits of each power of ten, rounded up, as two halves."""
    powers = np.empty((GREATEST_POWER - LEAST_POWER + 1, 2), dtype=np.uint64)
    for row, exponent in enumerate(range(LEAST_POWER, GREATEST_POWER + 1)):
        above, below = 10 ** max(exponent, 0), 10 ** max(-exponent, 0)
        shift = 128 - above.bit_length() if below == 1 else 127 + below.bit_length()
        bits = -((-above << shift) // below) if shift >= 0 else -(-above >> -shift)
        powers[row] = bits >> 64, bits & (2**64 - 1)
    return powers


POWERS = _powers_of_ten()


@njit(inline="always")
def _upper_half(a: np.uint64, b: np.uint64) -> np.uint64:
    """Return the upper 64 of the 128 bits of a product."""
    middle = (a >> HALF) * (b & LOWER) + ((a & LOWER) * (b & LOWER) >> HALF)
    other = (a & LOWER) * (b >> HALF) + (middle & LOWER)
    return (a >> HALF) * (b >> HALF) + (middle >> HALF) + (other >> HALF)


@njit(inline="always")
def _scaled(high: np.uint64, low: np.uint64, significand: np.uint64) -> np.uint64:
    """Return power of ten x significand / 2**128; the last bit says that something was cut off."""
    lower = high * significand
    middle = lower + _upper_half(low, significand)
    upper = _upper_half(high, significand) + np.uint64(middle < lower)
    return upper | np.uint64(middle > ONE)


@njit(inline="always")
def _decimal(bits: np.uint64) -> tuple[np.uint64, int]:
    """Return (digits, power of ten) of the shortest decimal of a positive number."""
    fraction, biased = bits & FRACTION, int(np.int64(bits >> np.uint64(52)))
    significand = fraction | IMPLICIT if biased else fraction
    exponent = max(biased, 1) - 1075
    closer_below = fraction == ZERO and biased > 1  # the next lower number is half as far
    power = (exponent * 1262611 - (524031 if closer_below else 0)) >> 22  # floor of the decimal logarithm
    shift = np.uint64(exponent + ((-power * 1741647) >> 19) + 1)
    high, low = POWERS[-power - LEAST_POWER, 0], POWERS[-power - LEAST_POWER, 1]
    odd = significand & ONE  # the borders round to even significands only
    quarters = _scaled(high, low, significand * FOUR << shift)
    first = _scaled(high, low, significand * FOUR - TWO + np.uint64(closer_below) << shift) + odd
    last = _scaled(high, low, significand * FOUR + TWO << shift) - odd
    whole = quarters // FOUR
    tens = whole // TEN
    below, above = first <= FORTY * tens, FORTY * tens + FORTY <= last
    if below != above:
        return tens + np.uint64(above), power + 1
    below, above = first <= FOUR * whole, FOUR * whole + FOUR <= last
    middle = FOUR * whole + TWO
    nearer = quarters > middle or (quarters == middle and whole & ONE == ONE)
    return whole + np.uint64(above if below != above else nearer), power


@njit(inline="always")
def _write_digits(digits: np.uint64, into: NDArray[np.uint8], at: int) -> None:
    """Write seventeen digits."""
    for place in range(at + DIGITS - 4, at, -4):
        upper = digits // TEN_THOUSAND
        four = digits - upper * TEN_THOUSAND
        left = four // HUNDRED
        right = TWO * (four - left * HUNDRED)
        left *= TWO
        into[place], into[place + 1] = PAIRS[left], PAIRS[left + ONE]
        into[place + 2], into[place + 3] = PAIRS[right], PAIRS[right + ONE]
        digits = upper
    into[at] = DIGIT + digits


@njit(inline="always")
def _write_exponent(exponent: int, into: NDArray[np.uint8], at: int) -> int:
    into[at], into[at + 1] = EXPONENT, PLUS if exponent > 0 else MINUS
    at += 2
    size = abs(exponent)
    for unit in (100, 10, 1):
        if size >= unit:
            into[at] = DIGIT + np.uint64(size // unit % 10)
            at += 1
    return at


@njit(inline="always")
def write_number(number: np.uint64, into: NDArray[np.uint8], at: int) -> int:
    """Write the number with these bits `at` a place with ROOM left, nothing for NaN; return where it ends."""
    if number & ~SIGN > INFINITE:
        return at
    if number & SIGN:
        into[at] = MINUS
        at += 1
        number ^= SIGN
    if number == ZERO:
        into[at] = DIGIT
        return at + 1
    if number == INFINITE:
        into[at], into[at + 1], into[at + 2] = INF
        return at + 3
    digits, power = _decimal(number)
    while digits < SEVENTEEN_DIGITS:
        digits *= TEN
        power -= 1
    exponent = power + DIGITS - 1
    plain = LOWEST <= exponent <= HIGHEST
    if plain and exponent < 0:
        for place in range(at, at + 1 - exponent):
            into[place] = DIGIT
        whole, first = 0, at + 1 - exponent
    else:
        whole = exponent + 1 if plain else 1
        first = at + 1  # one place is left for the point, which the digits before it then give up
    _write_digits(digits, into, first)
    end = first + DIGITS
    while end > first + whole and into[end - 1] == DIGIT:
        end -= 1
    for place in range(at, at + whole):
        into[place] = into[place + 1]
    into[at + max(whole, 1)] = POINT
    end -= whole > 0 and end == first + whole  # no digit after the point
    return end if plain else _write_exponent(exponent, into, end)
