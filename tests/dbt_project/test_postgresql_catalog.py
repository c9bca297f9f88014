"""The whole dbt project on a lake whose catalog is PostgreSQL: the same SQL, two threads, the same answers."""

from __future__ import annotations

import os

import pytest

from tests.dbt_project.stories import tell
from tests.dbt_project.world import World

pytestmark = [pytest.mark.postgresql, pytest.mark.slow]
TOLD = "select organization_id, count(*) as sessions, count(distinct person_id) as people from lake.marts.sessions group by 1 order by 1"


def test_marts_built_on_a_postgresql_catalog_equal_those_on_sqlite(postgresql_server, tmp_path):
    name = f"leadhouse_marts_{os.getpid()}"
    postgresql_server.create_database(name)
    url = postgresql_server.url.set(database=name)
    parts = {"dbname": name, "host": url.host or url.query.get("host"), "port": url.port, "user": url.username}
    dsn = " ".join(f"{key}={value}" for key, value in parts.items() if value)
    worlds = [World(tmp_path / "postgresql", catalog=dsn), World(tmp_path / "sqlite")]
    try:
        for world in worlds:
            tell(world)
            world.build()
        first, second = (world.rows(TOLD) for world in worlds)
        assert first
        assert first == second
    finally:
        for world in worlds:
            world.close()
        postgresql_server.drop_database(name)
