"""Names are text: whatever a queue, agent, team, site, model or manifest holds, no markup comes of it."""

from __future__ import annotations

import dataclasses
from functools import cache
from html.parser import HTMLParser
from typing import Any

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.report.centre import config_of, run_of
from wfm.config import Config
from wfm.conform import conform
from wfm.diff import Run, changes_between
from wfm.io.run_folder import RunTables
from wfm.report import render
from wfm.tables import REQUESTS

ATTACKS = (
    "<script>window.taken=1</script>",
    "\"><img src=x onerror='window.taken=1'>",
    "</title></style></svg><iframe srcdoc=x>",
    "' onfocus=window.taken=1 autofocus x='",
    "{{ 7 * 7 }}{% raw %}",
    "javascript:window.taken=1",
    "\u05e9\u05dc\u05d5\u05dd \u202eevil\u202c \u0645\u0631\u062d\u0628\u0627",
    "W" * 3000,
    "&amp;lt;b&gt; <!-- ]]> \x00\x1b[31m",
)


class Markup(HTMLParser):
    """Collects tags with their attributes, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.values: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.values |= {value for _, value in attrs if value is not None}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@cache
def hostile_page() -> str:
    return page_of(ATTACKS)


def page_of(names: tuple[str, ...], *, compared: bool = True) -> str:
    """Return the page of one and the same run, with `names` in the place of every name and free text."""
    queues, sites = list(names[:3]), {names[3]: "Europe/Berlin", names[4]: "Europe/Lisbon"}
    config = config_of(queues, sites)
    run = renamed(plain_run(), config, names)
    before = renamed(plain_run(seed=2), config, names)
    changes = None
    if compared:
        changes = changes_between(Run(names[5], before, config), Run(names[6], run, config))
    return render(run, config, title=names[0], requests=wishes(run), changes=changes)


@cache
def plain_run(seed: int = 1) -> RunTables:
    sites = {"3": "Europe/Berlin", "4": "Europe/Lisbon"}
    return run_of(config_of(["0", "1", "2"], sites), agents=12, weeks=1, teams=2, seed=seed)


def wishes(run: RunTables) -> pd.DataFrame:
    """Return the wish of everybody for a free Monday."""
    assert run.agents is not None
    rows = {"agent_id": run.agents["agent_id"], "date": "2026-03-02", "kind": "day_off"}
    return conform(pd.DataFrame(rows), REQUESTS)


def renamed(run: RunTables, config: Config, names: tuple[str, ...]) -> RunTables:
    queues, sites = dict(zip("012", config.queues, strict=True)), dict(zip("34", config.sites, strict=True))
    changed: dict[str, Any] = {}
    for name in (
        field.name for field in dataclasses.fields(run) if field.name not in ("summary", "manifest")
    ):
        frame = getattr(run, name).copy()
        for column, new in (("queue", queues), ("site", sites)):
            if column in frame:
                frame[column] = frame[column].map(new).astype("str")
        changed[name] = frame
    agents = changed["agents"]
    agents["name"] = pd.Series([names[i % len(names)] for i in range(len(agents))], dtype="str")
    teams = {team: f"{names[i % len(names)]}{i}" for i, team in enumerate(sorted(agents["team"].unique()))}
    agents["team"] = agents["team"].map(teams).astype("str")
    for name in ("forecast", "scores"):
        changed[name]["model"] = names[0]
    unmet = [{"subject": name, "rule": name, "text": name} for name in names]
    summary = {**(run.summary or {}), "warnings": list(names), "status": names[1], "parts": {names[0]: 1.0}}
    summary["unmet"] = unmet
    simulated = summary["simulation"]
    figures = {
        queues[name]: {**queue, "service_level_variant": names[0]}
        for name, queue in simulated["queues"].items()
    }
    summary["simulation"] = {**simulated, "queues": figures}
    manifest = {name: [name] for name in names}
    return dataclasses.replace(run, **changed, summary=summary, manifest=manifest)


@cache
def plain_page() -> str:
    """Return the page of the same run whose names are harmless, and sort as the attacks do."""
    order = sorted(range(len(ATTACKS)), key=ATTACKS.__getitem__)
    return page_of(tuple(f"{order.index(number):02d}" for number in range(len(ATTACKS))))


def test_hostile_names_change_no_tag_and_no_attribute() -> None:
    assert Markup(hostile_page()).tags == Markup(plain_page()).tags


def test_no_attribute_holds_a_name() -> None:
    values = Markup(hostile_page()).values
    fragments = ("taken", "onerror", "iframe", "7 * 7", "evil", "WWWW", "&lt;b")
    assert [value for value in values if any(fragment in value for fragment in fragments)] == []


def test_hostile_names_are_shown_as_they_are() -> None:
    text = "".join(Markup(hostile_page()).texts)
    for attack in ATTACKS[:-1]:
        assert (attack if len(attack) < 100 else attack[:100]) in text
    assert "&amp;lt;b&gt; <!-- ]]> \ufffd\ufffd[31m" in text


def test_the_page_holds_no_script_and_forbids_all() -> None:
    markup = Markup(hostile_page())
    tags = {tag for tag, _ in markup.tags}
    assert tags.isdisjoint({"script", "iframe", "img", "object", "embed", "link", "form", "base"})
    assert not any(
        name.startswith("on") or name in {"style", "src"} for _, names in markup.tags for name in names
    )
    assert any(value.startswith("default-src 'none'; style-src 'sha256-") for value in markup.values)


@settings(max_examples=examples(4, quick=2))
@given(names=st.lists(st.text(min_size=1, max_size=30), min_size=9, max_size=9, unique_by=str.strip))
def test_any_text_makes_a_page_of_the_same_kinds_of_tags(names: list[str]) -> None:
    usable = tuple(name.strip().encode("utf-8", "ignore").decode() or f"n{i}" for i, name in enumerate(names))
    if len(set(usable)) < len(usable):
        return
    allowed = set(Markup(plain_page()).tags)
    assert set(Markup(page_of(usable, compared=False)).tags) <= allowed
