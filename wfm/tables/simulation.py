"""What simulations of a plan counted."""

from __future__ import annotations

from wfm.tables.declaration import Column, Table
from wfm.tables.recurring import count, queue, ratio, seconds, start

SIMULATION = Table(
    "simulation",
    ("queue", "interval_start"),
    (
        queue(),
        start(),
        count("offered", "mean of the fresh contacts that arrive in the interval", optional=False),
        count("attempts", "the same with redials", optional=False),
        count("handled", "answered by an agent", optional=False),
        count("abandoned", "left before an answer, short ones included", optional=False),
        count("turned_away", "still waiting when the queue closed", optional=False),
        ratio("service_level", "by the queue's variant"),
        ratio("service_level_low", "lower end of its 95 % confidence interval"),
        ratio("service_level_high", "upper end"),
        ratio("sl_offered", "answered in target / attempts"),
        ratio("sl_excluding_short", "answered in target / (attempts - short abandoned)"),
        ratio("sl_excluding_abandoned_in_target", "answered in target / (attempts - abandoned in target)"),
        ratio("sl_abandons_in_target_good", "(answered + abandoned in target) / attempts"),
        ratio("sl_answered", "answered in target / answered"),
        seconds("asa_s", "mean wait of answered contacts"),
        seconds("asa_low_s", "lower end of its 95 % confidence interval"),
        seconds("asa_high_s", "upper end"),
        seconds("wait_p50_s", "half of the answered waited at most so long"),
        seconds("wait_p80_s", "80 % of the answered waited at most so long"),
        seconds("wait_p95_s", "95 % of the answered waited at most so long"),
        ratio("abandonment", "abandoned / attempts"),
        ratio("abandonment_low", "lower end of its 95 % confidence interval"),
        ratio("abandonment_high", "upper end"),
        ratio("within_deadline", "of deferred work: done by its deadline"),
        ratio("occupancy", "share of the time on queue of its agents in contact work"),
        Column("agents", "number", "mean agents on queue who serve it", "agents", low=0),
        count("backlog", "mean contacts waiting at the end of the interval", optional=False),
    ),
    description="what a simulation of the plan counted, means over its replications",
)

SIMULATED_DAYS = Table(
    "simulated_days",
    ("queue", "date"),
    (
        queue(),
        Column("date", "date", "local date of the queue"),
        count("offered", "mean fresh contacts and redials of the day", optional=False),
        ratio("service_level", "of all replications together, by the queue's variant"),
        ratio("service_level_p10", "10 % of such days are no better"),
        ratio("service_level_p50", "half of such days are no better"),
        ratio("service_level_p90", "90 % of such days are no better"),
        ratio("met", "share of such days on which every target of the queue is met"),
        seconds("asa_s", "mean wait of answered contacts"),
        ratio("abandonment", "abandoned / attempts"),
    ),
    description="how the service of a day varies over the replications",
)
