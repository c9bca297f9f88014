"""What a person proves besides their password: codes of an authenticator, each used once, and recovery codes."""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CursorResult, delete, func, select, update

from domain.errors import Conflict
from domain.one_time_codes import SECRET_BYTES, matching_step
from storage.ops.repositories.base import Repository
from storage.ops.repositories.login_sessions import hashed
from storage.ops.tables import RecoveryCode, SecondFactor

RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"""80 bits need no slow hash."""


@dataclass(frozen=True, slots=True)
class SecondFactorState:
    """Whether codes are asked for, since when, and how many recovery codes are left."""

    is_on: bool
    since: datetime | None = None
    recovery_codes_left: int = 0


class SecondFactors(Repository):
    """Under SystemScope: it belongs to a person. Secrets are sealed under the person's id."""

    def state(self, user_id: str) -> SecondFactorState:
        self.require_system()
        found = self.session.get(SecondFactor, user_id)
        if found is None or found.confirmed_at is None:
            return SecondFactorState(is_on=False)
        left = select(func.count()).select_from(RecoveryCode).where(
            RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None)
        )  # fmt: skip
        return SecondFactorState(True, found.confirmed_at, self.session.scalar(left) or 0)

    def begin(self, user_id: str) -> bytes:
        """A fresh secret, which counts once `confirm` has seen a code of it. Raises Conflict where one counts already."""
        self.require_system()
        found = self.session.get(SecondFactor, user_id)
        if found is not None and found.confirmed_at is not None:
            raise Conflict("the second factor is on", hint="Turn it off before you set up another device.")
        secret = secrets.token_bytes(SECRET_BYTES)
        if found is None:
            found = SecondFactor(user_id=user_id, sealed_secret=b"", created_at=self.work.now(), last_step=0)
            self.session.add(found)
        found.sealed_secret = self.work.sealer.seal(secret, user_id, "second_factors", "sealed_secret")
        found.created_at, found.last_step = self.work.now(), 0
        self.session.flush()
        return secret

    def confirm(self, user_id: str, code: str) -> list[str] | None:
        """Turns it on with a first code and answers the recovery codes, once; None for a wrong code.

        Raises Conflict where nothing was begun, or it is on.
        """
        self.require_system()
        found = self.session.get(SecondFactor, user_id)
        if found is None or found.confirmed_at is not None:
            raise Conflict("there is nothing to confirm", hint="Begin setting up the second factor again.")
        if not self._use(found, code):
            return None
        found.confirmed_at = self.work.now()
        self.session.flush()
        return self.renew_recovery_codes(user_id)

    def use(self, user_id: str, code: str) -> bool:
        """Whether the code is right and was not used before, be it the authenticator's or a recovery code; it is used
        up by that."""
        self.require_system()
        found = self.session.get(SecondFactor, user_id)
        if found is None or found.confirmed_at is None:
            return False
        return self._use(found, code) or self._use_recovery(user_id, code)

    def renew_recovery_codes(self, user_id: str) -> list[str]:
        """New ones, once in clear; the former ones end."""
        self.require_system()
        self.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        made = [_recovery_code() for _ in range(RECOVERY_CODES)]
        self.session.add_all(RecoveryCode(user_id=user_id, code_hash=hashed(_plain(code))) for code in made)
        self.session.flush()
        return made

    def remove(self, user_id: str) -> bool:
        """Turns it off; answers whether it was on."""
        self.require_system()
        was_on = self.state(user_id).is_on
        self.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        self.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user_id))
        self.session.expire_all()
        return was_on

    def _use(self, factor: SecondFactor, code: str) -> bool:
        secret = self.work.sealer.open(factor.sealed_secret, factor.user_id, "second_factors", "sealed_secret")
        step = matching_step(secret, code, self.work.now(), factor.last_step)
        if step is None:
            return False
        used = self.session.execute(  # decides between two requests with the same code
            update(SecondFactor)
            .where(SecondFactor.user_id == factor.user_id, SecondFactor.last_step < step)
            .values(last_step=step)
        )
        assert isinstance(used, CursorResult)
        return used.rowcount == 1

    def _use_recovery(self, user_id: str, code: str) -> bool:
        used = self.session.execute(
            update(RecoveryCode)
            .where(
                RecoveryCode.user_id == user_id,
                RecoveryCode.code_hash == hashed(_plain(code)),
                RecoveryCode.used_at.is_(None),
            )
            .values(used_at=self.work.now())
        )
        assert isinstance(used, CursorResult)
        return used.rowcount == 1


def _recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _plain(code: str) -> str:
    return "".join(code.split()).replace("-", "").lower()
