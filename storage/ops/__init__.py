"""The operational store: SQLAlchemy on SQLite or PostgreSQL."""
