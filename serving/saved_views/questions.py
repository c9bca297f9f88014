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
    "company": (company_lists.FIELDS, company_lists.NEWEST),
    "deal": (deal_lists.FIELDS, deal_lists.NEWEST),
}
"""Lists in the grammar of `domain.filters`."""


class _Contacts(ContactFilters):
    model_config = ConfigDict(extra="forbid")

    columns: list[Annotated[str, Field(max_length=200)]] = Field([], max_length=100)
    """Which columns the screen shows, by their labels; none is the screen's choice."""


class _Grammar(BaseModel):
    model_config = ConfigDict(extra="forbid")

    q: str = Field("", max_length=200)
    filter: list[str] = Field([], max_length=20)
    sort: str = Field("", max_length=60)
    pipeline: str | None = Field(None, max_length=40)


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
    fields, default = GRAMMAR[entity]
    parse_filters(asked.filter, types_of(fields))
    parse_sort(asked.sort, sortable(fields), default)
    return asked.model_dump(exclude_defaults=True)
