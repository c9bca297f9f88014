"""The real web application with a seeded store and a small lake, and a person in a real browser."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.contacts import LifecycleStage
from domain.settings import Settings
from domain.tenancy import Role, Scope
from storage.lake import Lake
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.store import Store
from storage.ops.tables import Score
from tests.app.small_lake import fill
from tests.browsers import chromium  # noqa: F401  a fixture, asked for by its name
from tests.factories import SYSTEM, TESTER, Family, make_agency_with_client, make_company, make_contact, make_user

PASSWORD = "correct horse battery"
EMAIL = "mara@northwind.example"


@dataclass(frozen=True, slots=True)
class Running:
    """A web process with people in it."""

    address: str
    family: Family
    store: Store
    settings: Settings
    token: str
    """A session of the operator, for talking to the API without a browser."""


@pytest.fixture(scope="module")
def module_settings(tmp_path_factory) -> Settings:
    from domain.settings import DataSettings, SecuritySettings
    from tests.conftest import TEST_KEYS

    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    listener.close()
    folder = tmp_path_factory.mktemp("web")
    return Settings(data=DataSettings(dir=folder), security=SecuritySettings(keys=TEST_KEYS), web={"port": port})


@pytest.fixture(scope="module")
def module_store(module_settings, place_sqlite) -> Iterator[Store]:
    place_sqlite(module_settings)
    opened = Store.open(module_settings)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def seeded(module_store, module_settings) -> tuple[Family, str]:
    """An agency with forty scored contacts, a client with one, three refused events, and marts built an hour ago."""
    family = make_agency_with_client(module_store, "Northwind Growth")
    organization_id = family.agency.organization_id
    user = make_user(module_store, organization_id, email=EMAIL, name="Mara Lind", role=Role.ADMIN, password=PASSWORD)
    rocket = make_company(module_store, organization_id, domain="rocket.example", name="Rocket Works")
    stages = [LifecycleStage.LEAD, LifecycleStage.LEAD, LifecycleStage.MQL, LifecycleStage.SQL, LifecycleStage.CUSTOMER]
    for number in range(40):
        contact = make_contact(
            module_store, organization_id, email=f"person{number}@mail.example", first_name=f"Person{number:02d}",
            last_name="Miller", title="Head of Growth", company_id=rocket.company_id, stage=stages[number % 5],
            source="form",
        )  # fmt: skip
        score_contact(module_store, contact, 95 - number * 2, "hot" if number < 10 else "cool")
    make_contact(module_store, family.client.organization_id, email="cara@client.example", first_name="Cara")
    for number in range(3):
        with module_store.write(Scope.of(organization_id), TESTER) as work:
            RejectedEvents(work).add(
                reason="too_late", message="It came 40 days late.", body=f'{{"event_id": "e{number}"}}',
                received_at=datetime.now(UTC) - timedelta(minutes=number),
            )  # fmt: skip
    fill(Lake.open(module_settings), organization_id)
    with module_store.write(SYSTEM, TESTER) as work:
        token = LoginSessions(work).create(user.user_id, lasts=timedelta(days=1))
    return family, token


@pytest.fixture(scope="module")
def running(module_store, module_settings, seeded) -> Iterator[Running]:
    """The whole web application on a port of its own."""
    from serving.main import create_app

    family, token = seeded
    app = create_app(module_settings, store=module_store)
    with serving(app, module_settings.web.port):
        yield Running(f"http://127.0.0.1:{module_settings.web.port}", family, module_store, module_settings, token)


@contextmanager
def serving(app: Any, port: int) -> Iterator[None]:
    import uvicorn

    server = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    give_up_at = time.monotonic() + 60
    while not server.started:
        if not thread.is_alive() or time.monotonic() > give_up_at:
            raise RuntimeError("the web application did not start")
        time.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def score_contact(store: Store, contact: Any, score: float, band: str) -> None:
    with store.write(Scope.of(contact.organization_id), TESTER) as work:
        work.session.merge(
            Score(
                contact_id=contact.contact_id, organization_id=contact.organization_id, score=score, band=band,
                grade="A1", probability=score / 120, model_version="rules:1", scored_at=datetime.now(UTC),
                reasons=[
                    {"text": "Title says decision maker", "effect": 14, "source": "rule"},
                    {"text": "Visited pricing twice", "effect": -3, "source": "model"},
                ],
            )
        )  # fmt: skip
