"""What the store need not keep: decisions that are in the lake, sessions and searches of long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from domain.clock import Clock
from domain.tenancy import Actor, SystemScope
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.idempotency_keys import KEPT, IdempotencyKeys
from storage.ops.repositories.login_attempts import LoginAttempts
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.lookalike_searches import LookalikeSearches
from storage.ops.repositories.provider_reports import ProviderReports
from storage.ops.repositories.score_questions import ScoreQuestions
from storage.ops.repositories.webhook_endpoints import WebhookDeliveries
from storage.ops.store import Store, Work

DECISIONS_KEPT = timedelta(days=30)
SESSIONS_KEPT = timedelta(days=30)
"""After their end, so that a person can see where they were signed in."""
SEARCHES_KEPT = timedelta(days=30)
SCORE_QUESTIONS_KEPT = timedelta(days=1)
"""Their answers name leads, and are asked anew in seconds."""
DELIVERIES_KEPT = timedelta(days=30)
REPORTS_KEPT = timedelta(days=30)
ATTEMPTS_KEPT = timedelta(hours=1)
ROWS = 200
"""Of one transaction: SQLite's lock is held ≤ 25 ms."""


def tidy_store(store: Store, clock: Clock) -> dict[str, int]:
    """Deletes in small transactions; answers how many rows of each table went."""
    now = clock()
    return {
        "decision_ledger": _until_nothing(store, lambda work: Decisions(work).trim(now - DECISIONS_KEPT, ROWS)),
        "idempotency_keys": _until_nothing(store, lambda work: IdempotencyKeys(work).prune(now - KEPT, ROWS)),
        "login_sessions": _until_nothing(
            store, lambda work: LoginSessions(work).forget_expired(now - SESSIONS_KEPT, ROWS)
        ),
        "lookalike_searches": _until_nothing(
            store, lambda work: LookalikeSearches(work).forget(now - SEARCHES_KEPT, ROWS)
        ),
        "score_questions": _until_nothing(
            store, lambda work: ScoreQuestions(work).forget(now - SCORE_QUESTIONS_KEPT, ROWS)
        ),
        "webhook_deliveries": _until_nothing(
            store, lambda work: WebhookDeliveries(work).forget(now - DELIVERIES_KEPT, ROWS)
        ),
        "provider_reports": _until_nothing(store, lambda work: ProviderReports(work).forget(now - REPORTS_KEPT, ROWS)),
        "login_attempts": _until_nothing(store, lambda work: LoginAttempts(work).forget(now - ATTEMPTS_KEPT, ROWS)),
    }


def _until_nothing(store: Store, step: Callable[[Work], int]) -> int:
    total = 0
    while True:
        with store.write(SystemScope("housekeeping"), Actor.system("housekeeping")) as work:
            count = step(work)
        total += count
        if count < ROWS:
            return total
