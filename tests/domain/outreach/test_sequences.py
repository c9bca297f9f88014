"""A sequence as a document: read back as it was written, and refused with every fault and its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.outreach.sequences import parse_sequence, schema, written

EMAIL = {"id": "hello", "type": "email", "subject": "Hi {{ contact.first_name }}", "text": "Hello"}
WAIT = {"id": "pause", "type": "wait", "days": 3}


def document(*steps, **changes):
    return {"name": "Spring", "steps": list(steps) or [EMAIL], **changes}


IDS = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True).filter(lambda name: name != "end")
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).filter(str.strip)


@st.composite
def documents(draw):
    """Sequences with any kinds of steps, forward only, so that they are sound."""
    names = draw(st.lists(IDS, min_size=1, max_size=8, unique=True))
    steps = []
    for number, name in enumerate(names):
        ahead = [*names[number + 1 :], "end"]
        kind = draw(st.sampled_from(["email", "wait", "condition", "split", "task", "action"])) if number else "email"
        below = ahead[0]
        step = {"id": name, "type": kind}
        match kind:
            case "email":
                step |= {"subject": draw(WORDS), "text": draw(WORDS)}
            case "wait":
                step |= {"days": draw(st.integers(0, 30)), "hours": draw(st.integers(1, 23))}
            case "condition":
                step |= {"when": ["country:in:DE,AT"], "next": below, "otherwise": draw(st.sampled_from(ahead))}
            case "split":
                arms = [
                    {"id": "a", "next": below, "weight": draw(st.integers(1, 9))},
                    {"id": "b", "next": draw(st.sampled_from(ahead))},
                ]
                step |= {"arms": arms, "by": draw(st.sampled_from(["contact", "company"]))}
            case "task":
                step |= {"kind": "call", "title": draw(WORDS), "waits": draw(st.booleans())}
            case "action":
                step |= {"do": "notify_owner", "message": draw(WORDS)}
        steps.append(step)
    more = draw(
        st.fixed_dictionaries(
            {},
            optional={
                "priority": st.sampled_from(["follow_ups", "new"]),
                "limits": st.fixed_dictionaries({}, optional={"per_day": st.integers(1, 999)}),
                "rules": st.fixed_dictionaries({}, optional={"reply": st.sampled_from(["stop", "pause", "continue"])}),
                "window": st.fixed_dictionaries(
                    {"time_zone": st.sampled_from(["Europe/Berlin", "America/New_York"])},
                    optional={"sat": st.just(["10:00-12:00"]), "holidays": st.just(["2026-12-25"])},
                ),
            },
        )
    )
    return {"name": draw(WORDS), "steps": steps, **more}


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
