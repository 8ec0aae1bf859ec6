"""The report in a real browser: silent, offline, readable in light and dark, by keyboard, on a phone."""

from __future__ import annotations

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


def press(page: Page, key: str, code: int) -> None:
    for kind in ("rawKeyDown", "keyUp"):
        page.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code)


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


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("names", ["benign", "hostile"])
def test_the_page_never_scrolls_sideways(
    opened: Callable[..., Page], benign_html: str, width: int, names: str
) -> None:
    page = opened(benign_html if names == "benign" else hostile_page(), width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_zoom_by_the_arrow_key_widens_the_roster(opened: Callable[..., Page], benign_html: str) -> None:
    page = opened(benign_html)
    width = "document.querySelector('.team svg').getBoundingClientRect().width"
    before = page.evaluate(width)
    page.evaluate("document.getElementById('zoom-1').focus()")
    press(page, "ArrowRight", 39)
    assert page.evaluate(width) == pytest.approx(2 * before, rel=0.01)


def test_a_folded_day_opens_by_the_enter_key(opened: Callable[..., Page], benign_html: str) -> None:
    page = opened(benign_html)
    page.evaluate("document.querySelector('details.day:not([open]) summary').focus()")
    folded = page.evaluate("document.querySelectorAll('details.day:not([open])').length")
    page.send(
        "Input.dispatchKeyEvent",
        type="keyDown",
        key="Enter",
        code="Enter",
        windowsVirtualKeyCode=13,
        text="\r",
    )
    page.send("Input.dispatchKeyEvent", type="keyUp", key="Enter", code="Enter", windowsVirtualKeyCode=13)
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
