"""DuckDB's extensions without a download: links into the wheels that carry the signed binaries.

DuckDB wants `<folder>/v<version>/<platform>/<name>.duckdb_extension`. Linking costs nothing and lets both LOAD and
autoloading work, here and in dbt; copying would cost some 35 MB each.
"""

from __future__ import annotations

import os
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import duckdb

from domain.errors import NotConfigured


def link_extensions(root: Path, names: tuple[str, ...]) -> Path:
    """Makes the links under `root/extensions` and returns that folder. Safe when several processes do it at once."""
    folder = root / "extensions"
    target = folder / f"v{duckdb.__version__}" / _platform()
    target.mkdir(parents=True, exist_ok=True)
    for name in names:
        source, link = _binary(name), target / f"{name}.duckdb_extension"
        if not (link.is_symlink() and link.readlink() == source):
            fresh = target / f".{name}.{os.getpid()}"
            fresh.unlink(missing_ok=True)
            fresh.symlink_to(source)
            fresh.replace(link)
    return folder


def _binary(name: str) -> Path:
    spec = find_spec(f"duckdb_extension_{name}")
    for place in (spec.submodule_search_locations or []) if spec else []:
        path = Path(place) / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"
        if path.is_file():
            return path
    raise NotConfigured(
        f"the DuckDB extension {name} for DuckDB {duckdb.__version__} is not installed",
        hint=f"Install duckdb-extension-{name.replace('_', '-')}=={duckdb.__version__}; `make setup` does.",
    )


@cache
def _platform() -> str:
    row = duckdb.sql("pragma platform").fetchone()
    assert row is not None
    return str(row[0])
