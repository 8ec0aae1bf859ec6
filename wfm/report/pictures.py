"""The charts of a run as single SVG files for slides and mails: the pictures of the report, looks written in.

A picture stands alone: title and legend are in it, and every colour is a plain value of the style sheet's
light half on the elements themselves, because programs other than browsers know neither style sheets nor
variables.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from xml.etree import ElementTree as ET

from wfm.config import Config
from wfm.io.run_folder import RunTables
from wfm.report.chart import Chart
from wfm.report.page import style, templates
from wfm.report.queue_section import queue_section
from wfm.report.selection import queue_rows
from wfm.report.wording import printable

SVG = "http://www.w3.org/2000/svg"
FONT = "Arial, Helvetica, sans-serif"
HEAD = 50.0  # title and legend above the chart, user units
LETTER, TITLE_LETTER = 6.2, 7.6  # about the width of one letter of a legend, of a title
PICTURE_RULES = frozenset(
    {"fill", "stroke", "stroke-width", "stroke-linejoin", "opacity", "text-anchor", "font-size"}
)

Legend = Sequence[tuple[str, str]]
DAYS: Legend = (
    ("history-bar", "history"),
    ("forecast-bar", "forecast"),
    ("range-80", "80 % range"),
    ("range-95", "95 % range"),
)
WEEK: Legend = (
    ("forecast-line", "forecast"),
    ("band-80", "80 % band"),
    ("band-95", "95 % band"),
    ("history-line", "the week before"),
)
STAFFING: Legend = (
    ("required-line", "required"),
    ("scheduled-area", "scheduled"),
    ("missing-area", "missing"),
)

_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(?:svg )?(\.[\w-]+|text)")


@dataclass(frozen=True)
class Picture:
    """A chart as a file; `name` holds the number of its queue, never its name."""

    name: str
    svg: str


def pictures(run: RunTables, config: Config) -> Iterator[Picture]:
    """Yield the charts of every queue: days, week, staffing of each day, and the map of net staffing."""
    for queue in queue_rows(run, config):
        section = queue_section(queue)
        charts: list[tuple[str, Chart | None, Legend]] = [
            ("days", section.days, DAYS),
            ("week", section.week, WEEK),
            *(
                (f"staffing-{number}", chart, STAFFING)
                for number, chart in enumerate(section.staffing, start=1)
            ),
        ]
        if section.heat is not None:
            charts.append(("net", section.heat.chart, section.heat.legend))
        for kind, chart, legend in charts:
            if chart is not None:
                yield Picture(f"queue-{queue.number:02d}-{kind}.svg", standalone(chart, legend, queue.name))


def standalone(chart: Chart, legend: Legend, subject: str) -> str:
    """Return a chart as an SVG document with `subject` (a name) before its title.

    No class and no variable is left; a name that is too long for the picture is cut.
    """
    drawn = templates().get_template("charts.html.j2").module.svg(chart)  # type: ignore[attr-defined]
    inner = ET.fromstring(f'<g xmlns="{SVG}">{drawn}</g>')[0]  # noqa: S314  our own template's text
    width, height = chart.frame.width, chart.frame.height + HEAD
    root = ET.Element("svg", {"xmlns": SVG, "viewBox": f"0 0 {width:g} {height:g}", "font-family": FONT})
    root.attrib |= {"width": f"{width:g}", "height": f"{height:g}", "role": "img"}
    for name in ("title", "desc"):
        found = inner.find(f"{{{SVG}}}{name}")
        ET.SubElement(root, name).text = "" if found is None else found.text
    if any(element.get("class") == "hatched" for element in inner.iter()):
        root.append(_hatch())
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": variables()["--panel"]})
    title = {"x": "4", "y": "16", "font-size": "13", "font-weight": "bold", "fill": variables()["--ink"]}
    room = max(8, int(width / TITLE_LETTER) - len(chart.title))
    ET.SubElement(root, "text", title).text = f"{printable(subject, room)}: {chart.title}"
    _draw_legend(ET.SubElement(root, "g", {"transform": "translate(4 24)"}), legend, width)
    group = ET.SubElement(root, "g", {"transform": f"translate(0 {HEAD:g})"})
    group.extend(element for element in inner if element.tag.split("}")[1] not in ("title", "desc"))
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
        _write_looks(element)
    return ET.tostring(root, encoding="unicode") + "\n"


def _hatch() -> ET.Element:
    shape = {"id": "hatch", "width": "5", "height": "5", "patternUnits": "userSpaceOnUse"}
    pattern = ET.Element("pattern", {**shape, "patternTransform": "rotate(45)"})
    ET.SubElement(pattern, "path", {"class": "hatch-stroke", "d": "M0 0V5"})
    return pattern


def _draw_legend(group: ET.Element, legend: Legend, width: float) -> None:
    """Draw a swatch and a word for each entry, in as many lines as they need."""
    x, y = 0.0, 0.0
    for css, word in legend:
        needed = 26 + LETTER * len(word)
        if x and x + needed > width - 8:
            x, y = 0.0, y + 12
        line = css.endswith("line")
        look = looks(f".{css}")
        swatch = {
            "x": f"{x:g}",
            "y": f"{y + (4 if line else 0):g}",
            "width": "14",
            "height": "2" if line else "9",
        }
        swatch["opacity"] = look.get("opacity", "1")
        ET.SubElement(group, "rect", {**swatch, "fill": look["stroke" if line else "fill"]})
        if css in ("missing-2", "missing-3"):
            ET.SubElement(group, "rect", {**swatch, "class": "hatched"})
        ET.SubElement(group, "text", {"x": f"{x + 18:g}", "y": f"{y + 9:g}"}).text = word
        x += needed


def _write_looks(element: ET.Element) -> None:
    """Put what the style sheet says of an element on the element itself."""
    classes = element.attrib.pop("class", "").split()
    found = dict(looks("text")) if element.tag == "text" else {}
    for css in classes:
        found |= looks(f".{css}")
    for name, value in found.items():
        element.attrib.setdefault(name, value)


def looks(selector: str) -> Mapping[str, str]:
    """Return what the style sheet says of `.class` or `text`, in light, as attributes of SVG."""
    return _rules().get(selector, {})


@cache
def variables() -> Mapping[str, str]:
    """Return the colours of the light half by their names in the style sheet."""
    return next(_declarations(body) for head, body in _RULE.findall(_light()) if head.strip() == ":root")


@cache
def _rules() -> Mapping[str, Mapping[str, str]]:
    rules: dict[str, dict[str, str]] = {}
    for head, body in _RULE.findall(_light()):
        found = {
            name: re.sub(r"var\((--[\w-]+)\)", lambda match: variables()[match[1]], value)
            for name, value in _declarations(body).items()
            if name in PICTURE_RULES
        }
        for selector in head.split(","):
            single = _SELECTOR.fullmatch(selector.strip())
            if single and found:
                rules.setdefault(single[1], {}).update(found)
    return rules


def _light() -> str:
    return _MEDIA.sub("", style())


def _declarations(body: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in body.split(";") if ":" in part)
    return {name.strip(): value.strip() for name, _, value in pairs}
