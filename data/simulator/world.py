"""A world with known truth: an agency's clients, drawn from parameters. The same parameters, the same world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from data.simulator.client import Client, draw_client
from data.simulator.parameters import WorldParameters


@dataclass(frozen=True, slots=True)
class World:
    """Clients are drawn one at a time: hold as few of a large world as you can."""

    parameters: WorldParameters

    @property
    def begins(self) -> datetime:
        """00:00 UTC of the first day."""
        return datetime.combine(self.parameters.starts_on, time(), UTC)

    @property
    def ends_on(self) -> date:
        """The day after the last one."""
        return self.parameters.starts_on + timedelta(days=self.parameters.days)

    def clients(self) -> Iterator[Client]:
        """Every client, in the order of the parameters."""
        for plan in self.parameters.clients:
            yield draw_client(self.parameters, plan)

    def seconds(self, moment: date | datetime) -> float:
        """A moment (a day: its 00:00 UTC) on the clock of this world."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(), UTC)
        return (moment - self.begins).total_seconds()
