"""What belongs to a contact and goes with it, when two contacts become one and when they are two again."""

from __future__ import annotations

from typing import ClassVar

from storage.ops.repositories.merged_values import Children, by_table
from storage.ops.tables import (
    Activity,
    BuyingSignal,
    Consent,
    Contact,
    Deal,
    EnrichmentCall,
    EnrichmentValue,
    Enrolment,
    FormSubmission,
    InboundMessage,
    LifecycleChange,
    MessageEvent,
    MessageHit,
    Notification,
    OutboxMessage,
    RevenueEntry,
    ServiceClock,
    Suppression,
    Task,
)

OWNERS = by_table(
    Activity.contact_id, Consent.contact_id, Deal.contact_id, FormSubmission.contact_id, LifecycleChange.contact_id,
    Notification.contact_id, RevenueEntry.contact_id, ServiceClock.contact_id, Suppression.contact_id, Task.contact_id,
    Enrolment.contact_id, OutboxMessage.contact_id, MessageEvent.contact_id, MessageHit.contact_id,
    InboundMessage.contact_id, EnrichmentCall.contact_id, EnrichmentValue.contact_id, BuyingSignal.contact_id,
    Contact.merged_into_id,
)  # fmt: skip
"""A record merged earlier follows too, so that every old id leads to the survivor in one step."""
STAYING = frozenset(
    {
        "scores", "contact_feature_snapshots", "erasures", "contact_words", "contact_values", "contact_tags",
        "enrichment_rows", "enrichment_answers",
    }
)  # fmt: skip
"""Derived anew for whoever is left, about the one record alone, or given to the survivor as well (tags)."""
BEGAN = by_table(
    Activity.known_at, Consent.occurred_at, Deal.created_at, FormSubmission.submitted_at, LifecycleChange.known_at,
    Notification.created_at, RevenueEntry.created_at, ServiceClock.created_at, Suppression.created_at, Task.created_at,
    Enrolment.created_at, OutboxMessage.created_at, MessageEvent.occurred_at, MessageHit.occurred_at,
    InboundMessage.created_at, EnrichmentCall.asked_at, EnrichmentValue.written_at,
    BuyingSignal.created_at,
)  # fmt: skip


class ContactChildren(Children):
    OWNERS: ClassVar = OWNERS
    BEGAN: ClassVar = BEGAN

    def suppress_alike(self, one: Contact, other: Contact, source: str) -> list[str]:
        """Whoever is left alone at one address or telephone is left alone at the other's too; answers new rows' ids."""
        both = (one, other)
        return self.suppress_both(
            {
                "email": [(contact.email, contact.contact_id) for contact in both],
                "phone": [(contact.phone, contact.contact_id) for contact in both],
            },
            source,
        )
