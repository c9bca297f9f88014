"""A message in doubt of which it becomes known that it left."""

from __future__ import annotations

from domain.outreach.retries import Phase, Reply
from serving.sending.settling import Carried, settle
from storage.ops.repositories.outbox import Outbox
from storage.ops.store import Work
from storage.ops.tables import OutboxMessage

BELIEVED = Reply(250, "somebody says that it left", Phase.DATA)
REPORTED = Reply(250, "the provider reported of it", Phase.DATA)


def believe_sent(work: Work, message: OutboxMessage, because: Reply) -> None:
    """Its person goes on behind it. Under SystemScope; nothing happens where it is not in doubt."""
    contents = Outbox(work).contents([message], message.organization_id)
    content = contents.get(message.outbox_message_id)
    if content is None:  # it was forgotten
        return
    carried = Carried(
        outbox_message_id=message.outbox_message_id, organization_id=message.organization_id,
        enrolment_id=message.enrolment_id, sequence_id=message.sequence_id, step_id=message.step_id,
        mailbox_id=message.mailbox_id, contact_id=message.contact_id, recipient=content.to, subject=content.subject,
        tries=message.tries, first_tried_at=message.first_tried_at or message.decided_at, outcome=because,
    )  # fmt: skip
    settle(work, [carried])
