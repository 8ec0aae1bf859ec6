"""The list of nights: a run folder of another version does not keep `wfm status` from the others."""

from __future__ import annotations

from pathlib import Path

from wfm.nightly.history import last_runs, record


def test_a_run_of_another_version_is_listed_with_what_it_lacks(tmp_path: Path) -> None:
    run = tmp_path / "20260301T2300Z-001"
    run.mkdir()
    (run / "summary.json").write_text('{"first_day": "2026-03-02", "weeks": 1}', encoding="utf-8")
    record(tmp_path, run.name, 0)
    record(tmp_path, "", 11, "a failure")
    nights = last_runs(tmp_path, 5)
    assert [night.exit_code for night in nights] == [11, 0]
    assert "another version" in nights[1].text
    assert "'gap'" in nights[1].text
