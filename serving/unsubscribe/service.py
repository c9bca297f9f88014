"""Who chooses by a link, and what they choose: to leave, or to be left alone for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.errors import NotFound
from domain.outreach.preferences import Choice
from domain.outreach.unsubscribing import is_signed, parse_token
from domain.tenancy import Actor, SystemScope
from serving.sending.signalling import leave_campaign, stand_still, unsubscribe
from storage.ops.repositories.brands import Brands
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import MessageEvents, Outbox
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store, Work
from storage.ops.tables import Contact, Enrolment

LINK = "unsubscribe_link"
SCOPE, ACTOR = SystemScope("unsubscribe link"), Actor("contact", LINK)


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a page says: whose mail it is, and a hint of the address, which whoever forwarded the mail may not know."""

    token: str
    organization: str
    address_hint: str
    choice: Choice = Choice.EVERYTHING
    until: datetime | None = None
    """When a pause ends."""


def leaving(store: Store, token: str) -> Leaving:
    """Raises NotFound for a link that nobody was sent."""
    with store.read(SCOPE) as work:
        return _shown(work, token, _enrolment(work, token))


def choose(store: Store, token: str, choice: Choice) -> Leaving:
    """Holds from this commit on; once more changes nothing. Raises NotFound."""
    with store.write(SCOPE, ACTOR) as work:
        enrolment = _enrolment(work, token)
        until = work.now() + timedelta(days=choice.days) if choice.days else None
        source = f"{LINK}:{enrolment.enrolment_id}"
        if choice is Choice.EVERYTHING:
            leave_by(work, enrolment, LINK)
        elif choice is Choice.CAMPAIGN:
            campaign_id = Sequences(work).get(enrolment.sequence_id).campaign_id
            leave_campaign(work, enrolment, campaign_id, _addresses(work, enrolment), source)
            _note(work, enrolment, {"by": LINK, "of": "campaign"})
        elif until is not None:
            stand_still(work, enrolment, _addresses(work, enrolment), until, source)
        return replace(_shown(work, token, enrolment), choice=choice, until=until)


def leave_by(work: Work, enrolment: Enrolment, source: str) -> None:
    """Leaves at the contact's address, and at those that messages went to."""
    unsubscribe(work, enrolment, _addresses(work, enrolment), f"{source}:{enrolment.enrolment_id}")
    _note(work, enrolment, {"by": source})


def _addresses(work: Work, enrolment: Enrolment) -> set[str]:
    contact = work.session.get(Contact, enrolment.contact_id)
    messages = Outbox(work).of_enrolment(enrolment.enrolment_id)
    contents = Outbox(work).contents(messages, enrolment.organization_id)
    return {content.to for content in contents.values()} | ({contact.email} if contact and contact.email else set())


def _note(work: Work, enrolment: Enrolment, detail: Mapping[str, str]) -> None:
    """The last message of theirs is the one that made them leave."""
    messages = Outbox(work).of_enrolment(enrolment.enrolment_id)
    sent = [message for message in messages if message.status in {"sent", "unknown"}]
    if sent:
        last = sent[-1]
        event = {
            "outbox_message_id": last.outbox_message_id, "sequence_id": last.sequence_id, "step_id": last.step_id,
            "mailbox_id": last.mailbox_id, "contact_id": last.contact_id, "kind": "unsubscribed",
            "detail": dict(detail), "dedupe_key": f"unsubscribed:{enrolment.enrolment_id}", "occurred_at": work.now(),
        }  # fmt: skip
        MessageEvents(work).add_all([event], enrolment.organization_id)


def enrolment_of(work: Work, token: str) -> Enrolment | None:
    """Whose link it is (SystemScope); None for one that was not signed here, or whose person was forgotten."""
    parts = parse_token(token)
    if parts is None:
        return None
    organization_id, enrolment_id, signature = parts
    organization = Organizations(work).find(organization_id)
    if organization is None:
        return None
    if not is_signed(organization_id, enrolment_id, signature, Organizations(work).hash_key(organization_id)):
        return None
    found = Enrolments(work).load([enrolment_id], organization_id)
    return found[0] if found else None


def _enrolment(work: Work, token: str) -> Enrolment:
    found = enrolment_of(work, token)
    if found is None:
        raise NotFound("This link is not one of ours, or what it stood for is gone.")
    return found


def _shown(work: Work, token: str, enrolment: Enrolment) -> Leaving:
    contact = work.session.get(Contact, enrolment.contact_id)
    local, _, domain = (contact.email or "").partition("@") if contact else ("", "", "")
    hint = f"{local[:1]}…@{domain}" if domain else ""
    return Leaving(token, Brands(work).look_of(enrolment.organization_id).name, hint)
