"""Rules in the planner's words, with the numbers that they have for an agent."""

from __future__ import annotations

from collections.abc import Sequence

from wfm.hours import clock
from wfm.schedule.facts import Facts, Pin
from wfm.schedule.rule_names import (
    ACTIVITIES,
    AVAILABILITY,
    CHANGES,
    DAY_HOURS,
    EMPLOYMENT,
    LEAST_AVERAGE,
    LEAST_DAYS,
    LEAST_HOURS,
    LEAST_RUN,
    MINORS_BREAKS,
    MINORS_DAY_HOURS,
    MINORS_DAYS,
    MINORS_HOURS,
    MINORS_NIGHT,
    MINORS_REST,
    MINORS_STRETCH,
    MOST_AVERAGE,
    MOST_DAYS,
    MOST_HOURS,
    PATTERN,
    PINS,
    REST,
    RUN,
    SPACING,
    STRETCH,
    TIME_OFF,
    WEEKENDS,
    WEEKLY_REST,
)


def in_words(rule: str, facts: Facts) -> str:
    """Return a rule with the numbers it has for this agent."""
    contract, minors = facts.contract, facts.minors
    average = contract.average_week_hours or (0.0, 0.0)
    overtime = f" and {contract.overtime_hours:g} of overtime" if contract.overtime_hours else ""
    words = {
        AVAILABILITY: f"availability '{facts.availability_text}'",
        EMPLOYMENT: f"employment from {facts.first_day or '-'} to {facts.last_day or '-'}",
        TIME_OFF: f"time_off ({len(facts.absences)} in the horizon)",
        PINS: pins_in_words(facts.pins),
        ACTIVITIES: "activities " + ", ".join(e.activity_id for e in facts.engagements),
        REST: f"rest_h {contract.rest_h:g}",
        RUN: f"consecutive_days {contract.consecutive_days}",
        LEAST_HOURS: f"week_hours at least {contract.week_hours[0]:g}",
        MOST_HOURS: f"week_hours at most {contract.week_hours[1]:g}" + overtime,
        LEAST_DAYS: f"days_per_week at least {contract.days_per_week[0]}",
        MOST_DAYS: f"days_per_week at most {contract.days_per_week[1]}",
        WEEKENDS: f"weekends_off_per_4_weeks {contract.weekends_off_per_4_weeks}",
        CHANGES: f"max_changed_shifts_per_agent {facts.most_changes}",
        PATTERN: f"pattern {contract.pattern} (week {facts.pattern_week})",
        LEAST_RUN: f"min_consecutive_days {contract.min_consecutive_days}",
        WEEKLY_REST: f"weekly_rest_h {contract.weekly_rest_h:g}",
        STRETCH: f"longest_stretch_h {_shown(contract.longest_stretch_h)}",
        SPACING: f"break_spacing_min {contract.break_spacing_min}",
        DAY_HOURS: f"day_hours {_shown(contract.day_hours)}",
        MOST_AVERAGE: f"average_week_hours at most {average[1]:g} over {contract.average_weeks} weeks",
        LEAST_AVERAGE: f"average_week_hours at least {average[0]:g} over {contract.average_weeks} weeks",
        MINORS_NIGHT: f"minors.night {minors.night}",
        MINORS_DAY_HOURS: f"minors.day_hours {_shown(minors.day_hours)}",
        MINORS_BREAKS: "minors.breaks "
        + ", ".join(f"{rest.minutes} min over {rest.over_hours:g} h" for rest in minors.breaks),
        MINORS_STRETCH: f"minors.longest_stretch_h {_shown(minors.longest_stretch_h)}",
        MINORS_REST: f"minors.rest_h {_shown(minors.rest_h)}",
        MINORS_DAYS: f"minors.days_per_week {minors.days_per_week}",
        MINORS_HOURS: f"minors.week_hours {_shown(minors.week_hours)}",
    }
    return words[rule]


def pins_in_words(pins: Sequence[Pin]) -> str:
    """Return pins, and published days that are frozen, each under its own name."""
    kinds = (("pins", False), ("freeze", True))
    lists = [
        f"{name} " + ", ".join(f"{pin_words(pin.span)} on {pin.when}" for pin in pins if pin.frozen == frozen)
        for name, frozen in kinds
        if any(pin.frozen == frozen for pin in pins)
    ]
    return " and ".join(lists)


def pin_words(span: tuple[int, int] | None) -> str:
    """Return what is pinned: clock times, or off."""
    return "off" if span is None else f"{clock(span[0])}-{clock(span[1])}"


def _shown(number: float | None) -> str:
    return "-" if number is None else f"{number:g}"
