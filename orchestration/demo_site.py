"""Gives the demo's client a form and a website: what `/demo-site/` shows."""

from __future__ import annotations

from typing import Any

from domain.forms import parse_fields
from domain.tenancy import Actor, Scope
from storage.ops.repositories.forms import Forms
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Store

SETTING = "demo_site"
ACTOR = Actor.system("demo")
FIELDS: list[dict[str, Any]] = [
    {"key": "email", "label": "E-mail at work", "type": "email", "required": True, "maps_to": "email"},
    {"key": "first_name", "label": "First name", "required": True, "maps_to": "first_name"},
    {"key": "last_name", "label": "Last name", "maps_to": "last_name"},
    {"key": "company", "label": "Company", "maps_to": "company"},
    {
        "key": "budget",
        "label": "Monthly budget",
        "type": "select",
        "options": ["under €2,000", "€2,000 to €5,000", "over €5,000", "not sure yet"],
        "maps_to": "attributes.budget",
    },
    {"key": "message", "label": "What are you after?", "type": "textarea", "max_length": 2000},
]
CONSENT = "Write to me about your work now and then. I can leave at any time with one click."


def open_demo_site(store: Store, scope: Scope) -> str:
    """Makes the form and remembers it, once; answers the form's id."""
    with store.write(scope, ACTOR) as work:
        settings = OrganizationSettings(work)
        found = settings.current(SETTING)
        if found is not None:
            return str(found.value["form_id"])
        form = Forms(work).create(
            "Request a proposal",
            fields=[field.as_dict() for field in parse_fields(FIELDS)],
            consent_text=CONSENT,
            settings={"submit_label": "Request a proposal", "thank_you": "Thank you! You will hear from us tomorrow."},
        )
        settings.put(SETTING, {"form_id": form.form_id})
        return form.form_id
