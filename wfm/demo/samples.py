"""The sample files in data/samples: the small generated centre, its log included.

`python -m wfm.demo.samples [FOLDER]` writes them again; a test compares the committed ones with new ones.
"""

from __future__ import annotations

import sys
from pathlib import Path

from wfm.demo.folder import CONFIG_FILE, make_folder, write_part
from wfm.demo.generator import generate_sample
from wfm.io.atomic import write_text

SEED = 1
FILES = {
    "history": "history.csv",
    "contacts": "contacts.csv.gz",
    "agents": "agents.csv",
    "time_off": "time_off.csv",
    "requests": "requests.csv",
    "overrides": "overrides.csv",
}


def write_samples(folder: Path) -> None:
    """Write the sample files into `folder`; files of the same names are replaced."""
    make_folder(folder)
    centre = generate_sample(SEED)
    write_text(folder / CONFIG_FILE, centre.config_text)
    for name, file in FILES.items():
        write_part(centre, name, folder / file)


if __name__ == "__main__":
    write_samples(Path(sys.argv[1] if len(sys.argv) > 1 else "data/samples"))
