"""Whether a question can be asked of a list: a saved view must not fail when it is opened."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from domain.errors import InvalidInput
from domain.filters import parse_filters, parse_sort
from serving.crm.filtering import ContactFilters
from storage.ops.repositories import company_lists, deal_lists
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.store import Work

GRAMMAR = {
    "company": (company_lists.TYPES, sortable(company_lists.FIELDS), company_lists.NEWEST),
    "deal": (types_of(deal_lists.FIELDS), sortable(deal_lists.FIELDS), deal_lists.NEWEST),
}
"""Lists in the grammar of `domain.filters`: fields with their types, orders, and the order where none is asked for."""

Columns = Annotated[
    list[Annotated[str, Field(max_length=200)]],
    Field(default_factory=list, max_length=100, description="What the screen shows, by their labels."),
]
"""None is the screen's choice."""


class _Contacts(ContactFilters):
    model_config = ConfigDict(extra="forbid")

    columns: Columns


class _Grammar(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=200)
    filter: list[str] = Field([], max_length=20)
    sort: str = Field("", max_length=60)
    pipeline: str | None = Field(None, max_length=40)
    columns: Columns


def checked(work: Work, entity: str, question: Mapping[str, Any]) -> dict[str, Any]:
    """The question in its shortest form. Raises InvalidInput naming what the list does not know."""
    try:
        if entity == "contact":
            contacts = _Contacts.model_validate(dict(question))
            ContactLists(work).check(contacts.question(None))
            return contacts.model_dump(mode="json", exclude_defaults=True)
        asked = _Grammar.model_validate(dict(question))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"this list cannot be asked {place!r}: {first['msg']}") from error
    types, orders, default = GRAMMAR[entity]
    parse_filters(asked.filter, types)
    parse_sort(asked.sort, orders, default)
    return asked.model_dump(exclude_defaults=True)
