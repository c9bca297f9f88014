"""The lake: Parquet files under a DuckLake catalog. The only package that names DuckDB; everyone else asks `Lake`."""

from storage.lake.lake import Lake
from storage.lake.schemas import Table

__all__ = ["Lake", "Table"]
