"""The real web application with a seeded store and a small lake, and a person in a real browser."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from domain.contacts import LifecycleStage
from domain.custom_attributes import DataType
from domain.settings import DataSettings, SecuritySettings, Settings
from domain.tenancy import Role, Scope
from storage.lake import Lake
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.store import Store
from storage.ops.tables import Score
from tests.app.model_lake import train
from tests.app.small_lake import fill
from tests.conftest import TEST_KEYS
from tests.factories import SYSTEM, TESTER, Family, make_agency_with_client, make_company, make_contact, make_user
from tests.mail_servers import Sink, running_sink

ROOT = Path(__file__).parents[2]
PASSWORD = "correct horse battery"
EMAIL = "mara@northwind.example"
SCHEMES = ["light", pytest.param("dark", marks=pytest.mark.slow)]
"""A walk in the dark tells nothing new of what works, and is for the pictures."""


@dataclass(frozen=True, slots=True)
class Running:
    """A web process with people in it."""

    address: str
    family: Family
    store: Store
    settings: Settings
    token: str
    """A session of the operator, for talking to the API without a browser."""
    sink: Sink
    """A mail server on this machine that the web process may speak to."""


@pytest.fixture(scope="session")
def web_settings(tmp_path_factory) -> Settings:
    return Settings(data=DataSettings(dir=tmp_path_factory.mktemp("web")), security=SecuritySettings(keys=TEST_KEYS))


@pytest.fixture(scope="session")
def web_store(web_settings, place_sqlite) -> Iterator[Store]:
    place_sqlite(web_settings)
    opened = Store.open(web_settings)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def seeded(web_store, web_settings) -> tuple[Family, str]:
    """An agency with forty scored contacts, a client with one, three refused events, and marts built an hour ago."""
    family = make_agency_with_client(web_store, "Northwind Growth")
    organization_id = family.agency.organization_id
    user = make_user(web_store, organization_id, email=EMAIL, name="Mara Lind", role=Role.ADMIN, password=PASSWORD)
    rocket = make_company(web_store, organization_id, domain="rocket.example", name="Rocket Works")
    with web_store.write(Scope.of(organization_id), TESTER) as work:
        AttributeDefinitions(work).ensure("budget", label="Budget", data_type="number")
        AttributeDefinitions(work).create("Plan", data_type=DataType.CHOICE, options=["Pro", "Enterprise"])
    stages = [LifecycleStage.LEAD, LifecycleStage.LEAD, LifecycleStage.MQL, LifecycleStage.SQL, LifecycleStage.CUSTOMER]
    for number in range(40):
        contact = make_contact(
            web_store, organization_id, email=f"person{number}@mail.example", first_name=f"Person{number:02d}",
            last_name="Miller", title="Head of Growth", company_id=rocket.company_id, stage=stages[number % 5],
            source="form", attributes={"budget": 250 * number, "plan": "Pro" if number % 4 else "Enterprise"},
        )  # fmt: skip
        score_contact(web_store, contact, 95 - number * 2, "hot" if number < 10 else "cool")
    make_contact(web_store, family.client.organization_id, email="cara@client.example", first_name="Cara")
    for number in range(3):
        with web_store.write(Scope.of(organization_id), TESTER) as work:
            RejectedEvents(work).add(
                reason="too_late", message="It came 40 days late.", body=f'{{"event_id": "e{number}"}}',
                received_at=datetime.now(UTC) - timedelta(minutes=number),
            )  # fmt: skip
    lake = Lake.open(web_settings)
    fill(lake, organization_id)
    train(lake, organization_id, web_settings.data.dir / "models", datetime.now(UTC))
    with web_store.write(SYSTEM, TESTER) as work:
        token = LoginSessions(work).create(user.user_id, lasts=timedelta(days=1))
    return family, token


def make_client(running: Running, name: str) -> str:
    """A client of the agency with nothing in it, for tests that would change what others see; visit `?org=` its id."""
    with running.store.write(SYSTEM, TESTER) as work:
        return str(Organizations(work).create_client(running.family.agency.organization_id, name).organization_id)


@pytest.fixture(scope="session")
def web_sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture(scope="session")
def running(web_store, web_settings, seeded, web_sink) -> Iterator[Running]:
    """The web process as `leadhouse up` starts it, on a port of its own: Streamlit allows one a process."""
    family, token = seeded
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LEADHOUSE_DATA__DIR": str(web_settings.data.dir),
        "LEADHOUSE_SECURITY__KEYS": TEST_KEYS,
        "LEADHOUSE_WEB__PORT": "0",
        "LEADHOUSE_OUTREACH__LOCAL_SERVERS": f"127.0.0.1:{web_sink.port}",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "serving.main"],
        cwd=web_settings.data.dir,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = next((line.split()[-1] for line in process.stdout if "Leadhouse web" in line), None)
        if address is None:
            raise RuntimeError("the web process did not start")
        port = int(address.rpartition(":")[2])
        settings = web_settings.model_copy(update={"web": web_settings.web.model_copy(update={"port": port})})
        _wait_until_ready(address)
        try:
            yield Running(address, family, web_store, settings, token, web_sink)
        finally:
            process.terminate()


def _wait_until_ready(address: str) -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{address}/app/_stcore/health").is_success:
                return
        time.sleep(0.1)
    raise RuntimeError("the web process is not ready")


@pytest.fixture
def working(running) -> Iterator[None]:
    """A worker beside the web process, as `leadhouse up` starts one."""
    from serving.worker import Worker

    stop = threading.Event()
    thread = threading.Thread(target=Worker(running.store, running.settings, stop=stop).run, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(timeout=10)


@pytest.fixture
def visit(chromium, running):
    """`visit(path, scheme, width)` opens a page as a signed-in person; the browser's complaints are in `.problems`."""
    contexts = []

    def opened(path: str = "", scheme: str = "light", width: int = 1440) -> Any:
        size = {"width": width, "height": 900 if width > 500 else 844}
        context = chromium.new_context(viewport=size, color_scheme=scheme, base_url=running.address)
        contexts.append(context)
        context.add_cookies([{"name": "lh_session", "value": running.token, "url": running.address}])
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.on("request", lambda request: page.problems.append(request.url) if is_outside(request, running) else None)
        page.goto(f"/app/{path}")
        page.get_by_role("heading", level=1).wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()


def is_outside(request: Any, running: Running) -> bool:
    """Whether a page asked somebody else than ourselves."""
    host = running.address.removeprefix("http://")
    return not re.match(rf"(https?|wss?)://{re.escape(host)}|data:|blob:", request.url)


def keep_picture(page: Any, name: str) -> None:
    """For people to look at, where LEADHOUSE_TEST_PICTURES names a folder."""
    if folder := os.environ.get("LEADHOUSE_TEST_PICTURES"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.wait_for_timeout(1200)  # charts are drawn in motion; only for pictures
        page.screenshot(path=f"{folder}/{name}.png")


def click_until(target: Any, shown: Any, *, seconds: float = 5, **click: Any) -> None:
    """Clicks until it has worked: while a page is drawn again, a click is swallowed, or only closes what was open."""
    from playwright.sync_api import Error, expect

    for _ in range(5):
        with contextlib.suppress(Error):  # what the last click opened may lie over it by now
            target.click(**click)
        with contextlib.suppress(AssertionError):
            expect(shown).to_be_visible(timeout=seconds * 1000)
            return
    raise AssertionError(f"a click on {target} never showed {shown}")


def choose(box: Any, option: str | re.Pattern[str], *, types: str = "") -> None:
    """Opens a select box, or types into it, and clicks an option until that has worked: a redrawn page closes the list."""
    from playwright.sync_api import Error

    found = box.page.get_by_role("option", name=option, exact=isinstance(option, str))
    for _ in range(5):
        with contextlib.suppress(Error):
            box.fill(types, timeout=5_000) if types else box.click(timeout=5_000)
            found.first.click(timeout=5_000)
            return
    raise AssertionError(f"{option} could not be chosen from {box}")


def click_cell(page: Any, row: int, shows: str) -> None:
    """Clicks a first cell of a table, which is a canvas (rows of 36 pixels below a head of 38), until it has worked."""
    table, place = page.get_by_test_id("stDataFrame").first, {"x": 40, "y": 38 + 36 * row + 18}
    click_until(table, page.get_by_text(shows).first, seconds=8, position=place, timeout=5_000)


def open_tab(page: Any, name: str) -> None:
    """Clicks a tab until it is the open one."""
    click_until(page.get_by_role("tab", name=name), page.get_by_role("tab", name=name, selected=True))


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
