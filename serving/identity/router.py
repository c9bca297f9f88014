"""/v1/identity: joins what is one person, splits what is not, and takes either back. Suppressions stay as they are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.identity.schemas import DecisionIn, DecisionOut
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.identity_decisions import IdentityDecisions

router = APIRouter(prefix="/v1/identity", tags=["identity"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.CONTACTS_READ)]
Decider = Annotated[Principal, may(Permission.IDENTITY_WRITE)]


@router.post("/decisions", status_code=201)
def create_identity_decision(body: DecisionIn, store: StoreDep, principal: Decider) -> DecisionOut:
    """Records that two nodes are the same person, or are not; the next build follows. What the same person decided of
    the pair before is revoked by it. 404 for a contact that is not here."""
    with store.write(principal.scope, principal.actor) as work:
        made = IdentityDecisions(work).decide(body.left_node, body.right_node, body.verdict)
        said = {"left_node": made.left_node, "right_node": made.right_node, "verdict": made.verdict}
        Audit(work).record("decide", "identity_decision", made.identity_decision_id, after=said)
        return DecisionOut.model_validate(made, from_attributes=True)


@router.get("/decisions")
def list_identity_decisions(
    store: StoreDep,
    principal: Reader,
    node: Annotated[str, Query(max_length=120, description="Every decision about this node, revoked ones too.")],
) -> list[DecisionOut]:
    """Newest first."""
    with store.read(principal.scope) as work:
        return [DecisionOut.model_validate(one, from_attributes=True) for one in IdentityDecisions(work).of_node(node)]


@router.post("/decisions/{identity_decision_id}/revoke")
def revoke_identity_decision(identity_decision_id: str, store: StoreDep, principal: Decider) -> DecisionOut:
    """Takes a decision back, whoever made it: the edge is gone from the next build on."""
    with store.write(principal.scope, principal.actor) as work:
        revoked = IdentityDecisions(work).revoke(identity_decision_id)
        Audit(work).record("revoke", "identity_decision", identity_decision_id)
        return DecisionOut.model_validate(revoked, from_attributes=True)
