"""What a model may look at: the columns of `features.contact_features`, custom attributes, and how they become numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.titles import position_of

Kind = Literal["number", "category", "boolean"]
Matrix = NDArray[np.float64]

PREFIX = "attributes."
"""A custom attribute's column is this and its key."""

NUMBERS = {
    "sessions_7d": "Visits in 7 days",
    "sessions_30d": "Visits in 30 days",
    "page_views_7d": "Pages seen in 7 days",
    "page_views_30d": "Pages seen in 30 days",
    "engaged_seconds_30d": "Seconds on the site in 30 days",
    "pricing_views_30d": "Pricing pages seen in 30 days",
    "downloads_30d": "Downloads in 30 days",
    "sessions_before_known": "Visits before first known",
    "page_views_before_known": "Pages seen before first known",
    "pricing_views_before_known": "Pricing pages seen before first known",
    "form_submissions_30d": "Forms sent in 30 days",
    "days_since_last_visit": "Days since the last visit",
    "days_since_known": "Days since first known",
    "emails_sent_30d": "E-mails sent to them in 30 days",
    "human_clicks_30d": "Clicks in e-mails in 30 days",
    "replies_30d": "Replies in 30 days",
    "linkedin_events_30d": "LinkedIn contacts in 30 days",
}
CATEGORIES = {
    "source": "Source of the record",
    "country": "Country",
    "email_domain_type": "Kind of e-mail address",
    "first_touch_channel": "First came through",
    "company_industry": "Industry of the company",
}
SIZES = {"company_employee_count": "People in the company"}
BOOLEANS = {"has_phone": "Phone number given", "has_company": "Company is known", "has_title": "Job title is known"}
WORDS = {"title": "Job title"}
"""Read by rules; models read what it says of seniority and department."""
POSITIONS = {"seniority": "Seniority, by job title", "department": "Department, by job title"}
"""Made of the title (domain/titles), for titles themselves are written in too many ways to learn from."""

NOT_LEARNED = frozenset({"days_since_known"})
"""Training looks at every lead equally long after it was known, so its age says nothing there and misleads later."""

MOVING = frozenset({"days_since_known", "days_since_last_visit"})
"""Features that change by waiting."""

ENGAGEMENT = frozenset(NUMBERS) - NOT_LEARNED
"""What tells that a lead is awake. A model in whose past none of these varied has never seen engagement."""

BUILT_IN: Mapping[str, Kind] = {
    **dict.fromkeys((*NUMBERS, *SIZES), "number"),
    **dict.fromkeys(CATEGORIES, "category"),
    **dict.fromkeys(BOOLEANS, "boolean"),
}
LEARNED: Mapping[str, Kind] = {
    **{name: kind for name, kind in BUILT_IN.items() if name not in NOT_LEARNED},
    **dict.fromkeys(POSITIONS, "category"),
}
"""What a model may look at beside custom attributes."""
LABELS = {**NUMBERS, **SIZES, **CATEGORIES, **BOOLEANS, **WORDS, **POSITIONS}
ARROW = {"number": pa.float64(), "category": pa.string(), "boolean": pa.bool_()}


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the matrix: its name, what people call it, and for a category its levels, most frequent first."""

    name: str
    label: str
    kind: Kind
    levels: tuple[str, ...] = ()

    @classmethod
    def of(cls, raw: Mapping[str, Any]) -> Self:
        return cls(raw["name"], raw["label"], raw["kind"], tuple(raw.get("levels", ())))

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def encode(features: Sequence[Feature], table: pa.Table) -> Matrix:
    """Rows × features. A category is the position of its level, a boolean 0 or 1; missing and unseen are NaN."""
    columns = [_encode_column(feature, table) for feature in features]
    return np.ascontiguousarray(np.column_stack(columns)) if columns else np.empty((table.num_rows, 0))


def table_of(facts: Sequence[Mapping[str, Any]], features: Sequence[Feature]) -> pa.Table:
    """Facts of leads as a table with the columns and types that `encode` reads; what cannot be read is missing."""
    return pa.table(
        {
            feature.name: pa.array(
                [_plain(one.get(feature.name), feature.kind) for one in facts], type=ARROW[feature.kind]
            )
            for feature in features
        }
    )


def with_columns(table: pa.Table, features: Sequence[Feature]) -> pa.Table:
    """The table with every column the features name; one that is not there is empty."""
    for feature in features:
        if feature.name not in table.column_names:
            table = table.append_column(feature.name, pa.nulls(table.num_rows, ARROW[feature.kind]))
    return table


def with_positions(table: pa.Table) -> pa.Table:
    """The table with the columns of POSITIONS, made of its `title`."""
    written = pc.dictionary_encode(table["title"].combine_chunks())
    said = [position_of(title) for title in written.dictionary.to_pylist()]
    for name in POSITIONS:
        of_title = pa.array([getattr(one, name) for one in said], pa.string())
        table = table.append_column(name, of_title.take(written.indices))
    return table


def choose(
    table: pa.Table, kinds: Mapping[str, Kind], labels: Mapping[str, str]
) -> tuple[list[Feature], dict[str, str]]:
    """The columns worth learning from, and for each one left out the reason. Outcomes are not looked at."""
    chosen: list[Feature] = []
    left_out: dict[str, str] = {}
    for name, kind in kinds.items():
        column = table[name]
        known = column.drop_null()
        if len(known) < max(1, 0.01 * table.num_rows):
            left_out[name] = "known of fewer than one lead in a hundred"
        elif kind != "category":
            if len(pc.unique(column)) < 2:
                left_out[name] = "the same for every lead"
            else:
                chosen.append(Feature(name, labels.get(name, name), kind))
        else:
            levels, reason = _levels(column)
            if reason:
                left_out[name] = reason
            else:
                chosen.append(Feature(name, labels.get(name, name), kind, levels))
    return chosen, left_out


MOST_LEVELS = 100


def _levels(column: pa.ChunkedArray) -> tuple[tuple[str, ...], str]:
    """Levels seen often enough to learn from, or why there are none."""
    counts = [(entry["values"], entry["counts"]) for entry in pc.value_counts(column).to_pylist()]
    least = max(2, len(column) // 2000)
    known = sorted(((str(value), count) for value, count in counts if value is not None), key=lambda e: (-e[1], e[0]))
    kept = [value for value, count in known if count >= least][:MOST_LEVELS]
    covered = sum(count for value, count in known if value in set(kept))
    if covered < 0.5 * sum(count for _, count in known):
        return (), "nearly every lead has its own value: a name or an id"
    if len(counts) < 2:
        return (), "the same for every lead"
    return tuple(kept), ""


def _encode_column(feature: Feature, table: pa.Table) -> Matrix:
    column = table[feature.name].combine_chunks()
    if feature.kind == "category":
        column = pc.index_in(column.cast(pa.string()), value_set=pa.array(feature.levels, pa.string()))
    numbers: Matrix = np.asarray(column.cast(pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return numbers


def _plain(value: Any, kind: Kind) -> float | str | bool | None:
    """One fact in the type of its kind, reading text as the lake's SQL does (`try_cast`)."""
    if value is None or value == "":
        return None
    if kind == "category":
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind == "boolean":
        return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(
            str(value).strip().lower()
        )
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
