"""`leadhouse docs`: dbt's documentation of every table, column, test and their lineage, as one file that needs no server."""

from __future__ import annotations

import os
import subprocess
import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli.console import emit, out
from orchestration.cli.prepare import prepare
from orchestration.manifest import DbtProjectBroken
from orchestration.state import DBT_PROJECT, current_settings, dbt_target, open_lake, prepare_environment


def docs(
    browse: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    path = write_catalog()
    emit({"path": str(path)}, as_json=as_json, show=lambda: out.print(f"Tables, columns and lineage: [bold]{path}[/]"))
    if browse:
        webbrowser.open(path.as_uri())


def write_catalog() -> Path:
    """Asks the lake for the columns that are really there and writes `<data>/docs/index.html`.

    Holds the lake's write lock meanwhile, for dbt attaches to write. Raises DbtProjectBroken with what dbt said.
    """
    prepare(quiet=True)
    prepare_environment()
    with open_lake().exclusive():
        done = subprocess.run(  # noqa: S603  our own command line
            [str(Path(sys.executable).parent / "dbt"), "docs", "generate", "--static", "--profiles-dir", str(DBT_PROJECT)],
            cwd=DBT_PROJECT, env=os.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip
    made = dbt_target() / "static_index.html"
    if done.returncode or not made.is_file():
        raise DbtProjectBroken((done.stdout + done.stderr).strip()[-2000:])
    path = current_settings().data.dir.absolute() / "docs" / "index.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    made.replace(path)
    return path
