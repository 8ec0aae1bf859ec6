"""Mean patience of the callers of a log, for `patience_s`: total time in the queue / callers who hung up.

An answered caller would have waited longer than he did, so his patience is known from below only. With
exponential patience the estimate of greatest likelihood counts his wait as time in which he did not hang up.

Example: python docs/examples/february/patience.py calls.csv.gz --before 1999-02-21
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from wfm.io.intake import take_in
from wfm.io.toml import load_config

HERE = Path(__file__).parent


def waits(log: Path, before: pd.Timestamp) -> pd.DataFrame:
    """Return wait_s and outcome of the calls that came to the queue before a local date."""
    config = load_config(HERE / "wfm.toml")
    intake = take_in([log], config, mapping=HERE.parent / "anonymous_bank.toml", keep_contacts=True)
    assert intake.contacts is not None  # noqa: S101 - the mapping's grain is contact
    early = intake.contacts["arrived_at"] < before.tz_localize(config.centre.timezone)
    return intake.contacts.loc[early, ["wait_s", "outcome"]]


def main() -> None:
    """Write the estimate to stdout."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("log", type=Path)
    parser.add_argument("--before", type=pd.Timestamp, required=True)
    asked = parser.parse_args()
    calls = waits(asked.log, asked.before)
    left = (calls["outcome"] != "handled").sum()
    total_s = calls["wait_s"].sum()
    text = (
        f"{len(calls)} calls, {left} hung up, {total_s:.0f} s in the queue: patience_s = {total_s / left:.0f}"
    )
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    main()
