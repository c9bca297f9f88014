"""What a worker knows about messages between two commits: a line before the first byte goes out, a line after the server
answered.

It is written without fsync: a process that is killed loses nothing of it, and a machine that loses power is known by its
boot id, after which the journal is not believed. So of a dead worker's messages only those are in doubt whose line broke
exactly between the two.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from domain.outreach.retries import Phase, Reply
from domain.settings import Settings

_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Trace:
    """What a journal says about one try of a message: it began, and what the server answered."""

    has_begun: bool
    reply: Reply | None = None


class Journal:
    """One worker's, appended to from one thread."""

    def __init__(self, settings: Settings, worker: str) -> None:
        path = _path(settings, worker)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._path = path
        self._write(["boot", _boot_id()])

    def began(self, outbox_message_id: str, tries: int) -> None:
        self._write(["began", outbox_message_id, tries])

    def answered(self, outbox_message_id: str, tries: int, reply: Reply) -> None:
        self._write(["answered", outbox_message_id, tries, reply.code, reply.text[:300], reply.phase.value])

    def forget(self) -> None:
        """Everything in it is settled in the store: it begins anew."""
        os.ftruncate(self._file, 0)
        self._write(["boot", _boot_id()])

    def close(self, *, is_settled: bool) -> None:
        os.close(self._file)
        if is_settled:
            self._path.unlink(missing_ok=True)

    def _write(self, line: list[object]) -> None:
        os.write(self._file, msgspec.json.encode(line) + b"\n")


def read_journal(settings: Settings, worker: str) -> dict[tuple[str, int], Trace] | None:
    """What a worker left behind, by message and try; None where there is nothing to be believed: another machine's
    worker, or one from before a restart of this one."""
    try:
        content = _path(settings, worker).read_bytes()
    except FileNotFoundError:
        return None
    lines = []
    for raw in content.splitlines():
        with suppress(msgspec.DecodeError):  # the last line may be cut short
            lines.append(msgspec.json.decode(raw))
    if not lines or lines[0][:2] != ["boot", _boot_id()]:
        return None
    found: dict[tuple[str, int], Trace] = {}
    for kind, *values in lines[1:]:
        if kind == "began":
            found[values[0], values[1]] = Trace(has_begun=True)
        elif kind == "answered":
            message, tries, code, text, phase = values
            found[message, tries] = Trace(has_begun=True, reply=Reply(code, text, Phase(phase)))
    return found


def drop_journal(settings: Settings, worker: str) -> None:
    """Of a worker that is gone, once all its messages are settled."""
    _path(settings, worker).unlink(missing_ok=True)


def _path(settings: Settings, worker: str) -> Path:
    safe = "".join(letter if letter.isalnum() or letter in "-_." else "_" for letter in worker)
    return settings.data.dir / "outbox" / f"{safe}.journal"


def _boot_id() -> str:
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
