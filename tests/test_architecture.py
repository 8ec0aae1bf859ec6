"""The direction of imports: command line, pipeline, rim, stages, foundation, and never back.

The checker reads the source (`ast`), so that an import inside a function or under TYPE_CHECKING counts too.
A *part* is a module or package directly under `wfm/`; `docs/architecture.md` says what each is for.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

# A part may import parts of earlier rows, never of its own row or a later one. A new part needs a place here.
FOUNDATION = (
    ("errors",),
    ("hours", "text", "calendars", "skills", "interrupt"),
    ("localtime",),
    ("stamps",),
    ("tables",),
    ("conform",),
    ("config",),
    ("config_docs",),
)
ENGINE_ROOM = (("compiled",),)  # how stages compile, no foundation of anything else
STAGES = ("forecast", "erlang", "schedule", "simulate")
RIM = (("executor",), ("io",), ("diff",), ("report", "export", "demo"))
TOP = (("pipeline", "skill_staffing"), ("nightly",), ("cli",), ("__main__",))
LAYERS = (("__init__",), *FOUNDATION, *ENGINE_ROOM, STAGES, *RIM, *TOP)
RANK = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
FOUNDATION_PARTS = {part for layer in FOUNDATION for part in layer}

SCREEN_LIBRARIES = {"rich", "typer", "click", "jinja2"}  # for the rim and above
ENGINES = {"statsmodels", "ortools", "numba", "duckdb", "scipy"}  # only where they are needed
HEAVY = ENGINES | {"pandas", "numpy", "pyarrow", "holidays"}  # not before a command runs


@dataclass(frozen=True)
class Import:
    """One imported name: `target` is dotted, `at_start` says that importing the module runs it."""

    target: str
    line: int
    at_start: bool


def imports_of(tree: ast.AST, *, at_start: bool = True) -> Iterator[Import]:
    """Yield every import below `tree`, also by `import_module("...")`; relative ones as `.name`."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Import(alias.name, node.lineno, at_start)
            case ast.ImportFrom(module=module, names=names, level=level):
                for alias in names:
                    target = "." * level + ".".join(filter(None, (module, alias.name)))
                    yield Import(target, node.lineno, at_start)
            case ast.Call(func=ast.Attribute(attr="import_module") | ast.Name(id="import_module")):
                if node.args and isinstance(node.args[0], ast.Constant):
                    yield Import(str(node.args[0].value), node.lineno, at_start)
        yield from imports_of(node, at_start=at_start and not _is_deferred(node))


def _is_deferred(node: ast.AST) -> bool:
    if isinstance(node, ast.If):
        return ast.unparse(node.test).removeprefix("typing.") == "TYPE_CHECKING"
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def violations(package: Path) -> list[str]:
    """Return a line `file:line: reason` for each import in the folder `package` that is not allowed."""
    found = []
    for path in sorted(package.rglob("*.py")):
        relative = path.relative_to(package)
        part = relative.parts[0].removesuffix(".py")
        if part not in RANK:
            found.append(f"{relative}:1: {part} has no layer: give it one in tests/test_architecture.py")
            continue
        for found_import in imports_of(ast.parse(path.read_text(encoding="utf-8"))):
            found += [f"{relative}:{found_import.line}: {reason}" for reason in faults_of(part, found_import)]
    return found


def faults_of(part: str, found: Import) -> Iterator[str]:
    """Yield the reasons why a module of `part` may not have this import."""
    root, *below = found.target.split(".")
    if root == "":
        yield f"relative import {found.target}"
    elif root == "wfm":
        yield from _own_faults(part, below, found)
    else:
        yield from _library_faults(part, root, found)


def _own_faults(part: str, below: list[str], found: Import) -> Iterator[str]:
    other = below[0] if below and not below[0].startswith("__") else "__init__"
    if other == part:
        return
    if other not in RANK:
        yield f"{found.target} is not a part of wfm"
    elif RANK[other] >= RANK[part]:
        yield f"{part} imports {other}, against the direction"
    elif part == "cli" and other in STAGES and found.at_start:
        yield f"the command line imports the stage {other} before a command runs"
    if any(name.startswith("_") and not name.startswith("__") for name in below):
        yield f"{found.target} is private to {other}"


def _library_faults(part: str, library: str, found: Import) -> Iterator[str]:
    if RANK[part] <= RANK[STAGES[0]] and library in SCREEN_LIBRARIES:
        yield f"{part} imports {library}: screens and pages are the rim's"
    if part in FOUNDATION_PARTS and library in ENGINES:
        yield f"{part} imports {library}: the foundation needs no engine"
    if part in {"cli", "__main__"} and library in HEAVY and found.at_start:
        yield f"{part} imports {library} before a command runs"


def test_imports_point_one_way(project: Path) -> None:
    package = project / "wfm"
    assert (package / "errors.py").is_file(), "nothing to check"
    assert violations(package) == []


def test_the_architecture_page_names_every_part(project: Path) -> None:
    page = (project / "docs" / "architecture.md").read_text(encoding="utf-8")
    sources = {path.relative_to(project / "wfm").parts[0] for path in (project / "wfm").rglob("*.py")}
    unnamed = {name for name in sources if not name.startswith("__") and f"`wfm/{name}" not in page}
    assert unnamed == set()


@pytest.mark.parametrize(
    ("module", "source", "reason"),
    [
        pytest.param("erlang/a.py", "import wfm.forecast", "erlang imports forecast", id="stage to stage"),
        pytest.param("erlang/a.py", "from wfm import schedule", "erlang imports schedule", id="from package"),
        pytest.param("simulate/a.py", "from wfm.io.tables import x", "simulate imports io", id="stage to io"),
        pytest.param("schedule/a.py", "from rich import print", "screens", id="stage to rich"),
        pytest.param("forecast/a.py", "def f():\n    import typer", "screens", id="in a function"),
        pytest.param(
            "forecast/a.py",
            "if TYPE_CHECKING:\n    from wfm.pipeline import run",
            "forecast imports pipeline",
            id="for types only",
        ),
        pytest.param(
            "forecast/a.py",
            "m = importlib.import_module('wfm.erlang')",
            "forecast imports erlang",
            id="by import_module",
        ),
        pytest.param("tables.py", "from wfm.config import Config", "tables imports config", id="upwards"),
        pytest.param("hours.py", "import wfm.text", "hours imports text", id="within a layer"),
        pytest.param("config.py", "import duckdb", "needs no engine", id="engine in the foundation"),
        pytest.param("pipeline.py", "import wfm.cli.staff", "pipeline imports cli", id="pipeline to cli"),
        pytest.param("report/a.py", "from wfm.erlang._b import b", "private to erlang", id="private module"),
        pytest.param("report/a.py", "from wfm.erlang import _b", "private to erlang", id="private name"),
        pytest.param("erlang/a.py", "from . import b", "relative import", id="relative"),
        pytest.param("erlang/a.py", "import wfm.elsewhere", "not a part", id="unknown target"),
        pytest.param("elsewhere.py", "", "has no layer", id="unknown part"),
        pytest.param("cli/a.py", "import wfm.erlang", "stage erlang before", id="cli loads a stage"),
        pytest.param("cli/a.py", "class C:\n    import pandas", "pandas before", id="cli loads pandas"),
    ],
)
def test_the_checker_sees_a_planted_violation(tmp_path: Path, module: str, source: str, reason: str) -> None:
    plant(tmp_path / module, source)
    (line,) = violations(tmp_path)
    assert line.startswith(module)
    assert reason in line


@pytest.mark.parametrize(
    ("module", "source"),
    [
        pytest.param("cli/a.py", "def f():\n    import pandas\n    import wfm.erlang", id="in a command"),
        pytest.param("cli/a.py", "if TYPE_CHECKING:\n    import pandas", id="cli types"),
        pytest.param("erlang/a.py", "from wfm.erlang._b import _c", id="own private name"),
        pytest.param("io/a.py", "from wfm import __version__\nimport duckdb, wfm.config", id="downwards"),
        pytest.param("pipeline.py", "from wfm.forecast import forecast\nimport wfm.erlang", id="pipeline"),
    ],
)
def test_the_checker_lets_allowed_imports_pass(tmp_path: Path, module: str, source: str) -> None:
    plant(tmp_path / module, source)
    assert violations(tmp_path) == []


def plant(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")


START = """
import sys
sys.argv = ["wfm", {argument!r}]
try:
    from wfm.cli import main
    code = main()
except SystemExit as end:
    code = end.code
assert not code, f"exit code {{code}}"
print("loaded:", *sorted({{name.partition(".")[0] for name in sys.modules}}), file=sys.stderr)
"""


@pytest.mark.parametrize("argument", ["--help", "--version"])
def test_the_command_line_starts_without_heavy_libraries(project: Path, argument: str) -> None:
    start = subprocess.run(
        [sys.executable, "-c", START.format(argument=argument)],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert start.returncode == 0, start.stderr
    loaded = start.stderr.splitlines()[-1].split()
    assert loaded[0] == "loaded:"
    assert HEAVY.isdisjoint(loaded), HEAVY.intersection(loaded)
