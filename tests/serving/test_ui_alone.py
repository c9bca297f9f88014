"""The operator UI in a process of its own asks the API at the address it was given."""

from __future__ import annotations

import pytest

from domain.errors import NotConfigured
from serving.main import create_app
from serving.ui_mount import configuration


def told(settings, **changes):
    return settings.model_copy(update={"web": settings.web.model_copy(update=changes)})


def test_by_default_the_ui_asks_its_own_process(settings):
    assert configuration(told(settings, port=8601))["api"] == "http://127.0.0.1:8601"


def test_the_ui_alone_asks_the_api_it_was_told(settings):
    assert configuration(told(settings, role="ui", api_url="https://api.example/"))["api"] == "https://api.example"


def test_the_ui_alone_without_an_api_says_what_to_set(settings, sqlite_store):
    with pytest.raises(NotConfigured) as caught:
        create_app(told(settings, role="ui"), store=sqlite_store)
    assert "LEADHOUSE_WEB__API_URL" in caught.value.hint
