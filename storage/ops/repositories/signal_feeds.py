"""Feeds that are read for signals: which are due, how readings went, and companies that titles may name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from domain.errors import Conflict, InvalidInput
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import Company, SignalFeed

MOST = 50
"""Feeds of one organization."""
EVERY = timedelta(hours=1)
LONGEST_REST = timedelta(days=1)
AT_ONCE = 2_000


class SignalFeeds(Repository):
    def add(
        self, url: str, *, name: str, about: str = "", kind: str = "news", rules: Sequence[dict[str, Any]] = ()
    ) -> SignalFeed:
        """A feed that is due now. Raises InvalidInput where there are too many, Conflict for one that is there."""
        held = self.of_organization()
        if len(held) >= MOST:
            raise InvalidInput(f"there are {MOST} feeds already", hint="Remove one that tells of nobody.")
        if any(each.url == url for each in held):
            raise Conflict("this feed is read already")
        made = SignalFeed(
            organization_id=self.target(), url=url, name=name, about=about, kind=kind, rules=list(rules),
            next_at=self.work.now(),
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record("create", "signal_feed", made.signal_feed_id, after={"url": url, "name": name})
        return made

    def of_organization(self) -> list[SignalFeed]:
        """By name."""
        asked = select(SignalFeed).where(SignalFeed.organization_id == self.target())
        return list(self.session.scalars(asked.order_by(SignalFeed.name, SignalFeed.signal_feed_id)))

    def get(self, signal_feed_id: str) -> SignalFeed:
        """Raises NotFound."""
        return self.one(
            select(SignalFeed).where(
                SignalFeed.signal_feed_id == signal_feed_id, SignalFeed.organization_id == self.target()
            )
        )

    def remove(self, feed: SignalFeed) -> None:
        """Signals that it told of stay."""
        self.writable(feed.organization_id)
        self.session.delete(feed)
        self.session.flush()
        Audit(self.work).record("remove", "signal_feed", feed.signal_feed_id, before={"url": feed.url})

    def due(self, now: datetime) -> list[tuple[str, str]]:
        """Organization and id of each that is to be read."""
        self.require_system()
        asked = select(SignalFeed.organization_id, SignalFeed.signal_feed_id).where(SignalFeed.next_at <= now)
        return [(organization_id, feed_id) for organization_id, feed_id in self.session.execute(asked)]

    def was_read(
        self, feed: SignalFeed, *, etag: str, last_modified: str, entries: int, matched: int, kept: int
    ) -> None:
        """A reading that went well; the next one is in an hour."""
        self.writable(feed.organization_id)
        now = self.work.now()
        feed.etag, feed.last_modified = etag[:200], last_modified[:100]
        feed.entry_count, feed.matched_count, feed.kept_count = entries, matched, feed.kept_count + kept
        feed.read_at, feed.next_at, feed.problem, feed.failures = now, now + EVERY, "", 0

    def was_unchanged(self, feed: SignalFeed) -> None:
        """It says that nothing is new."""
        self.writable(feed.organization_id)
        feed.next_at, feed.problem, feed.failures = self.work.now() + EVERY, "", 0

    def failed(self, feed: SignalFeed, problem: str) -> None:
        """The next try is in an hour, and in twice as long after each that fails, up to a day."""
        self.writable(feed.organization_id)
        feed.problem = problem[:300]
        feed.next_at = self.work.now() + min(EVERY * (1 << min(feed.failures, 10)), LONGEST_REST)
        feed.failures += 1

    def companies_named(self, names: Collection[str]) -> dict[str, list[str]]:
        """Ids of the companies that have one of these names, in small letters."""
        found: dict[str, list[str]] = {}
        asked = select(Company.company_id, Company.name).where(
            Company.organization_id == self.target(), Company.merged_into_id.is_(None), Company.name.is_not(None)
        )
        for company_id, name in self.session.execute(asked.execution_options(yield_per=AT_ONCE)):
            key = name.strip().casefold()
            if key in names:
                found.setdefault(key, []).append(company_id)
        return found
