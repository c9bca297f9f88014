"""What a person asked for, and what came of it, is told where they look, and once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.api_transport import ApiProblem

APP = Path(__file__).resolve().parents[2] / "app"


def page(fails: bool, reruns: bool) -> None:
    from app.components import attempt
    from tests.app.test_attempts import act

    attempt(lambda: act(fails), "Saved", reruns=reruns)


def act(fails: bool) -> None:
    if fails:
        raise ApiProblem(409, "conflict", "Somebody changed it.", "Look again.")


@pytest.mark.parametrize("reruns", [True, False])
def test_a_refusal_is_a_box_where_the_page_goes_on_and_a_toast_in_a_callback(reruns):
    at = AppTest.from_function(page, kwargs={"fails": True, "reruns": reruns}).run()
    assert not at.exception
    assert [box.value for box in at.error] == (["Look again."] if reruns else [])
    assert [toast.value for toast in at.toast] == ([] if reruns else ["Somebody changed it. Look again."])


def test_what_succeeded_before_a_rerun_is_left_to_be_said_by_the_next_run():
    at = AppTest.from_function(page, kwargs={"fails": False, "reruns": True}).run()
    assert at.session_state["said_next"] == ("Saved", False)
    assert not at.toast


def drawer() -> None:
    import streamlit as st

    from app.components import attempt, attempt_inside, emptied_form, say_what_was_left
    from tests.app.test_attempts import act

    say_what_was_left(inside=True)
    for name in ("Done", "Refused"):
        st.button(name, on_click=attempt_inside, args=(lambda name=name: act(name == "Refused"), "It is done"))
    with emptied_form("words", border=False) as empty:
        words = st.text_input("Words")
        if st.form_submit_button("Keep") and attempt(lambda: act(words == "no"), f"Kept {words}", reruns=True):
            empty()
            st.rerun()


def test_in_a_drawer_both_answers_stand_at_its_top_until_the_next_click():
    at = AppTest.from_function(drawer).run()
    at.button[0].click().run()
    assert ([box.value for box in at.success], [box.value for box in at.error]) == (["It is done"], [])
    at.button[1].click().run()
    assert ([box.value for box in at.success], [box.value for box in at.error]) == (
        [],
        ["Somebody changed it. Look again."],
    )
    at.run()
    assert [*at.success, *at.error, *at.toast] == []


def test_what_was_refused_stays_in_its_form_and_what_was_taken_leaves_it():
    at = AppTest.from_function(drawer).run()
    at.text_input[0].set_value("no")
    at.button[2].click().run()
    assert (at.text_input[0].value, [box.value for box in at.error]) == ("no", ["Look again."])
    at.text_input[0].set_value("yes")
    at.button[2].click().run()
    assert (at.text_input[0].value, [box.value for box in at.success]) == ("", ["Kept yes"])


def _blocks(tree: ast.AST) -> Iterator[list[ast.Call]]:
    """The calls of each function, and of the module, without those of functions inside them."""
    inner = [tree]
    while inner:
        calls, nodes = [], list(ast.iter_child_nodes(inner.pop()))
        while nodes:
            node = nodes.pop()
            if isinstance(node, ast.FunctionDef | ast.Lambda):
                inner.append(node)
                continue
            if isinstance(node, ast.Call):
                calls.append(node)
            nodes.extend(ast.iter_child_nodes(node))
        yield calls


def _swallowed(calls: list[ast.Call]) -> list[int]:
    """Lines that say something although the page runs again from there."""
    named = [(ast.unparse(call.func), call) for call in calls]
    if not any(name == "st.rerun" for name, _ in named):
        return []
    return [
        call.lineno
        for name, call in named
        if name == "st.toast" or (name == "attempt" and not any(word.arg == "reruns" for word in call.keywords))
    ]


def test_nothing_is_said_that_the_rerun_after_it_would_swallow():
    swallowed = {
        path.name: lines
        for path in APP.rglob("*.py")
        for calls in _blocks(ast.parse(path.read_text(encoding="utf-8")))
        if (lines := _swallowed(calls))
    }
    assert not swallowed, "say_next(…), or attempt(…, reruns=True)"
