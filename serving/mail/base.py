"""What a way of handing messages over promises, and where it is found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Protocol

import serving.mail.transports
from domain.outreach.retries import Phase, Reply
from domain.settings import Settings
from serving.discovery import in_folders
from serving.mail.servers import Server


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message ready to go: its bytes are sent as they are (CRLF, signed). `key` is the same whenever the same message is
    handed over: a provider that knows keys sends it once."""

    sender: str
    recipient: str
    message: bytes
    key: str = ""


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The line broke after the last byte was sent and before the server answered: nobody can know. `repeats_for`: how
    long after the first try the message may be handed over again and is sent once all the same."""

    reason: str
    repeats_for: timedelta = timedelta()


Outcome = Reply | Uncertain
NOT_REACHED = Reply(421, "the server was not reached", Phase.CONNECT)


class Connection(Protocol):
    """One connection, used for one message at a time. It opens itself when it must, and says what came of it."""

    async def send(self, envelope: Envelope) -> Outcome: ...

    async def close(self) -> None: ...


class Transport(Protocol):
    """A way of handing over. `connect` reaches nobody yet. `repeats_for`: how long its provider knows a message again
    that is handed over twice; zero where it does not. `usual`: the server where somebody names none."""

    name: str
    repeats_for: timedelta
    usual: Server | None
    needs: str
    """What a mailbox has to say of it: `server`, `key`, or nothing."""
    signs: bool
    """Whether its provider signs by itself, whatever we would sign."""

    def connect(self, server: Server, settings: Settings) -> Connection: ...


@cache
def all_transports() -> dict[str, Transport]:
    """Every transport there is, by name: each folder of `serving.mail.transports`."""
    return {found.name: found for found in in_folders(serving.mail.transports, "transport", "TRANSPORT")}
