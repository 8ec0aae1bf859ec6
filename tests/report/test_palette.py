"""The style sheet's colours: text and what carries a chart stand out from their ground, in light and dark.

Contrast is that of WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio): 4.5 for text, 3 for graphics.
"""

from __future__ import annotations

import re

import pytest

from wfm.report.page import style

TEXT = 4.5
GRAPHIC = 3.0
GROUNDS = ("page", "panel")
INKS = ("ink", "quiet", "link", "safe", "tight", "short", "unknown")
ON_THEIR_GROUND = ("safe", "tight", "short", "unknown")
CARRIERS = (
    *("history", "history-ink", "forecast", "forecast-bar", "range", "required", "missing", "scheduled-edge"),
    *("service", "target", "m3", "s3", "focus"),
    *("on-queue", "break", "lunch", "training", "meeting", "coaching", "leave"),
)


def palettes() -> dict[str, dict[str, str]]:
    """Return the colours by name of the light and the dark half, the dark one as it is in effect."""
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", body)) for body in root_rules())
    return {"light": light, "dark": light | dark}


def root_rules() -> list[str]:
    return re.findall(r":root \{([^}]*#[^}]*)\}", style())


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_black_on_white_has_the_published_contrast_of_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(
        4.48, abs=0.005
    )  # the well-known grey that just fails


def test_dark_names_every_colour_of_light() -> None:
    light, dark = (set(re.findall(r"--([\w-]+): #", body)) for body in root_rules())
    assert light == dark


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_colour_stands_out_from_every_ground(scheme: str) -> None:
    colours = palettes()[scheme]
    pairs = [(ink, ground) for ink in INKS for ground in GROUNDS]
    pairs += [(name, f"{name}-ground") for name in ON_THEIR_GROUND]
    low = {pair: c for pair in pairs if (c := contrast(colours[pair[0]], colours[pair[1]])) < TEXT}
    assert low == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_carries_a_chart_stands_out_from_its_ground(scheme: str) -> None:
    colours = palettes()[scheme]
    pairs = [(carrier, ground) for carrier in CARRIERS for ground in GROUNDS]
    low = {pair: c for pair in pairs if (c := contrast(colours[pair[0]], colours[pair[1]])) < GRAPHIC}
    assert low == {}
