"""Which clients of an agency give counts to one another and start from them: switched with a reason, audited."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select

from domain.decisions import DecisionKind
from domain.errors import Conflict, InvalidInput
from domain.priors.chances import ClientPrior
from domain.priors.switches import OFF, SETTING, SUBJECT, Switches, read_switches
from domain.tenancy import OrganizationKind
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Organization, OrganizationSetting, ScorePrior


@dataclass(frozen=True, slots=True)
class Held:
    """How a client's switches stand, and since when; None where nobody ever turned one."""

    organization: Organization
    switches: Switches
    since: datetime | None


@dataclass(frozen=True, slots=True)
class KeptPrior:
    """What a client's scores start from, and when it was made."""

    prior: ClientPrior
    built_at: datetime


class SharedLearning(Repository):
    def held(self, organization_id: str | None = None) -> Held:
        """Of the scope's organization, or of one that it may read. Raises NotFound."""
        wanted = self.target() if organization_id is None else organization_id
        organization = Organizations(self.work).get(wanted)
        newest = self.session.scalars(
            select(OrganizationSetting)
            .where(OrganizationSetting.organization_id == wanted, OrganizationSetting.name == SETTING)
            .order_by(OrganizationSetting.version.desc())
            .limit(1)
        ).first()
        return (
            Held(organization, read_switches(newest.value), newest.valid_from)
            if newest
            else Held(organization, OFF, None)
        )

    def switch(self, *, gives: bool, uses: bool, by: str, reason: str) -> Held:
        """Turns a client's switches. For its own scores at once where it no longer uses; for the others with the next build.

        Raises InvalidInput without a reason, Conflict for an agency: it has no clients like itself.
        """
        before = self.held()
        if before.organization.kind != OrganizationKind.CLIENT:
            raise Conflict("only clients of an agency share counts", hint="Choose a client, and switch it there.")
        if not reason.strip():
            raise InvalidInput("sharing counts needs a reason", hint="For example: agreed in the contract of 3 March.")
        wanted = Switches(gives, uses, by, reason.strip())
        OrganizationSettings(self.work).put(SETTING, wanted.as_dict())
        Audit(self.work).record(
            "shared_learning.switched", SUBJECT, before.organization.organization_id,
            before=before.switches.as_dict(), after=wanted.as_dict(),
        )  # fmt: skip
        Decisions(self.work).record(
            DecisionKind.PRIOR, SUBJECT, before.organization.organization_id, "switched", "by_hand",
            {"gives": gives, "uses": uses, "note": wanted.reason}, is_act=True,
        )  # fmt: skip
        if not uses:
            self.keep_prior(None, self.work.now())
        return self.held()

    def prior(self) -> KeptPrior | None:
        """What the worker scores new leads from; None where nothing is."""
        kept = self.session.get(ScorePrior, self.target())
        prior = ClientPrior.of(kept.prior) if kept else None
        return KeptPrior(prior, kept.built_at) if kept and prior else None

    def keep_prior(self, prior: ClientPrior | None, built_at: datetime) -> None:
        """Writes back what a build made over what was there: no former version stays."""
        target = self.target()
        self.session.execute(delete(ScorePrior).where(ScorePrior.organization_id == target))
        if prior is not None:
            self.session.add(ScorePrior(organization_id=target, prior=prior.as_dict(), built_at=built_at))
            self.session.flush()

    def clients(self) -> list[Held]:
        """Every client that the scope may read, by name."""
        return [
            self.held(one.organization_id)
            for one in Organizations(self.work).all()
            if one.kind == OrganizationKind.CLIENT
        ]

    def families(self) -> dict[str, dict[str, Switches]]:
        """By agency and client, where anybody ever turned a switch (SystemScope)."""
        self.require_system()
        found: dict[str, dict[str, Switches]] = {}
        for client in OrganizationSettings(self.work).holders(SETTING):
            held = self.held(client)
            agency = held.organization.parent_organization_id
            if agency is not None:
                found.setdefault(agency, {})[client] = held.switches
        return found

    def last_turned_at(self) -> datetime | None:
        """When anybody last turned a switch (SystemScope)."""
        self.require_system()
        return self.session.scalar(
            select(func.max(OrganizationSetting.valid_from)).where(OrganizationSetting.name == SETTING)
        )
