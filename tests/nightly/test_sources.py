"""What a night plans from: files that change while they are read, and rosters that no longer fit."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tests.two_sites import CONFIG, make_two_sites, two_sites
from wfm.errors import DataError
from wfm.io.inputs import site_zones
from wfm.io.tables import write_table
from wfm.io.toml import load_config
from wfm.nightly import sources
from wfm.nightly.fingerprint import file_digest, fingerprint
from wfm.nightly.journal import Journal
from wfm.nightly.sources import check_unchanged, find_sources, plan_inputs
from wfm.tables import ROSTER


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    """Return a centre with a run whose roster has a shift at each site."""
    make_two_sites(tmp_path)
    config = load_config(tmp_path / "wfm.toml")
    start = pd.to_datetime(["2026-03-02T08:00Z", "2026-03-02T08:00Z"])
    roster = pd.DataFrame(
        {
            "agent_id": ["N1", "S1"],
            "site": ["north", "south"],
            "shift_date": pd.to_datetime(["2026-03-02", "2026-03-02"]),
            "start": start,
            "end": start + pd.Timedelta(hours=8),
            "activity": "on_queue",
            "paid": True,
        }
    )
    (tmp_path / "run").mkdir()
    write_table(roster, ROSTER, tmp_path / "run" / "roster.parquet", site_zones(config))
    return tmp_path


def previous_of(centre: Path, said: list[str]) -> pd.DataFrame | None:
    """Return the roster to stay near, and collect what the log says."""
    inputs, config = two_sites(centre)
    found = find_sources(config, centre)
    return plan_inputs(found, inputs.history, centre / "run", Journal(said.append)).previous


def test_shifts_at_a_site_that_is_gone_are_left_out(centre: Path) -> None:
    said: list[str] = []
    whole = previous_of(centre, said)
    assert whole is not None
    assert list(whole["site"]) == ["north", "south"]
    (centre / "wfm.toml").write_text(CONFIG.replace("[sites.south]\n", ""), encoding="utf-8")
    agents = (centre / "agents.csv").read_text(encoding="utf-8")
    (centre / "agents.csv").write_text(agents.replace(",south,", ",north,"), encoding="utf-8")
    rest = previous_of(centre, said)
    assert rest is not None
    assert list(rest["agent_id"]) == ["N1"]
    assert said == []


def test_a_published_roster_that_cannot_be_read_is_told_of_and_stops_no_night(centre: Path) -> None:
    said: list[str] = []
    (centre / "run" / "roster.parquet").write_bytes(b"torn")
    assert previous_of(centre, said) is None
    assert "stays near no other" in said[0]
    assert "roster.parquet" in said[0]


def test_a_file_that_changes_while_it_is_read_is_named(centre: Path) -> None:
    found = find_sources(load_config(centre / "wfm.toml"), centre)
    check_unchanged(found)
    with (centre / "history.csv").open("a", encoding="utf-8") as history:
        history.write("bills,2026-02-28T09:00:00,5,240\n")
    with pytest.raises(DataError, match=r"history\.csv.*changed while it was read"):
        check_unchanged(found)
    (centre / "agents.csv").unlink()
    with pytest.raises(DataError, match=r"agents\.csv"):
        check_unchanged(found)


def test_inputs_that_nobody_touched_are_not_hashed_again(
    centre: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = find_sources(load_config(centre / "wfm.toml"), centre)
    hashed: list[Path] = []

    def counted(path: Path) -> str:
        hashed.append(path)
        return file_digest(path)

    monkeypatch.setattr(sources, "file_digest", counted)
    check_unchanged(found)
    assert hashed == []
    (centre / "agents.csv").touch()  # its time is another, its bytes are not
    check_unchanged(found)
    assert hashed == [centre / "agents.csv"]


def test_where_one_thing_ends_is_part_of_its_fingerprint() -> None:
    assert fingerprint("x", (("a",), "b")) != fingerprint("x", (("a", "b"),))
