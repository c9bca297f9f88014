"""What is wrong with a sequence as a document, and where: for words in an answer, and for marks on a step of a graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

UNSOUND = "unsound_sequence"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong. `step`: its number from 0, or None for what is about the whole; `field`: what of it, such
    as `days` or `arms[1].next`, or empty; `place`: the same as people say it."""

    message: str
    step: int | None = None
    field: str = ""
    place: str = ""

    @property
    def text(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def unsound(faults: Iterable[Fault]) -> PydanticCustomError:
    """An error of a validator that carries its faults to `faults_of`."""
    found = tuple(faults)
    words = {"words": "; ".join(fault.text for fault in found), "faults": found}
    return PydanticCustomError(UNSOUND, "{words}", words)


def faults_of(error: ValidationError, raw: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Every fault of a document that was refused, in the order in which it is written."""
    found: list[Fault] = []
    for problem in error.errors():
        if problem["type"] == UNSOUND:
            found += problem["ctx"]["faults"]
        else:
            found.append(_located(problem["loc"], str(problem["msg"]).removeprefix("Value error, "), raw))
    return tuple(found)


def _located(location: tuple[int | str, ...], message: str, raw: Mapping[str, Any]) -> Fault:
    parts = list(location)
    if len(parts) > 2 and parts[0] == "steps" and isinstance(parts[1], int):
        del parts[2]  # the tag of the union: it says nothing that the step does not
    if len(parts) > 1 and parts[0] == "steps" and isinstance(parts[1], int):
        number, field = parts[1], _path(parts[2:])
        step = raw["steps"][number] if isinstance(raw.get("steps"), list) else None
        name = step.get("id") if isinstance(step, Mapping) else None
        place = f"steps[{number}]" + (f" ({name})" if isinstance(name, str) else "") + (f".{field}" if field else "")
        return Fault(message, number, field, place)
    field = _path(parts)
    return Fault(message, None, field, field)


def _path(parts: list[int | str]) -> str:
    text = ""
    for part in parts:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
