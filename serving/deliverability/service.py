"""What the domain doctor is asked, from what people type."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from domain.contacts import Domain
from domain.deliverability.doctor import Wanted, examine
from domain.deliverability.records import Finding, Resolver, State
from domain.errors import InvalidInput
from domain.settings import Settings

MOST_SELECTORS = 5
MOST_ADDRESSES = 5


def examined(
    resolver: Resolver,
    domain: str,
    *,
    selectors: Sequence[str] = (),
    own_keys: tuple[tuple[str, str], ...] = (),
    spf_include: str = "",
    addresses: Sequence[str] = (),
    tracking_host: str = "",
    tracking_target: str = "",
) -> list[Finding]:
    """All checks of a domain. Raises InvalidInput for what is no domain, or for too much at once."""
    if len(selectors) > MOST_SELECTORS or len(addresses) > MOST_ADDRESSES:
        raise InvalidInput(f"at most {MOST_SELECTORS} selectors and {MOST_ADDRESSES} addresses at once")
    wanted = Wanted(
        domain=_name(domain),
        selectors=tuple(_label(selector) for selector in selectors),
        own_keys=own_keys,
        spf_include=_name(spf_include) if spf_include else "",
        sending_addresses=tuple(addresses),
        tracking_host=_name(tracking_host) if tracking_host else "",
        tracking_target=tracking_target,
    )
    return examine(wanted, resolver)


def own_host(settings: Settings) -> str:
    """Where tracking hosts must point; empty where nobody says what we are called."""
    return urlsplit(settings.web.public_url or "").hostname or ""


def overall(findings: Sequence[Finding]) -> State:
    """Fail where any check fails, else unknown where any is."""
    states = {finding.state for finding in findings}
    return next((state for state in (State.FAIL, State.UNKNOWN) if state in states), State.PASS)


def _name(name: str) -> str:
    """`_spf.google.com` is a name too, though nobody's mail domain."""
    plain = name.strip().rstrip(".").casefold()
    Domain.parse(".".join(label.strip("_") for label in plain.split(".")))
    return plain


def _label(selector: str) -> str:
    plain = selector.strip().casefold()
    if (
        not plain
        or len(plain) > 63
        or not all(part.replace("-", "").replace("_", "").isalnum() for part in plain.split("."))
    ):
        raise InvalidInput(
            f"{selector[:70]!r} is no DKIM selector", hint="It is the word behind s= in a DKIM-Signature."
        )
    return plain
