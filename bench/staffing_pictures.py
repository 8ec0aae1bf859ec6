"""The pictures of docs/staffing.md: what each model says beside what `wfm.simulate` counts.

    python bench/staffing_pictures.py [--contacts N] [--out DIR]

Writes staffing_*.svg to docs/pictures and prints every figure that the page quotes. Curves are formulas,
points are simulations (seeded); bars are 95 % confidence intervals, where larger than the point.
  models     one load, callers who wait for ever, hang up, call again: Erlang C, A, X and the simulated queue
  moving     a day whose load moves, calls of 15 minutes: each interval for itself, or the load followed
  uncertain  days that come busier or quieter than forecast: agents for the mean, agents for the mixture
  shared     two queues whose agents have one skill or both: apart, partly shared, one pool
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from wfm.config import Config, Queue, build_config
from wfm.conform import conform
from wfm.erlang import staff
from wfm.erlang.choice import model_of
from wfm.erlang.expectation import Arrivals, expected_performance
from wfm.erlang.models import QueueingModel, performance
from wfm.erlang.targets import Targets, fewest_agents
from wfm.simulate.options import Options
from wfm.simulate.stage import simulate
from wfm.simulate.steady import Ratio, SteadyService, SteadySystem, steady_service, steady_system
from wfm.tables import BANDS, FORECAST

Floats = NDArray[np.float64]

PICTURES_DIR = Path(__file__).resolve().parents[1] / "docs" / "pictures"

SEED = 20260302
DAY = pd.Timestamp("2026-03-02 08:00", tz="UTC")
TARGETS = Targets(service_level=0.8, answer_within_s=20.0)
HALF_HOUR_S, EIGHT = 1800.0, 8.0
SURE = 1.96  # standard errors of a 95 % confidence interval

# ---------------------------------------------------------------------------------------------------- drawing

FONT = 'font-family="system-ui, Segoe UI, Helvetica, Arial, sans-serif" font-size="13"'
WIDTH, LEFT, RIGHT, HEAD, FOOT = 760.0, 62.0, 28.0, 62.0, 50.0
LIGHT = {
    "c0": "#1f66b0",
    "c1": "#b8500a",
    "c2": "#2b7a36",
    "ink": "#24292f",
    "rule": "#d5dae0",
    "page": "#ffffff",
}
DARK = {
    "c0": "#6db3f7",
    "c1": "#f39a55",
    "c2": "#7fcf8a",
    "ink": "#e0e4ea",
    "rule": "#3a424d",
    "page": "#15191f",
}


@dataclass(frozen=True)
class Series:
    """One legend entry: `kind` is line, dashed, steps or points; `error` the half-width of a point's bar."""

    name: str
    colour: str
    kind: str
    x: Floats
    y: Floats
    error: Floats | None = None


@dataclass(frozen=True)
class Axis:
    """What an axis measures, and its labelled places; the first and the last are its ends."""

    label: str
    ticks: tuple[float, ...]
    names: tuple[str, ...]

    def at(self, value: float, begin: float, end: float) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return begin + (value - low) / (high - low) * (end - begin)


@dataclass(frozen=True)
class Panel:
    """A chart: title, axes, series; the legend stands in `columns` columns under the title."""

    title: str
    x: Axis
    y: Axis
    series: tuple[Series, ...]
    height: float = 330.0
    columns: int = 3


def percent(*ticks: int) -> Axis:
    return Axis("answered in 20 s", tuple(t / 100 for t in ticks), tuple(f"{t} %" for t in ticks))


def numbers(label: str, ticks: range) -> Axis:
    return Axis(label, tuple(map(float, ticks)), tuple(map(str, ticks)))


def picture(panels: tuple[Panel, ...]) -> str:
    """Return the panels below each other as SVG with a page of its own, light or dark as the reader's."""
    height = sum(panel.height for panel in panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}" height="{height:g}" {FONT}>',
        f"<style>{_rules(LIGHT)}@media (prefers-color-scheme: dark) {{{_rules(DARK)}}}</style>",
        f'<rect class="page" width="{WIDTH:g}" height="{height:g}"/>',
    ]
    top = 0.0
    for panel in panels:
        parts += _panel(panel, top)
        top += panel.height
    return "\n".join([*parts, "</svg>\n"])


def _rules(colours: dict[str, str]) -> str:
    marks = "".join(
        f".{c}{{stroke:{v};fill:none}}.{c}.dot{{fill:{v}}}" for c, v in colours.items() if c[0] == "c"
    )
    ink = f"text{{fill:{colours['ink']}}}.ink{{stroke:{colours['ink']};fill:none}}"
    return f"{marks}{ink}.rule{{stroke:{colours['rule']}}}.page{{fill:{colours['page']}}}"


def _panel(panel: Panel, top: float) -> list[str]:
    rows = -(-len(panel.series) // panel.columns)
    begin, end = LEFT, WIDTH - RIGHT
    high, low = top + HEAD + 20.0 * (rows - 1), top + panel.height - FOOT
    parts = [
        f'<text x="{LEFT:g}" y="{top + 24:g}" font-size="15" font-weight="600">{escape(panel.title)}</text>'
    ]
    for value, name in zip(panel.y.ticks, panel.y.names, strict=True):
        y = panel.y.at(value, low, high)
        parts.append(f'<path class="rule" d="M{begin:g} {y:.1f}H{end:g}"/>')
        parts.append(f'<text x="{begin - 7:g}" y="{y + 4.5:.1f}" text-anchor="end">{name}</text>')
    for value, name in zip(panel.x.ticks, panel.x.names, strict=True):
        x = panel.x.at(value, begin, end)
        parts.append(f'<path class="ink" d="M{x:.1f} {low:g}v4"/>')
        parts.append(f'<text x="{x:.1f}" y="{low + 18:g}" text-anchor="middle">{name}</text>')
    middle, centred = (high + low) / 2, 'text-anchor="middle"'
    parts += [
        f'<path class="ink" d="M{begin:g} {low:g}H{end:g}"/>',
        f'<text x="{(begin + end) / 2:g}" y="{low + 38:g}" {centred}>{escape(panel.x.label)}</text>',
        f'<text transform="translate(14 {middle:g}) rotate(-90)" {centred}>{escape(panel.y.label)}</text>',
    ]
    step = (end - begin) / panel.columns
    for k, series in enumerate(panel.series):
        x, y = begin + step * (k % panel.columns), top + 43.0 + 20.0 * (k // panel.columns)
        mark = _dot(series, x + 13, y) if series.kind == "points" else _path(series, f"M{x:g} {y:g}h26")
        parts += [mark, f'<text x="{x + 33:g}" y="{y + 4.5:g}">{escape(series.name)}</text>']
    for series in panel.series:
        xs = [panel.x.at(value, begin, end) for value in series.x.tolist()]
        ys = [panel.y.at(value, low, high) for value in series.y.tolist()]
        parts += _marks(series, xs, ys, abs(panel.y.at(1.0, low, high) - panel.y.at(0.0, low, high)))
    return parts


def _marks(series: Series, xs: list[float], ys: list[float], per_unit: float) -> list[str]:
    places = list(zip(xs, ys, strict=True))
    if series.kind != "points":
        steps = series.kind == "steps"
        rest = "".join(f"H{x:.1f}V{y:.1f}" if steps else f"L{x:.1f} {y:.1f}" for x, y in places[1:])
        return [_path(series, f"M{xs[0]:.1f} {ys[0]:.1f}{rest}")]
    bars = [] if series.error is None else (series.error * per_unit).tolist()
    return [
        *(
            f'<path class="{series.colour}" stroke-width="1.6" d="M{x:.1f} {y - bar:.1f}V{y + bar:.1f}'
            f'M{x - 4:.1f} {y - bar:.1f}h8M{x - 4:.1f} {y + bar:.1f}h8"/>'
            for (x, y), bar in zip(places, bars or [0.0] * len(places), strict=True)
            if bar > 0
        ),
        *(_dot(series, x, y) for x, y in places),
    ]


def _path(series: Series, way: str) -> str:
    dash = ' stroke-dasharray="6 4"' if series.kind == "dashed" else ""
    return f'<path class="{series.colour}" stroke-width="2"{dash} stroke-linejoin="round" d="{way}"/>'


def _dot(series: Series, x: float, y: float) -> str:
    return f'<circle class="{series.colour} dot" cx="{x:.1f}" cy="{y:.1f}" r="3.6"/>'


def level(name: str, x: Axis, y: float) -> Series:
    """Return a level line over the whole axis, such as a promise."""
    return Series(name, "ink", "dashed", np.array([x.ticks[0], x.ticks[-1]]), np.array([y, y]))


# ----------------------------------------------------------------------------------------------------- models


def models(contacts: int) -> tuple[Panel, ...]:
    """100 calls of 180 s in half an hour; patience 120 s; half of those who hang up call again."""
    load, aht_s, agents = 10.0, 180.0, np.arange(8, 19)
    kinds: dict[str, tuple[str, dict[str, Any]]] = {
        "C": ("nobody hangs up", {}),
        "A": ("callers hang up", {"patience_s": 120.0}),
        "X": ("and half redial", {"patience_s": 120.0, "redial_probability": 0.5}),
    }
    curves, points = [], []
    print("models: agents, said and simulated service level, half-width of the simulated")
    for k, (letter, (words, keys)) in enumerate(kinds.items()):
        queues = config_of(**keys).queues
        model = model_of(queues["calls"])
        # Erlang C knows no service level without a steady state: it draws and plays from 11 agents on.
        shown = agents[agents > load] if letter == "C" else agents
        said = performance(model, shown, load, aht_s, TARGETS.answering).service_level
        system = steady_system(queues, np.array([load / aht_s]), np.array([aht_s]), [["calls"]])
        found = [steady_service(system, np.array([n]), contacts, SEED) for n in shown.tolist()]
        simulated, error = shares(found, 0)
        fewest = int(fewest_agents(model, 100.0, HALF_HOUR_S, aht_s, TARGETS))
        print(f"  Erlang {letter}: required {fewest}")
        for n, s, m, e, service in zip(shown, said, simulated, error, found, strict=True):
            gone = float(service.abandonment.value[0])
            print(f"    {n:3} said {s:7.2%} simulated {m:7.2%} +-{e:.2%}, abandoned {gone:.2%}")
        if letter == "X":
            late = steady_system(
                config_of(**keys, redial_after_s=3600.0).queues, system.rate_per_s, system.aht_s, [["calls"]]
            )
            slow, error_slow = shares([steady_service(late, np.array([n]), contacts, SEED) for n in shown], 0)
            pairs = ", ".join(f"{n}: {m:.2%}" for n, m in zip(shown, slow, strict=True))
            print(f"    redials after an hour, not 300 s: {pairs}, +-{error_slow.max():.2%} at most")
        curves.append(Series(f"Erlang {letter}: {words}", f"c{k}", "line", shown.astype(float), said))
        points.append(Series("simulated", f"c{k}", "points", shown.astype(float), simulated, error))
    x = numbers("agents, for a load of 10 erlangs", range(8, 19))
    y = percent(*range(20, 101, 20))
    return (
        Panel("One load, three kinds of callers", x, y, (*curves, *points, level("promise", x, 0.8)), 400.0),
    )


# ----------------------------------------------------------------------------------------------------- moving


def moving(contacts: int) -> tuple[Panel, ...]:
    """A day from 8 to 20 with two peaks of up to 40 erlangs; calls of 15 minutes, patience of three."""
    place = (np.arange(48) + 0.5) / 48
    peaks = np.maximum(
        np.exp(-(((place - 0.28) / 0.12) ** 2)), 0.85 * np.exp(-(((place - 0.68) / 0.15) ** 2))
    )
    offered = np.round(40.0 * (0.25 + 0.75 * peaks), 1)
    edges = EIGHT + np.arange(49) / 4
    agents, service = [], []
    print("moving: quarter hours of 900 s calls, promise 80 %")
    for k, name in enumerate(("per_interval", "offered_load")):
        config = config_of(interval_min=15, hours="Mon-Fri 08:00-20:00", patience_s=180.0, load_model=name)
        plan = staff(forecast_of(offered, 900.0, 15), config)
        days = max(100, contacts // int(offered.sum()))
        played = simulate(plan, config, options=Options(replications=days, seed=SEED)).simulation
        found, required = played["service_level"].to_numpy(), plan["agents_required"].to_numpy()
        wide = (played["service_level_high"] - played["service_level_low"]).to_numpy() / 2
        said = plan["service_level"].to_numpy()
        whole = np.average(found, weights=played["attempts"])
        falls = np.diff(required, prepend=required[0]) < 0
        print(f"  {name}: {required.sum() / 4:.1f} agent-hours, first hour {required[:4].tolist()}")
        print(f"    whole day {whole:.1%}, {days} days, half-width at most {wide.max():.1%}")
        for words, rows in (
            ("first hour", edges[:-1] < EIGHT + 1),
            ("not falling", ~falls),
            ("falling", falls),
        ):
            off = np.sqrt(np.mean((found - said)[rows] ** 2))
            low, high = found[rows].min(), found[rows].max()
            print(
                f"    {words}, {rows.sum()} intervals: simulated {low:.1%} to {high:.1%},"
                f" said {said[rows].min():.1%} to {said[rows].max():.1%}, root mean square apart {off:.1%}"
            )
        steps = np.append(required, required[-1]).astype(float)
        agents.append(Series(f"agents, {name}", f"c{k}", "steps", edges, steps))
        service.append(Series(name, f"c{k}", "line", edges[:-1] + 0.125, found))
    load = Series("load of the interval, erlangs", "ink", "dashed", edges, np.append(offered, offered[-1]))
    hours = tuple(range(8, 21, 2))
    x = Axis("time of day", tuple(map(float, hours)), tuple(f"{hour}:00" for hour in hours))
    y = percent(60, 70, 80, 90, 100)
    return (
        Panel("Agents required, calls of 15 minutes", x, numbers("agents, erlangs", range(0, 51, 10)),
              (*agents, load), 310.0),
        Panel("Service level that they give, simulated", x, y, (*service, level("promise", x, 0.8)), 320.0),
    )  # fmt: skip


# -------------------------------------------------------------------------------------------------- uncertain


def uncertain(contacts: int) -> tuple[Panel, ...]:
    """750 calls of 240 s in half an hour, patience 120 s; the rate of a day is gamma distributed."""
    load, aht_s, calls = 100.0, 240.0, 750.0
    model = QueueingModel("erlang_a", 120.0)
    plain = int(fewest_agents(model, calls, HALF_HOUR_S, aht_s, TARGETS))
    fine, shown = np.linspace(0.0, 0.3, 61), np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3])
    mixed = fewest_agents(model, calls, HALF_HOUR_S, aht_s, TARGETS, Arrivals(cv=fine))
    curves = {
        f"{plain} agents, for the mean": (np.full(len(fine), plain), "c1"),
        "agents for the mixture": (np.asarray(mixed), "c0"),
    }
    days = max(200, contacts // 1000)
    series = []
    print(f"uncertain: expected and simulated service level, {days} days each")
    for name, (agents, colour) in curves.items():
        said = expected_performance(model, agents, load, aht_s, Arrivals(cv=fine), TARGETS.answering)
        series.append(Series(name, colour, "line", fine, said.service_level))
        at = np.searchsorted(fine, shown - 1e-9)
        played = [played_at(float(cv), int(n), days) for cv, n in zip(shown, agents[at], strict=True)]
        simulated, error = (np.array(column) for column in zip(*played, strict=True))
        rows = zip(shown, agents[at], said.service_level[at], simulated, error, strict=True)
        for cv, n, s, m, e in rows:
            print(f"    cv {cv:.2f} {n:3} agents said {s:.2%} simulated {m:.2%} +-{e:.2%}")
        series.append(Series("simulated days", colour, "points", shown, simulated, error))
    ticks = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3)
    x = Axis("uncertainty_cv: standard deviation of a day's rate / its mean", ticks,
             tuple(f"{t:.2f}" for t in ticks))  # fmt: skip
    y = percent(50, 60, 70, 80, 90)
    order = (series[0], series[2], level("promise", x, 0.8), series[1], series[3])
    return (Panel("Days that are not as forecast", x, y, order, 370.0),)


def played_at(cv: float, agents: int, days: int) -> tuple[float, float]:
    """Return service level and half-width of days from 8 to 10, counted from 9 on: they begin empty."""
    keys: dict[str, Any] = {"uncertainty": "mixture", "uncertainty_cv": cv} if cv else {}
    config = config_of(patience_s=120.0, hours="Mon-Fri 08:00-10:00", **keys)
    plan = staff(forecast_of(np.full(4, 750.0), 240.0, 30), config).assign(agents_required=agents)
    played = simulate(plan, config, options=Options(replications=days, seed=SEED)).simulation[2:]
    # Intervals of a day share its rate: as if they were one, the half-width is that of each.
    half = (played["service_level_high"] - played["service_level_low"]) / 2
    return float(np.average(played["service_level"], weights=played["attempts"])), float(half.mean())


# ----------------------------------------------------------------------------------------------------- shared

SALES = {"patience_s": 60.0}
HELP = {"patience_s": 300.0}
LOADS, AHTS_S = np.array([5.0, 10.0]), np.array([180.0, 360.0])
FLEXIBLE = 5  # agents with both skills, where some have them
PERCENT_40 = (0.4, 0.6, 0.8, 1.0), ("40 %", "60 %", "80 %", "100 %")
SKILLS = [["sales"], ["help"], ["sales", "help"], ["help", "sales"]]


def shared(contacts: int) -> tuple[Panel, ...]:
    """Sales (5 erlangs, 180 s, patience 60 s) and help (10 erlangs, 360 s, patience 300 s)."""
    usual = {"hours": "", "service_level": 0.8, "answer_within_s": 20}
    queues = build_config({"queues": {"sales": usual | SALES, "help": usual | HELP}}).queues
    system = steady_system(queues, LOADS / AHTS_S, AHTS_S, SKILLS)
    totals = list(range(15, 23))
    apart = [best_apart(queues, total) for total in totals]
    x = np.array(totals, dtype=float)
    curves = [
        Series("apart: Erlang A", "c1", "line", x, np.array([worse for worse, _ in apart])),
        Series("one queue: Erlang A", "c0", "dashed", x, merged(x)),
    ]
    print("shared: agents, what formulas say of the worse queue, and its simulated service level")
    for total, (worse, own), means in zip(totals, apart, curves[1].y, strict=True):
        print(f"  {total}: apart {own} say {worse:.2%}, one queue of means says {means:.2%}")
    points = []
    kinds = {"apart": ("c1", 0), f"{FLEXIBLE} with both": ("c2", FLEXIBLE), "all with both": ("c0", 99)}
    for name, (colour, both) in kinds.items():
        lowest, error = [], []
        for total, (_, own) in zip(totals, apart, strict=True):
            agents, level_of = best_shared(system, own, min(both, total), contacts)
            q = int(level_of.value.argmin())
            lowest.append(level_of.value[q])
            error.append(SURE * level_of.error[q])
            told = " and ".join(f"{value:.2%}" for value in level_of.value)
            print(f"    {name} {total} {agents}: {told}, worse +-{error[-1]:.2%}")
        points.append(Series(f"{name}: simulated", colour, "points", x, np.array(lowest), np.array(error)))
    axis = numbers("agents of both queues together, for 15 erlangs", range(15, 23))
    y = Axis("worse queue, answered in 20 s", *PERCENT_40)
    order = (curves[0], curves[1], level("promise of both", axis, 0.8), points[0], points[2], points[1])
    return (Panel("Two queues that share agents", axis, y, order, 380.0),)


def best_apart(queues: Mapping[str, Queue], total: int) -> tuple[float, list[int]]:
    """Return the split in two teams whose worse queue is best, by Erlang A, and that service level."""
    splits = [[own, total - own] for own in range(1, total)]

    def worse(split: list[int]) -> float:
        return min(
            float(performance(model_of(queue), n, load, aht_s, TARGETS.answering).service_level)
            for queue, n, load, aht_s in zip(queues.values(), split, LOADS, AHTS_S, strict=True)
        )

    return max((worse(split), split) for split in splits)


def best_shared(system: SteadySystem, apart: list[int], both: int, contacts: int) -> tuple[list[int], Ratio]:
    """Return agents per group and service level: the best split of the rest, by simulation."""
    total = sum(apart)
    prefer_sales = round(both * LOADS[0] / LOADS.sum())
    flexible = [prefer_sales, both - prefer_sales]
    rest = total - both
    middle = apart[0] if not both else round(rest * apart[0] / total)
    near = (
        [n for n in range(middle - 1, middle + 2) if 0 <= n <= rest]
        if both and rest
        else [middle if rest else 0]
    )
    tried = [[own, rest - own, *flexible] for own in near]
    found = [steady_service(system, np.array(agents), contacts, SEED).service_level for agents in tried]
    best = max(range(len(found)), key=lambda k: float(found[k].value.min()))
    return tried[best], found[best]


def merged(agents: Floats) -> Floats:
    """Return what Erlang A says of one queue with the means of both: contact-weighted AHT and patience."""
    rates = LOADS / AHTS_S
    load, aht_s = float(LOADS.sum()), float(LOADS.sum() / rates.sum())
    patience_s = float(rates @ np.array([SALES["patience_s"], HELP["patience_s"]]) / rates.sum())
    model = QueueingModel("erlang_a", patience_s)
    return performance(model, agents, load, aht_s, TARGETS.answering).service_level


# ----------------------------------------------------------------------------------------------------- common


def config_of(*, interval_min: int = 30, **keys: Any) -> Config:
    usual = {"hours": "", "service_level": 0.8, "answer_within_s": 20, "load_model": "per_interval"}
    return build_config(
        {"centre": {"timezone": "UTC", "interval_min": interval_min}, "queues": {"calls": usual | keys}}
    )


def forecast_of(offered: Floats, aht_s: float, interval_min: int) -> pd.DataFrame:
    starts = pd.date_range(DAY, periods=len(offered), freq=f"{interval_min}min")
    frame = pd.DataFrame({"queue": "calls", "interval_start": starts, "offered": offered, "aht_s": aht_s})
    return conform(frame.assign(**dict.fromkeys(BANDS, offered), model="given"), FORECAST)


def shares(found: list[SteadyService], queue: int) -> tuple[Floats, Floats]:
    """Return service levels of a queue and the half-widths of their 95 % confidence intervals."""
    ratios = [service.service_level for service in found]
    values = np.array([ratio.value[queue] for ratio in ratios])
    return values, SURE * np.array([ratio.error[queue] for ratio in ratios])


PICTURES = {"models": models, "moving": moving, "uncertain": uncertain, "shared": shared}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--contacts", type=int, default=3_000_000, help="simulated per point or per day plan")
    parser.add_argument("--out", type=Path, default=PICTURES_DIR)
    parser.add_argument("--only", choices=PICTURES, nargs="+", default=list(PICTURES))
    options = parser.parse_args()
    for name in options.only:
        began = time.perf_counter()
        text = picture(PICTURES[name](options.contacts))
        (options.out / f"staffing_{name}.svg").write_text(text, encoding="utf-8")
        print(f"  {len(text) / 1000:.0f} kB in {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
