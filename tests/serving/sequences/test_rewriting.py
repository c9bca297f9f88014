"""Changes are worked into the YAML that somebody wrote; what stays keeps its bytes."""

from __future__ import annotations

import copy
import difflib

import hypothesis
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from serving.sequences.rewriting import rewrite
from serving.sequences.yaml_text import after_dash, after_name, plain
from tests.factories.sequence_documents import documents

SOURCE = """\
# Spring, written by hand
name: First contact   # as people know it
window: {time_zone: Europe/Berlin, fri: ["09:00-13:00"], holidays: [2026-12-25]}
limits:
  per_day: 120
  # not too many at once
  new_per_day: 30

steps:
  # half of them are asked, half are shown
  - id: opening
    type: split
    arms:
      - {id: question, next: ask}
      - {id: example, next: show}

  # the question
  - id: ask  # as a question
    type: email
    next: pause
    subject: "Hello {{ contact.first_name | default: 'there' }}"
    text: |
      Good day,

      may I ask you something?
  - {id: show, type: email, subject: 'How others do it', text: "Shall I send you an example?"}
  - {id: pause, type: wait, days: 3}   # long enough
  - {id: again, type: email, text: "Did you see this?"}
# the end
"""
STYLES = [
    {"default_flow_style": False},
    {"default_flow_style": None},
    {"default_flow_style": True, "width": 60},
    {"default_style": '"'},
    {"default_flow_style": False, "indent": 6, "explicit_start": True},
]


def document():
    return plain(yaml.safe_load(SOURCE))


def difference(changed):
    """Lines taken out and put in."""
    lines = difflib.ndiff(SOURCE.splitlines(), rewrite(SOURCE, changed).splitlines())
    return [line for line in lines if line[0] in "+-"]


def test_what_says_the_same_keeps_its_bytes():
    assert rewrite(SOURCE, document()) == SOURCE
    crlf = SOURCE.replace("\n", "\r\n")
    assert rewrite(crlf, plain(yaml.safe_load(crlf))) == crlf


def change_days(found):
    found["steps"][3]["days"] = 5


def write_another_text(found):
    found["steps"][1]["text"] = "Dear Sir or Madam,\n\nmay I ask?\n"


def put_one_in(found):
    found["steps"].insert(2, {"id": "later", "type": "wait", "days": 1, "hours": 4})


def put_a_long_one_in(found):
    found["steps"].append({"id": "last", "type": "email", "subject": "So: the last", "text": "Hello\n\nGood bye\n"})


def move_the_question_to_the_end(found):
    found["steps"].append(found["steps"].pop(1))


def take_the_first_out(found):
    del found["steps"][0]


def go_elsewhere(found):
    found["steps"][1]["next"] = "again"
    found["steps"][2]["next"] = "end"


def forget_where_it_goes(found):
    del found["steps"][1]["next"]


def call_it_another_name(found):
    found["steps"][1]["id"] = "asked"


def weigh_an_arm_and_add_one(found):
    found["steps"][0]["arms"][1]["weight"] = 2
    found["steps"][0]["arms"].append({"id": "third", "next": "pause"})


def write_a_limit(found):
    found["limits"]["active_per_company"] = 2
    del found["limits"]["per_day"]


def write_at_length_where_it_was_short(found):
    found["steps"][4]["text"] = "Did you see this?\nI ask again.\n"


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (change_days, ["-   - {id: pause, type: wait, days: 3}   # long enough", "+   - {id: pause, type: wait, days: 5}   # long enough"]),
        (write_another_text, ["-       Good day,", "+       Dear Sir or Madam,", "-       may I ask you something?", "+       may I ask?"]),
        (put_one_in, ["+   - {id: later, type: wait, days: 1, hours: 4}"]),
        (put_a_long_one_in, ["+   - id: last", "+     type: email", "+     subject: 'So: the last'", "+     text: |", "+       Hello", "+ ", "+       Good bye"]),
        (go_elsewhere, ["-     next: pause", "+     next: again",
                        "-   - {id: show, type: email, subject: 'How others do it', text: \"Shall I send you an example?\"}",
                        "+   - {id: show, type: email, subject: 'How others do it', text: \"Shall I send you an example?\", next: end}"]),
        (forget_where_it_goes, ["-     next: pause"]),
        (call_it_another_name, ["-   - id: ask  # as a question", "+   - id: asked  # as a question"]),
        (weigh_an_arm_and_add_one, ["-       - {id: example, next: show}", "+       - {id: example, next: show, weight: 2}", "+       - {id: third, next: pause}"]),
        (write_a_limit, ["-   per_day: 120", "+   active_per_company: 2"]),
        (write_at_length_where_it_was_short, ['-   - {id: again, type: email, text: "Did you see this?"}', "+   - id: again", "+     type: email", "+     text: |", "+       Did you see this?", "+       I ask again."]),
    ],
)  # fmt: skip
def test_only_the_lines_that_say_something_else_change(change, lines):
    changed = document()
    change(changed)
    assert [line.rstrip() for line in difference(changed) if line[:1] != "?"] == [line.rstrip() for line in lines]


@pytest.mark.parametrize("change", [move_the_question_to_the_end, take_the_first_out])
def test_a_step_takes_its_lines_and_the_comment_above_it_along(change):
    changed = document()
    change(changed)
    found = rewrite(SOURCE, changed)
    assert plain(yaml.safe_load(found)) == changed
    assert "  # the question\n  - id: ask  # as a question\n    type: email\n" in found
    assert found.startswith("# Spring, written by hand\nname: First contact   # as people know it\n")
    assert found.count("#") == SOURCE.count("#") - (1 if change is take_the_first_out and "half" not in found else 0)


@hypothesis.settings(max_examples=40)
@given(documents(), documents(), st.sampled_from(STYLES))
def test_whatever_was_written_reads_as_what_it_should_say(before, after, style):
    source = yaml.safe_dump(before, sort_keys=False, allow_unicode=True, **style)
    assert rewrite(source, before) == source
    assert plain(yaml.safe_load(rewrite(source, after))) == after


@given(documents(), st.data())
def test_steps_are_moved_and_taken_out_without_a_word_about_the_others(before, data):
    lines = {step["id"]: f"  -{after_dash(step, 2)}\n" for step in before["steps"]}
    source = f"name:{after_name(before['name'], 0)}\nsteps:  # in this order\n{''.join(lines.values())}"
    before = {"name": before["name"], "steps": before["steps"]}
    after = copy.deepcopy(before)
    moved = after["steps"].pop(data.draw(st.integers(0, len(after["steps"]) - 1)))
    if data.draw(st.booleans()) or not after["steps"]:
        after["steps"].insert(data.draw(st.integers(0, len(after["steps"]))), moved)
    changed = rewrite(source, after)
    assert changed == source[: source.index("  -")] + "".join(lines[step["id"]] for step in after["steps"])
