"""Leads as rows to learn from or to score: read from the lake's features, with custom attributes as columns.

An attribute that is known only after the outcome (`post_outcome`), is the outcome, or is `ignored` never becomes a
column; the training set keeps the post-outcome ones apart, only so that the cost of such a leak can be shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from models_ml.lead_scoring.features import (
    BUILT_IN,
    CATEGORIES,
    LABELS,
    LEARNED,
    PREFIX,
    WORDS,
    Feature,
    Kind,
    with_positions,
)
from models_ml.lead_scoring.leakage import History
from storage.lake import Lake

FEATURES = "features.contact_features"
TRAINING_ROWS = "features.contact_training_rows"

Order = Literal["time", "file", "none"]
"""What "newer" rests on: when leads became known, their order in the imported file, or nothing."""

ALL = "json_merge_patch(coalesce(attributes, '{}')::json, coalesce(post_outcome_attributes, '{}')::json)"
"""Every custom attribute of a row; dbt keeps those known only after the outcome in a column of their own."""

BATCH = 100_000
"""Contacts scored at once: their matrix stays small enough for the processor's caches and the memory of a laptop."""

LEAST_DAYS = 14
"""Leads that became known within fewer days than this have no order in time worth a back-test."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A custom attribute as its definition (or, without one, its values) describes it."""

    key: str
    label: str
    data_type: str
    """`text`, `integer`, `number`, `boolean`, `date` or `datetime`."""
    role: str

    @property
    def column(self) -> str:
        return PREFIX + self.key

    @property
    def kind(self) -> Kind:
        if self.data_type == "boolean":
            return "boolean"
        return "category" if self.data_type == "text" else "number"

    @property
    def shown(self) -> str:
        return f"Days since {self.label}" if self.data_type in {"date", "datetime"} else self.label


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Leads with a known outcome, oldest first where there is an order."""

    rows: pa.Table
    """`contact_id`, the built-in features, `title` and what it says, and `attributes.<key>` of features and of post-outcome
    attributes."""
    outcome: NDArray[np.bool_]
    order: Order
    outcome_source: str
    """`attribute:<key>` or `lifecycle:<stage>`."""
    kinds: Mapping[str, Kind]
    """The columns a model may learn from."""
    leaks: Mapping[str, Kind]
    """The columns known only after the outcome."""
    labels: Mapping[str, str]
    timely: NDArray[np.bool_]
    """Leads whose record we are sure to have had before their outcome."""
    histories: Mapping[str, History]
    """By column, when the values of attributes first appeared."""
    known_at: NDArray[np.datetime64]
    good_after: NDArray[np.float64]
    """Days from known to the good outcome, 0 where nobody knows when it came; infinite where it was not good."""
    companies: NDArray[np.int64]
    """A number for each company; a lead without one has a number of its own."""


def read_training_set(lake: Lake, organization_id: str) -> TrainingSet:
    """Every contact whose outcome is known, as it was before that outcome."""
    attributes = attributes_of(lake, organization_id, TRAINING_ROWS)
    rows = _read(
        lake,
        TRAINING_ROWS,
        organization_id,
        [one for one in attributes if one.role in {"feature", "post_outcome"}],
        "outcome, outcome_at, outcome_source, is_known_in_time, import_row_number",
    )
    sources = {source for source in rows["outcome_source"].unique().to_pylist() if source}
    outcome_columns = {PREFIX + source.partition(":")[2] for source in sources if source.startswith("attribute:")}
    usable = [one for one in attributes if one.column not in outcome_columns]
    order, positions = _order(rows)
    rows = rows.take(positions)
    return TrainingSet(
        rows=rows,
        outcome=np.asarray(rows["outcome"].to_numpy(zero_copy_only=False), dtype=np.bool_),
        order=order,
        outcome_source=", ".join(sorted(sources)),
        kinds={
            **LEARNED,
            **{one.column: one.kind for one in usable if one.role == "feature"},
        },
        leaks={one.column: one.kind for one in usable if one.role == "post_outcome"},
        labels={**LABELS, **{one.column: one.shown for one in usable}},
        timely=np.asarray(rows["is_known_in_time"].fill_null(False).to_numpy(zero_copy_only=False), dtype=np.bool_),
        histories=_histories(lake, organization_id),
        known_at=_moments(rows["known_at"]),
        good_after=_good_after(rows),
        companies=_companies(lake, organization_id, rows["contact_id"].to_pylist()),
    )


def _moments(column: pa.ChunkedArray) -> NDArray[np.datetime64]:
    found: NDArray[np.datetime64] = column.cast(pa.timestamp("us")).to_numpy()
    return found


def _good_after(rows: pa.Table) -> NDArray[np.float64]:
    passed = (_moments(rows["outcome_at"]) - _moments(rows["known_at"])) / np.timedelta64(1, "D")
    good = rows["outcome"].to_numpy().astype(np.bool_)
    return np.where(good, np.nan_to_num(np.maximum(passed, 0.0)), np.inf)


def _companies(lake: Lake, organization_id: str, contact_ids: Sequence[str]) -> NDArray[np.int64]:
    found = lake.arrow(
        "select contact_id, company_id from staging.stg_operational__contacts "
        "where organization_id = ? and company_id is not null",
        [organization_id],
    )
    company = dict(zip(found["contact_id"].to_pylist(), found["company_id"].to_pylist(), strict=True))
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(company.get(one, one), len(numbers)) for one in contact_ids], dtype=np.int64)


def _histories(lake: Lake, organization_id: str) -> dict[str, History]:
    """By attribute column: contacts known before their outcome who have a value, and those who got it too late."""
    rows = lake.arrow(
        """
        with decided as (
            select training.contact_id, training.outcome_at
            from features.contact_training_rows as training
            inner join intermediate.int_contact_versions as versions
                on training.organization_id = versions.organization_id and training.contact_id = versions.contact_id
            where training.organization_id = ? and training.outcome_at is not null
            group by training.contact_id, training.outcome_at
            having min(versions.changed_at) < training.outcome_at
        ),
        cells as (
            select
                decided.contact_id, decided.outcome_at, versions.changed_at, versions.attributes,
                unnest(json_keys(versions.attributes::json)) as key
            from decided
            inner join intermediate.int_contact_versions as versions on decided.contact_id = versions.contact_id
            where versions.organization_id = ?
        ),
        appeared as (
            select contact_id, key, outcome_at, min(changed_at) as first_at
            from cells
            where coalesce(json_extract_string(attributes::json, '$."' || replace(key, '"', '\\"') || '"'), '') <> ''
            group by contact_id, key, outcome_at
        )
        select key, count(*) as contacts, count(*) filter (where first_at >= outcome_at) as late
        from appeared
        group by key
        order by key
        """,
        [organization_id, organization_id],
    ).to_pylist()
    return {PREFIX + row["key"]: History(row["contacts"], row["late"]) for row in rows}


def feature_batches(
    lake: Lake,
    organization_id: str,
    features: Sequence[Feature],
    rule_features: Sequence[str],
    contact_ids: Sequence[str] | None = None,
) -> Iterator[pa.Table]:
    """Every contact (or those named) as of the last build, a hundred thousand at a time, in no order: `contact_id`,
    `as_of_at`, the built-in columns, and the attributes asked for; those that no contact has any more are empty."""
    attributes = _as_learned(lake, organization_id, features, rule_features)
    named = "" if contact_ids is None else "and contact_id in (select unnest(?::varchar[]))"
    question = _question(FEATURES, attributes, "as_of_at", "attributes::json", named)
    parameters: list[Any] = [organization_id, *([] if contact_ids is None else [list(contact_ids)])]
    with lake.reader() as cursor:
        cursor.execute(question, parameters)
        for batch in cursor.to_arrow_reader(BATCH):
            yield with_positions(pa.Table.from_batches([batch]))


def _as_learned(
    lake: Lake, organization_id: str, features: Sequence[Feature], rule_features: Sequence[str]
) -> list[Attribute]:
    """The attributes asked for, each read as the kind it had when the model learned from it."""
    wanted = {name for name in (*(one.name for one in features), *rule_features) if name.startswith(PREFIX)}
    kinds = {one.name: one.kind for one in features}
    defined = {one.column: one for one in _defined(lake, organization_id)}
    attributes = []
    for name in sorted(wanted):
        known = defined.get(name, Attribute(name.removeprefix(PREFIX), name, "text", "feature"))
        is_date = known.data_type in {"date", "datetime"}
        as_learned = {"number": "number", "boolean": "boolean", "category": "text"}.get(
            kinds.get(name, ""), known.data_type
        )
        attributes.append(Attribute(known.key, known.label, known.data_type if is_date else as_learned, known.role))
    return attributes


def attributes_of(lake: Lake, organization_id: str, relation: str) -> list[Attribute]:
    """The attributes that contacts of the relation have: as defined, or by the look of their values."""
    keys = [
        row["key"]
        for row in lake.arrow(
            f"select distinct unnest(json_keys({ALL})) as key from {relation} where organization_id = ? order by key",
            [organization_id],
        ).to_pylist()
    ]
    defined = {one.key: one for one in _defined(lake, organization_id)}
    unknown = [key for key in keys if key not in defined]
    inferred = {key: _infer(lake, organization_id, relation, key) for key in unknown}
    found: dict[str, Attribute] = {}
    for key in keys:
        found.setdefault(key.casefold(), defined.get(key) or Attribute(key, key, inferred[key], "feature"))
    return list(found.values())


def _defined(lake: Lake, organization_id: str) -> list[Attribute]:
    rows = lake.arrow(
        "select attribute_key, label, data_type, role from staging.stg_operational__attribute_definitions "
        "where organization_id = ? and attribute_entity = 'contact' order by attribute_key",
        [organization_id],
    ).to_pylist()
    return [
        Attribute(row["attribute_key"], row["label"] or row["attribute_key"], row["data_type"], row["role"])
        for row in rows
    ]


def _infer(lake: Lake, organization_id: str, relation: str, key: str) -> str:
    """`number` where 99 values of a hundred read as one, `boolean` where all are true or false, else `text`."""
    values = f"select json_extract_string({ALL}, {_path(key)}) as value from {relation} where organization_id = ?"
    row = lake.arrow(
        f"select count(*) as total, count(try_cast(value as double)) as numbers, "
        f"count(*) filter (lower(value) in ('true', 'false')) as booleans from ({values}) where coalesce(value, '') <> ''",
        [organization_id],
    ).to_pylist()[0]
    if row["total"] and row["booleans"] == row["total"]:
        return "boolean"
    return "number" if row["total"] and row["numbers"] >= 0.99 * row["total"] else "text"


def _read(lake: Lake, relation: str, organization_id: str, attributes: Sequence[Attribute], also: str) -> pa.Table:
    """A whole relation, in order of contact."""
    question = _question(relation, attributes, also, ALL) + " order by contact_id"
    return with_positions(lake.arrow(question, [organization_id]))


def _question(relation: str, attributes: Sequence[Attribute], also: str, custom: str, named: str = "") -> str:
    """One pass over a relation; every attribute is taken from the JSON (`custom`) at once."""
    shape = json.dumps({one.key: "DOUBLE" if _is_plain_number(one) else "VARCHAR" for one in attributes})
    built_in = [
        f"{name}::varchar as {name}"
        if name in CATEGORIES or name in WORDS
        else f"{name}::{'boolean' if kind == 'boolean' else 'double'} as {name}"
        for name, kind in {**BUILT_IN, **dict.fromkeys(WORDS, "category")}.items()
    ]
    taken = [f"{_typed(one)} as {_name(one.column)}" for one in attributes]
    inner = f"select *, json_transform({custom}, {_text(shape)}) as custom" if attributes else "select *"
    return (
        f"select contact_id, known_at, {also}, {', '.join([*built_in, *taken])} "
        f"from ({inner} from {relation} where organization_id = ? {named})"
    )


def _is_plain_number(one: Attribute) -> bool:
    return one.kind == "number" and one.data_type not in {"date", "datetime"}


def _typed(one: Attribute) -> str:
    if _is_plain_number(one):  # read as a number while the JSON is parsed; what is none becomes null
        return f"struct_extract(custom, {_text(one.key)})"
    value = f"nullif(struct_extract(custom, {_text(one.key)}), '')"
    if one.data_type in {"date", "datetime"}:
        return f"(date_sub('hour', try_cast({value} as timestamptz), as_of_at) / 24.0)::double"
    return f"try_cast({value} as boolean)" if one.kind == "boolean" else value


def _order(rows: pa.Table) -> tuple[Order, NDArray[np.int64]]:
    """Positions of the rows, oldest first, and what "older" means here. Ties fall by contact id."""
    ids = np.asarray(rows["contact_id"].to_pylist(), dtype=object)
    known = np.asarray([moment.timestamp() if moment else 0.0 for moment in rows["known_at"].to_pylist()])
    if len(known) and np.quantile(known, 0.95) - np.quantile(known, 0.05) >= LEAST_DAYS * 86400:
        return "time", np.lexsort((ids, known))
    numbers = rows["import_row_number"].to_pylist()
    if numbers and sum(number is not None for number in numbers) >= 0.95 * len(numbers):
        return "file", np.lexsort((ids, np.asarray([number or 0 for number in numbers])))
    return "none", np.arange(rows.num_rows)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _path(key: str) -> str:
    return _text('$."' + key.replace('"', '\\"') + '"')
