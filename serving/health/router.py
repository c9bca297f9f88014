"""GET /health and GET /ready, for supervisors and load balancers; every role answers them."""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError

from domain.errors import LeadhouseError, StoreBusy
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from serving.deps import SettingsDep, StoreDep
from storage.ops import migrate
from storage.ops.store import Store

router = APIRouter(tags=["health"])
ROLES = frozenset({"capture", "api", "ui"})


@router.get("/health")
async def read_health() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "ok"}


@router.get("/ready")
def read_readiness(request: Request, store: StoreDep, settings: SettingsDep) -> dict[str, Any]:
    """Whether requests can be served now: 200 naming every check, or 503 naming those that fail."""
    problems = {"store": _store_problem(store), "migrations": _migration_problem(settings)}
    problems |= {name: check() for name, check in request.app.state.checks.items()}
    failed = {name: problem for name, problem in problems.items() if problem}
    if failed:
        raise StoreBusy("; ".join(f"{name}: {problem}" for name, problem in failed.items()), retry_after=1)
    return {"status": "ready", "checks": dict.fromkeys(problems, "ok")}


@cache
def _newest_revision() -> str | None:
    return migrate.newest_revision()


def _migration_problem(settings: Settings) -> str:
    """Why the tables are not those of this version, or ""."""
    try:
        found, newest = migrate.current_revision(settings), _newest_revision()
    except (SQLAlchemyError, LeadhouseError) as error:
        return f"cannot be read ({type(error).__name__})"
    return "" if found == newest else f"the store is at {found}, this version needs {newest}: run `leadhouse migrate`"


def _store_problem(store: Store) -> str:
    """Why nothing can be written now, or "": takes the write lock and gives it back."""
    try:
        with store.write(SystemScope("readiness"), Actor.system("health")):
            return ""
    except (SQLAlchemyError, LeadhouseError) as error:
        return f"cannot write ({type(error).__name__})"
