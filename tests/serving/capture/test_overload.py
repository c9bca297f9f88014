"""More than the store can take: every answer is honest, and the queue stays bounded."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import httpx

from serving.main import create_app
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.tables import EventInbox
from tests.factories import SYSTEM, TESTER, make_organization
from tests.factories.events import CHROME, make_event


def test_under_overload_an_event_is_stored_or_the_answer_is_no_success(capture_settings, sqlite_store, clock):
    settings = capture_settings.model_copy(
        update={"capture": capture_settings.capture.model_copy(update={"queue_events": 40})}
    )
    organization_id = make_organization(sqlite_store).organization_id
    with sqlite_store.write(SYSTEM, TESTER) as work:
        key = ApiKeys(work).create_write_key(organization_id=organization_id)
    app = create_app(settings, store=sqlite_store, clock=clock)

    async def scenario():
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://site") as client,
        ):
            await client.post(f"/v1/collect?k={key}", json=make_event())  # the key is known now

            async def send(_number):
                body = {"batch": [make_event() for _ in range(5)]}
                return await client.post(
                    f"/v1/collect?k={key}", content=json.dumps(body), headers={"user-agent": CHROME}
                )

            flood = await asyncio.gather(*map(send, range(100)))
            calm = await client.post(f"/v1/collect?k={key}", json=make_event())
            return flood, calm

    flood, calm = asyncio.run(scenario())
    statuses = Counter(answer.status_code for answer in flood)
    assert set(statuses) == {202, 503}
    assert all("retry-after" in answer.headers for answer in flood if answer.status_code == 503)
    assert calm.status_code == 202
    with sqlite_store.read(SYSTEM) as work:
        assert work.session.query(EventInbox).count() == 5 * statuses[202] + 2
