"""Which tests run on both databases at once, and which take turns.

Tests of the store run on SQLite and on PostgreSQL each time. A route is asked through the store that those tests cover, and
its tests are many: in the quick run they take turns, one on SQLite, the next on PostgreSQL; `make test-all` runs each on both.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

import pytest

TAKE_TURNS = ("tests/serving/", "tests/ingest/")
"""Beginnings of the paths of tests that take turns."""
DIALECTS = ("sqlite", "postgresql")


def take_turns(items: Iterable[pytest.Item]) -> None:
    """Marks as slow what a quick run leaves to the other database: within a file, function by function."""
    turning = [item for item in items if item.nodeid.startswith(TAKE_TURNS) and _dialect(item) is not None]
    for _, of_file in groupby(turning, key=lambda item: item.nodeid.partition("::")[0]):
        for turn, (_, cases) in enumerate(groupby(of_file, key=lambda item: item.originalname)):  # type: ignore[attr-defined]
            for case in cases:
                if _dialect(case) != DIALECTS[turn % 2]:
                    case.add_marker(pytest.mark.slow)


def _dialect(item: pytest.Item) -> str | None:
    spec = getattr(item, "callspec", None)
    return None if spec is None else spec.params.get("dialect")
