"""How one queue goes through one interval: load, waits and backlog when arrivals have just changed.

The number in system L moves by what comes and what leaves. At any moment the queue is taken to be as in the
steady state that has the same L; with a the load of that state, what leaves is a / aht, and
dL/dt = (steady - a) / aht, steady being the load that the arrivals come to in the end. Without any wait L = a
(the modified offered load). With waits the backlog is carried on, and what has abandoned is not.
The steady states of one number of agents are a curve over L, kept at points that lie closest where a queue
begins to wait and straight in between, so that the course from point to point is an exponential in closed
form. Curves are made once per call for numbers of agents and handle times of a fixed grid, the points for
others lie in between; no row's curve depends on the other rows.
Loads in erlangs, times in seconds, L in contacts.
Source: Wang, Tipper & Banerjee (1996), A simple approximation for modeling nonstationary queues, INFOCOM
(pointwise stationary fluid flow); Massey & Whitt (1994), Annals of Applied Probability 4, 1145-1160.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, Question
from wfm.erlang.models import ERLANG_B, measure

TINY = 1e-9  # contacts in system never fall as the load grows, but their rounding may
MEASURES: Final = len(Measures._fields)
EACH_UP_TO = 16  # numbers of agents that have a curve of their own
GROWTH = 1.25  # from one number to the next beyond
LOG_GROWTH = math.log(GROWTH)
MOST_AGENTS = 1e7  # of a curve; the lines through the last two go on
PER_OCTAVE = 3  # handle times of the grid per doubling
# Distances of the points, the first of which is the empty queue: load - capacity = distance x sqrt(load).
_NEAR = np.arange(-4.0, 3.0, 0.25)
_BELOW = np.array([-math.inf, -6.0, -5.0, -4.5])
IMPATIENT: Final = np.concatenate(
    [_BELOW, _NEAR, [3.0, 3.5, 4.0, 5.0, 6.0, 8.0, 10.0, 14.0, 20.0, 24.0, 30.0, 40.0, 60.0]]
)
PATIENT: Final = np.concatenate([_BELOW, _NEAR[_NEAR < -1.0], -(2.0 ** -np.arange(0.0, 14.25, 0.5))])
STRIDE_IMPATIENT, STRIDE_PATIENT = 4, 2  # between the points that a course over a long way needs


class Line(NamedTuple):
    """A queueing model with its question, as `wfm.erlang.models.measure` takes them."""

    model: int
    asked: Question
    slowdowns: NDArray[np.float64]


class Stretch(NamedTuple):
    """One interval: the load that its arrivals come to in the end, handle time and length."""

    steady: float
    aht_s: float
    interval_s: float


class State(NamedTuple):
    """What one interval hands to the next: contacts in system, and the load that explains them."""

    contacts: float
    load: float


class Curves(NamedTuple):
    """Steady states by number of agents, handle time and point; filled where they are first asked for.

    A point holds contacts in system, load, and the Measures.
    """

    agents: NDArray[np.float64]
    shortest: int  # octave, in steps of the grid, of the first handle time
    distances: NDArray[np.float64]  # of the points, see IMPATIENT and PATIENT
    stride: int
    known: NDArray[np.bool_]  # [agents, handle time]
    points: NDArray[np.float64]  # [agents x handle time x point, value]


class Blend(NamedTuple):
    """The curve of one number of agents and handle time: four neighbours of the grid and their weights.

    A neighbour is where its points begin. Plain numbers, since a view of an array costs more than a value.
    """

    points: NDArray[np.float64]
    size: int  # points of a curve
    shorter: int  # fewer agents, shorter handle time
    longer: int
    more_shorter: int
    more_longer: int
    weights: tuple[float, float, float, float]


class Piece(NamedTuple):
    """The line from one point to the next."""

    place: int
    contacts: float
    load: float
    contacts_then: float
    load_then: float
    slope: float  # load per contact


def curves(patient: bool, aht_s: NDArray[np.float64]) -> Curves:
    """Return curves, none filled yet, for the handle times given (those not above 0 ask for none)."""
    numbers = [float(agents) for agents in range(1, EACH_UP_TO + 1)]
    while numbers[-1] < MOST_AGENTS:
        numbers.append(math.floor(GROWTH * numbers[-1]))
    timed = aht_s[aht_s > 0.0]
    ends = np.log2([timed.min(), timed.max()]) if timed.size else np.zeros(2)
    first, last = np.floor(ends * PER_OCTAVE).astype(int)
    shape = (len(numbers), int(last - first) + 2)
    distances = PATIENT if patient else IMPATIENT
    points = np.empty((shape[0] * shape[1] * len(distances), 2 + MEASURES))
    stride = STRIDE_PATIENT if patient else STRIDE_IMPATIENT
    return Curves(np.array(numbers), int(first), distances, stride, np.zeros(shape, dtype=np.bool_), points)


@kernel
def load_ahead(load: float, stretch: Stretch) -> float:
    """Return the modified offered load at the end of an interval that begins with `load`."""
    return stretch.steady + (load - stretch.steady) * math.exp(-stretch.interval_s / stretch.aht_s)


@kernel
def contacts_in_system(line: Line, agents: float, load: float, found: Measures) -> float:
    """Return the contacts being handled or waiting in a steady state; of a loss system those offered."""
    if line.model == ERLANG_B:
        return load
    return float(found.occupancy * agents * len(line.slowdowns) + found.queue_length)


@kernel
def blend(kept: Curves, line: Line, agents: float, aht_s: float) -> Blend:
    """Return the curve of so many agents, at least one; fill those it lies between."""
    row = int(agents) - 1
    if agents > EACH_UP_TO:
        row = EACH_UP_TO - 1 + int(math.log(agents / EACH_UP_TO) / LOG_GROWTH)
        while row < len(kept.agents) - 2 and kept.agents[row + 1] <= agents:
            row += 1
    row = min(row, len(kept.agents) - 2)
    octave = math.log2(aht_s) * PER_OCTAVE - kept.shortest
    column = min(max(int(octave), 0), kept.known.shape[1] - 2)
    for i in (row, row + 1):
        for j in (column, column + 1):
            if not kept.known[i, j]:
                _fill(kept, line, i, j)
    more = (agents - kept.agents[row]) / (kept.agents[row + 1] - kept.agents[row])
    longer = octave - column
    weights = (
        (1.0 - more) * (1.0 - longer),
        (1.0 - more) * longer,
        more * (1.0 - longer),
        more * longer,
    )
    count, columns = len(kept.distances), kept.known.shape[1]
    shorter = (row * columns + column) * count
    more_shorter = shorter + columns * count
    return Blend(kept.points, count, shorter, shorter + count, more_shorter, more_shorter + count, weights)


@kernel
def _fill(kept: Curves, line: Line, row: int, column: int) -> None:
    agents, begin = kept.agents[row], (row * kept.known.shape[1] + column) * len(kept.distances)
    points = kept.points[begin : begin + len(kept.distances)]
    aht_s = 2.0 ** ((kept.shortest + column) / PER_OCTAVE)
    capacity = agents * len(line.slowdowns) / line.slowdowns[-1]
    for place in range(len(kept.distances)):
        distance = kept.distances[place]
        load = 0.0
        if place > 0:  # load - capacity = distance * sqrt(load)
            load = (0.5 * (distance + math.sqrt(distance * distance + 4.0 * capacity))) ** 2
        found = measure(line.model, agents, load, aht_s, line.asked, line.slowdowns)
        contacts = contacts_in_system(line, agents, load, found)
        points[place, 0] = contacts if place == 0 else max(contacts, points[place - 1, 0] + TINY)
        points[place, 1] = load
        for column_of in range(MEASURES):
            points[place, 2 + column_of] = found[column_of]
    kept.known[row, column] = True


@kernel
def _value(curve: Blend, place: int, value: int) -> float:
    w = curve.weights
    return float(
        w[0] * curve.points[curve.shorter + place, value]
        + w[1] * curve.points[curve.longer + place, value]
        + w[2] * curve.points[curve.more_shorter + place, value]
        + w[3] * curve.points[curve.more_longer + place, value]
    )


@kernel
def follow(
    curve: Blend, stride: int, before: float, stretch: Stretch, wanted: int, means: NDArray[np.float64]
) -> State:
    """Fill the first `wanted` of `means` with time averages of the Measures; return the state in the end.

    `before` is the contacts in system; every `stride`-th point of the curve is used.
    """
    means[:wanted] = 0.0
    last = (curve.size - 1) // stride
    piece = _piece(curve, _place(curve, before, stride, last), stride)
    contacts, left_s = before, stretch.interval_s
    load = piece.load + (contacts - piece.contacts) * piece.slope
    rising = stretch.steady > load
    while True:
        to_contacts = piece.contacts_then if rising else piece.contacts
        to_load = piece.load_then if rising else piece.load
        fall = (stretch.steady - load) / (stretch.steady - to_load)
        endless = (rising and piece.place + stride == last * stride) or not 0.0 < fall < math.inf
        passed_s = (
            left_s if endless else _time(load, to_load, to_contacts - contacts, fall, piece.slope, stretch)
        )
        if passed_s >= left_s:
            break
        if passed_s > 0.0:
            mean_load = stretch.steady - stretch.aht_s * (to_contacts - contacts) / passed_s
            _add(curve, piece, stride, mean_load, passed_s / stretch.interval_s, wanted, means)
            left_s -= passed_s
        contacts, load = to_contacts, to_load
        piece = _after(curve, piece, stride) if rising else _before(curve, piece, stride)
    fade = left_s * piece.slope / stretch.aht_s
    gone = -math.expm1(-fade) / fade
    mean_load = stretch.steady + (load - stretch.steady) * gone
    _add(curve, piece, stride, mean_load, left_s / stretch.interval_s, wanted, means)
    contacts += (stretch.steady - load) * gone * left_s / stretch.aht_s
    load = stretch.steady + (load - stretch.steady) * math.exp(-fade)
    return State(max(0.0, contacts), max(0.0, load))


@kernel
def _time(load: float, to_load: float, contacts: float, fall: float, slope: float, stretch: Stretch) -> float:
    """Return the seconds until the load is `to_load` and so many contacts more are in system.

    `fall` is the distance from the steady load now, relative to that then.
    """
    if abs(fall - 1.0) > 1e-6:
        return stretch.aht_s / slope * math.log(fall)
    return stretch.aht_s * contacts / (stretch.steady - 0.5 * (load + to_load))


@kernel
def _piece(curve: Blend, place: int, stride: int) -> Piece:
    contacts, load = _value(curve, place, 0), _value(curve, place, 1)
    contacts_then, load_then = _value(curve, place + stride, 0), _value(curve, place + stride, 1)
    return Piece(
        place, contacts, load, contacts_then, load_then, (load_then - load) / (contacts_then - contacts)
    )


@kernel
def _after(curve: Blend, piece: Piece, stride: int) -> Piece:
    place = piece.place + stride
    contacts, load = _value(curve, place + stride, 0), _value(curve, place + stride, 1)
    slope = (load - piece.load_then) / (contacts - piece.contacts_then)
    return Piece(place, piece.contacts_then, piece.load_then, contacts, load, slope)


@kernel
def _before(curve: Blend, piece: Piece, stride: int) -> Piece:
    place = piece.place - stride
    contacts, load = _value(curve, place, 0), _value(curve, place, 1)
    slope = (piece.load - load) / (piece.contacts - contacts)
    return Piece(place, contacts, load, piece.contacts, piece.load, slope)


@kernel
def _place(curve: Blend, contacts: float, stride: int, last: int) -> int:
    """Return the point that the piece with so many contacts in system begins with."""
    low, high = 0, last
    while high - low > 1:
        middle = (low + high) // 2
        if _value(curve, middle * stride, 0) <= contacts:
            low = middle
        else:
            high = middle
    return low * stride


@kernel
def _add(
    curve: Blend,
    piece: Piece,
    stride: int,
    load: float,
    weight: float,
    wanted: int,
    means: NDArray[np.float64],
) -> None:
    """Add what the Measures are at a mean load within the piece, or on the line beyond it."""
    share = weight * (load - piece.load) / (piece.load_then - piece.load)
    for column in range(wanted):
        first, then = _value(curve, piece.place, 2 + column), _value(curve, piece.place + stride, 2 + column)
        means[column] += weight * first + share * (then - first)
