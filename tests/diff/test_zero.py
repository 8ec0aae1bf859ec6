"""Zero has no sign: neither in the words of a comparison nor in its JSON, however it came about."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from wfm.diff import Changes
from wfm.diff.figures import Figures
from wfm.diff.in_words import facts, sections
from wfm.diff.settings import Setting

NEGATIVE_ZERO = re.compile(r"-0(?:\.0*)?(?![\d.])")
NEAR_ZERO = st.one_of(
    st.sampled_from([0.0, -0.0, 1e-12, -1e-12, 1e-6, -1e-6, 2e-3, -2e-3]),
    st.floats(-0.2, 0.2),
    st.floats(-1e6, 1e6),
)
SIDES = st.tuples(NEAR_ZERO, NEAR_ZERO)
DAY = pd.Timestamp("2026-03-02")


def changes_of(pairs: Sequence[tuple[float, float]]) -> Changes:
    """Return changes in which each pair is a day's figure, a service and a setting, also inside a list."""
    before, after = zip(*pairs, strict=True)
    count = len(pairs)
    sides = {"before": list(before), "after": list(after)}
    dates = [DAY + pd.Timedelta(days=at) for at in range(count)]
    figure = Figures("volume", "contacts", pd.DataFrame({"queue": "q", "date": dates, **sides}))
    measures = ["service_level" if at % 2 else "asa_s" for at in range(count)]
    keys = [Setting(f"key{at}", one, [other, {"a": other}]) for at, (one, other) in enumerate(pairs)]
    return Changes(
        "one",
        "other",
        (figure,),
        pd.DataFrame({"queue": "q", "measure": measures, **sides}),
        pd.DataFrame(columns=["agent_id", "name", "date", "kind", "before", "after"]),
        *((tuple(keys),) * 4),
        reaches=(),
        missing=(),
    )


@settings(max_examples=60)
@given(st.lists(SIDES, min_size=1, max_size=6))
def test_no_zero_has_a_sign_and_no_other_number_loses_it(pairs: list[tuple[float, float]]) -> None:
    found = changes_of(pairs)
    cells = [cell for section in sections(found, 99) for row in section.rows for cell in row]
    assert not [cell for cell in cells if NEGATIVE_ZERO.search(cell)]
    told = facts(found)
    assert not NEGATIVE_ZERO.search(json.dumps(told))
    for setting, (one, other) in zip(told["settings"], pairs, strict=True):
        assert (setting["before"], setting["after"]) == (one, [other, {"a": other}])  # -0.0 == 0.0
