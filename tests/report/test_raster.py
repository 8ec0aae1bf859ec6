"""PNG: the picture's size, its very colours, labels that are there; and machines that cannot draw."""

from __future__ import annotations

import re
import sys
from functools import partial
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import resvg_py

from tests.report.centre import config_of, run_of
from tests.report.png import need_fonts, pixels
from wfm.errors import OutputError, UsageError
from wfm.report.gantt import HEIGHTS
from wfm.report.pictures import Picture, pictures, variables
from wfm.report.raster import ZOOM, rasteriser

CONFIG = config_of(["billing"])
RUN = run_of(CONFIG, agents=6, weeks=1, rostered_days=1)
BOX = re.compile(r"M(-?[\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-[\d.]+z")


@pytest.fixture(scope="module")
def roster() -> Picture:
    need_fonts()
    return next(one for one in pictures(RUN, CONFIG) if one.name.startswith("site-01"))


def rgb(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def test_every_bar_has_its_colour_at_its_place(roster: Picture) -> None:
    drawn = pixels(rasteriser()(roster.svg))
    root = ET.fromstring(roster.svg)  # noqa: S314  written by us
    sides = [round(ZOOM * float(root.attrib[name])) for name in ("height", "width")]
    assert list(drawn.shape) == [*sides, 4]
    assert (drawn[..., 3] == 255).all()  # no hole through which a dark slide would show
    (chart,) = (e for e in root if e.get("transform", "").startswith("translate(0 "))
    down = float(re.findall(r"[\d.]+", chart.attrib["transform"])[1])
    bars = [
        (path.attrib["fill"], float(x) + float(w) / 2, float(y) + float(h) / 2 + down)
        for path in chart
        for x, y, w, h in BOX.findall(path.get("d", ""))
        if path.get("fill", "").startswith("#")
    ]
    assert RUN.roster is not None
    assert len(bars) > 10
    for colour, x, y in bars:
        assert list(drawn[int(ZOOM * y), int(ZOOM * x), :3]) == rgb(colour)
    assert {bar[0] for bar in bars} >= {variables()["--on-queue"], variables()["--lunch"]}
    assert HEIGHTS["lunch"] * ZOOM > 2  # the middle of the thinnest bar is no edge


def test_every_label_is_drawn(roster: Picture) -> None:
    """A label's place looks otherwise once its text is taken away."""
    draw = rasteriser()
    root = ET.fromstring(roster.svg)  # noqa: S314  written by us
    texts = [element for element in root.iter() if element.tag.endswith("text")]
    assert len(texts) > 10
    whole = pixels(draw(roster.svg)).astype(int)
    words = [element.text for element in texts]
    for element in texts:
        element.text = ""
    empty = pixels(draw(ET.tostring(root, encoding="unicode"))).astype(int)
    changed = np.abs(whole - empty).sum(axis=2) > 0
    for element, word in zip(texts, words, strict=True):
        x, y = float(element.attrib["x"]), float(element.attrib["y"])
        (group,) = (g for g in root.iter() if element in list(g))
        moved = [float(number) for number in re.findall(r"[\d.]+", group.get("transform", "0 0"))]
        x, y = ZOOM * (x + moved[0]), ZOOM * (y + moved[1])
        side = {"end": (-40, 0), "middle": (-20, 20)}.get(element.get("text-anchor", ""), (0, 40))
        left, right = max(0, int(x + side[0])), int(x + side[1])
        assert changed[int(y - 22) : int(y), left:right].any(), word


def test_a_picture_has_the_same_bytes_again(roster: Picture) -> None:
    assert rasteriser()(roster.svg) == rasteriser()(roster.svg)


@pytest.mark.parametrize("installed", ["DejaVu Sans", "Arial"])
def test_a_font_of_the_list_is_taken_before_the_serif_one_that_resvg_falls_back_to(
    monkeypatch: pytest.MonkeyPatch, installed: str
) -> None:
    def machine(*, svg_string: str, sans_serif_family: str | None = None, zoom: float = 1.0) -> bytes:
        asked = sans_serif_family if "sans-serif" in svg_string else svg_string
        font = "serif" if installed not in (asked or "") else installed
        return f"{font} {zoom}".encode() if "<text" in svg_string else b""

    monkeypatch.setattr(resvg_py, "svg_to_bytes", machine)
    letters = '<svg><text font-family="sans-serif">Ag1</text></svg>'
    assert rasteriser()(letters) == f"{installed} {ZOOM}".encode()


def test_without_fonts_no_picture_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    bare = partial(resvg_py.svg_to_bytes, skip_system_fonts=True)
    monkeypatch.setattr(resvg_py, "svg_to_bytes", bare)
    with pytest.raises(OutputError, match="no font") as raised:
        rasteriser()
    assert "--format svg" in raised.value.hint


def test_without_the_package_its_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(UsageError, match="resvg-py") as raised:
        rasteriser()
    assert "openwfm[png]" in raised.value.hint
