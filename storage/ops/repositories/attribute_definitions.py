"""Custom attributes of contacts: their types, and whether a model may learn from them."""

from __future__ import annotations

from sqlalchemy import select

from domain.errors import InvalidInput, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.tables import AttributeDefinition

DATA_TYPES = frozenset({"text", "integer", "number", "boolean", "date", "datetime"})
ROLES = frozenset({"feature", "outcome", "post_outcome", "ignored"})


class AttributeDefinitions(Repository):
    def ensure(
        self,
        key: str,
        *,
        label: str = "",
        data_type: str = "text",
        role: str = "feature",
        positive_value: str | None = None,
        entity: str = "contact",
        organization_id: str | None = None,
    ) -> AttributeDefinition:
        """The attribute of this key, made if new; an existing one stays as people made it."""
        if data_type not in DATA_TYPES or role not in ROLES:
            raise InvalidInput(f"no such attribute type or role: {data_type!r}, {role!r}")
        target = self.target(organization_id)
        found = self.find(key, entity, target)
        if found is None:
            found = AttributeDefinition(
                organization_id=target,
                entity=entity,
                key=key,
                label=label or key,
                data_type=data_type,
                role=role,
                positive_value=positive_value,
            )
            self.session.add(found)
            self.session.flush()
        return found

    def find(self, key: str, entity: str = "contact", organization_id: str | None = None) -> AttributeDefinition | None:
        return self.session.scalars(
            select(AttributeDefinition).where(
                AttributeDefinition.organization_id == self.target(organization_id),
                AttributeDefinition.entity == entity,
                AttributeDefinition.key == key,
            )
        ).first()

    def change(self, key: str, *, role: str, positive_value: str | None = None) -> AttributeDefinition:
        """What a model may do with it. Raises NotFound."""
        if role not in ROLES:
            raise InvalidInput(f"no such role: {role!r}")
        found = self.find(key)
        if found is None:
            raise NotFound
        found.role, found.positive_value = role, positive_value
        self.session.flush()
        return found

    def all(self, entity: str = "contact") -> list[AttributeDefinition]:
        return list(
            self.session.scalars(
                select(AttributeDefinition)
                .where(self.readable(AttributeDefinition.organization_id), AttributeDefinition.entity == entity)
                .order_by(AttributeDefinition.key, AttributeDefinition.attribute_definition_id)
            )
        )
