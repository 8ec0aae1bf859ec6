"""Names of queues in another system: safe in a spreadsheet, readable there, one queue each."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.export.made import Row, asked, centre, forecast_file, history_file, read_back
from wfm.errors import DataError
from wfm.export import FORMATS, PLAN_FORMATS
from wfm.export.request import Request

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HEADER = "queue,name,id"


def named(folder: Path, *lines: str, queues: tuple[str, ...] = ("billing",), header: str = HEADER) -> Request:
    """Return a request to export one row of each queue under the names of these lines."""
    keys: dict[str, Any] = {queue: {"channel": "chat"} if queue == "chats" else {} for queue in queues}
    config = centre(**keys)
    source = forecast_file(folder / "f.csv", [Row(queue, NINE, 4.0, 90.0) for queue in queues])
    names = history_file(folder / "names.csv", header, *lines) if lines else None
    return asked(source, config, names=names)


@pytest.mark.parametrize("format_name", sorted(FORMATS.keys() - PLAN_FORMATS))
@pytest.mark.parametrize("said", [False, True], ids=["own name", "name of the file"])
@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\uff1d", "\uff20"])
def test_a_name_that_a_spreadsheet_would_run_is_refused(tmp_path, format_name, sign, said):
    request = named(tmp_path, f"billing,{sign}cmd,1") if said else named(tmp_path, queues=(f"{sign}cmd",))
    with pytest.raises(DataError, match="which a spreadsheet runs as a formula") as caught:
        FORMATS[format_name](request)
    assert "--queues FILE" in str(caught.value)
    assert not request.out.exists()


def test_a_name_with_a_sign_that_connect_dislikes_is_refused_and_the_way_out_works(tmp_path):
    with pytest.raises(DataError, match="queue 'a&b': the name has &") as caught:
        FORMATS["connect-wfm"](named(tmp_path, queues=("a&b",)))
    assert "--queues FILE, a CSV with queue,name,id" in str(caught.value)
    request = named(tmp_path, "a&b,A and B,7f", queues=("a&b",))
    FORMATS["connect-wfm"](request)
    (line,) = read_back(request.out)
    assert (line["QueueName"], line["QueueId"]) == ("A and B", "7f")


def test_every_wrong_name_is_told_at_once(tmp_path):
    with pytest.raises(DataError) as caught:
        FORMATS["connect-wfm"](named(tmp_path, queues=("a&b", "c/d", "fine")))
    assert [fault.value for fault in caught.value.faults] == ["a&b", "c/d"]


def test_a_missing_id_is_a_note_that_names_the_queue(tmp_path):
    done = FORMATS["connect-wfm"](named(tmp_path, "billing,Billing,", queues=("billing",)))
    assert any("no QueueId" in note and "billing" in note for note in done.notes)
    done = FORMATS["connect-wfm"](named(tmp_path, "billing,,9a", queues=("billing",)))
    assert not any("no QueueId" in note for note in done.notes)


def test_one_name_may_stand_for_two_channels_but_not_for_two_queues_of_one(tmp_path):
    request = named(tmp_path, "billing,Main,1", "chats,Main,1", queues=("billing", "chats"))
    FORMATS["connect-wfm"](request)
    assert [line["ChannelType"] for line in read_back(request.out)] == ["VOICE", "CHAT"]
    with pytest.raises(DataError, match="have one name and one channel"):
        FORMATS["connect-wfm"](named(tmp_path, "billing,Main,1", "sales,Main,1", queues=("billing", "sales")))


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        pytest.param(("billing,B,=1+1",), "an id has letters, digits and hyphens only", id="formula as id"),
        pytest.param(("biling,B,1",), "did you mean 'billing'", id="unknown queue"),
        pytest.param(("billing,B,1", "billing,C,2"), "second row for one key", id="twice"),
        pytest.param(("billing,B\tC,1",), "hidden characters", id="tab"),
    ],
)
def test_a_file_of_names_that_is_wrong_is_refused(tmp_path, lines, problem):
    with pytest.raises(DataError, match=problem):
        FORMATS["genesys-wfm"](named(tmp_path, *lines))


def test_two_ids_for_one_name_are_refused(tmp_path):
    with pytest.raises(DataError, match="two ids for one name"):
        FORMATS["connect-wfm"](named(tmp_path, "billing,Main,1", "chats,Main,2", queues=("billing", "chats")))
