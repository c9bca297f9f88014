"""Whether mail to a contact's address would arrive (`domain.verification`). What is not known is not told, so that the next
provider of the chain is asked; DNS that is silent is asked again."""

from __future__ import annotations

from dataclasses import asdict

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from domain.verification import EmailStatus
from serving.enrichment.base import Asking, Provider, always

VERIFY = Operation(
    "verify",
    Subject.CONTACT,
    frozenset({"email_status", "email_reason", "email_verified"}),
    (("email",),),
    charges="never",
)


def fetch(asking: Asking) -> Answer:
    if asking.verify is None:
        return Answer(Outcome.INVALID, problem="addresses cannot be verified here")
    verdict = asking.verify(asking.question["email"])
    raw = asdict(verdict)
    if verdict.status is EmailStatus.UNKNOWN:
        outcome = Outcome.AWAY if verdict.reason == "dns_silent" else Outcome.NOT_FOUND
        return Answer(outcome, raw=raw, problem=verdict.reason, is_about_question=True)
    told = {"email_status": verdict.status.value, "email_reason": verdict.reason, "email_verified": verdict.address}
    return found(told, raw)


PROVIDER = Provider(
    name="verification",
    title="E-mail verification",
    about="Whether mail would arrive: syntax, the domain's mail servers, throw-away, mistyped and office addresses; the mailbox "
    "itself where the operator allows mail servers to be asked. What is not known is never called invalid.",
    operations=always(VERIFY),
    fetch=fetch,
    per_minute=6_000,
    concurrent=8,
)
