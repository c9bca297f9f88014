"""HTML of a message as text: lines where a reader sees lines, quotes marked as in plain text, nothing that is hidden."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser

_BREAKS = frozenset(
    {"p", "div", "br", "tr", "li", "ul", "ol", "h1", "h2", "h3", "h4", "h5", "h6", "table", "blockquote", "pre", "hr"}
)
_SILENT = frozenset({"style", "script", "head", "title", "template"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_QUOTE = re.compile(
    r"\b(?:gmail_quote|yahoo_quoted|protonmail_quote|zmail_extra|moz-signature-quote|divrplyfwdmsg)\b", re.IGNORECASE
)
"""Class or id of what a mail program wraps the earlier messages in."""
_QUOTE_FOLLOWS = re.compile(
    r"\b(?:appendonsend|divrplyfwdmsg|ms-outlook-mobile-reference-message|mail-editor-reference-message)\b",
    re.IGNORECASE,
)
"""Outlook wraps nothing: everything behind this mark is the earlier message."""
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d]*[1-9])|mso-hide\s*:\s*all", re.IGNORECASE
)
_SPACE = re.compile(r"[ \t\r\f\v\xa0\u200b\u200c\u2060\ufeff]+")


def text_of_html(html: str) -> str:
    """What the markup shows, a line for each block; quoted blocks begin with `> `."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.text()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[tuple[bool, str]] = []
        self._line = ""
        self._open: list[tuple[str, bool, bool]] = []
        """Tags that are open: (name, silent, quote)."""
        self._names: Counter[str] = Counter()
        self._silent = self._quotes = 0
        """How many of them are: markup may be nested a hundred thousand deep."""
        self._is_quote_to_the_end = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BREAKS:
            self._end_line()
        named = " ".join(value for name, value in attrs if name in {"class", "id"} and value)
        if named and _QUOTE_FOLLOWS.search(named):
            self._end_line()
            self._is_quote_to_the_end = True
        if tag not in _VOID:
            is_hidden = any(
                name == "hidden" or (name == "style" and value and _HIDDEN.search(value)) for name, value in attrs
            )
            is_quote = tag == "blockquote" or bool(named and _QUOTE.search(named))
            if is_quote:
                self._end_line()
            self._push(tag, is_silent=is_hidden or tag in _SILENT, is_quote=is_quote)

    def _push(self, tag: str, *, is_silent: bool, is_quote: bool) -> None:
        self._open.append((tag, is_silent, is_quote))
        self._names[tag] += 1
        self._silent += is_silent
        self._quotes += is_quote

    def handle_endtag(self, tag: str) -> None:
        if not self._names[tag]:
            return
        if tag in _BREAKS:
            self._end_line()
        while self._open:
            name, is_silent, is_quote = self._open[-1]
            if is_quote:
                self._end_line()
            self._open.pop()
            self._names[name] -= 1
            self._silent -= is_silent
            self._quotes -= is_quote
            if name == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._line += _SPACE.sub(" ", data.replace("\n", " "))

    def text(self) -> str:
        self._end_line()
        lines = [f"> {line}" if quoted else line for quoted, line in self._lines]
        return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")

    def _end_line(self) -> None:
        line = _SPACE.sub(" ", self._line).strip()
        self._line = ""
        quoted = self._is_quote_to_the_end or self._quotes > 0
        if line or (self._lines and self._lines[-1][1]):
            self._lines.append((quoted, line))
