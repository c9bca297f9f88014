"""A filtered list as CSV, in the columns people see, streamed so that 100,000 lines need no memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from domain.tenancy import Scope
from serving.crm.presenters import display_name
from storage.ops.repositories.contact_lists import ContactLine, ContactLists
from storage.ops.repositories.contact_questions import ContactQuestion
from storage.ops.store import Store
from storage.ops.tables import AttributeDefinition

COLUMNS = (
    "contact_id", "name", "email", "external_id", "title", "company", "company_domain", "phone", "country",
    "lifecycle_stage", "score", "band", "grade", "top_reasons", "source", "created_at", "tags",
)  # fmt: skip
BATCH = 500
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
"""What a route that answers with lines says of itself."""


def csv_lines(store: Store, scope: Scope, question: ContactQuestion) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, which spreadsheets need; a header, then a line for each contact of the list."""
    with store.read(scope) as work:
        lists = ContactLists(work)
        definitions = lists.definitions()
        yield b"\xef\xbb\xbf" + _written([[*COLUMNS, *(definition.label for definition in definitions)]])
        waiting: list[list[str]] = []
        for line in lists.every(question):
            waiting.append(_cells(line, definitions))
            if len(waiting) == BATCH:
                yield _written(waiting)
                waiting = []
        yield _written(waiting)


def _cells(line: ContactLine, definitions: Sequence[AttributeDefinition]) -> list[str]:
    contact, company, score = line.contact, line.company, line.score
    reasons = "; ".join(str(reason.get("text", "")) for reason in (score.reasons or [])[:3]) if score else ""
    values = [
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
    return [_safe(value) for value in values]


def _safe(value: object) -> str:
    """Text that a spreadsheet will not run: a cell that would begin a formula gets an apostrophe before it."""
    text = "" if value is None else str(value)
    if text[:1] in {"=", "@", "\t", "\r"}:
        return f"'{text}"
    looks_like_number = text[1:].replace(".", "", 1).replace(" ", "").replace("-", "").isdigit()
    return f"'{text}" if text[:1] in {"+", "-"} and not looks_like_number else text


def _written(rows: Sequence[Sequence[str]]) -> bytes:
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows(rows)
    return target.getvalue().encode()
