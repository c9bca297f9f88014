"""History of a site from files: events as the collector takes them, or rows with our own column names."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from domain.page_urls import clean_url
from ingest.base import FileContext, Record
from ingest.formats import LINE, read_file, text_lines

NESTED = {
    "page": {"url": "page_url", "title": "page_title", "referrer": "referrer"},
    "utm": {name: f"utm_{name}" for name in ("source", "medium", "campaign", "term", "content")},
    "click_ids": {name: name for name in ("gclid", "fbclid", "msclkid", "li_fat_id", "ttclid")},
    "device": {name: name for name in ("viewport", "language", "time_zone")},
    "signals": {"gpc": "is_gpc", "dnt": "is_dnt"},
    "context": {
        **{name: name for name in ("user_agent", "browser", "os", "device_type", "ip_network", "country", "is_bot")},
        **{name: name for name in ("network_owner", "network_type")},
        "asn": "network_asn",
        "company_domain": "network_company_domain",
        "company_name": "network_company_name",
        "company_confidence": "network_confidence",
    },
}
PERSONAL = ('"traits"', "@", "%40")
"""A line without these needs no cleaning, which is most of them."""


def read(path: Path, context: FileContext) -> Iterator[Record]:
    """Lines of JSON pass as they are unless something personal may be in them; other formats are rows of columns."""
    name = path.name.lower().removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson")):
        for _, line in text_lines(path):
            yield {"body": _cleaned(line, context) if any(sign in line for sign in PERSONAL) else line}
    else:
        for record in read_file(path):
            yield {"body": json.dumps(_without_identifiers(_event(record), context), default=str)}


def _event(record: Record) -> dict[str, Any]:
    """A row of columns in the shape of the collector; a record that has that shape already stays as it is."""
    if isinstance(record.get("page"), dict) or isinstance(record.get("context"), dict):
        return {name: value for name, value in record.items() if name != LINE}
    taken = {column for columns in NESTED.values() for column in columns.values()}
    event = {name: value for name, value in record.items() if name not in taken and name != LINE and value != ""}
    for group, columns in NESTED.items():
        event[group] = {
            name: record[column] for name, column in columns.items() if record.get(column) not in {None, ""}
        }
    if record.get("bot_reasons"):
        event["context"]["bot_reasons"] = str(record["bot_reasons"]).split(",")
    if event.get("email"):
        event["traits"] = {"email": event["email"]}
    event.pop("email", None)
    if record.get("session_hint"):
        event["session_id"] = record["session_hint"]
    if isinstance(event.get("properties"), str):
        try:
            event["properties"] = json.loads(event["properties"])
        except ValueError:
            event["properties"] = {"text": event["properties"]}
    return event


def _cleaned(line: str, context: FileContext) -> str:
    try:
        event = json.loads(line)
    except ValueError:
        return line
    return json.dumps(_without_identifiers(event, context)) if isinstance(event, dict) else line


def _without_identifiers(event: dict[str, Any], context: FileContext) -> dict[str, Any]:
    """Events carry no address: an identify keeps its HMAC, and page addresses lose personal parameters."""
    traits = event.pop("traits", None)
    if isinstance(traits, dict):
        if event_hash := context.hash_email(traits.get("email")):
            event.setdefault("email_hash", event_hash)
        if traits.get("domain"):
            event.setdefault("company_domain", traits["domain"])
    page = event.get("page")
    if isinstance(page, dict):
        event["page"] = {
            name: clean_url(value) if name in {"url", "referrer"} and isinstance(value, str) else value
            for name, value in page.items()
        }
    return event
