"""Charts as files: well-formed SVG that needs nothing around it, with the paths of the report's charts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest

from tests.report.centre import config_of, run_of
from wfm.report.page import style
from wfm.report.pictures import Picture, looks, pictures, variables
from wfm.report.queue_section import queue_section
from wfm.report.selection import queue_rows

HOSTILE = ("<script>1</script>", '"><&amp;', "W" * 300, "\u202e\x07x")
SVG = "{http://www.w3.org/2000/svg}"
COLOUR = re.compile(r"#[0-9a-f]{3}(?:[0-9a-f]{3})?|none|url\(#(?:hatch|rows)\)")
CONFIG = config_of(["billing", *HOSTILE])
RUN = run_of(CONFIG, agents=8, weeks=2)


@pytest.fixture(scope="module")
def made() -> list[Picture]:
    return list(pictures(RUN, CONFIG))


def elements(picture: Picture) -> Iterator[ET.Element]:
    """Yield the elements of a picture."""
    return ET.fromstring(picture.svg).iter()  # noqa: S314  written by us


def test_every_chart_of_every_queue_and_every_day_of_every_site_is_a_picture(made: list[Picture]) -> None:
    names = [picture.name for picture in made]
    assert len(set(names)) == len(names)
    kinds = {"days", "week", "net", *(f"staffing-{day}" for day in range(1, 7))}  # Monday to Saturday
    kinds |= {"service-days", "service-week"}
    queues = {f"queue-{number:02d}-{kind}.svg" for number in range(1, 6) for kind in kinds}
    assert RUN.roster is not None
    days = RUN.roster.groupby("site")["shift_date"].nunique()
    sites = {
        f"site-{number:02d}-day-{day:02d}.svg"
        for number, site in enumerate(CONFIG.sites, start=1)
        for day in range(1, days[site] + 1)
    }
    assert set(names) == queues | sites


def test_a_picture_needs_no_style_sheet_no_variable_and_no_other_file(made: list[Picture]) -> None:
    for picture in made:
        assert picture.svg.startswith('<svg xmlns="http://www.w3.org/2000/svg"')
        assert "var(" not in picture.svg
        for element in elements(picture):
            assert element.tag.startswith(SVG)
            assert element.tag.removeprefix(SVG) not in ("style", "script", "image", "use", "foreignObject")
            assert not {"class", "style", "href"} & set(element.attrib)
            for name in ("fill", "stroke"):
                assert COLOUR.fullmatch(element.get(name, "none")), element.attrib
            if element.tag in (f"{SVG}path", f"{SVG}rect", f"{SVG}text"):
                assert "fill" in element.attrib or "stroke" in element.attrib


def test_the_paths_are_those_of_the_page(made: list[Picture]) -> None:
    drawn = {p.name: {e.get("d") for e in elements(p) if e.tag == f"{SVG}path"} for p in made}
    for queue in queue_rows(RUN, CONFIG):
        section = queue_section(queue)
        assert section.days is not None
        assert section.week is not None
        assert section.heat is not None
        assert section.service is not None
        for kind, chart in (
            ("days", section.days),
            ("week", section.week),
            ("net", section.heat.chart),
            ("service-days", section.service.days),
            ("service-week", section.service.week),
        ):
            assert chart is not None
            assert {mark.path for mark in chart.marks} <= drawn[f"queue-{queue.number:02d}-{kind}.svg"]


def test_the_promise_is_dashed_and_training_has_its_pattern(made: list[Picture]) -> None:
    by_name = {picture.name: list(elements(picture)) for picture in made}
    dashed = [e for e in by_name["queue-01-service-days.svg"] if e.get("stroke-dasharray")]
    assert {e.get("stroke") for e in dashed} == {variables()["--target"]}
    for drawn in by_name.values():
        filled = {e.get("fill", "") for e in drawn}
        patterns = {f"url(#{e.get('id')})" for e in drawn if e.tag == f"{SVG}pattern"}
        assert {fill for fill in filled if fill.startswith("url(")} <= patterns


def test_names_are_text(made: list[Picture]) -> None:
    titles = {
        "".join(element.itertext()) for p in made for element in elements(p) if element.get("font-weight")
    }
    assert any(title.startswith("<script>1</script>: ") for title in titles)
    assert any(title.startswith('"><&amp;: ') for title in titles)
    assert not [title for title in titles if "\x07" in title or "\u202e" in title]


def test_titles_fit_their_picture(made: list[Picture]) -> None:
    for picture in made:
        root, *rest = elements(picture)
        (title,) = (element for element in rest if element.get("font-weight"))
        assert 7.6 * len(title.text or "") <= float(root.get("width", "0")) + 76  # a name keeps eight letters


def test_colours_are_those_of_the_light_style_sheet() -> None:
    light = style().partition("@media")[0]
    assert variables()["--missing"] == "#d9591c"
    for name, colour in variables().items():
        assert f"{name}: {colour};" in light
    assert looks(".forecast-line")["stroke"] == variables()["--forecast"]
    assert looks(".range-95") == {"fill": variables()["--range"], "opacity": "0.55"}
    assert looks(".end") == {"text-anchor": "end"}
    assert looks("text")["fill"] == variables()["--quiet"]


def test_the_same_run_gives_the_same_pictures(made: list[Picture]) -> None:
    assert list(pictures(RUN, CONFIG)) == made
