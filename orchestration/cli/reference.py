"""Writes the generated parts of the documents: settings, error codes, `.env.example`, data contracts, assets.

Run by `make docs` with `--write`, else it only compares; a test holds that nothing differs.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo

from domain.errors import LeadhouseError
from domain.settings import PREFIX, Settings
from orchestration.cli.contracts import contracts_page
from orchestration.state import ROOT


def generated() -> dict[Path, str]:
    """Every generated file with its text, but the asset list, which needs dbt (see `asset_list`)."""
    return {
        ROOT / ".env.example": env_example(),
        ROOT / "docs" / "reference" / "settings.md": settings_page(),
        ROOT / "docs" / "reference" / "errors.md": errors_page(),
        ROOT / "docs" / "data-contracts.md": contracts_page(),
    }


def _fields() -> Iterator[tuple[str, str, FieldInfo]]:
    for section, outer in Settings.model_fields.items():
        annotation = outer.annotation
        assert annotation is not None
        for name, field in annotation.model_fields.items():
            yield section, f"{PREFIX}{section.upper()}__{name.upper()}", field


def _default(field: FieldInfo) -> str:
    if isinstance(field.default, frozenset):
        return ",".join(sorted(field.default))
    return "" if field.default is None else str(field.default)


def env_example() -> str:
    lines = [
        "# Every setting of Leadhouse. Copy to .env and uncomment what you change; the environment wins over the file.",
        "# Written by `make docs` from domain/settings.py.",
    ]
    for section, name, field in _fields():
        if f"# --- {section} ---" not in lines:
            lines += ["", f"# --- {section} ---"]
        lines += [f"# {field.description}", f"# {name}={_default(field)}"]
    return "\n".join(lines) + "\n"


def settings_page() -> str:
    lines = [
        "# Settings",
        "",
        "Set in the environment or in `.env`; unknown names are errors. Written by `make docs` from `domain/settings.py`.",
        "",
        "| Name | Default | What it does |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{name}` | {f'`{_default(field)}`' if _default(field) else '–'} | {field.description} |"
        for _, name, field in _fields()
    ]
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    lines = [
        "# Error codes",
        "",
        "Every error raised on purpose. HTTP answers carry the code in `application/problem+json`; a code never changes its",
        "meaning. Written by `make docs` from `domain/errors.py`.",
        "",
        "| Code | Status | Try again | Meaning |",
        "|---|---|---|---|",
    ]
    for error in sorted(_tree(LeadhouseError), key=lambda found: (found.status, found.code)):
        if error.__module__ == LeadhouseError.__module__:
            meaning = (error.__doc__ or "").strip().splitlines()[0]
            lines.append(f"| `{error.code}` | {error.status} | {'yes' if error.retryable else 'no'} | {meaning} |")
    return "\n".join(lines) + "\n"


def _tree(error: type[LeadhouseError]) -> Iterator[type[LeadhouseError]]:
    yield error
    for child in error.__subclasses__():
        yield from _tree(child)


def asset_list() -> str:
    """The asset graph as one line an asset: key, group, owner. Needs a parsed dbt project."""
    from orchestration.definitions import defs

    specs = sorted(defs().resolve_all_asset_specs(), key=lambda spec: spec.key.to_user_string())
    lines = [
        "# Assets",
        "",
        "Key = relation = place in the lake. Written by `make docs` from the loaded Dagster definitions.",
        "",
        "| Asset | Group | Owners |",
        "|---|---|---|",
    ]
    lines += [
        f"| `{spec.key.to_user_string()}` | {spec.group_name or ''} | {', '.join(spec.owners)} |" for spec in specs
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Writes (`--write`) or compares; the exit code is the number of files that differ."""
    files = {**generated(), ROOT / "docs" / "reference" / "assets.md": asset_list()}
    stale = [path for path, text in files.items() if not path.is_file() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--write" in sys.argv:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
        sys.stdout.write(f"{'wrote' if '--write' in sys.argv else 'stale'}: {path.relative_to(ROOT)}\n")
    return 0 if "--write" in sys.argv else len(stale)


if __name__ == "__main__":
    raise SystemExit(main())
