"""What a job title says of its holder: how senior, and in which department. Pure.

Titles are written in a thousand ways and most of them once, so a model cannot learn from them as they are; these two can
be learned from a few dozen leads. Read are English titles and the commonest German, French, Spanish and Portuguese ones.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

OTHER = "other"
"""A title is there, and says nothing that is known here."""


@dataclass(frozen=True, slots=True)
class Position:
    """One of SENIORITIES and one of DEPARTMENTS, or OTHER."""

    seniority: str
    department: str


_NOT_WHAT_THEY_SAY = (
    (r"\b(?:product|process|scrum|business process) owner\b", "product specialist"),
    (r"\blead[- ]gen(?:eration)?\b", "demand"),
    (r"\baccount executive\b|\bsales executive\b", "sales specialist"),
    (r"\bexecutive assistant\b|\bassistant to\b.*", "assistant"),
    (r"\bassistant (?=manager|director|vice|professor)", ""),
    (r"\bvice[- ]president\b", "vp"),
    (r"\bmanaging (?:director|partner)\b", "chief"),
)
"""Words that mean another thing beside these neighbours, put in the words that say it."""

_SENIORITIES = (
    ("student", r"student\w*|intern|trainee|apprentice|werkstudent\w*|praktikant\w*|stagiaire|becari[oa]|estagi[áa]ri[oa]"),
    ("assistant", r"assistant|secretary|clerk|receptionist|assistenz|assistent\w*|assistante|asistente"),
    ("owner", r"(?:co-?)?founder|owner|proprietor|entrepreneur|inhaber\w*|gründer\w*|fondat\w+|fundador\w*|propriet\w+"),
    ("vice president", r"[seag]?vp"),
    ("executive", r"c[a-z]o|ch[a-z]o|chief|president|geschäftsführ\w*|vorstand\w*|pdg|pr[ée]sident\w*|director[ae]? ger[ae]l|gerente general"),
    ("director", r"director\w*|direktor\w*|directeur|directrice|diret[ou]\w+"),
    ("head", r"head|(?:\w*)leiter\w*|responsable|respons[áa]vel|jefe|jefa|chefe"),
    ("manager", r"manager\w*|mgr|supervisor|superintendent|gerente"),
    ("lead", r"lead|principal|staff|teamlead"),
    ("consultant", r"consult\w+|advis[oe]r|freelance\w*|contractor|berater\w*|conseill\w+"),
    ("specialist", r"specialist|analyst|engineer\w*|developer|designer|coordinator|associate|representative|officer|expert|programmer|architect|buyer|accountant|technician|administrator|sachbearbeiter\w*|entwickler\w*|ingenieur\w*|ing[ée]nieur\w*|charg[ée]e?"),
)  # fmt: skip
"""In the order in which they are looked for: a student of management is a student."""

_DEPARTMENTS = (
    ("marketing", r"marketing|growth|brand\w*|seo|sea|content|demand|communications?|pr|cmo|media|advertising|campaigns?|kommunikation"),
    ("sales", r"sales|business development|bdr|sdr|revenue|cro|commercial|partnerships?|vertrieb\w*|ventes?|ventas|vendas|comercial"),
    ("customer service", r"customer|client|support|service|success"),
    ("product", r"product|ux|ui|cpo|designer|design"),
    ("technology", r"engineer\w*|developer|software|it|cto|cio|ciso|technology|technical|data|devops|security|programmer|architect|entwickl\w+|informati\w+"),
    ("finance", r"cfo|financ\w+|account(?:ing|ant)|controller|controlling|treasur\w+|tax|audit\w*|buchhalt\w+|comptab\w+"),
    ("people", r"hr|people|talent|recruit\w+|human resources|chro|personal\w*|rh"),
    ("legal", r"legal|counsel|lawyer|attorney|compliance|privacy|recht\w*|juridi\w+"),
    ("operations", r"coo|operations?|ops|logistic\w*|supply|procurement|purchas\w+|buyer|production|plant|quality|facilit\w+|einkauf\w*|betrieb\w*|achats?|compras"),
    ("health", r"doctor|physician|nurse|clinical|medical|dentist|therapist|pharmac\w+"),
    ("education", r"teacher|professor|lecturer|school|faculty|dean|academic"),
)  # fmt: skip

SENIORITIES = (*(name for name, _ in _SENIORITIES), OTHER)
DEPARTMENTS = (*(name for name, _ in _DEPARTMENTS), OTHER)

_REPLACED = tuple((re.compile(pattern), instead) for pattern, instead in _NOT_WHAT_THEY_SAY)
_LEVELS = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in _SENIORITIES)
_FIELDS = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in _DEPARTMENTS)


@lru_cache(maxsize=20_000)
def position_of(title: str) -> Position:
    """What a title says; OTHER twice for one that says nothing known.

    >>> position_of("VP of Sales, EMEA")
    Position(seniority='vice president', department='sales')
    """
    said = title.casefold()
    for pattern, instead in _REPLACED:
        said = pattern.sub(instead, said)
    return Position(_first(_LEVELS, said), _first(_FIELDS, said))


def _first(words: tuple[tuple[str, re.Pattern[str]], ...], said: str) -> str:
    return next((name for name, pattern in words if pattern.search(said)), OTHER)
