"""Where the lake is: which catalog keeps its table of contents, and where its Parquet files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

from domain.settings import Settings


@dataclass(frozen=True, slots=True)
class Catalog:
    """A DuckLake catalog on SQLite (a file in `root`) or PostgreSQL (`dsn`), and the place of its data files."""

    root: Path
    """Folder of what this machine keeps beside the catalog: the write lock, links to extensions, spilled memory."""
    data_path: str
    """Folder or `s3://bucket/prefix/`, ending in a slash."""
    dsn: str | None = None
    """libpq connection string of a PostgreSQL catalog; None for SQLite."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        data_path = settings.lake.data_path or str(settings.lake_dir / "data")
        if "://" not in data_path:
            data_path = str(Path(data_path).absolute())
        return cls(settings.lake_dir, data_path.rstrip("/") + "/", settings.lake.catalog)

    @property
    def file(self) -> Path:
        """The SQLite catalog. Never open it with another SQLite library in this process (DESIGN §1)."""
        return self.root / "catalog.sqlite"

    @property
    def uri(self) -> str:
        return f"ducklake:postgres:{self.dsn}" if self.dsn else f"ducklake:sqlite:{self.file}"

    @property
    def exists(self) -> bool:
        """Whether a SQLite catalog was ever made; a PostgreSQL one is asked by attaching."""
        return self.dsn is not None or self.file.is_file()

    @property
    def is_local(self) -> bool:
        """Whether the Parquet files lie in a folder of this machine."""
        return "://" not in self.data_path

    @property
    def extensions(self) -> tuple[str, ...]:
        """The DuckDB extensions this lake needs, by the names of their wheels."""
        scanner = "postgres_scanner" if self.dsn else "sqlite_scanner"
        return ("ducklake", scanner) if self.is_local else ("ducklake", scanner, "httpfs")
