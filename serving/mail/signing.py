"""DKIM signatures (RFC 6376, relaxed/relaxed; RSA-SHA256, and Ed25519 of RFC 8463), through OpenSSL.

The signature covers the bytes that are sent, so it is made last and nothing is folded anew after it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from domain.errors import InvalidInput

SIGNED = (
    "from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "list-unsubscribe",
    "list-unsubscribe-post", "mime-version", "content-type", "content-transfer-encoding",
)  # fmt: skip
SHORTEST_RSA = 1024
_WSP = re.compile(rb"[ \t]+")


def sign(message: bytes, key: bytes, *, domain: str, selector: str, at: datetime) -> bytes:
    """The message with a signature in front. `key` is a PEM; lines end in CRLF. Raises InvalidInput for another key."""
    private = load_key(key)
    algorithm = "rsa-sha256" if isinstance(private, RSAPrivateKey) else "ed25519-sha256"
    head, _, body = message.partition(b"\r\n\r\n")
    fields = list(_fields(head))
    names = [name for name, _ in fields if name in SIGNED]
    body_hash = base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()).decode()
    # From stands once more than it occurs (RFC 6376 §8.15): a second one added on the way breaks the signature.
    covered = ":\r\n ".join([*names, "from"])
    tags = (
        f"v=1; a={algorithm}; c=relaxed/relaxed; d={domain}; s={selector};\r\n t={int(at.timestamp())}; "
        f"h={covered};\r\n bh={body_hash};\r\n b="
    )
    signed = b"".join(_relaxed_header(name, value) for name, value in _chosen(fields, [*names, "from"]))
    signed += _relaxed_header("dkim-signature", tags.encode()).removesuffix(b"\r\n")
    if isinstance(private, RSAPrivateKey):
        signature = private.sign(signed, padding.PKCS1v15(), SHA256())
    else:
        signature = private.sign(hashlib.sha256(signed).digest())
    text = base64.b64encode(signature).decode()
    folded = "\r\n ".join(text[start : start + 72] for start in range(0, len(text), 72))
    return f"DKIM-Signature: {tags}{folded}\r\n".encode() + message


@lru_cache(maxsize=256)
def load_key(pem: bytes) -> RSAPrivateKey | Ed25519PrivateKey:
    """Raises InvalidInput for what is no RSA or Ed25519 key."""
    try:
        found = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidInput("not a private key in PEM without a passphrase") from error
    if isinstance(found, RSAPrivateKey) and found.key_size >= SHORTEST_RSA:
        return found
    if isinstance(found, Ed25519PrivateKey):
        return found
    raise InvalidInput("a DKIM key is RSA of 1,024 bits or more, or Ed25519")


def new_key() -> bytes:
    """A key to sign with, as PEM: RSA of 2,048 bits, which every receiver checks (RFC 8301 §3.2)."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_part(pem: bytes) -> str:
    """The `p=` of its record."""
    return dns_record(pem).rpartition("p=")[2]


def dns_record(pem: bytes) -> str:
    """What stands in the TXT record of `<selector>._domainkey.<domain>`."""
    private = load_key(pem)
    if isinstance(private, RSAPrivateKey):
        kind, public = "rsa", private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    else:
        kind, public = "ed25519", private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode()}"


def _fields(head: bytes) -> Iterator[tuple[str, bytes]]:
    """Fields with their folding, in order."""
    for field in re.split(rb"\r\n(?![ \t])", head):
        name, _, value = field.partition(b":")
        yield name.decode("ascii").strip().casefold(), value


def _chosen(fields: list[tuple[str, bytes]], names: list[str]) -> Iterator[tuple[str, bytes]]:
    """Each name takes its last field that was not taken; a name without one takes nothing (§5.4.2)."""
    left = list(fields)
    for name in names:
        for index in range(len(left) - 1, -1, -1):
            if left[index][0] == name:
                yield left.pop(index)
                break


def _relaxed_header(name: str, value: bytes) -> bytes:
    unfolded = value.replace(b"\r\n", b"")
    return name.encode() + b":" + _WSP.sub(b" ", unfolded).strip(b" \t") + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    lines = [_WSP.sub(b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    while lines and not lines[-1]:
        lines.pop()
    return b"".join(line + b"\r\n" for line in lines)
