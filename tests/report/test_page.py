"""The page as a document: complete without any table, in order, no dangling reference, small and quick."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from tests.report.centre import config_of, run_of
from wfm.io.run_folder import RunTables
from wfm.report import render

TABLES = [field.name for field in dataclasses.fields(RunTables)]
SMALL = config_of(["billing"], {"porto": "Europe/Lisbon"})
VOID = {"meta", "input", "path", "br"}


class Outline(HTMLParser):
    """Collects headings, ids, references to ids, and whether every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.references: set[str] = set()
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            elif name == "aria-labelledby":
                self.references |= set(str(value).split())
            elif name == "href":
                assert str(value).startswith("#"), value
                self.references.add(str(value)[1:])
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self.open.pop() == tag


def test_headings_descend_one_level_at_a_time(benign_html: str) -> None:
    levels = Outline(benign_html).headings
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_ids_are_unique_and_every_reference_has_its_target(benign_html: str) -> None:
    outline = Outline(benign_html)
    assert [name for name, count in Counter(outline.ids).items() if count > 1] == []
    assert outline.references <= set(outline.ids)
    assert outline.open == []


def test_nothing_is_loaded_from_elsewhere(benign_html: str) -> None:
    assert re.findall(r"https?:|@import|url\((?!#)|src=|<script", benign_html) == []


def test_the_same_run_gives_the_same_bytes(benign_html: str) -> None:
    config = config_of(["billing", "tech", "chat"])
    assert render(run_of(config, agents=24, teams=2), config) == benign_html


@pytest.fixture(scope="module")
def small() -> RunTables:
    return run_of(SMALL, agents=4, weeks=1, rostered_days=2)


@pytest.mark.parametrize("absent", TABLES)
def test_a_run_without_one_table_is_still_a_page(small: RunTables, absent: str) -> None:
    outline = Outline(render(dataclasses.replace(small, **{absent: None}), SMALL))
    assert outline.open == []
    assert outline.references <= set(outline.ids)


@pytest.mark.parametrize("present", TABLES)
def test_a_run_with_one_table_only_is_still_a_page(small: RunTables, present: str) -> None:
    html = render(RunTables(**{present: getattr(small, present)}), SMALL)
    assert Outline(html).open == []
    if present != "history":
        assert "This run has no history" in html


def test_empty_tables_make_a_page(small: RunTables) -> None:
    empty = {name: getattr(small, name).iloc[:0] for name in TABLES if name not in ("summary", "manifest")}
    assert Outline(render(RunTables(**empty), SMALL)).open == []


def test_a_title_replaces_the_name_of_the_centre() -> None:
    config = config_of(["billing"])
    html = render(RunTables(), config, title="Spring plan")
    assert "<h1><bdi>Spring plan</bdi></h1>" in html
    assert config.centre.name not in html


@pytest.mark.parametrize("agents", [pytest.param(150, marks=pytest.mark.slow), 500])
def test_six_queues_six_weeks_and_a_large_centre_stay_below_3_mb(agents: int) -> None:
    config = config_of(["billing", "tech", "sales", "vip", "chat", "email"])
    run = run_of(config, agents=agents, teams=12)
    assert len(render(run, config).encode()) < 3_000_000
