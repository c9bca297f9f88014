"""Changes to the store as somebody with the database in hand would make them."""

from __future__ import annotations

from sqlalchemy import text

from domain.settings import Settings
from storage.ops.store import open_engine


def tamper(settings: Settings, statement: str) -> int:
    """Runs a statement past the product and its fences; answers how many rows it met."""
    engine = open_engine(settings.store.owner_url or settings.store_url)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select set_config('leadhouse.readable', '*', true)"))
            connection.execute(text("select set_config('leadhouse.writable', '*', true)"))
        met = connection.execute(text(statement)).rowcount
    engine.dispose()
    return met
