"""What the routes of feeds do."""

from __future__ import annotations

from domain.contacts import Domain
from domain.errors import InvalidInput
from domain.feeds import USUAL_RULES, parse_rules
from domain.signals import is_address
from serving.signal_feeds.reading import queue_reading
from serving.signal_feeds.schemas import RuleIn, SignalFeedIn, SignalFeedOut, SignalFeedsOut
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.signal_feeds import SignalFeeds
from storage.ops.store import Work
from storage.ops.tables import SignalFeed


def shown(work: Work) -> SignalFeedsOut:
    return SignalFeedsOut(
        items=[_out(row) for row in SignalFeeds(work).of_organization()],
        usual_rules=[RuleIn.model_validate(each) for each in USUAL_RULES],
    )


def create(work: Work, body: SignalFeedIn) -> SignalFeedOut:
    url = body.url.strip()
    if not is_address(url):
        raise InvalidInput("the address of a feed begins with https://")
    rules = [rule.model_dump(mode="json") for rule in body.rules]
    parse_rules(rules)
    about = Domain.parse(body.about).value if body.about.strip() else ""
    row = SignalFeeds(work).add(url, name=body.name.strip(), about=about, kind=body.kind.value, rules=rules)
    queue_reading(work, row.organization_id, row.signal_feed_id)
    return _out(row)


def read_now(work: Work, signal_feed_id: str) -> SignalFeedOut:
    row = SignalFeeds(work).get(signal_feed_id)
    queue_reading(work, row.organization_id, row.signal_feed_id)
    Audit(work).record("read", "signal_feed", signal_feed_id)
    return _out(row)


def remove(work: Work, signal_feed_id: str) -> None:
    feeds = SignalFeeds(work)
    feeds.remove(feeds.get(signal_feed_id))


def _out(row: SignalFeed) -> SignalFeedOut:
    return SignalFeedOut.model_validate(row, from_attributes=True)
