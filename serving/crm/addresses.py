"""What follows when a contact has another address: its history stays its own, whoever asked to be left alone still is, and
what was written to the old one is written anew."""

from __future__ import annotations

from domain.contacts import EmailAddress
from domain.decisions import DecisionKind
from domain.outreach.soft_bounces import REASON as RESTING
from domain.tenancy import SystemScope
from serving.enrichment.intake import enrich_soon
from serving.identify.service import company_of
from serving.sending.signalling import HARD_BOUNCE
from storage.ops.repositories.consents import Suppressions
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import REPEATED, Outbox
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Work
from storage.ops.tables import Contact

FORMER = "former_address"
"""The rule of an identity decision: an address was this contact's before it was corrected. In the lake it holds as long as
no other contact has that address."""
OF_THE_ADDRESS = frozenset({HARD_BOUNCE, RESTING})
"""Reasons that say something of an address and nothing of its person: the new one is free of them."""
SCOPE = SystemScope("an agency's suppressions hold for its clients")


def follow(work: Work, contact: Contact, former: str | None) -> None:
    """After the address of a contact that is held was changed, in the same unit of work."""
    assert contact.email is not None
    if contact.company_id is None:
        contact.company_id = company_of(work, EmailAddress(contact.email), "")
    if former is not None:
        former_hash = EmailAddress(former).hashed(Organizations(work).hash_key(contact.organization_id))
        IdentityDecisions(work).record(f"email:{former_hash}", f"contact:{contact.contact_id}", "same", rule=FORMER)
        _leave_alone_likewise(work, contact, EmailAddress(former))
    _write_anew(work, contact)
    enrich_soon(work, contact.contact_id)


def _leave_alone_likewise(work: Work, contact: Contact, former: EmailAddress) -> None:
    """Who asked to be left alone did not ask as an address."""
    suppressions = Suppressions(work)
    held = suppressions.of_address(former)
    organization = Organizations(work).get(suppressions.target())
    if agency := organization.parent_organization_id:
        with work.store.read(SCOPE) as other:
            held += Suppressions(other).of_address(former, organization_id=agency)
    for found in held:
        if found.reason in OF_THE_ADDRESS:
            continue
        until = found.lifted_at
        suppressions.add(
            "email", str(contact.email), reason=found.reason, source=FORMER, contact_id=contact.contact_id,
            campaign_id=found.campaign_id, until=until,
        )  # fmt: skip
        Decisions(work).record(
            DecisionKind.SUPPRESS, "contact", contact.contact_id, "suppressed", found.reason,
            {"source": FORMER, "campaign_id": found.campaign_id, "until": until.isoformat() if until else ""},
        )  # fmt: skip


def _write_anew(work: Work, contact: Contact) -> None:
    """Messages that wait for their turn bear the old address: they go nowhere, and their step is tried again."""
    enrolments, outbox = Enrolments(work), Outbox(work)
    for one in enrolments.live_of([contact.contact_id]):
        waiting = [each for each in outbox.of_enrolment(one.enrolment_id) if each.status in {"queued", "retry"}]
        if not waiting or any(each.reply_class == REPEATED for each in waiting):
            continue  # one that may have left is never written a second time
        outbox.cancel_of([one.enrolment_id])
        one.attempt += 1
        if one.status == "active":
            one.next_at, one.reason = work.now(), FORMER
            Sequences(work).hasten([one.sequence_id], work.now())
    work.session.flush()
