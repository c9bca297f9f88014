"""Replies over HTTP: listed with whom they are from, corrected by people, nobody else's to see."""

from __future__ import annotations

from domain.tenancy import Role
from storage.ops.tables import Suppression
from tests.factories import SYSTEM
from tests.serving.replies.conftest import SENT


def test_replies_are_listed_with_what_was_read_and_corrected_by_people(store, api, take_in):
    take_in("Ask Bob <bob@lovelace.example>.", in_reply_to=SENT)
    take_in("Away until 16 March", message_id="<2@x.example>", in_reply_to=SENT, auto_submitted="auto-replied")
    take_in("Dear all", from_="shop@shop.example", message_id="<3@x.example>", subject="News")
    page = api.get("/v1/replies", params={"filter": "kind:eq:human"}).json()
    (reply,) = page["items"]
    assert (reply["intent"], reply["written"], reply["contact"]["name"]) == (
        "interested",
        "Ask Bob <bob@lovelace.example>.",
        "Ada",
    )
    assert (reply["sequence"]["name"], reply["matched_by"]) == ("Spring", "in_reply_to")
    assert api.get("/v1/replies/counts").json()["counts"] == {"interested": 1, "out_of_office": 1}

    address = f"/v1/replies/{reply['inbound_message_id']}/intent"
    corrected = api.put(address, json={"intent": "referral"}).json()
    assert (corrected["intent"], corrected["read_as"], corrected["is_corrected"]) == ("referral", "interested", True)
    assert api.get("/v1/replies/counts").json()["counts"] == {"referral": 1, "out_of_office": 1}
    assert api.put(address, json={"intent": "unsubscribe"}).status_code == 200
    with store.read(SYSTEM) as work:
        assert [one.reason for one in work.session.query(Suppression)] == ["unsubscribed"]


def test_another_agency_sees_none_and_who_only_looks_corrects_none(sign_in, family, stranger, take_in, api):
    take_in(in_reply_to=SENT)
    other = sign_in(stranger.organization_id)
    (reply,) = api.get("/v1/replies").json()["items"]
    address = f"/v1/replies/{reply['inbound_message_id']}/intent"
    assert other.get("/v1/replies").json()["items"] == []
    assert other.put(address, json={"intent": "legal"}).status_code == 404
    looking = sign_in(family.agency.organization_id, Role.VIEWER)
    assert looking.put(address, json={"intent": "legal"}).status_code == 403
