"""Providers that an organization has connected: their accounts, limits, circuits, and tables that were uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import delete, func, select

from domain.enrichment.breaker import Circuit
from domain.errors import Conflict, NotFound
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import EnrichmentConnection, EnrichmentLookupRow

ADDRESSES = ("address", "base_url", "url")
"""Options that say which server is asked."""
PLACE = ("enrichment_connections", "sealed_secrets")


class EnrichmentConnections(Repository):
    def add(
        self, name: str, provider: str, *, secrets: Mapping[str, str], facts: Mapping[str, Any]
    ) -> EnrichmentConnection:
        """Connects a provider. `facts`: options, per_unit, per_minute, concurrent. Raises Conflict for a name that is
        taken."""
        target = self.target()
        if self.find(name) is not None:
            raise Conflict(f"there is a connection {name!r} already", hint="Choose another name.")
        made = EnrichmentConnection(
            organization_id=target, name=name, provider=provider, sealed_secrets=self._sealed(secrets, target), **facts
        )
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record("connect", "enrichment_connection", made.enrichment_connection_id, after=shown(made))
        return made

    def change(
        self, connection: EnrichmentConnection, changes: Mapping[str, Any], secrets: Mapping[str, str] | None = None
    ) -> EnrichmentConnection:
        """Sets columns. The address of another server forgets the secrets, unless new ones come along: they are never sent
        there. A new secret lets a refused connection be asked again."""
        target, before = self.writable(connection.organization_id), shown(connection)
        kept = self.secrets_of(connection)
        if "options" in changes and _servers(changes["options"]) != _servers(connection.options):
            kept = {}
        for name, value in changes.items():
            setattr(connection, name, value)
        if secrets:
            kept |= secrets
            if connection.status == "refused":
                connection.status, connection.status_reason = "connected", ""
        connection.sealed_secrets = self._sealed(kept, target)
        connection.updated_at = self.work.now()
        self.session.flush()
        after = shown(connection) | {"are_secrets_new": bool(secrets)}
        Audit(self.work).record(
            "change", "enrichment_connection", connection.enrichment_connection_id, before=before, after=after
        )
        return connection

    def set_status(self, connection: EnrichmentConnection, status: str, reason: str = "") -> None:
        """Whether it is asked at all. Connecting it again forgets its pauses."""
        self.writable(connection.organization_id)
        if (connection.status, connection.status_reason) == (status, reason):
            return
        before = shown(connection)
        connection.status, connection.status_reason, connection.updated_at = status, reason[:200], self.work.now()
        if status == "connected":
            connection.failures, connection.open_until = 0, None
        self.session.flush()
        Audit(self.work).record(
            "switch",
            "enrichment_connection",
            connection.enrichment_connection_id,
            before=before,
            after=shown(connection),
        )

    def find(self, name: str) -> EnrichmentConnection | None:
        return self.session.scalars(
            select(EnrichmentConnection).where(
                EnrichmentConnection.organization_id == self.target(), EnrichmentConnection.name == name
            )
        ).first()

    def get(self, enrichment_connection_id: str) -> EnrichmentConnection:
        """Raises NotFound."""
        found = self.by_id(EnrichmentConnection, enrichment_connection_id)
        if found is None:
            raise NotFound("There is no such connection here.")
        return found

    def of_organization(self) -> list[EnrichmentConnection]:
        """All of them, by name."""
        asked = select(EnrichmentConnection).where(EnrichmentConnection.organization_id == self.target())
        return list(self.session.scalars(asked.order_by(EnrichmentConnection.name)))

    def hold_all(self) -> dict[str, EnrichmentConnection]:
        """The same by id, held until the unit of work ends: two workers keep one rate between them."""
        asked = (
            select(EnrichmentConnection)
            .where(EnrichmentConnection.organization_id == self.target())
            .order_by(EnrichmentConnection.enrichment_connection_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return {found.enrichment_connection_id: found for found in self.session.scalars(asked)}

    def keep(self, connection: EnrichmentConnection, circuit: Circuit) -> None:
        """Remembers what is known of its pauses and its rate."""
        self.writable(connection.organization_id)
        connection.failures, connection.open_until = circuit.failures, circuit.open_until
        connection.next_slot_at = circuit.next_slot_at

    def secrets_of(self, connection: EnrichmentConnection) -> dict[str, str]:
        """By name; empty where there are none."""
        self.writable(connection.organization_id)
        if connection.sealed_secrets is None:
            return {}
        plain = self.work.sealer.open(connection.sealed_secrets, connection.organization_id, *PLACE)
        found: dict[str, str] = msgspec.json.decode(plain)
        return found

    def put_lines(
        self, connection: EnrichmentConnection, lines: Mapping[str, Mapping[str, Any]], *, replaces: bool
    ) -> int:
        """Lines of a table by their keys, ≤ 500 in a transaction; `replaces` takes the former table away first."""
        target = self.writable(connection.organization_id)
        if replaces:
            self.session.execute(delete(EnrichmentLookupRow).where(*self._lines_of(connection)))
        else:
            same = EnrichmentLookupRow.lookup_key.in_(sorted(lines))
            self.session.execute(delete(EnrichmentLookupRow).where(*self._lines_of(connection), same))
        rows: Iterable[Mapping[str, Any]] = (
            {
                "organization_id": target, "enrichment_connection_id": connection.enrichment_connection_id,
                "lookup_key": key, "told": dict(told),
            }
            for key, told in lines.items()
        )  # fmt: skip
        return len(self.insert_rows(EnrichmentLookupRow, rows))

    def line_count(self, connection: EnrichmentConnection) -> int:
        return self.session.scalar(select(func.count()).where(*self._lines_of(connection))) or 0

    def line_of(self, enrichment_connection_id: str, lookup_keys: Sequence[str]) -> dict[str, Any] | None:
        """What the table says of the first of some keys that it has."""
        for key in lookup_keys:
            found = self.session.scalars(
                select(EnrichmentLookupRow.told).where(
                    EnrichmentLookupRow.organization_id == self.target(),
                    EnrichmentLookupRow.enrichment_connection_id == enrichment_connection_id,
                    EnrichmentLookupRow.lookup_key == key,
                )
            ).first()
            if found is not None:
                return dict(found)
        return None

    def _lines_of(self, connection: EnrichmentConnection) -> list[Any]:
        return [
            EnrichmentLookupRow.organization_id == connection.organization_id,
            EnrichmentLookupRow.enrichment_connection_id == connection.enrichment_connection_id,
        ]

    def _sealed(self, secrets: Mapping[str, str], organization_id: str) -> bytes | None:
        held = {name: value for name, value in secrets.items() if value}
        return self.work.sealer.seal(msgspec.json.encode(held), organization_id, *PLACE) if held else None


def _servers(options: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Whom options name, wherever a provider has its address."""
    return [urlsplit(str(options.get(name) or ""))[:2] for name in ADDRESSES]


def circuit_of(connection: EnrichmentConnection) -> Circuit:
    return Circuit(connection.failures, connection.open_until, connection.next_slot_at)


def shown(connection: EnrichmentConnection) -> dict[str, Any]:
    """What the audit log keeps: never a secret."""
    names = ("name", "provider", "status", "status_reason", "options", "per_unit", "per_minute", "concurrent")
    return {name: getattr(connection, name) for name in names}
