"""What a model of duplicates is made of: comparisons with their levels, and the blocks in which pairs are looked for.

Each level carries the weight it has before anything is learned, as two stated probabilities: `m`, how often two records
of one thing are at this level, and `u`, how often two records of different things are. EM and sampling move both towards
what the organization's own records say (`matching`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Level:
    """One outcome of a comparison. `condition` is DuckDB SQL over `<column>_l` and `<column>_r`; the last level of a
    comparison has none. `frequency`: the column whose rarer values count for more (term frequencies)."""

    code: str
    m: float
    u: float
    condition: str = ""
    frequency: str = ""
    is_fixed: bool = False
    """Keeps its weight whatever the records say."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One thing that two records are compared by. `missing`: when nothing can be said, which then weighs nothing."""

    name: str
    missing: str
    levels: Sequence[Level]


@dataclass(frozen=True, slots=True)
class Model:
    """A kind of records: how they are compared, where pairs are looked for, and what EM is trained on.

    `blocks`: SQL expressions over a record; two records are compared if one of them is the same in both and not too
    common. `training`: lists of columns; EM learns from the pairs that agree in all columns of a list.
    """

    entity: str
    comparisons: Sequence[Comparison]
    blocks: Sequence[str]
    training: Sequence[Sequence[str]]

    def with_extras(self, columns: Mapping[str, str]) -> Model:
        """Compares columns of the organization's own too, {column: name}: what tells people apart, as a date of birth
        or a postcode does."""
        more = [_extra(column) for column in columns]
        return replace(
            self,
            comparisons=[*self.comparisons, *more],
            blocks=[*self.blocks, *columns],
        )


def splink_comparison(comparison: Comparison, learned: Mapping[str, tuple[float, float]]) -> dict[str, Any]:
    """A comparison as splink takes it; `learned`: (m, u) by code of level, where they are no more the stated ones."""
    levels: list[dict[str, Any]] = [
        {"sql_condition": comparison.missing, "label_for_charts": "missing", "is_null_level": True}
    ]
    for level in comparison.levels:
        m, u = learned.get(level.code, (level.m, level.u))
        made: dict[str, Any] = {
            "sql_condition": level.condition or "ELSE", "label_for_charts": level.code,
            "m_probability": m, "u_probability": u,
        }  # fmt: skip
        if level.frequency:
            made |= {"tf_adjustment_column": level.frequency, "disable_tf_exact_match_detection": True}
        if level.is_fixed:
            made |= {"fix_m_probability": True, "fix_u_probability": True}
        levels.append(made)
    return {"output_column_name": comparison.name, "comparison_levels": levels}


def _either(column: str) -> str:
    return f"{column}_l is null or {column}_r is null"


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _extra(column: str) -> Comparison:
    return Comparison(
        column,
        _either(column),
        (
            Level("same", 0.75, 0.002, _same(column), frequency=column),
            Level(
                "similar", 0.12, 0.002, f"damerau_levenshtein({column}_l, {column}_r) <= 1 and length({column}_l) > 3"
            ),
            Level("differs", 0.13, 0.996),
        ),
    )


PEOPLE = Model(
    entity="contact",
    comparisons=(
        Comparison(
            "name",
            "coalesce(first_name_l, last_name_l) is null or coalesce(first_name_r, last_name_r) is null",
            (
                Level("same", 0.6, 1e-4, _same("full_name"), frequency="full_name"),
                Level("short_form", 0.08, 1e-4, _same("given_name"), frequency="given_name"),
                Level("swapped", 0.03, 1e-5, "first_name_l = last_name_r and last_name_l = first_name_r"),
                Level(
                    "initial",
                    0.06,
                    2e-4,
                    f"({_same('last_name')} and least(length(first_name_l), length(first_name_r)) = 1"
                    " and left(first_name_l, 1) = left(first_name_r, 1))"
                    f" or ({_same('first_name')} and least(length(last_name_l), length(last_name_r)) = 1"
                    " and left(last_name_l, 1) = left(last_name_r, 1))",
                ),
                Level("similar", 0.12, 2e-4, "jaro_winkler_similarity(full_name_l, full_name_r) >= 0.92"),
                Level(
                    "family_alone",
                    0.04,
                    2e-3,
                    f"{_same('last_name')} and (first_name_l is null or first_name_r is null)",
                    frequency="last_name",
                ),
                Level("family", 0.01, 4e-3, _same("last_name")),
                Level("given", 0.04, 1e-2, _same("first_name")),
                Level("differs", 0.02, 0.98),
            ),
        ),
        Comparison(
            "email",
            _either("email_local"),
            (
                Level("same_mailbox", 0.12, 1e-6, f"{_same('email_local')} and {_same('email_host')}"),
                # An address that only spells the name says again what the name said.
                Level("spells_name", 0.1, 0.05, f"{_same('email_local')} and is_name_l and is_name_r", is_fixed=True),
                Level("same_local", 0.12, 1e-5, _same("email_local"), frequency="email_local"),
                Level(
                    "similar",
                    0.12,
                    1e-4,
                    # user12 and user21 are two: what differs must be letters.
                    f"{_same('email_host')} and damerau_levenshtein(email_local_l, email_local_r) <= 2"
                    " and least(length(email_local_l), length(email_local_r)) > 4"
                    r" and regexp_replace(email_local_l, '\D', '', 'g') = regexp_replace(email_local_r, '\D', '', 'g')",
                ),
                Level("differs", 0.54, 0.95),
            ),
        ),
        Comparison(
            "phone",
            _either("phone"),
            (
                # Colleagues share a switchboard, so at one company a number says little more than the company did.
                Level("same_office", 0.5, 0.03, f"{_same('phone')} and {_same('company_id')}", is_fixed=True),
                Level("same", 0.25, 1e-4, _same("phone"), frequency="phone"),
                Level("same_end", 0.05, 2e-5, "right(phone_l, 8) = right(phone_r, 8) and length(phone_l) > 7"),
                Level("differs", 0.2, 0.999),
            ),
        ),
        Comparison(
            "profile", _either("profile"), (Level("same", 0.9, 1e-6, _same("profile")), Level("differs", 0.1, 1.0))
        ),
        Comparison(
            "company",
            "coalesce(company_id_l, work_host_l) is null or coalesce(company_id_r, work_host_r) is null",
            (
                Level("same", 0.65, 2e-3, _same("company_id"), frequency="company_id"),
                Level("same_domain", 0.1, 2e-3, _same("work_host"), frequency="work_host"),
                Level("differs", 0.25, 0.996),
            ),
        ),
    ),
    blocks=(
        "email_local || '@' || email_host",
        "case when not is_name and length(email_local) > 4 then email_local end",
        "phone",
        "right(phone, 8)",
        "profile",
        "least(first_name, last_name) || '|' || greatest(first_name, last_name)",
        "given_name",
        "family_sound || '|' || given_sound",
        "family_sound || '|' || coalesce(company_id, work_host)",
        "first_name || '|' || left(last_name, 1) || '|' || coalesce(company_id, work_host)",
        "left(first_name, 1) || '|' || last_name || '|' || coalesce(company_id, work_host)",
    ),
    training=(("first_name", "last_name"), ("phone",), ("email_local", "email_host"), ("profile",)),
)

COMPANIES = Model(
    entity="company",
    comparisons=(
        Comparison(
            "name",
            _either("name"),
            (
                Level("same", 0.55, 1e-4, _same("name"), frequency="name"),
                Level("joined", 0.05, 1e-5, "replace(name_l, ' ', '') = replace(name_r, ' ', '')"),
                Level(
                    "begins",
                    0.13,
                    3e-4,
                    "(starts_with(name_l, name_r || ' ') or starts_with(name_r, name_l || ' '))"
                    " and least(length(name_l), length(name_r)) > 3",
                ),
                Level("similar", 0.15, 3e-4, "jaro_winkler_similarity(name_l, name_r) >= 0.94"),
                Level("first_word", 0.05, 5e-3, _same("first_word"), frequency="first_word"),
                Level("differs", 0.07, 0.99),
            ),
        ),
        Comparison(
            "domain",
            _either("domain"),
            (
                Level("same", 0.3, 1e-6, _same("domain")),
                Level("same_label", 0.3, 1e-5, _same("label"), frequency="label"),
                Level("similar", 0.15, 1e-4, "jaro_winkler_similarity(label_l, label_r) >= 0.93"),
                Level("differs", 0.25, 0.999),
            ),
        ),
        Comparison(
            "country", _either("country"), (Level("same", 0.9, 0.2, _same("country")), Level("differs", 0.1, 0.8))
        ),
        Comparison(
            "industry", _either("industry"), (Level("same", 0.85, 0.1, _same("industry")), Level("differs", 0.15, 0.9))
        ),
    ),
    blocks=(
        "replace(name, ' ', '')",
        "domain",
        "label",
        "first_word || '|' || coalesce(country, '')",
        "left(replace(name, ' ', ''), 6)",
    ),
    training=(("name",), ("label",)),
)
MODELS = {model.entity: model for model in (PEOPLE, COMPANIES)}
