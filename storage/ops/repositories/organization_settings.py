"""How an organization works: versioned values, never changed in place, so that history can be judged by its own rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import OrganizationSetting


class OrganizationSettings(Repository):
    def current(
        self, name: str, *, at: datetime | None = None, organization_id: str | None = None
    ) -> OrganizationSetting | None:
        """The version that holds at a moment (default now); None where the built-in default holds."""
        return self.session.scalars(
            select(OrganizationSetting)
            .where(
                OrganizationSetting.organization_id == self.target(organization_id),
                OrganizationSetting.name == name,
                OrganizationSetting.valid_from <= (at or self.work.now()),
            )
            .order_by(OrganizationSetting.valid_from.desc(), OrganizationSetting.version.desc())
            .limit(1)
        ).first()

    def put(
        self,
        name: str,
        value: Mapping[str, Any],
        *,
        valid_from: datetime | None = None,
        organization_id: str | None = None,
    ) -> OrganizationSetting:
        """A new version; the same value again makes none."""
        target = self.target(organization_id)
        versions = self.versions(name, target)
        held = self.current(name, at=valid_from, organization_id=target)
        if held is not None and held.value == dict(value):
            return held
        made = OrganizationSetting(
            organization_id=target,
            name=name,
            version=max((one.version for one in versions), default=0) + 1,
            value=dict(value),
            valid_from=valid_from or self.work.now(),
            created_by=self.work.actor.id or self.work.actor.kind,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def change(self, name: str, value: Mapping[str, Any]) -> OrganizationSetting:
        """A new version, and what was before it in the audit log; the same value again makes neither."""
        held = self.current(name)
        made = self.put(name, value)
        if made is not held:
            before = dict(held.value) if held else None
            Audit(self.work).record("change", "setting", name, before=before, after=dict(value))
        return made

    def versions(self, name: str, organization_id: str | None = None) -> list[OrganizationSetting]:
        """All versions of one setting, newest first."""
        return list(
            self.session.scalars(
                select(OrganizationSetting)
                .where(
                    OrganizationSetting.organization_id == self.target(organization_id),
                    OrganizationSetting.name == name,
                )
                .order_by(OrganizationSetting.version.desc())
            )
        )

    def holders(self, name: str) -> list[str]:
        """Ids of the organizations that have ever set it, among those the scope may read, in order."""
        return list(
            self.session.scalars(
                select(OrganizationSetting.organization_id)
                .where(OrganizationSetting.name == name, self.readable(OrganizationSetting.organization_id))
                .distinct()
                .order_by(OrganizationSetting.organization_id)
            )
        )
