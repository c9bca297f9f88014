"""The same edit of many records: written in parts, so that nobody waits long for the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from serving.access.principals import Principal
from serving.tags.naming import tags_of
from storage.ops import requests
from storage.ops.store import Store, Work
from storage.ops.tables import Tag

Outcome = TypeVar("Outcome", bound=str)
Write = Callable[[Work, Sequence[str], bool], Mapping[str, Outcome]]
"""`write(work, part, is_last)`: what becomes of each of a part."""


class Tagging(Protocol):
    """What an edit says of tags."""

    add_tags: list[str] | None
    remove_tags: list[str] | None


def tags_made(store: Store, principal: Principal, sent: Tagging) -> dict[str, list[Tag]]:
    """The tags that an edit names, made before its first part where they are not there yet; `serving.tags.naming.tags_of`."""
    if not (sent.add_tags or sent.remove_tags):
        return {}
    with requests.in_part(is_last=False), store.write(principal.scope, principal.actor) as work:
        return tags_of(work, sent.add_tags, sent.remove_tags)


def in_parts(
    store: Store,
    principal: Principal,
    ids: Sequence[str],
    size: int,
    write: Write[Outcome],
) -> dict[str, Outcome]:
    """The outcome for each id, in the order they were sent. `write(work, part, is_last)` has a unit of work to itself.

    Where it breaks off, what is written stays, and the same request again writes the rest.
    """
    wanted = list(dict.fromkeys(ids))
    outcomes: dict[str, Outcome] = {}
    for begin in range(0, len(wanted), size):
        part, is_last = wanted[begin : begin + size], begin + size >= len(wanted)
        store.give_way()
        with requests.in_part(is_last=is_last), store.write(principal.scope, principal.actor) as work:
            found = write(work, part, is_last)
        outcomes |= {each: found[each] for each in part}
    return outcomes
