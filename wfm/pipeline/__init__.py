"""The stages composed in memory: history and agents in; forecast, requirements, roster and verdict out.

Each stage is done in parts that do not depend on each other (queues, groups of sites), wherever the caller's
`Work` does them: here, in other processes, on a cluster, or not again because nothing has changed.
"""

from __future__ import annotations

from wfm.pipeline.backtest_parts import Question, backtest_in_parts
from wfm.pipeline.in_words import schedule_in_words, simulation_in_words
from wfm.pipeline.plan import Plan, PlanInputs, Say, make_plan
from wfm.pipeline.proof import Proof, prove
from wfm.pipeline.site_parts import Scheduled
from wfm.pipeline.standing import LastGood, Stale, Uncovered
from wfm.pipeline.work import Direct, Ended, LostError, Pooled, Work, error_of

__all__ = [
    "Direct",
    "Ended",
    "LastGood",
    "LostError",
    "Plan",
    "PlanInputs",
    "Pooled",
    "Proof",
    "Question",
    "Say",
    "Scheduled",
    "Stale",
    "Uncovered",
    "Work",
    "backtest_in_parts",
    "error_of",
    "make_plan",
    "prove",
    "schedule_in_words",
    "simulation_in_words",
]
