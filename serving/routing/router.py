"""/v1/routing and /v1/contacts/{id}/route: who gets leads, tried before it is switched on."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import ClockDep, StoreDep
from serving.routing import service
from serving.routing.schemas import DutyIn, RoutedOut, RoutingIn, RoutingOut, SimulationIn, SimulationOut

router = APIRouter(prefix="/v1", tags=["routing"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
Designer = Annotated[Principal, may(Permission.SETTINGS_WRITE)]
ContactWriter = Annotated[Principal, may(Permission.CONTACTS_WRITE)]


@router.get("/routing")
def read_routing(store: StoreDep, principal: Reader) -> RoutingOut:
    """The rules that hold, and everybody who may own leads with their duty and load."""
    with store.read(principal.scope) as work:
        return service.shown(work)


@router.put("/routing")
def put_routing(body: RoutingIn, store: StoreDep, principal: Designer) -> RoutingOut:
    """A new version of all rules, which holds from now on."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put_routing(work, body)


@router.delete("/routing")
def delete_routing(store: StoreDep, principal: Designer) -> RoutingOut:
    """New leads are not routed any more; who owns what stays."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put_routing(work, None)


@router.put("/routing/people/{user_id}")
def put_duty(user_id: str, body: DutyIn, store: StoreDep, principal: Designer) -> RoutingOut:
    """When and how much somebody works."""
    with store.write(principal.scope, principal.actor) as work:
        return service.put_duty(work, user_id, body)


@router.post("/routing/simulate")
def simulate_routing(body: SimulationIn, store: StoreDep, principal: Reader, clock: ClockDep) -> SimulationOut:
    """Tries a routing on the contacts of the last days. Nothing is written."""
    with store.read(principal.scope) as work:
        return service.simulate(work, body, clock())


@router.post("/contacts/{contact_id}/route")
def route_contact(contact_id: str, store: StoreDep, principal: ContactWriter) -> RoutedOut:
    """Asks the rules who gets this contact, and gives it to them."""
    with store.write(principal.scope, principal.actor) as work:
        return service.route_by_hand(work, contact_id)
