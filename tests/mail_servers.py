"""A mail server on loopback that answers as an address asks: `reject…` does not exist, `grey…` comes later, `full…` is
full, `spam…` is refused at the end, `drop…` hangs up before the message, `cut…` after it was taken and before the answer."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from domain.settings import Settings

LOGIN = ("ada@agency.example", "correct horse")


def naming(settings: Settings, port: int, **more: object) -> Settings:
    """Settings of an operator who named a mail server of this machine, and set `more` of sending."""
    outreach = settings.outreach.model_copy(update={"local_servers": frozenset({f"127.0.0.1:{port}"}), **more})
    return settings.model_copy(update={"outreach": outreach})


class Sink:
    """What arrived, in order; `answers` says what is answered to whom, beyond the rules above."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, list[str], bytes]] = []
        self.answers: dict[str, str] = {}
        self.port = 0
        self._lock = threading.Lock()

    @property
    def messages(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=policy.default) for _, _, raw in self.envelopes]

    def to(self, recipient: str) -> list[EmailMessage]:
        return [message for message in self.messages if message["To"] == recipient]

    def clear(self) -> None:
        self.envelopes.clear()
        self.answers.clear()

    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        local = address.split("@")[0]
        scripted = self.answers.get(local)
        if scripted and not scripted.startswith("DATA "):
            return scripted
        if local.startswith("reject"):
            return "550 5.1.1 No such user"
        if local.startswith("grey"):
            return "451 4.7.1 Greylisted, try again"
        if local.startswith("full"):
            return "552 5.2.2 Mailbox full"
        if local.startswith("drop"):
            server.transport.abort()
            return "421 bye"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        local = envelope.rcpt_tos[0].split("@")[0]
        if local.startswith("spam"):
            return "554 5.7.1 rejected as spam"
        with self._lock:
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if local.startswith("cut"):
            server.transport.abort()
        return "250 2.0.0 queued"


class _Door:
    """What aiosmtpd sees of a sink: it reads every attribute of its handler at each connection, all messages among them."""

    def __init__(self, sink: Sink) -> None:
        self.handle_RCPT, self.handle_DATA = sink.handle_RCPT, sink.handle_DATA


def authenticate(server, session, envelope, mechanism, data) -> AuthResult:
    given = (data.login.decode(), data.password.decode())
    return AuthResult(success=given == LOGIN, handled=given == LOGIN)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running_sink(sink: Sink | None = None, *, needs_login: bool = False) -> Iterator[Sink]:
    """On 127.0.0.1 and a free port."""
    sink = sink or Sink()
    login = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False} if needs_login else {}
    sink.port = free_port()
    controller = Controller(_Door(sink), hostname="127.0.0.1", port=sink.port, **login)
    controller.start()
    try:
        yield sink
    finally:
        controller.stop()
