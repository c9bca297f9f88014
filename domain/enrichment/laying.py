"""Whether an offered value takes the place of the one that is there, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from domain.survivorship import Record, Rules, Side, choices_of

SOURCE = "enrichment"
"""What enrichment is called in an organization's order of sources; where that does not name it, it comes last."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Whether the value is written, and the reason either way."""

    is_written: bool
    reason: str


def settled(
    overwrite: Literal["blanks", "own", "rules"], former: Any, offered: Any, *, own_since: datetime | None, at: datetime
) -> Laid | None:
    """The answer where it needs no rules; None where the organization's survivorship decides.

    `own_since`: when enrichment learned the value that is there; None where it is somebody else's word. `at`: when the
    offered one was learned, which is never laid over a newer one of our own.
    """
    if former in (None, "", []):
        return Laid(True, "was_empty")
    if former == offered:
        return Laid(False, "same")
    if overwrite == "blanks":
        return Laid(False, "was_known")
    if own_since is not None:
        return Laid(True, "newer") if at >= own_since else Laid(False, "older")
    return Laid(False, "set_by_others") if overwrite == "own" else None


def by_rules(record: Record, field: str, offered: Any, at: datetime, rules: Rules) -> Laid:
    """What the organization's survivorship says of one field. What somebody set by hand stays, whatever the rule."""
    if field in record.hand_set:
        return Laid(False, "by_hand")
    mine = replace(record, values={field: record.value(field)}, attributes={}, fields=(field,), keys=())
    theirs = replace(
        mine, record_id=SOURCE, values={field: offered}, source=SOURCE, known_at=at, updated_at=at, is_verified=False
    )
    (choice,) = choices_of(mine, theirs, rules)
    return Laid(choice.kept is Side.MERGED, choice.reason)
