"""The charts of a run as single SVG files for slides and mails: the pictures of the report, looks written in.

Queues have their curves, their staffing and their simulated service, sites the roster of each day.

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
from wfm.report.gantt import HEIGHTS, TOPS, activities_in
from wfm.report.gantt_pictures import gantt_charts
from wfm.report.page import style, templates
from wfm.report.queue_section import QueueSection, queue_section
from wfm.report.selection import queue_rows
from wfm.report.shifts import site_rosters
from wfm.report.wording import unturned

SVG = "http://www.w3.org/2000/svg"
FONT = "Arial, Helvetica, sans-serif"
HEAD = 50.0  # title and legend above the chart, user units
LETTER, TITLE_LETTER = 6.2, 7.6  # about the width of one letter of a legend, of a title
PICTURE_RULES = frozenset(
    {
        "fill",
        "stroke",
        "stroke-width",
        "stroke-linejoin",
        "stroke-dasharray",
        "opacity",
        "text-anchor",
        "font-size",
    }
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
SERVICE_DAYS: Legend = (("service-range", "8 of 10 such days"), ("service-middle", "median day"))

_MEDIA = re.compile(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|/\*.*?\*/", re.DOTALL)
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_SELECTOR = re.compile(r"(?:svg )?(\.[\w-]+|text)")


@dataclass(frozen=True)
class Picture:
    """A chart as a file; `name` holds the number of its queue, never its name."""

    name: str
    svg: str


def pictures(run: RunTables, config: Config) -> Iterator[Picture]:
    """Yield the charts of every queue, then the days of every roster; what a run cannot give is left out."""
    for queue in queue_rows(run, config):
        section = queue_section(queue)
        for kind, chart, legend in _queue_charts(section):
            if chart is not None:
                yield Picture(f"queue-{queue.number:02d}-{kind}.svg", standalone(chart, legend, queue.name))
    sites = [] if run.roster is None else site_rosters(run.roster, run.agents, config)
    key = [(one.css, one.words) for one in activities_in(sites)]
    for site in sites:
        for kind, chart in gantt_charts(site):
            yield Picture(f"site-{site.number:02d}-{kind}.svg", standalone(chart, key, site.name))


def _queue_charts(section: QueueSection) -> Iterator[tuple[str, Chart | None, Legend]]:
    """Yield days, week, staffing of each day, map of net staffing and simulated service, with legends."""
    yield "days", section.days, DAYS
    yield "week", section.week, WEEK
    for number, chart in enumerate(section.staffing, start=1):
        yield f"staffing-{number}", chart, STAFFING
    if section.heat is not None:
        yield "net", section.heat.chart, section.heat.legend
    if section.service is not None:
        yield "service-days", section.service.days, [*SERVICE_DAYS, *section.service.promise]
        yield "service-week", section.service.week, [*section.service.course, *section.service.promise]


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
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": variables()["--panel"]})
    title = {"x": "4", "y": "16", "font-size": "13", "font-weight": "bold", "fill": variables()["--ink"]}
    room = max(8, int(width / TITLE_LETTER) - len(chart.title))
    ET.SubElement(root, "text", title).text = f"{unturned(subject, room)}: {chart.title}"
    _draw_legend(ET.SubElement(root, "g", {"transform": "translate(4 24)"}), legend, width)
    group = ET.SubElement(root, "g", {"transform": f"translate(0 {HEAD:g})"})
    group.extend(element for element in inner if element.tag.split("}")[1] not in ("title", "desc"))
    used = {element.get("class") for element in root.iter()}
    root.extend(pattern for css, pattern in _patterns().items() if css in used)
    for element in root.iter():
        element.tag = element.tag.split("}")[-1]
        _write_looks(element)
    return ET.tostring(root, encoding="unicode") + "\n"


def _patterns() -> Mapping[str, ET.Element]:
    """Return the patterns by the class that is filled with them, as they stand on the page."""
    page = templates().get_template("patterns.html.j2").render()
    hatch, rows = ET.fromstring(f"<g>{page}</g>")  # noqa: S314  our own template's text
    return {"hatched": hatch, "a-training": rows}


def _draw_legend(group: ET.Element, legend: Legend, width: float) -> None:
    """Draw a swatch and a word for each entry, in as many lines as they need."""
    x, y = 0.0, 0.0
    for css, word in legend:
        needed = 26 + LETTER * len(word)
        if x and x + needed > width - 8:
            x, y = 0.0, y + 12
        swatch = _swatch(css, x, y)
        ET.SubElement(group, "rect", swatch)
        if css in ("missing-2", "missing-3"):
            ET.SubElement(group, "rect", {**swatch, "class": "hatched"})
        ET.SubElement(group, "text", {"x": f"{x + 18:g}", "y": f"{y + 9:g}"}).text = word
        x += needed


def _swatch(css: str, x: float, y: float) -> dict[str, str]:
    """Return a small rectangle that looks like what it stands for; an activity has the height of its bar."""
    line, activity = css.endswith("line"), css.removeprefix("a-")
    top, height = (4.0, 2.0) if line else (0.0, 9.0)
    if activity in HEIGHTS:
        top, height = 0.75 * (TOPS[activity] - 3), 0.75 * HEIGHTS[activity]
    place = {"x": f"{x:g}", "y": f"{y + top:g}", "width": "14", "height": f"{height:g}"}
    if not line:
        return {**place, "class": css}
    look = looks(f".{css}")
    return {**place, "opacity": look.get("opacity", "1"), "fill": look["stroke"]}


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
