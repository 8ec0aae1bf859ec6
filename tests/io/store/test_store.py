"""The store: files in any pieces give the history of all of them at once, and nothing private is kept."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.config import Config, build_config
from wfm.errors import ConfigError, DataError, OutputError, UsageError
from wfm.io.intake import take_in
from wfm.io.quarantine import TooManyBadRows
from wfm.io.store import amend, keys, merging
from wfm.io.store.keys import VARIABLE, hashed, hashed_sql

KEY = "a key of thirty-two characters.."
HEADER = "contact_id,queue,arrived_at,wait_s,talk_s,hold_s,acw_s,outcome,agent_id"
EXPORT = "queue,interval_start,offered,handled,aht_s"


@pytest.fixture(autouse=True)
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, KEY)


@pytest.fixture(scope="module")
def config() -> Config:
    queues = {name: {"service_level": 0.8} for name in ("billing", "sales")}
    return build_config({"centre": {"timezone": "Europe/Berlin", "interval_min": 15}, "queues": queues})


def row(number: int, minute: int, *, talk: int = 100, queue: str = "billing") -> str:
    start = pd.Timestamp("2026-03-02T09:00:00+01:00") + pd.Timedelta(minutes=minute)
    return f"id-{number},{queue},{start.isoformat()},12,{talk},0,20,handled,Anna Maier"


def written(path: Path, *rows: str, header: str = HEADER) -> Path:
    path.write_text("\n".join((header, *rows)) + "\n")
    return path


def files_of(store: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(store)): path.read_bytes() for path in sorted(store.rglob("*")) if path.is_file()
    }


rows_of_a_file = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.integers(0, 6 * 24 * 60),
        st.integers(1, 500),
        st.sampled_from(("billing", "sales")),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=examples(12, quick=3))
@given(files=st.lists(rows_of_a_file, min_size=1, max_size=4))
def test_files_one_by_one_give_the_history_of_all_at_once(tmp_path_factory, config, files):
    folder = tmp_path_factory.mktemp("store")
    paths = [
        written(
            folder / f"{number}.csv",
            *(row(contact, minute, talk=talk, queue=queue) for contact, minute, talk, queue in rows),
        )
        for number, rows in enumerate(files)
    ]
    steps = [amend(folder / "store", [path], config) for path in paths]
    for step in steps:
        assert step.rows_read == step.rows_kept + step.rows_quarantined + step.rows_duplicate
    last = steps[-1]
    at_once = take_in(paths, config)
    counts = last.history[last.history["offered"] > 0].reset_index(drop=True)
    wanted = at_once.history[at_once.history["offered"] > 0].reset_index(drop=True)
    pd.testing.assert_frame_equal(counts, wanted)
    assert last.history["offered"].sum() == len({contact for rows in files for contact, *_ in rows})


def test_the_same_file_again_changes_no_byte(tmp_path, config):
    paths = [written(tmp_path / "a.csv", row(1, 0), row(2, 900)), written(tmp_path / "b.csv", row(3, 30))]
    first = amend(tmp_path / "store", paths, config)
    before = files_of(tmp_path / "store")
    again = amend(tmp_path / "store", paths, config)
    assert files_of(tmp_path / "store") == before
    pd.testing.assert_frame_equal(again.history, first.history)
    assert (again.rows_read, again.rows_kept, again.rows_duplicate) == (3, 0, 3)


def test_a_late_file_amends_its_intervals_and_says_so(tmp_path, config):
    early = written(tmp_path / "early.csv", row(1, 0), row(2, 60))
    late = written(tmp_path / "late.csv", row(2, 75, talk=300), row(3, 5))
    amend(tmp_path / "store", [early], config)
    intake = amend(tmp_path / "store", [late], config)
    talk = intake.history.set_index("interval_start")["talk_s"]
    assert talk[talk > 0].tolist() == [200, 300]  # 09:00 of contacts 1 and 3; 10:15, where contact 2 went
    assert any("1 row of earlier files replaced" in note for note in intake.warnings)


def test_a_contact_that_moves_to_another_day_leaves_the_first(tmp_path, config):
    amend(tmp_path / "store", [written(tmp_path / "a.csv", row(1, 0))], config)
    intake = amend(tmp_path / "store", [written(tmp_path / "b.csv", row(1, 3 * 24 * 60))], config)
    parts = sorted((tmp_path / "store").rglob("*.parquet"))
    assert [part.parent.name for part in parts] == ["date=2026-03-05"]
    assert intake.history["offered"].sum() == 1


def test_the_greatest_version_holds_whatever_the_order_of_the_files(tmp_path, config):
    mapping = tmp_path / "mapping.toml"
    names = {name: name for name in HEADER.split(",")}
    columns = "\n".join(f'{name} = "{header}"' for name, header in names.items())
    mapping.write_text(f'[source.x]\ngrain = "contact"\nlatest = "updated"\n[source.x.columns]\n{columns}\n')
    header = f"{HEADER},updated"
    new = written(tmp_path / "new.csv", row(1, 0, talk=300) + ",2026-03-02T12:00:00Z", header=header)
    old = written(tmp_path / "old.csv", row(1, 0, talk=100) + ",2026-03-02T11:00:00Z", header=header)
    for order in ((new, old), (old, new)):
        store = tmp_path / order[0].stem
        amend(store, [order[0]], config, mapping=mapping)
        intake = amend(store, [order[1]], config, mapping=mapping)
        assert intake.history["talk_s"].tolist() == [300]


@pytest.mark.parametrize("survived", range(4))
def test_after_a_crash_the_same_import_ends_where_it_would_have(tmp_path, config, monkeypatch, survived):
    first = written(tmp_path / "a.csv", *(row(n, n * 1440) for n in range(4)))
    second = written(tmp_path / "b.csv", *(row(n, (3 - n) * 1440, talk=7) for n in range(4)))
    amend(tmp_path / "clean", [first], config)
    clean = amend(tmp_path / "clean", [second], config)
    amend(tmp_path / "torn", [first], config)
    real, left = merging._write, [survived]

    def dying(*arguments):
        if left[0] == 0:
            raise KeyboardInterrupt
        left[0] -= 1
        real(*arguments)

    monkeypatch.setattr(merging, "_write", dying)
    with pytest.raises(KeyboardInterrupt):
        amend(tmp_path / "torn", [second], config)
    monkeypatch.undo()
    monkeypatch.setenv(VARIABLE, KEY)
    torn = amend(tmp_path / "torn", [second], config)
    pd.testing.assert_frame_equal(torn.history, clean.history)
    assert files_of(tmp_path / "torn").keys() == files_of(tmp_path / "clean").keys()
    assert torn.history["offered"].sum() == 4


def test_too_many_bad_rows_change_nothing(tmp_path, config):
    amend(tmp_path / "store", [written(tmp_path / "a.csv", row(1, 0))], config)
    before = files_of(tmp_path / "store")
    with pytest.raises(TooManyBadRows):
        amend(tmp_path / "store", [written(tmp_path / "b.csv", row(2, 0), row(3, 0, queue="?"))], config)
    assert files_of(tmp_path / "store") == before


def test_a_file_is_read_again_once_its_queue_is_configured(tmp_path, config):
    other = build_config(
        {
            "centre": {"timezone": "Europe/Berlin"},
            "queues": {"billing": {"service_level": 0.8}},
            "import": {"max_bad_ratio": 1.0},
        }
    )
    wider = config.model_copy(update={"import_": other.import_})
    path = written(tmp_path / "a.csv", row(1, 0), row(2, 0, queue="sales"))
    assert amend(tmp_path / "store", [path], other).history["offered"].sum() == 1
    assert amend(tmp_path / "store", [path], wider).history["offered"].sum() == 2


def test_interval_exports_are_amended_by_interval(tmp_path, config):
    def export(name: str, *cells: tuple[str, int]) -> Path:
        rows = [f"billing,2026-03-02T{clock}:00+01:00,{offered},{offered},100" for clock, offered in cells]
        return written(tmp_path / name, *rows, header=EXPORT)

    amend(tmp_path / "store", [export("a.csv", ("09:00", 5), ("09:15", 6))], config)
    intake = amend(tmp_path / "store", [export("b.csv", ("09:15", 9), ("09:30", 2))], config)
    assert intake.history["offered"].tolist() == [5, 9, 2]


def test_exports_of_another_interval_length_are_refused(tmp_path):
    half = build_config(
        {
            "centre": {"timezone": "Europe/Berlin", "interval_min": 30},
            "queues": {"billing": {"service_level": 0.8}},
        }
    )

    def export(name: str, step: int) -> Path:
        starts = pd.date_range("2026-03-02T09:00:00+01:00", periods=8, freq=f"{step}min")
        return written(tmp_path / name, *(f"billing,{s.isoformat()},4,4,100" for s in starts), header=EXPORT)

    amend(tmp_path / "store", [export("a.csv", 15)], half)
    with pytest.raises(DataError, match="15 and 30 minutes"):
        amend(tmp_path / "store", [export("b.csv", 30)], half)


@pytest.mark.parametrize("secret", ["", "short"])
def test_without_a_key_nothing_is_made(tmp_path, config, monkeypatch, secret):
    monkeypatch.setenv(VARIABLE, secret)
    with pytest.raises(UsageError, match=VARIABLE):
        amend(tmp_path / "store", [written(tmp_path / "a.csv", row(1, 0))], config)
    assert not (tmp_path / "store").exists()


def test_another_key_is_refused(tmp_path, config, monkeypatch):
    path = written(tmp_path / "a.csv", row(1, 0))
    amend(tmp_path / "store", [path], config)
    monkeypatch.setenv(VARIABLE, KEY[::-1])
    with pytest.raises(ConfigError, match="another WFM_ID_KEY"):
        amend(tmp_path / "store", [path], config)


def test_a_damaged_ledger_is_a_data_error(tmp_path, config):
    path = written(tmp_path / "a.csv", row(1, 0))
    amend(tmp_path / "store", [path], config)
    (tmp_path / "store" / "imports.json").write_text('{"imports": [')
    with pytest.raises(DataError, match="cannot be read"):
        amend(tmp_path / "store", [path], config)


def test_a_store_where_a_file_stands_is_an_output_error(tmp_path, config):
    (tmp_path / "store").write_text("")
    with pytest.raises(OutputError):
        amend(tmp_path / "store", [written(tmp_path / "a.csv", row(1, 0))], config)


def test_no_id_and_no_name_is_kept(tmp_path, config):
    text = row(1, 0).replace("id-1", "+4930123456")
    amend(tmp_path / "store", [written(tmp_path / "a.csv", text)], config)
    part = next((tmp_path / "store").rglob("*.parquet"))
    kept = pd.read_parquet(part)
    for told in ("4930123456", "Anna", "Maier"):
        assert all(told.encode() not in data for data in files_of(tmp_path / "store").values())
        assert told not in kept.to_csv()
    assert kept["contact_id"].tolist() == [hashed(KEY.encode(), "+4930123456")]


@given(text=st.text(max_size=80), secret=st.binary(min_size=16, max_size=100))
def test_ids_are_hmac_sha256_in_sql_too(text, secret):
    wanted = hmac.new(secret, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()[:32]
    query = f"FROM (SELECT $1 AS id) SELECT {hashed_sql(secret, 'id')}"
    found = duckdb.connect().execute(query, [text]).fetchall()
    assert found == [(wanted,)]
    assert keys.hashed(secret, text) == wanted


def test_pandas_and_duckdb_read_the_store_as_it_lies(tmp_path, config):
    amend(tmp_path / "store", [written(tmp_path / "a.csv", *(row(n, n * 700) for n in range(9)))], config)
    place = tmp_path / "store" / "contacts"
    frame = pd.read_parquet(place)
    counted = duckdb.connect().execute(
        f"FROM read_parquet('{place}/*/*.parquet', hive_partitioning = true) "
        "SELECT date, count(*) GROUP BY date ORDER BY date"
    )
    assert len(frame) == 9
    assert frame["arrived_at"].dt.tz is not None
    assert counted.fetchall() == list(frame.groupby(frame["arrived_at"].dt.date).size().items())
