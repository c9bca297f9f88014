"""Signing in through an OpenID provider: what its token must say, and whom it lets in. OpenID Connect Core 1.0."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.contacts import EmailAddress
from domain.errors import InvalidInput, NotAuthenticated
from domain.tenancy import Role

CLOCK_SKEW = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""
OLDEST_TOKEN = timedelta(minutes=15)
"""An id token is asked for and read within seconds; an old one was kept by somebody."""


class SignOnRefused(NotAuthenticated):
    """The provider's answer does not let you in."""

    code = "single_sign_on_refused"


@dataclass(frozen=True, slots=True)
class Assertion:
    """What a provider says of a person, once the token was found to be its own and meant for us."""

    issuer: str
    subject: str
    email: EmailAddress | None
    is_email_verified: bool
    name: str
    has_second_factor: bool


class Entry(StrEnum):
    """How somebody comes in: nobody gains access unless one of these was said before by a person."""

    MEMBER = "member"
    INVITED = "invited"
    OF_DOMAIN = "of_domain"


def assertion_of(claims: Mapping[str, Any], *, issuer: str, client_id: str, nonce: str, now: datetime) -> Assertion:
    """Reads the claims of an id token whose signature holds (OpenID Connect Core 1.0, section 3.1.3.7).

    Raises SignOnRefused, naming the check that failed.
    """
    _check(claims.get("iss") == issuer, "it was issued by somebody else")
    _check(_is_meant_for(client_id, claims.get("aud"), claims.get("azp")), "it was issued for another application")
    _check(bool(nonce) and claims.get("nonce") == nonce, "it answers another sign-in")
    expires, issued = _moment(claims.get("exp")), _moment(claims.get("iat"))
    _check(expires is not None and expires + CLOCK_SKEW.total_seconds() > now.timestamp(), "it has expired")
    _check(
        issued is not None and abs(now.timestamp() - issued) < (OLDEST_TOKEN + CLOCK_SKEW).total_seconds(),
        "it was not issued just now",
    )
    subject = claims.get("sub")
    _check(isinstance(subject, str) and 0 < len(subject) <= 255, "it names nobody")
    return Assertion(
        issuer,
        str(subject),
        _address(claims.get("email")),
        claims.get("email_verified") in (True, "true"),
        str(claims.get("name") or "")[:200],
        _says_two_factors(claims.get("amr")),
    )


def entry_of(
    assertion: Assertion, *, is_member: bool, is_invited: bool, domains: Collection[str], default_role: Role | None
) -> Entry:
    """How the person comes in. The address alone counts, and only one that the provider has verified.

    Raises SignOnRefused for whoever is neither a member, nor invited, nor of a domain that the organization lets in.
    """
    if assertion.email is None or not assertion.is_email_verified:
        raise SignOnRefused(
            "The provider does not vouch for your e-mail address.", hint="Verify it there, then sign in again."
        )
    if is_member:
        return Entry.MEMBER
    if is_invited:
        return Entry.INVITED
    if default_role is not None and assertion.email.value.rpartition("@")[2] in domains:
        return Entry.OF_DOMAIN
    raise SignOnRefused("You are signed in at the provider, but nobody here has invited you.", hint="Ask an owner.")


def domains_of(wanted: Collection[str]) -> list[str]:
    """E-mail domains in one spelling, in order. Raises InvalidInput."""
    found = set()
    for text in wanted:
        try:
            found.add(EmailAddress.parse(f"someone@{text.strip().lstrip('@')}").value.rpartition("@")[2])
        except (InvalidInput, UnicodeError) as error:
            raise InvalidInput(f"not a domain: {text!r}", hint="Write example.com.") from error
    return sorted(found)


def _check(holds: bool, reason: str) -> None:
    if not holds:
        raise SignOnRefused(f"The provider's token is not accepted: {reason}.", hint="Sign in again.")


def _is_meant_for(client_id: str, audience: Any, authorized: Any) -> bool:
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        return False
    return authorized == client_id if authorized is not None else len(audiences) == 1


def _moment(value: Any) -> float | None:
    """A NumericDate (RFC 7519, section 2): NaN and infinity are none."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        return None
    return float(value)


def _address(value: Any) -> EmailAddress | None:
    try:
        return EmailAddress.parse(value) if isinstance(value, str) else None
    except (InvalidInput, UnicodeError):
        return None


def _says_two_factors(methods: Any) -> bool:
    """`mfa` of RFC 8176: the provider asked for more than one factor."""
    return isinstance(methods, list) and "mfa" in methods
