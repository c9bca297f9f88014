"""Clocks of service levels: started with a lead or an owner, stopped by a touch, looked at when something may be due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from domain.service_levels import Act, Clock, Pause, Running
from storage.ops.repositories.base import Repository
from storage.ops.tables import Contact, ServiceClock


class ServiceClocks(Repository):
    def start(
        self,
        contact_id: str,
        clock: Clock,
        *,
        policy: str,
        terms: Mapping[str, Any],
        owner_user_id: str | None,
        next_look_at: datetime | None,
        started_at: datetime | None = None,
    ) -> ServiceClock:
        """A clock that begins now, or began a moment ago. Raises NotFound for another organization's contact."""
        target = self.target()
        made = ServiceClock(
            organization_id=target,
            contact_id=self.own(Contact, contact_id, target),
            clock=clock.value,
            policy=policy,
            terms=dict(terms),
            started_at=started_at or self.work.now(),
            owner_user_id=owner_user_id,
            next_look_at=next_look_at,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def running(self, contact_id: str, clock: Clock | None = None) -> list[ServiceClock]:
        """The clocks of a contact that nothing has stopped, held until the unit of work ends."""
        asked = select(ServiceClock).where(
            ServiceClock.organization_id == self.target(),
            ServiceClock.contact_id == contact_id,
            ServiceClock.is_closed.is_(False),
        )
        if clock is not None:
            asked = asked.where(ServiceClock.clock == clock.value)
        return list(self.session.scalars(asked.order_by(ServiceClock.service_clock_id).with_for_update()))

    def touch(self, contact_ids: Sequence[str], at: datetime, organization_id: str | None = None) -> None:
        """Somebody reached out: the clocks of these contacts that had begun by then stop."""
        self.session.execute(
            update(ServiceClock)
            .where(
                ServiceClock.organization_id == self.target(organization_id),
                ServiceClock.contact_id.in_(contact_ids),
                ServiceClock.is_closed.is_(False),
                ServiceClock.started_at <= at,
            )
            .values(touched_at=at, is_closed=True, next_look_at=None, updated_at=self.work.now())
            .execution_options(synchronize_session="fetch")
        )

    def held(self, service_clock_id: str) -> ServiceClock:
        """A clock that runs, held until the unit of work ends. Raises NotFound, also for one that was stopped."""
        return self.one(
            select(ServiceClock)
            .where(
                ServiceClock.organization_id == self.target(),
                ServiceClock.service_clock_id == service_clock_id,
                ServiceClock.is_closed.is_(False),
            )
            .with_for_update()
        )

    def pause(self, clock: ServiceClock, reason: Pause, until: datetime | None) -> None:
        """From now on; a pause that it is in ends here."""
        self.writable(clock.organization_id)
        self.resume(clock)
        until_text = until.isoformat() if until else None
        clock.paused = [*clock.paused, [self.work.now().isoformat(), until_text, reason.value]]
        self.session.flush()

    def resume(self, clock: ServiceClock) -> bool:
        """Ends the pause it is in and asks for a look; answers whether it was in one."""
        self.writable(clock.organization_id)
        now = self.work.now()
        spans = running_of(clock).paused
        if not spans or not (spans[-1][1] is None or spans[-1][1] > now):
            return False
        since, _, *reason = clock.paused[-1]
        clock.paused = [*clock.paused[:-1], [since, now.isoformat(), *reason]]
        clock.next_look_at = now
        self.session.flush()
        return True

    def heard_from(self, contact_id: str, organization_id: str | None = None) -> None:
        """The lead wrote or came back: nobody waits for them any more."""
        target = self.target(organization_id)
        found = self.session.scalars(
            select(ServiceClock)
            .where(
                ServiceClock.organization_id == target,
                ServiceClock.contact_id == contact_id,
                ServiceClock.is_closed.is_(False),
            )
            .order_by(ServiceClock.service_clock_id)
            .with_for_update()
        )
        for clock in found:
            self.resume(clock)

    def close(self, clock: ServiceClock) -> None:
        """Without a touch: the lead is gone or somebody else's."""
        self.writable(clock.organization_id)
        clock.is_closed, clock.next_look_at = True, None
        self.session.flush()

    def hold_due(self, service_clock_id: str, now: datetime) -> ServiceClock | None:
        """The clock, held, if it still wants to be looked at."""
        return self.session.scalar(
            select(ServiceClock)
            .where(
                ServiceClock.organization_id == self.target(),
                ServiceClock.service_clock_id == service_clock_id,
                ServiceClock.is_closed.is_(False),
                ServiceClock.next_look_at <= now,
            )
            .with_for_update()
        )

    def looked_at(self, clock: ServiceClock, done: Sequence[Act], next_look_at: datetime | None) -> None:
        self.writable(clock.organization_id)
        clock.done_acts, clock.next_look_at = [act.value for act in done], next_look_at
        self.session.flush()

    def due(self, now: datetime, *, limit: int) -> list[str]:
        """Ids of the organization's clocks to look at, the longest due first."""
        asked = select(ServiceClock.service_clock_id).where(
            ServiceClock.organization_id == self.target(),
            ServiceClock.is_closed.is_(False),
            ServiceClock.next_look_at <= now,
        )
        return list(
            self.session.scalars(asked.order_by(ServiceClock.next_look_at, ServiceClock.service_clock_id).limit(limit))
        )

    def organizations_due(self, now: datetime) -> list[str]:
        """Organizations that have a clock to look at, among those the scope may read."""
        asked = select(ServiceClock.organization_id).where(
            self.readable(ServiceClock.organization_id),
            ServiceClock.is_closed.is_(False),
            ServiceClock.next_look_at <= now,
        )
        return list(self.session.scalars(asked.distinct().order_by(ServiceClock.organization_id)))

    def all_running(self, *, limit: int) -> list[tuple[ServiceClock, Contact]]:
        """Clocks that nothing has stopped, with their contacts; the oldest first."""
        asked = (
            select(ServiceClock, Contact)
            .join(Contact, Contact.contact_id == ServiceClock.contact_id)
            .where(ServiceClock.organization_id == self.target(), ServiceClock.is_closed.is_(False))
            .order_by(ServiceClock.started_at, ServiceClock.service_clock_id)
            .limit(limit)
        )
        return [(clock, contact) for clock, contact in self.session.execute(asked)]


def running_of(clock: ServiceClock) -> Running:
    """A clock as the rules see it."""
    spans = tuple(
        (datetime.fromisoformat(since), datetime.fromisoformat(to) if to else None) for since, to, *_ in clock.paused
    )
    return Running(clock.started_at, clock.touched_at, spans)
