"""The hard rules of one agent by their configuration key (or the table or column they come from).

`RULES` is the order in which rules are left out to find a conflict: what stands first is blamed last.
"""

from __future__ import annotations

ACTIVITIES = "activities"
PINS = "pins"
CHANGES = "max_changed_shifts_per_agent"
TIME_OFF = "time_off"
AVAILABILITY = "availability"
EMPLOYMENT = "start_date, end_date"
PATTERN = "pattern"
WEEKENDS = "weekends_off_per_4_weeks"
LEAST_RUN = "min_consecutive_days"
RUN = "consecutive_days"
WEEKLY_REST = "weekly_rest_h"
REST = "rest_h"
STRETCH = "longest_stretch_h"
SPACING = "break_spacing_min"
DAY_HOURS = "day_hours"
MINORS_NIGHT = "minors.night"
MINORS_DAY_HOURS = "minors.day_hours"
MINORS_BREAKS = "minors.breaks"
MINORS_STRETCH = "minors.longest_stretch_h"
MINORS_REST = "minors.rest_h"
MINORS_DAYS = "minors.days_per_week"
MINORS_HOURS = "minors.week_hours"
MOST_AVERAGE = "average_week_hours (max)"
LEAST_AVERAGE = "average_week_hours (min)"
MOST_DAYS = "days_per_week (max)"
MOST_HOURS = "week_hours (max)"
OVERTIME = "overtime_hours"  # the most hours, eased at their price
LEAST_DAYS = "days_per_week (min)"
LEAST_HOURS = "week_hours (min)"
RULES = (
    ACTIVITIES,
    PINS,
    CHANGES,
    TIME_OFF,
    AVAILABILITY,
    EMPLOYMENT,
    PATTERN,
    WEEKENDS,
    LEAST_RUN,
    RUN,
    WEEKLY_REST,
    REST,
    STRETCH,
    SPACING,
    DAY_HOURS,
    MINORS_NIGHT,
    MINORS_DAY_HOURS,
    MINORS_BREAKS,
    MINORS_STRETCH,
    MINORS_REST,
    MINORS_DAYS,
    MINORS_HOURS,
    MOST_AVERAGE,
    LEAST_AVERAGE,
    MOST_DAYS,
    MOST_HOURS,
    LEAST_DAYS,
    LEAST_HOURS,
)
# What the plan asks of an agent; without all of these nobody needs to work, and no rule can be broken.
DEMANDS = (ACTIVITIES, PINS, PATTERN, CHANGES, LEAST_RUN, LEAST_DAYS, LEAST_HOURS, LEAST_AVERAGE)
