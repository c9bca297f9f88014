"""How well a build recovered the truth of a simulated world: who is whom, and what is a machine.

**Pairs of identifiers.** Two identifiers of one person in the truth (browsers, hashes of addresses, external ids, contact
ids) are a pair to be found, if both can be known: a browser in which its person never said who they are is left out, and
so is one that several people share, for it belongs to none of them. Precision is the share of pairs in one component that
are a pair of the truth, recall the share of the truth's pairs that are in one component.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tests.simulated import SimulatedWorld

NODES = {"anonymous_id": "anonymous", "email_hash": "email", "external_id": "external", "contact_id": "contact"}


@dataclass(frozen=True, slots=True)
class Found:
    """`missed` and `wrong` count what lowers recall and precision."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)


def identity_of(world: SimulatedWorld) -> Found:
    """Over pairs of identifiers that can be known."""
    persons = {
        (row["organization_id"], row["node"]): row["person_id"]
        for row in world.rows("select * from lake.intermediate.identity_components")
    }
    told, made, both = Counter[object](), Counter[object](), Counter[object]()
    for row in world.truth["identifiers"].to_pylist():
        if row["kind"] not in NODES or row["is_shared"] or not row["is_identified"]:
            continue
        organization = world.organizations[row["organization"]]
        node = f"{NODES[row['kind']]}:{row['value']}"
        person = organization, persons.get((organization, node), node)
        truth = organization, row["person_key"]
        told[truth] += 1
        made[person] += 1
        both[truth, person] += 1
    right = _pairs(both.values())
    return Found(right, _pairs(made.values()) - right, _pairs(told.values()) - right)


def machines_among(said: Mapping[tuple[str, str], bool], truth: Mapping[tuple[str, str], bool]) -> Found:
    """Over events, by (organization id, event id): `said` to be machines, and what they are."""
    right = sum(said[key] and is_machine for key, is_machine in truth.items())
    wrong = sum(said[key] and not is_machine for key, is_machine in truth.items())
    return Found(right, wrong, sum(truth.values()) - right)


def website_machines(world: SimulatedWorld) -> tuple[Found, Found]:
    """The first look at website events, and hindsight."""
    truth = {
        (world.organizations[row["organization"]], row["event_id"]): row["is_bot"]
        for row in world.truth["traffic"].to_pylist()
    }
    rows = world.rows(
        "select organization_id, event_id, timed.is_bot as at_first, sessions.is_bot as with_hindsight "
        "from lake.intermediate.int_events_timed as timed "
        "join lake.intermediate.int_events_sessionized as sessionized using (organization_id, event_id) "
        "join lake.intermediate.int_sessions_judged as sessions using (organization_id, session_id)"
    )
    return _looks(rows, "event_id", truth)


def mail_machines(world: SimulatedWorld) -> tuple[Found, Found]:
    """The first look at opens and clicks, and hindsight."""
    truth = {
        (world.organizations[row["organization"]], row["event_id"]): row["is_machine"]
        for row in world.truth["email_events"].to_pylist()
        if row["type"] in {"opened", "clicked"}
    }
    rows = world.rows(
        "select organization_id, email_event_id, is_machine_at_first as at_first, is_machine as with_hindsight "
        "from lake.intermediate.int_email_events_resolved"
    )
    return _looks(rows, "email_event_id", truth)


def _looks(rows: list[dict[str, object]], key: str, truth: Mapping[tuple[str, str], bool]) -> tuple[Found, Found]:
    looks = (
        {(str(row["organization_id"]), str(row[key])): bool(row[look]) for row in rows}
        for look in ("at_first", "with_hindsight")
    )
    first, hindsight = (machines_among(said, truth) for said in looks)
    return first, hindsight


def _pairs(counts: Iterable[int]) -> int:
    return sum(count * (count - 1) // 2 for count in counts)
