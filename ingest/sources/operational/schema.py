"""How a line of the change log becomes a row, and what it must keep."""

from __future__ import annotations

from ingest.base import Expectation, RowRule

SHAPE = """
select
    organization_id,
    seq,
    nullif(transaction_id, 0) as transaction_id,
    entity,
    entity_id,
    op,
    row,
    cast(changed_at as timestamptz) as changed_at
from incoming
"""

ORIGINAL = (
    "json_object('organization_id', organization_id, 'seq', seq, 'transaction_id', transaction_id, 'entity', entity, "
    "'entity_id', entity_id, 'op', op, 'row', row, 'changed_at', cast(changed_at as text))"
)

RULES = (
    RowRule("known_operation", "op in ('insert', 'update', 'delete')", "the operation is not insert, update or delete"),
    RowRule("names_its_entity", "entity <> '' and entity_id <> ''", "the change does not say what it changed"),
    RowRule(
        "row_is_json",
        "case when json_valid(row) then json_type(row) = 'OBJECT' end",
        "the changed row is not a JSON object",
    ),
    RowRule("has_a_time", "changed_at is not null", "the change has no time"),
)

SUITE = (
    Expectation("a batch has changes", "ExpectTableRowCountToBeBetween", {"min_value": 1}),
    Expectation("a change is numbered once", "ExpectColumnValuesToBeUnique", {"column": "seq"}),
    Expectation("every change has an entity", "ExpectColumnValuesToNotBeNull", {"column": "entity"}),
    Expectation(
        "operations are known",
        "ExpectColumnValuesToBeInSet",
        {"column": "op", "value_set": ["insert", "update", "delete"]},
    ),
)
