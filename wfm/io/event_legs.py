"""The SQL by which events in order of time become legs: visits of a call to a queue, and after-contact work.

Works on the table `event_lines` (see `wfm.io.events`), whose `kind` is the meaning of an event.
"""

from __future__ import annotations

import duckdb

from wfm.io.cells import quoted
from wfm.io.source import Events

CALL_KINDS = "('enter', 'answer', 'wrapup', 'complete', 'abandon', 'flow_out')"
_ORDER = "moment, file_rank, file, record"


def order(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the table `events`: usable lines of every log, each once, with the visit that it belongs to."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE events AS
        FROM (
            FROM (
                FROM event_lines AS line
                JOIN (FROM event_lines SELECT file, min(moment) AS file_rank GROUP BY file) USING (file)
                SELECT line.*, file_rank
                WHERE fault IS NULL AND excluded IS NULL AND kind IS NOT NULL
            )
            SELECT *, row_number() OVER (
                PARTITION BY moment, event, call, entered, agent, reason, wait_s, talk_s
                ORDER BY file_rank, file, record
            ) AS delivery
        )
        SELECT * EXCLUDE (entered), coalesce(
            entered, last_value(entered IGNORE NULLS) OVER (PARTITION BY call ORDER BY {_ORDER})
        ) AS queue
        """
    )


def legs_sql(events: Events) -> str:
    """Return SQL of the legs: a row per visit, `state` says whether it ended (done, open, lost)."""
    open_us = round(events.open_h * 3600e6)
    late = f"(FROM event_lines SELECT max(moment) - to_microseconds({open_us}) WHERE NOT no_time)"
    pauses = _acw_sql(events) if events.acw_pause else "SELECT NULL::VARCHAR AS leg, 0 AS s WHERE false"
    no_work = "0" if events.acw_pause else "NULL"
    return f"""
        WITH visited AS (
            FROM events SELECT *,
                count(*) FILTER (kind = 'enter') OVER (PARTITION BY call, queue ORDER BY {_ORDER}) AS visit,
                count(*) FILTER (kind = 'enter') OVER (PARTITION BY call ORDER BY {_ORDER}) AS nth
            WHERE delivery = 1 AND kind IN {CALL_KINDS}
        ),
        joined AS (
            FROM visited SELECT
                call || '|' || min(nth) FILTER (kind = 'enter') AS contact_id,
                queue,
                min(file) FILTER (kind = 'enter') AS file,
                min(record) FILTER (kind = 'enter') AS record,
                min(moment) FILTER (kind = 'enter') AS entered,
                min(moment) FILTER (kind = 'answer') AS answered,
                min(moment) FILTER (kind = 'complete') AS completed,
                min(moment) FILTER (kind = 'wrapup') AS wrapped,
                min(moment) FILTER (kind IN ('abandon', 'flow_out')) AS gone,
                arg_min(kind, moment) FILTER (kind IN ('abandon', 'flow_out')) AS way,
                arg_min(agent, moment) FILTER (kind = 'answer') AS agent_id,
                arg_min(wait_s, moment) FILTER (wait_s IS NOT NULL) AS wait,
                arg_min(talk_s, moment) FILTER (talk_s IS NOT NULL) AS talk
            WHERE visit > 0 GROUP BY call, queue, visit
        ),
        ended AS (
            FROM joined SELECT *,
                CASE WHEN answered IS NOT NULL THEN coalesce(completed, wrapped) ELSE gone END AS ended,
                CASE WHEN ended IS NOT NULL THEN 'done'
                     WHEN coalesce(answered, entered) >= {late} THEN 'open'
                     WHEN answered IS NOT NULL THEN 'done' ELSE 'lost' END AS state
        ),
        pauses AS ({pauses})
        FROM ended LEFT JOIN (FROM pauses SELECT leg, sum(s) AS paused GROUP BY leg) ON leg = contact_id
        SELECT file, record, state, contact_id, queue,
            entered AS arrived_at, answered AS answered_at, ended AS ended_at,
            coalesce(wait, {_seconds("coalesce(answered, gone)", "entered")}) AS wait_s,
            CASE WHEN answered IS NOT NULL
                 THEN coalesce(talk, {_seconds("coalesce(wrapped, completed)", "answered")}) END AS talk_s,
            CASE WHEN answered IS NOT NULL
                 THEN coalesce({_seconds("completed", "wrapped")}, paused, {no_work}) END AS acw_s,
            CASE WHEN answered IS NOT NULL THEN 'handled' WHEN way = 'flow_out' THEN 'flow_out'
                 WHEN way = 'abandon' THEN 'abandoned' END AS outcome,
            agent_id
    """  # noqa: S608  # every text in it went through `quoted`


def _acw_sql(events: Events) -> str:
    """Return SQL of pauses for after-contact work: seconds, and the leg, the agent's last one that has ended.

    A pause ends with the agent's next line of the kind, be it another pause; one without end is not counted.
    So a pause of several queues, which has a line for each of them, is counted once.
    """
    return f"""
        FROM (
            FROM events
            SELECT agent, moment, kind, reason,
                lead(moment) OVER (PARTITION BY agent ORDER BY moment, kind DESC) AS back
            WHERE kind IN ('pause', 'unpause') AND agent IS NOT NULL
        ) AS pause
        ASOF JOIN (
            FROM ended SELECT contact_id, agent_id, ended WHERE answered IS NOT NULL AND ended IS NOT NULL
        ) AS leg ON pause.agent = leg.agent_id AND pause.moment >= leg.ended
        SELECT leg.contact_id AS leg, {_seconds("pause.back", "pause.moment")} AS s
        WHERE pause.kind = 'pause' AND pause.reason = {quoted(events.acw_pause or "")}
            AND pause.back IS NOT NULL
    """  # noqa: S608  # every text in it went through `quoted`


def _seconds(later: str, earlier: str) -> str:
    return f"(epoch_us({later}) - epoch_us({earlier})) / 1e6"
