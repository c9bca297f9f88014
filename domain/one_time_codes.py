"""One-time codes of an authenticator: RFC 6238 over RFC 4226 (HMAC-SHA-1, six digits, thirty seconds).

Time is an argument; which codes were used before is the caller's to keep.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import quote, urlencode

DIGITS = 6
STEP_SECONDS = 30
DRIFT = 1
"""Steps that a clock may be off in either direction (RFC 6238 §5.2)."""
SECRET_BYTES = 20
"""RFC 4226 §4 R6: 160 bits."""
ISSUER = "Leadhouse"


def step_at(moment: datetime) -> int:
    """The time step T of RFC 6238 §4.2."""
    return int(moment.timestamp()) // STEP_SECONDS


def code_at(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of a step, with its leading zeros (RFC 4226 §5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: bytes, code: str, now: datetime, after: int) -> int | None:
    """The step whose code this is, within the drift and later than `after` (the last one used); None for none."""
    here = step_at(now)
    sent = "".join(code.split()).encode()
    for step in range(here - DRIFT, here + DRIFT + 1):
        if step > after and hmac.compare_digest(code_at(secret, step).encode(), sent):
            return step
    return None


def shown(secret: bytes) -> str:
    """The secret as a person may type it: base32."""
    return base64.b32encode(secret).decode().rstrip("=")


def address_of(secret: bytes, account: str) -> str:
    """What the QR code says to an authenticator (`otpauth://`, Google's key URI format)."""
    facts = {"secret": shown(secret), "issuer": ISSUER, "digits": DIGITS, "period": STEP_SECONDS}
    return f"otpauth://totp/{quote(ISSUER)}:{quote(account)}?{urlencode(facts)}"
