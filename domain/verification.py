"""Whether mail to an address would arrive, as far as can be known without writing to it. Time and answers are arguments.

`undeliverable` is said only where somebody who must know said so: the rules of the syntax, the domain's own DNS, or its mail
server of this very mailbox. Silence, refusals of us, and "later" are `unknown`, never invalid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.contacts import EmailAddress
from domain.deliverability.records import Answer, Resolver
from domain.errors import InvalidInput
from domain.mail_domains import FREE, MailDomainType, type_of
from domain.replies.failures import BounceReason, judge_failure

LONGEST = 254
"""Octets of an address in SMTP: a path of 256 with its brackets (RFC 5321 §4.5.3.1.3)."""
_ATEXT = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_DOT_ATOM = re.compile(rf"^{_ATEXT}(?:\.{_ATEXT})*$")
_QUOTED = re.compile(r'^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\[\x20-\x7e])*"$')
_LITERAL = re.compile(r"^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9A-Fa-f:.]+)\]$")
ROLES = frozenset(
    """
    abuse accounting accounts admin administrator billing careers compliance contact customerservice datenschutz dpo
    einkauf enquiries feedback finance hello help helpdesk hostmaster hr impressum info inquiries investors it jobs
    kontakt legal mail mailer-daemon marketing media newsletter no-reply noreply office orders personal postmaster
    press presse privacy purchasing recruiting recruitment root sales secretary security service services staff
    subscribe support team tech unsubscribe vertrieb webmaster welcome
    """.split()  # noqa: SIM905  a list of words reads better as words
)
"""Local parts of an office, not of a person (RFC 2142, and usual ones)."""
OFTEN = (
    "gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "yahoo.com", "icloud.com", "aol.com", "gmx.de", "gmx.net",
    "web.de", "t-online.de", "live.com", "protonmail.com",
)  # fmt: skip
"""Domains that are mistyped."""


class EmailStatus(StrEnum):
    """What is known of an address."""

    DELIVERABLE = "deliverable"
    RISKY = "risky"
    UNDELIVERABLE = "undeliverable"
    UNKNOWN = "unknown"


def is_known_undeliverable(email: str, attributes: Mapping[str, Any]) -> bool:
    """Whether a contact's attributes say that mail to this very address does not arrive. What was found of another address
    says nothing of this one, and neither does what nobody knows."""
    is_this_one = attributes.get("email_verified") == email
    return is_this_one and attributes.get("email_status") == EmailStatus.UNDELIVERABLE


class Route(StrEnum):
    """Whether a domain takes mail."""

    SERVERS = "servers"
    REFUSES = "refuses"
    """Null MX (RFC 7505): it says that it takes none."""
    NONE = "none"
    SILENT = "silent"


class Mailbox(StrEnum):
    """What a mail server said of one recipient."""

    TAKEN = "taken"
    NO_SUCH = "no_such"
    SILENT = "silent"
    """It did not answer, was busy, or refused us and not the recipient."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What a server said of the mailbox, and of one that cannot be there."""

    mailbox: Mailbox
    nonsense: Mailbox


@dataclass(frozen=True, slots=True)
class Verdict:
    """`address` in the spelling that is kept, empty where there is none; `suggestion` where a domain is likely mistyped."""

    status: EmailStatus
    reason: str
    address: str = ""
    is_role: bool = False
    is_free: bool = False
    is_disposable: bool = False
    suggestion: str = ""


def route_of(domain: str, resolver: Resolver) -> tuple[Route, tuple[str, ...]]:
    """Whether a domain takes mail, and its servers, the preferred one first. Without MX its own address is one
    (RFC 5321 §5.1)."""
    answer = resolver.ask(domain, "MX")
    if answer.values:
        hosts = [host for _, host in sorted(map(_preference, answer.values)) if host not in {"", "."}]
        return (Route.SERVERS, tuple(dict.fromkeys(hosts))) if hosts else (Route.REFUSES, ())
    own: list[Answer] = [resolver.ask(domain, kind) for kind in ("A", "AAAA")]
    if any(each.values for each in own) and answer.is_known:
        return Route.SERVERS, (domain,)
    if answer.is_known and all(each.is_known for each in own):
        return Route.NONE, ()
    return Route.SILENT, ()


def read_address(raw: str) -> EmailAddress | Verdict:
    """The address, or what is to be said of a text that is none, or none that we write to."""
    text = raw.strip()
    local, at, host = text.rpartition("@")
    if not at or not local or not host:
        return Verdict(EmailStatus.UNDELIVERABLE, "syntax")
    is_quoted, is_literal = bool(_QUOTED.match(local)), bool(_LITERAL.match(host))
    if len(local.encode()) > 64 or len(text.encode()) > LONGEST or not (is_quoted or _DOT_ATOM.match(local)):
        return Verdict(EmailStatus.UNDELIVERABLE, "syntax")
    try:
        address = EmailAddress.parse(f"{'x' if is_quoted else local}@{'x.example' if is_literal else host}")
    except InvalidInput:
        return Verdict(EmailStatus.UNDELIVERABLE, "syntax")
    if address.value.rpartition(".")[2].isdigit():
        return Verdict(EmailStatus.UNDELIVERABLE, "syntax")
    if is_quoted or is_literal:
        return Verdict(EmailStatus.UNKNOWN, "unusual_syntax", text)
    return address


def verdict(address: EmailAddress, route: Route, probe: Probe | None = None) -> Verdict:
    """What is known of an address, the surest first. Without a probe a mailbox of a domain that takes mail is unknown."""
    kind, local = type_of(address.domain), address.value.rpartition("@")[0]
    is_role = local.partition("+")[0] in ROLES
    suggested = mistyped(address.domain.value)

    is_disposable = kind is MailDomainType.DISPOSABLE
    mailbox, nonsense = (probe.mailbox, probe.nonsense) if probe else (None, None)
    reasons: tuple[tuple[bool, EmailStatus, str], ...] = (
        (route is Route.REFUSES, EmailStatus.UNDELIVERABLE, "takes_no_mail"),
        (route is Route.NONE, EmailStatus.UNDELIVERABLE, "no_mail_server"),
        (mailbox is Mailbox.NO_SUCH, EmailStatus.UNDELIVERABLE, "no_such_mailbox"),
        (is_disposable, EmailStatus.RISKY, "disposable"),
        (bool(suggested), EmailStatus.RISKY, "mistyped"),
        (is_role, EmailStatus.RISKY, "role"),
        (route is Route.SILENT, EmailStatus.UNKNOWN, "dns_silent"),
        (probe is None, EmailStatus.UNKNOWN, "not_asked"),
        (mailbox is Mailbox.SILENT, EmailStatus.UNKNOWN, "server_silent"),
        (nonsense is Mailbox.TAKEN, EmailStatus.RISKY, "catch_all"),
        (nonsense is Mailbox.SILENT, EmailStatus.UNKNOWN, "server_silent"),
        (True, EmailStatus.DELIVERABLE, "mailbox_there"),
    )
    status, reason = next((status, reason) for holds, status, reason in reasons if holds)
    return Verdict(
        status, reason, address.value, is_role, kind is MailDomainType.FREE, is_disposable,
        f"{local}@{suggested}" if suggested else "",
    )  # fmt: skip


def mailbox_said(code: int, text: str) -> Mailbox:
    """What an answer to RCPT TO means. 550 alone refuses as many senders as recipients: its words decide."""
    if 200 <= code < 300:
        return Mailbox.TAKEN
    if code < 500:
        return Mailbox.SILENT
    reason = judge_failure("", f"{code} {text}").reason
    return (
        Mailbox.NO_SUCH if reason in {BounceReason.NO_SUCH_ADDRESS, BounceReason.MAILBOX_DISABLED} else Mailbox.SILENT
    )


def mistyped(domain: str) -> str:
    """The domain that is often meant by one a single slip away; empty for one that is known itself."""
    if domain in FREE:
        return ""
    return next((each for each in OFTEN if each[0] == domain[0] and _is_one_slip(domain, each)), "")


def _is_one_slip(one: str, other: str) -> bool:
    """Whether one letter is missing, too many, wrong, or two neighbours stand the wrong way round."""
    if abs(len(one) - len(other)) > 1 or one == other:
        return False
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _preference(record: str) -> tuple[int, str]:
    number, _, host = record.partition(" ")
    return (int(number) if number.isdigit() else 0), host.strip()
