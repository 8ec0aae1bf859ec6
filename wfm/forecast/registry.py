"""The forecast models by name: ours, and those that other packages bring by entry point.

A package adds a model with an entry point of the group `wfm.forecast_models`, a function
`predict(learning) -> (cases, days, slots)`. A model is imported when it is first used.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from wfm.errors import ConfigError, Fault
from wfm.forecast.arrays import FloatArray
from wfm.forecast.learning import Learning

Model = Callable[[Learning], FloatArray]

GROUP = "wfm.forecast_models"
MEAN = "mean"
MEMBERS = {"day_regression": 2, "svd_profile": 1, "median_days": 1}  # of the default mean, and their parts
RULES = ("seasonal_naive", "moving_average", "median_of_weeks")  # of planners; they are beaten, not used
FURTHER = ("ets", "sarimax", "double_seasonal", "glm", "lightgbm")  # run only when asked for by name
BUILT_IN = {
    name: EntryPoint(name, f"wfm.forecast.models.{name}:predict", GROUP)
    for name in (*RULES, *MEMBERS, *FURTHER)
}


@cache
def known_models() -> dict[str, EntryPoint]:
    """Return every model by name; a foreign one cannot take the name of ours."""
    foreign = {point.name: point for point in entry_points(group=GROUP)}
    return {**foreign, **BUILT_IN}


@cache
def model(name: str) -> Model:
    """Return the model's function; `name` must be known."""
    function: Model = known_models()[name].load()
    return function


def selected(names: Sequence[str]) -> tuple[str, ...]:
    """Return the models asked for, or our rules and members; raise ConfigError for an unknown name."""
    known = known_models()
    unknown = [name for name in names if name not in known and name != MEAN]
    if unknown:
        remedy = f"one of {', '.join([MEAN, *known])}"
        raise ConfigError([Fault("no such forecast model", remedy, value=name) for name in unknown])
    return tuple(dict.fromkeys(names)) or (*RULES, *MEMBERS)
