"""How a file is written: its delimiter, quotes, header, and what stands before it, judged from its first rows."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from domain.imports.encodings import detect_encoding
from domain.imports.headers import is_known_header
from domain.imports.reading import Dialect, Record, read_records

_DELIMITERS = (",", ";", "\t", "|", "\x1f", "^", "~")
_SAMPLE_CHARACTERS = 1 << 18
_SAMPLE_RECORDS = 200
_SEP_LINE = re.compile(r"^\ufeff?\"?sep=(.)\"?\s*$", re.IGNORECASE)
_CLEAN = re.compile(
    r"""^(?: [+-]?[\d.,\u00a0 ']*\d%?          # a number in any spelling
        | [^\s@]+@[^\s@]+\.\w+                  # an address
        | [\d]{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*   # a date
        | [^,;|\t^~]*                           # words without any delimiter in them
        )?$""",
    re.VERBOSE,
)
_VALUE = re.compile(
    r"^(?:[+-]?[\d.,]*\d%?|[^\s@]+@[^\s@]+\.\w+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|true|false)$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Detection:
    """What a file looks like: its dialect, its header (made up where it has none), its first rows and any warnings."""

    dialect: Dialect
    columns: tuple[str, ...]
    sample: tuple[Record, ...]
    notes: tuple[str, ...]


def detect(data: bytes) -> Detection:
    """Judges a file by its bytes. Never fails on content: an empty file has no columns."""
    encoding = detect_encoding(data)
    head = data[: _SAMPLE_CHARACTERS * (4 if "32" in encoding.name else 2 if "16" in encoding.name else 1)]
    text = head.decode(encoding.name, errors="replace" if encoding.errors == "strict" else encoding.errors)
    if len(head) < len(data):
        text = text[: max(text.rfind("\n"), text.rfind("\r")) + 1] or text
    notes = [encoding.note] if encoding.note else []
    if "\x00" in text:
        notes.append("NUL bytes were removed")
    dialect = Dialect(encoding=encoding.name, errors=encoding.errors)
    first_line = text.splitlines()[0] if text else ""
    sep = _SEP_LINE.match(first_line)
    if sep:
        dialect = replace(dialect, delimiter=sep[1], skip_lines=1)
    dialect = _with_quoting(text, dialect, None if sep else _DELIMITERS)
    records = _records(text, dialect)
    return _with_header(dialect, records, notes)


def sample_lines(text: str) -> Iterator[str]:
    """Physical lines with their ends, split at \\n, \\r and \\r\\n only."""
    return iter(io.StringIO(text, newline=""))


def _records(text: str, dialect: Dialect) -> list[Record]:
    return list(islice(read_records(sample_lines(text), dialect), _SAMPLE_RECORDS))


def _with_quoting(text: str, dialect: Dialect, delimiters: Sequence[str] | None) -> Dialect:
    """The most plausible of all combinations of delimiter and quote that the text could be in."""
    quotes = ['"']
    if text.count("'") > 2 * text.count('"') and re.search(r"(?:^|[,;|\t])'[^']*'(?:[,;|\t]|$)", text, re.MULTILINE):
        quotes.append("'")
    escape = "\\" if '\\"' in text and not re.search(r'[^,;|\t\n\r]""[^,;|\t\n\r]', text) else None
    candidates = [
        replace(dialect, delimiter=delimiter, quote=quote, escape=escape)
        for delimiter in delimiters or (dialect.delimiter,)
        if delimiter in text or delimiters is None
        for quote in quotes
    ]
    best = max(candidates, key=lambda candidate: _plausibility(text, candidate), default=dialect)
    if delimiters is not None and _plausibility(text, best) <= 0:
        named = max(candidates, key=lambda candidate: _known_names(text, candidate), default=dialect)
        if _known_names(text, named) > 1:
            return named  # rows too ragged to tell, under a header that is beyond doubt
        unused = next((character for character in ("\t", "\x1f", "\x1e") if character not in text), ",")
        return replace(dialect, delimiter="," if "," not in text else unused)
    spaced = len(re.findall(re.escape(best.delimiter) + r' +"', text))
    tight = len(re.findall(re.escape(best.delimiter) + '"', text))
    return replace(best, skip_space=spaced > 4 * tight and spaced > 0)


def _plausibility(text: str, dialect: Dialect) -> float:
    """0 where the delimiter makes no table; grows with even rows, with columns, and with cells that are whole values."""
    records = _records(text, dialect)
    widths = Counter(len(record.fields) for record in records if record.fields)
    if not widths:
        return 0.0
    width, count = max(widths.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
    if width < 2:
        return 0.0
    evenness = count / len(records)
    if evenness < 0.5 and count < 2:
        return 0.0
    cells = [cell.strip() for record in records if record.fields for cell in record.fields]
    clean = sum(1 for cell in cells if _CLEAN.match(cell)) / max(1, len(cells))
    return float(evenness**2 * clean**2 * (1 + min(width, 30) ** 0.5))


def _known_names(text: str, dialect: Dialect) -> int:
    """How many names of known columns the first line has when it is split so."""
    first = next(read_records(sample_lines(text), dialect), None)
    return sum(1 for name in (first.fields or ()) if is_known_header(name.strip())) if first else 0


def _with_header(dialect: Dialect, records: list[Record], notes: list[str]) -> Detection:
    split = [record for record in records if record.fields]
    if not split:
        return Detection(dialect, (), (), (*notes, "the file has no rows"))
    widths = Counter(len(record.fields or ()) for record in split[1:] or split)
    width = max(widths.items(), key=lambda item: (item[1], item[0]))[0]
    first = _first_of_table(split, width)
    if first:
        notes.append(f"{first} lines before the table were passed over")
    header, body = split[first], [record for record in split[first + 1 :] if len(record.fields or ()) == width]
    names = [name.strip() for name in header.fields or ()]
    if len(names) > width and not any(names[width:]):
        names = names[:width]
    has_header = _is_header(names, [record.fields or [] for record in body])
    if has_header and len(names) > width and widths[width] < 0.9 * widths.total():
        width = len(names)
    if has_header and len(names) != width:
        share = widths[width] / widths.total()
        if share < 0.9 or len(names) > width:
            width = len(names)
        else:
            notes.append(f"the header names {len(names)} columns, the rows have {width}")
    dialect = replace(dialect, has_header=has_header, skip_lines=header.line - 1, width=width)
    columns = unique_columns(names if has_header else [], width)
    if not has_header:
        notes.append("no header was found: columns are numbered")
    sample = [record for record in records if record.line > header.line or (not has_header and record is header)]
    return Detection(dialect, columns, tuple(sample), tuple(notes))


def _first_of_table(records: list[Record], width: int) -> int:
    """The index of the first record as wide as the table, where only a few narrow ones (a title) stand before it."""
    names = [cell for cell in records[0].fields or () if cell.strip()]
    if len(names) > 1 and all(is_known_header(name) for name in names):
        return 0  # a header beyond doubt, however ragged the rows below it are
    for index, record in enumerate(records[:10]):
        filled = sum(1 for cell in record.fields or () if cell.strip())
        if len(record.fields or ()) >= max(2, width - 1) and filled * 2 >= min(width, len(record.fields or ())):
            return index
    return 0


def _is_header(names: list[str], body: list[list[str]]) -> bool:
    filled = [name for name in names if name]
    if not filled:
        return False
    if any(is_known_header(name) for name in filled):
        return True
    if any(_VALUE.match(name) and not name.isalpha() for name in filled):
        return False
    if not body:
        return len(set(filled)) == len(filled)
    for index, name in enumerate(names):
        column = [row[index].strip() for row in body if index < len(row)]
        if column and name not in column and sum(1 for cell in column if _VALUE.match(cell)) > 0.8 * len(column):
            return True
    repeated = sum(
        1 for index, name in enumerate(names) if any(index < len(row) and row[index] == name for row in body)
    )
    return repeated == 0 and len({name.casefold() for name in filled}) == len(filled)


def unique_columns(names: Sequence[str], width: int) -> tuple[str, ...]:
    """A name for each column: blanks become `column_4`, and a second `phone` becomes `phone_2`."""
    found: list[str] = []
    taken: set[str] = set()
    for index in range(width):
        name = " ".join(names[index].split()).strip("\ufeff") if index < len(names) else ""
        base = (name or f"column_{index + 1}")[:120]
        unique, count = base, 2
        while unique.casefold() in taken:
            unique, count = f"{base}_{count}", count + 1
        taken.add(unique.casefold())
        found.append(unique)
    return tuple(found)
