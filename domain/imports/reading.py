"""Lines into records, surviving what people's files are like: a broken quote costs its own row and never the file."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

_LONGEST_RECORD = 1000
"""Physical lines that one quoted field may span; after many failures 50, so that no file takes quadratic time."""
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. `skip_lines` physical lines (a title, Excel's `sep=`) stand before the header or first row;
    `width` is the number of columns, 0 where it is not known yet."""

    encoding: str = "utf-8"
    errors: str = "strict"
    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    skip_space: bool = False
    has_header: bool = True
    skip_lines: int = 0
    width: int = 0

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Self:
        return cls(**{name: value for name, value in stored.items() if name in cls.__dataclass_fields__})


class Record(NamedTuple):
    """One row of the file: where it starts (line 1 is the first of the file), its fields, and the text they came from.

    `fields` is None when the row could not be split, with `problem` saying why.
    """

    line: int
    fields: list[str] | None
    raw: str
    problem: str = ""


class _Lines:
    """Physical lines with their number, that can be put back."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._source = iter(lines)
        self._returned: deque[str] = deque()
        self.number = 0

    def next(self) -> str | None:
        line = self._returned.popleft() if self._returned else next(self._source, None)
        if line is not None:
            self.number += 1
        return line

    def put_back(self, lines: list[str]) -> None:
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)


def read_records(lines: Iterable[str], dialect: Dialect) -> Iterator[Record]:
    """Every record after the skipped lines, the header among them; empty lines are passed over.

    Lines come with their line ends, as `open(newline="")` gives them, so that a line end inside quotes is kept as it is.
    No record is lost or made up: every line that is not empty belongs to exactly one record.
    """
    source = _Lines(lines)
    for _ in range(dialect.skip_lines):
        source.next()
    patience = _PATIENCE
    delimiter, quote = dialect.delimiter, dialect.quote
    while (line := source.next()) is not None:
        if "\x00" in line:
            line = line.replace("\x00", "")
        text = line.rstrip("\r\n")
        if not text.strip(" \ufeff"):
            continue
        number = source.number
        if quote not in text and dialect.escape is None:
            yield Record(number, text.split(delimiter), text)
            continue
        fields = _split_line(text, dialect)
        if fields is not None:
            yield Record(number, fields, text)
            continue
        record = _split_lines(line, number, source, dialect, _LONGEST_RECORD if patience > 0 else 50)
        patience -= record.fields is None
        yield record


def _split_line(text: str, dialect: Dialect) -> list[str] | None:
    """A line by the book, or None when it is not by the book or ends inside quotes."""
    reader = csv.reader(
        [text],
        delimiter=dialect.delimiter,
        quotechar=dialect.quote,
        escapechar=dialect.escape,
        skipinitialspace=dialect.skip_space,
        strict=True,
    )
    try:
        return next(reader)
    except csv.Error:
        return None


def _split_lines(first: str, number: int, source: _Lines, dialect: Dialect, longest: int) -> Record:
    """A record that is not by the book: quotes inside quotes, or a field over several lines."""
    reader = _Tolerant(first, source, dialect, longest)
    fields = reader.record()
    if fields is not None and len(reader.taken) > 1 and dialect.width and len(fields) != dialect.width:
        alone = (_split_line(line.rstrip("\r\n"), dialect) for line in reader.taken[1:])
        if any(found is not None and len(found) == dialect.width for found in alone):
            fields = None  # a whole row was swallowed: the quote at its start was never meant to stay open
    if fields is None:
        source.put_back(reader.taken[1:])
        return Record(number, None, first.rstrip("\r\n"), "unclosed_quote")
    return Record(number, fields, "".join(reader.taken).rstrip("\r\n"))


class _Tolerant:
    """Splits one record, taking further lines while a quote is open.

    A quote closes its field when a delimiter or the line's end follows; another quote inside the line is text. After a
    line end, any other quote says that the field was never closed.
    """

    def __init__(self, first: str, source: _Lines, dialect: Dialect, longest: int) -> None:
        self.taken = [first]
        self._line, self._at = first, 0
        self._source, self._dialect, self._longest = source, dialect, longest
        self._ends = frozenset((dialect.delimiter, "\r", "\n", ""))

    def record(self) -> list[str] | None:
        """The fields, or None when a quote is never closed."""
        fields: list[str] = []
        while True:
            field = self._quoted() if self._opens() else self._plain()
            if field is None:
                return None
            fields.append(field)
            if self._char(self._at) != self._dialect.delimiter:
                return fields
            self._at += 1

    def _char(self, at: int) -> str:
        return self._line[at : at + 1]

    def _opens(self) -> bool:
        at = self._at
        while self._dialect.skip_space and self._char(at) == " ":
            at += 1
        if self._char(at) != self._dialect.quote:
            return False
        # `""text` is text that begins with two quotes; taken as an opened quote it would run on through the file.
        empty_then_text = self._char(at + 1) == self._dialect.quote and self._char(at + 2) not in (
            self._ends | {self._dialect.quote, " "}
        )
        if empty_then_text:
            return False
        self._at = at
        return True

    def _plain(self) -> str:
        end = self._line.find(self._dialect.delimiter, self._at)
        stop = len(self._line.rstrip("\r\n"))
        end = stop if end < 0 or end > stop else end
        field, self._at = self._line[self._at : end], end
        return field

    def _quoted(self) -> str | None:
        quote, parts = self._dialect.quote, [""]
        start = self._at + 1
        while True:
            at = self._line.find(quote, start)
            if at < 0:
                parts.append(self._line[start:])
                following = self._source.next() if len(self.taken) < self._longest else None
                if following is None:
                    return None
                self._line, start = following.replace("\x00", ""), 0
                self.taken.append(following)
                continue
            parts.append(self._line[start:at])
            following_char = self._char(at + 1)
            if self._is_escaped(at):
                parts[-1] = parts[-1][:-1] + quote
                start = at + 1
            elif following_char == quote:
                parts.append(quote)
                start = at + 2
            elif following_char in self._ends or self._only_space_follows(at + 1):
                self._at = at + 1
                while self._char(self._at) == " ":
                    self._at += 1
                return "".join(parts)
            elif len(self.taken) > 1:
                return None
            else:
                parts.append(quote)
                start = at + 1

    def _is_escaped(self, at: int) -> bool:
        escape = self._dialect.escape
        if escape is None:
            return False
        before = at
        while before > 0 and self._line[before - 1] == escape:
            before -= 1
        return (at - before) % 2 == 1

    def _only_space_follows(self, at: int) -> bool:
        while self._char(at) == " ":
            at += 1
        return self._char(at) in self._ends


def fit(fields: list[str], width: int) -> tuple[list[str], str]:
    """The fields at the width of the table, or the reason why they do not fit.

    Empty cells too many are cut off, for some programs end every line with a delimiter.
    """
    count = len(fields)
    if count == width:
        return fields, ""
    if count > width and not any(fields[width:]):
        return fields[:width], ""
    kind = "too_many_columns" if count > width else "too_few_columns"
    return fields, f"{kind}: {count} instead of {width}"
