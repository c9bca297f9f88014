"""What a person asked for and was refused is told where they look."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from app.api_transport import ApiProblem


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
    assert at.session_state["said_next"] == "Saved"
    assert not at.toast
