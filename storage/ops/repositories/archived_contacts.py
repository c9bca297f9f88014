"""Contacts that were archived: off every list and never written to, kept with their history until somebody restores them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select

from domain.filters import FieldType, Sort
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, owned, page
from storage.ops.tables import Contact

FIELDS = {"archived_at": ListField(FieldType.DATETIME, Contact.deleted_at, is_sortable=True)}
NEWEST = Sort("archived_at", descending=True)


class ArchivedContacts(Repository):
    """A record that was merged into another is not archived: it stands behind the survivor."""

    def page(self, *, limit: int, cursor: str | None = None) -> Page:
        """A page of Contact, archived last first. Raises InvalidInput for a foreign cursor."""
        asked = select(Contact).where(*self._archived(Contact.organization_id == self.target()))
        return page(
            self.work, asked, fields=FIELDS, key=Contact.contact_id, sort=NEWEST, limit=limit, cursor=cursor,
            with_total=True,
        )  # fmt: skip

    def held(self, contact_ids: Sequence[str]) -> dict[str, Contact]:
        """By id, held until the unit of work ends, in one order for everybody; those that are not archived are left out."""
        asked = (
            select(Contact)
            .where(
                *self._archived(owned(self.work, Contact.organization_id, self.target())),
                Contact.contact_id.in_(contact_ids),
            )
            .order_by(Contact.contact_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return {contact.contact_id: contact for contact in self.session.scalars(asked)}

    def archive(self, contact: Contact) -> None:
        """Takes a contact that is held off every list. Its address stays its own: whoever comes by it again is restored."""
        self.writable(contact.organization_id)
        contact.deleted_at = contact.updated_at = self.work.now()
        self.session.flush()

    def restore(self, contact: Contact) -> None:
        """Puts it back on the lists."""
        self.writable(contact.organization_id)
        contact.deleted_at, contact.updated_at = None, self.work.now()
        self.session.flush()

    def _archived(self, own: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
        return own, Contact.deleted_at.is_not(None), Contact.merged_into_id.is_(None)
