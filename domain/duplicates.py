"""Two records that may be one: proposed by a model, decided by people, remembered by what the two said then."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

PROPOSE_AT = 0.5
"""A pair is shown to people from this probability on."""
LEAST_FOR_MANY = 0.9
"""Nobody accepts many pairs at once below this probability."""
KEPT_PAIRS = 20_000
"""Proposals that an organization's queue holds, the surest first."""


class RecordKind(StrEnum):
    """What is proposed twice."""

    CONTACT = "contact"
    COMPANY = "company"


class ProposalStatus(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    MERGED = "merged"
    DISMISSED = "dismissed"
    """Somebody said that they are two; so it stays until one of the two says something else."""
    GONE = "gone"
    """One of the two changed, was merged elsewhere or deleted, and they look like one no more."""


COMPARED: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.CONTACT: ("email", "first_name", "last_name", "phone", "company_id"),
    RecordKind.COMPANY: ("name", "domain", "country"),
}
"""Fields whose change makes a decided pair a new question."""

COMPARISON_WORDS = {
    "name": "Name", "email": "E-mail", "phone": "Phone", "profile": "LinkedIn", "company": "Company",
    "domain": "Website", "country": "Country", "industry": "Industry",
}  # fmt: skip
LEVEL_WORDS: Mapping[tuple[str, str], str] = {
    ("name", "same"): "the same name",
    ("name", "short_form"): "the same name, one of them short",
    ("name", "swapped"): "the same names in the other order",
    ("name", "initial"): "one name is the other's initial",
    ("name", "similar"): "names that differ by a letter or two",
    ("name", "family_alone"): "the same family name, and one given name is not known",
    ("name", "family"): "the same family name, another given name",
    ("name", "given"): "the same given name, another family name",
    ("name", "differs"): "different names",
    ("name", "joined"): "the same name, written together or apart",
    ("name", "begins"): "one name begins the other",
    ("name", "first_word"): "names that begin with the same word",
    ("email", "same_mailbox"): "addresses of one mailbox",
    ("email", "spells_name"): "addresses that spell the name, which says the same again",
    ("email", "same_local"): "the same address at another domain",
    ("email", "similar"): "addresses that differ by a letter or two",
    ("email", "differs"): "different addresses",
    ("phone", "same_office"): "the same number at the same company",
    ("phone", "same"): "the same number",
    ("phone", "same_end"): "numbers that end alike",
    ("phone", "differs"): "different numbers",
    ("profile", "same"): "the same profile",
    ("profile", "differs"): "different profiles",
    ("company", "same"): "the same company",
    ("company", "same_domain"): "addresses at one company",
    ("company", "differs"): "different companies",
    ("domain", "same"): "the same domain",
    ("domain", "same_label"): "the same domain with another ending",
    ("domain", "similar"): "domains that differ by a letter or two",
    ("domain", "differs"): "different domains",
    ("country", "same"): "the same country",
    ("country", "differs"): "different countries",
    ("industry", "same"): "the same industry",
    ("industry", "differs"): "different industries",
}
OWN_WORDS = {"same": "the same", "similar": "alike but for a letter", "differs": "different"}
"""Of an organization's own attributes, which are compared too where they tell records apart."""


def fingerprint_of(kind: RecordKind, one: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What the two said in the fields that are compared; the order of the two does not matter."""
    said = [
        json.dumps([record.get(name) or None for name in COMPARED[kind]], sort_keys=True, default=str)
        for record in (one, other)
    ]
    return hashlib.sha256("\n".join(sorted(said)).encode()).hexdigest()


def evidence_words(comparison: str, level: str) -> str:
    """`Phone: the same number`."""
    if comparison.startswith("attributes."):
        name = comparison.removeprefix("attributes.").replace("_", " ").capitalize()
        return f"{name}: {OWN_WORDS.get(level, level)}"
    said = LEVEL_WORDS.get((comparison, level), level.replace("_", " "))
    return f"{COMPARISON_WORDS.get(comparison, comparison.capitalize())}: {said}"


def chance_words(probability: float) -> str:
    """How sure the model is, as people say it."""
    if probability >= 0.99:
        return "almost certainly one"
    if probability >= 0.9:
        return "very likely one"
    return "likely one" if probability >= 0.7 else "perhaps one"
