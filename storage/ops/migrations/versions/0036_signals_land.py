"""Signals land in the lake: those that are kept already enter the change log."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from domain.clock import utc_now
from storage.ops.types import UTCDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

AT_ONCE = 500
SIGNALS = sa.table(
    "buying_signals",
    *(
        sa.column(name, sa.String())
        for name in (
            "buying_signal_id",
            "organization_id",
            "kind",
            "contact_id",
            "company_id",
            "source",
            "title",
            "url",
        )
    ),
    sa.column("strength", sa.Float()),
    sa.column("half_life_days", sa.Float()),
    sa.column("dedupe_key", sa.String()),
    sa.column("observed_at", UTCDateTime()),
    sa.column("created_at", UTCDateTime()),
)
CHANGES = sa.table(
    "change_log",
    *(sa.column(name, sa.String()) for name in ("organization_id", "entity", "entity_id", "op", "row")),
    sa.column("changed_at", UTCDateTime()),
)


def upgrade() -> None:
    connection, now = op.get_bind(), utc_now()
    after = ""
    while True:
        asked = sa.select(SIGNALS).where(SIGNALS.c.buying_signal_id > after)
        found = connection.execute(asked.order_by(SIGNALS.c.buying_signal_id).limit(AT_ONCE)).mappings().all()
        if not found:
            return
        lines = [
            {
                "organization_id": row["organization_id"], "entity": "buying_signal", "op": "insert", "changed_at": now,
                "entity_id": row["buying_signal_id"], "row": json.dumps(dict(row), default=lambda at: at.isoformat()),
            }
            for row in found
        ]  # fmt: skip
        connection.execute(sa.insert(CHANGES), lines)
        after = found[-1]["buying_signal_id"]


def downgrade() -> None:
    """What has entered the log may have landed."""
