"""Who may speak for whom, and what consent allows."""

from __future__ import annotations

import pytest

from domain.consent import ConsentGrant, may_link, may_speak_for, wording_proof
from domain.contacts import EmailAddress
from domain.events import ConsentLevel

ADA = EmailAddress.parse("ada@northwind.example")
KEY = b"k" * 32


def test_only_full_consent_ties_a_visit_to_a_person():
    assert [level for level in ConsentLevel if may_link(level).allowed] == [ConsentLevel.FULL]
    assert may_link(ConsentLevel.SESSION).reason == "no_consent_to_link"


@pytest.mark.parametrize(
    ("user_hash", "reason"),
    [
        (None, "unsigned"),
        ("", "unsigned"),
        ("00", "wrong_user_hash"),
        ("ü", "wrong_user_hash"),
        (ADA.hashed(KEY), "signed"),
        (ADA.hashed(KEY).upper(), "signed"),
        (EmailAddress.parse("eve@northwind.example").hashed(KEY), "wrong_user_hash"),
        (ADA.hashed(b"another key"), "wrong_user_hash"),
    ],
)
def test_a_signature_is_the_address_under_the_organizations_key(user_hash, reason):
    assert may_speak_for(ADA, user_hash, KEY).reason == reason


def test_the_proof_changes_with_the_words_and_their_purpose():
    proofs = {
        wording_proof(ConsentGrant(wording="Yes", wording_version="1")),
        wording_proof(ConsentGrant(wording="Yes!", wording_version="1")),
        wording_proof(ConsentGrant(wording="Yes", wording_version="1", purpose="partners")),
    }
    assert len(proofs) == 3
