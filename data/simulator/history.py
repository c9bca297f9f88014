"""Writes a world's past as the files that a site, a mail system and the ad platforms would have left.

Each run adds files for the days since the last one; what a file holds is the same whoever writes it.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from data.simulator.world import Person, Visit, World

SITE = "https://www.brightside-studio.example"
EMAIL_CAMPAIGN = "founders-outreach"
CAMPAIGNS = (
    ("google", "cpc", "search-brand", "Paid Search", 9000, 55),
    ("linkedin", "paid-social", "founders-q4", "Paid Social", 12000, 30),
    ("newsletter", "email", "monthly-digest", "Email", 900, 0),
)
"""source, medium, campaign, channel, spend on a working day in minor units, clicks."""

Hash = Callable[[str], str]
"""Turns an e-mail address into the organization's HMAC of it."""


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file for one source's batch door."""

    source: str
    path: Path


def write_history(world: World, folder: Path, *, until: date, hashed: Hash) -> list[HistoryFile]:
    """Writes `folder/<source>/<first day>_<day after the last>.<suffix>` for the days before `until` that no earlier
    file holds, and answers every file there is."""
    since = _written_until(folder) or world.starts_on
    until = min(until, world.starts_on + timedelta(days=world.days))
    if since < until:
        people = list(world.people())
        span = f"{since}_{until}"
        web = (event for person in people for event in _web_events(person, hashed))
        mail = (event for person in people for event in _mail_events(person, hashed))
        _write(folder, "linkedin_engagement", f"Connections_{span}.csv", _connections(people, since, until))
        _write(folder, "email_engagement", f"{span}.jsonl", _lines(mail, since, until))
        _write(folder, "ad_spend", f"{span}.csv", _spend(world.seed, since, until))
        _write(folder, "website_events", f"{span}.jsonl", _lines(web, since, until))
    return [HistoryFile(path.parent.name, path) for path in sorted(folder.glob("*/*")) if path.stat().st_size]


def _written_until(folder: Path) -> date | None:
    """The end of the newest span whose last file is there: an interrupted run writes its span again."""
    spans = [path.stem.partition("_")[2] for path in folder.glob("website_events/*.jsonl")]
    return max((date.fromisoformat(end) for end in spans), default=None)


def _write(folder: Path, source: str, name: str, text: str) -> None:
    path = folder / source / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _lines(events: Iterator[dict[str, Any]], since: date, until: date) -> str:
    """Events of the span as JSON lines, in order of time."""
    first, last = str(since), str(until)
    kept = [event for event in events if first <= event["occurred_at"] < last]
    kept.sort(key=lambda event: (event["occurred_at"], event["event_id"]))
    return "".join(json.dumps(event, separators=(",", ":")) + "\n" for event in kept)


def _web_events(person: Person, hashed: Hash) -> Iterator[dict[str, Any]]:
    for index, visit in enumerate(person.visits):
        yield from _visit_events(person, visit, index, hashed)


def _visit_events(person: Person, visit: Visit, index: int, hashed: Hash) -> Iterator[dict[str, Any]]:
    rng = Random(f"{person.anonymous_id}:{index}")
    at, session = visit.at, str(UUID(int=rng.getrandbits(128), version=4))
    referrer, query = visit.door.referrer, visit.door.query.replace("{n}", f"{person.number:06d}{index}")

    def event(kind: str, when: datetime, path: str, **more: Any) -> dict[str, Any]:
        url = f"{SITE}{path}" + (f"?{query}" if query and path == visit.pages[0][0] and kind == "page_view" else "")
        return {
            "event_id": str(UUID(int=rng.getrandbits(128), version=4)),
            "type": kind, "anonymous_id": person.anonymous_id, "session_id": session,
            "occurred_at": _iso(when), "sent_at": _iso(when), "received_at": _iso(when + timedelta(milliseconds=180)),
            "consent": "full", "page": {"url": url, "title": path.strip("/").title() or "Home", "referrer": referrer},
            "device": {"language": "en", "viewport": "1440x900"}, "context": _context(person), **more,
        }  # fmt: skip

    previous = referrer
    for path, seconds in visit.pages:
        referrer = previous
        yield event("page_view", at, path)
        if seconds >= 10:
            yield event("page_ping", at + timedelta(seconds=seconds), path, properties={"engaged_seconds": seconds})
        at += timedelta(seconds=max(1, seconds))
        previous = f"{SITE}{path}"
    if visit.submits:
        referrer, query = previous, ""
        yield event("form_start", at, "/contact")
        at = visit.submitted_at - timedelta(milliseconds=200)
        yield event("form_submit", at, "/contact", properties={"form": "contact"}, email_hash=hashed(person.email))
        yield event("identify", at + timedelta(milliseconds=10), "/contact", email_hash=hashed(person.email))


def _context(person: Person) -> dict[str, Any]:
    at_work = person.number % 3 == 0 and not person.is_bot
    network = "hosting" if person.is_bot else "business" if at_work else "isp"
    return {
        "user_agent": person.user_agent,
        "browser": "", "os": "", "device_type": "mobile" if "Mobile" in person.user_agent else "desktop",
        "ip_network": ".".join(person.address.split(".")[:3]) + ".0/24",
        "network_type": network, "network_owner": person.firm.name if at_work else "",
        "company_domain": person.firm.domain if at_work else None,
        "company_name": person.firm.name if at_work else None,
        "company_confidence": "high" if at_work else None,
        "country": person.firm.country,
        "is_bot": person.is_bot, "bot_reasons": ["crawler_user_agent", "hosting_network"] if person.is_bot else [],
    }  # fmt: skip


def _mail_events(person: Person, hashed: Hash) -> Iterator[dict[str, Any]]:
    rng = Random(f"mail:{person.anonymous_id}")
    message = f"<{rng.getrandbits(64):016x}@mail.brightside-studio.example>"
    for kind, at in person.outbound:
        machine = kind == "opened_machine"
        yield {
            "event_id": str(UUID(int=rng.getrandbits(128), version=4)),
            "type": "opened" if machine else kind, "message_id": message, "campaign": EMAIL_CAMPAIGN,
            "sequence_step": "1", "email_hash": hashed(person.email), "occurred_at": _iso(at),
            "is_machine": machine, "machine_reason": "image_proxy" if machine else None,
            "link_url": f"{SITE}/case-studies" if kind == "clicked" else None,
        }  # fmt: skip


def _spend(seed: int, since: date, until: date) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        ["spend_on", "channel", "source", "medium", "campaign", "amount", "currency", "clicks", "impressions"]
    )
    day = since
    while day < until:
        rng = Random(f"{seed}:spend:{day}")
        factor = 0.4 if day.weekday() >= 5 else 1.0
        for source, medium, campaign, channel, minor, clicks in CAMPAIGNS:
            amount = int(minor * factor * rng.uniform(0.8, 1.2)) / 100
            count = int(clicks * factor * rng.uniform(0.7, 1.3))
            table.writerow([day, channel, source, medium, campaign, f"{amount:.2f}", "EUR", count, count * 40])
        day += timedelta(days=1)
    return out.getvalue()


def _connections(people: list[Person], since: date, until: date) -> str:
    """LinkedIn's member-data export, with the notes that stand above its header."""
    out = io.StringIO()
    out.write(
        'Notes:\n"When exporting your connection data, you may notice that some of the email addresses are missing."\n\n'
    )
    table = csv.writer(out)
    table.writerow(["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"])
    for person in people:
        if person.number % 23 or not person.visits or not since <= person.visits[0].at.date() < until:
            continue
        slug = f"{person.first_name}-{person.last_name}-{person.number}".lower()
        table.writerow([
            person.first_name, person.last_name, f"https://www.linkedin.com/in/{slug}",
            person.email if person.number % 2 else "", person.firm.name, person.title,
            person.visits[0].at.strftime("%d %b %Y"),
        ])  # fmt: skip
    return out.getvalue()


def _iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
