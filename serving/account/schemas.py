"""What the routes about one's own account take and tell."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class SessionOut(BaseModel):
    """A browser that is signed in; `network` is where it began, without the last part of the address."""

    session_id: str
    browser: str
    network: str
    created_at: datetime
    last_seen_at: datetime
    """Exact to five minutes."""
    expires_at: datetime
    is_current: bool


class EndedOut(BaseModel):
    """How many sessions ended."""

    ended: int


class PasswordIn(BaseModel):
    """The password once more: whoever finds an open laptop does not know it."""

    model_config = ConfigDict(extra="forbid")

    password: str = Field(max_length=1024)


class PasswordChangeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    current_password: str = Field(max_length=1024)
    new_password: str = Field(max_length=1024)


class SecondFactorOut(BaseModel):
    """Whether a code is asked for at sign-in, since when, and how many recovery codes are left."""

    is_on: bool
    since: datetime | None
    recovery_codes_left: int


class SecondFactorBegunOut(BaseModel):
    """For an authenticator: as an address (what the QR code says) and to type. It counts once a code came back."""

    secret: str
    address: str


class CodeIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(max_length=40)


class RecoveryCodesOut(BaseModel):
    """Shown this once; each stands in for one code."""

    recovery_codes: list[str]
