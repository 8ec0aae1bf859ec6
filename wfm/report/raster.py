"""Pictures as PNG, for programs that take no SVG: drawn by resvg (`pip install 'openwfm[png]'`).

No font is carried along: the letters come from the fonts of the machine. A picture without its labels would
be wrong without saying so, therefore a font is looked for first, and nothing is drawn without one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from wfm.errors import OutputError, UsageError

Rasteriser = Callable[[str], bytes]

ZOOM = 2.0  # pixels per user unit: sharp on a slide, and on paper at half the size
# What Windows, macOS and the usual Linux systems carry, the nearest to Arial first.
FAMILIES = (
    "Arial",
    "Liberation Sans",
    "Helvetica",
    "Arimo",
    "Nimbus Sans",
    "FreeSans",
    "Noto Sans",
    "Roboto",
    "Segoe UI",
    "Open Sans",
    "Ubuntu",
    "DejaVu Sans",
    "Verdana",
)
PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
    '<text x="2" y="14" font-size="11" font-family="{}">Ag1</text></svg>'
)
BLANK = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"/>'
NO_FAMILY = "wfm has no such font"


def rasteriser() -> Rasteriser:
    """Return the function that draws an SVG document as PNG bytes; the same document gives the same bytes.

    Raises UsageError without the package, OutputError on a machine without any usual font.
    """
    try:
        from resvg_py import svg_to_bytes
    except ModuleNotFoundError as error:
        if error.name != "resvg_py":
            raise
        hint = "pip install 'openwfm[png]', or export --format svg"
        raise UsageError("--format png needs the package resvg-py", hint=hint) from error
    shape = {family: svg_to_bytes(svg_string=PROBE.format(family)) for family in (NO_FAMILY, *FAMILIES)}
    substitute = shape[NO_FAMILY]  # what resvg takes for a font that is not there, if anything
    found = next((family for family in FAMILIES if shape[family] != substitute), None)
    if found is None and substitute == svg_to_bytes(svg_string=BLANK):
        raise OutputError(
            "no font on this machine: the pictures would have no labels",
            hint="install one, e.g. the package fonts-dejavu-core, or export --format svg",
        )
    draw = partial(svg_to_bytes, sans_serif_family=found, zoom=ZOOM)
    return lambda svg: bytes(draw(svg_string=svg))
