"""One reading of a feed: asked for what is new, understood, and what is about somebody here kept as signals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urljoin

from domain.errors import LeadhouseError, NotFound, ProviderBusy, ProviderRefused
from domain.feeds import Entry, kind_of, names_in, parse_feed, parse_rules
from domain.signals import SignalKind
from domain.tenancy import Actor, Scope
from serving.outside import Answer, Outside
from serving.signals.taking import note_telling, take
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.signal_feeds import SignalFeeds
from storage.ops.store import Store, Work
from storage.ops.tables import SignalFeed

READ_FEED = "read_feed"
"""The kind of the job that reads one."""
ACTOR = Actor.system("feeds")
MOST_HOPS = 3
"""Redirects that are followed, each as carefully as the first address."""
MOST_BYTES = 2 * 1024 * 1024
MOVED = frozenset({301, 302, 303, 307, 308})
HEADERS = {
    "User-Agent": "Leadhouse-Feeds/1",
    "Accept": "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
}


def queue_reading(work: Work, organization_id: str, signal_feed_id: str) -> None:
    """A reading that waits already is enough."""
    Jobs(work).enqueue(
        READ_FEED, organization_id=organization_id, payload={"signal_feed_id": signal_feed_id},
        unique_key=f"{READ_FEED}:{signal_feed_id}",
    )  # fmt: skip


def read_feed(store: Store, scope: Scope, signal_feed_id: str, outside: Outside) -> None:
    """A feed that is gone is no error, and one that cannot be read says why."""
    try:
        with store.read(scope) as work:
            feed = SignalFeeds(work).get(signal_feed_id)
            url, asked = feed.url, {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    except NotFound:
        return
    try:
        answer = _fetched(outside, url, {**HEADERS, **{name: value for name, value in asked.items() if value}})
        entries = None if answer is None else parse_feed(answer.body)
    except LeadhouseError as problem:
        with store.write(scope, ACTOR) as work:
            SignalFeeds(work).failed(SignalFeeds(work).get(signal_feed_id), str(problem))
        return
    with store.write(scope, ACTOR) as work:
        feed = SignalFeeds(work).get(signal_feed_id)
        if answer is None or entries is None:
            SignalFeeds(work).was_unchanged(feed)
            return
        _keep(work, feed, entries, answer.headers)


def _fetched(outside: Outside, url: str, headers: Mapping[str, str]) -> Answer | None:
    """None where nothing is new."""
    for _ in range(MOST_HOPS + 1):
        answer = outside.ask("GET", url, headers)
        if answer.status_code in MOVED and answer.headers.get("location"):
            url = _next(url, answer.headers["location"])
            continue
        if answer.status_code == 304:
            return None
        if answer.status_code == 200:
            return answer
        kind = ProviderBusy if answer.status_code >= 500 or answer.status_code == 429 else ProviderRefused
        raise kind(f"the feed answers {answer.status_code}")
    raise ProviderRefused("the feed leads from one address to another without end")


def _next(url: str, location: str) -> str:
    try:
        return urljoin(url, location)
    except ValueError:
        raise ProviderRefused("the feed leads to what is no address") from None


def _keep(work: Work, feed: SignalFeed, entries: Sequence[Entry], headers: Mapping[str, str]) -> None:
    """Entries about nobody here are left in the feed: they are looked at again when it changes."""
    told = list(_told(work, feed, entries))
    taken = take(work, told, source=f"feed:{feed.name}"[:40]) if told else []
    SignalFeeds(work).was_read(
        feed, etag=headers.get("etag", ""), last_modified=headers.get("last-modified", ""), entries=len(entries),
        matched=len({each["dedupe_key"] for each in told}), kept=sum(one.outcome == "kept" for one in taken),
    )  # fmt: skip
    if any(one.outcome != "known" for one in taken):
        note_telling(work, taken, source=f"feed:{feed.name}")


def _told(work: Work, feed: SignalFeed, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    rules, usual = parse_rules(feed.rules), SignalKind(feed.kind)
    about = _about(work, feed, entries)
    for entry in entries:
        item: dict[str, Any] = {
            "kind": kind_of(entry, rules, usual).value, "title": entry.title, "url": entry.url,
            "dedupe_key": entry.entry_id,
        }  # fmt: skip
        if entry.published_at:
            item["observed_at"] = min(entry.published_at, work.now()).isoformat()
        for company_id in sorted(about[entry.entry_id]):
            yield {**item, "company_id": company_id}


def _about(work: Work, feed: SignalFeed, entries: Sequence[Entry]) -> dict[str, set[str]]:
    """The companies here that each entry is about."""
    if feed.about:
        of_one = set(Companies(work).ids_by_domain([feed.about]).values())
        return {entry.entry_id: of_one for entry in entries}
    names = {entry.entry_id: set(names_in(entry.title)) for entry in entries}
    found = SignalFeeds(work).companies_named(set().union(*names.values()))
    return {
        entry_id: {company_id for name in held for company_id in found.get(name, ())}
        for entry_id, held in names.items()
    }  # fmt: skip
