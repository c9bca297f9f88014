"""Whether mail to an address would arrive: DNS is asked, and where the operator allows it, the mail server of the domain."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable

from domain.contacts import EmailAddress
from domain.deliverability.records import Resolver
from domain.errors import LeadhouseError
from domain.ids import new_id
from domain.settings import Settings
from domain.verification import Mailbox, Probe, Route, Verdict, mailbox_said, read_address, route_of, verdict
from serving.deliverability.resolver import DnsResolver
from serving.deliverability.service import own_host
from serving.outside import Resolve, checked_address, resolved

REMEMBERED_SECONDS = 600.0
"""What DNS said of a domain: people of one company share theirs."""
SMTP_SECONDS = 8.0


class Verifier:
    """`resolver` answers the one to ask; `probe`, if any, asks a server of an address."""

    def __init__(
        self, resolver: Callable[[], Resolver], probe: Callable[[EmailAddress, str], Probe] | None = None
    ) -> None:
        self._resolver, self._probe = resolver, probe

    def verify(self, raw: str) -> Verdict:
        """What is known of a text that may be an address. Never raises."""
        address = read_address(raw)
        if isinstance(address, Verdict):
            return address
        route, servers = route_of(address.domain.value, self._resolver())
        probe = None
        if self._probe is not None and route is Route.SERVERS and verdict(address, route).reason == "not_asked":
            probe = self._probe(address, servers[0])
        return verdict(address, route, probe)


def verifier_of(settings: Settings) -> Verifier:
    """As the settings allow."""
    probe = SmtpProbe(settings) if settings.enrichment.smtp_probes else None
    return Verifier(renewed(DnsResolver), probe)


def renewed(make: Callable[[], Resolver], *, seconds: float = REMEMBERED_SECONDS) -> Callable[[], Resolver]:
    """A resolver that remembers what it was told, and a new one every while."""
    kept: list[tuple[float, Resolver]] = []

    def current() -> Resolver:
        if not kept or kept[0][0] < time.monotonic():
            kept[:] = [(time.monotonic() + seconds, make())]
        return kept[0][1]

    return current


class SmtpProbe:
    """Asks a mail server of a mailbox and of one that cannot be there, and hangs up before any message."""

    def __init__(self, settings: Settings, *, resolve: Resolve = resolved, port: int = 25) -> None:
        self._local, self._resolve, self._port = settings.outreach.local_servers, resolve, port
        self._name = own_host(settings) or "localhost"

    def __call__(self, address: EmailAddress, server: str) -> Probe:
        silent = Probe(Mailbox.SILENT, Mailbox.SILENT)
        try:
            reached = checked_address(
                server, self._port, self._resolve, is_local=f"{server}:{self._port}" in self._local,
                setting="LEADHOUSE_OUTREACH__LOCAL_SERVERS",
            )  # fmt: skip
            with smtplib.SMTP(reached, self._port, self._name, SMTP_SECONDS) as session:
                session.ehlo_or_helo_if_needed()
                if session.mail("")[0] != 250:
                    return silent
                nonsense = f"{new_id().replace('-', '')}@{address.domain}"
                mailbox = _said(session.rcpt(address.value))
                return Probe(mailbox, _said(session.rcpt(nonsense)) if mailbox is Mailbox.TAKEN else Mailbox.SILENT)
        except (LeadhouseError, smtplib.SMTPException, OSError, UnicodeError):
            return silent


def _said(answer: tuple[int, bytes]) -> Mailbox:
    return mailbox_said(answer[0], answer[1].decode("utf-8", "replace"))
