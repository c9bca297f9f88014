"""The graph editor's side of the API: a changed document is worked into its YAML, faults say at which step, versions stay."""

from __future__ import annotations

import pytest

SOURCE = """\
name: Spring   # by hand
steps:
  - id: hello
    type: email
    subject: "Hi {{ contact.first_name | default: 'there' }}"
    text: "How is work?"
  # a while
  - {id: pause, type: wait, days: 3}
  - {id: again, type: email, text: "Did you see this?"}
"""
CHECK = "/v1/sequences/check"


@pytest.fixture
def document(api):
    return api.post(CHECK, json={"source": SOURCE}).json()["document"]


def test_reading_and_writing_back_what_was_not_changed_keeps_every_byte(api, document):
    found = api.post(CHECK, json={"source": SOURCE, "document": document}).json()
    assert found == {"source": SOURCE, "document": document, "problems": []}


def test_a_change_of_one_step_leaves_the_other_lines(api, document):
    document["steps"][1]["days"] = 5
    found = api.post(CHECK, json={"source": SOURCE, "document": document}).json()
    assert found["source"] == SOURCE.replace("days: 3", "days: 5")


@pytest.mark.parametrize(
    ("number", "change", "field", "words"),
    [
        (1, {"days": 900}, "days", "less than or equal to 365"),
        (1, {"colour": "red"}, "colour", "Extra inputs are not permitted"),
        (1, {"next": "nowhere"}, "", "'nowhere', which is no step"),
        (0, {"next": "again"}, "", "never reached"),
        (2, {"next": "hello"}, "", "in a circle"),
        (0, {"subject": ""}, "subject", "needs a subject"),
        (0, {"text": "Hi {{ person.name }}"}, "text", "no variable is called person"),
        (2, {"text": "{% if %}"}, "text", "not a template"),
        (2, {"mjml": "<mjml><mj-body>"}, "mjml", "not MJML"),
    ],
)
def test_a_fault_says_at_which_step_and_in_what_of_it(api, document, number, change, field, words):
    document["steps"][number].update(change)
    (fault, *_) = api.post(CHECK, json={"source": SOURCE, "document": document}).json()["problems"]
    at = 1 if words == "never reached" else 0 if words == "in a circle" else number
    assert (fault["step"], fault["field"]) == (at, field)
    assert words in fault["message"]


def test_what_is_no_yaml_says_where_and_nothing_is_worked_into_it(api, document):
    found = api.post(CHECK, json={"source": "name: x\nsteps: ["}).json()
    assert found["document"] is None
    assert found["problems"][0]["message"].startswith("not YAML: line ")
    assert api.post(CHECK, json={"source": "steps: [", "document": document}).status_code == 422
    assert api.post(CHECK, json={"source": "- a list"}).json()["document"] is None
    assert api.post(CHECK, json={"source": "name: x\nstarts_on: 2026-02-31"}).json()["document"] is None
    deep = api.post(CHECK, json={"source": "[" * 5000}).json()
    assert deep["problems"][0]["message"].endswith("nested too deeply")


def test_versions_stay_as_they_were_written_with_their_notes(api):
    made = api.post("/v1/sequences", json={"source": SOURCE}).json()
    path, longer = f"/v1/sequences/{made['sequence_id']}", SOURCE.replace("days: 3", "days: 5")
    body = {"source": longer, "note": "three days were too few"}
    changed = api.put(path, json=body, headers={"If-Match": made["etag"]})
    assert (changed.status_code, changed.json()["version"]) == (200, 2)
    assert api.put(path, json=body, headers={"If-Match": made["etag"]}).status_code == 412
    assert api.put(path, json=body).json()["version"] == 2
    listed = api.get(f"{path}/versions").json()["items"]
    assert [(one["version"], one["note"]) for one in listed] == [(2, "three days were too few"), (1, "")]
    assert api.get(f"{path}/versions/1").json()["source"] == SOURCE
    assert api.get(f"{path}/versions/9").status_code == 404


def test_the_tag_stays_while_the_sequence_is_switched_and_looked_at(api):
    made = api.post("/v1/sequences", json={"source": SOURCE}).json()
    path = f"/v1/sequences/{made['sequence_id']}"
    switched = api.post(f"{path}/switch", json={"status": "active"}).json()
    assert switched["etag"] == made["etag"]
    changed = {"source": SOURCE.replace("Spring", "SPRING")}
    assert api.put(path, json=changed, headers={"If-Match": made["etag"]}).json()["name"] == "SPRING"
