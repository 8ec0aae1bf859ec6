"""Reading stamps: with offset as they stand, without as wall clock; clock changes by rule or by order."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.localtime import exists
from wfm.stamps import StampFault, parse_stamps, quickly_parsed

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kathmandu", "Australia/Lord_Howe"]
)
MOMENTS = st.datetimes(datetime(1980, 1, 1), datetime(2037, 12, 30)).map(lambda d: d.replace(microsecond=0))
BERLIN = "Europe/Berlin"


def texts(values: list[str | None]) -> pd.Series:
    return pd.Series(values, dtype="str")


def zones(name: str, count: int) -> pd.Series:
    return pd.Series([name] * count, dtype="str")


def utc(stamps: pd.Series) -> list[str]:
    return [str(text) for text in stamps.dt.strftime("%d %H:%M")]


@given(name=ZONES, moments=st.lists(MOMENTS, min_size=1, max_size=8))
def test_a_stamp_with_offset_is_the_instant_it_names_whatever_the_zone(
    name: str, moments: list[datetime]
) -> None:
    instants = [pd.Timestamp(moment, tz="UTC") for moment in moments]
    written = texts([stamp.tz_convert(ZoneInfo(name)).isoformat() for stamp in instants])
    stamps, faults = parse_stamps(written, zones("Asia/Tokyo", len(moments)))
    assert stamps.tolist() == instants
    assert not any(bad.any() for bad in faults.values())


@given(name=ZONES, moment=MOMENTS)
def test_a_wall_clock_is_one_instant_or_has_the_fault_that_says_why_not(name: str, moment: datetime) -> None:
    stamps, faults = parse_stamps(texts([moment.isoformat(sep=" ")]), zones(name, 1))
    place = ZoneInfo(name)
    offsets = {moment.replace(tzinfo=place, fold=fold).utcoffset() for fold in (0, 1)}
    if not exists(moment, name):
        assert faults[StampFault.NONEXISTENT].all()
    elif len(offsets) > 1:
        assert faults[StampFault.AMBIGUOUS].all()
    else:
        assert stamps.iloc[0] == pd.Timestamp(moment, tz=place)
        assert not any(bad.any() for bad in faults.values())


@given(name=ZONES, moment=MOMENTS)
def test_first_and_second_are_the_two_readings_of_a_wall_clock(name: str, moment: datetime) -> None:
    if not exists(moment, name):
        return
    for fold, rule in enumerate(("first", "second")):
        stamps, _ = parse_stamps(texts([moment.isoformat()]), zones(name, 1), ambiguous=rule)  # type: ignore[arg-type]
        assert stamps.iloc[0] == moment.replace(tzinfo=ZoneInfo(name), fold=fold).astimezone(ZoneInfo("UTC"))


@pytest.mark.parametrize("bad", ["yesterday", "2026-13-01", "2026-02-30T10:00", "25:00", "2026-03-02T25:00"])
def test_what_is_no_time_is_unreadable_and_the_others_are_read(bad: str) -> None:
    stamps, faults = parse_stamps(texts(["2026-03-02T09:00", bad, None]), zones(BERLIN, 3))
    assert faults[StampFault.UNREADABLE].tolist() == [False, True, False]
    assert utc(stamps)[0] == "02 08:00"


def test_offsets_and_wall_clocks_may_stand_in_one_column() -> None:
    written = texts(
        [
            "2026-03-02T09:00:00+05:30",
            "2026-03-02 09:00",
            "2026-03-02T09:00Z",
            "2026-03-02",
            "2026-03-02T09+02",
        ]
    )
    stamps, _ = parse_stamps(written, zones(BERLIN, 5))
    assert utc(stamps) == ["02 03:30", "02 08:00", "02 09:00", "01 23:00", "02 07:00"]


@pytest.mark.parametrize(
    "bad", ["2026-03-02T09:00+1", "2026-03-02T09:00+1:00", "2026-03-02 -01", "2026-03-02+01"]
)
def test_half_an_offset_is_unreadable(bad: str) -> None:
    _, faults = parse_stamps(texts([bad]), zones(BERLIN, 1))
    assert faults[StampFault.UNREADABLE].all()


TEXTS = st.builds(
    "{}{}{}{}".format,
    st.sampled_from(["2026-03-02", "2026-10-25", "0001-01-01", "2026-3-2", "2026-02-30", "9999-12-31"]),
    st.sampled_from(["T09", " 09:30", "T09:30:15", "T23:59:60", "T24:00", "T0930", "", "T09:30:15.1234"]),
    st.sampled_from(["", ".5", ".123456", ".1234567", ","]),
    st.sampled_from(["", "Z", "z", "+01:00", "+0130", "-05", "+1", "+25:00", "+01:00:30", " "]),
)


@given(written=st.lists(TEXTS, min_size=1, max_size=3))
def test_stamps_read_at_once_are_the_stamps_read_one_by_one(written: list[str]) -> None:
    quick = quickly_parsed(texts(list(written)))
    if quick.dtype == "str":
        return
    stamps, faults = parse_stamps(texts(list(written)), zones("UTC", len(written)))
    assert not any(bad.any() for bad in faults.values())
    instants = quick if isinstance(quick.dtype, pd.DatetimeTZDtype) else quick.dt.tz_localize("UTC")
    pd.testing.assert_series_equal(instants, stamps, check_names=False)


def test_each_row_has_the_wall_clock_of_its_own_zone() -> None:
    stamps, _ = parse_stamps(texts(["2026-03-02T09:00"] * 2), texts([BERLIN, "America/New_York"]))
    assert utc(stamps) == ["02 08:00", "02 14:00"]


def test_a_repeated_hour_twice_in_order_is_read_in_order() -> None:
    local = pd.date_range("2026-10-25T00:00", "2026-10-25T04:45", freq="15min", tz=BERLIN).tz_localize(None)
    written = texts([stamp.isoformat() for stamp in local])
    groups = zones("billing", len(local))
    stamps, faults = parse_stamps(written, zones(BERLIN, len(local)), groups)
    assert not faults[StampFault.AMBIGUOUS].any()
    assert stamps.diff().dropna().unique().tolist() == [pd.Timedelta(minutes=15)]


def test_two_series_in_one_file_have_each_its_own_repeated_hour() -> None:
    hour = ["2026-10-25T02:00", "2026-10-25T02:30"] * 2
    written = texts([stamp for stamp in hour for _ in range(2)])  # rows of a and b alternate
    groups = texts(["a", "b"] * 4)
    stamps, faults = parse_stamps(written, zones(BERLIN, 8), groups)
    assert not faults[StampFault.AMBIGUOUS].any()
    for name in "ab":
        assert utc(stamps[groups == name]) == ["25 00:00", "25 00:30", "25 01:00", "25 01:30"]


def test_an_equal_stamp_is_the_second_pass_only_where_stamps_cannot_repeat() -> None:
    hour = texts(["2026-10-25T02:00", "2026-10-25T02:00"])
    stamps, _ = parse_stamps(hour, zones(BERLIN, 2), zones("billing", 2))
    assert utc(stamps) == ["25 00:00", "25 01:00"]
    _, faults = parse_stamps(hour, zones(BERLIN, 2))
    assert faults[StampFault.AMBIGUOUS].all()


def test_a_repeated_hour_present_once_stays_ambiguous() -> None:
    _, faults = parse_stamps(
        texts(["2026-10-25T02:00", "2026-10-25T02:30"]), zones(BERLIN, 2), zones("billing", 2)
    )
    assert faults[StampFault.AMBIGUOUS].all()


@pytest.mark.parametrize(
    ("rule", "instant", "fault"),
    [
        pytest.param("error", None, True, id="error"),
        pytest.param("drop", None, False, id="drop"),
        pytest.param("shift", "29 01:30", False, id="shift"),
    ],
)
def test_a_skipped_hour_follows_its_rule(rule, instant, fault):
    stamps, faults = parse_stamps(texts(["2026-03-29T02:30"]), zones(BERLIN, 1), nonexistent=rule)
    assert faults[StampFault.NONEXISTENT].tolist() == [fault]
    assert (None if stamps.isna().iloc[0] else utc(stamps)[0]) == instant


def test_naive_times_are_read_like_their_texts() -> None:
    moments = ["2026-03-02T09:00", "2026-07-02T09:00"]
    from_text, _ = parse_stamps(texts(list(moments)), zones(BERLIN, 2))
    from_times, _ = parse_stamps(pd.Series(pd.to_datetime(moments)), zones(BERLIN, 2))
    pd.testing.assert_series_equal(from_text, from_times)
