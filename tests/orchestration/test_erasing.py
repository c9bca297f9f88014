"""A person who is forgotten is nowhere: not in the store, its log, a file, or any byte of the lake; others are untouched."""

from __future__ import annotations

import gzip
import json

import pytest
from sqlalchemy import insert

from domain.contacts import EmailAddress
from domain.erasure import Traces
from domain.tenancy import Scope
from ingest.landing import land
from orchestration.erasing import erase_waiting
from storage.lake import Lake
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.erasing import ask_erasure
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.consents import Consents, Suppressions
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.erasures import Erasures
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.tables import EventInbox
from tests.factories import SYSTEM, TESTER, make_organization
from tests.ingest.conftest import CONTEXT, make_event

ADA, FORMER, BOB = "ada.unique@lovelace.example", "countess.unique@lovelace.example", "bob@babbage.example"
BROWSER, SHARED = "0192a0b0-ada0-7000-8000-00000000000a", "0192a0b0-5a5a-7000-8000-00000000000b"
LEADS = f"email,name,note\n{ADA},Ada Lovelace,likes engines\n{BOB},Bob Babbage,builds them\n"


@pytest.fixture
def lake(settings):
    opened = Lake.open(settings)
    opened.migrate()
    yield opened
    opened.close()


@pytest.fixture
def told(sqlite_store, settings, lake, clock):
    """Two people, everywhere: imported, visited, mailed, rejected, audited, dropped, logged; and landed."""
    store = sqlite_store
    organization = make_organization(store, "Analytical Engines")
    scope = Scope.of(organization.organization_id)
    with store.read(SYSTEM) as work:
        key = Organizations(work).hash_key(organization.organization_id)
    hashes = {name: EmailAddress.parse(name).hashed(key) for name in (ADA, FORMER, BOB)}
    for content in (LEADS.encode("utf-16"), LEADS.replace(ADA, FORMER).replace("Ada Love", "Anna Love").encode()):
        made = create_import(store, settings, scope, TESTER, content=content, file_name="leads.csv")
        run_import(store, settings, made.import_id)
    with store.write(scope, TESTER) as work:
        people = {name: Contacts(work).find_by_email(EmailAddress.parse(name)) for name in hashes}
        ada, bob = people[ADA], people[BOB]
        for person, name in ((ada, ADA), (bob, BOB)):
            Activities(work).add(
                kind="note", contact_id=person.contact_id, summary=f"spoke with {name}", occurred_at=clock()
            )
            Consents(work).record(person.contact_id, purpose="marketing", is_granted=True, source="form")
            RejectedEvents(work).add(reason="unknown_type", body=json.dumps({"email": name.upper()}))
            Audit(work).record(
                "update", "contact", person.contact_id, subject_id=person.contact_id, after={"email": name}
            )
        Deals(work).create("Engine for Ada Lovelace", external_id="d1", contact_id=ada.contact_id)
        IdentityDecisions(work).record(f"anonymous:{BROWSER}", f"contact:{ada.contact_id}", "same", rule="form")
        for person in (ada, bob):
            IdentityDecisions(work).record(f"anonymous:{SHARED}", f"contact:{person.contact_id}", "same", rule="form")
    events = [
        make_event(1, anonymous_id=BROWSER),
        make_event(2, anonymous_id=BROWSER, email_hash=hashes[ADA]),
        make_event(3, anonymous_id=SHARED, contact_id=ada.contact_id),
        make_event(4, anonymous_id=SHARED, contact_id=bob.contact_id),
        make_event(5, anonymous_id="somebody-else"),
    ]
    rows = [
        {"organization_id": organization.organization_id, "event_id": body["event_id"], "source": "website_events",
         "received_at": clock(), "body": json.dumps(body), "context": json.dumps(CONTEXT)}
        for body in events
    ]  # fmt: skip
    with store.write(SYSTEM, TESTER) as work:
        work.session.execute(insert(EventInbox), rows)
    land(store, lake, clock=clock)
    with store.write(scope, TESTER) as work:
        Contacts(work).find_by_email(EmailAddress.parse(ADA)).title = "Countess"
        RejectedEvents(work).add(reason="too_late", body=json.dumps({"who": ada.contact_id}))
    drop = settings.data.dir / "drop" / organization.slug / "email_engagement" / "landed"
    drop.mkdir(parents=True)
    line = '{"type": "sent", "email": "%s", "name": "%s"}\n'
    (drop / "mail.jsonl.gz").write_bytes(gzip.compress((line % (ADA, "Ada") + line % (BOB, "Bob")).encode()))
    (drop / "mail.json").write_text(json.dumps([{"email": ADA}]))
    logs = settings.data.dir / "logs"
    logs.mkdir()
    (logs / "worker.log").write_text(f"mailed {ADA}\nmailed {BOB}\n")
    return store, scope, ada, bob


def traces_left(settings, lake, *words: str) -> list[str]:
    """Files of the data folder whose bytes hold a word, and tables of the lake whose rows do, Parquet read through."""
    found = []
    for path in sorted(settings.data.dir.rglob("*")):
        if path.is_file() and not path.is_symlink():
            content = path.read_bytes()
            content = gzip.decompress(content) if path.suffix == ".gz" else content
            spelled = (spelling for word in words for spelling in (word.encode(), word.encode("utf-16-le")))
            if any(spelling in content.lower() for spelling in spelled):
                found.append(str(path.relative_to(settings.data.dir)))
    with lake.reader() as cursor:
        for file in sorted((settings.data.dir / "lake").rglob("*.parquet")):
            (text,) = cursor.execute(
                "select coalesce(string_agg(lower(t::varchar), ' '), '') from read_parquet(?) as t", [str(file)]
            ).fetchone()
            found += [file.name for word in words if word in text]
    return found


def test_not_one_byte_of_a_forgotten_person_is_left_and_nothing_else_is_gone(told, settings, lake, clock):
    store, scope, ada, bob = told
    other = make_organization(store, "Elsewhere")
    with store.write(Scope.of(other.organization_id), TESTER) as work:
        RejectedEvents(work).add(reason="unknown_type", body=json.dumps({"phone": ada.contact_id}))
    assert traces_left(settings, lake, ADA)
    with store.write(scope, TESTER) as work:
        asked = ask_erasure(work, contact_id=ada.contact_id)
    (done,) = erase_waiting(store, lake, settings, clock=clock)
    assert done.counts["rows of uploaded files"] == 1
    assert done.counts["rows of dropped files"] == 2
    with store.read(scope) as work:
        deal = Deals(work).find_by_external_id("d1")
        assert (deal.name, deal.contact_id) == ("Engine for [erased]", None)
        assert Suppressions(work).holding(email=EmailAddress.parse(ADA)) is not None
        assert Audit(work).verify().broken_at is None
        updates = [entry for entry in Audit(work).about("contact", ada.contact_id) if entry.action == "update"]
        assert [Audit(work).values_of(entry).is_shredded for entry in updates] == [True]
        assert Contacts(work).find_by_email(EmailAddress.parse(BOB)).contact_id == bob.contact_id
        found = Erasures(work).get(asked.erasure_id)
        assert (found.status, found.sealed_traces) == ("done", None)
    with store.read(Scope.of(other.organization_id)) as work:
        assert sum(RejectedEvents(work).counts().values()) == 1
    store.close()
    assert traces_left(settings, lake, ADA, "ada lovelace", BROWSER) == []
    assert traces_left(settings, lake, BOB) != []
    with lake.reader() as cursor:
        left = cursor.execute("select event_id from raw.website_events__events order by event_id").fetchall()
    assert left == [("event-4",), ("event-5",)]


def test_a_former_address_goes_too_and_backups_that_hold_the_person_are_named_or_dropped(told, settings, lake, clock):
    store, scope, _, _ = told
    backups = settings.data.dir / "backups"
    backups.mkdir()
    (backups / "store-0006.sqlite").write_bytes(f"…{FORMER}…".encode())
    with store.write(scope, TESTER) as work:
        person = Contacts(work).find_by_email(EmailAddress.parse(FORMER))
        person.email, person.email_hash = "new.unique@lovelace.example", "0" * 64
        work.session.flush()
        ask_erasure(work, contact_id=person.contact_id)
    (done,) = erase_waiting(store, lake, settings, clock=clock)
    assert done.backups == ["store-0006.sqlite"]
    with store.write(scope, TESTER) as work:
        ask_erasure(work, email=EmailAddress.parse(FORMER))
    (done,) = erase_waiting(store, lake, settings, clock=clock, drop_backups=True)
    assert done.backups == []
    store.close()
    assert traces_left(settings, lake, FORMER, "new.unique@lovelace.example") == []


def test_short_texts_are_never_searched_for():
    traces = Traces(phones=frozenset({"112"}), browsers=frozenset({"b-1"}), emails=frozenset({"a@b.io"}))
    assert traces.needles == ()
    assert traces.short_browsers == {"b-1"}
