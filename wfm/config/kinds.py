"""What the values of wfm.toml may look like, and what its tables have in common."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from wfm.hours import parse_clock, parse_hours, parse_span, weekday_number
from wfm.localtime import zone


def _zone(name: str) -> str:
    zone(name)
    return name


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _span(text: str) -> str:
    parse_span(text)
    return text


def _clock(text: str) -> str:
    parse_clock(text)
    return text


def _weekday(text: str) -> str:
    weekday_number(text)
    return text


def _starts(text: str) -> str:
    for part in text.split("-"):
        parse_clock(part)
    return text


def _calendar(text: str) -> str:
    if text and re.match(r"^[A-Z]{2}(-[A-Za-z0-9]{1,5})?$", text) is None:
        raise ValueError(f"'{text}' is not a country or country-subdivision such as DE or DE-HH")
    return text


Timezone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[str, AfterValidator(_hours)]
Span = Annotated[str, AfterValidator(_span)]
Clock = Annotated[str, AfterValidator(_clock)]
Weekday = Annotated[str, AfterValidator(_weekday)]
Starts = Annotated[str, AfterValidator(_starts)]
Calendar = Annotated[str, AfterValidator(_calendar)]
Share = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0, le=1e6)]


class Section(BaseModel):
    """A table of wfm.toml: frozen, and a typo is an error instead of a default."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        populate_by_name=True,
        use_attribute_docstrings=False,
        allow_inf_nan=False,
    )
