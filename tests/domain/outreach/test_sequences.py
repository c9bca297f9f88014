"""A sequence as a document: read back as it was written, and refused with every fault and its place."""

from __future__ import annotations

import pytest
from hypothesis import given

from domain.errors import InvalidInput
from domain.outreach.sequences import parse_sequence, schema, written
from tests.factories.sequence_documents import documents

EMAIL = {"id": "hello", "type": "email", "subject": "Hi {{ contact.first_name }}", "text": "Hello"}
WAIT = {"id": "pause", "type": "wait", "days": 3}


def document(*steps, **changes):
    return {"name": "Spring", "steps": list(steps) or [EMAIL], **changes}


@given(documents())
def test_what_is_written_reads_back_as_the_same_sequence(raw):
    sequence = parse_sequence(raw)
    once = written(sequence)
    assert parse_sequence(once) == sequence
    assert written(parse_sequence(once)) == once


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ([], "a sequence is a mapping"),
        ({"name": "x"}, "steps: Field required"),
        (document({**EMAIL, "txt": "oops"}), "steps[0] (hello).txt: Extra inputs are not permitted"),
        (document({**EMAIL, "type": "fax"}), "steps[0] (hello): Input tag 'fax'"),
        (document({**EMAIL, "subject": ""}), "step 'hello' may be the first message, so it needs a subject"),
        (document(EMAIL, EMAIL), "two steps have the id 'hello'"),
        (document({**EMAIL, "next": "nowhere"}), "step 'hello' goes to 'nowhere', which is no step"),
        (document({**EMAIL, "id": "end"}), "no step may be called 'end'"),
        (document({**EMAIL, "next": "end"}, WAIT), "step 'pause' is never reached"),
        (document(EMAIL, {**WAIT, "next": "hello"}), "the steps go round in a circle: hello → pause → hello"),
        (document({**WAIT, "days": 0}), "a wait lasts some days"),
        (
            document({"id": "ask", "type": "condition", "when": ["colour:eq:red"]}),
            "steps[0] (ask): 'colour:eq:red' is no filter",
        ),
        (document(window={"mon": ["25:00-26:00"]}), "window: working hours: mon: '25:00-26:00' is no block"),
        (document(window={"time_zone": "Mars/Base"}), "is no IANA time zone"),
        (document(window={day: [] for day in ("mon", "tue", "wed", "thu", "fri")}), "no day has a block"),
        (document(mailboxes=["not an address"]), "not an email address: 'not an address'"),
        (document(starts_on="2026-05-02", ends_on="2026-05-01"), "it ends before it starts"),
        (document(limits={"per_day": 0}), "limits.per_day: Input should be greater than or equal to 1"),
        (document(unsubscribe_line="Bye"), "unsubscribe_line says {{ unsubscribe_url }}"),
    ],
)
def test_a_fault_is_named_with_its_place(raw, said):
    with pytest.raises(InvalidInput) as refused:
        parse_sequence(raw)
    assert said in refused.value.message


def test_all_faults_are_named_at_once():
    with pytest.raises(InvalidInput) as refused:
        parse_sequence({"name": "", "steps": [{**EMAIL, "text": ""}, {"id": "w", "type": "wait", "days": -1}]})
    assert all(place in refused.value.message for place in ("name:", "steps[0] (hello).text:", "steps[1] (w).days:"))


def test_the_schema_describes_every_kind_of_step():
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema())
    jsonschema.validate(document(EMAIL, WAIT), schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document({**EMAIL, "type": "fax"}), schema())
