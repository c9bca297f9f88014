"""How contacts are written down: names, addresses, telephone numbers; and the second records with an error in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.simulator.careers import Careers
from data.simulator.chance import Chance, Floats, Ints
from data.simulator.journeys import DAY_SECONDS, Visits
from data.simulator.parameters import WorldParameters
from data.simulator.population import Companies, People
from data.simulator.words import FIRST, LAST, NICKNAMES

ERRORS = ("typo", "nickname", "changed_domain", "swapped_names", "upper_case", "plus_address", "missing_fields")
TYPO, NICKNAME, CHANGED_DOMAIN, SWAPPED_NAMES, UPPER_CASE, PLUS_ADDRESS, MISSING_FIELDS = range(7)
_BY_FORM = (TYPO, NICKNAME, CHANGED_DOMAIN, SWAPPED_NAMES, PLUS_ADDRESS)
"""Errors of records with an address, which can come through the form."""


@dataclass(frozen=True, slots=True)
class Card:
    """A record of a person as somebody typed it; `email` may be None."""

    external_id: str
    first_name: str
    last_name: str
    email: str | None
    phone: str


@dataclass(frozen=True)
class Duplicates:
    """Second records of contacts."""

    contact: Ints
    """Row of Careers."""
    error: Ints
    """Row of ERRORS."""
    visit: Ints
    """Row of Visits whose form they came by; -1 by import."""
    known_at: Floats


def card_of(companies: Companies, people: People, person: int) -> Card:
    """A person's own record."""
    first, last = FIRST[people.first[person] % len(FIRST)], LAST[people.last[person] % len(LAST)]
    email = f"{first}.{last}{person}@{companies.domain(int(people.company[person]))}".lower()
    return Card(f"sim-{person:07d}", first, last, email, f"+999 20 {person:07d}")


def second_card(card: Card, error: int) -> Card:
    """The same person, written down with an error."""
    assert card.email is not None
    local, _, host = card.email.partition("@")
    first, last, email, phone = card.first_name, card.last_name, card.email, card.phone.replace(" ", "")
    match error:
        case 0:
            email = (
                f"{local[0]}{local[2]}{local[1]}{local[3:]}@{host}"
                if local[1] != local[2]
                else f"{local[0]}{local}@{host}"
            )
        case 1:
            first = NICKNAMES.get(first, f"{first[:3].rstrip('aeiou')}ie")
            email = f"{first.lower()}{local[local.index('.') :]}@{host}"
        case 2:
            email = f"{local}@mail.{host}"
        case 3:
            first, last = last, first
            digits = local.lstrip("abcdefghijklmnopqrstuvwxyz.")
            email = f"{first}.{last}{digits}@{host}".lower()
        case 4:
            first, last = first.upper(), last.upper()
        case 5:
            email = f"{local}+news@{host}"
        case _:
            last = f"{last[0]}."
    has_email = error not in {UPPER_CASE, MISSING_FIELDS}
    return Card(f"{card.external_id}-b", first, last, email if has_email else None, "" if error == TYPO else phone)


def draw_duplicates(
    chance: Chance, parameters: WorldParameters, people: People, careers: Careers, visits: Visits, sent_at: Floats
) -> Duplicates:
    """Who is in the CRM twice: through the form on a later visit where there is one, else by an import. `sent_at`: when
    the form of each visit would be sent."""
    rows = np.flatnonzero(
        np.isfinite(careers.lead_at) & chance.happens("duplicate", careers.person, parameters.duplicate_rate)
    )
    person, lead = careers.person[rows], careers.lead_at[rows]
    error = chance.below("error", person, len(ERRORS))
    last_visit = np.full(people.count, -1)
    last_visit[visits.person] = np.arange(len(visits.person))
    visit = last_visit[person]
    begins = np.append(visits.at, -np.inf)[visit]
    later = (begins > lead + 3600.0) & people.has_consent[person] & np.isin(error, _BY_FORM)
    imported = lead + DAY_SECONDS * (1 + chance.exponential("imported after", person, 6.0))
    known_at = np.where(later, np.append(sent_at, 0.0)[visit], imported)
    return Duplicates(rows, error, np.where(later, visit, -1), known_at)
