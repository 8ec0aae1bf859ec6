"""Telling somebody: the command of `[nightly] alert`, run when a night does not end with 0."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from wfm.config import Config
from wfm.nightly.journal import Journal

TIMEOUT_S = 60


def alert(config: Config, folder: Path, exit_code: int, message: str, journal: Journal) -> None:
    """Run the command in `folder` with the message as its input; what goes wrong with it is only logged.

    It finds the exit code in WFM_EXIT_CODE and the first line of the message in WFM_MESSAGE. No shell is
    between, so that no name from a file can become a command.
    """
    command = config.nightly.alert
    if not command or exit_code == 0:
        return
    first = message.strip().splitlines()[0].replace("\0", "") if message.strip() else f"exit {exit_code}"
    own = {"WFM_EXIT_CODE": str(exit_code), "WFM_MESSAGE": first}
    try:
        done = subprocess.run(  # noqa: S603  the user's own command, without a shell
            command,
            cwd=folder,
            input=message,
            text=True,
            env={**os.environ, **own},
            timeout=TIMEOUT_S,
            capture_output=True,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        journal.write("warning", f"alert: {command[0]} could not be run: {error}")
        return
    if done.returncode:
        told = "".join(f": {line}" for line in done.stderr.strip().splitlines()[:1])
        journal.write("warning", f"alert: {command[0]} ended with {done.returncode}{told}")
