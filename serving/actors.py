"""Who did something, by name: people and programs as others know them."""

from __future__ import annotations

from collections.abc import Iterable

from domain.tenancy import SystemScope
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.users import Users
from storage.ops.store import Work

_PEOPLE = SystemScope("names of people")


def names_of(work: Work, actors: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Names by id, of people and keys among (kind, id) of actors that the scope has met. What none of them is, is not
    read."""
    met = set(actors)
    names: dict[str, str] = {}
    if people := {actor_id for kind, actor_id in met if kind == "user"}:
        with work.store.read(_PEOPLE) as login:
            names |= {user.user_id: user.name or user.email for user in Users(login).of_ids(people)}
    if any(kind == "api_key" for kind, _ in met):
        names |= {key.api_key_id: key.name for key in ApiKeys(work).all()}
    return names
