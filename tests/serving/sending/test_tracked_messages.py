"""What is noted of messages: nothing unless somebody says so, and links that lead only to where their message says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.contacts import Domain
from domain.outreach.tracking import Mark, make_token
from domain.tenancy import Role, Scope
from serving.sending.tracking import SETTING
from storage.ops.repositories.mailboxes import SendingDomains
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.subject_keys import SubjectKeys
from storage.ops.tables import Contact, OutboxMessage
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import HELLO, WAIT, make_enrolment, make_sequence

ADA = "ada@lovelace.example"
PAGE = "https://northwind.example/guide?utm_source=mail&a=1"
LINKED = {
    "text": f"The guide: {PAGE}.",
    "html": f'<html><body><a class="x" href="{PAGE.replace("&", "&amp;")}">The guide</a> <a href="mailto:a@b.example">Ask</a></body></html>',
}
OPENING, LATER = {**HELLO, **LINKED}, {"id": "again", "type": "email", **LINKED}
OVER = re.compile(r"https://([a-z.]+)(/[oc]/[\w-]{67})(?![\w-])")


def parts_of(message) -> tuple[str, str]:
    return tuple(message.get_body((kind,)).get_content() for kind in ("plain", "html"))


def say(store, organization_id, **setting):
    with store.write(Scope.of(organization_id), TESTER) as work:
        OrganizationSettings(work).put(SETTING, setting)


@pytest.fixture
def sent(store, agency, mailbox, run, sink, clock):
    """`sent(**setting)` answers both messages of a sequence that was sent under it."""

    def found(*steps, **setting):
        if setting:
            say(store, agency, **setting)
        make_enrolment(store, make_sequence(store, agency, *(steps or (OPENING, WAIT, LATER))), ADA)
        run()
        clock.now += timedelta(days=3)
        run()
        return sink.messages

    return found


def test_a_message_leaves_as_it_was_written_unless_somebody_says_otherwise(sent):
    for message in sent():
        assert not OVER.search(message.as_string())
        assert PAGE in parts_of(message)[0]


def test_follow_ups_lead_their_links_over_us_and_the_first_message_does_not(sent, web):
    first, second = sent(opens="follow_ups", clicks="follow_ups", trap=True)
    assert not OVER.search(first.as_string())
    text, markup = parts_of(second)
    (plain,) = OVER.findall(text)
    link, trap, pixel = OVER.findall(markup)
    assert plain == link
    assert text.startswith(f"The guide: https://mail.agency.example{plain[1]}.")
    assert '<a href="mailto:a@b.example">Ask</a>' in markup
    assert len(re.findall(r"https://mail\.agency\.example/u/", text + markup)) == 3, "the way out leads straight out"
    for method in ("GET", "HEAD"):
        led = web.request(method, link[1], follow_redirects=False)
        assert (led.status_code, led.headers["Location"]) == (302, PAGE)
        assert "no-store" in led.headers["Cache-Control"]
    assert web.get(trap[1], follow_redirects=False).status_code == 404
    shown = web.get(pixel[1])
    assert (shown.status_code, shown.headers["Content-Type"]) == (200, "image/gif")
    assert "no-store" in shown.headers["Cache-Control"]


def test_a_sequence_has_the_last_word(store, agency, mailbox, run, sink):
    say(store, agency, opens="always", clicks="always")
    make_enrolment(store, make_sequence(store, agency, OPENING, tracking={"clicks": "never"}), ADA)
    run()
    found = OVER.findall(sink.messages[0].as_string().replace("=\n", ""))
    assert [path[:3] for _, path in found] == ["/o/"]


def test_a_link_leads_nowhere_once_a_letter_of_it_is_another(sent, web, store, agency, stranger):
    markup = parts_of(sent(OPENING, clicks="always", trap=True)[0])[1]
    (_, path), (_, trap) = OVER.findall(markup)
    number = 20
    for altered in (
        path[:number] + ("A" if path[number] != "A" else "B") + path[number + 1 :],
        path[:-1], path + "A", trap, "/c/", "/c/x", "/c/" + "A" * 67, path.replace("/c/", "/c/%0A"),
        "/c/https://evil.example", f"{path}?url=https://evil.example&u=//evil.example",
    ):  # fmt: skip
        answer = web.get(altered, follow_redirects=False)
        wanted = 302 if altered.startswith(path + "?") else 404
        assert answer.status_code == wanted, altered
        assert "evil" not in answer.headers.get("Location", "")
    with store.read(SYSTEM) as work:
        theirs = Organizations(work).hash_key(stranger.organization_id)
        ours = Organizations(work).hash_key(agency)
    message_id = sent_id(store)
    forged = (
        make_token(Mark(agency, message_id, 1), theirs),
        make_token(Mark(stranger.organization_id, message_id, 1), theirs),
        make_token(Mark(agency, message_id, 2), ours),
    )
    for token in forged:
        assert web.get(f"/c/{token}", follow_redirects=False).status_code == 404


def sent_id(store):
    with store.read(SYSTEM) as work:
        return work.session.scalars(select(OutboxMessage.outbox_message_id)).one()


def test_whoever_is_forgotten_takes_where_their_links_led_along(sent, web, store, agency):
    ((_, path),) = OVER.findall(parts_of(sent(OPENING, clicks="always")[0])[1])
    assert web.get(path, follow_redirects=False).status_code == 302
    with store.write(Scope.of(agency), TESTER) as work:
        SubjectKeys(work).shred(work.session.scalars(select(Contact.contact_id)).one())
    gone = web.get(path, follow_redirects=False)
    assert gone.status_code == 404
    assert "leads nowhere" in gone.text


@pytest.mark.parametrize("state", ["pass", "unknown"])
def test_links_lead_over_the_domains_own_host_once_dns_was_seen_to_point_here(store, agency, sent, sign_in, state):
    finding = {"check": "tracking", "state": state, "summary": "", "advice": "", "records": []}
    with store.write(Scope.of(agency), TESTER) as work:
        row = SendingDomains(work).ensure(Domain.parse("agency.example"))
        SendingDomains(work).ask(row, {"tracking_host": "go.agency.example"})
        SendingDomains(work).note_findings(row, [finding])
    ((host, _),) = OVER.findall(parts_of(sent(OPENING, clicks="always")[0])[1])
    assert host == ("go.agency.example" if state == "pass" else "mail.agency.example")
    (address,) = sign_in(agency).get("/v1/tracking").json()["addresses"]
    assert address["is_own"] == (state == "pass")


def test_an_administrator_says_what_is_noted_and_an_operator_reads_it(sign_in, agency, family):
    admin, operator = sign_in(agency, Role.ADMIN), sign_in(agency)
    assert operator.get("/v1/tracking").json()["clicks"] == "never"
    wanted = {"opens": "never", "clicks": "follow_ups", "trap": False}
    assert operator.put("/v1/tracking", json=wanted).status_code == 403
    assert admin.put("/v1/tracking", json=wanted).json()["clicks"] == "follow_ups"
    assert operator.get("/v1/tracking").json()["clicks"] == "follow_ups"
    assert admin.put("/v1/tracking", json={"clicks": "sometimes"}).status_code == 422
    client = sign_in(family.client.organization_id)
    assert client.get("/v1/tracking").json()["clicks"] == "never", "each organization says so for itself"
