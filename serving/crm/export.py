"""A filtered list of contacts as CSV, in the columns people see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from serving.crm.presenters import display_name
from serving.exports import Rows
from storage.ops.repositories.contact_lists import ContactLine, ContactLists
from storage.ops.repositories.contact_questions import ContactQuestion
from storage.ops.store import Work
from storage.ops.tables import AttributeDefinition

COLUMNS = (
    "contact_id", "name", "email", "external_id", "title", "company", "company_domain", "phone", "country",
    "lifecycle_stage", "score", "band", "grade", "top_reasons", "source", "created_at", "tags",
)  # fmt: skip


def rows_of(question: ContactQuestion) -> Rows:
    """A line for each contact of the list, with its custom attributes by their labels."""

    def rows(work: Work) -> tuple[Sequence[str], Iterator[Sequence[object]]]:
        lists = ContactLists(work)
        definitions = lists.definitions()
        header = [*COLUMNS, *(definition.label for definition in definitions)]
        return header, (_cells(line, definitions) for line in lists.every(question))

    return rows


def _cells(line: ContactLine, definitions: Sequence[AttributeDefinition]) -> Sequence[object]:
    contact, company, score = line.contact, line.company, line.score
    reasons = "; ".join(str(reason.get("text", "")) for reason in (score.reasons or [])[:3]) if score else ""
    return [
        contact.contact_id,
        display_name(contact),
        contact.email,
        contact.external_id,
        contact.title,
        company.name if company else None,
        company.domain if company else None,
        contact.phone,
        contact.country,
        contact.lifecycle_stage,
        round(score.score) if score else None,
        score.band if score else None,
        score.grade if score else None,
        reasons,
        contact.source,
        contact.created_at.isoformat(),
        "; ".join(line.tags),
        *((contact.attributes or {}).get(definition.key) for definition in definitions),
    ]
