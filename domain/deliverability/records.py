"""What DNS answers, and what a check makes of it. A question that was not answered is unknown, never a failure."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """The outcome of a check."""

    PASS = "pass"  # noqa: S105 (no password)
    FAIL = "fail"
    UNKNOWN = "unknown"
    """DNS did not answer, or what is needed to ask was not given."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: what was found, and what to do about it (empty where nothing is to be done)."""

    check: str
    state: State
    summary: str
    advice: str = ""
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Records of one name and type. Empty and `is_known`: there are none. Not `is_known`: nobody answered."""

    values: tuple[str, ...] = ()
    is_known: bool = True
    problem: str = field(default="", compare=False)


class Resolver(Protocol):
    """Asks DNS. `kind` is TXT, MX, A, AAAA, CNAME or PTR; values are text: TXT joined, MX as `preference host`, names in
    lower case without the last dot. Never raises: an error is an answer that is not known."""

    def ask(self, name: str, kind: str) -> Answer: ...


def unknown(check: str, answer: Answer) -> Finding:
    """The finding where DNS did not answer."""
    return Finding(
        check,
        State.UNKNOWN,
        f"DNS did not answer: {answer.problem or 'no reason given'}",
        "Ask again in a few minutes; if it stays so, look at the domain's name servers.",
    )
