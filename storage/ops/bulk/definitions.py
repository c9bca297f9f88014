"""The custom attributes that a file brings: defined before its rows are written, taken back with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from domain.custom_attributes import MOST_FILTERABLE, DataType
from domain.imports.histories import wider_type
from domain.imports.mapping import Column
from storage.ops.contact_index import INDEXING
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.jobs import Jobs
from storage.ops.store import Work
from storage.ops.tables import AttributeDefinition, Contact, Deal


def define_attributes(work: Work, organization_id: str, entity: str, columns: Sequence[Column]) -> dict[str, Any]:
    """Makes or widens the definitions of the mapped attributes; answers {created: [key], changed: {key: former}}.

    A definition that is there keeps its role unless the mapping says another than `feature`.
    """
    known = {found.key: found for found in _definitions(work, organization_id, entity)}
    room = MOST_FILTERABLE - AttributeDefinitions(work).filterable_count(entity, organization_id)
    created: list[str] = []
    changed: dict[str, dict[str, Any]] = {}
    for column in columns:
        key = column.attribute_key
        if key is None or column.role == "ignored":
            continue
        found = known.get(key)
        if found is None:
            made = AttributeDefinition(
                organization_id=organization_id,
                entity=entity,
                key=key,
                label=column.column[:200],
                data_type=column.data_type,
                role=column.role,
                positive_value=column.positive_value,
                is_filterable=len(created) < room,
                is_searchable=column.data_type == DataType.TEXT,
                created_at=work.now(),
                updated_at=work.now(),
            )
            work.session.add(made)
            known[key] = made
            created.append(key)
            continue
        wanted = {
            "data_type": wider_type(found.data_type, column.data_type),
            "role": column.role if column.role != "feature" else found.role,
            "positive_value": column.positive_value or found.positive_value,
        }
        former = {name: getattr(found, name) for name in wanted}
        if former != wanted:
            changed[key] = former
            for name, value in wanted.items():
                setattr(found, name, value)
            found.updated_at = work.now()
    work.session.flush()
    if any(former["data_type"] != known[key].data_type for key, former in changed.items()):
        Jobs(work).enqueue(INDEXING, organization_id=organization_id, unique_key=INDEXING)
    return {"created": created, "changed": changed}


def withdraw_attributes(work: Work, organization_id: str, entity: str, defined: dict[str, Any]) -> None:
    """Takes back what `define_attributes` answered, where no contact or deal uses the attribute any more."""
    known = {found.key: found for found in _definitions(work, organization_id, entity)}
    table = Deal if entity == "deal" else Contact
    for key in defined.get("created", ()):
        if key not in known:
            continue
        in_use = select(table.organization_id).where(
            table.organization_id == organization_id, table.attributes[key].as_string().is_not(None)
        )
        if work.session.execute(in_use.limit(1)).first() is None:
            work.session.delete(known[key])
    for key, former in defined.get("changed", {}).items():
        if key in known:
            for name, value in former.items():
                setattr(known[key], name, value)
            known[key].updated_at = work.now()
    if defined.get("changed"):
        Jobs(work).enqueue(INDEXING, organization_id=organization_id, unique_key=INDEXING)
    work.session.flush()


def _definitions(work: Work, organization_id: str, entity: str) -> list[AttributeDefinition]:
    return list(
        work.session.scalars(
            select(AttributeDefinition).where(
                AttributeDefinition.organization_id == organization_id, AttributeDefinition.entity == entity
            )
        )
    )
