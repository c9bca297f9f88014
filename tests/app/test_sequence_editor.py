"""The editor of sequences in a real browser: dragged, drawn, written and undone; saved without touching what was not meant."""

from __future__ import annotations

import re

import pytest

from domain.outreach.sequences import written
from domain.tenancy import Scope
from serving.sequences.documents import read_document
from storage.ops.repositories.sequences import Sequences
from tests.app.conftest import SCHEMES, keep_picture, make_client, open_tab
from tests.factories import TESTER

pytestmark = pytest.mark.browser
SOURCE = """\
# Written by hand
name: First contact
window: {time_zone: Europe/Berlin, fri: ["09:00-13:00"], holidays: [2026-12-25]}
steps:
  - id: opening
    type: split
    arms:
      - {id: question, next: ask}
      - {id: example, next: show}
  - id: ask   # half of them
    type: email
    next: pause
    subject: "Hello {{ contact.first_name | default: 'there' }}"
    text: |
      {Hello|Good day},

      may I ask you something?
  - {id: show, type: email, subject: "How others do it", text: "Shall I send you an example?"}
  - {id: pause, type: wait, days: 3}
  - {id: fit, type: condition, when: ["score:gte:60"], otherwise: again}
  - {id: call, type: task, kind: call, title: "Call them", waits: true}
  - {id: again, type: email, text: "Did you see this?"}
"""


@pytest.fixture
def client(running, request):
    return make_client(running, f"Client of {request.node.name}")


@pytest.fixture
def sequence(running, client):
    """`sequence()` answers what is kept of it now: (version, note, source)."""
    with running.store.write(Scope.of(client), TESTER) as work:
        definition = read_document(SOURCE)
        made = Sequences(work).add(definition.name, written(definition), SOURCE)

    def kept():
        with running.store.read(Scope.of(client)) as work:
            newest = Sequences(work).versions(made.sequence_id)[0]
            return newest.version, newest.note, newest.source

    return kept


@pytest.fixture
def editor(visit, client, sequence):
    """`editor(scheme)` opens the graph of the client's sequence."""
    from playwright.sync_api import expect

    def opened(scheme="light"):
        page = visit(f"campaigns?org={client}", scheme=scheme)
        open_tab(page, "Steps")
        expect(node(page, "again")).to_be_visible()
        expect(page.get_by_text("Version 1", exact=True)).to_be_visible()
        node(page, "again").scroll_into_view_if_needed()
        page.get_by_role("button", name="Save as version").scroll_into_view_if_needed()
        return page

    return opened


def node(page, name):
    return page.get_by_role("button", name=re.compile(rf"^(Email|Wait|Condition|A.B test|Action|Task) {name}:"))


def slot(page, words):
    return page.get_by_role("button", name=f"Add a step {words}", exact=True)


def middle(locator):
    box = locator.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 12, start[1] + 12)
    page.mouse.move(*end, steps=6)
    page.mouse.up()


def yaml(page):
    page.get_by_role("tab", name="YAML").click()
    return page.get_by_label("The sequence as YAML")


def save(page, note=""):
    from playwright.sync_api import expect

    page.get_by_label("Note of the version").fill(note)
    button = page.get_by_role("button", name="Save as version")
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text("Saved as version").first).to_be_attached()
    expect(button).to_be_disabled()


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_step_is_dragged_in_written_and_saved_and_the_other_lines_stay(editor, sequence, scheme):
    from playwright.sync_api import expect

    page = editor(scheme)
    keep_picture(page, f"sequence_editor_{scheme}")
    drag(page, middle(page.get_by_role("button", name="Wait", exact=True)), middle(slot(page, "after ask")))
    expect(node(page, "wait")).to_be_visible()
    page.get_by_label("Days", exact=True).fill("2")
    expect(node(page, "wait")).to_contain_text("2 days")
    keep_picture(page, f"sequence_editor_step_{scheme}")
    expected = SOURCE.replace("    next: pause\n", "    next: wait\n", 1)  # it may stand below or be named
    source = yaml(page)
    expect(source).to_have_value(re.compile(r"\{id: wait, type: wait, days: 2, next: pause\}"))
    keep_picture(page, f"sequence_editor_yaml_{scheme}")
    save(page, "A pause of two days first")
    version, note, kept = sequence()
    assert (version, note) == (2, "A pause of two days first")
    line = "  - {id: wait, type: wait, days: 2, next: pause}\n"
    assert line in kept
    assert kept.replace(line, "") in {expected, SOURCE.replace("    next: pause\n", "", 1)}
    assert page.problems == []


@pytest.mark.slow
def test_a_step_is_dragged_to_another_line_and_undone_to_the_byte(editor, sequence):
    from playwright.sync_api import expect

    page = editor()
    drag(page, middle(node(page, "pause")), middle(slot(page, "after call")))
    area = yaml(page)
    expect(area).to_have_value(re.compile(r"Call them.*\n  - \{id: pause, type: wait, days: 3\}\n", re.DOTALL))
    expect(area).to_have_value(re.compile(r"next: fit"))
    page.get_by_role("button", name="Undo").click()
    expect(area).to_have_value(SOURCE)
    expect(page.get_by_role("button", name="Save as version")).to_be_disabled()
    assert sequence()[0] == 1


@pytest.mark.slow
def test_a_line_is_drawn_to_another_step_and_a_circle_is_refused(editor):
    from playwright.sync_api import expect

    page = editor()
    port = node(page, "ask").locator(".port")
    drag(page, middle(port), middle(node(page, "again")))
    expect(yaml(page)).to_have_value(re.compile(r"id: ask .*?next: again", re.DOTALL))
    drag(page, middle(node(page, "again").locator(".port")), middle(node(page, "ask")))
    expect(page.get_by_text("That would lead round in a circle.").first).to_be_visible()


def test_a_fault_is_shown_at_its_step_and_in_its_field_and_nothing_is_saved_with_it(editor):
    from playwright.sync_api import expect

    page = editor()
    node(page, "ask").click()
    page.get_by_label("Subject").fill("Hi {{ person.name }}")
    expect(page.get_by_text("no variable is called person").first).to_be_visible()
    expect(
        page.get_by_role("button", name=re.compile(r"^Email ask: .*Wrong: no variable is called person"))
    ).to_be_visible()
    expect(page.get_by_role("button", name="Save as version")).to_be_disabled()
    keep_picture(page, "sequence_editor_fault")
    page.get_by_label("Subject").fill("Hi there")
    expect(page.get_by_text("no variable is called person")).to_have_count(0)
    expect(page.get_by_role("button", name="Save as version")).to_be_enabled()


@pytest.mark.slow
def test_yaml_that_is_written_by_hand_is_drawn_and_what_cannot_be_read_says_where(editor, sequence):
    from playwright.sync_api import expect

    page = editor()
    area = yaml(page)
    area.fill(SOURCE + "  - {id: last, type: wait, days: 9}\n# and no more\n")
    expect(node(page, "last")).to_contain_text("9 days")
    area.fill("name: [")
    expect(page.get_by_text("not YAML: line 1").first).to_be_visible()
    expect(page.get_by_role("button", name="Save as version")).to_be_disabled()
    area.fill(SOURCE.replace("Did you see this?", "Did you see it?"))
    expect(page.get_by_text("not YAML")).to_have_count(0)
    save(page)
    assert sequence()[2] == SOURCE.replace("Did you see this?", "Did you see it?")


@pytest.mark.slow
def test_everything_is_done_by_keyboard_too(editor, sequence):
    from playwright.sync_api import expect

    page = editor()
    node(page, "opening").focus()
    page.keyboard.press("ArrowDown")
    expect(node(page, "ask")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(node(page, "show")).to_be_focused()
    page.keyboard.press("+")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(node(page, "wait")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("button", name=re.compile("^Wait wait:"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    node(page, "call").focus()
    page.keyboard.press("Delete")
    expect(node(page, "call")).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(node(page, "call")).to_be_visible()
    save(page, "A pause for the others")
    found = read_document(sequence()[2])
    assert [arm.next for arm in found.by_id["opening"].arms] == ["ask", "wait"]
    assert found.after("wait") == "show"


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(editor, running, client, sequence):
    from playwright.sync_api import expect

    page = editor()
    with running.store.write(Scope.of(client), TESTER) as work:
        (row,) = Sequences(work).of_organization()
        theirs = SOURCE.replace("days: 3", "days: 4")
        Sequences(work).put(row, row.name, written(read_document(theirs)), theirs, "theirs")
    node(page, "pause").click()
    page.get_by_label("Days", exact=True).fill("5")
    button = page.get_by_role("button", name="Save as version")
    expect(button).to_be_enabled()
    button.click()
    expect(page.get_by_text("Somebody saved another version meanwhile").first).to_be_attached()
    page.get_by_role("tab", name="Versions").click()
    expect(page.get_by_text("theirs")).to_be_visible()
    keep_picture(page, "sequence_editor_versions")
    assert sequence()[2] == theirs
