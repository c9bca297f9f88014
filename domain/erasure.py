"""Forgetting a person: by what they are recognised in rows, files and events, and what is left of a line that held them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any, Self

SHORTEST_NEEDLE = 8
"""Anything shorter also stands in the words of others: it is compared whole, never searched for."""
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Traces:
    """Everything that leads to one person of one organization."""

    contact_id: str | None = None
    emails: frozenset[str] = frozenset()
    email_hashes: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    browsers: frozenset[str] = frozenset()
    """Anonymous ids of browsers that were nobody else's."""
    full_name: str = ""
    """Replaced where a record stays, never a reason for a row to go: names are shared."""

    @property
    def needles(self) -> tuple[str, ...]:
        """Lower-case texts that, found anywhere in a row, make it a row of this person."""
        said = {self.contact_id or "", *self.emails, *self.email_hashes, *self.phones, *self.browsers}
        return tuple(sorted(text.casefold() for text in said if len(text) >= SHORTEST_NEEDLE))

    @property
    def short_browsers(self) -> frozenset[str]:
        """Anonymous ids that are too short to be searched for in texts."""
        return frozenset(found for found in self.browsers if len(found) < SHORTEST_NEEDLE)

    def stand_in(self, text: str) -> bool:
        """Whether a text speaks of this person."""
        folded = text.casefold()
        return any(needle in folded for needle in self.needles)

    def cut_from(self, text: str) -> str:
        """The text of a record that stays, without the person."""
        for word in (*self.needles, self.full_name):
            if word:
                text = re.sub(re.escape(word), "[erased]", text, flags=re.IGNORECASE)
        return text

    def with_more(
        self, *, emails: Iterable[str] = (), email_hashes: Iterable[str] = (), browsers: Iterable[str] = ()
    ) -> Self:
        """The same person, known by more."""
        return replace(
            self,
            emails=self.emails | {text.casefold() for text in emails},
            email_hashes=self.email_hashes | set(email_hashes),
            browsers=self.browsers | set(browsers),
        )

    def to_json(self) -> dict[str, Any]:
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        sets = {name: frozenset(value) for name, value in stored.items() if isinstance(value, list)}
        return cls(contact_id=stored["contact_id"], full_name=stored["full_name"], **sets)


def blanked(text: str) -> str:
    """Letters become x and digits 0; marks stay, so that the rows of a file keep their shape and their numbers."""
    return _DIGIT.sub("0", _LETTER.sub("x", text))
