"""What assets are given: the house, which holds settings, store, lake and clock."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from domain.clock import Clock, utc_now
from domain.settings import Settings
from orchestration.state import current_settings, open_lake, open_store
from storage.lake import Lake
from storage.ops.store import Store


class House(dg.ConfigurableResource):
    """The door of every asset to settings, store, lake and clock."""

    @property
    def settings(self) -> Settings:
        return current_settings()

    @property
    def store(self) -> Store:
        return open_store()

    @property
    def lake(self) -> Lake:
        return open_lake()

    @property
    def clock(self) -> Clock:
        return utc_now

    @property
    def artifacts(self) -> Path:
        """Folder of trained models, by content hash."""
        return self.settings.data.dir.absolute() / "models"

    @property
    def drop(self) -> Path:
        """Folder watched for files: `<organization slug>/<source>/<file>`."""
        return self.settings.data.dir.absolute() / "drop"
