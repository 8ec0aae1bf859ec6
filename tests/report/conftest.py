"""A browser for the tests marked `browser`, and pages to open in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.report.centre import config_of, run_of
from tests.report.chromium import Page, browsing, find_chromium
from wfm.report import render

QUEUES = ["billing", "tech", "chat"]


@pytest.fixture(scope="session")
def benign_html() -> str:
    config = config_of(QUEUES)
    return render(run_of(config, agents=24, teams=2), config)


@pytest.fixture(scope="module")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    executable = find_chromium()
    if executable is None:
        pytest.skip("no Chromium on this machine: install the package `chromium`")
    with browsing(executable, tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def opened(chromium: Page, tmp_path: Path) -> Callable[..., Page]:
    """Return a function that opens a page of HTML at a width, a colour scheme and a medium."""

    def open_page(html: str, *, width: int = 1280, scheme: str = "light", medium: str = "") -> Page:
        path = tmp_path / "report.html"
        path.write_text(html, encoding="utf-8")
        chromium.events.clear()
        chromium.size(width, 900)
        chromium.media(scheme=scheme, medium=medium)
        chromium.open(path)
        return chromium

    return open_page
