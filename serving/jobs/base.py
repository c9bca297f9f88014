"""What a job is: a module in this folder with `KIND` and `run`, found and never registered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Literal

import serving.jobs
from domain.clock import Clock
from domain.errors import LeadhouseError
from domain.settings import Settings
from domain.tenancy import Actor, Scope
from storage.ops.store import Store

Lane = Literal["short", "long", "outside", "leads", "enrich"]
"""`short` jobs are answered within a second and never wait behind `long` ones, which take seconds to minutes, nor behind
those that wait for somebody else's server, `outside`. Providers of data are asked in two: `leads`, for those who came in
this moment, a few at a time, and `enrich`, for runs over many."""


class JobPaused(LeadhouseError):
    """The worker is stopping; the job goes on where it stood when a worker is there again."""

    code, status, retryable = "job_paused", 503, True


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use. Its lease is kept alive by the worker; `extend_lease` is for jobs that want to be sure."""

    store: Store
    settings: Settings
    clock: Clock
    organization_id: str
    job_id: str
    extend_lease: Callable[[], bool] = lambda: True
    """Answers whether the job is still ours; if not, another worker has it, and this one must stop."""
    is_stopping: Callable[[], bool] = lambda: False
    """Whether the worker was asked to stop; a long job then raises JobPaused at its next resting place."""

    @property
    def scope(self) -> Scope:
        return Scope.of(self.organization_id)

    @property
    def actor(self) -> Actor:
        return Actor("system", f"job:{self.job_id}")


@dataclass(frozen=True, slots=True)
class JobKind:
    """A kind of job and how it is carried out."""

    name: str
    lane: Lane
    run: Callable[[JobContext, dict[str, Any]], None]


@cache
def all_kinds() -> dict[str, JobKind]:
    """Every kind there is, by name: each module of `serving.jobs` that says `KIND` (and `LANE` where it is not short)."""
    modules = (import_module(f"serving.jobs.{found.name}") for found in iter_modules(serving.jobs.__path__))
    kinds = [
        JobKind(module.KIND, getattr(module, "LANE", "short"), module.run)
        for module in modules
        if hasattr(module, "KIND")
    ]
    found = {kind.name: kind for kind in kinds}
    if len(found) != len(kinds):
        raise ValueError("two modules of serving.jobs claim one KIND")
    return found
