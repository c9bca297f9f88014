"""Signing in through a provider: with a real one, and against one that lies."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from domain.contacts import EmailAddress
from domain.one_time_codes import code_at, step_at
from domain.tenancy import Role, Scope
from serving.access import cookies
from serving.main import create_app
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.identity_providers import IdentityProviders
from storage.ops.repositories.invitations import Invitations
from storage.ops.repositories.second_factors import SecondFactors
from storage.ops.repositories.users import Memberships, Users
from storage.ops.tables import AuditEntry, IdentityLink, User
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_organization, make_session, make_user
from tests.serving.single_sign_on.providers import lying_provider, real_provider

HOST = "http://testserver"
PEOPLE = [
    {"sub": "ada", "email": "ada@agency.example", "email_verified": True, "name": "Ada"},
    {"sub": "bob", "email": "bob@agency.example", "email_verified": False},
    {"sub": "eve", "email": "eve@elsewhere.example", "email_verified": True},
    {"sub": "mfa", "email": "ada@agency.example", "email_verified": True, "amr": ["pwd", "mfa"]},
]


@pytest.fixture(scope="module")
def issuer():
    with real_provider(PEOPLE) as found:
        yield found


@pytest.fixture(scope="module")
def liar():
    with lying_provider() as found:
        yield found


@pytest.fixture
def honest(liar):
    """The liar, forgetful of what it was told to say."""
    liar.claims, liar.without, liar.sign, liar.described, liar.userinfo = {}, set(), "own key", {}, None
    return liar


@pytest.fixture
def family(store):
    return make_agency_with_client(store, "Northwind")


@pytest.fixture
def ada(store, family):
    return make_user(store, family.agency.organization_id, email="ada@agency.example", role=Role.OWNER, name="Ada")


@pytest.fixture
def web(store, settings, issuer, liar):
    """The API, which may ask both providers; its clock is the real one, for so is theirs."""
    store.clock = lambda: datetime.now(UTC)
    changes = {"role": "api", "local_providers": frozenset({issuer, liar.issuer}), "public_url": HOST}
    told = settings.model_copy(update={"web": settings.web.model_copy(update=changes)})
    with TestClient(create_app(told, store=store, clock=store.clock), base_url=HOST, follow_redirects=False) as client:
        yield client


def set_up(store, family, issuer, **changes):
    fields = {"name": "Agency ID", "issuer": issuer, "client_id": "leadhouse", "secret": "s3cret"} | changes
    with store.write(family.agency_scope, TESTER) as work:
        IdentityProviders(work).put(**fields)


def answer_of(left: httpx.Response, subject: str) -> str:
    """What the real provider sends the browser back with, once somebody chose who they are."""
    chosen = httpx.post(left.headers["location"], data={"sub": subject})
    assert chosen.status_code == 302, chosen.text
    return chosen.headers["location"].removeprefix(HOST)


def sign_in(client, subject: str, slug: str = "northwind") -> httpx.Response:
    left = client.get(f"/login/sso/{slug}?next=/app/leads")
    assert left.status_code == 303, left.text
    return client.get(answer_of(left, subject))


def lie(client, liar, slug: str = "northwind") -> httpx.Response:
    """The whole way, with the liar as the provider."""
    asked = parse_qs(urlsplit(client.get(f"/login/sso/{slug}").headers["location"]).query)
    liar.nonce = asked["nonce"][0]
    return client.get(f"/login/sso/{slug}/callback?code=any&state={asked['state'][0]}")


def is_signed_in(client) -> bool:
    return cookies.NAME in client.cookies


def test_a_member_comes_in_through_the_provider_and_goes_where_they_wanted(web, store, family, ada, issuer):
    set_up(store, family, issuer)
    page = web.get("/login?next=/app/leads").text
    assert "Sign in with Agency ID" in page
    assert 'href="/login/sso/northwind?next=/app/leads"' in page
    back = sign_in(web, "ada")
    assert (back.status_code, back.headers["location"]) == (303, "/app/leads")
    me = web.get("/v1/me").json()
    assert (me["email"], me["role"], len(me["organizations"])) == ("ada@agency.example", "owner", 2)
    assert "lh_sign_on" not in web.cookies


def test_the_request_carries_pkce_state_and_nonce(web, store, family, ada, issuer):
    set_up(store, family, issuer)
    asked = [parse_qs(urlsplit(web.get("/login/sso/northwind").headers["location"]).query) for _ in range(2)]
    for one in asked:
        assert one["code_challenge_method"] == ["S256"]
        assert one["scope"] == ["openid email profile"]
        assert one["redirect_uri"] == [f"{HOST}/login/sso/northwind/callback"]
    for name in ("state", "nonce", "code_challenge"):
        assert asked[0][name] != asked[1][name]
        assert len(asked[0][name][0]) >= 43


def test_the_code_is_exchanged_with_its_verifier_and_the_secret(web, store, family, ada, honest):
    set_up(store, family, honest.issuer)
    honest.forms.clear()
    assert lie(web, honest).status_code == 303
    (form,) = honest.forms
    assert len(form["code_verifier"][0]) >= 43
    assert form["grant_type"] == ["authorization_code"]
    assert "client_secret" not in form, "it goes in the header"


def test_who_is_known_to_nobody_gets_no_account_and_the_refusal_is_on_record(web, store, family, ada, issuer):
    set_up(store, family, issuer)
    back = sign_in(web, "eve")
    assert back.status_code == 401
    assert "nobody here has invited you" in back.text
    assert not is_signed_in(web)
    with store.read(SYSTEM) as work:
        assert Users(work).find_by_email(EmailAddress("eve@elsewhere.example")) is None
    assert "refuse_single_sign_on" in acts(store, family)


def test_an_address_that_the_provider_has_not_verified_opens_nothing(web, store, family, issuer):
    make_user(store, family.agency.organization_id, email="bob@agency.example")
    set_up(store, family, issuer, domains=["agency.example"], default_role=Role.OPERATOR)
    back = sign_in(web, "bob")
    assert back.status_code == 401
    assert "does not vouch for your e-mail address" in back.text
    assert not is_signed_in(web)


def test_an_invitation_is_taken_with_the_verified_address(web, store, family, issuer):
    with store.write(family.client_scope, TESTER) as work:
        Invitations(work).create(EmailAddress("eve@elsewhere.example"), Role.CLIENT_VIEWER)
    set_up(store, family, issuer)
    assert sign_in(web, "eve").status_code == 303
    me = web.get("/v1/me").json()
    assert [(seat["name"], seat["role"]) for seat in me["organizations"]] == [("Client of Northwind", "client_viewer")]
    with store.read(family.client_scope) as work:
        assert Invitations(work).page(limit=10).rows == []


def test_a_domain_lets_its_people_in_with_the_default_role_and_nobody_who_was_disabled(web, store, family, issuer):
    set_up(store, family, issuer, domains=["elsewhere.example"], default_role=Role.VIEWER)
    assert sign_in(web, "eve").status_code == 303
    assert web.get("/v1/me").json()["role"] == "viewer"
    with store.write(SYSTEM, TESTER) as work:
        user = Users(work).find_by_email(EmailAddress("eve@elsewhere.example"))
        Memberships(work).held(user.user_id, family.agency.organization_id).disabled_at = store.clock()
    web.cookies.clear()
    assert sign_in(web, "eve").status_code == 401
    assert not is_signed_in(web)


def test_whoever_came_in_once_is_known_by_name_when_their_address_changes(web, store, family, ada, honest):
    set_up(store, family, honest.issuer)
    assert lie(web, honest).status_code == 303
    web.cookies.clear()
    honest.claims = {"email": "ada.lovelace@agency.example"}
    assert lie(web, honest).status_code == 303
    assert web.get("/v1/me").json()["user_id"] == ada.user_id
    with store.read(SYSTEM) as work:
        assert len(work.session.scalars(select(IdentityLink)).all()) == 1


def test_a_provider_speaks_for_its_own_organization_alone(web, store, family, ada, issuer):
    """Whoever runs an agency's provider can say that they are anybody: it must open that agency and no other."""
    other = make_organization(store, "Elsewhere")
    with store.write(SYSTEM, TESTER) as work:
        Memberships(work).add(ada.user_id, Role.OWNER, other.organization_id)
    set_up(store, family, issuer)
    sign_in(web, "ada")
    me = web.get("/v1/me").json()
    assert {seat["name"] for seat in me["organizations"]} == {"Northwind", "Client of Northwind"}
    assert web.get("/v1/me", headers={"X-LH-Organization": other.organization_id}).status_code == 404
    make_session(store, ada.user_id)
    assert len(web.get("/v1/sessions").json()) == 1, "sessions with a password are not theirs to see or end"


def test_a_second_factor_is_asked_for_unless_the_provider_did(web, store, family, ada, issuer):
    with store.write(SYSTEM, TESTER) as work:
        secret = SecondFactors(work).begin(ada.user_id)
        SecondFactors(work).confirm(ada.user_id, code_at(secret, step_at(work.now())))
    set_up(store, family, issuer)
    back = sign_in(web, "ada")
    assert back.status_code == 200
    assert "One more step" in back.text
    assert not is_signed_in(web)
    step = back.text.partition('name="step" value="')[2].partition('"')[0]
    next_code = code_at(secret, step_at(store.clock()) + 1)
    done = web.post("/login", data={"step": step, "code": next_code, "next": "/app/leads"})
    assert (done.status_code, done.headers["location"]) == (303, "/app/leads")
    assert len(web.get("/v1/me").json()["organizations"]) == 2
    web.cookies.clear()
    with store.write(SYSTEM, TESTER) as work:
        for link in work.session.scalars(select(IdentityLink)):
            work.session.delete(link)
    assert sign_in(web, "mfa").status_code == 303, "the provider asked for two factors"


def test_signing_out_ends_the_session_here_and_goes_on_to_the_provider(web, store, family, ada, issuer):
    set_up(store, family, issuer)
    sign_in(web, "ada")
    token = web.cookies[cookies.NAME]
    out = web.post("/logout", headers={"Origin": HOST})
    assert web.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    onward = web.get(out.headers["location"])
    assert onward.headers["location"].startswith(f"{issuer}/oauth2/end_session?client_id=leadhouse")
    assert acts(store, family)[-2:] == ["single_sign_on", "sign_out"]


LIES = {
    "wrong nonce": {"claims": {"nonce": "another"}},
    "no nonce": {"without": {"nonce"}},
    "wrong issuer": {"claims": {"iss": "https://accounts.example"}},
    "for another application": {"claims": {"aud": "another"}},
    "for two applications, authorized for the other": {"claims": {"aud": ["leadhouse", "another"], "azp": "another"}},
    "for two applications, authorized for none": {"claims": {"aud": ["leadhouse", "another"]}},
    "expired": {"claims": {"exp": 1_000_000_000}},
    "never expires": {"without": {"exp"}},
    "old": {"claims": {"iat": 1_000_000_000}},
    "of tomorrow": {"claims": {"iat": int(time.time()) + 86_400}},
    "nobody": {"without": {"sub"}},
    "unsigned": {"sign": "none"},
    "signed with what everybody knows": {"sign": "shared secret"},
    "signed by another key": {"sign": "another key"},
    "unverified address": {"claims": {"email_verified": False}},
    "no word whether the address is verified": {"without": {"email_verified"}},
    "verified in words alone": {"claims": {"email_verified": "yes"}},
}


@pytest.mark.parametrize("told", LIES.values(), ids=LIES)
def test_a_lie_lets_nobody_in(web, store, family, ada, honest, told):
    set_up(store, family, honest.issuer)
    for name, value in told.items():
        setattr(honest, name, value)
    back = lie(web, honest)
    assert back.status_code == 401, back.text
    assert 'role="alert"' in back.text
    assert not is_signed_in(web)


def test_an_answer_counts_once_and_only_in_the_browser_that_left(web, store, family, ada, issuer):
    set_up(store, family, issuer)
    left = web.get("/login/sso/northwind")
    kept = web.cookies["lh_sign_on"]
    back = answer_of(left, "ada")
    stranger = TestClient(web.app, base_url=HOST, follow_redirects=False)
    assert stranger.get(back).status_code == 401, "somebody else's browser"
    assert web.get(back.replace("state=", "state=x")).status_code == 401, "a state that was never given"
    web.cookies.set("lh_sign_on", kept, path="/login/sso/northwind")
    assert web.get(back).status_code == 303
    web.cookies.clear()
    web.cookies.set("lh_sign_on", kept, path="/login/sso/northwind")
    again = web.get(back)
    assert again.status_code == 401
    assert "was used already" in again.text
    assert not is_signed_in(web)


def test_an_answer_that_took_too_long_is_refused(web, store, family, ada, issuer):
    set_up(store, family, issuer)
    back = answer_of(web.get("/login/sso/northwind"), "ada")
    store.clock = lambda: datetime.now(UTC) + timedelta(minutes=11)
    assert "took too long" in web.get(back).text


def test_an_answer_of_one_organization_is_no_use_at_another(web, store, family, ada, issuer):
    other = make_agency_with_client(store, "Elsewhere")
    set_up(store, family, issuer)
    set_up(store, other, issuer)
    back = answer_of(web.get("/login/sso/northwind"), "ada")
    kept = web.cookies["lh_sign_on"]
    web.cookies.set("lh_sign_on", kept, path="/login/sso/elsewhere")
    refused = web.get(back.replace("/northwind/", "/elsewhere/"))
    assert refused.status_code == 401
    assert "another sign-in" in refused.text


def test_an_answer_in_the_name_of_another_issuer_is_refused(web, store, family, ada, honest):
    set_up(store, family, honest.issuer)
    asked = parse_qs(urlsplit(web.get("/login/sso/northwind").headers["location"]).query)
    honest.nonce = asked["nonce"][0]
    back = f"/login/sso/northwind/callback?code=any&state={asked['state'][0]}&iss=https://evil.example"
    assert web.get(back).status_code == 401


def test_the_address_may_come_from_userinfo_of_the_same_person(web, store, family, ada, honest):
    set_up(store, family, honest.issuer)
    honest.without = {"email", "email_verified"}
    honest.userinfo = {"sub": "another", "email": "ada@agency.example", "email_verified": True}
    assert lie(web, honest).status_code == 401
    honest.userinfo = honest.userinfo | {"sub": "1"}
    assert lie(web, honest).status_code == 303


def test_a_provider_that_is_away_is_said_so_and_passwords_go_on(web, store, family, ada):
    set_up(store, family, "http://127.0.0.1:9")
    away = web.get("/login/sso/northwind")
    assert away.status_code in {422, 503}
    assert 'role="alert"' in away.text
    assert web.get("/login").status_code == 200


def test_an_organization_without_a_provider_is_said_so(web, family):
    page = web.get("/login/sso/northwind")
    assert page.status_code == 404
    assert "has no single sign-on" in page.text
    assert "single sign-on" not in web.get("/login").text.lower()


def test_where_there_are_several_providers_one_says_which(web, store, family, issuer):
    set_up(store, family, issuer)
    set_up(store, make_agency_with_client(store, "Elsewhere"), issuer, name="Elsewhere ID")
    assert "Use single sign-on" in web.get("/login").text
    assert "Sign in with Elsewhere ID" in web.get("/login?org=elsewhere").text
    found = web.get("/login/sso?organization=Elsewhere&next=/app/deals")
    assert found.headers["location"] == "/login/sso/elsewhere?next=/app/deals"


def acts(store, family) -> list[str]:
    with store.read(Scope.of(family.agency.organization_id)) as work:
        assert Audit(work).verify().broken_at is None
        rows = work.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.organization_id == family.agency.organization_id)
            .order_by(AuditEntry.position)
        )
        return [row.action for row in rows]


def test_no_account_was_made_but_for_those_who_were_let_in(web, store, family, ada, honest):
    set_up(store, family, honest.issuer)
    for number in range(3):
        honest.claims = {"sub": f"stranger{number}", "email": f"stranger{number}@agency.example"}
        lie(web, honest)
    with store.read(SYSTEM) as work:
        assert [user.email for user in work.session.scalars(select(User))] == ["ada@agency.example"]
