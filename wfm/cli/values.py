"""Values of options: dates, moments, durations, horizons, output paths; refused before any work is done."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wfm.errors import OutputError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Config

STANDARD_OUTPUT = Path("-")
TABLE_ENDINGS = (".csv", ".csv.gz", ".parquet")


def parse_date(text: str | None) -> date | None:
    """Read YYYY-MM-DD."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"'{text}' is not a date", hint="write YYYY-MM-DD") from error


def parse_first_day(text: str | None, config: Config) -> date | None:
    """Read --from, which must begin a week of the centre."""
    day = parse_date(text)
    if day is not None and day.weekday() != config.centre.week_start_number:
        raise UsageError(
            f"--from {day} is a {day:%A}, but weeks begin on {config.centre.week_start}",
            hint="name the first day of a week, or change [centre] week_start",
        )
    return day


def parse_moment(text: str | None, timezone: str) -> pd.Timestamp | None:
    """Read an ISO 8601 moment; without offset it is local time of `timezone`."""
    if text is None:
        return None
    import pandas as pd

    from wfm.localtime import exists, instant

    hint = "write 2026-03-02T00:00, or with an offset 2026-03-02T00:00+01:00"
    try:
        moment = datetime.fromisoformat(text)
        aware = moment if moment.tzinfo is not None else instant(moment, timezone)
        utc = pd.Timestamp(aware).tz_convert("UTC")
    except (ValueError, OverflowError) as error:
        raise UsageError(f"'{text}' is not a time", hint=hint) from error
    if moment.tzinfo is None and not exists(moment, timezone):
        raise UsageError(f"'{text}' does not exist in {timezone}: the clock change skips it", hint=hint)
    return utc


def parse_seconds(text: str) -> float:
    """Read a duration such as 90, 90s, 30m, 15min, 1h or 3:00 (m:ss, h:mm:ss) in seconds."""
    units = {"": 1, "s": 1, "m": 60, "min": 60, "h": 3600}
    found = re.fullmatch(r"([\d.]+) ?([a-z]*)|(?:(\d+):)?(\d+):(\d{2})", text.strip())
    try:
        if found is None:
            raise ValueError(text)
        if found[1] is None:
            return int(found[3] or 0) * 3600.0 + int(found[4]) * 60 + int(found[5])
        return float(found[1]) * units[found[2]]
    except (ValueError, KeyError) as error:
        raise UsageError(f"'{text}' is not a duration", hint="write 180s, 30m, 1h or 3:00") from error


def parse_limit(text: str | None) -> float | None:
    """Read a time limit in seconds, above 0."""
    if text is None:
        return None
    seconds = parse_seconds(text)
    if seconds == 0:
        raise UsageError(f"a time limit of {text} leaves no time", hint="write e.g. --time-limit 60s")
    return seconds


def parse_horizon(text: str) -> int:
    """Read a horizon such as 6w in days."""
    from wfm.config import days_in_horizon

    hint = "write a number of weeks or days, e.g. 6w or 10d"
    try:
        return days_in_horizon(text)
    except ValueError as error:
        raise UsageError(str(error), hint=hint) from error


def parse_freeze(text: str | None, previous: Path | None) -> int:
    """Read --freeze in days, 0 without it; it is refused without --previous, whose shifts it keeps."""
    if text is None:
        return 0
    if previous is None:
        raise UsageError(
            f"--freeze {text} keeps the shifts of --previous, which is not given",
            hint="name the published roster with --previous",
        )
    return parse_horizon(text)


def check_tables(*outputs: Path | None, as_json: bool = False) -> None:
    """Refuse, before the work, tables that could not be written at its end.

    Standard output takes one thing: a table (`-`) or the summary of --json.
    """
    given = [path for path in outputs if path is not None]
    if [*given, *[STANDARD_OUTPUT] * as_json].count(STANDARD_OUTPUT) > 1:
        raise UsageError(
            "standard output can take one table, or the summary of --json, not both",
            hint="write the table to a file",
        )
    files = [path.resolve() for path in given if path != STANDARD_OUTPUT]
    for path in files:
        if files.count(path) > 1:
            raise UsageError(f"{path.name}: two tables in one file", hint="name another file for each table")
    for path in given:
        if path != STANDARD_OUTPUT and not path.name.endswith(TABLE_ENDINGS):
            hint = f"use {', '.join(TABLE_ENDINGS)}, or - for standard output"
            raise UsageError(f"{path}: unknown kind of file", hint=hint)
        check_folder(path)


def check_folder(output: Path | None) -> None:
    """Refuse, before the work, a file whose folder is missing."""
    if output is None or output.parent.is_dir():
        return
    folder = output.parent
    hint = f"{folder} is not a folder" if folder.exists() else f"create the folder {folder} first"
    raise OutputError(f"{output} cannot be written: there is no folder {folder}", hint=hint)
