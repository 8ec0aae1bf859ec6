"""Sample exports of single contacts and of events, each with the traps of its format planted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from wfm.demo.export_truth import PHONE, ZONE, Export, as_contacts, each

HANDLE = ("aht_s", "talk_s", "hold_s", "acw_s", "wait_s")
_DAY_TWO = pd.Timestamp("2026-03-29", tz=ZONE)


def connect_ctr(legs: pd.DataFrame) -> Export:
    """Return contact records: some come twice, the older one later; outbound, monitored, menu-only ones."""
    records = []
    for place, leg in enumerate(each(legs)):
        record = _contact_record(leg)
        records.append(record)
        if place % 6 == 0 and leg.outcome == "handled":
            stale = {**record["Agent"], "AfterContactWorkDuration": 0, "CustomerHoldDuration": 999}
            records.append({**record, "LastUpdateTimestamp": _utc(leg.left_at), "Agent": stale})
        if place % 9 == 0:
            other = {"ContactId": f"x-{place}", "NextContactId": None, "InitiationMethod": "OUTBOUND"}
            records.append({**record, **other})
            records.append({**record, **other, "ContactId": f"y-{place}", "InitiationMethod": "MONITOR"})
            menu = {"InitiationMethod": "INBOUND", "Queue": None, "Agent": None}
            records.append({**record, **other, "ContactId": f"z-{place}", **menu})
    return Export({"connect-ctr.jsonl": _lines(records)}, as_contacts(legs), HANDLE)


def _contact_record(leg: Any) -> dict[str, Any]:
    methods = {"new": "INBOUND", "passed on": "QUEUE_TRANSFER", "transferred": "TRANSFER"}
    agent = {
        "Username": leg.agent_id,
        "ConnectedToAgentTimestamp": _utc(leg.answered_at),
        "AgentInteractionDuration": _whole(leg.talk_s),
        "CustomerHoldDuration": _whole(leg.hold_s),
        "AfterContactWorkDuration": _whole(leg.acw_s),
    }
    return {
        "ContactId": leg.contact_id,
        "NextContactId": f"{leg.call:04d}-{leg.nth + 1}" if leg.next_way else None,
        "Channel": "VOICE",
        "InitiationMethod": methods[leg.way],
        "CustomerEndpoint": {"Type": "TELEPHONE_NUMBER", "Address": _phone(leg.call)},
        "DisconnectTimestamp": _utc(leg.ended_at),
        "LastUpdateTimestamp": _utc(leg.ended_at + pd.Timedelta(minutes=9)),
        "Queue": {
            "Name": leg.queue,
            "EnqueueTimestamp": _utc(leg.arrived_at),
            "Duration": _whole(leg.wait_s),
        },
        "Agent": agent if leg.outcome == "handled" else None,
    }


def asterisk(legs: pd.DataFrame) -> Export:
    """Return two queue_logs, cut at midnight: calls in two queues, transfers, pauses, a call still open."""
    lines: list[tuple[pd.Timestamp, str]] = []
    for leg in each(legs):
        lines += _queue_log(leg)
    last = legs["left_at"].max()
    lines.append((last, f"9999.1|{legs['queue'].iloc[0]}|NONE|ENTERQUEUE||{PHONE}99|1"))
    lines.append((legs["arrived_at"].iloc[3], "NONE|NONE|NONE|CONFIGRELOAD|"))
    lines.append((legs["arrived_at"].iloc[4], "NONE|billing|SIP/a0001|PAUSE|lunch"))
    lines.append((legs["arrived_at"].iloc[5], "NONE|billing|SIP/a0001|UNPAUSE|"))
    lines.sort(key=lambda line: line[0])
    midnight = _DAY_TWO.tz_convert("UTC")
    files = {
        "queue_log.1": _joined(f"{_epoch(at)}|{text}" for at, text in lines if at < midnight),
        "queue_log": _joined(f"{_epoch(at)}|{text}" for at, text in lines if at >= midnight),
    }
    talk = legs["talk_s"] + legs["hold_s"]  # a call on hold is a call to the PBX
    return Export(
        files,
        as_contacts(legs, talk_s=talk, hold_s=np.nan, acw_s=np.nan),
        ("aht_s", "talk_s", "wait_s"),
    )


def _queue_log(leg: Any) -> list[tuple[pd.Timestamp, str]]:
    key = f"{1774000000 + leg.call}.{leg.call}|{leg.queue}"
    agent = f"SIP/{leg.agent_id}"
    lines = [(leg.arrived_at, f"{key}|NONE|ENTERQUEUE||{_phone(leg.call)}|1")]
    wait, talk = _whole(leg.wait_s), _whole(leg.talk_s + leg.hold_s)
    if leg.outcome == "abandoned":
        return [*lines, (leg.ended_at, f"{key}|NONE|ABANDON|1|1|{wait}")]
    if leg.outcome == "flow_out":
        return [*lines, (leg.ended_at, f"{key}|NONE|EXITWITHTIMEOUT|1")]
    end = f"TRANSFER|600|default|{wait}|{talk}" if leg.next_way else f"COMPLETECALLER|{wait}|{talk}|1"
    return [
        *lines,
        (leg.answered_at, f"{key}|{agent}|CONNECT|{wait}|{leg.call}.9|4"),
        (leg.ended_at, f"{key}|{agent}|{end}"),
    ]


def twilio(legs: pd.DataFrame) -> Export:
    """Return TaskRouter events: a task that leaves a queue enters the next one, a transfer is a new task."""
    events: list[dict[str, Any]] = []
    for leg in each(legs):
        task = {
            "TaskSid": f"WT{leg.call:06d}{'t' if leg.way == 'transferred' else ''}",
            "TaskQueueName": leg.queue,
        }
        worker = {**task, "WorkerSid": f"WK{leg.agent_id}", "WorkerName": "somebody"}
        steps = [("task-queue.entered", leg.arrived_at, task)]
        if leg.outcome == "handled":
            wrapped = leg.ended_at + pd.Timedelta(seconds=leg.acw_s)
            steps += [("reservation.accepted", leg.answered_at, worker)]
            steps += [("task.wrapup", leg.ended_at, worker), ("task.completed", wrapped, worker)]
        else:
            way = "task-queue.timeout" if leg.outcome == "flow_out" else "task.canceled"
            steps.append((way, leg.ended_at, task))
        events += [{"EventType": kind, "Timestamp": _utc(at), **fields} for kind, at, fields in steps]
        events.append(
            {"EventType": "worker.activity.update", "Timestamp": _utc(leg.arrived_at), "WorkerSid": "WK1"}
        )
    events.sort(key=lambda event: event["Timestamp"])
    ended = legs["ended_at"] + pd.to_timedelta(legs["acw_s"].fillna(0), unit="s")
    talk = legs["talk_s"] + legs["hold_s"]
    truth = as_contacts(legs, talk_s=talk, hold_s=np.nan, ended_at=ended, channel=None)
    return Export({"twilio.jsonl": _lines(events)}, truth, ("aht_s", "talk_s", "acw_s", "wait_s"))


def five9_log(legs: pd.DataFrame) -> Export:
    """Return a call log: local stamps, blanks for 0, a deleted agent, calls not inbound or never queued."""
    legs = legs[legs["outcome"] != "flow_out"]
    rows = []
    for place, leg in enumerate(each(legs)):
        row = _five9_row(leg, place)
        rows.append(row)
        if place % 7 == 0:
            rows.append({**row, "CALL ID": f"9{place}", "CALL TYPE": "Autodial"})
            gone = {"AGENT": "[None]", "ABANDONED": "0", "QUEUE WAIT TIME": "", "TALK TIME": ""}
            rows.append({**row, "CALL ID": f"8{place}", **gone})
    queues = {"Billing line": "billing", "Sales line": "sales"}
    truth = as_contacts(legs, answered_at=pd.NaT, ended_at=pd.NaT)
    return Export({"five9-log.csv": _table(rows)}, truth, HANDLE, queues)


def _five9_row(leg: Any, place: int) -> dict[str, object]:
    menu, ring = 11, min(4, int(leg.wait_s))
    begin = (leg.arrived_at - pd.Timedelta(seconds=menu)).tz_convert(ZONE)
    agent = leg.agent_id if place % 5 else "[Deleted]"
    return {
        "CALL ID": f"{leg.call}{leg.nth}",
        "TIMESTAMP": begin.strftime("%a, %d %b %Y %H:%M:%S"),
        "CAMPAIGN": f"{leg.queue.capitalize()} line",
        "CALL TYPE": "Inbound",
        "AGENT": agent if leg.outcome == "handled" else "[None]",
        "ANI": _phone(leg.call),
        "CUSTOMER NAME": "somebody",
        "IVR TIME": _clock(menu),
        "QUEUE WAIT TIME": _clock(leg.wait_s - ring),
        "RING TIME": _clock(ring),
        "TALK TIME": _clock(leg.talk_s),
        "HOLD TIME": _clock(leg.hold_s),
        "PARK TIME": "",
        "AFTER CALL WORK TIME": _clock(leg.acw_s),
        "ABANDONED": "1" if leg.outcome == "abandoned" else "0",
    }


def talkdesk(legs: pd.DataFrame) -> Export:
    """Return contacts in local time: outbound and damaged ones, the irregular blanks of the headers."""
    legs = legs[legs["outcome"] != "flow_out"]
    rows: list[dict[str, object]] = []
    for place, leg in enumerate(each(legs)):
        row = {
            "Interaction ID": leg.contact_id,
            "Customer Phone Number": _phone(leg.call),
            "Direction": "Inbound",
            "Started At": _local(leg.arrived_at),
            "Wait Time": _clock(leg.wait_s),
            "Answered At": _local(leg.answered_at),
            "Talk Time": _clock(leg.talk_s),
            "Hold Time": _clock(leg.hold_s),
            "After Call Work Time": _clock(leg.acw_s),
            "Finished At": _local(leg.ended_at),
            "Ring Groups": leg.queue,
            "User Name": leg.agent_id or "",
            "Data Status (Valid /Damaged)": "Valid",
        }
        rows.append(row)
        if place % 8 == 0:
            rows.append({**row, "Interaction ID": f"o{place}", "Direction": "Outbound"})
            rows.append({**row, "Interaction ID": f"d{place}", "Data Status (Valid /Damaged)": "Damaged"})
    return Export({"talkdesk.csv": _table(rows)}, as_contacts(legs), HANDLE)


def uccx(legs: pd.DataFrame) -> Export:
    """Return the joined query of queue and call details: aborted calls and rows of agents among them."""
    legs = legs[legs["nth"] == 1]
    dispositions = {"abandoned": 1, "handled": 2, "flow_out": 5}
    rows: list[dict[str, object]] = []
    for place, leg in enumerate(each(legs)):
        row = {
            "sessionID": f"380000{leg.call:05d}",
            "sessionSeqNum": 0,
            "qIndex": 1,
            "targetType": 0,
            "csqName": leg.queue,
            "disposition": dispositions[leg.outcome],
            "contactDisposition": 1 if leg.outcome == "abandoned" else 2,
            "queueTime": _whole(leg.wait_s),
            "startDateTime": _utc(leg.arrived_at).replace("T", " ").rstrip("Z"),
            "endDateTime": _utc(leg.ended_at).replace("T", " ").rstrip("Z"),
            "originatorDN": _phone(leg.call),
            "talkTime": _whole(leg.talk_s),
            "holdTime": _whole(leg.hold_s),
            "workTime": _whole(leg.acw_s),
            "resourceID": leg.agent_id,
        }
        rows.append(row)
        if place % 8 == 0:
            rows.append({**row, "sessionSeqNum": 7, "disposition": 1, "contactDisposition": 4})
            rows.append({**row, "sessionSeqNum": 8, "targetType": 1})
    return Export({"uccx.csv": _table(rows)}, as_contacts(legs, answered_at=pd.NaT), HANDLE)


def freepbx_cdr(legs: pd.DataFrame) -> Export:
    """Return call detail records: a row per ring, the answered one not the last, calls that no queue had."""
    legs = legs[(legs["nth"] == 1) & (legs["outcome"] != "flow_out")]
    numbers = {"billing": "600", "sales": "601"}
    rows: list[dict[str, object]] = []
    for place, leg in enumerate(each(legs)):
        talk = _whole(leg.talk_s + leg.hold_s) or 0
        row = {
            "calldate": _local(leg.arrived_at),
            "clid": f'"Ann" <{_phone(leg.call)}>',
            "src": _phone(leg.call),
            "dst": numbers[leg.queue],
            "lastapp": "Queue",
            "lastdata": f"{numbers[leg.queue]},t,,,60",
            "duration": int(leg.wait_s) + talk,
            "billsec": talk,
            "disposition": "ANSWERED" if leg.outcome == "handled" else "NO ANSWER",
            "uniqueid": f"{1774000000 + leg.call}.{leg.call}",
        }
        ring = {**row, "duration": int(leg.wait_s), "billsec": 0, "disposition": "NO ANSWER"}
        rows += [ring, row, ring] if leg.outcome == "handled" else [row]
        if place % 8 == 0:
            rows.append({**row, "uniqueid": f"{place}.1", "lastapp": "Dial", "dst": "0030901820"})
    talk_s = legs["talk_s"] + legs["hold_s"]
    blank = {"answered_at": pd.NaT, "ended_at": pd.NaT, "hold_s": np.nan, "acw_s": np.nan, "agent_id": None}
    truth = as_contacts(legs, talk_s=talk_s, **blank)
    queues = {number: name for name, number in numbers.items()}
    return Export({"freepbx-cdr.csv": _table(rows)}, truth, ("aht_s", "talk_s", "wait_s"), queues)


def zendesk(legs: pd.DataFrame) -> Export:
    """Return ticket metrics: waits in minutes, tickets without reply yet, older versions after newer ones."""
    legs = legs[legs["nth"] == 1]
    minutes = legs["wait_s"]  # as many minutes as the caller waited seconds
    records: list[dict[str, Any]] = []
    for place, (leg, wait) in enumerate(zip(each(legs), minutes, strict=True)):
        replied = leg.outcome == "handled"
        none: dict[str, int | None] = {"calendar": None, "business": None}
        record = {
            "ticket_id": leg.call,
            "created_at": _utc(leg.arrived_at),
            "updated_at": _utc(leg.arrived_at + pd.Timedelta(days=2)),
            "solved_at": _utc(leg.arrived_at + pd.Timedelta(days=1)) if replied else None,
            "replies": 2 if replied else 0,
            "reply_time_in_minutes": {"calendar": int(wait), "business": int(wait) // 2} if replied else none,
        }
        records.append(record)
        if place % 6 == 0:
            stale = {"updated_at": record["created_at"], "reply_time_in_minutes": none, "solved_at": None}
            records.append({**record, **stale})
    handled = legs["outcome"] == "handled"
    unknown = dict.fromkeys(("talk_s", "hold_s", "acw_s"), np.nan)
    truth = as_contacts(
        legs,
        queue="email",
        channel="email",
        wait_s=(minutes * 60).where(handled, 0.0),
        outcome=np.where(handled, "handled", "flow_out"),
        answered_at=pd.NaT,
        agent_id=None,
        **unknown,
    )
    return Export({"zendesk.jsonl": _lines(records)}, truth, ("wait_s",))


def intercom(legs: pd.DataFrame) -> Export:
    """Return conversations in one array: some without reply, some that no team ever had."""
    legs = legs[legs["nth"] == 1]
    teams = {"billing": "5017690", "sales": "5017691"}
    records: list[dict[str, Any]] = []
    for place, leg in enumerate(each(legs)):
        replied = leg.outcome == "handled"
        statistics = {
            "time_to_admin_reply": int(leg.wait_s) if replied else None,
            "first_contact_reply_at": _epoch(leg.arrived_at),
            "first_admin_reply_at": _epoch(leg.answered_at) if replied else None,
            "last_close_at": _epoch(leg.ended_at),
        }
        record = {
            "id": str(leg.call),
            "created_at": _epoch(leg.arrived_at),
            "team_assignee_id": teams[leg.queue],
        }
        records.append({**record, "statistics": statistics})
        if place % 8 == 0:
            records.append({**record, "id": f"b{place}", "team_assignee_id": None, "statistics": statistics})
    handled = legs["outcome"] == "handled"
    none = dict.fromkeys(("talk_s", "hold_s", "acw_s"), np.nan)
    outcome = np.where(handled, "handled", "flow_out")
    truth = as_contacts(
        legs,
        channel="chat",
        outcome=outcome,
        agent_id=None,
        wait_s=legs["wait_s"].where(handled, 0.0),
        **none,
    )
    queues = {team: name for name, team in teams.items()}
    return Export({"intercom.json": json.dumps(records, indent=1) + "\n"}, truth, ("wait_s",), queues)


def _lines(records: Iterable[dict[str, Any]]) -> str:
    return _joined(json.dumps(record) for record in records)


def _joined(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _table(rows: Sequence[dict[str, object]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _utc(instant: Any) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ") if pd.notna(instant) else ""


def _local(instant: Any) -> str:
    return instant.tz_convert(ZONE).strftime("%Y-%m-%d %H:%M:%S") if pd.notna(instant) else ""


def _epoch(instant: Any) -> int:
    return int(instant.timestamp())


def _whole(seconds: Any) -> int | None:
    return None if pd.isna(seconds) else int(seconds)


def _clock(seconds: Any) -> str:
    """Return h:mm:ss, blank for 0 and for no value, as such reports have it."""
    if pd.isna(seconds) or seconds == 0:
        return ""
    whole = int(seconds)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def _phone(call: int) -> str:
    return f"{PHONE}{call:02d}"
