"""The inbox of the store that the settings name."""

from __future__ import annotations

from sqlalchemy.engine import make_url

from domain.settings import Settings
from storage.ops.inbox.base import Inbox
from storage.ops.inbox.sqlite import SqliteInbox


def open_inbox(settings: Settings) -> Inbox:
    """A connection of its own beside the store's pool."""
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite":
        assert url.database, "an operational store in memory has no inbox"
        return SqliteInbox.at(url.database)
    from storage.ops.inbox.postgresql import PostgresqlInbox

    return PostgresqlInbox(url.set(drivername="postgresql").render_as_string(hide_password=False))
