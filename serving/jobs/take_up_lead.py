"""Takes up a lead that waited for a score which did not come in time: `take_up_lead {contact_id, is_new, since}`."""

from __future__ import annotations

from typing import Any

from domain.errors import NotFound
from domain.tenancy import Actor
from serving.jobs.base import JobContext
from serving.routing.taking_up import TAKE_UP_LEAD, take_up_late

KIND = TAKE_UP_LEAD


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """A lead that is gone is no error: nobody waits for it any more."""
    try:
        with context.store.write(context.scope, Actor.system("routing")) as work:
            take_up_late(work, payload)
    except NotFound:
        return
