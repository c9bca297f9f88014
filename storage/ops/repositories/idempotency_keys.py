"""Requests that may be sent again: the first is carried out, the others get its answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from domain.errors import Conflict, InvalidInput
from domain.ids import new_id
from storage.ops.repositories.base import Repository
from storage.ops.tables import IdempotencyKey

LEASE = timedelta(seconds=60)
"""How long a request may take before another with its key may try."""
KEPT = timedelta(hours=24)


class KeyReused(InvalidInput):
    """This Idempotency-Key was used for another request."""

    code = "idempotency_key_reused"
    hint = "Use a fresh key for each request, and the same one only to send that request again."


class RequestInFlight(Conflict):
    """The first request with this Idempotency-Key is still being carried out."""

    code, retryable = "request_in_flight", True


class AnswerLost(Conflict):
    """The first request with this Idempotency-Key was carried out, but its answer was lost in a crash."""

    code = "answer_lost"
    hint = "Read the resource to see what came of it; nothing was done twice."


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """An answer as it was given: status, header pairs, body."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class IdempotencyKeys(Repository):
    """Of the organization that the request works in."""

    def reserve(self, actor: str, key: str, request_hash: str) -> str | KeptAnswer:
        """The id of a fresh reservation, or the answer of the first request.

        Raises KeyReused for another request under the key, RequestInFlight (with `retry_after`) while the first is
        carried out, and AnswerLost where it was saved but its answer was not.
        """
        now = self.work.now()
        organization_id = self.target()
        found = self._find(organization_id, actor, key)
        if found is not None and found.created_at < now - KEPT:
            self.session.delete(found)
            self.session.flush()
            found = None
        if found is None:
            made = self._insert(organization_id, actor, key, request_hash, now)
            if made is not None:
                return made
            found = self._find(organization_id, actor, key)
            assert found is not None
        if found.request_hash != request_hash:
            raise KeyReused
        if found.status is not None and found.sealed_answer is not None:
            return self._open(found)
        if found.leased_until > now:
            raise RequestInFlight(retry_after=(found.leased_until - now).total_seconds())
        if found.is_done:
            raise AnswerLost
        found.leased_until = now + LEASE
        return found.idempotency_key_id

    def keep(self, idempotency_key_id: str, answer: KeptAnswer) -> None:
        """Keeps the answer for those who send the request again."""
        found = self.by_id(IdempotencyKey, idempotency_key_id)
        if found is not None:
            plain = msgspec.json.encode([list(answer.headers), answer.body.decode("latin-1")])
            found.status = answer.status
            found.sealed_answer = self.work.sealer.seal(plain, found.organization_id, *_PLACE)

    def release(self, idempotency_key_id: str) -> None:
        """Forgets a request that changed nothing, so that a corrected one may use its key."""
        self.session.execute(
            delete(IdempotencyKey).where(
                IdempotencyKey.idempotency_key_id == idempotency_key_id,
                IdempotencyKey.is_done.is_(False),
                self.readable(IdempotencyKey.organization_id),
            )
        )

    def prune(self, before: datetime, limit: int) -> int:
        """Deletes keys made before a moment, at most `limit`; answers how many."""
        self.require_system()
        ids = self.session.scalars(
            select(IdempotencyKey.idempotency_key_id).where(IdempotencyKey.created_at < before).limit(limit)
        ).all()
        self.session.execute(delete(IdempotencyKey).where(IdempotencyKey.idempotency_key_id.in_(ids)))
        return len(ids)

    def _insert(self, organization_id: str, actor: str, key: str, request_hash: str, now: datetime) -> str | None:
        """The id of the new row, or None where another request was quicker."""
        dialect = postgresql if self.session.get_bind().dialect.name == "postgresql" else sqlite
        made = dialect.insert(IdempotencyKey).values(
            idempotency_key_id=new_id(),
            organization_id=organization_id,
            actor=actor,
            key=key,
            request_hash=request_hash,
            is_done=False,
            leased_until=now + LEASE,
            created_at=now,
        )
        return self.session.scalars(made.on_conflict_do_nothing().returning(IdempotencyKey.idempotency_key_id)).first()

    def _find(self, organization_id: str, actor: str, key: str) -> IdempotencyKey | None:
        return self.session.scalars(
            select(IdempotencyKey)
            .where(
                IdempotencyKey.organization_id == organization_id,
                IdempotencyKey.actor == actor,
                IdempotencyKey.key == key,
            )
            .with_for_update()
        ).first()

    def _open(self, found: IdempotencyKey) -> KeptAnswer:
        assert found.status is not None
        assert found.sealed_answer is not None
        headers, body = msgspec.json.decode(self.work.sealer.open(found.sealed_answer, found.organization_id, *_PLACE))
        pairs: list[tuple[str, str]] = [(str(name), str(value)) for name, value in headers]
        return KeptAnswer(found.status, pairs, str(body).encode("latin-1"))


_PLACE: tuple[Any, Any] = ("idempotency_keys", "sealed_answer")
