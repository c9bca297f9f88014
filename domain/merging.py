"""What is told about a person, and how it is laid over what is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from domain.contacts import EmailAddress
from domain.errors import InvalidInput

TEXT_FIELDS = ("first_name", "last_name", "title", "phone")
"""Fields of a person that are text, empty where unknown."""
FIELDS = (*TEXT_FIELDS, "country", "company_id", "owner_user_id")
MAX_LENGTH = {"first_name": 200, "last_name": 200, "title": 200, "phone": 40, "country": 2}


class MergePolicy(StrEnum):
    """How new facts meet old ones. Who may overwrite: the person by a form or a signed identify, an import that says
    so, a program with the secret key, an operator. Anyone else fills blanks only."""

    FILL_BLANKS = "fill_blanks"
    OVERWRITE = "overwrite"


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """Facts about one person, as told by one source at one time; empty means not told, never "erase it"."""

    email: EmailAddress | None = None
    external_id: str | None = None
    first_name: str = ""
    last_name: str = ""
    title: str = ""
    phone: str = ""
    country: str | None = None
    company_id: str | None = None
    owner_user_id: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, longest in MAX_LENGTH.items():
            if len(getattr(self, name) or "") > longest:
                raise InvalidInput(f"{name} is longer than {longest} characters")

    @property
    def values(self) -> dict[str, Any]:
        """The told fields by name, without e-mail, external id and attributes."""
        return {name: getattr(self, name) for name in FIELDS if getattr(self, name)}


def merged(
    known: Mapping[str, Any], told: ContactFacts, policy: MergePolicy
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """What changes when `told` is laid over `known` (fields by name, and `attributes`): the changed fields, and the
    whole of the attributes if one of them changed, else None.

    An e-mail address or external id is only ever added, never replaced: they say who somebody is.
    """
    overwrite = policy is MergePolicy.OVERWRITE
    fields = {
        name: value
        for name, value in told.values.items()
        if value != known.get(name) and (overwrite or not known.get(name))
    }
    if told.email and not known.get("email"):
        fields["email"] = told.email.value
    if told.external_id and not known.get("external_id"):
        fields["external_id"] = told.external_id
    attributes = dict(known.get("attributes") or {})
    news = {
        key: value
        for key, value in told.attributes.items()
        if value not in (None, "") and value != attributes.get(key) and (overwrite or attributes.get(key) in (None, ""))
    }
    return fields, {**attributes, **news} if news else None
