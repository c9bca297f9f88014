"""The examples that the classifier learns from, and how the words of an answer are prepared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from domain.replies.intents import Intent

EXAMPLES = Path(__file__).with_name("examples.yml")
LONGEST = 800
"""Characters of an answer that are read: what somebody wants stands at its beginning."""
_GREETING = re.compile(
    r"^\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|hallo|guten (?:tag|morgen)|liebe[r]?|sehr geehrte[r]?|bonjour|hola|buenos d[íi]as|ciao|dag|ol[áa])\b[^\n,.!?:]{0,40}[,.!:]\s*)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Examples:
    """Texts and their classes, side by side."""

    texts: tuple[str, ...]
    intents: tuple[Intent, ...]


def load_examples(path: Path = EXAMPLES) -> Examples:
    """Reads `{intent: [text, …]}` from YAML."""
    by_intent: dict[str, list[str]] = yaml.safe_load(path.read_text(encoding="utf-8"))
    pairs = [(prepared(str(text)), Intent(intent)) for intent, texts in by_intent.items() for text in texts]
    return Examples(tuple(text for text, _ in pairs), tuple(intent for _, intent in pairs))


def prepared(written: str) -> str:
    """The words that are embedded: without the greeting, on one line."""
    return re.sub(r"\s+", " ", _GREETING.sub("", written, count=1)).strip()[:LONGEST]
