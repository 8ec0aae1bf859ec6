"""Two ratios of the incomplete gamma function on which every waiting line here rests, in any regime.

    upper(n, a) = sum over j <= n of n! / (n - j)! / a**j     = e**a a**-n  Gamma(n + 1, a)
    lower(x, y) = sum over j >= 0 of y**j / (x + 1) ... (x + j) = x e**y y**-x  gamma(x, y)

`1 / upper` is the Erlang B blocking of n servers at a erlangs; `lower` weighs the states of a waiting line
with impatient customers. Short sums are summed (all terms are positive, so nothing cancels); near the
diagonal of large arguments Temme's uniform expansion takes their place.
Source: Temme (1979), SIAM J. Math. Anal. 10, 757-766; DLMF 8.11, 8.12.
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.kernel import kernel

HUGE = 2.0**900
EXPANSION_FROM = 32.0  # parameter from which the expansion beats the sums, in digits and in speed
EXPANSION_WIDTH = 0.35  # largest |ratio of the arguments - 1| it is used for
CANCELLING = 150.0  # z**2 below the diagonal from which the means of `lower` lose digits in the expansion
ORDERS = 6  # terms in 1 / parameter
DEGREE = 14  # terms in eta of the first order; each further order needs two less
ERFC_STEP = 16.0  # expansions of the scaled complementary error function per unit
ERFC_END = 12.0  # from here on its asymptotic series is exact


def _stirling(count: int) -> list[Fraction]:
    """Return the coefficients of Gamma*(a) = sum g_k / a**k (Stirling's series), g_0 = 1."""
    alpha = _alpha(2 * count + 2)
    double_factorial = Fraction(1)
    series = []
    for k in range(count):
        series.append(double_factorial * alpha[2 * k + 1])
        double_factorial *= 2 * k + 3
    return series


def _alpha(count: int) -> list[Fraction]:
    """Return the coefficients of mu = sum alpha_n eta**n, eta**2 / 2 = mu - log(1 + mu) (DLMF 8.12.11)."""
    alpha = [Fraction(0), Fraction(1)]
    for n in range(2, count):
        products = sum((j * alpha[j] * alpha[n - j + 1] for j in range(2, n)), Fraction(0))
        alpha.append((alpha[n - 1] - products) / (n + 1))
    return alpha


def _temme() -> NDArray[np.float64]:
    """Return d[k, m] of R = sum over k, m of d[k, m] eta**m / a**k (DLMF 8.12.12 and 8.12.13)."""
    width = DEGREE + 2 * ORDERS
    alpha, gamma = _alpha(width + 3), _stirling(ORDERS)
    first = [Fraction(-1, 3)] + [(m + 2) * alpha[m + 2] for m in range(1, width)]
    rows = [first]
    for k in range(1, ORDERS):
        sign = (-1) ** k
        last = rows[-1]
        rows.append([sign * gamma[k] * first[m] + (m + 2) * last[m + 2] for m in range(width - 2 * k)])
    return np.array([[float(value) for value in row[:DEGREE]] for row in rows])


def _erfc_expansions() -> NDArray[np.float64]:
    """Return Taylor coefficients of exp(z**2) erfc(z) about the middle of each step.

    Their recursion is the differential equation y' = 2 z y - 2 / sqrt(pi).
    """
    middles = (np.arange(int(ERFC_STEP * ERFC_END)) + 0.5) / ERFC_STEP
    rows = []
    for z in middles.tolist():
        row = [math.exp(z * z) * math.erfc(z)]
        row.append(2.0 * (z * row[0] - 1.0 / math.sqrt(math.pi)))
        for n in range(1, 9):
            row.append(2.0 * (z * row[n] + row[n - 1]) / (n + 1))
        rows.append(row)
    return np.array(rows)


_STIRLING: NDArray[np.float64] = np.array([float(value) for value in _stirling(8)])
_TEMME = _temme()
_ERFC = _erfc_expansions()
_ATANH = tuple(1.0 / k for k in range(5, 25, 2))


@kernel
def stirling_factor(a: float) -> float:
    """Return Gamma*(a) = Gamma(a) / (sqrt(2 pi / a) (a / e)**a), for a of at least about 20."""
    per_a, total = 1.0 / a, 0.0
    for k in range(len(_STIRLING) - 1, -1, -1):
        total = total * per_a + _STIRLING[k]
    return total


@kernel
def stirling_log_slope(a: float) -> float:
    """Return d/da log Gamma*(a) = psi(a) - log(a) + 1 / (2 a), for a of at least about 20."""
    v = 1.0 / (a * a)
    return -v * (1 / 12 - v * (1 / 120 - v * (1 / 252 - v * (1 / 240 - v * (1 / 132)))))


@kernel
def half_eta_squared(mu: float) -> float:
    """Return mu - log(1 + mu) without cancellation near 0."""
    if abs(mu) > EXPANSION_WIDTH:
        return mu - math.log1p(mu)
    r = mu / (2.0 + mu)
    square = r * r
    even, odd, fourth = 0.0, 0.0, square * square
    for k in range(len(_ATANH) - 2, -1, -2):
        even = even * fourth + _ATANH[k]
        odd = odd * fourth + _ATANH[k + 1]
    return r * (mu - 2.0 * square * (1.0 / 3.0 + square * (even + square * odd)))


@kernel
def scaled_erfc(z: float) -> float:
    """Return exp(z**2) erfc(z) for z >= 0."""
    if z < ERFC_END:
        step = int(z * ERFC_STEP)
        shift = z - (step + 0.5) / ERFC_STEP
        even, odd, square = 0.0, 0.0, shift * shift
        for n in range(8, -1, -2):
            even = even * square + _ERFC[step, n]
            odd = odd * square + _ERFC[step, n + 1]
        return even + shift * odd
    v, series = 0.5 / (z * z), 1.0
    for factor in range(17, 0, -2):
        series = 1.0 - factor * v * series
    return series / (z * math.sqrt(math.pi))


@kernel
def temme_remainder(a: float, eta: float) -> float:
    """Return R with Q(a, x) = erfc(eta sqrt(a / 2)) / 2 + exp(-a eta**2 / 2) R / sqrt(2 pi a)."""
    per_a, square, total = 1.0 / a, eta * eta, 0.0
    for k in range(ORDERS - 1, -1, -1):
        even, odd = 0.0, 0.0
        for m in range(DEGREE - 2 * k - 2, -1, -2):
            even = even * square + _TEMME[k, m]
            odd = odd * square + _TEMME[k, m + 1]
        total = total * per_a + (even + eta * odd)
    return total


@kernel
def temme_remainder_slopes(a: float, eta: float) -> tuple[float, float, float]:
    """Return R of `temme_remainder` and its derivatives by eta and by a."""
    per_a = 1.0 / a
    total, by_eta, by_per_a = 0.0, 0.0, 0.0
    for k in range(ORDERS - 1, -1, -1):
        value, slope = 0.0, 0.0
        for m in range(DEGREE - 2 * k - 1, -1, -1):
            slope = slope * eta + value
            value = value * eta + _TEMME[k, m]
        by_per_a = by_per_a * per_a + total
        total = total * per_a + value
        by_eta = by_eta * per_a + slope
    return total, by_eta, -by_per_a * per_a * per_a


@kernel
def upper(n: float, a: float) -> float:
    """Return upper(n, a) for an integer n >= 0 and a > 0; infinite beyond the range of floats."""
    if n >= EXPANSION_FROM:
        mu = (a - n) / n
        square = n * half_eta_squared(mu)  # z**2
        if abs(mu) <= EXPANSION_WIDTH:
            return 1.0 + stirling_factor(n) * _mills(n, mu, square, 1.0)
        if mu < 0.0 and square > 40.0:
            return stirling_factor(n) * math.sqrt(2.0 * math.pi * n) * math.exp(square)
    return _upper_sum(n, a)


@kernel
def _mills(a: float, mu: float, square: float, side: float) -> float:
    """Return sqrt(pi a / 2) exp(z**2) erfc(side z) + side R, z = eta sqrt(a / 2)."""
    eta = math.copysign(math.sqrt(2.0 * square / a), mu)
    tail = scaled_erfc(math.sqrt(square))
    if side * mu < 0.0:
        tail = 2.0 * math.exp(square) - tail
    return math.sqrt(0.5 * math.pi * a) * tail + side * temme_remainder(a, eta)


@kernel
def _upper_sum(n: float, a: float) -> float:
    """Sum the terms from the largest factor on, two at a time: their products do not wait for each other."""
    per_a = 1.0 / a
    total, term, left = 1.0, 1.0, n
    while left > 0.5:
        factor = left * per_a
        pair = factor * ((left - 1.0) * per_a)
        total += term * factor + term * pair
        term *= pair
        left -= 2.0
        if term < 1e-17 * total and left < a:
            break
        if term > HUGE:
            return math.inf
    return total


@kernel
def lower(x: float, y: float) -> tuple[float, float, float]:
    """Return (value, exponent, mean j) with lower(x, y) = value * exp(exponent), for x > 0 and y >= 0.

    `mean j` is the mean of j over the terms of the sum.
    """
    if x >= EXPANSION_FROM:
        mu = (y - x) / x
        square = x * half_eta_squared(mu)
        if mu > 0.0 and square > 40.0:
            return stirling_factor(x) * math.sqrt(2.0 * math.pi * x), square, y - x
        if abs(mu) <= EXPANSION_WIDTH and square < CANCELLING:
            value = stirling_factor(x) * _mills(x, mu, square, -1.0)
            return value, 0.0, x / value + (y - x)
    return _lower_sum(x, y)


@kernel
def _lower_sum(x: float, y: float) -> tuple[float, float, float]:
    total, term, exponent, count, counts = 1.0, 1.0, 0.0, 0.0, 0.0
    while True:
        count += 1.0
        term *= y / (x + count)
        total += term
        counts += count * term
        if total > HUGE:
            total, term, counts = total / HUGE, term / HUGE, counts / HUGE
            exponent += math.log(HUGE)
        if term * count <= 1e-17 * counts and x + count > y:
            return total, exponent, counts / total


@kernel
def mean_harmonic(x: float, y: float) -> float:
    """Return the mean of 1/(x+1) + ... + 1/(x+j) over the terms j of lower(x, y), x > 0 and y >= 0.

    It is -d/dx log lower(x, y): in closed form, or the expansion differentiated, wherever `lower` is one.
    """
    if y > x + 9.0 * math.sqrt(y):  # lower(x, y) is x e**y y**-x Gamma(x) to the last digit
        return math.log(y) - digamma(x + 1.0)
    if x >= EXPANSION_FROM:
        mu = (y - x) / x
        square = x * half_eta_squared(mu)
        if abs(mu) <= EXPANSION_WIDTH and square < CANCELLING:
            return _mean_harmonic_expanded(x, mu, square)
    return _mean_harmonic_sum(x, y)


@kernel
def _mean_harmonic_expanded(x: float, mu: float, square: float) -> float:
    """Return -d/dx log of Gamma*(x) (F - R), F = sqrt(pi x / 2) exp(z**2) erfc(-z), z = eta sqrt(x / 2).

    At constant y: d(z**2)/dx = -log(1 + mu), d(eta)/dx = -mu / (eta x).
    """
    eta = math.copysign(math.sqrt(2.0 * square / x), mu)
    tail = scaled_erfc(math.sqrt(square))
    if mu > 0.0:
        tail = 2.0 * math.exp(square) - tail
    smooth = math.sqrt(0.5 * math.pi * x) * tail
    remainder, by_eta, by_x = temme_remainder_slopes(x, eta)
    growth = mu - square / x  # log(1 + mu)
    per_eta = mu / eta if eta != 0.0 else 1.0
    slope = smooth * (0.5 / x - growth) + 0.5 * eta - per_eta + by_eta * per_eta / x - by_x
    return -stirling_log_slope(x) - slope / (smooth - remainder)


@kernel
def _mean_harmonic_sum(x: float, y: float) -> float:
    total, term, harmonic, count, sums = 1.0, 1.0, 0.0, 0.0, 0.0
    while True:
        count += 1.0
        per_divisor = 1.0 / (x + count)
        term *= y * per_divisor
        harmonic += per_divisor
        total += term
        sums += term * harmonic
        if term * harmonic <= 1e-17 * sums and x + count > y:
            return sums / total


@kernel
def digamma(x: float) -> float:
    """Return psi(x) for x > 0 by recurrence to 10 and its asymptotic series."""
    shift = 0.0
    while x < 10.0:
        shift -= 1.0 / x
        x += 1.0
    v = 1.0 / (x * x)
    series = v * (1 / 12 - v * (1 / 120 - v * (1 / 252 - v * (1 / 240 - v * (1 / 132 - v * 691 / 32760)))))
    return shift + math.log(x) - 0.5 / x - series
