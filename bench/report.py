"""Building the report page of a run: CPU seconds (median of five) and size.

python bench/report.py [RUN_DIR] [CONFIG]     default: demo/runs/current and demo/wfm.toml of `make demo`
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path


def main(arguments: list[str]) -> None:
    from wfm.io.inputs import queue_zones
    from wfm.io.run_folder import read_run
    from wfm.io.toml import load_config
    from wfm.report import render

    folder, config_path = [Path(text) for text in arguments] or [
        Path("demo/runs/current"),
        Path("demo/wfm.toml"),
    ]
    if not folder.exists():
        print(f"{folder} is not there: run `make demo` first, or name a run folder and its wfm.toml")
        return
    config = load_config(config_path)
    run = read_run(folder, queue_zones(config))
    seconds, size = [], 0
    for _ in range(5):
        begun = time.process_time()
        size = len(render(run, config).encode())
        seconds.append(time.process_time() - begun)
    print(f"report of {folder}: {statistics.median(seconds):.2f} CPU s, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main(sys.argv[1:])
