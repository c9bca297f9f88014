"""A link shows one report of one organization to whoever holds it, until it ends; each opening is noted."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta

import pytest

from domain.reports.filters import ReportKind
from domain.tenancy import Role
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.report_links import ReportLinks
from tests.factories import TESTER, make_user

PATH = "/v1/report-links"
PASSCODE = "northwind in june"


@pytest.fixture
def share(api):
    """`share(kind, **more)` answers the link that was made, and the path that it opens."""

    def made(kind="overview", **more):
        answer = api.post(PATH, json={"kind": kind, **more})
        assert answer.status_code == 201, answer.text
        return answer.json(), "/r/" + answer.json()["link"].rpartition("/")[2]

    return made


def audited(store, scope, report_link_id):
    with store.read(scope) as work:
        entries = Audit(work).about("report_link", report_link_id)
        return [(entry.action, entry.actor_kind, Audit(work).values_of(entry).after) for entry in reversed(entries)]


@pytest.mark.parametrize("kind", list(ReportKind))
def test_a_link_opens_its_report_without_an_account(web, share, marts, kind):
    _, path = share(kind)
    page = web.get(path)
    assert page.status_code == 200
    assert "Built " in page.text
    assert "Nothing has been built" not in page.text
    assert page.text.count("<svg") + page.text.count("<table") >= 2


def test_a_page_says_what_was_chosen_and_nothing_that_a_reader_could_change(web, share, marts):
    _, path = share("overview", filters={"days": 7}, name="Northwind <weekly>")
    page = web.get(path, params={"days": 90, "organization_id": "somebody"}).text
    assert "the last 7 days" in page
    assert "Northwind &lt;weekly&gt;" in page
    assert re.findall(r"<(a|script|form|iframe)\b|\bstyle=|https?://", page) == []
    assert re.findall(r"(?:href|src)=\S+", page) == ['href="data:,">']


def test_a_page_runs_nothing_is_not_indexed_and_is_not_kept(web, share, marts):
    _, path = share()
    page = web.get(path)
    style = re.search(r"<style>(.*?)</style>", page.text, re.DOTALL).group(1)
    allowed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = page.headers["content-security-policy"]
    assert f"style-src 'sha256-{allowed}'" in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["x-robots-tag"].startswith("noindex")
    assert page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in page.headers


def test_a_link_shows_its_own_organization_and_never_the_agencys_other_marts(web, sign_in, family, marts):
    client = sign_in(family.client.organization_id)
    path = "/r/" + client.post(PATH, json={"kind": "overview"}).json()["link"].rpartition("/")[2]
    page = web.get(path, headers={"X-LH-Organization": family.agency.organization_id})
    assert "Nothing has been built" in page.text
    assert "<svg" not in page.text


def test_each_opening_is_noted_with_the_network_it_came_from(web, api, store, family, share, marts):
    made, path = share()
    web.get(path)
    web.get(path)
    (row,) = api.get(PATH).json()["items"]
    assert (row["open_count"], row["is_open"]) == (2, True)
    acts = audited(store, family.agency_scope, made["report_link_id"])
    assert [(action, kind) for action, kind, _ in acts] == [("create", "user"), *[("open", "report_link")] * 2]
    assert set(acts[1][2]) == {"network"}


def test_a_token_is_told_once_and_kept_as_a_hash(api, store, family, share):
    _, path = share()
    token = path.removeprefix("/r/")
    assert "link" not in api.get(PATH).json()["items"][0]
    with store.read(family.agency_scope) as work:
        row = ReportLinks(work).find_open(token)
        assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_link_opens_nothing_once_it_has_ended_and_tells_nobody_that_it_was_one(web, api, share, clock, marts):
    made, revoked = share()
    _, expired = share(days_open=1)
    assert api.delete(f"{PATH}/{made['report_link_id']}").status_code == 204
    clock.now += timedelta(days=1, seconds=1)
    answers = [web.get(path) for path in (revoked, expired, "/r/unknown")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert [row["is_open"] for row in api.get(PATH).json()["items"]] == [False, False]


def test_a_passcode_is_asked_for_at_each_opening(web, store, family, share, marts):
    made, path = share(passcode=PASSCODE)
    asked = web.get(path)
    wrong = web.post(path, data={"passcode": "northwind in may"})
    right = web.post(path, data={"passcode": PASSCODE})
    assert ("Passcode" in asked.text, "<svg" in asked.text) == (True, False)
    assert (wrong.status_code, "<svg" in wrong.text) == (403, False)
    assert (right.status_code, "<svg" in right.text) == (200, True)
    assert "<svg" not in web.get(path).text
    acts = audited(store, family.agency_scope, made["report_link_id"])
    assert [action for action, _, _ in acts] == ["create", "refuse_passcode", "open"]


def test_passcodes_are_not_tried_without_end(web, share, marts):
    _, path = share(passcode=PASSCODE)
    answers = [web.post(path, data={"passcode": f"guess number {number}"}).status_code for number in range(11)]
    assert answers == [403] * 10 + [429]


def test_filters_that_a_report_does_not_have_are_refused(api):
    for body in (
        {"kind": "overview", "filters": {"model": "linear"}},
        {"kind": "overview", "filters": {"days": 8}},
        {"kind": "roi", "filters": {"model": "markov"}},
        {"kind": "funnel", "days_open": 400},
        {"kind": "funnel", "passcode": "short"},
    ):
        assert api.post(PATH, json=body).status_code == 422, body


def test_those_who_only_look_share_nothing_and_a_client_cannot_end_the_agencys_links(sign_in, family, share):
    made, _ = share()
    looking = sign_in(family.agency.organization_id, Role.VIEWER)
    client = sign_in(family.client.organization_id)
    assert looking.post(PATH, json={"kind": "funnel"}).status_code == 403
    assert client.delete(f"{PATH}/{made['report_link_id']}").status_code == 404
    assert client.get(PATH).json()["items"] == []


def test_whoever_loses_their_seat_leaves_no_open_link_behind(web, sign_in, store, family, marts):
    agency = family.agency.organization_id
    user = make_user(store, agency, role=Role.OPERATOR, email="leaver@agency.example")
    with store.write(family.agency_scope, TESTER) as work:
        _, token = ReportLinks(work).create(
            "funnel", {}, name="Funnel", expires_at=work.now() + timedelta(days=9), made_by=user.user_id
        )
    assert web.get(f"/r/{token}").status_code == 200
    assert sign_in(agency, Role.ADMIN).delete(f"/v1/members/{user.user_id}").status_code == 204
    assert web.get(f"/r/{token}").status_code == 404


def test_a_report_is_read_over_the_api_as_a_link_shows_it(api, marts):
    found = api.get("/v1/reports/attribution", params={"conversion": "customer", "model": "markov"}).json()
    assert found["about"] == "conversions to Customer, journeys of people, Markov"
    (bars, table) = found["pieces"]
    assert bars["bars"][0]["name"] == "Organic Search"
    assert table["columns"][:3] == ["Channel", "Customers", "95 %"]
    assert api.get("/v1/reports/attribution", params={"days": 7}).status_code == 422
