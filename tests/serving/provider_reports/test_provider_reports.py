"""Reports of providers: what is signed is believed and acted on once, what is not is kept and can be read again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from domain.tenancy import Role
from domain.webhook_events import read_secret, signed_headers, write_secret
from serving.mail.transports.resend.transport import TAG
from serving.sending.engine import Engine
from storage.ops.repositories.provider_reports import MOST_NOT_BELIEVED, ProviderReports, ProviderWebhooks
from storage.ops.tables import (
    Activity,
    DecisionLedger,
    Enrolment,
    MessageEvent,
    MessageHit,
    OutboxMessage,
    ProviderReport,
    Suppression,
)
from tests.factories import SYSTEM, TESTER
from tests.factories.outreach import make_enrolment, make_mailbox, make_sequence

KEYS = [bytes([number]) * 32 for number in range(3)]


@pytest.fixture
def ours(family):
    return family.agency.organization_id


@pytest.fixture
def admin(sign_in, ours):
    return sign_in(ours, Role.ADMIN)


@pytest.fixture
def message(store, settings, clock, ours):
    """One that was handed over, as a file."""
    make_mailbox(store, ours, 1, transport="file")
    make_enrolment(store, make_sequence(store, ours), "ada@lovelace.example")
    Engine(store, settings, clock=clock).drain()
    with store.read(SYSTEM) as work:
        (found,) = work.session.scalars(select(OutboxMessage))
        assert found.status == "sent"
        return found


@pytest.fixture
def webhook(admin):
    """Of Resend, with its secret."""
    made = admin.post("/v1/provider-webhooks", json={"provider": "resend"}).json()
    assert (made["secret"], made["has_secret"]) == ("", False)
    admin.put(f"/v1/provider-webhooks/{made['provider_webhook_id']}/secret", json={"secret": write_secret(KEYS[0])})
    return made["provider_webhook_id"]


@pytest.fixture
def report(web, clock, webhook, message):
    """`report(kind, event_id, **data)` sends what Resend would; answers the status code."""

    def sent(kind, event_id="msg_1", *, keys=(KEYS[0],), at=None, named=message.outbox_message_id, **data):
        body = {
            "type": f"email.{kind}", "created_at": clock.now.isoformat(),
            "data": {"email_id": "e", "to": ["ada@lovelace.example"], "tags": {TAG: named}, **data},
        }  # fmt: skip
        raw = json.dumps(body).encode()
        headers = signed_headers(event_id, at or clock.now, raw, keys)
        svix = {name.replace("webhook", "svix"): value for name, value in headers.items()}
        return web.post(f"/hooks/{webhook}", content=raw, headers=svix).status_code

    return sent


def rows(store, column, *where):
    with store.read(SYSTEM) as work:
        return list(work.session.scalars(select(column).where(*where)))


def told(store):
    """What reports made of the message."""
    return [kind for kind in rows(store, MessageEvent.kind) if kind != "sent"]


def listed(admin):
    return admin.get("/v1/provider-webhooks").json()["items"][0]


def test_a_delivery_that_is_reported_twice_is_written_down_once(store, admin, report, clock):
    assert [report("delivered"), report("delivered"), report("delivered", "msg_2")] == [204, 204, 204]
    assert told(store) == ["delivered"]
    assert rows(store, DecisionLedger.reason, DecisionLedger.outcome == "delivered") == ["provider_report"]
    assert listed(admin)["counts"] == {"taken": 2}


def test_a_permanent_bounce_suppresses_with_its_ledger_row_and_ends_the_sequence(store, report):
    report("bounced", "msg_2", bounce={"type": "Permanent", "subType": "General", "message": "no such user"})
    assert rows(store, Suppression.reason) == ["hard_bounce"]
    assert rows(store, Enrolment.status) == ["stopped"]
    assert rows(store, DecisionLedger.reason, DecisionLedger.kind == "suppress") == ["hard_bounce"]
    assert rows(store, Activity.summary, Activity.kind == "email_event") == ["Bounced (hard)"]


def test_a_passing_bounce_leaves_the_address_alone_for_nobody(store, report):
    report("bounced", bounce={"type": "Transient", "subType": "MailboxFull"})
    assert (told(store), rows(store, Suppression.reason), rows(store, Enrolment.status)) == (
        ["bounced"],
        [],
        ["active"],
    )


def test_a_complaint_suppresses(store, report):
    report("complained")
    assert (rows(store, Suppression.reason), told(store)) == (["complained"], ["complained"])


def test_a_forged_an_old_and_an_unsigned_report_are_refused_and_kept_with_their_reason(
    store, admin, web, report, webhook, clock
):
    assert report("complained", "forged", keys=[KEYS[1]]) == 401
    assert report("complained", "old", at=clock.now - timedelta(minutes=6)) == 401
    assert report("complained", "early", at=clock.now + timedelta(minutes=6)) == 401
    assert web.post(f"/hooks/{webhook}", content=b"{}").status_code == 401
    reasons = sorted(one["reason"] for one in listed(admin)["rejected"])
    assert reasons == ["not_signed", "too_old_or_too_new", "too_old_or_too_new", "wrong_signature"]
    assert (rows(store, Suppression.reason), told(store)) == ([], [])
    assert web.post("/hooks/nobody", content=b"{}").status_code == 404


def test_forged_reports_do_not_crowd_out_those_that_are_believed(store, admin, report, webhook):
    with store.write(SYSTEM, TESTER) as work:
        row = ProviderWebhooks(work).held(webhook)
        for number in range(MOST_NOT_BELIEVED):
            ProviderReports(work).keep(row, f"forged {number}", status="rejected", reason="wrong_signature")
    assert report("delivered", "one more", keys=[KEYS[1]]) == 401
    assert listed(admin)["counts"] == {"rejected": MOST_NOT_BELIEVED}
    assert report("delivered", "unknown", named="nobody") == 204
    assert listed(admin)["counts"] == {"rejected": MOST_NOT_BELIEVED + 1}


def test_a_forged_id_does_not_keep_the_true_report_out(store, report):
    assert report("delivered", "msg_1", keys=[KEYS[1]]) == 401
    assert report("delivered", "msg_1") == 204
    assert told(store) == ["delivered"]


def test_one_good_signature_of_several_is_enough_and_a_former_secret_holds_for_a_day(
    store, admin, report, webhook, clock
):
    assert report("delivery_delayed", "a", keys=[KEYS[1], KEYS[0]]) == 204
    admin.put(f"/v1/provider-webhooks/{webhook}/secret", json={"secret": write_secret(KEYS[1])})
    assert [report("delivery_delayed", "b"), report("delivery_delayed", "c", keys=[KEYS[1]])] == [204, 204]
    clock.now += timedelta(hours=25)
    assert report("delivery_delayed", "d") == 401


def test_what_was_rejected_is_read_again_once_the_secret_is_right_and_only_then(store, admin, report, webhook, clock):
    report("delivered", keys=[KEYS[2]])
    clock.now += timedelta(hours=2)
    report("delivered", keys=[KEYS[2]])  # the provider tries again
    (kept,) = listed(admin)["rejected"]
    path = f"/v1/provider-webhooks/{webhook}/reports/{kept['provider_report_id']}/replay"
    assert admin.post(path).json() == {"status": "rejected", "reason": "wrong_signature"}
    admin.put(f"/v1/provider-webhooks/{webhook}/secret", json={"secret": write_secret(KEYS[2])})
    clock.now += timedelta(hours=3)
    assert admin.post(path).json() == {"status": "taken", "reason": ""}
    assert told(store) == ["delivered"]
    assert rows(store, ProviderReport.sealed_request) == [None]
    assert admin.post(path).status_code == 409


def test_reports_of_others_messages_are_none_of_our_business_and_an_unknown_one_is_kept(store, admin, report):
    assert [report("delivered", "a", named=""), report("sent", "b"), report("delivered", "c", named="x")] == [204] * 3
    assert listed(admin)["counts"] == {"ignored": 2, "rejected": 1}
    assert [one["reason"] for one in listed(admin)["rejected"]] == ["unknown_message"]
    assert told(store) == []


def test_another_organizations_address_cannot_speak_of_our_message(store, web, sign_in, family, message, clock):
    theirs = sign_in(family.client.organization_id, Role.ADMIN)
    made = theirs.post("/v1/provider-webhooks", json={"provider": "standard"}).json()
    assert tell(web, made, clock, "complained", message) == 204
    assert (rows(store, Suppression.reason), told(store)) == ([], [])


def test_a_click_that_a_provider_saw_is_judged_like_one_that_came_to_us(store, report, clock):
    clock.now += timedelta(minutes=5)
    click = {"link": "https://agency.example/case?utm_source=x", "timestamp": clock.now.isoformat(), "userAgent": "curl/8", "ipAddress": "192.0.2.7"}  # fmt: skip
    report("clicked", click=click)
    report("clicked", click=click)
    with store.read(SYSTEM) as work:
        (hit,) = work.session.scalars(select(MessageHit))
        assert (hit.kind, hit.is_machine, hit.ip_network, hit.occurred_at) == (
            "clicked", True, "192.0.2.0/24", clock.now
        )  # fmt: skip


def test_a_message_in_doubt_was_sent_if_its_provider_reports_of_it(store, report, message):
    with store.write(SYSTEM, TESTER) as work:
        work.session.execute(update(OutboxMessage).values(status="unknown", sent_at=None))
        work.session.execute(update(Enrolment).values(status="held", reason="message_unknown", step_id=message.step_id))
    report("delivered")
    assert rows(store, OutboxMessage.status) == ["sent"]
    assert rows(store, Enrolment.status) == ["active"]


def tell(web, made, clock, kind, message, **more):
    raw = json.dumps({"type": kind, "message_id": message.message_id, "occurred_at": clock.now.isoformat(), **more})
    headers = signed_headers("1", clock.now, raw.encode(), [read_secret(made["secret"])])
    return web.post(f"/hooks/{made['provider_webhook_id']}", content=raw, headers=headers).status_code


def test_a_server_of_ones_own_reports_with_a_secret_that_is_shown_once(store, web, admin, message, clock):
    made = admin.post("/v1/provider-webhooks", json={"provider": "standard", "name": "Own"}).json()
    assert tell(web, made, clock, "bounced", message, is_final=True, reason="no_such_user") == 204
    assert rows(store, Suppression.reason) == ["hard_bounce"]
    assert "secret" not in listed(admin)
    fresh = admin.put(f"/v1/provider-webhooks/{made['provider_webhook_id']}/secret", json={}).json()["secret"]
    assert fresh not in {"", made["secret"]}
    assert admin.delete(f"/v1/provider-webhooks/{made['provider_webhook_id']}").status_code == 204
    assert tell(web, made, clock, "delivered", message) == 404
