"""Agents per skill group for queues that share them: the cheapest staffing whose measured margins all hold.

Service in a routed network has no closed form, so that the caller measures it (by simulation). A margin is
the distance of a measure to its target on a scale where it is nearly linear in the agents; a target is kept
where it is not negative. The search is a sequence of integer programmes: the margins are measured around the
present staffing, the cheapest change that keeps them by this linear model is proposed, measured, and taken if
it does. Source: Cezik & L'Ecuyer (2008), Staffing multiskill call centers via linear programming and
simulation, Management Science 54, 310-323; Atlason, Epelman & Henderson (2004), Call center staffing with
simulation and cutting plane methods, Annals of Operations Research 127, 333-358.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

REACH = (20, 8, 3, 1)  # agents of a group that one step may change at most
TRIES = 5  # proposals of one reach
SURE = 2.0  # standard errors that every margin of the answer must be above its target
MOST_STEPS = 60
MOST_REPAIRS = 8
KICK = 6  # agents of a group moved at most when the search begins anew
MUCH_NEARER = 0.9  # of what is missing in all may be left after a step towards the targets
MORE = 1.25  # times the agents of every group, where no step helps
DEARER = 1000.0  # a missing logit, in mean costs of an agent
SAVED = 0.05  # of the cheapest agent, that a change saves at least
WHOLE, MOST_PARTS = 1e-6, 10  # distance to a whole number, and fractions of which all roundings are tried
LESS = 0.7  # effect of one agent more, beside that of one agent less: service has diminishing returns


@dataclass(frozen=True)
class Margins:
    """Distance of every target (K), negative where it is missed, and its standard error."""

    value: Floats
    error: Floats


Measure = Callable[[Sequence[Ints], bool], list[Margins]]  # of staffings (G); thoroughly, by another seed?


@dataclass(frozen=True)
class Groups:
    """Cost of an agent per group (G), and how many there are at most."""

    cost: Floats
    most: Ints


def cheapest_staffing(groups: Groups, start: Ints, measure: Measure, *, kicks: int = 0) -> Ints | None:
    """Return agents per group (G) of near least cost whose margins hold, also those measured thoroughly.

    `start` is any first guess. With `kicks` the search begins so many times more, from the best so far with
    some agents moved between groups. None where even all agents miss a target.
    """
    search = _Search(groups, measure, np.minimum(start, groups.most))
    found = search.descended()
    for number in range(kicks):
        found = search.kicked(found, number)
    for _ in range(MOST_REPAIRS):
        if found is None:
            return None
        thorough = measure([found], True)[0]
        if _holds(thorough):
            return found
        search.demand_more(found, thorough)
        found = search.descended()
    return None if found is None else search.raised(found)


class _Search:
    """The best staffing so far and what is known of the margins around it."""

    def __init__(self, groups: Groups, measure: Measure, start: Ints) -> None:
        self.groups, self.measure = groups, measure
        self.at = start
        self.slack: Floats | float = 0.0  # what the margins of the search must exceed
        self.known: dict[bytes, Margins] = {}

    def kicked(self, best: Ints | None, number: int) -> Ints | None:
        """Return the better of a staffing and the one that the search finds from another place."""
        if best is None:
            return None
        random = np.random.default_rng(number)
        order = random.permutation(len(best))
        half = len(best) // 2
        self.at = best.copy()
        self.at[order[:half]] -= random.integers(0, KICK + 1, half)
        self.at[order[half:]] += random.integers(0, KICK + 1, len(best) - half)
        self.at = np.clip(self.at, 0, self.groups.most)
        found = self.descended()
        if found is None or self.groups.cost @ found >= self.groups.cost @ best:
            self.at = best
            return best
        return found

    def margins(self, staffings: Sequence[Ints]) -> list[Floats]:
        """Return what is left of every margin after the slack, measured at once where it is not known."""
        new = {one.tobytes(): one for one in staffings if one.tobytes() not in self.known}
        if new:
            self.known.update(zip(new, self.measure(list(new.values()), False), strict=True))
        return [self.known[one.tobytes()].value - self.slack for one in staffings]

    def demand_more(self, staffing: Ints, thorough: Margins) -> None:
        """Let margins exceed by what they were measured too well; go on from the cheapest that holds."""
        rough = self.known[staffing.tobytes()].value
        lucky = rough - (thorough.value - SURE * thorough.error)
        self.slack = np.maximum(self.slack, lucky)
        kept = [key for key, found in self.known.items() if (found.value >= self.slack).all()]
        if kept:  # the search may have passed a staffing that is better than what it can mend this one to
            self.at = min(
                (np.frombuffer(key, dtype=np.int64) for key in kept), key=self.groups.cost.__matmul__
            )

    def descended(self) -> Ints | None:
        """Return the cheapest staffing reached from the present one; None if none keeps the targets."""
        left = self.margins([self.at])[0]
        for _ in range(MOST_STEPS):
            better = self._step(left)
            if better is None:
                break
            self.at, left = better
        return self.at if (left >= 0).all() else None

    def raised(self, staffing: Ints) -> Ints | None:
        """Return the staffing with agents added evenly until it holds thoroughly; None if it never does."""
        while not _holds(self.measure([staffing], True)[0]):
            if (staffing >= self.groups.most).all():
                return None
            more = np.maximum(1, np.ceil(0.01 * staffing)).astype(np.int64)
            staffing = np.minimum(staffing + more, self.groups.most)
        return staffing

    def _step(self, left: Floats) -> tuple[Ints, Floats] | None:
        """Return a better staffing with its margins: cheaper, or nearer to targets that are missed."""
        holds = bool((left >= 0).all())
        for measured_both in (False, True):
            model = self._model(left, both=measured_both)
            for reach in REACH:
                better = self._proposed(model, reach, holds=holds)
                if better is not None:
                    return better
        return None if holds else self._with_more()

    def _proposed(self, model: _Linear, reach: int, *, holds: bool) -> tuple[Ints, Floats] | None:
        """Return a better staffing within reach; what the model promised too much, it must keep next time."""
        caution = np.zeros(len(model.left))
        for _ in range(TRIES):
            change = model.cheapest_change(self.groups, self.at, reach, caution, holds=holds)
            if change is None or not change.any():
                return None
            proposal = self.at + change
            found = self.margins([proposal])[0]
            if (found >= 0).all() or (not holds and _missing(found) < MUCH_NEARER * _missing(model.left)):
                return proposal, found
            promised = model.left + model.effect(change)
            caution = np.maximum(caution, np.where(found < 0, promised - found, 0.0))
        return None

    def _with_more(self) -> tuple[Ints, Floats] | None:
        """Return more agents of every group, where no single change helps; None if there are no more."""
        more = np.minimum(np.ceil(MORE * self.at).astype(np.int64) + 1, self.groups.most)
        return None if (more == self.at).all() else (more, self.margins([more])[0])

    def _model(self, left: Floats, *, both: bool) -> _Linear:
        """Measure by how much one agent less of each group lowers the margins, and one more raises them.

        One more is measured where there is none to take away, or if `both` are asked for; else estimated.
        """
        size, unit = len(self.at), np.eye(len(self.at), dtype=np.int64)
        down = [g for g in range(size) if self.at[g] > 0]
        up = [g for g in range(size) if self.at[g] < self.groups.most[g] and (both or self.at[g] == 0)]
        found = self.margins([*(self.at - unit[g] for g in down), *(self.at + unit[g] for g in up)])
        less = np.zeros((len(left), size))
        for g, after in zip(down, found, strict=False):
            less[:, g] = np.maximum(0.0, left - after)
        more = LESS * less
        for g, after in zip(up, found[len(down) :], strict=True):
            more[:, g] = np.maximum(0.0, after - left)
        return _Linear(left, less, more)


@dataclass(frozen=True)
class _Linear:
    """Margins (K) here, and the effect of one agent less and one more of each group on them (K, G)."""

    left: Floats
    less: Floats
    more: Floats

    def effect(self, change: Ints) -> Floats:
        """Return by how much a change of the staffing moves the margins."""
        moved: Floats = self.more @ np.maximum(change, 0) - self.less @ np.maximum(-change, 0)
        return moved

    def cheapest_change(
        self, groups: Groups, at: Ints, reach: int, caution: Floats, *, holds: bool
    ) -> Ints | None:
        """Return about the cheapest change whose margins are at least the caution, None if nothing is gained.

        Where the targets hold already (`holds`), it must save something; else as little as can be is missing.
        The linear programme has few fractions, at most one for each margin: all roundings are looked at.
        """
        from scipy.optimize import linprog

        cost, targets = groups.cost, len(self.left)
        left = self.left - caution
        price = DEARER * float(cost.mean())
        room = np.concatenate(
            [np.minimum(reach, groups.most - at), np.minimum(reach, at), np.full(targets, np.inf)]
        )
        solved = linprog(
            np.concatenate([cost, -cost, np.full(targets, price)]),
            A_ub=-np.hstack([self.more, -self.less, np.eye(targets)]),
            b_ub=left,
            bounds=np.column_stack([np.zeros(len(room)), room]),
            method="highs-ds",
        )
        if solved.x is None:
            return None
        change = solved.x[: len(at)] - solved.x[len(at) : 2 * len(at)]
        whole = np.rint(change)
        parts = np.flatnonzero(np.abs(change - whole) > WHOLE)[:MOST_PARTS]
        rounded = np.repeat(whole[None, :], 2 ** len(parts), axis=0)
        rounded[:, parts] = np.floor(change[parts]) + np.array(list(product((0, 1), repeat=len(parts))))
        moved = np.maximum(rounded, 0) @ self.more.T - np.maximum(-rounded, 0) @ self.less.T
        missing = np.maximum(0.0, -(left + moved)).sum(axis=1)
        paid = rounded @ cost
        if holds:
            paid = np.where((missing > 0) | (paid > -SAVED * float(cost.min())), np.inf, paid)
        best = int(np.argmin(paid if holds else paid + price * missing))
        return None if np.isinf(paid[best]) else rounded[best].astype(np.int64)


def _missing(left: Floats) -> float:
    return float(np.maximum(0.0, -left).sum())


def _holds(margins: Margins) -> bool:
    return bool((margins.value >= SURE * margins.error).all())
