"""Questions to the lake: every one names its organization, and a missing lake is an answer in words."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

import pytest
import streamlit as st

import app.queries
from app.queries import data_quality, overview
from app.queries.asking import NOT_BUILT
from app.session import Visit
from storage.lake import Lake
from tests.app.small_lake import fill

OURS, THEIRS = "0192a0b0-0000-7000-8000-000000000001", "0192a0b0-0000-7000-8000-000000000002"
ARGUMENTS = {
    "days": 30,
    "level": "person",
    "months": 12,
    "runs": 5,
    "model": "linear",
    "conversion_kind": "lead",
    "source": "ad_spend",
    "rule": "amount_is_positive",
    "company_id": "alpine",
    "month": "2026-01-01",
    "channel": "Paid Search",
    "outcome": "customer",
}


@pytest.fixture
def told(settings, monkeypatch):
    """The UI's configuration, as the web process would hand it over."""
    told = {"api": "http://127.0.0.1:1", "settings": settings.model_dump_json(include={"data", "lake"})}
    monkeypatch.setattr(st, "secrets", {"leadhouse": told})
    st.cache_data.clear()
    return settings


PAGES = [
    import_module(f"app.queries.{found.name}") for found in iter_modules(app.queries.__path__) if found.name != "asking"
]


def questions():
    return [
        (name, found)
        for page in PAGES
        for name, found in vars(page).items()
        if callable(found) and not name.startswith("_") and getattr(found, "__module__", "") == page.__name__
    ]


def ask(question, organization_id):
    wanted = [name for name in inspect.signature(question).parameters if name != "organization_id"]
    return question(organization_id, *(ARGUMENTS[name] for name in wanted))


def test_every_question_takes_the_organization_first():
    assert len(questions()) >= 9
    for name, question in questions():
        assert next(iter(inspect.signature(question).parameters)) == "organization_id", name


def test_every_question_binds_the_organization_in_its_sql():
    texts = [
        node.value
        for page in PAGES
        for node in ast.walk(ast.parse(Path(str(page.__file__)).read_text()))
        if isinstance(node, ast.Constant) and "from lake." in str(node.value)
    ]
    assert texts
    for sql in texts:
        assert "organization_id = ?" in sql or "where ? is not null" in sql, sql


def test_without_a_lake_every_question_is_answered_in_words(told):
    for name, question in questions():
        answer = ask(question, OURS)
        if name == "freshness":
            assert set(answer.values()) == {None}
        else:
            assert answer.is_empty, name
            assert "no lake" in answer.problem, name


def test_one_organization_never_sees_the_rows_of_another(told):
    fill(Lake.open(told), OURS)
    assert not overview.leads_by_day(OURS, 30).is_empty
    shared = {"freshness", "checks", "check_history"}
    for name, question in questions():
        if name not in shared:
            assert ask(question, THEIRS).is_empty, name


def test_a_question_without_an_organization_is_a_mistake(told):
    with pytest.raises(ValueError, match="names its organization"):
        overview.funnel("")


def test_a_mart_that_is_not_built_yet_is_answered_in_words(told):
    Lake.open(told).migrate()
    assert overview.funnel(OURS).problem == NOT_BUILT


def test_a_visit_knows_whether_one_may_write():
    visit = Visit({"permissions": ["contacts:read"]}, {"organization_id": OURS, "time_zone": "Europe/Rome"}, None)
    assert (visit.may_write, visit.organization_id, visit.time_zone, visit.currency) == (
        False, OURS, "Europe/Rome", "USD",
    )  # fmt: skip


def test_what_a_check_said_of_anothers_file_is_not_told_landed_or_refused(told):
    lake = Lake.open(told)
    lake.migrate()
    fill(lake, THEIRS)
    ours, theirs = data_quality.checks(OURS).rows, data_quality.checks(THEIRS).rows
    assert list(ours["check_name"]) == ["event_id is unique"]
    assert ours["row_count"].isna().all()
    assert set(theirs["check_name"]) == {"event_id is unique", "amount is positive"}
    assert set(theirs.loc[theirs["check_name"] == "amount is positive", "row_count"]) == {10}


def test_a_check_shows_its_last_runs_and_how_many_passed(told):
    lake = Lake.open(told)
    lake.migrate()
    with lake.writer() as cursor:
        for day, failed in enumerate([0, 5, 0, 0]):
            cursor.execute(
                "insert into meta.check_results values ('ad_spend', 'spend', ?, 'amount is positive', 'error', ?, 10, ?, "
                "'', now() - to_days(?::integer), ?)",
                [f"b{day}", failed == 0, failed, 10 - day, OURS],
            )
    (newest_three,) = data_quality.check_history(OURS, 3).rows.to_dict("records")
    assert list(newest_three["passed_shares"]) == [0.5, 1.0, 1.0]
    assert newest_three["pass_rate"] == pytest.approx(2 / 3)
    assert (newest_three["run_count"], newest_three["is_success"], newest_three["row_count"]) == (3, True, 10)
    assert data_quality.check_history(THEIRS, 3).is_empty
