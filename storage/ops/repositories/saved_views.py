"""Saved views: one's own, and those that are shared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, or_, select

from domain.errors import Conflict, InvalidInput, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.tables import SavedView

MOST = 200
"""Views of one organization."""


class SavedViews(Repository):
    """`user_id` is who looks: they see their own and the shared ones. None is a program, which sees the shared ones."""

    def seen_by(self, user_id: str | None, entity: str | None = None) -> list[SavedView]:
        """By name."""
        asked = select(SavedView).where(SavedView.organization_id == self.target(), self._visible(user_id))
        if entity is not None:
            asked = asked.where(SavedView.entity == entity)
        return list(self.session.scalars(asked.order_by(SavedView.name, SavedView.saved_view_id)))

    def get(self, saved_view_id: str, user_id: str | None) -> SavedView:
        """Raises NotFound, also for somebody else's own."""
        found = self.session.scalars(
            select(SavedView).where(
                SavedView.saved_view_id == saved_view_id,
                SavedView.organization_id == self.target(),
                self._visible(user_id),
            )
        ).first()
        if found is None:
            raise NotFound("There is no such view here.")
        return found

    def add(
        self, entity: str, name: str, question: Mapping[str, Any], *, user_id: str | None, is_shared: bool
    ) -> SavedView:
        """Raises Conflict where the name is taken among what they see, and InvalidInput where there are too many."""
        target = self.target()
        count = select(func.count()).select_from(SavedView).where(SavedView.organization_id == target)
        if (self.session.scalar(count) or 0) >= MOST:
            raise InvalidInput(f"there are {MOST} views already", hint="Delete one that nobody uses.")
        self._require_free(entity, name, user_id)
        made = SavedView(
            organization_id=target, entity=entity, name=name, question=dict(question),
            is_shared=is_shared or user_id is None, owner_user_id=user_id,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        return made

    def change(self, view: SavedView, changes: Mapping[str, Any], user_id: str | None) -> None:
        """`name`, `question`, `is_shared`. Raises Conflict where the new name is taken."""
        self.writable(view.organization_id)
        if changes.get("name", view.name) != view.name:
            self._require_free(view.entity, changes["name"], user_id)
        for name, value in changes.items():
            setattr(view, name, value)
        self.session.flush()

    def remove(self, view: SavedView) -> None:
        self.writable(view.organization_id)
        self.session.delete(view)
        self.session.flush()

    @staticmethod
    def _visible(user_id: str | None) -> Any:
        return or_(SavedView.is_shared, SavedView.owner_user_id == user_id) if user_id else SavedView.is_shared

    def _require_free(self, entity: str, name: str, user_id: str | None) -> None:
        if any(view.name.casefold() == name.casefold() for view in self.seen_by(user_id, entity)):
            raise Conflict(f"there is a view {name!r} already", hint="Choose another name.")
