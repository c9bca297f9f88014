"""Feeds through the product: read in the background, kept once, about whom they name, and honest where they cannot be read."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.settings import EnrichmentSettings
from domain.tenancy import Role
from serving.jobs.base import all_kinds
from serving.jobs.read_feed import queue_feeds
from serving.worker import Worker
from tests.browsers import serve
from tests.factories import make_company

ITEM = "<item><guid>{id}</guid><title>{title}</title><link>https://news.example/{id}</link></item>"


class Publisher:
    """Serves a feed, says when nothing is new, and whatever else it is told to."""

    def __init__(self) -> None:
        self.status, self.headers, self.asked = 200, [], []
        self.tell()

    def tell(self, *titles: str) -> None:
        items = "".join(ITEM.format(id=number, title=title) for number, title in enumerate(titles))
        self.body = f"<rss><channel>{items}</channel></rss>".encode()
        self.etag = f'"{len(titles)}"'

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            return await send({"type": "lifespan.shutdown.complete"})
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        self.asked.append(scope["path"])
        status = 304 if headers.get("if-none-match") == self.etag else self.status
        sent = [(b"etag", self.etag.encode()), *self.headers]
        if scope["path"] == "/old":
            status, sent = 301, [(b"location", b"/feed")]
        await send({"type": "http.response.start", "status": status, "headers": sent})
        await send({"type": "http.response.body", "body": self.body if status == 200 else b""})
        return None


@pytest.fixture(scope="module")
def listening():
    publisher = Publisher()
    with serve(publisher) as address:
        yield publisher, address


@pytest.fixture
def settings(settings, listening):
    return settings.model_copy(update={"enrichment": EnrichmentSettings(local_origins=frozenset({listening[1]}))})


@pytest.fixture
def publisher(listening):
    found, _ = listening
    found.__init__()
    return found


@pytest.fixture
def admin(store, sign_in, family, publisher):
    ours = family.agency.organization_id
    for name in ("Rocket Works", "Blue Kitchens"):
        make_company(store, ours, domain=f"{name.split()[0].casefold()}.example", name=name)
    return sign_in(ours, Role.ADMIN)


@pytest.fixture
def work_off(store, settings, clock):
    return Worker(store, settings, clock=clock, kinds=all_kinds(), lane="outside").drain


def listed(admin):
    (found,) = admin.get("/v1/signal-feeds").json()["items"]
    return found


def kept(admin):
    found = admin.get("/v1/signals").json()["items"]
    return sorted((one["kind"], one["company_name"], one["title"], one["source"]) for one in found)


def test_entries_about_companies_here_are_kept_once_and_what_is_new_is_asked_for(
    store, admin, publisher, listening, work_off, clock
):
    publisher.tell("Rocket Works raises ten million", "Blue Kitchens meets Rocket Works", "Nobody we know raises a lot")
    feed = {"url": f"{listening[1]}/old", "name": "Local news"}
    assert admin.post("/v1/signal-feeds", json=feed).status_code == 201
    assert admin.post("/v1/signal-feeds", json=feed).status_code == 409
    work_off()
    assert kept(admin) == [
        ("funding", "Rocket Works", "Rocket Works raises ten million", "feed:Local news"),
        ("news", "Blue Kitchens", "Blue Kitchens meets Rocket Works", "feed:Local news"),
        ("news", "Rocket Works", "Blue Kitchens meets Rocket Works", "feed:Local news"),
    ]
    assert (listed(admin)["entry_count"], listed(admin)["matched_count"], listed(admin)["kept_count"]) == (3, 2, 3)
    assert queue_feeds(store, clock) == 0
    clock.now += timedelta(hours=1)
    assert queue_feeds(store, clock) == 1
    work_off()
    publisher.etag = "another"
    admin.post(f"/v1/signal-feeds/{listed(admin)['signal_feed_id']}/read")
    work_off()
    assert (len(kept(admin)), listed(admin)["problem"], publisher.asked) == (3, "", ["/old", "/feed"] * 3)
    assert admin.get("/v1/signals/rejected").json()["items"] == []


def test_a_feed_of_one_company_needs_no_names_and_one_that_fails_says_why_and_rests_longer(
    admin, publisher, listening, work_off, clock
):
    publisher.tell("We moved")
    feed = {"url": f"{listening[1]}/feed", "name": "Blog", "about": "rocket.example", "kind": "content", "rules": []}
    other = admin.post("/v1/signal-feeds", json=feed | {"about": "unknown.example"}).json()["signal_feed_id"]
    work_off()
    assert (listed(admin)["matched_count"], admin.get("/v1/signals/rejected").json()["items"]) == (0, [])
    admin.delete(f"/v1/signal-feeds/{other}")
    made = admin.post("/v1/signal-feeds", json=feed).json()
    work_off()
    assert kept(admin) == [("content", "Rocket Works", "We moved", "feed:Blog")]
    publisher.etag, publisher.body = "x", b"<html/>"
    for hours in (1, 2):
        admin.post(f"/v1/signal-feeds/{made['signal_feed_id']}/read")
        work_off()
        assert listed(admin)["problem"] == "not a feed: it is neither RSS nor Atom"
        assert listed(admin)["next_at"] == (clock.now + timedelta(hours=hours)).isoformat().replace("+00:00", "Z")
    publisher.status = 410
    admin.post(f"/v1/signal-feeds/{made['signal_feed_id']}/read")
    work_off()
    assert listed(admin)["problem"] == "the feed answers 410"
    assert admin.delete(f"/v1/signal-feeds/{made['signal_feed_id']}").status_code == 204
    assert (len(kept(admin)), admin.get("/v1/signal-feeds").json()["items"]) == (1, [])


@pytest.mark.parametrize("url", ["https://127.0.0.1/feed", "http://news.example/feed"])
def test_a_feed_inside_the_house_or_without_tls_is_not_asked(admin, work_off, url):
    admin.post("/v1/signal-feeds", json={"url": url, "name": "Inside"})
    work_off()
    assert listed(admin)["problem"].partition(" is not ")[2].startswith(("on the public internet", "https"))


def test_what_is_no_address_no_rule_and_no_right_is_refused(admin, sign_in, family):
    assert admin.post("/v1/signal-feeds", json={"url": "file:///etc/passwd", "name": "x"}).status_code == 422
    rule = {"kind": "news", "words": ["–"]}
    assert (
        admin.post("/v1/signal-feeds", json={"url": "https://a.example", "name": "x", "rules": [rule]}).status_code
        == 422
    )
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert viewer.get("/v1/signal-feeds").status_code == 403
