"""An agency with a mailbox at a real mail server on loopback, and the engine on a clock that stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from serving.sending.engine import Engine
from tests.factories import make_agency_with_client
from tests.factories.outreach import make_mailbox
from tests.mail_servers import Sink, naming, running_sink


@pytest.fixture(scope="session")
def the_sink() -> Iterator[Sink]:
    with running_sink() as sink:
        yield sink


@pytest.fixture
def sink(the_sink) -> Sink:
    the_sink.clear()
    return the_sink


@pytest.fixture
def settings(settings, the_sink):
    web = settings.web.model_copy(update={"public_url": "https://mail.agency.example"})
    return naming(settings, the_sink.port, timeout_seconds=10.0).model_copy(update={"web": web})


@pytest.fixture
def family(store):
    return make_agency_with_client(store, "Northwind")


@pytest.fixture
def agency(family) -> str:
    return family.agency.organization_id


@pytest.fixture
def mailbox(store, agency, sink):
    return make_mailbox(store, agency, sink.port)


@pytest.fixture
def run(store, settings, clock) -> Callable[[], int]:
    """Lets the engine do all that is due now; answers how many messages it handed over."""

    def drained() -> int:
        return Engine(store, settings, clock=clock).drain()

    return drained
