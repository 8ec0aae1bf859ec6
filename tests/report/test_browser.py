"""The report in a real browser: silent, offline, readable in light and dark, by keyboard, on a phone."""

from __future__ import annotations

import base64
from collections.abc import Callable

import pytest

from tests.report.chromium import Page
from tests.report.test_hostile_names import hostile_page

pytestmark = pytest.mark.browser

CONTRAST = """
(() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = numbers(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return numbers(getComputedStyle(document.body).backgroundColor);
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some(n => n.nodeType === 3 && n.data.trim())) continue;
    if (!element.checkVisibility() || ["title", "desc"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const ink = numbers(element instanceof SVGElement ? style.fill : style.color);
    const [high, low] = [light(ink), light(ground(element))].sort((a, b) => b - a);
    found.push([(high + 0.05) / (low + 0.05), element.tagName + "." + element.getAttribute("class")]);
  }
  return found.sort((a, b) => a[0] - b[0]);
})()
"""

PICTURES = """
[...document.querySelectorAll("svg[role=img]")].filter(s => s.checkVisibility()).map(s => {
  const box = s.getBoundingClientRect();
  const drawn = [...s.querySelectorAll("path")].some(p => p.getBBox().width > 0);
  const named = s.hasAttribute("aria-label")
    || s.getAttribute("aria-labelledby").split(" ")
      .every(id => document.getElementById(id).textContent.trim());
  return [box.width, box.height, drawn, named];
})
"""


STOPS = """
[...document.querySelectorAll("a[href], summary, [tabindex='0'], input:checked")]
  .filter(e => e.checkVisibility()).length
"""

FOCUSED = """
(() => {
  const e = document.activeElement, box = e.getBoundingClientRect(), style = getComputedStyle(e);
  const name = e.getAttribute("aria-label") || e.textContent.trim() || e.closest("label")?.textContent.trim();
  return {
    place: [...document.querySelectorAll("*")].indexOf(e),
    what: e.outerHTML.slice(0, 80),
    named: Boolean(name),
    ring: style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2,
    seen: box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0,
  };
})()
"""


def press(page: Page, key: str, code: int) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        page.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


def enter(page: Page) -> None:
    for kind, text in (("keyDown", "\r"), ("keyUp", "")):
        page.send(
            "Input.dispatchKeyEvent",
            type=kind,
            key="Enter",
            code="Enter",
            windowsVirtualKeyCode=13,
            text=text,
        )


def click(page: Page, selector: str) -> None:
    middle = f"(b => [b.x + b.width / 2, b.y + b.height / 2])(document.querySelector('{selector}')"
    x, y = page.evaluate(f"{middle}.getBoundingClientRect())")
    for kind in ("mousePressed", "mouseReleased"):
        page.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def test_opening_the_page_says_nothing_and_asks_the_network_for_nothing(
    opened: Callable[..., Page], benign_html: str
) -> None:
    page = opened(benign_html)
    assert page.named("Log.entryAdded") == []
    assert page.named("Runtime.consoleAPICalled") == []
    assert page.named("Runtime.exceptionThrown") == []
    requested = [event["request"]["url"] for event in page.named("Network.requestWillBeSent")]
    assert len(requested) == 1
    assert requested[0].startswith("file:")
    assert page.evaluate("performance.getEntriesByType('resource').length") == 0


def test_every_chart_has_a_size_is_drawn_and_named(opened: Callable[..., Page], benign_html: str) -> None:
    pictures = opened(benign_html).evaluate(PICTURES)
    assert len(pictures) > 20
    assert [p for p in pictures if p[0] < 100 or p[1] < 15 or not p[2] or not p[3]] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_visible_text_has_a_contrast_of_four_and_a_half(
    opened: Callable[..., Page], benign_html: str, scheme: str
) -> None:
    found = opened(benign_html, scheme=scheme).evaluate(CONTRAST)
    assert len(found) > 500
    assert found[0][0] >= 4.5, found[:5]


def test_the_dark_page_is_dark(opened: Callable[..., Page], benign_html: str) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = opened(benign_html, scheme="light").evaluate(colour)
    dark = opened(benign_html, scheme="dark").evaluate(colour)
    assert sum(map(int, light[4:-1].split(","))) > 600
    assert sum(map(int, dark[4:-1].split(","))) < 150


@pytest.mark.parametrize("names", ["benign", "hostile"])
def test_the_page_never_scrolls_sideways(opened: Callable[..., Page], benign_html: str, names: str) -> None:
    page = opened(benign_html if names == "benign" else hostile_page(), width=320)
    for width in (320, 375, 390, 768, 1280):  # asking for the width lays the page out anew
        page.size(width, 900)
        assert page.evaluate("innerWidth") == width
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_zoom_by_the_arrow_key_widens_the_roster(opened: Callable[..., Page], benign_html: str) -> None:
    page = opened(benign_html)
    width = "document.querySelector('.team svg').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.evaluate("document.getElementById('zoom-1').focus()")
    press(page, "ArrowRight", 39)
    assert page.evaluate(width) == pytest.approx(2 * before, rel=0.01)


def test_zoom_by_a_click_widens_the_bars_and_not_the_page(
    opened: Callable[..., Page], benign_html: str
) -> None:
    page = opened(benign_html, width=375)
    width = "document.querySelector('.team svg').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.evaluate("document.getElementById('zoom-4').scrollIntoView({block: 'center'})")
    click(page, "#zoom-4")
    assert page.evaluate(width) == pytest.approx(4 * before, rel=0.25)  # the column of names keeps its width
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_the_names_stay_in_sight_when_the_bars_are_scrolled(
    opened: Callable[..., Page], benign_html: str
) -> None:
    page = opened(benign_html, width=375)
    page.evaluate("document.querySelector('.gantt').scrollLeft = 300")
    left = "document.querySelector('.names').getBoundingClientRect().left"
    assert 0 <= page.evaluate(left) < 30


def test_a_team_folds_by_the_enter_key(opened: Callable[..., Page], benign_html: str) -> None:
    page = opened(benign_html)
    shown = "document.querySelector('.team-fold .team').checkVisibility()"
    assert page.evaluate(shown)
    page.evaluate("document.querySelector('.team-fold summary').focus()")
    enter(page)
    assert not page.evaluate(shown)


def test_tab_goes_down_the_page_through_named_things_with_a_ring(
    opened: Callable[..., Page], benign_html: str
) -> None:
    page = opened(benign_html)
    stops = []
    for _ in range(page.evaluate(STOPS)):
        press(page, "Tab", 9)
        stops.append(page.evaluate(FOCUSED))
    places = [stop["place"] for stop in stops]
    assert places == sorted(places)
    assert len(set(places)) == len(places) > 40
    assert [stop for stop in stops if not stop["named"] or not stop["ring"] or not stop["seen"]] == []


def test_paper_has_every_part_and_no_part_runs_over_its_edge(
    opened: Callable[..., Page], benign_html: str
) -> None:
    page = opened(benign_html, width=1032, medium="print")  # 297 mm less two margins of 12, at 96 px an inch
    assert page.evaluate("document.documentElement.scrollWidth") <= 1032
    folded = "[...document.querySelectorAll('details:not(.numbers) > :not(summary)')]"
    assert page.evaluate(f"{folded}.every(e => e.checkVisibility())")
    over = "[...document.querySelectorAll('table, svg[role=img]')].filter(e => e.checkVisibility()"
    assert page.evaluate(f"{over} && e.getBoundingClientRect().right > 1032).length") == 0
    paper = page.send("Page.printToPDF", preferCSSPageSize=True, printBackground=True)["data"]
    assert base64.b64decode(paper).startswith(b"%PDF")


def test_a_folded_day_opens_by_the_enter_key(opened: Callable[..., Page], benign_html: str) -> None:
    page = opened(benign_html)
    page.evaluate("document.querySelector('details.day:not([open]) summary').focus()")
    folded = page.evaluate("document.querySelectorAll('details.day:not([open])').length")
    enter(page)
    assert page.evaluate("document.querySelectorAll('details.day:not([open])').length") == folded - 1


def test_the_first_tab_shows_the_skip_link_with_a_focus_ring(
    opened: Callable[..., Page], benign_html: str
) -> None:
    page = opened(benign_html)
    press(page, "Tab", 9)
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_paper_shows_the_folded_days(opened: Callable[..., Page], benign_html: str) -> None:
    visible = "document.querySelector('details.day:not([open]) .lanes').checkVisibility()"
    assert not opened(benign_html).evaluate(visible)
    assert opened(benign_html, medium="print").evaluate(visible)


def test_hostile_names_run_nothing(opened: Callable[..., Page]) -> None:
    page = opened(hostile_page())
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("typeof window.taken") == "undefined"
    assert page.named("Log.entryAdded") == []
    assert len(page.named("Network.requestWillBeSent")) == 1
