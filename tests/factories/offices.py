"""An organization with people who sell: its rules, its leads, and what became of them, for tests of routing and service
levels."""

from __future__ import annotations

from itertools import count
from typing import Any

from fastapi.testclient import TestClient

from domain.contacts import EmailAddress
from domain.merging import ContactFacts
from domain.tenancy import Actor, Scope
from serving.identify.service import LeadClaim, Source, record_lead
from storage.ops.repositories.notifications import Notifications
from storage.ops.store import Store
from storage.ops.tables import Contact, Notification
from tests.factories import TESTER, make_user


class Office:
    """`ada` and `bob` sell; `boss` gets what nobody else does. `api` acts as an admin."""

    def __init__(self, store: Store, organization_id: str, api: TestClient) -> None:
        self.store, self.organization_id, self.api = store, organization_id, api
        self.scope = Scope.of(organization_id)
        self.ada, self.bob, self.boss = (
            make_user(store, organization_id, name=name).user_id for name in ("Ada", "Bob", "Boss")
        )
        self._numbers = count(1)

    def put_routing(self, *rules: dict[str, Any]) -> dict[str, Any]:
        """Rules in order; without any, one pool of ada and bob."""
        pool = {"name": "pool", "people": {self.ada: 2, self.bob: 1}}
        body = {"rules": list(rules) or [pool], "fallback_user_id": self.boss}
        answer = self.api.put("/v1/routing", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def put_policies(self, *policies: dict[str, Any]) -> None:
        answer = self.api.put("/v1/service-levels", json={"policies": list(policies)})
        assert answer.status_code == 200, answer.text

    def lead(self, source: Source = Source.FORM, **facts: Any) -> str:
        """Somebody sends a form; answers their contact id."""
        number = next(self._numbers)
        address = EmailAddress.parse(f"lead{number}@prospect{number}.example")
        with self.store.write(self.scope, Actor.system("form:test")) as work:
            claim = LeadClaim(source, ContactFacts(email=address, **facts), occurred_at=work.now())
            return record_lead(work, claim).contact_id

    def contact(self, contact_id: str) -> Contact:
        with self.store.read(self.scope) as work:
            found = work.session.get(Contact, contact_id)
            assert found is not None
            return found

    def owner(self, contact_id: str) -> str | None:
        return self.contact(contact_id).owner_user_id

    def told(self, user_id: str) -> list[Notification]:
        """What somebody was told, oldest first."""
        with self.store.read(self.scope) as work:
            return Notifications(work).of(user_id)[::-1]

    def writing(self) -> Any:
        return self.store.write(self.scope, TESTER)
