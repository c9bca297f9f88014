"""Encryption of what must not be read from a stolen file: AES-256-GCM bound to where the value stands.

The keys are ordered, newest first: the newest one seals, all of them open, so a key is rotated by putting a new one in
front (`Sealer.reseal` moves a value over). They come from `LEADHOUSE_SECURITY__KEYS` or from `<data>/keys` (mode 0600).
A sealed value is `1 | length of name | name of key | nonce (12) | ciphertext and tag`.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from domain.errors import InvalidInput, LeadhouseError, NotConfigured
from domain.settings import Settings

FORMAT = 1
NONCE_BYTES = 12
KEY_BYTES = 32


class SealBroken(LeadhouseError):
    """A sealed value does not open: wrong place, wrong key, or altered."""

    code = "seal_broken"


class Sealer:
    """Seals and opens bytes under ordered keys. `place` names organization, table and column: a value copied to
    another row's organization or another column does not open there."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        if not keys:
            raise NotConfigured("no encryption key", hint="Run `make setup`, or set LEADHOUSE_SECURITY__KEYS.")
        self._newest = next(iter(keys))
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}

    def seal(self, plain: bytes, organization_id: str, table: str, column: str) -> bytes:
        """`plain` under the newest key."""
        name = self._newest.encode()
        nonce = os.urandom(NONCE_BYTES)
        body = self._ciphers[self._newest].encrypt(nonce, plain, place(organization_id, table, column))
        return bytes([FORMAT, len(name)]) + name + nonce + body

    def open(self, sealed: bytes, organization_id: str, table: str, column: str) -> bytes:
        """What was sealed; raises SealBroken when the key is unknown, the place differs or a byte was changed."""
        name, nonce, body = _parts(sealed)
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise SealBroken(f"sealed under the key {name!r}, which is not configured")
        try:
            return cipher.decrypt(nonce, body, place(organization_id, table, column))
        except InvalidTag as error:
            raise SealBroken(f"a value of {table}.{column} does not open") from error

    def reseal(self, sealed: bytes, organization_id: str, table: str, column: str) -> bytes | None:
        """The value under the newest key, or None if it is already."""
        if _parts(sealed)[0] == self._newest:
            return None
        return self.seal(self.open(sealed, organization_id, table, column), organization_id, table, column)


def place(organization_id: str, table: str, column: str) -> bytes:
    """The associated data of a value."""
    return f"{organization_id}|{table}|{column}".encode()


def load_sealer(settings: Settings) -> Sealer:
    """The sealer of the settings; raises NotConfigured where there are no keys yet."""
    if settings.security.keys is not None:
        return Sealer(parse_keys(settings.security.keys.get_secret_value()))
    path = keys_path(settings)
    if not path.is_file():
        raise NotConfigured(
            f"there is no key file at {path}",
            hint="Run `make setup`, or restore the file from your backup: without it sealed values stay closed.",
        )
    return Sealer(parse_keys(path.read_text(encoding="ascii")))


def ensure_keys(settings: Settings) -> Path | None:
    """Writes `<data>/keys` with one new key unless keys are configured or the file exists; answers its path if used."""
    if settings.security.keys is not None:
        return None
    path = keys_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(new_key("k1") + "\n")
        file.flush()
        os.fsync(file.fileno())
    return path


def keys_path(settings: Settings) -> Path:
    return settings.data.dir / "keys"


def new_key(name: str) -> str:
    """A fresh key in the spelling of the setting: `name:base64`."""
    return f"{name}:{base64.b64encode(os.urandom(KEY_BYTES)).decode()}"


def parse_keys(text: str) -> dict[str, bytes]:
    """Reads `name:base64` entries separated by commas or line ends, newest first; raises InvalidInput."""
    keys: dict[str, bytes] = {}
    for entry in (part.strip() for part in text.replace("\n", ",").split(",")):
        if not entry:
            continue
        name, colon, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            key = b""
        if not colon or not 0 < len(name) <= 100 or len(key) != KEY_BYTES:
            raise InvalidInput(
                "an encryption key is not name:base64 of 32 bytes", hint="See LEADHOUSE_SECURITY__KEYS in the settings."
            )
        keys[name] = key
    return keys


def _parts(sealed: bytes) -> tuple[str, bytes, bytes]:
    if len(sealed) < 2 or sealed[0] != FORMAT or len(sealed) < 2 + sealed[1] + NONCE_BYTES:
        raise SealBroken("not a sealed value")
    start = 2 + sealed[1]
    return sealed[2:start].decode(errors="replace"), sealed[start : start + NONCE_BYTES], sealed[start + NONCE_BYTES :]
