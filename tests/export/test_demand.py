"""Which tables are demand, which rows of them, and that equal input gives equal bytes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from tests.export.made import Row, asked, centre, forecast_file, history_file, read_back
from wfm.errors import DataError, UsageError
from wfm.export import FORMATS, PLAN_FORMATS, named_format
from wfm.io.tables import read_table, write_table
from wfm.tables import FORECAST

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
ROWS = [
    Row(q, NINE + n * timedelta(minutes=15), 3.3 + n, 100.0) for q in ("billing", "sales") for n in (0, 1)
]
CONFIG = centre(billing={}, sales={})


@pytest.mark.parametrize(
    ("header", "row", "what"),
    [
        pytest.param("agent_id,start,shift_date,activity,end", "a,b,c,d,e", "a roster", id="roster"),
        pytest.param("agent_id,name,contract,skills", "a,b,c,d", "a table of agents", id="agents"),
        pytest.param("contact_id,queue,arrived_at,wait_s,outcome", "a,b,c,1,e", "wfm import", id="contacts"),
        pytest.param(
            "queue,interval_start,offered,aht_s,load,agents_required",
            "a,b,1,1,1,1",
            "requirements",
            id="needs",
        ),
        pytest.param(
            "queue,interval_start,agents_required,agents_scheduled", "a,b,1,1", "requirements", id="cover"
        ),
        pytest.param("queue,date,offered,aht_s,offered_p50", "a,b,1,1,1", "totals of days", id="days"),
        pytest.param("queue,interval_start,wrong", "a,b,c", "missing column", id="something else"),
    ],
)
@pytest.mark.parametrize("ending", [".csv", ".parquet"])
def test_another_table_is_refused_by_its_name(tmp_path, header, row, what, ending):
    source = history_file(tmp_path / "x.csv", header, row)
    if ending == ".parquet":
        pd.read_csv(source).to_parquet(tmp_path / "x.parquet")
        source = tmp_path / "x.parquet"
    request = asked(source, CONFIG)
    with pytest.raises(DataError, match=what):
        FORMATS["connect-wfm"](request)
    assert not request.out.exists()


def test_a_history_may_have_columns_of_other_tables_that_say_nothing(tmp_path):
    source = history_file(
        tmp_path / "h.csv",
        "queue,interval_start,offered,aht_s,date",
        "billing,2026-03-02T09:00:00Z,4,100,2026-03-02",
    )
    assert FORMATS["genesys-wfm"](asked(source, CONFIG)).figures["kind"] == "history"


@pytest.mark.parametrize("format_name", sorted(FORMATS.keys() - PLAN_FORMATS))
def test_csv_parquet_and_a_folder_of_parquet_give_the_same_bytes_every_time(tmp_path, format_name):
    source = forecast_file(tmp_path / "f.csv", ROWS)
    forecast = read_table(source, FORECAST)
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "f.parquet", tmp_path / "folder" / "part.parquet"):
        write_table(forecast, FORECAST, path)
    seen = set()
    for name in ("f.csv", "f.csv", "f.parquet", "folder"):
        request = asked(tmp_path / name, CONFIG)
        FORMATS[format_name](request)
        seen.add(request.out.read_bytes())
    assert len(seen) == 1


def test_only_the_queues_that_were_asked_for(tmp_path):
    source = forecast_file(tmp_path / "f.csv", ROWS)
    request = asked(source, CONFIG, only=("sales",))
    FORMATS["connect-wfm"](request)
    assert {line["QueueName"] for line in read_back(request.out)} == {"sales"}
    with pytest.raises(UsageError, match="--queue salse") as caught:
        FORMATS["connect-wfm"](asked(source, CONFIG, only=("salse",)))
    assert "billing, sales" in caught.value.hint


def test_stamps_that_begin_no_interval_are_refused(tmp_path):
    source = forecast_file(tmp_path / "f.csv", [Row("billing", NINE + timedelta(minutes=7), 4.0, 100.0)])
    with pytest.raises(DataError, match="no interval of 15 minutes begins at") as caught:
        FORMATS["connect-wfm"](asked(source, CONFIG))
    assert "2026-03-02T10:07:00+01:00" in str(caught.value)


def test_a_table_without_rows_is_refused(tmp_path):
    with pytest.raises(DataError, match="no rows"):
        FORMATS["connect-wfm"](asked(forecast_file(tmp_path / "f.csv", []), CONFIG))


def test_an_unknown_format_is_named_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        named_format("conect-wfm")
    assert caught.value.hint == "did you mean connect-wfm?"
