"""An identify call, direct or out of a batch of events: checked, turned into a claim, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.consent import ConsentGrant, may_link, may_speak_for
from domain.decisions import DecisionKind
from domain.errors import NotAllowed
from domain.events import ConsentLevel
from domain.forms import Told
from domain.page_urls import clean_url
from domain.tenancy import Actor, Scope
from domain.traits import read_traits
from serving.identify.service import RULE_VERSION, LeadClaim, Recorded, Source, record_lead
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store


class WrongUserHash(NotAllowed):
    """The user_hash does not belong to this address."""

    code = "wrong_user_hash"
    hint = "Sign the address in lower case with HMAC-SHA256 under the organization's key, on your server."


@dataclass(frozen=True, slots=True)
class Call:
    """What was said, as it came in."""

    traits: Mapping[str, Any]
    occurred_at: datetime
    anonymous_id: str | None = None
    user_hash: str | None = None
    is_vouched: bool = False
    """By a secret key: no hash is needed."""
    level: ConsentLevel = ConsentLevel.FULL
    grants: tuple[ConsentGrant, ...] = ()
    event_id: str | None = None
    page_url: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it, and what was left aside."""

    recorded: Recorded
    is_signed: bool
    ignored: tuple[str, ...]


def identify(store: Store, scope: Scope, actor: Actor, call: Call) -> Answer:
    """Raises InvalidInput for traits that name nobody and WrongUserHash for a hash that is not the address's own; a
    refusal for its hash is written into the ledger."""
    told = read_traits(call.traits)
    is_signed = call.is_vouched or _is_signed(store, scope, actor, call, told)
    source = Source.SIGNED if is_signed else Source.UNSIGNED
    link = may_link(call.level)
    evidence = {
        name: value for name, value in (("event_id", call.event_id), ("page_url", clean_url(call.page_url))) if value
    }
    claim = LeadClaim(
        source=source,
        facts=told.facts,
        company_name=told.company_name,
        occurred_at=call.occurred_at,
        anonymous_id=call.anonymous_id if link.allowed else None,
        consents=call.grants,
        evidence=evidence,
    )
    with store.write(scope, actor) as work:
        recorded = record_lead(work, claim)
    ignored = []
    if call.grants and not source.records_consent:
        ignored.append("consents")
    if call.anonymous_id and not link.allowed:
        ignored.append("link")
    return Answer(recorded, is_signed, tuple(ignored))


def _is_signed(store: Store, scope: Scope, actor: Actor, call: Call, told: Told) -> bool:
    if not call.user_hash or told.facts.email is None:
        return False
    with store.read(scope) as work:
        key = Organizations(work).hash_key(scope.organization_id)
    verdict = may_speak_for(told.facts.email, call.user_hash, key)
    if verdict.allowed:
        return True
    with store.write(scope, actor) as work:
        subject = told.facts.email.hashed(key)
        Decisions(work).record(DecisionKind.REJECT, "email_hash", subject, "refused", verdict.reason, {}, RULE_VERSION)
    raise WrongUserHash
