"""Forecast models of ordinary demand, one file each, named in `wfm.forecast.registry`.

A model is a function `predict(learning, dates)` that returns the expected contacts (days, slots) of
consecutive dates after the learning part; opening, holidays and events are the stage's, not the model's.
"""

from __future__ import annotations
