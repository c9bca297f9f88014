"""The links of a message: found in both of its parts, and replaced with every other byte as it was."""

from __future__ import annotations

import html as markup
import re
from collections.abc import Callable, Iterator
from html.entities import html5
from html.parser import HTMLParser
from itertools import accumulate
from urllib.parse import urlsplit

from domain.outreach.unsubscribing import parse_token

_IN_TEXT = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_ENDS_A_SENTENCE = ".,;:!?'*_"
_BRACKETS = {")": "(", "]": "[", "}": "{"}
_ATTRIBUTE = re.compile(r"""[\s/]*(?P<name>[^\s/>=][^\s/>=]*)(?:\s*=\s*(?P<value>"[^"]*"|'[^']*'|[^\s>]*))?""")
_REFERENCE = re.compile(r"&(#[0-9]+;|#[xX][0-9a-fA-F]+;|[A-Za-z][A-Za-z0-9]*;)")
_TAGS = frozenset({"a", "area"})
Address = Callable[[str], str | None]
"""What stands in the place of a link, or None where it stays."""


def links_of(text: str, html: str) -> tuple[str, ...]:
    """Where the links of a message lead, each once, in the order of the HTML part and then of the text."""
    found = [target for _, _, target in _html_links(html)] + [target for _, _, target in _text_links(text)]
    return tuple(dict.fromkeys(target for target in found if may_be_followed(target)))


def may_be_followed(target: str) -> bool:
    """Whether a link may be led over us: to a page on the web, and never the way out of a mailing."""
    try:
        parts = urlsplit(target)
        has_host = bool(parts.hostname)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and has_host and parse_token(target) is None


def text_with(text: str, address: Address) -> str:
    """The plain part with other links."""
    return _replaced(text, _text_links(text), address, str)


def html_with(html: str, address: Address) -> str:
    """The HTML part with other links. What stands in comments, styles and scripts stays."""
    return _replaced(html, _html_links(html), address, lambda link: f'"{markup.escape(link)}"')


def with_at_the_end(html: str, more: str) -> str:
    """More markup as the last of the body."""
    at = html.lower().rfind("</body>")
    return f"{html}{more}" if at < 0 else f"{html[:at]}{more}{html[at:]}"


def _replaced(
    whole: str, links: Iterator[tuple[int, int, str]], address: Address, written: Callable[[str], str]
) -> str:
    parts, done = [], 0
    for start, end, target in links:
        link = address(target)
        if link is not None:
            parts += [whole[done:start], written(link)]
            done = end
    return "".join([*parts, whole[done:]])


def _text_links(text: str) -> Iterator[tuple[int, int, str]]:
    for found in _IN_TEXT.finditer(text):
        target = _without_the_sentence(found[0])
        yield found.start(), found.start() + len(target), target


def _without_the_sentence(link: str) -> str:
    """`(see https://example.org/a_(b)).` ends before its last two characters."""
    while link:
        last = link[-1]
        closes_more = last in _BRACKETS and link.count(last) > link.count(_BRACKETS[last])
        if last not in _ENDS_A_SENTENCE and not closes_more:
            break
        link = link[:-1]
    return link


def _html_links(html: str) -> Iterator[tuple[int, int, str]]:
    if "<" not in html:
        return
    reader = _Reader(html)
    reader.feed(html)
    reader.close()
    yield from reader.links


class _Reader(HTMLParser):
    """Notes where the address of each link stands, with the quotation marks around it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[int, int, str]] = []
        self._lines = [0, *accumulate(len(line) for line in html.split("\n"))]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  read off the source
        source = self.get_starttag_text()
        if tag not in _TAGS or source is None:
            return
        line, column = self.getpos()
        begin = self._lines[line - 1] + (line - 1) + column
        for attribute in _ATTRIBUTE.finditer(source, len(tag) + 1):
            if attribute["name"].lower() == "href":
                value = attribute["value"]
                if value:
                    bare = value[1:-1] if value[0] in "\"'" else value
                    target = _REFERENCE.sub(_meant, bare).strip()
                    self.links.append((begin + attribute.start("value"), begin + attribute.end("value"), target))
                return


def _meant(reference: re.Match[str]) -> str:
    """What `&amp;` stands for. In an attribute `&copy=1` is no reference (HTML, named character reference state)."""
    return markup.unescape(reference[0]) if reference[1].startswith("#") else html5.get(reference[1], reference[0])
