"""Whoever of an agency opens a client's data stands in the client's audit log, once for each person or program and hour."""

from __future__ import annotations

from datetime import datetime

from domain.tenancy import OrganizationKind
from serving.access.principals import Principal
from storage.ops import requests
from storage.ops.repositories.audit import Audit
from storage.ops.store import Store


class Visits:
    """One for each process: it remembers what it has written this hour, so that a page of twenty requests asks once."""

    def __init__(self) -> None:
        self._hour = ""
        self._noted: set[tuple[str, str]] = set()

    def note(self, store: Store, principal: Principal) -> None:
        """Before the data are read: who cannot be noted reads nothing."""
        here = principal.organization
        if not here.is_inherited or here.kind != OrganizationKind.CLIENT:
            return
        hour = _hour(store.clock())
        if hour != self._hour:
            self._hour, self._noted = hour, set()
        visit = (principal.actor.id, here.organization_id)
        if visit in self._noted:
            return
        with requests.in_part(is_last=False), store.write(principal.scope, principal.actor) as work:
            Audit(work).record_once("look_in", "visit", f"{hour}/{principal.actor.id}")
        self._noted.add(visit)


def _hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"
