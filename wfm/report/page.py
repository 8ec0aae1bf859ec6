"""Put the page together: one HTML file with its style sheet inside and no script at all.

Every text reaches the page through Jinja with autoescape on, and every path is made of numbers. The page's
own policy (`default-src 'none'`, the style sheet by its hash) forbids the browser to load or run anything,
whatever a name holds.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib import resources

import jinja2
import pandas as pd
from markupsafe import Markup

from wfm.config import Config
from wfm.diff import Changes
from wfm.io.run_folder import RunTables
from wfm.report import provenance, wording
from wfm.report.changes import change_view
from wfm.report.cover import cover
from wfm.report.fairness import fairness
from wfm.report.gantt import activities_in, gantt
from wfm.report.queue_section import queue_section
from wfm.report.requests_met import requests_met, requests_note
from wfm.report.run_warnings import rules_not_kept
from wfm.report.selection import queue_rows
from wfm.report.shifts import site_rosters
from wfm.report.week_grid import site_weeks


def render(
    run: RunTables,
    config: Config,
    *,
    title: str | None = None,
    requests: pd.DataFrame | None = None,
    time_off: pd.DataFrame | None = None,
    changes: Changes | None = None,
) -> str:
    """Return the report of a run as HTML; parts whose tables are missing say so instead.

    `title` is the heading of the page, by default the centre's name; `requests` and `time_off` are the tables
    the roster was made with, from which the page counts whose requests are met; `changes` those since the run
    before. The same arguments give the same bytes.
    """
    queues = queue_rows(run, config)
    sites = [] if run.roster is None else site_rosters(run.roster, run.agents, config)
    wishes = requests_met(run, config, requests, time_off)
    css = style()
    return (
        templates()
        .get_template("page.html.j2")
        .render(
            title=wording.printable(title if title is not None else config.centre.name),
            css=Markup(css),  # noqa: S704  our own file, no data
            style_hash=base64.b64encode(hashlib.sha256(css.encode()).digest()).decode(),
            cover=cover(run, queues, config),
            queues=[queue_section(queue) for queue in queues],
            gantt_sites=[gantt(site) for site in sites],
            activities=activities_in(sites),
            weeks=[(wording.printable(site.name), site.timezone, site_weeks(site, config)) for site in sites],
            fairness=[fairness(site, wishes) for site in sites],
            rules=rules_not_kept(run),
            changes=change_view(changes),
            requests_note=requests_note(run, wishes),
            scores=provenance.score_rows(queues),
            parts=provenance.objective_parts(run.summary or {}, config),
            figures=provenance.figures(run.summary or {}),
            manifest=provenance.entries(run.manifest or {}),
        )
    )


@cache
def templates() -> jinja2.Environment:
    """Return the templates of the page; whatever they print is escaped."""
    return jinja2.Environment(
        loader=jinja2.PackageLoader("wfm.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style() -> str:
    """Return the style sheet of the page."""
    return (resources.files("wfm.report") / "templates" / "style.css").read_text(encoding="utf-8")
