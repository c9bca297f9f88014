"""The whole dbt project on a lake at scale, catalog on PostgreSQL and files in a bucket: the same SQL, the same answers."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.lake.maintenance import Erasure
from tests.buckets import bucket
from tests.dbt_project.stories import tell
from tests.dbt_project.world import World

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
TOLD = """
select organization_id, count(*) as sessions, count(distinct person_id) as people
from lake.marts.sessions
group by 1
order by 1
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the stories come to where both are files of this machine."""
    world = World(tmp_path_factory.mktemp("local"))
    tell(world)
    world.build()
    yield world.rows(TOLD)
    world.lake.close()


@pytest.fixture
def catalog(postgresql_server):
    name = f"leadhouse_marts_{os.getpid()}"
    postgresql_server.create_database(name)
    url = postgresql_server.url.set(database=name)
    parts = {"dbname": name, "host": url.host or url.query.get("host"), "port": url.port, "user": url.username}
    yield " ".join(f"{key}={value}" for key, value in parts.items() if value)
    postgresql_server.drop_database(name)


def test_marts_on_a_postgresql_catalog_equal_those_on_files(told, catalog, tmp_path):
    assert built(tmp_path, catalog=catalog) == told


def test_marts_in_a_bucket_equal_those_on_files_and_an_erased_person_is_in_no_object(told, catalog, tmp_path):
    with bucket() as store:
        world = World(tmp_path, catalog=catalog, **store.settings)
        try:
            tell(world)
            world.build()
            assert world.rows(TOLD) == told
            assert not list(tmp_path.rglob("*.parquet"))
            assert store.objects()
            [(event_id, organization_id)] = world.rows(
                "select event_id, organization_id from lake.raw.website_events__events order by 1 limit 1"
            )
            gone = "organization_id = ? and event_id = ?", (organization_id, event_id)
            world.lake.erase([Erasure("raw.website_events__events", *gone)])
            raw = [body for key, body in store.objects().items() if "website_events__events" in key]
            assert raw
            assert not [body for body in raw if event_id.encode() in body]
        finally:
            world.lake.close()


def built(folder: Path, **lake: str) -> list[tuple[object, ...]]:
    world = World(folder, **lake)
    try:
        tell(world)
        world.build()
        return world.rows(TOLD)
    finally:
        world.lake.close()
