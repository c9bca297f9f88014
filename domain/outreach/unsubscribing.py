"""Links by which somebody leaves: whoever has one may use it, and nobody can make one."""

from __future__ import annotations

import hmac
import re

_ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
_TOKEN = re.compile(rf"\b({_ID})\.({_ID})\.([0-9a-f]{{32}})\b")


def make_token(organization_id: str, enrolment_id: str, key: bytes) -> str:
    """Names whose mailing and who leaves it, signed under the organization's key: 106 characters that fit in a path."""
    return f"{organization_id}.{enrolment_id}.{_signature(organization_id, enrolment_id, key)}"


def parse_token(text: str) -> tuple[str, str, str] | None:
    """(organization, enrolment, signature) of a token anywhere in a text, or None. It is not checked yet."""
    found = _TOKEN.search(text)
    return (found[1], found[2], found[3]) if found else None


def is_signed(organization_id: str, enrolment_id: str, signature: str, key: bytes) -> bool:
    return hmac.compare_digest(_signature(organization_id, enrolment_id, key), signature)


def _signature(organization_id: str, enrolment_id: str, key: bytes) -> str:
    return hmac.digest(key, f"unsubscribe\x00{organization_id}\x00{enrolment_id}".encode(), "sha256").hex()[:32]
