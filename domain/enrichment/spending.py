"""Money before it is spent. Amounts are micros: millionths of one unit of the organization's currency, for calls cost
fractions of a cent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.enrichment.answers import Answer, Operation, Outcome

MICROS = 1_000_000


def micros(amount: Decimal | float | str) -> int:
    """Of an amount in units of the currency; fractions of a micro are rounded up: a limit is never undercut by rounding."""
    exact = Decimal(str(amount)) * MICROS
    whole = int(exact)
    return whole if exact == whole else whole + 1


def price(operation: Operation, per_unit: int) -> int:
    """The most that one call may cost, in micros."""
    return 0 if operation.charges == "never" else micros(Decimal(str(operation.units)) * per_unit / MICROS)


def cost(operation: Operation, per_unit: int, answer: Answer) -> int:
    """What a call did cost: what the provider says, else by its rule. What may have been charged counts as charged."""
    full = price(operation, per_unit)
    if answer.units is not None:
        return micros(Decimal(str(answer.units)) * per_unit / MICROS)
    if answer.outcome is Outcome.FOUND or answer.outcome.may_be_charged:
        return full
    answered = answer.outcome in {Outcome.NOT_FOUND, Outcome.OPTED_OUT}
    return full if answered and operation.charges == "always" else 0


@dataclass(frozen=True, slots=True)
class Budget:
    """What one limit has seen: reserved by calls that are out, and spent. `limit` None for none."""

    scope: str
    limit: int | None
    reserved: int = 0
    spent: int = 0

    @property
    def left(self) -> int | None:
        return None if self.limit is None else max(0, self.limit - self.reserved - self.spent)


def first_exceeded(budgets: Sequence[Budget], amount: int, taken: Mapping[str, int]) -> Budget | None:
    """The first limit that a call of `amount` would break, after `taken` (by scope) in the same breath; free calls break
    none."""
    if amount == 0:
        return None
    for budget in budgets:
        if budget.left is not None and taken.get(budget.scope, 0) + amount > budget.left:
            return budget
    return None
