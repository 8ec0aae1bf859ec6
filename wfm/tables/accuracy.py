"""How good forecasts are: of models at rolling origins, of earlier forecasts in hindsight."""

from __future__ import annotations

from wfm.tables.declaration import Column, Table
from wfm.tables.recurring import count, queue

_ACCURACY = (
    Column("wape", "number", "sum|f - y| / sum y over intervals", "fraction", optional=True, low=0),
    Column("day_wape", "number", "the same over local days", "fraction", optional=True, low=0),
    Column("bias", "number", "sum(f - y) / sum y", "fraction", optional=True),
    Column("rmse", "number", "root mean squared error of an interval", "contacts", optional=True, low=0),
    Column("mase", "number", "mean |f - y| / that of last week again in the past", optional=True, low=0),
    Column("pinball", "number", "mean loss of the five quantiles", "contacts", optional=True, low=0),
    Column("coverage_80", "number", "share of intervals in the 80 % band", optional=True, low=0, high=1),
    Column("coverage_95", "number", "share of intervals in the 95 % band", optional=True, low=0, high=1),
    Column("noise_floor", "number", "WAPE of a perfect forecast of Poisson counts", optional=True, low=0),
    Column("skill", "number", "1 - (wape - floor) / (wape of last week - floor)", optional=True),
    Column("gain", "number", "1 - wape / wape of the eight-week mean", "fraction", optional=True, high=1),
    Column("gain_low", "number", "lower end of its 95 % interval", "fraction", optional=True),
    Column("gain_high", "number", "upper end of its 95 % interval", "fraction", optional=True),
    Column("intervals", "integer", "intervals scored", low=0),
    Column("contacts", "number", "contacts scored", low=0),
)

SCORES = Table(
    "scores",
    ("queue", "model"),
    (
        queue(),
        Column("model", "text", "forecast model"),
        *_ACCURACY,
        Column("aht_wape", "number", "contact-weighted |f - y| / y of aht_s", optional=True, low=0),
        Column("origins", "integer", "rolling origins scored", low=0),
        Column("chosen", "flag", "whether the forecast uses this model"),
    ),
    description="rolling-origin accuracy",
)

SCORE_PARTS = Table(
    "score_parts",
    ("queue", "model", "part"),
    (
        queue(),
        Column("model", "text", "forecast model"),
        Column("part", "text", "`week 1` and on: lead time; `Mon` to `Sun`; `holiday`: and days near one"),
        *_ACCURACY,
    ),
    description="rolling-origin accuracy by lead time and kind of day",
)

_IN_HINDSIGHT = ("wape", "day_wape", "bias", "coverage_80", "coverage_95", "noise_floor")

HINDSIGHT = Table(
    "hindsight",
    ("queue", "lead_from_day"),
    (
        queue(),
        Column(
            "lead_from_day", "integer", "first lead: local days from the forecast to the day", "days", low=0
        ),
        Column("lead_to_day", "number", "last lead of the row; empty: no end", "days", optional=True, low=0),
        Column("forecasts", "integer", "forecasts scored", low=0),
        Column("intervals", "integer", "intervals scored, each once for every forecast of it", low=0),
        Column("days", "integer", "complete days scored, likewise", low=0),
        count("offered", "what came in those intervals", optional=False),
        count("forecast", "what was expected in them", optional=False),
        *(column for column in _ACCURACY if column.name in _IN_HINDSIGHT),
        Column("day_noise_floor", "number", "the same over complete days", optional=True, low=0),
        Column("aht_wape", "number", "contact-weighted |f - y| / y of aht_s", optional=True, low=0),
        Column(
            "aht_bias", "number", "contact-weighted sum(f - y) / sum y of aht_s", "fraction", optional=True
        ),
    ),
    description="how earlier forecasts came true, by lead time; bias above 0: the forecast was too high",
)
