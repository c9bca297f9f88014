"""Feeds of news, RSS 0.9–2.0 and Atom: what an entry says, which kind of signal it is, and which names of companies it may hold."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any
from xml.parsers import expat

from domain.errors import InvalidInput
from domain.signals import LONGEST_KEY, LONGEST_TITLE, SignalKind, is_address

MOST_ENTRIES = 200
"""Of one reading, in the order of the feed: newest first, as feeds are written."""
DEEPEST = 50
LONGEST_NAME = 5
"""Words of a company's name that are looked for in a title."""
SHORTEST_NAME = 4
"""Letters: shorter names are words of other sentences too often."""
MOST_RULES = 30
ENTRIES = {"item", "entry"}
TITLES, TEXTS, IDS = {"title"}, {"description", "summary", "content", "encoded"}, {"guid", "id"}
DATES = ("pubdate", "published", "date", "updated")
"""The first that is there."""
USUAL_RULES: Sequence[Mapping[str, Any]] = (
    {"kind": "funding", "words": ["raises", "raised", "funding", "seed round", "series a", "series b", "investment"]},
    {"kind": "job_change", "words": ["appoints", "appointed", "names new", "joins as", "new ceo", "new cmo"]},
    {"kind": "hiring", "words": ["hiring", "is hiring", "new jobs", "job openings"]},
    {"kind": "tech_change", "words": ["migrates to", "switches to", "adopts", "implements"]},
)
"""Where an organization starts from. What no rule names is what the feed usually holds."""
_MARKS = re.compile(r"<[^>]*>|\s+")
_WORD = re.compile(r"\w[\w&.'’+-]*", re.UNICODE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `entry_id` is its own, or its address where it has none."""

    entry_id: str
    title: str
    text: str
    url: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class Rule:
    """An entry that holds one of `words` (whole words, in any case) is a signal of this kind."""

    kind: SignalKind
    words: tuple[str, ...]


def parse_rules(told: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """Raises InvalidInput."""
    rules = tuple(told)
    if len(rules) > MOST_RULES:
        raise InvalidInput(f"at most {MOST_RULES} rules")
    return tuple(_rule(each) for each in rules)


def kind_of(entry: Entry, rules: Sequence[Rule], usual: SignalKind) -> SignalKind:
    """Of the first rule whose word the entry holds."""
    words = _spaced(f"{entry.title} {entry.text}")
    return next((rule.kind for rule in rules if any(_spaced(word) in words for word in rule.words)), usual)


def names_in(title: str) -> Iterator[str]:
    """What could be a company's name in a title: some words in a row, the first with a capital or a digit; small letters."""
    words = _WORD.findall(title)
    for start, first in enumerate(words):
        if not (first[0].isupper() or first[0].isdigit()):
            continue
        for end in range(start + 1, min(start + LONGEST_NAME, len(words)) + 1):
            name = " ".join(words[start:end]).rstrip(".'’")
            for form in {name, name.removesuffix("'s").removesuffix("’s")}:
                if len(form) >= SHORTEST_NAME:
                    yield form.casefold()


def parse_feed(content: bytes) -> list[Entry]:
    """The entries of a feed, each once. Raises InvalidInput for what is none. Declared entities are refused: they are how a
    small file becomes a large one, or reads another."""
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reading.begin
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.say
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    try:
        parser.Parse(content, True)
    except expat.ExpatError as fault:
        raise InvalidInput(f"not a feed: {expat.ErrorString(fault.code)} in line {fault.lineno}") from None
    except (LookupError, ValueError) as fault:
        raise InvalidInput(f"not a feed: {fault}") from None
    if not reading.is_feed:
        raise InvalidInput("not a feed: it is neither RSS nor Atom")
    return list({one.entry_id: one for one in reversed(reading.entries)}.values())[::-1]


@dataclass(slots=True)
class _Reading:
    """What was read so far; the parser calls it."""

    entries: list[Entry] = field(default_factory=list)
    is_feed: bool = False
    depth: int = 0
    _said: dict[str, str] | None = None
    _names: list[str] = field(default_factory=list)

    def begin(self, full_name: str, attributes: Mapping[str, str]) -> None:
        name = full_name.rpartition(" ")[2].casefold()
        self.depth += 1
        if self.depth > DEEPEST:
            raise ValueError("it is nested too deeply")
        if self.depth == 1:
            self.is_feed = name in {"rss", "feed", "rdf"}
        if self._said is None:
            if name in ENTRIES and len(self.entries) < MOST_ENTRIES:
                self._said, self._names = {}, []
            return
        self._names.append(name)
        if name == "link" and attributes.get("href") and attributes.get("rel", "alternate") == "alternate":
            self._said.setdefault("link", attributes["href"])

    def say(self, text: str) -> None:
        if self._said is not None and self._names:
            name = self._names[0]
            self._said[name] = self._said.get(name, "") + text

    def end(self, _: str) -> None:
        self.depth -= 1
        if self._said is None:
            return
        if self._names:
            self._names.pop()
            return
        if (made := _entry(self._said)) is not None:
            self.entries.append(made)
        self._said = None


def _entry(said: Mapping[str, str]) -> Entry | None:
    """None for one without words or an address."""
    title = _plain(_first(said, TITLES))[:LONGEST_TITLE]
    url = said.get("link", "").strip()
    url = url if is_address(url) else ""
    entry_id = (_first(said, IDS).strip() or url or title)[:LONGEST_KEY]
    if not (title or url):
        return None
    return Entry(
        entry_id, title, _plain(_first(said, TEXTS)), url, _moment(next((said[d] for d in DATES if d in said), ""))
    )


def _first(said: Mapping[str, str], names: Iterable[str]) -> str:
    return next((said[name] for name in sorted(names) if said.get(name, "").strip()), "")


def _plain(text: str) -> str:
    """Words without marks; what is marked up inside a feed is escaped in it."""
    return _MARKS.sub(" ", unescape(text)).replace("\x00", "").strip()


def _moment(text: str) -> datetime | None:
    text = text.strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, IndexError, TypeError):
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _spaced(text: str) -> str:
    return f" {' '.join(_WORD.findall(text.casefold()))} "


def _rule(told: Mapping[str, Any]) -> Rule:
    words = told.get("words")
    if not isinstance(words, list) or not all(isinstance(word, str) and _WORD.search(word) for word in words):
        raise InvalidInput("a rule has a list of words")
    try:
        return Rule(SignalKind(str(told.get("kind", ""))), tuple(word.strip()[:80] for word in words[:50]))
    except ValueError:
        raise InvalidInput(f"there is no kind {told.get('kind', '')!r}", hint=f"{', '.join(SignalKind)}.") from None


def _refuse(*_: object) -> None:
    raise ValueError("it declares entities")
