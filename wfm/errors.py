"""Expected failures: what is wrong, where, and what to do; each class owns one exit code of the contract.

    WfmError
    |- UsageError     2   the command line cannot be understood
    |- ConfigError    3   wfm.toml is wrong or does not fit the tables
    |- DataError      4   a table is wrong
    |- RuleError      5   hard rules cannot be met, or verify found violations
    |- LimitError     6   no roster within the limit
    |- OutputError    7   a result cannot be written
    |- LockError     12   another run holds the lock

Anything that is not a WfmError is a bug: it keeps its traceback and ends with exit code 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

MOST_FAULTS_SHOWN = 20
LONGEST_VALUE_SHOWN = 80


class WfmError(Exception):
    """A failure the user can act on: the problem, and a hint that says how."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, hint: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem}\n  {self.hint}" if self.hint else self.problem

    def __reduce__(self) -> tuple[Callable[..., WfmError], tuple[type[WfmError], dict[str, Any]]]:
        """Return how to make it again in another process: an exception would call its class with `args`."""
        return _again, (type(self), self.__dict__)


def _again(kind: type[WfmError], state: dict[str, Any]) -> WfmError:
    error = kind.__new__(kind, state["problem"])
    error.__dict__.update(state)
    return error


class UsageError(WfmError):
    """The command line cannot be understood."""

    exit_code = 2


@dataclass(frozen=True)
class Fault:
    """One thing wrong at one place of an input; `row` is the line of the file (the header is 1)."""

    problem: str
    remedy: str = ""
    source: str = ""
    row: int | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                one_line(self.source),
                f"row {self.row}" if self.row is not None else "",
                f"column {one_line(self.column)}" if self.column else "",
                f"value {shown(self.value)}" if self.value is not None else "",
            )
            if part
        )
        remedy = f" -> {one_line(self.remedy)}" if self.remedy else ""
        problem = one_line(self.problem)
        return f"{place}: {problem}{remedy}" if place else f"{problem}{remedy}"


def one_line(text: str) -> str:
    """Return a text that may hold names from a file as one line: what cannot be printed is escaped."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def shown(value: str) -> str:
    """Return a value from a file as it may stand in a message: quoted, one line, not too long."""
    text = value if len(value) <= LONGEST_VALUE_SHOWN else value[: LONGEST_VALUE_SHOWN - 3] + "..."
    return ascii(text) if not text.isprintable() else f"'{text}'"


def count_of(number: float | str, noun: str) -> str:
    """Return a number, as it is or as it is to be written, with its noun: `1 row`, `2 rows`."""
    return f"{number} {noun}" + ("" if str(number) == "1" else "s")


class FaultyInput(WfmError):
    """Every fault of one input, collected before anything was done with it.

    `total` are all faults, if not every one is in `faults`, and `untold` those that the printed lines leave
    out, if some of these lines tell of several.
    """

    noun: ClassVar[str] = "fault"

    def __init__(
        self,
        faults: Iterable[Fault],
        *,
        source: str = "",
        hint: str = "",
        total: int | None = None,
        untold: int | None = None,
    ) -> None:
        self.faults: Sequence[Fault] = tuple(faults)
        count = len(self.faults) if total is None else total
        left = max(count - MOST_FAULTS_SHOWN, 0) if untold is None else untold
        head = f"{source + ': ' if source else ''}{count_of(count, self.noun)}"
        lines = [f"  {fault}" for fault in self.faults[:MOST_FAULTS_SHOWN]]
        if left:
            lines.append(f"  ... and {left} more")
        super().__init__("\n".join([head, *lines]), hint=hint)


class ConfigError(FaultyInput):
    """The configuration is wrong, or does not fit the tables it is used with."""

    exit_code = 3
    noun = "configuration fault"


class DataError(FaultyInput):
    """A table is missing, unreadable or holds rows that cannot be believed."""

    exit_code = 4
    noun = "data fault"


class RuleError(FaultyInput):
    """Hard rules cannot be met together; each fault is one smallest conflict in words."""

    exit_code = 5
    noun = "conflict"


class LimitError(WfmError):
    """The limit came, or the user interrupted, before any legal roster was found."""

    exit_code = 6


class OutputError(WfmError):
    """A result cannot be written; what stood there before still stands."""

    exit_code = 7


class LockError(WfmError):
    """Another run holds the lock."""

    exit_code = 12
