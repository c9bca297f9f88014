"""Webhooks through the product: subscribed, signed, tried again, sent once more by hand, and never sent inside."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from domain.settings import WebhookSettings
from domain.tenancy import Role
from domain.webhook_events import LONGEST_REST, RETRIES
from serving.jobs import watch_service_levels
from serving.jobs.base import all_kinds
from serving.outside import Outside
from serving.webhook_endpoints import sending
from serving.webhook_endpoints.publishing import publish
from serving.worker import Worker
from storage.ops.housekeeping import DELIVERIES_KEPT, tidy_store
from storage.ops.repositories.webhook_endpoints import WebhookDeliveries, WebhookEndpoints
from tests.browsers import serve

SETTING = "LEADHOUSE_WEBHOOKS__LOCAL_ORIGINS"


class Receiver:
    """Answers what `answers` says, in turn, then 200; keeps what it got."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.answers: list[tuple[int, list[tuple[bytes, bytes]]]] = []

    async def __call__(self, scope, receive, send):
        if scope["type"] == "lifespan":
            while (await receive())["type"] != "lifespan.shutdown":
                await send({"type": "lifespan.startup.complete"})
            return await send({"type": "lifespan.shutdown.complete"})
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part["body"], part["more_body"]
        self.got.append(({name.decode(): value.decode() for name, value in scope["headers"]}, body))
        status, headers = self.answers.pop(0) if self.answers else (200, [])
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b""})
        return None


@pytest.fixture(scope="module")
def listening() -> Iterator[tuple[Receiver, str]]:
    receiver = Receiver()
    with serve(receiver) as address:
        yield receiver, address


@pytest.fixture
def receiver(listening) -> Receiver:
    found, _ = listening
    found.got, found.answers = [], []
    return found


@pytest.fixture
def settings(settings, listening):
    """An installation whose operator lets webhooks go to this receiver."""
    return settings.model_copy(update={"webhooks": WebhookSettings(local_origins=frozenset({listening[1]}))})


@pytest.fixture
def subscribe(office, listening):
    def made(*events: str, path: str = "/hook") -> dict:
        answer = office.api.post("/v1/webhook-endpoints", json={"url": listening[1] + path, "events": list(events)})
        assert answer.status_code == 201, answer.text
        return answer.json()

    return made


@pytest.fixture
def work_off(store, settings, clock):
    """What a worker does of the outside lane, now."""
    worker = Worker(store, settings, clock=clock, kinds=all_kinds(), lane="outside")
    return worker.drain


def deliveries(office, endpoint, **asked) -> list[dict]:
    answer = office.api.get(f"/v1/webhook-endpoints/{endpoint['webhook_endpoint_id']}/deliveries", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def is_signed(secret: str, headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = "v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
    return wanted in headers["webhook-signature"].split(" ")


def test_a_lead_and_a_broken_promise_are_told_signed_and_without_personal_data(
    office, subscribe, receiver, work_off, settings, clock
):
    office.put_routing()
    office.put_policies({"name": "five minutes", "clock": "speed_to_lead", "target_minutes": 5})
    hook = subscribe("lead.created", "lead.assigned", "sla.breached")
    lead = office.lead(first_name="Ada", last_name="Lovelace")
    clock.now += timedelta(minutes=6)
    watch_service_levels.queue_looks(office.store, clock)
    Worker(office.store, settings, clock=clock, kinds=all_kinds(), lane="short").drain()
    work_off()
    told = {json.loads(body)["type"]: (headers, json.loads(body), body) for headers, body in receiver.got}
    assert sorted(told) == ["lead.assigned", "lead.created", "sla.breached"]
    for headers, message, body in told.values():
        assert is_signed(hook["secret"], headers, body)
        assert (message["id"], message["organization_id"]) == (headers["webhook-id"], office.organization_id)
        assert message["data"]["contact_id"] == lead
        assert b"Ada" not in body
        assert b"prospect" not in body
    assert told["lead.assigned"][1]["data"]["owner_user_id"] == office.owner(lead)
    assert told["sla.breached"][1]["data"]["policy"] == "five minutes"
    assert {each["status"] for each in deliveries(office, hook)} == {"delivered"}


def test_deals_are_told_of_and_only_what_was_subscribed_to(office, subscribe, receiver, work_off):
    subscribe("deal.stage_changed", "deal.won")
    deal = office.api.post("/v1/deals", json={"name": "Site", "amount_minor": 120_000, "currency": "EUR"}).json()
    for stage in ("proposal", "won"):
        answer = office.api.post(
            f"/v1/deals/{deal['deal_id']}/move",
            json={
                "stage": stage,
                "amount_minor": 120_000,
                "expected_close_on": "2026-05-01",
                "owner_user_id": office.ada,
            },
        )
        assert answer.status_code == 200, answer.text
    work_off()
    told = [json.loads(body) for _, body in receiver.got]
    assert sorted((each["type"], each["data"]["stage"]) for each in told) == [
        ("deal.stage_changed", "proposal"), ("deal.stage_changed", "won"), ("deal.won", "won"),
    ]  # fmt: skip
    assert {each["data"]["deal_id"] for each in told} == {deal["deal_id"]}


def test_what_is_not_saved_is_not_told(office, subscribe, receiver, work_off):
    subscribe("deal.won")
    with pytest.raises(RuntimeError), office.writing() as work:
        publish(work, "deal.won", {})
        raise RuntimeError
    work_off()
    assert receiver.got == []


def test_a_receiver_that_is_away_is_tried_again_later_with_the_same_id_and_others_are_not_held_up(
    office, subscribe, receiver, work_off, clock
):
    receiver.answers = [(500, []), (429, [(b"retry-after", b"600")]), (200, [])]
    hook = subscribe("deal.created")
    office.api.post("/v1/deals", json={"name": "Site"})
    office.api.post("/v1/deals", json={"name": "Shop"})
    work_off()
    assert len(receiver.got) == 1  # the second message waits for the endpoint's rest to end
    waiting = deliveries(office, hook)
    assert [(each["status"], each["attempt_count"]) for each in waiting] == [("waiting", 0), ("waiting", 1)]
    assert waiting[1]["attempts"][0]["error"] == "answered 500"
    clock.now += RETRIES[0]
    work_off()
    clock.now += LONGEST_REST
    work_off()
    assert [each["status"] for each in deliveries(office, hook)] == ["delivered", "delivered"]
    sent = [headers["webhook-id"] for headers, _ in receiver.got]
    assert len(sent) == 4
    assert len(set(sent)) == 2


def test_a_message_that_was_never_taken_fails_and_a_person_sends_it_again(office, subscribe, receiver, work_off, clock):
    receiver.answers = [(503, [])] * 10
    hook = subscribe("deal.created")
    office.api.post("/v1/deals", json={"name": "Site"})
    for delay in (timedelta(), *RETRIES):
        clock.now += delay
        work_off()
    (failed,) = deliveries(office, hook, filter="status:eq:failed")
    assert failed["attempt_count"] == 10
    clock.now += LONGEST_REST
    again = office.api.post(
        f"/v1/webhook-endpoints/{hook['webhook_endpoint_id']}/deliveries/{failed['webhook_delivery_id']}/replay"
    )
    assert again.status_code == 202
    work_off()
    (delivered,) = deliveries(office, hook)
    assert (delivered["status"], delivered["message_id"]) == ("delivered", failed["message_id"])
    assert {headers["webhook-id"] for headers, _ in receiver.got} == {failed["message_id"]}


def test_a_receiver_that_says_gone_is_switched_off_and_whoever_keeps_settings_is_told(
    office, subscribe, receiver, work_off
):
    receiver.answers = [(410, [])]
    hook = subscribe("deal.created")
    office.api.post("/v1/deals", json={"name": "Site"})
    work_off()
    (shown,) = office.api.get("/v1/webhook-endpoints").json()["items"]
    assert (shown["is_enabled"], shown["disabled_reason"]) == (False, "the receiver said 410 Gone")
    me = office.api.get("/v1/me").json()["user_id"]
    assert [told.kind for told in office.told(me)] == ["webhook_off"]
    assert office.api.post(f"/v1/webhook-endpoints/{hook['webhook_endpoint_id']}/test").status_code == 409
    office.api.post("/v1/deals", json={"name": "Shop"})
    assert len(deliveries(office, hook)) == 1


def test_what_waited_while_it_was_off_is_sent_when_it_is_on_again(office, subscribe, receiver, work_off):
    hook = subscribe("deal.created")
    path = f"/v1/webhook-endpoints/{hook['webhook_endpoint_id']}"
    office.api.post("/v1/deals", json={"name": "Site"})
    assert office.api.patch(path, json={"is_enabled": False}).status_code == 200
    work_off()
    assert receiver.got == []
    assert office.api.patch(path, json={"is_enabled": True}).status_code == 200
    work_off()
    assert len(receiver.got) == 1


def test_a_worker_that_dies_before_its_note_sends_the_same_message_once_more(
    office, subscribe, receiver, settings, clock, work_off
):
    hook = subscribe("deal.created")
    office.api.post("/v1/deals", json={"name": "Site"})
    (delivery,) = deliveries(office, hook)
    outside = Outside(settings.webhooks.local_origins, setting=SETTING)
    message = sending._ready(office.store, office.scope, delivery["webhook_delivery_id"], clock())
    sending._asked(outside, message)
    outside.close()
    work_off()
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len(receiver.got) == 2


@pytest.mark.parametrize("address", ["169.254.169.254", "fd00::1"])
def test_a_name_that_leads_inside_is_refused_when_it_is_connected_and_the_refusal_is_logged(
    office, subscribe, receiver, clock, address
):
    """The name answered with a public address when the webhook was made, and now leads inside."""
    hook = subscribe("deal.created")
    with office.writing() as work:
        endpoint = WebhookEndpoints(work).held(hook["webhook_endpoint_id"])
        WebhookEndpoints(work).change(endpoint, {"url": "https://hooks.example/x"})
    office.api.post("/v1/deals", json={"name": "Site"})
    (delivery,) = deliveries(office, hook)
    outside = Outside(resolve=lambda _host, _port: ["93.184.216.34", address], setting=SETTING)
    sending.send(office.store, office.scope, delivery["webhook_delivery_id"], outside, clock, 0.5)
    outside.close()
    (logged,) = deliveries(office, hook)
    assert logged["status"] == "waiting"
    assert logged["attempts"][0]["error"] == "hooks.example is not on the public internet"
    assert receiver.got == []


def test_an_address_that_may_not_be_asked_is_refused_when_it_is_entered(office, subscribe):
    path = f"/v1/webhook-endpoints/{subscribe('deal.won')['webhook_endpoint_id']}"
    for url in (
        "http://hooks.example/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "ftp://a.example/",
        "https://a:b@c.example/",
    ):
        body = {"url": url, "events": ["deal.won"]}
        assert office.api.post("/v1/webhook-endpoints", json=body).status_code == 422, url
        assert office.api.patch(path, json={"url": url}).status_code == 422, url


def test_a_new_secret_and_the_former_one_both_hold_for_a_day(office, subscribe, receiver, work_off, clock):
    hook = subscribe("deal.created")
    path = f"/v1/webhook-endpoints/{hook['webhook_endpoint_id']}"
    fresh = office.api.post(f"{path}/secret").json()["secret"]
    assert fresh != hook["secret"]
    for hours in (0, 25):
        clock.now += timedelta(hours=hours)
        office.api.post(f"{path}/test")
        work_off()
    (early, early_body), (late, late_body) = receiver.got
    assert is_signed(fresh, early, early_body)
    assert is_signed(hook["secret"], early, early_body)
    assert is_signed(fresh, late, late_body)
    assert not is_signed(hook["secret"], late, late_body)
    assert "secret" not in office.api.get("/v1/webhook-endpoints").json()["items"][0]


def test_somebody_elses_webhooks_are_none(office, subscribe, sign_in, stranger):
    hook = subscribe("deal.created")
    office.api.post("/v1/deals", json={"name": "Site"})
    (delivery,) = deliveries(office, hook)
    other = sign_in(stranger.organization_id, Role.OWNER)
    path = f"/v1/webhook-endpoints/{hook['webhook_endpoint_id']}"
    assert other.get("/v1/webhook-endpoints").json()["items"] == []
    assert other.patch(path, json={"name": "mine"}).status_code == 404
    assert other.delete(path).status_code == 404
    assert other.post(f"{path}/secret").status_code == 404
    assert other.get(f"{path}/deliveries").status_code == 404
    assert other.post(f"{path}/deliveries/{delivery['webhook_delivery_id']}/replay").status_code == 404


def test_a_webhook_that_is_removed_is_told_nothing_and_its_log_ends_after_thirty_days(
    office, subscribe, receiver, work_off, clock
):
    hook = subscribe("deal.created")
    office.api.post("/v1/deals", json={"name": "Site"})
    assert office.api.delete(f"/v1/webhook-endpoints/{hook['webhook_endpoint_id']}").status_code == 204
    office.api.post("/v1/deals", json={"name": "Shop"})
    work_off()
    assert receiver.got == []
    assert tidy_store(office.store, clock)["webhook_deliveries"] == 0
    clock.now += DELIVERIES_KEPT + timedelta(seconds=1)
    assert tidy_store(office.store, clock)["webhook_deliveries"] == 1
    with office.store.read(office.scope) as work:
        assert WebhookDeliveries(work).waiting(hook["webhook_endpoint_id"]) == []
