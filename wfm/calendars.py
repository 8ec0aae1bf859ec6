"""Public holidays by the codes of the holidays package: `DE`, or with a subdivision `DE-HH`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from wfm.errors import ConfigError, Fault


def public_holidays(code: str, years: Iterable[int], *, key: str = "holidays") -> dict[date, str]:
    """Return the holidays of some years by date, with their English names; none without a code.

    Raises ConfigError, naming the configuration's `key`, for a calendar that the package does not have.
    """
    if not code:
        return {}
    try:
        return dict(_found(code, tuple(sorted(set(years)))))
    except NotImplementedError as error:
        fault = Fault(
            "no such calendar in the holidays package",
            "a country code such as DE, or with a subdivision, DE-HH",
            column=key,
            value=code,
        )
        raise ConfigError([fault]) from error


@lru_cache(maxsize=128)  # queues of a centre share their calendar
def _found(code: str, years: tuple[int, ...]) -> tuple[tuple[date, str], ...]:
    """Return dates and names in order; raise NotImplementedError for an unknown calendar."""
    import holidays  # heavy, and only for those who have a calendar

    country, _, subdivision = code.partition("-")
    found = holidays.country_holidays(country, subdiv=subdivision or None, years=years, language="en_US")
    return tuple((day, found[day]) for day in sorted(found))
