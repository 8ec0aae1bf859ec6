"""Integer parts of products of decimals, against fractions."""

from __future__ import annotations

import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from wfm.erlang.exact import above_product, ceil_product

DECIMALS = st.integers(1, 99_999).map(lambda n: n / 100)


@given(rows=st.lists(st.tuples(DECIMALS, DECIMALS, DECIMALS, DECIMALS), min_size=1, max_size=6))
def test_integers_of_decimal_products_are_exact(rows):
    a, b, c, d = (list(column) for column in zip(*rows, strict=True))
    exact = [Fraction(str(p)) * Fraction(str(q)) / Fraction(str(r)) / Fraction(str(s)) for p, q, r, s in rows]
    assert ceil_product((a, b), (c, d)).tolist() == [math.ceil(value) for value in exact]
    assert above_product((a, b), (c, d)).tolist() == [math.floor(value) + 1 for value in exact]


def test_a_quotient_that_floats_put_above_the_integer():
    assert math.ceil(17 / 0.85) == 20 or math.ceil(21 / (1 - 0.3)) == 31  # floats are not to be trusted
    assert int(ceil_product([21], [0.7])) == 30
    assert int(above_product([21], [0.7])) == 31
