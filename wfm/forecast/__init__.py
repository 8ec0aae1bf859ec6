"""Forecast: expected contacts and handle time per queue and interval, with bands, from the history.

Day level and intraday profile are separate problems; the default is the mean of a few cheap, different
models. `forecast` makes the tables, `backtest` says how far they can be trusted.
"""

from __future__ import annotations

from wfm.forecast.backtest import backtest
from wfm.forecast.stage import ForecastResult, forecast

__all__ = ["ForecastResult", "backtest", "forecast"]
