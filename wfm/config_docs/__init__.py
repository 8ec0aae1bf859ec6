"""The reference pages of docs/, generated: configuration.md, tables.md and wfm.schema.json.

`python -m wfm.config_docs [FOLDER]` writes them again; a test compares the committed ones with new ones.
"""

from __future__ import annotations

from pathlib import Path

from wfm.config_docs.configuration import configuration_page, schema_text
from wfm.config_docs.table_pages import tables_page

PAGES = {
    "configuration.md": configuration_page,
    "tables.md": tables_page,
    "wfm.schema.json": schema_text,
}


def write_pages(folder: Path) -> None:
    """Write every page into `folder`, which must exist."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8", newline="\n")
