"""Questions that the worker answers, waited for by a request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Protocol, TypeVar

from fastapi import Query

GLANCE_SECONDS = 0.1
Wait = Annotated[float, Query(ge=0, le=20, description="Seconds to wait for the answer; 0 returns at once.")]


class Answer(Protocol):
    """`waiting` until a worker has been at it."""

    @property
    def status(self) -> str: ...


Waited = TypeVar("Waited", bound=Answer)


def waited_for(look: Callable[[], Waited], seconds: float) -> Waited:
    """The answer as soon as it is there, or the one that is still waiting when the time is up."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found.status != "waiting" or time.monotonic() >= until:
            return found
        time.sleep(GLANCE_SECONDS)
