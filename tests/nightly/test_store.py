"""Results kept by fingerprint: what is read back is what was put; what differs has another fingerprint."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.tiny import short_search
from tests.two_sites import make_two_sites, two_sites
from wfm.config import Config
from wfm.nightly import fingerprint as fingerprints
from wfm.nightly.fingerprint import file_digest, fingerprint
from wfm.nightly.results import Imported
from wfm.nightly.store import Store
from wfm.pipeline import Plan, PlanInputs, Scheduled, make_plan

FRAME = pd.DataFrame(
    {
        "queue": pd.Series(["a", None], dtype="str"),
        "interval_start": pd.to_datetime(["2026-03-01", "2026-03-02"], utc=True).astype(
            "datetime64[us, UTC]"
        ),
        "offered": [0.1, float("nan")],
        "agents": [1, 2],
        "paid": [True, False],
    }
)


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> tuple[Plan, Config]:
    """Return a plan of the two sites."""
    folder = tmp_path_factory.mktemp("planned")
    make_two_sites(folder)
    inputs, config = two_sites(folder)
    with short_search():
        return make_plan(inputs, config), config


def same(one: Any, other: Any) -> bool:
    """Whether two results are the same in every cell, type and figure."""
    if isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other, check_exact=True)
        return True
    if hasattr(one, "__dataclass_fields__"):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))
    return bool(one == other)


def test_every_result_of_a_stage_comes_back_as_it_was(planned: tuple[Plan, Config], tmp_path: Path) -> None:
    plan, _ = planned
    store = Store(tmp_path / "kept")
    imported = Imported(FRAME, FRAME.head(1), ("a note",))
    results = [plan.forecast, plan.requirements, Scheduled(plan.schedule), plan.proof, imported]
    for number, result in enumerate(results):
        assert same(store.put(str(number), result), result)
        assert same(Store(tmp_path / "kept").get(str(number)), result)


def test_a_result_of_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="no way to keep dict"):
        Store(tmp_path).put("key", {})


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda place: (place / "facts.json").unlink(), id="no facts"),
        pytest.param(lambda place: (place / "facts.json").write_text("{"), id="torn facts"),
        pytest.param(lambda place: (place / "table.parquet").write_bytes(b"PAR1"), id="torn table"),
        pytest.param(lambda place: (place / "table.parquet").unlink(), id="no table"),
    ],
)
def test_a_damaged_result_is_as_good_as_none(tmp_path: Path, damage: Callable[[Path], Any]) -> None:
    store = Store(tmp_path)
    store.put("key", FRAME)
    damage(tmp_path / "key")
    assert store.get("key") is None
    assert same(store.put("key", FRAME), FRAME)


def test_what_was_not_used_goes(tmp_path: Path) -> None:
    Store(tmp_path).put("old", FRAME)
    Store(tmp_path).put("new", FRAME)
    later = Store(tmp_path)
    later.get("new")
    (tmp_path / "half.part").mkdir()
    later.clear_parts()
    later.tidy()
    assert [path.name for path in tmp_path.iterdir()] == ["new"]


@given(row=st.integers(0, 1), column=st.sampled_from(["queue", "offered", "agents", "paid"]))
def test_one_cell_makes_another_fingerprint(row: int, column: str) -> None:
    new: dict[str, Any] = {"queue": "b", "offered": 0.2, "agents": 7, "paid": row == 1}
    changed = FRAME.copy()
    changed.loc[row, column] = new[column]
    assert fingerprint("stage", changed) != fingerprint("stage", FRAME)
    assert fingerprint("stage", FRAME.copy()) == fingerprint("stage", FRAME)
    assert fingerprint("stage", FRAME.rename(columns={column: "x"})) != fingerprint("stage", FRAME)
    assert fingerprint("other", FRAME) != fingerprint("stage", FRAME)


@given(
    things=st.lists(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False), st.none()), max_size=3)
)
def test_plain_values_are_told_apart(things: list[Any]) -> None:
    texts = [repr(thing) for thing in things]
    assert (fingerprint("s", *things) == fingerprint("s", *texts)) == (things in ([], texts))
    assert fingerprint("s", things) == fingerprint("s", list(things))


def test_only_the_settings_that_matter_to_a_stage_change_its_fingerprint(
    planned: tuple[Plan, Config],
) -> None:
    _, config = planned
    schedule = config.model_copy(update={"schedule": config.schedule.model_copy(update={"seed": 9})})
    outputs = config.model_copy(update={"outputs": config.outputs.model_copy(update={"keep": 3})})
    horizon = config.model_copy(update={"forecast": config.forecast.model_copy(update={"horizon": "3w"})})
    changed = {
        stage: [
            fingerprint(stage, other) != fingerprint(stage, config) for other in (schedule, outputs, horizon)
        ]
        for stage in ("forecast", "staff", "schedule", "simulate")
    }
    assert changed == {
        "forecast": [False, False, True],
        "staff": [False, False, False],
        "schedule": [True, False, True],
        "simulate": [True, False, True],
    }


def test_another_code_makes_another_fingerprint(monkeypatch: pytest.MonkeyPatch) -> None:
    before = fingerprint("stage", 1)
    monkeypatch.setattr(fingerprints, "code_version", lambda: "other")
    assert fingerprint("stage", 1) != before


def test_another_version_of_any_library_is_another_code(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(fingerprints.library_versions())
    assert {"tzdata", "xlsxwriter", "icalendar", "jinja2"} <= set(known)
    seen = {fingerprints.code_version.__wrapped__()}
    for name in known:
        monkeypatch.setattr(fingerprints, "library_versions", lambda name=name: {**known, name: "0"})
        seen.add(fingerprints.code_version.__wrapped__())
    assert len(seen) == 1 + len(known)


def test_every_library_that_wfm_needs_shapes_results_or_is_known_not_to(project: Path) -> None:
    document = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    needed = {re.split("[>=]", text)[0] for text in document["project"]["dependencies"]}
    shapeless = {"filelock", "pydantic", "rich", "typer"}  # a lock, settings as they are, the screen
    assert needed == set(fingerprints.LIBRARIES) - {"lightgbm"} | shapeless


def test_a_folder_has_the_digest_of_its_files_and_their_names(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "one.csv").write_text("1")
    first = file_digest(tmp_path / "a")
    (tmp_path / "a" / "one.csv").rename(tmp_path / "a" / "two.csv")
    assert file_digest(tmp_path / "a") != first


def test_inputs_without_a_fingerprint_are_refused() -> None:
    with pytest.raises(TypeError, match="no fingerprint of set"):
        fingerprint("stage", {1})
    assert fingerprint("s", replace(PlanInputs(FRAME, FRAME), history=FRAME)) == fingerprint(
        "s", PlanInputs(FRAME, FRAME)
    )
