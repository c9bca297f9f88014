"""Providers of organizations, and the links from a person there to a person here."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from domain.tenancy import Role
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import IdentityLink, IdentityProvider, Organization


class IdentityProviders(Repository):
    """Set under the organization's scope; asked under SystemScope by whoever is about to sign in."""

    def of_organization(self) -> IdentityProvider | None:
        return self.session.scalars(
            select(IdentityProvider).where(IdentityProvider.organization_id == self.target())
        ).first()

    def put(
        self,
        *,
        name: str,
        issuer: str,
        client_id: str,
        secret: str | None,
        domains: Sequence[str] = (),
        default_role: Role | None = None,
        is_enabled: bool = True,
    ) -> IdentityProvider:
        """Sets the organization's provider. Without `secret` the one that is kept stays, as long as issuer and client
        are the same: a secret is never sent to another one."""
        target = self.target()
        found = self.of_organization()
        before = _shown(found) if found else None
        if found is None:
            found = IdentityProvider(organization_id=target, name=name, issuer=issuer, client_id=client_id)
            self.session.add(found)
        elif (found.issuer, found.client_id) != (issuer, client_id):
            found.sealed_secret = None
        found.name, found.issuer, found.client_id = name, issuer, client_id
        found.domains, found.default_role = list(domains), default_role.value if default_role else None
        found.is_enabled = is_enabled
        if secret is not None:
            found.sealed_secret = self.work.sealer.seal(secret.encode(), target, "identity_providers", "sealed_secret")
        found.updated_at = self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "change" if before else "create", "identity_provider", found.identity_provider_id,
            before=before, after=_shown(found) | {"is_secret_new": secret is not None},
        )  # fmt: skip
        return found

    def remove(self) -> bool:
        """Nobody signs in through it any more; links stay for the day it comes back. Answers whether there was one."""
        found = self.of_organization()
        if found is None:
            return False
        Audit(self.work).record("remove", "identity_provider", found.identity_provider_id, before=_shown(found))
        self.session.delete(found)
        self.session.flush()
        return True

    def secret_of(self, provider: IdentityProvider) -> str | None:
        if provider.sealed_secret is None:
            return None
        place = (provider.organization_id, "identity_providers", "sealed_secret")
        return self.work.sealer.open(provider.sealed_secret, *place).decode()

    def find_enabled(self, slug: str) -> tuple[IdentityProvider, Organization] | None:
        """The provider of an organization by its short name."""
        self.require_system()
        row = self.session.execute(
            select(IdentityProvider, Organization)
            .join(Organization, Organization.organization_id == IdentityProvider.organization_id)
            .where(Organization.slug == slug, IdentityProvider.is_enabled)
        ).first()
        return (row[0], row[1]) if row else None

    def find_only(self) -> tuple[IdentityProvider, Organization] | None:
        """The provider where the installation has one alone, as an agency's own does."""
        self.require_system()
        rows = self.session.execute(
            select(IdentityProvider, Organization)
            .join(Organization, Organization.organization_id == IdentityProvider.organization_id)
            .where(IdentityProvider.is_enabled)
            .order_by(IdentityProvider.identity_provider_id)
            .limit(2)
        ).all()
        return (rows[0][0], rows[0][1]) if len(rows) == 1 else None

    def count_enabled(self) -> int:
        self.require_system()
        asked = select(func.count()).select_from(IdentityProvider).where(IdentityProvider.is_enabled)
        return self.session.scalar(asked) or 0


class IdentityLinks(Repository):
    """Under SystemScope: made and read while somebody signs in."""

    def find(self, organization_id: str, issuer: str, subject: str) -> IdentityLink | None:
        self.require_system()
        return self.session.scalars(
            select(IdentityLink).where(
                IdentityLink.organization_id == organization_id,
                IdentityLink.issuer == issuer,
                IdentityLink.subject == subject,
            )
        ).first()

    def add(self, organization_id: str, issuer: str, subject: str, user_id: str) -> IdentityLink:
        self.require_system()
        now = self.work.now()
        made = IdentityLink(
            organization_id=organization_id, issuer=issuer, subject=subject, user_id=user_id,
            created_at=now, updated_at=now,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made


def _shown(provider: IdentityProvider) -> dict[str, object]:
    """What the audit log keeps: never the secret."""
    return {
        "name": provider.name,
        "issuer": provider.issuer,
        "client_id": provider.client_id,
        "domains": list(provider.domains or []),
        "default_role": provider.default_role,
        "is_enabled": provider.is_enabled,
    }
