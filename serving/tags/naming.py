"""The tags that an edit of contacts or companies names."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import InvalidInput
from storage.ops.repositories.tags import Tags
from storage.ops.store import Work
from storage.ops.tables import Tag

TAGGING = frozenset({"add_tags", "remove_tags"})
"""The fields that hold names."""


def tags_of(work: Work, add: Sequence[str] | None, remove: Sequence[str] | None) -> dict[str, list[Tag]]:
    """Rows of the tags to add, made where they are not there yet, and of those to remove that there are, by field.
    Raises InvalidInput for a tag that is both."""
    tags = Tags(work)
    found = {"add_tags": tags.ensure(add or ()), "remove_tags": tags.named(remove or ())}
    if both := {tag.name for tag in found["add_tags"]} & {tag.name for tag in found["remove_tags"]}:
        raise InvalidInput(f"the tag {min(both)!r} is added and removed at once")
    return {name: rows for name, rows in found.items() if rows}
