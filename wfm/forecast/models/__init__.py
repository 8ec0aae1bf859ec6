"""Forecast models of ordinary demand, one file each, named in `wfm.forecast.registry`.

A model is a function `predict(learning)` that returns the expected contacts (cases, days, slots) of the days
to forecast, of many queues at once; opening, holidays and events are the stage's, not the model's.
"""

from __future__ import annotations
