"""What a file is that is no table of text, by its first bytes, and what its owner can do about it."""

from __future__ import annotations

import json
import re

from domain.errors import ImportRejected
from domain.imports.encodings import detect_encoding

_HEAD = 1 << 16
_SAVE_AS = "Open it in a spreadsheet, save the sheet as CSV (UTF-8), and import that."
_EXPORT = "Export the list as CSV from the program it is kept in, and import that."
_UNPACK = "Unpack it, and import the CSV file inside."

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", _SAVE_AS),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture", _EXPORT),
    (b"\xff\xd8\xff", "a JPEG picture", _EXPORT),
    (b"GIF87a", "a GIF picture", _EXPORT),
    (b"GIF89a", "a GIF picture", _EXPORT),
    (b"%PDF-", "a PDF document", _EXPORT),
    (b"{\\rtf", "an RTF document", _EXPORT),
    (b"PAR1", "a Parquet file", "Write it as CSV first, or land it through the drop folder."),
    (b"SQLite format 3\x00", "a SQLite database", _EXPORT),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (b"BZh", "a bzip2 archive", _UNPACK),
    (b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", _UNPACK),
    (b"\x7fELF", "a program", _EXPORT),
)
_ZIPPED: tuple[tuple[bytes, str, str], ...] = (
    (b"xl/", "an Excel workbook", _SAVE_AS),
    (b"vnd.oasis.opendocument.spreadsheet", "an OpenDocument spreadsheet", _SAVE_AS),
    (b"word/", "a Word document", _EXPORT),
    (b"Index/", "a Numbers sheet", _SAVE_AS),
)
_MARKUP = re.compile(rb"^\s*(?:<!doctype\s+html|<html|<head|<body|<table|<div)\b", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1b\x7f]")
_MOST_CONTROLS = 0.02
"""Share of control characters in a text: real files have a stray one, pictures a third."""


def refuse_what_is_no_table(data: bytes) -> None:
    """Raises ImportRejected, saying what the bytes are and what to do, unless they could be a table of text."""
    found = _kind_of(data)
    if found is not None:
        what, advice = found
        raise ImportRejected(f"this is {what}, not a CSV file", hint=advice)


def _kind_of(data: bytes) -> tuple[str, str] | None:
    for mark, what, advice in _SIGNATURES:
        if data.startswith(mark):
            return what, advice
    if data.startswith(b"PK\x03\x04"):
        inside = data[:_HEAD] + data[-_HEAD:]  # names stand at the beginning and in the directory at the end
        return next(((what, advice) for mark, what, advice in _ZIPPED if mark in inside), ("a ZIP archive", _UNPACK))
    return _kind_of_text(data)


def _kind_of_text(data: bytes) -> tuple[str, str] | None:
    head = data[:_HEAD].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(head):
        return "a web page (HTML), perhaps a login page that was saved instead of the export", _EXPORT
    if head.lstrip().startswith(b"<?xml"):
        return "an XML document", _EXPORT
    if head.lstrip()[:1] in (b"{", b"[") and _is_json(data):
        return "a JSON document", "Convert it to CSV, one row a record, and import that."
    if head and _is_binary(head):
        return "a binary file", _EXPORT
    return None


def _is_json(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data), dict | list)
    except ValueError:
        return False


def _is_binary(head: bytes) -> bool:
    encoding = detect_encoding(head)
    text = head.decode(encoding.name, "replace")
    return len(_CONTROL.findall(text)) > max(2, len(text) * _MOST_CONTROLS)
