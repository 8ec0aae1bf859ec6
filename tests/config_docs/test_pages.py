"""The generated pages are current and complete."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from wfm.config import Config, Section
from wfm.config_docs import PAGES, write_pages
from wfm.config_docs.markdown import table
from wfm.tables import TABLES


@pytest.mark.parametrize("name", PAGES, ids=str)
def test_the_committed_page_is_current(project: Path, name: str) -> None:
    committed = (project / "docs" / name).read_text(encoding="utf-8")
    assert committed == PAGES[name](), "python -m wfm.config_docs"


def test_pages_are_written_where_told(tmp_path: Path) -> None:
    write_pages(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(PAGES)


def test_every_key_of_every_model_stands_on_the_page() -> None:
    page = PAGES["configuration.md"]()
    for path, description in keys_of(Config, ""):
        section, _, key = path.rpartition(".")
        text = page.partition(f"## `[{section}]`")[2].partition("\n## ")[0]
        row = next((line for line in text.splitlines() if line.startswith(f"| `{key}` |")), None)
        assert row is not None, path
        assert description.replace("|", "\\|") in row


def keys_of(model: type[Section], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the dotted path of each key with its meaning, from pydantic's own schema of the model."""
    for name, field in model.model_fields.items():
        inner = [
            each for each in parts(field.annotation) if isinstance(each, type) and issubclass(each, Section)
        ]
        named = ".NAME" if str(field.annotation).startswith("dict") else ""
        path = f"{prefix}{field.alias or name}"
        if inner:
            yield from keys_of(inner[0], f"{path}{named}.")
        else:
            yield path, field.description or ""


def parts(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from parts(argument)


def test_every_key_has_a_meaning() -> None:
    assert [path for path, description in keys_of(Config, "") if not description] == []


@pytest.mark.parametrize(
    ("section", "row"),
    [
        pytest.param(
            "centre", "| `interval_min` | `5`, `10`, `15`, `30`, `60` | `15` |  | min |", id="choices"
        ),
        pytest.param(
            "queues.NAME", "| `max_occupancy` | number |  | >= 0.01, <= 1 | fraction |", id="fraction"
        ),
        pytest.param("queues.NAME", '| `hours` | weekly hours | `""` |  |  |', id="form of a text"),
        pytest.param("queues.NAME", "| `timezone` | time zone | the centre's |  |  |", id="inherited"),
        pytest.param(
            "contracts.NAME", "| `week_hours` | [min, max], numbers | `[0, 40]` |  | h |", id="pair"
        ),
        pytest.param(
            "contracts.NAME.breaks",
            "| `minutes` | whole number | *needed* | >= 1, <= 240 | min |",
            id="needed",
        ),
    ],
)
def test_a_row_says_type_default_bounds_and_unit(section: str, row: str) -> None:
    assert row in PAGES["configuration.md"]().partition(f"## `[{section}]`")[2].partition("\n## ")[0]


def test_every_column_of_every_table_stands_on_the_page() -> None:
    page = PAGES["tables.md"]()
    for name, declared in TABLES.items():
        text = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for column in declared.columns:
            (row,) = [line for line in text.splitlines() if line.startswith(f"| `{column.name}` |")]
            assert column.description.replace("|", "\\|") in row


def test_the_schema_knows_defaults_and_the_alias_of_import() -> None:
    schema = json.loads(PAGES["wfm.schema.json"]())
    assert {"import", "defaults", "queues"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
    queue = schema["properties"]["defaults"]["properties"]["queue"]["$ref"].rpartition("/")[2]
    assert "required" not in schema["$defs"][queue], "[defaults.queue] may hold any of the keys"


def test_a_pipe_in_a_cell_does_not_break_the_table() -> None:
    assert table(["a"], [["x|y"]]).splitlines()[-1] == "| x\\|y |"
