"""Custom attributes of contacts: their types, and whether a model may learn from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from domain.custom_attributes import MOST_FILTERABLE, DataType, key_of, options_of
from domain.errors import Conflict, InvalidInput, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.tables import AttributeDefinition

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
        if data_type not in set(DataType) or role not in ROLES:
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
                is_filterable=self.filterable_count(entity, target) < MOST_FILTERABLE,
                is_searchable=data_type == DataType.TEXT,
            )
            self.session.add(found)
            self.session.flush()
        return found

    def create(
        self,
        label: str,
        *,
        key: str | None = None,
        data_type: DataType = DataType.TEXT,
        options: Sequence[str] = (),
        is_filterable: bool = True,
        is_searchable: bool | None = None,
    ) -> AttributeDefinition:
        """A new attribute of contacts. Raises Conflict where its key is taken, InvalidInput where too many are filterable
        or a choice has no options."""
        key = key or key_of(label)
        if self.find(key) is not None:
            raise Conflict(f"there is a field {key!r} already", hint="Archived fields count; send another key.")
        if (data_type is DataType.CHOICE) != bool(options):
            raise InvalidInput("a choice needs its options, and nothing else has any")
        made = AttributeDefinition(
            organization_id=self.target(),
            entity="contact",
            key=key,
            label=label,
            data_type=data_type.value,
            options=options_of(options),
            is_filterable=is_filterable,
            is_searchable=data_type is DataType.TEXT if is_searchable is None else is_searchable and data_type.is_text,
        )
        if is_filterable:
            self._require_room()
        self.session.add(made)
        self.session.flush()
        return made

    def held(self, key: str) -> AttributeDefinition:
        """An attribute of contacts, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(AttributeDefinition)
            .where(
                AttributeDefinition.organization_id == self.target(),
                AttributeDefinition.entity == "contact",
                AttributeDefinition.key == key,
            )
            .with_for_update()
        )

    def change_field(self, field: AttributeDefinition, changes: Mapping[str, Any]) -> None:
        """`label`, `options`, `is_filterable`, `is_searchable`, `is_archived`. Raises InvalidInput as `create` does."""
        self.writable(field.organization_id)
        wanted = dict(changes)
        if wanted.get("options") is not None:
            if field.data_type != DataType.CHOICE:
                raise InvalidInput("only a choice has options")
            wanted["options"] = options_of(wanted["options"])
        if wanted.get("is_searchable") and not DataType(field.data_type).is_text:
            raise InvalidInput("only texts and choices are searched by their words")
        begins = bool(wanted.get("is_filterable")) and not field.is_filterable
        comes_back = wanted.get("is_archived") is False and field.archived_at is not None and field.is_filterable
        if begins or comes_back:
            self._require_room()
        if (is_archived := wanted.pop("is_archived", None)) is not None:
            field.archived_at = (field.archived_at or self.work.now()) if is_archived else None
        for name, value in wanted.items():
            setattr(field, name, value)
        self.session.flush()

    def filterable_count(self, entity: str = "contact", organization_id: str | None = None) -> int:
        asked = select(func.count()).where(
            AttributeDefinition.organization_id == self.target(organization_id),
            AttributeDefinition.entity == entity,
            AttributeDefinition.is_filterable,
            AttributeDefinition.archived_at.is_(None),
        )
        return self.session.scalar(asked) or 0

    def _require_room(self) -> None:
        if self.filterable_count() >= MOST_FILTERABLE:
            raise InvalidInput(
                f"{MOST_FILTERABLE} fields are filterable, which is as many as can be",
                hint="Make another one not filterable first.",
            )

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
        """Those of the one organization that may be written, by key."""
        return list(
            self.session.scalars(
                select(AttributeDefinition)
                .where(AttributeDefinition.organization_id == self.target(), AttributeDefinition.entity == entity)
                .order_by(AttributeDefinition.key, AttributeDefinition.attribute_definition_id)
            )
        )
