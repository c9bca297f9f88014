"""What a provider's token must say, whatever it says, and whom an address lets in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.single_sign_on import Assertion, Entry, SignOnRefused, assertion_of, domains_of, entry_of
from domain.tenancy import Role

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXPECTED = {"issuer": "https://id.example", "client_id": "leadhouse", "nonce": "n" * 43, "now": NOW}
GOOD = {
    "iss": "https://id.example", "aud": "leadhouse", "sub": "1", "nonce": "n" * 43,
    "iat": NOW.timestamp(), "exp": NOW.timestamp() + 300,
    "email": "Ada@Agency.example", "email_verified": True, "name": "Ada",
}  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def test_a_good_token_is_read():
    assert assertion_of(GOOD, **EXPECTED) == Assertion(
        "https://id.example", "1", EmailAddress("ada@agency.example"), True, "Ada", False
    )
    assert assertion_of(GOOD | {"amr": ["pwd", "mfa"]}, **EXPECTED).has_second_factor
    assert assertion_of(GOOD | {"aud": ["leadhouse", "b"], "azp": "leadhouse"}, **EXPECTED).subject == "1"


@given(st.sampled_from(["iss", "aud", "azp", "sub", "nonce", "iat", "exp"]), ANYTHING)
def test_no_value_of_a_claim_gets_past_a_check_it_should_fail(name, value):
    """Whatever a claim is, the answer is an assertion of the expected issuer and nonce, or a refusal: no other error."""
    try:
        found = assertion_of(GOOD | {name: value}, **EXPECTED)
    except SignOnRefused:
        return
    assert found.issuer == "https://id.example"
    assert name in {"azp", "sub", "iat", "exp"} or value in (GOOD[name], [GOOD[name]])


@given(st.dictionaries(st.sampled_from([*GOOD, "amr", "azp"]), ANYTHING))
def test_a_token_of_anything_is_refused_or_read(claims):
    try:
        found = assertion_of(claims, **EXPECTED)
    except SignOnRefused:
        return
    assert isinstance(found, Assertion)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), True, "1e99", 10**400, -1])
def test_a_token_that_never_expires_is_refused(value):
    with pytest.raises(SignOnRefused):
        assertion_of(GOOD | {"exp": value}, **EXPECTED)


def test_clocks_may_differ_by_two_minutes():
    late = {**EXPECTED, "now": NOW + timedelta(seconds=300 + 119)}
    assert assertion_of(GOOD, **late)
    with pytest.raises(SignOnRefused, match="expired"):
        assertion_of(GOOD, **(late | {"now": NOW + timedelta(seconds=300 + 121)}))


def who(email="ada@agency.example", *, is_verified=True):
    return Assertion("https://id.example", "1", EmailAddress.parse(email), is_verified, "", False)


@pytest.mark.parametrize(
    ("is_member", "is_invited", "role", "entry"),
    [
        (True, False, None, Entry.MEMBER),
        (True, True, Role.VIEWER, Entry.MEMBER),
        (False, True, Role.VIEWER, Entry.INVITED),
        (False, False, Role.VIEWER, Entry.OF_DOMAIN),
    ],
)
def test_one_comes_in_by_what_was_said_before(is_member, is_invited, role, entry):
    asked = {"is_member": is_member, "is_invited": is_invited, "domains": ["agency.example"], "default_role": role}
    assert entry_of(who(), **asked) is entry
    with pytest.raises(SignOnRefused):
        entry_of(who(is_verified=False), **asked)


@pytest.mark.parametrize(
    ("email", "role"),
    [
        ("ada@agency.example", None),
        ("ada@sub.agency.example", Role.VIEWER),
        ("ada@notagency.example", Role.VIEWER),
        ("agency.example@evil.example", Role.VIEWER),
    ],
)
def test_a_domain_lets_in_its_own_addresses_alone(email, role):
    with pytest.raises(SignOnRefused):
        entry_of(who(email), is_member=False, is_invited=False, domains=["agency.example"], default_role=role)


def test_domains_have_one_spelling():
    assert domains_of(["@B.Example", "a.example ", "b.example"]) == ["a.example", "b.example"]
    for wrong in ("", "localhost", "a b.example", "a@b@c"):
        with pytest.raises(InvalidInput):
            domains_of([wrong])
