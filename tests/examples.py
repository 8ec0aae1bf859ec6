"""How many examples a property is tried on: a part in `make test`, all in `make test-all` and `pytest`."""

from __future__ import annotations

import os

LEAST = 10
QUICK = os.environ.get("HYPOTHESIS_PROFILE") == "ci"


def examples(full: int, quick: int | None = None) -> int:
    """Return `full`; in the profile `ci` the `quick` of a dear test, else a quarter, but 10 at least."""
    if not QUICK:
        return full
    return min(full, max(LEAST, full // 4)) if quick is None else quick
