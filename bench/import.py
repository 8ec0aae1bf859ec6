"""Ten million contacts to 15-minute history: wfm import beside pandas and polars.

    python bench/import.py [--rows 10000000] [--times 3] [--memory-mb 256] [--only wfm ...]

wfm validates every cell, finds repeated contacts, and refuses rows with a reason; pandas and polars only
parse and count, with no check at all. The log has 12 columns, one bad row in ten thousand and one contact in
a thousand delivered twice. Each measurement is a process of its own: wall and CPU seconds and peak memory of
the whole process, imports included; the median of several, and the total must be the same everywhere.
polars is not among wfm's dependencies: without it that line is left out.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

QUEUES = ("billing", "sales", "support", "chat", "claims", "orders")
YEAR_US = 365 * 86_400 * 1_000_000
CONFIG = """
[centre]
timezone = "Europe/Berlin"
interval_min = 15
[import]
memory_limit_mb = {memory_mb}
[defaults.queue]
service_level = 0.8
answer_within_s = 20
arrivals = "always"
""" + "".join(f"[queues.{name}]\n" for name in QUEUES)


def generate(rows: int, folder: Path) -> None:
    """Write `rows` contacts of a year as calls.csv and calls.parquet; every 1000th comes twice."""
    import duckdb

    chosen = f"[{', '.join(repr(name) for name in QUEUES)}][1 + CAST(hash(i * 7 + 1) % 6 AS INTEGER)]"
    values = f"""
        FROM (FROM range({rows}) SELECT range AS n, range - CAST(range % 1000 = 999 AS BIGINT) AS i)
        SELECT i, n, {chosen} AS queue, 1736150400000000 + i * ({YEAR_US} // {rows}) AS arrived,
        hash(i * 7 + 2) % 200 AS wait, 60 + hash(i * 7 + 3) % 600 AS talk, hash(i * 7 + 4) % 30 AS hold,
        hash(i * 7 + 5) % 90 AS acw, hash(i * 7 + 6) % 100 AS fate
    """
    stamp = "strftime(make_timestamp(CAST({} AS BIGINT)), '%Y-%m-%dT%H:%M:%S+00:00')"
    answered = "CAST(fate >= 8 AS BIGINT)"
    columns = f"""
        SELECT 'c' || lpad(CAST(i AS VARCHAR), 12, '0') AS contact_id,
        CASE WHEN n % 10000 = 5000 THEN 'nobody' ELSE queue END AS queue, 'voice' AS channel,
        {stamp.format("arrived")} AS arrived_at,
        CASE WHEN fate >= 8 THEN {stamp.format("arrived + wait * 1000000")} END AS answered_at,
        {stamp.format(f"arrived + (wait + {answered} * (talk + hold)) * 1000000")} AS ended_at,
        wait AS wait_s, CASE WHEN fate >= 8 THEN talk ELSE 0 END AS talk_s,
        CASE WHEN fate >= 8 THEN hold ELSE 0 END AS hold_s, CASE WHEN fate >= 8 THEN acw ELSE 0 END AS acw_s,
        CASE WHEN fate >= 8 THEN 'handled' WHEN fate = 7 THEN 'flow_out' ELSE 'abandoned' END AS outcome,
        CASE WHEN fate >= 8 THEN 'a' || lpad(CAST(i % 400 AS VARCHAR), 4, '0') END AS agent_id
    """
    connection = duckdb.connect()
    query = f"FROM ({values}) {columns} ORDER BY n"
    connection.execute(f"COPY ({query}) TO '{folder / 'calls.csv'}' (HEADER, DELIMITER ',')")
    kinds = dict.fromkeys(("arrived_at", "answered_at", "ended_at"), "TIMESTAMPTZ")
    kinds |= dict.fromkeys(("wait_s", "talk_s", "hold_s", "acw_s"), "INTEGER")
    typed = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in kinds.items())
    connection.execute("SET TimeZone = 'UTC'")
    query = f"FROM read_csv('{folder / 'calls.csv'}', all_varchar = true) SELECT * REPLACE ({typed})"
    connection.execute(f"COPY ({query}) TO '{folder / 'calls.parquet'}' (FORMAT parquet)")


def by_wfm(path: Path) -> int:
    """Import with every check; return the contacts of the history."""
    from wfm.io.intake import take_in
    from wfm.io.toml import load_config

    intake = take_in([path], load_config(path.with_name("wfm.toml")))
    assert intake.rows_read == intake.rows_kept + intake.rows_quarantined + intake.rows_duplicate
    return int(intake.history["offered"].sum())


def by_pandas(path: Path) -> int:
    """Parse, drop repeated ids and count; nothing is checked."""
    import pandas as pd

    times = ["arrived_at", "answered_at", "ended_at"]
    frame = (
        pd.read_parquet(path)
        if path.suffix == ".parquet"
        else pd.read_csv(path, engine="pyarrow", parse_dates=times, dtype={"queue": "category"})
    )
    frame = frame[frame["queue"].isin(QUEUES)].drop_duplicates("contact_id", keep="last")
    frame["interval_start"] = frame["arrived_at"].dt.floor("15min")
    frame["handle_s"] = frame[["talk_s", "hold_s", "acw_s"]].sum(axis=1)
    groups = frame.groupby(["queue", "interval_start"], observed=True)
    return int(groups.agg(offered=("contact_id", "size"), handle_s=("handle_s", "sum"))["offered"].sum())


def by_polars(path: Path) -> int:
    """Parse, drop repeated ids and count; nothing is checked."""
    import polars as pl

    frame = pl.scan_parquet(path) if path.suffix == ".parquet" else pl.scan_csv(path)
    if path.suffix != ".parquet":
        frame = frame.with_columns(
            pl.col("arrived_at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us")
        )
    found = (
        frame.filter(pl.col("queue").is_in(list(QUEUES)))
        .unique("contact_id", keep="last")
        .group_by("queue", pl.col("arrived_at").dt.truncate("15m"))
        .agg(pl.len().alias("offered"), (pl.col("talk_s") + pl.col("hold_s") + pl.col("acw_s")).sum())
        .collect()
    )
    return int(found["offered"].sum())


TOOLS = {"wfm": by_wfm, "pandas": by_pandas, "polars": by_polars}


def measure(tool: str, path: Path) -> dict[str, float]:
    """Return seconds and memory of one run in a process of its own."""
    started = time.perf_counter()
    run = subprocess.run(
        [sys.executable, __file__, "--one", tool, str(path)], capture_output=True, text=True, check=True
    )
    return {**json.loads(run.stdout), "wall_s": time.perf_counter() - started}


def _one(tool: str, path: Path) -> None:
    contacts = TOOLS[tool](path)
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = Path("/proc/self/status").read_text()  # ru_maxrss begins with the memory of the parent
    peak_kb = int(status.split("VmHWM:")[1].split()[0])
    said = {"contacts": contacts, "cpu_s": used.ru_utime + used.ru_stime, "peak_mb": peak_kb / 1024}
    sys.stdout.write(json.dumps(said))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--memory-mb", type=int, default=256)
    parser.add_argument("--only", nargs="*", default=list(TOOLS))
    parser.add_argument("--one", nargs=2)
    options = parser.parse_args()
    if options.one:
        _one(options.one[0], Path(options.one[1]))
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        generate(options.rows, folder)
        (folder / "wfm.toml").write_text(CONFIG.format(memory_mb=options.memory_mb))
        size = (folder / "calls.csv").stat().st_size / 1e6
        sys.stdout.write(f"{options.rows:,} contacts, {size:,.0f} MB of CSV, median of {options.times}\n")
        totals = set()
        for file in ("calls.csv", "calls.parquet"):
            for tool in (tool for tool in options.only if importlib.util.find_spec(tool)):
                runs = [measure(tool, folder / file) for _ in range(options.times)]
                middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
                totals.add(middle["contacts"])
                sys.stdout.write(
                    f"{file:14} {tool:7} {middle['wall_s']:6.1f} s wall {middle['cpu_s']:6.1f} s CPU "
                    f"{middle['peak_mb']:7,.0f} MB peak\n"
                )
                sys.stdout.flush()
        if len(totals) != 1:
            raise SystemExit(f"the tools disagree: {sorted(totals)}")


if __name__ == "__main__":
    main()
