"""A seeded sample export for each preset, with the contacts that it was made from.

`python -m wfm.demo.exports [FOLDER]` writes the samples again; a test compares the committed ones with new
ones, and an import of each with its contacts.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wfm.demo import export_intervals as intervals
from wfm.demo import export_logs as logs
from wfm.demo.export_truth import Export, true_legs
from wfm.demo.folder import make_folder
from wfm.io.atomic import write_text

SEED = 10
_MAKERS = {
    "asterisk": logs.asterisk,
    "avaya-cms": intervals.avaya_cms,
    "connect-ctr": logs.connect_ctr,
    "connect-hist": intervals.connect_hist,
    "connect-wfm": intervals.connect_wfm,
    "five9-log": logs.five9_log,
    "freepbx-cdr": logs.freepbx_cdr,
    "genesys-perf": intervals.genesys_perf,
    "genesys-wfm": intervals.genesys_wfm,
    "iex-queuestats": intervals.iex_queuestats,
    "intercom": logs.intercom,
    "talkdesk": logs.talkdesk,
    "twilio": logs.twilio,
    "uccx": logs.uccx,
    "zendesk": logs.zendesk,
}


def generate_exports(seed: int = SEED) -> dict[str, Export]:
    """Return a sample export by the name of its preset; the same seed gives the same bytes."""
    legs = true_legs(seed)
    return {name: make(legs) for name, make in _MAKERS.items()}


def write_exports(folder: Path) -> None:
    """Write every sample into `folder`; files of the same names are replaced."""
    make_folder(folder)
    for export in generate_exports().values():
        for name, text in export.files.items():
            write_text(folder / name, text)


if __name__ == "__main__":
    write_exports(Path(sys.argv[1] if len(sys.argv) > 1 else "data/samples/exports"))
