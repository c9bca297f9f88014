"""`python -m bench.pages [--contacts 100000] [--runs 20]`: how long each page of the operator UI takes with so many contacts.

A page is run as Streamlit runs it at every click, in this process (`AppTest`), against a server of its own that answers
`/v1` over HTTP; what a browser then draws is not in it. Nothing is built, so what pages show of the lake is empty.
`first` is the first run after the caches were emptied, `again` are the runs after it, page by page in turn, so that no
page has the machine for itself. Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import streamlit as st
from streamlit.testing.v1 import AppTest

import app
from bench.server import Server, running
from domain.contacts import EmailAddress
from domain.ids import new_id
from domain.tenancy import Actor, Role, Scope, SystemScope
from serving.ui_mount import configuration
from storage.lake import Lake
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.scores import Scores
from storage.ops.repositories.tasks import Tasks
from storage.ops.repositories.users import Memberships, Users
from storage.ops.store import Store

PAGES = ("home", "leads", "companies", "deals", "overview", "routing", "imports", "data_quality", "settings")
LISTS = ("leads", "companies")
STAGES = ("lead", "lead", "lead", "mql", "sql", "opportunity", "customer", "lost")
DEAL_STAGES = ("lead", "mql", "sql", "opportunity", "proposal", "negotiation", "won", "lost")
ACTOR = Actor.system("bench")
BATCH = 500
AIM_SECONDS = 1.0


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, running(Path(folder), "api", "serving.main") as server:
        token = fill(server, asked.contacts)
        print(f"{asked.contacts:,} contacts; seconds of one run of a page, {asked.runs} runs each\n")
        print("| page | first | again, median | again, p95 | |\n|---|---|---|---|---|")
        for page, first, again in measured(server, token, asked.runs):
            p95 = sorted(again)[max(0, round(len(again) * 0.95) - 1)]
            verdict = "" if max(p95, first) < AIM_SECONDS else "above a second"
            print(f"| {page} | {first:.2f} | {median(again):.2f} | {p95:.2f} | {verdict} |", flush=True)


def measured(server: Server, token: str, runs: int) -> Iterator[tuple[str, float, list[float]]]:
    """The page, its first run, and those after it."""
    firsts: dict[str, float] = {}
    again: dict[str, list[float]] = {page: [] for page in PAGES}
    opened = {page: _open(server, token) for page in PAGES}
    for page, test in opened.items():
        st.cache_data.clear()
        firsts[page] = _timed(test.switch_page(f"views/{page}.py"))
        if page in LISTS and not test.dataframe:
            raise RuntimeError(f"the page {page} shows no rows: its time would say nothing")
    for _ in range(runs):
        for page, test in opened.items():
            again[page].append(_timed(test))
    for page in PAGES:
        yield page, firsts[page], again[page]


def _open(server: Server, token: str) -> AppTest:
    test = AppTest.from_file(str(Path(app.__file__).parent / "main.py"), default_timeout=60)
    test.secrets["leadhouse"] = {**configuration(server.settings), "api": server.url, "token": token}
    test.run()
    return test


def _timed(test: AppTest) -> float:
    since = time.perf_counter()
    test.run()
    took = time.perf_counter() - since
    if test.exception:
        raise RuntimeError(test.exception[0].message)
    return took


def fill(server: Server, count: int) -> str:
    """An agency's store: companies, contacts with scores and history, deals and tasks; answers a session of its owner."""
    store, scope, chance = Store.open(server.settings), Scope.of(server.organization_id), random.Random(7)
    Lake.open(server.settings).migrate()
    user_id, token = _owner(store, server.organization_id)
    companies: list[str] = []
    with _batches(store, scope, range(count // 8)) as parts:
        for work, numbers in parts:
            rows = [{"name": f"Firm {n}", "domain": f"firm{n}.example", "country": "DE"} for n in numbers]
            made = Companies(work).insert_many(rows)
            CompanyLists(work).put([_summary(row, chance) for row in made])
            companies += [row["company_id"] for row in made]
    with _batches(store, scope, range(count)) as parts:
        for work, numbers in parts:
            _contacts(work, numbers, companies, user_id, chance)
    with _batches(store, scope, range(count // 20)) as parts:
        for work, numbers in parts:
            rows = [_deal(n, companies, user_id, chance) for n in numbers]
            Deals(work).insert_many(rows)
    with store.write(scope, ACTOR) as work:
        for number in range(300):
            due_at = datetime.now(UTC) + timedelta(hours=number - 20)
            Tasks(work).add(f"Task {number}", due_at=due_at, assignee_user_id=user_id)
    store.close()
    return token


@contextmanager
def _batches(store: Store, scope: Scope, numbers: range) -> Iterator[Iterator[tuple[Any, range]]]:
    """A unit of work for each five hundred numbers."""

    def parts() -> Iterator[tuple[Any, range]]:
        for start in range(0, len(numbers), BATCH):
            with store.write(scope, ACTOR) as work:
                yield work, numbers[start : start + BATCH]

    yield parts()


def _owner(store: Store, organization_id: str) -> tuple[str, str]:
    with store.write(SystemScope("bench"), ACTOR) as work:
        user = Users(work).create(EmailAddress.parse("owner@bench.example"), name="Owner", password_hash=None)
        Memberships(work).add(user.user_id, Role.OWNER, organization_id)
        return user.user_id, LoginSessions(work).create(user.user_id, lasts=timedelta(days=1))


def _contacts(work: Any, numbers: range, companies: list[str], user_id: str, chance: random.Random) -> None:
    now = datetime.now(UTC)
    made = Contacts(work).insert_many(
        {
            "email": f"person{n}@firm{n % len(companies)}.example", "first_name": f"Ada{n}", "last_name": "Miller",
            "title": "Head of Growth", "company_id": companies[n % len(companies)], "source": ("form", "import")[n % 2],
            "lifecycle_stage": chance.choice(STAGES), "owner_user_id": user_id if n % 3 else None,
            "known_at": now - timedelta(hours=n % 9_000), "country": "DE",
        }
        for n in numbers
    )  # fmt: skip
    Scores(work).put(
        [
            {
                "contact_id": row["contact_id"], "score": round(chance.random() * 100, 1), "band": "warm", "grade": "B2",
                "model_version": "rules-1", "reasons": [], "is_provisional": False, "scored_at": now,
                "probability": None, "fit_score": 1.0, "engagement_score": 1.0,
            }
            for row in made
        ],
        known=[],
    )  # fmt: skip
    Activities(work).insert_many(
        {
            "activity_id": new_id(), "contact_id": row["contact_id"], "kind": "email", "summary": "Hello",
            "actor_kind": ("human", "contact")[number % 2], "occurred_at": now - timedelta(minutes=number % 90_000),
            "known_at": now,
        }
        for number, row in zip(numbers, made, strict=True)
    )  # fmt: skip


def _summary(row: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A company as activation would write it."""
    now = datetime.now(UTC)
    return {
        **{name: row[name] for name in ("company_id", "name", "domain", "country")},
        "status": "prospect", "industry": chance.choice(("Software", "Logistics", "Retail")), "contact_count": 8,
        "session_count": chance.randrange(40), "quality": chance.randrange(2, 11), "page_paths": ["/pricing"],
        "lookalike_reasons": [], "last_seen_at": now - timedelta(hours=chance.randrange(9_000)), "refreshed_at": now,
    }  # fmt: skip


def _deal(number: int, companies: list[str], user_id: str, chance: random.Random) -> dict[str, Any]:
    stage, opened_at = chance.choice(DEAL_STAGES), datetime.now(UTC) - timedelta(days=number % 200)
    return {
        "name": f"Deal {number}", "amount_minor": 100_000 + number, "currency": "USD", "stage": stage, "stage_key": stage,
        "company_id": companies[number % len(companies)], "owner_user_id": user_id, "opened_at": opened_at,
        "stage_entered_at": opened_at, "closed_at": opened_at if stage in {"won", "lost"} else None,
    }  # fmt: skip


if __name__ == "__main__":
    main()
