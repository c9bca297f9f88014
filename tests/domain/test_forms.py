"""What a form may ask, what an answer may be, and what looks like spam."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.forms import FieldType, FormField, check_answers, facts_of, issue_token, judge_spam, parse_fields, token_age

EMAIL = {"key": "email", "label": "E-mail", "type": "email", "required": True, "maps_to": "email"}
KEY = b"k" * 32
ADA = EmailAddress.parse("ada@northwind.example")
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def field(**changes):
    return FormField.parse({"key": "answer", **changes})


def problem_of(one, text):
    found = check_answers([one], {one.key: text}).problems
    return found[0].code if found else None


def value_of(one, text):
    checked = check_answers([one], {one.key: text})
    assert checked.problems == ()
    return checked.values.get(one.key)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"key": "E-Mail"}, "snake_case"),
        ({"key": "lh_token"}, "snake_case"),
        ({"key": "a", "type": "colour"}, "no field type"),
        ({"key": "a", "type": "select"}, "options"),
        ({"key": "a", "maps_to": "password"}, "cannot go to"),
        ({"key": "a", "colour": "red"}, "unknown properties colour"),
    ],
)
def test_a_field_that_cannot_be_asked_is_refused_by_name(raw, words):
    with pytest.raises(InvalidInput, match=words):
        FormField.parse(raw)


def test_a_form_must_be_able_to_reach_its_sender():
    with pytest.raises(InvalidInput, match="e-mail"):
        parse_fields([{"key": "name"}])
    with pytest.raises(InvalidInput, match="same key"):
        parse_fields([EMAIL, EMAIL])
    with pytest.raises(InvalidInput, match="between 1 and"):
        parse_fields([])


def test_a_field_survives_being_kept():
    one = field(type="select", options=["a", "b"], maps_to="attributes.plan", required=True, label="Plan")
    assert FormField.parse(one.as_dict()) == one


def test_what_is_required_must_be_answered():
    assert problem_of(field(required=True), "  ") == "required"
    assert problem_of(field(required=True, type="checkbox"), "no") == "required"
    assert problem_of(field(), "") is None


def test_answers_are_trimmed_and_bounded():
    assert value_of(field(), "  hello ") == "hello"
    assert problem_of(field(max_length=3), "four") == "too_long"
    assert problem_of(field(maps_to="phone", type="phone"), "1" * 41) == "too_long"
    assert problem_of(field(type="textarea"), "x" * 5_001) == "too_long"


@pytest.mark.parametrize(("text", "value"), [("Ada@Example.COM ", "ada@example.com"), ("ada@münchen.example", None)])
def test_addresses_are_read_in_one_spelling(text, value):
    found = value_of(field(type="email"), text)
    assert found == (value or "ada@xn--mnchen-3ya.example")


def test_addresses_that_are_none_and_private_ones_where_work_is_asked_are_refused():
    assert problem_of(field(type="email"), "ada@") == "not_an_email"
    work = field(type="email", business_only=True)
    assert problem_of(work, "ada@gmail.com") == "not_a_business_email"
    assert problem_of(work, "ada@mailinator.com") == "not_a_business_email"
    assert value_of(work, "ada@northwind.example") == "ada@northwind.example"


@pytest.mark.parametrize("text", ["+49 30 123456", "(030) 123 456 ext. 12", "030/123456", "+1-202-555-0143"])
def test_phone_numbers_come_in_many_spellings(text):
    assert value_of(field(type="phone"), text) == text


@pytest.mark.parametrize("text", ["call me", "1234", "12345<script>", "+" * 10])
def test_what_is_no_phone_number_is_refused(text):
    assert problem_of(field(type="phone"), text) == "not_a_phone"


def test_numbers_choices_addresses_and_boxes():
    assert value_of(field(type="number"), "12,5") == 12.5
    assert value_of(field(type="number"), "40") == 40
    assert problem_of(field(type="number"), "nan") == "not_a_number"
    assert problem_of(field(type="number"), "many") == "not_a_number"
    choice = field(type="select", options=["a"])
    assert (value_of(choice, "a"), problem_of(choice, "b")) == ("a", "not_an_option")
    assert value_of(field(type="url"), "northwind.example/about") == "https://northwind.example/about"
    assert problem_of(field(type="url"), "javascript:alert(1)") == "not_a_url"
    assert value_of(field(type="checkbox"), "on") is True
    assert problem_of(field(type="checkbox"), "perhaps") == "not_an_option"


def test_a_hidden_field_falls_back_to_its_own_value_and_unknown_answers_are_left_behind():
    checked = check_answers([field(type="hidden", value="home")], {"other": "x"})
    assert checked.values == {"answer": "home"}


def test_answers_go_where_their_fields_map_to():
    fields = parse_fields(
        [
            EMAIL,
            {"key": "first", "maps_to": "first_name"},
            {"key": "firm", "maps_to": "company"},
            {"key": "land", "maps_to": "country"},
            {"key": "budget", "type": "number", "maps_to": "attributes.budget"},
            {"key": "note"},
        ]
    )
    sent = {
        "email": "ada@northwind.example",
        "first": "Ada",
        "firm": "Northwind",
        "land": "pt",
        "budget": "9",
        "note": "x",
    }
    told = facts_of(fields, check_answers(fields, sent).values)
    assert told.facts.email.value == "ada@northwind.example"
    assert (told.facts.first_name, told.facts.country, told.company_name) == ("Ada", "PT", "Northwind")
    assert told.facts.attributes == {"budget": 9}


def test_a_token_tells_its_age_for_its_own_form_and_key_only():
    token = issue_token(KEY, "form-1", NOON)
    later = NOON + timedelta(seconds=5)
    assert token_age(KEY, "form-1", token, later) == timedelta(seconds=5)
    assert token_age(KEY, "form-2", token, later) is None
    assert token_age(b"other", "form-1", token, later) is None
    assert token_age(KEY, "form-1", "0" + token, later) is None
    for forged in ("", ".", "zz.é", "18f.00"):
        assert token_age(KEY, "form-1", forged, later) is None


@pytest.mark.parametrize(
    ("honeypot", "age", "reason"),
    [
        ("http://spam.example", timedelta(minutes=1), "honeypot_filled"),
        ("", None, "token_missing_or_forged"),
        ("", timedelta(seconds=1), "filled_too_fast"),
        ("", timedelta(days=8), "token_expired"),
        ("", timedelta(seconds=3), "passed_all_checks"),
    ],
)
def test_a_submission_passes_or_is_held_with_its_reason(honeypot, age, reason):
    verdict = judge_spam(honeypot=honeypot, age=age, min_seconds=3, email=ADA)
    assert (verdict.reason, verdict.allowed) == (reason, reason == "passed_all_checks")


def test_an_address_that_lives_for_minutes_is_held():
    thrown_away = EmailAddress.parse("ada@mailinator.com")
    verdict = judge_spam(honeypot="", age=timedelta(minutes=1), min_seconds=3, email=thrown_away)
    assert (verdict.allowed, verdict.reason) == (False, "disposable_address")


def test_every_field_type_can_be_asked():
    for kind in FieldType:
        assert field(type=kind.value, options=["a"]).type is kind
