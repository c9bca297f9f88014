"""Sends one message to one endpoint of an organization: `deliver_webhook {webhook_delivery_id}`. A worker that dies after
the request and before its note sends it once more, under the same id."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from serving.jobs.base import JobContext
from serving.outside import Outside
from serving.webhook_endpoints.publishing import DELIVER
from serving.webhook_endpoints.sending import send

KIND = DELIVER
LANE = "outside"


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Attempts and their back-off are the delivery's own: a receiver that is away is no failure of the job."""
    outside = _outside(context.settings.webhooks.local_origins)
    send(context.store, context.scope, str(payload["webhook_delivery_id"]), outside, context.clock, random.random())


@cache
def _outside(local_origins: frozenset[str]) -> Outside:
    """One pool of connections for the whole worker."""
    return Outside(local_origins, setting="LEADHOUSE_WEBHOOKS__LOCAL_ORIGINS")
