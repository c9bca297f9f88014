"""Values as YAML in the spelling that people write: short things on one line, texts of several lines as they stand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from math import isfinite
from typing import Any

import yaml

LINE = 110
"""How wide a step may be on one line."""


class _OneLine(yaml.SafeDumper):
    """Double quotation marks around what has lines, which are escaped, or single marks of its own."""


def _string(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    is_doubly_quoted = "\n" in value or ("'" in value and any(sign in value for sign in ":#,{}[]"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"' if is_doubly_quoted else None)


_OneLine.add_representer(str, _string)


def plain(value: Any) -> Any:
    """A value of YAML as JSON has it: names are texts, and so are days and moments."""
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    is_json = value is None or isinstance(value, str | int) or (isinstance(value, float) and isfinite(value))
    return value if is_json else str(value)


def one_line(value: Any, quote: str | None = None) -> str:
    """A value without line breaks, good between brackets too. `quote`: the quotation mark that a text is to have."""
    if isinstance(value, str) and quote and "\n" not in value:
        return _dumped(value, quote).rstrip("\n")
    return _dumped([value]).strip()[1:-1]


def after_name(value: Any, indent: int) -> str:
    """What stands behind `name:` of a mapping at column `indent`, with the space or line break before it."""
    if isinstance(value, str) and (block := literal(value, indent + 2)):
        return f" {block}"
    if not isinstance(value, Mapping | list) or is_short(value, indent + 12):
        return f" {one_line(value)}"
    return "\n" + "\n".join(_lines(value, indent + 2))


def after_dash(value: Any, indent: int) -> str:
    """What stands behind the dash at column `indent`, with the space before it."""
    if isinstance(value, str) and (block := literal(value, indent + 2)):
        return f" {block}"
    if not isinstance(value, Mapping | list) or is_short(value, indent + 2):
        return f" {one_line(value)}"
    return " " + "\n".join(_lines(value, indent + 2)).lstrip(" ")


def literal(value: str, indent: int) -> str | None:
    """A text of several lines as a literal block whose lines stand at column `indent`, or none where only quotation marks
    can hold it."""
    lines = value.split("\n")
    begins_well = bool(lines[0]) and not lines[0][0].isspace()
    is_clean = "\t" not in value and not any(line and not line.strip() for line in lines)
    if len(lines) < 2 or not begins_well or not is_clean or not _has_only_printable(value):
        return None
    chomping = "-" if lines[-1] else "+" if len(lines) > 2 and not lines[-2] else ""
    body = lines if lines[-1] else lines[:-1]
    return "\n".join([f"|{chomping}", *(" " * indent + line if line else "" for line in body)])


def has_lines(value: Any) -> bool:
    """Whether a text of several lines is somewhere in it."""
    if isinstance(value, Mapping):
        return any(has_lines(part) for part in value.values())
    if isinstance(value, list):
        return any(has_lines(part) for part in value)
    return isinstance(value, str) and "\n" in value


def is_short(value: Any, indent: int) -> bool:
    """Whether it fits into the rest of a line."""
    return not has_lines(value) and indent + len(one_line(value)) <= LINE


def _lines(value: Mapping[str, Any] | list[Any], indent: int) -> list[str]:
    margin = " " * indent
    if isinstance(value, Mapping):
        return [f"{margin}{one_line(name)}:{after_name(part, indent)}" for name, part in value.items()]
    return [f"{margin}-{after_dash(part, indent)}" for part in value]


def _has_only_printable(value: str) -> bool:
    """Of what a literal block can hold: other line breaks than our own would be read as such."""
    return not yaml.reader.Reader.NON_PRINTABLE.search(value) and not set(value) & set("\r\x85\u2028\u2029\ufeff")


def _dumped(value: Any, style: str | None = None) -> str:
    found: str = yaml.dump(
        value, Dumper=_OneLine, default_style=style, default_flow_style=True, allow_unicode=True, sort_keys=False,
        width=10**9,
    )  # fmt: skip
    return found
