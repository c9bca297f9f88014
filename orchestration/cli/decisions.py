"""Verbs that start a piece of the project: a source from its template, a decision record from its headings."""

from __future__ import annotations

import re
import shutil
from typing import Annotated

import typer

from domain.errors import Conflict, InvalidInput
from orchestration.cli.console import out
from orchestration.state import ROOT

RECORD = """# {number}. {title}

## Context

What forces the choice, with numbers where there are some.

## Decision

> One quotable sentence.

## Consequences

What becomes easier, what becomes harder.

## Alternatives

What else was tried or read, and why not.
"""


def new_source(name: Annotated[str, typer.Argument(help="snake_case name of the source, e.g. crm_x.")]) -> None:
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,38}", name):
        raise InvalidInput(f"not a source name: {name!r}", hint="Use snake_case: letters, digits and underscores.")
    folder = ROOT / "ingest" / "sources" / name
    if folder.exists():
        raise Conflict(f"{folder.relative_to(ROOT)} exists already")
    shutil.copytree(ROOT / "ingest" / "_template", folder, ignore=shutil.ignore_patterns("__pycache__"))
    words = {"ingest._template": f"ingest.sources.{name}", "NAME": name, "TITLE": name.replace("_", " ").capitalize()}
    for file in folder.iterdir():
        text = file.read_text(encoding="utf-8")
        for placeholder, value in words.items():
            text = text.replace(placeholder, value)
        file.write_text(text, encoding="utf-8")
    out.print(f"Made {folder.relative_to(ROOT)}. Next: docs/how-to/add-a-source.md.")


def new_decision(title: Annotated[str, typer.Argument(help="What was decided, in a few words.")]) -> None:
    folder = ROOT / "docs" / "decisions"
    slug = re.sub(r"[^a-z0-9]+", "-", title.casefold()).strip("-")
    if not slug:
        raise InvalidInput("a decision needs a title")
    number = 1 + max((int(file.name[:4]) for file in folder.glob("[0-9][0-9][0-9][0-9]-*.md")), default=0)
    path = folder / f"{number:04d}-{slug}.md"
    path.write_text(RECORD.format(number=number, title=title), encoding="utf-8")
    out.print(f"Made {path.relative_to(ROOT)}.")
