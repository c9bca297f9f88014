"""dbt's manifest, made anew when a file of the project is newer than it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from domain.errors import LeadhouseError
from orchestration.state import DBT_PROJECT, dbt_target, prepare_environment

PARSED_SUFFIXES = {".sql", ".yml", ".yaml", ".csv", ".md"}


class DbtProjectBroken(LeadhouseError):
    """The dbt project cannot be parsed."""

    code = "dbt_project_broken"
    hint = "Run `dbt parse` in dbt_project/ to see the whole message."


def manifest_path() -> Path:
    """The path of an up-to-date manifest.json; parsing takes some seconds, and only when something changed."""
    path = dbt_target() / "manifest.json"
    newest = max(file.stat().st_mtime for file in DBT_PROJECT.rglob("*") if file.suffix in PARSED_SUFFIXES)
    if path.is_file() and path.stat().st_mtime >= newest:
        return path
    prepare_environment()
    path.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(  # noqa: S603  our own command line
        [str(Path(sys.executable).parent / "dbt"), "--quiet", "parse", "--profiles-dir", str(DBT_PROJECT)],
        cwd=DBT_PROJECT, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode or not path.is_file():
        raise DbtProjectBroken((done.stdout + done.stderr).strip()[-2000:])
    os.utime(path)
    return path
