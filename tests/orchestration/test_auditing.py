"""`leadhouse audit verify` on the command line: its words, its JSON and its exit code."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass

import pytest
from typer.testing import CliRunner

from orchestration import state
from orchestration.cli.console import out
from orchestration.cli.main import app
from storage.ops.repositories.audit import Audit
from tests.factories import SYSTEM, TESTER, make_organization
from tests.tampering import tamper


@dataclass(frozen=True, slots=True)
class Ran:
    exit_code: int
    output: str


@pytest.fixture
def run(store, settings, monkeypatch):
    """The command as a person types it, with this test's store in the environment."""
    names = {"DATA__DIR": str(settings.data.dir), "SECURITY__KEYS": settings.security.keys.get_secret_value()}
    if settings.store.url:
        names |= {"STORE__URL": settings.store.url, "STORE__OWNER_URL": settings.store.owner_url}
    for name, value in names.items():
        monkeypatch.setenv(f"LEADHOUSE_{name}", value)
    state.current_settings.cache_clear()
    state.open_store.cache_clear()
    shown = io.StringIO()
    monkeypatch.setattr(out, "file", shown)  # the terminal

    def typed(*arguments: str) -> Ran:
        shown.seek(0)
        shown.truncate()
        ran = CliRunner().invoke(app, ["audit", "verify", *arguments])
        return Ran(ran.exit_code, shown.getvalue() + ran.stdout)

    yield typed
    state.open_store().close()
    state.current_settings.cache_clear()
    state.open_store.cache_clear()


@pytest.fixture
def two(store):
    made = [make_organization(store, name) for name in ("Elsewhere", "Northwind")]
    with store.write(SYSTEM, TESTER) as work:
        for each in made:
            for number in range(3):
                Audit(work).record("exported", "contacts", str(number), organization_id=each.organization_id)
    return made


def test_logs_that_are_whole_are_said_so(run, two):
    found = run()
    assert found.exit_code == 0, found.output
    assert found.output.count("whole") == 2
    assert "northwind" in found.output
    told = json.loads(run("--org", "northwind", "--json").output)
    assert [(each["organization"], each["count"], each["is_whole"]) for each in told] == [("northwind", 4, True)]


def test_a_broken_log_has_its_own_exit_code_and_says_where(run, two, settings):
    northwind = two[1].organization_id
    tamper(settings, f"update audit_log set action = 'x' where position = 2 and organization_id = '{northwind}'")
    found = run()
    assert found.exit_code == 2
    assert "the row was changed or moved at row 2" in found.output
    assert run("--org", "elsewhere").exit_code == 0
    (told,) = json.loads(run("--org", "northwind", "--json").output)
    assert (told["is_whole"], told["broken_at"], told["count"]) == (False, 2, 1)


def test_an_older_copy_of_the_store_does_not_begin_with_a_former_report(run, two, settings):
    (former,) = json.loads(run("--org", "northwind", "--json").output)
    expected = f"{former['count']}:{former['end']}"
    assert run("--org", "northwind", "--expect", expected).exit_code == 0
    older = run("--org", "elsewhere", "--expect", f"9:{former['end']}")
    assert (older.exit_code, "older copy" in older.output) == (2, True)
    other = run("--org", "elsewhere", "--expect", expected)
    assert (other.exit_code, "does not begin" in other.output) == (2, True)
    assert run("--expect", expected).exit_code == 1
    assert run("--org", "northwind", "--expect", "nonsense").exit_code == 1
