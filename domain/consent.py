"""Consent: what a visit's level allows, what a person agreed to in which words, and who may say so."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from domain.contacts import EmailAddress
from domain.decisions import Decision
from domain.events import ConsentLevel

MARKETING = "marketing"


@dataclass(frozen=True, slots=True)
class ConsentGrant:
    """An answer to a question about contact: for what, by which channel, in which words of which version."""

    purpose: str = MARKETING
    channel: str = "email"
    is_granted: bool = True
    lawful_basis: str = "consent"
    wording: str = ""
    wording_version: str = ""


def may_link(level: ConsentLevel) -> Decision:
    """Whether what a visitor did may be tied to the person they turn out to be."""
    if level is ConsentLevel.FULL:
        return Decision(True, "full_consent")
    return Decision(False, "no_consent_to_link", {"level": level.value})


def may_speak_for(email: EmailAddress, user_hash: str | None, key: bytes) -> Decision:
    """Whether an identify call comes from the customer's own server or login.

    `user_hash` is HMAC-SHA256 of the address under the organization's key, in hex: a page alone cannot make it, so
    without it the call fills blanks only, and a wrong one is refused.
    """
    if not user_hash:
        return Decision(False, "unsigned")
    if hmac.compare_digest(email.hashed(key).encode(), user_hash.strip().casefold().encode()):
        return Decision(True, "signed")
    return Decision(False, "wrong_user_hash")


def wording_proof(grant: ConsentGrant) -> str:
    """SHA-256 of what was agreed to, as 64 hex characters: kept with the consent, so that later edits show."""
    parts = (grant.purpose, grant.channel, grant.wording_version, grant.wording)
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
