"""A form of a client, and the web that takes what is sent through it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from domain.forms import issue_token, parse_fields
from domain.tenancy import Scope
from serving.main import create_app
from storage.ops.repositories.forms import Forms
from storage.ops.repositories.organizations import Organizations
from tests.factories import SYSTEM, TESTER, make_organization

FIELDS = [
    {"key": "email", "label": "Work e-mail", "type": "email", "required": True, "maps_to": "email"},
    {"key": "first", "label": "First name", "maps_to": "first_name"},
    {"key": "firm", "label": "Company", "maps_to": "company"},
    {"key": "budget", "type": "select", "options": ["small", "large"], "maps_to": "attributes.budget"},
    {"key": "message", "type": "textarea"},
]
ANSWERS = {"email": "ada@northwind.example", "first": "Ada", "firm": "Northwind", "budget": "large", "message": "Hi"}
WORDS = "Yes, write to me about news."


@dataclass
class Desk:
    """The form, the web and shortcuts between them."""

    client: TestClient
    store: Any
    clock: Any
    organization_id: str
    form_id: str
    hash_key: bytes

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organization_id)

    def token(self, *, seconds_ago: float = 30) -> str:
        from datetime import timedelta

        return issue_token(self.hash_key, self.form_id, self.clock() - timedelta(seconds=seconds_ago))

    def send(self, submission_id: str = "submission-1", **changes: Any) -> Any:
        body = {
            "submission_id": submission_id,
            "answers": ANSWERS,
            "token": self.token(),
            "consent_given": True,
            "consent_version": "1",
            "anonymous_id": "browser-1",
            "consent": "full",
            "page_url": "https://www.example.com/contact?utm_source=news&email=ada%40northwind.example",
            **changes,
        }
        return self.client.post(f"/v1/forms/{self.form_id}/submissions", json=body)


@pytest.fixture
def desk(store, settings, clock) -> Iterator[Desk]:
    organization = make_organization(store)
    with store.write(Scope.of(organization.organization_id), TESTER) as work:
        fields = [one.as_dict() for one in parse_fields(FIELDS)]
        form = Forms(work).create("Request a proposal", fields=fields, consent_text=WORDS)
    with store.read(SYSTEM) as work:
        key = Organizations(work).hash_key(organization.organization_id)
    web = settings.web.model_copy(update={"role": "api"})
    app = create_app(settings.model_copy(update={"web": web}), store=store, clock=clock)
    with TestClient(app, follow_redirects=False) as client:
        yield Desk(client, store, clock, organization.organization_id, form.form_id, key)
