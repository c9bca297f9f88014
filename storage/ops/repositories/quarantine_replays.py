"""Asked-for replays of quarantined rows, as landing answers them."""

from __future__ import annotations

from sqlalchemy import select

from domain.errors import NotFound
from storage.ops.repositories.base import Repository
from storage.ops.tables import QuarantineReplay


class QuarantineReplays(Repository):
    def asked(self) -> list[QuarantineReplay]:
        """Those that wait, oldest first."""
        return list(
            self.session.scalars(
                select(QuarantineReplay)
                .where(QuarantineReplay.status == "asked", self.readable(QuarantineReplay.organization_id))
                .order_by(QuarantineReplay.created_at, QuarantineReplay.quarantine_replay_id)
            )
        )

    def answer(self, quarantine_replay_id: str, replayed_count: int) -> None:
        """Raises NotFound."""
        found = self.by_id(QuarantineReplay, quarantine_replay_id)
        if found is None:
            raise NotFound
        self.writable(found.organization_id)
        found.status, found.replayed_count, found.finished_at = "done", replayed_count, self.work.now()
        self.session.flush()
