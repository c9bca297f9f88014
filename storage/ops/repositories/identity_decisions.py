"""Who is whom: said by a person or a rule, never updated, only revoked. dbt derives identities from these rows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select

from domain.errors import InvalidInput, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.tables import Contact, IdentityDecision

NODE_KINDS = frozenset({"contact", "anonymous", "email", "company", "external", "linkedin"})
VERDICTS = frozenset({"same", "different"})
PERSON = "person"
"""The rule of a decision that a person made."""


class IdentityDecisions(Repository):
    def record(
        self,
        left_node: str,
        right_node: str,
        verdict: str,
        *,
        rule: str,
        evidence: Mapping[str, Any] | None = None,
        confidence: float = 1.0,
        organization_id: str | None = None,
    ) -> IdentityDecision:
        """Two nodes (`kind:value`) are the `same` or `different`; a standing decision of the pair by the same rule is
        revoked by a new one."""
        left, right = sorted((left_node, right_node))
        if verdict not in VERDICTS or left == right:
            raise InvalidInput("an identity decision needs two nodes, and `same` or `different`")
        for node in (left, right):
            kind, colon, value = node.partition(":")
            if kind not in NODE_KINDS or not colon or not value:
                raise InvalidInput(f"not a node of the identity graph: {node!r}")
        target = self.target(organization_id)
        for former in self._standing(target, left, right, rule):
            if former.verdict == verdict:
                return former
            former.revoked_at = self.work.now()
        made = IdentityDecision(
            organization_id=target,
            left_node=left,
            right_node=right,
            verdict=verdict,
            rule=rule,
            evidence=dict(evidence or {}),
            confidence=confidence,
            decided_by=self.work.actor.id or self.work.actor.kind,
            decided_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def decide(self, left_node: str, right_node: str, verdict: str) -> IdentityDecision:
        """What a person says of two nodes: it outranks every rule, and revokes what a person said of the pair before.
        Raises NotFound for a contact that is not here, InvalidInput for what is no node."""
        for node in (left_node, right_node):
            kind, _, contact_id = node.partition(":")
            if kind == "contact" and self.by_id(Contact, contact_id) is None:
                raise NotFound(f"There is no contact {contact_id!r} here.")
        return self.record(left_node, right_node, verdict, rule=PERSON)

    def stands(self, left_node: str, right_node: str, rule: str, organization_id: str | None = None) -> bool:
        """Whether this rule has said already that the two are the same."""
        left, right = sorted((left_node, right_node))
        known = self._standing(self.target(organization_id), left, right, rule)
        return any(one.verdict == "same" for one in known)

    def revoke(self, identity_decision_id: str) -> IdentityDecision:
        """Takes a decision back. Raises NotFound."""
        found = self.by_id(IdentityDecision, identity_decision_id)
        if found is None:
            raise NotFound
        self.writable(found.organization_id)
        found.revoked_at = found.revoked_at or self.work.now()
        self.session.flush()
        return found

    def of_node(self, node: str) -> list[IdentityDecision]:
        """Every decision about a node, revoked ones too, newest first."""
        return list(
            self.session.scalars(
                select(IdentityDecision)
                .where(
                    or_(IdentityDecision.left_node == node, IdentityDecision.right_node == node),
                    self.readable(IdentityDecision.organization_id),
                )
                .order_by(IdentityDecision.decided_at.desc(), IdentityDecision.identity_decision_id.desc())
            )
        )

    def _standing(self, organization_id: str, left: str, right: str, rule: str) -> list[IdentityDecision]:
        return list(
            self.session.scalars(
                select(IdentityDecision).where(
                    IdentityDecision.organization_id == organization_id,
                    IdentityDecision.left_node == left,
                    IdentityDecision.right_node == right,
                    IdentityDecision.rule == rule,
                    IdentityDecision.revoked_at.is_(None),
                )
            )
        )
