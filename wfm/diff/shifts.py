"""Shifts of two rosters: who works otherwise on which date. Clock times are those of the shift's site."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pandas as pd

from wfm.diff.run import Pair, Reach, Run
from wfm.localtime import zone

COLUMNS = ("agent_id", "name", "date", "kind", "before", "after")
OFF = "off"

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Moments and dates are microseconds since 1970 (UTC): a roster of 500 agents has 40,000 of them to compare.
Segment = tuple[int, int, str, bool]
Key = tuple[str, int]


@dataclass(frozen=True)
class _Shift:
    """The segments of one agent and date, by start."""

    site: str
    segments: tuple[Segment, ...]

    @property
    def place(self) -> tuple[str, int, int]:
        """Site, start and end."""
        return self.site, self.segments[0][0], max(segment[1] for segment in self.segments)


def changed_shifts(rosters: Pair[pd.DataFrame], runs: Pair[Run], reach: Reach) -> pd.DataFrame:
    """Return agent_id, name, date, kind, before, after, by date and agent, over the common dates.

    `kind` is new, gone, moved (start, end or site differ) or inside (breaks and activities differ).
    """
    before, after = (_shifts(reach.cut(one, "shift_date")) for one in (rosters.before, rosters.after))
    names = {**_names(runs.before), **_names(runs.after)}
    clocks = {**runs.before.config.site_zones, **runs.after.config.site_zones}
    default = runs.after.config.centre.timezone
    rows = []
    for key in sorted(before.keys() | after.keys(), key=lambda one: (one[1], one[0])):
        was, now = before.get(key), after.get(key)
        if was == now:
            continue
        kind = _kind(was, now)
        sites = {one.site for one in (was, now) if one is not None}
        told = _Told(clocks, default, inside=kind == "inside", site=len(sites) > 1)
        texts = (told.text(one) for one in (was, now))
        rows.append((key[0], names.get(key[0], ""), key[1], kind, *texts))
    found = pd.DataFrame(rows, columns=list(COLUMNS))
    return found.assign(date=found["date"].to_numpy(dtype="datetime64[us]"))


def _kind(was: _Shift | None, now: _Shift | None) -> str:
    if was is None:
        return "new"
    if now is None:
        return "gone"
    return "inside" if was.place == now.place else "moved"


def _shifts(roster: pd.DataFrame) -> dict[Key, _Shift]:
    ordered = roster.sort_values(["agent_id", "shift_date", "start"], kind="stable")
    sites: dict[Key, str] = {}
    segments: dict[Key, list[Segment]] = {}
    times = (_microseconds(ordered[name]) for name in ("shift_date", "start", "end"))
    texts = (ordered[name].astype("str").tolist() for name in ("agent_id", "site", "activity"))
    paid = ordered["paid"].astype(bool).tolist()
    for date, start, end, agent_id, site, what, is_paid in zip(*times, *texts, paid, strict=True):
        key = (agent_id, date)
        sites.setdefault(key, site)
        segments.setdefault(key, []).append((start, end, what, is_paid))
    return {key: _Shift(sites[key], tuple(rows)) for key, rows in segments.items()}


def _microseconds(moments: pd.Series) -> list[int]:
    return moments.to_numpy(dtype="datetime64[us]").astype("int64").tolist()


def _names(run: Run) -> dict[str, str]:
    if run.tables.agents is None:
        return {}
    people = run.tables.agents
    return dict(zip(people["agent_id"].astype("str"), people["name"].fillna("").astype("str"), strict=True))


@dataclass(frozen=True)
class _Told:
    """How a shift is written: by these clocks, with what is inside it, with its site."""

    clocks: Mapping[str, str]
    default: str
    inside: bool
    site: bool

    def text(self, shift: _Shift | None) -> str:
        """Return `08:00-16:30`, or `off`."""
        if shift is None:
            return OFF
        clock = zone(self.clocks.get(shift.site, self.default))

        def span(*moments: int) -> str:
            local = ((EPOCH + timedelta(microseconds=one)).astimezone(clock) for one in moments)
            return "-".join(f"{one:%H:%M}" for one in local)

        site, start, end = shift.place
        words = [span(start, end), *([f"at {site}"] if self.site else ())]
        if self.inside:
            words += [f"{what} {span(*times)}" for *times, what, _ in shift.segments if what != "on_queue"]
        return ", ".join(words)
