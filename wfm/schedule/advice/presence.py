"""Rules of a site after one agent's shift changed: seats, and presence on queue while a queue is open.

Looked at are the moments in which the agent newly sits on a seat, or is no longer on queue.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from wfm.config import Site
from wfm.schedule.advice.sheet import Sheet, microseconds
from wfm.schedule.verify.case import Agent, Segment, Shift
from wfm.schedule.verify.spans import Span, levels, overlap

REACH = timedelta(days=2)  # no shift that is under way in a window starts earlier


def keeps_site(
    site: Site, colleagues: Sequence[Agent], before: Shift | None, after: Sequence[Segment], sheet: Sheet
) -> bool:
    """Return whether a site keeps its seats and presence if one agent works `after` instead of `before`.

    `colleagues` are the other agents of the site and the agent itself, whose shift `before` is left out.
    """
    was = () if before is None else before.segments
    if site.seats is not None:
        newly = without(_whole(after), _whole(was))
        if _most(newly, colleagues, before) + 1 > site.seats:
            return False
    if site.min_present:
        gone = without(_on_queue(was), _on_queue(after))
        queues = {queue for agent in colleagues for queue in agent.queues}
        opened = _open(gone, queues, sheet)
        if _least(opened, colleagues, before) < site.min_present:
            return False
    return True


def without(spans: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """Return the time of `spans` that lies in none of the others."""
    left = list(spans)
    for start, end in others:
        left = [
            piece
            for first, last in left
            for piece in ((first, min(last, start)), (max(first, end), last))
            if piece[0] < piece[1]
        ]
    return left


def _whole(segments: Sequence[Segment]) -> list[Span]:
    return [(segments[0].start, segments[-1].end)] if segments else []


def _on_queue(segments: Iterable[Segment]) -> list[Span]:
    return [segment.span for segment in segments if segment.activity == "on_queue"]


def _open(spans: Iterable[Span], queues: set[str], sheet: Sheet) -> list[Span]:
    """Return the parts of spans in intervals in which one of the queues is open."""
    found = []
    for start, end in spans:
        for number in range(sheet.number(microseconds(start)), sheet.number(microseconds(end)) + 1):
            begin, stop = sheet.start_of(number), sheet.start_of(number + 1)
            if queues & sheet.needs.get(number, {}).keys() and overlap((start, end), (begin, stop)):
                found.append((max(start, begin), min(end, stop)))
    return found


def _most(windows: Sequence[Span], agents: Sequence[Agent], left_out: Shift | None) -> int:
    """Return the most shifts under way at a moment of the windows, one left out; 0 without a window."""
    return max(
        (count for w in windows for count in _levels(w, _near(agents, w, left_out, whole=True))), default=0
    )


def _least(windows: Sequence[Span], agents: Sequence[Agent], left_out: Shift | None) -> float:
    """Return the fewest on queue at a moment of the windows, one left out; infinite without a window."""
    found = (count for w in windows for count in _levels(w, _near(agents, w, left_out, whole=False)))
    return min(found, default=float("inf"))


def _near(agents: Sequence[Agent], window: Span, left_out: Shift | None, *, whole: bool) -> list[Span]:
    """Return the spans in a window of shifts (`whole`) or of time on queue."""
    spans = []
    for agent in agents:
        for shift in (*agent.history[-1:], *agent.shifts):
            if shift is not left_out and shift.start > window[0] - REACH and overlap(shift.span, window):
                spans += [shift.span] if whole else shift.spans_of("on_queue")
    return spans


def _levels(window: Span, spans: Sequence[Span]) -> Iterable[int]:
    clipped = [(max(a, window[0]), min(b, window[1])) for a, b in spans if overlap((a, b), window)]
    for _, _, under_way in levels({"window": [window], "spans": clipped}):
        yield under_way["spans"]
