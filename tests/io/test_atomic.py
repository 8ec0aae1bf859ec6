"""Writing: the old file or the new one, never a part of it."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from wfm.errors import OutputError
from wfm.io.atomic import replacing, write_text

DISK_FULL = """
import resource, signal, sys
from pathlib import Path
from wfm.errors import OutputError
from wfm.io.atomic import write_text
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    write_text(Path(sys.argv[1]), "new " * 1000)
except OutputError as error:
    sys.exit(error.exit_code)
"""


def only(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_full_disk_leaves_the_old_file_whole_and_nothing_beside_it(tmp_path: Path, project: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")
    run = subprocess.run([sys.executable, "-c", DISK_FULL, str(target)], cwd=project, check=False, timeout=60)
    assert run.returncode == 7
    assert target.read_text() == "old"
    assert only(tmp_path) == ["table.csv"]


def test_a_failure_inside_the_block_leaves_the_old_file_whole(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")

    def write_half() -> None:
        with replacing(target) as part:
            part.write_text("half")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert target.read_text() == "old"
    assert only(tmp_path) == ["table.csv"]


def test_readers_see_the_old_file_until_the_new_one_is_complete(tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    target.write_text("old")
    with replacing(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert only(tmp_path) == ["table.csv"]


def test_text_is_utf_8_with_line_breaks_as_given(tmp_path: Path) -> None:
    write_text(tmp_path / "x", "Zürich\na\r\nb")
    assert (tmp_path / "x").read_bytes() == "Zürich\na\r\nb".encode()


def test_a_new_file_has_the_permissions_of_any_other(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_text(tmp_path / "x", "")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    "place",
    [
        pytest.param("nowhere/x.csv", id="no folder"),
        pytest.param("folder", id="a folder"),
        pytest.param("file/x", id="under a file"),
    ],
)
def test_what_cannot_be_written_is_an_output_error_with_a_hint(tmp_path: Path, place: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as raised:
        write_text(tmp_path / place, "text")
    assert raised.value.hint
    assert only(tmp_path) == ["file", "folder"]
