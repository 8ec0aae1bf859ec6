"""`python -m wfm.config_docs [FOLDER]`: write the generated pages again, into docs/ unless told otherwise."""

from __future__ import annotations

import sys
from pathlib import Path

from wfm.config_docs import write_pages

write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))
