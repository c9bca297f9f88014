"""How somebody goes through a sequence: what stands between one message and the next is walked over in one go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.outreach.chance import draw_arm
from domain.outreach.sequences import Sequence
from domain.outreach.steps import END, ActionStep, ConditionStep, EmailStep, SplitStep, TaskStep, WaitStep
from domain.routing import holds


@dataclass(frozen=True, slots=True)
class Position:
    """Where somebody stands: at `step_id`, since when, and from when on it is due. `arms`: what they were dealt."""

    step_id: str
    arrived_at: datetime
    due_at: datetime
    arms: Mapping[str, str]

    @property
    def is_at_end(self) -> bool:
        return self.step_id == END


def enter(sequence: Sequence, now: datetime) -> Position:
    """The place of somebody new."""
    return _arrive(sequence, Position(sequence.first, now, now, {}), sequence.first, now)


def go_on(sequence: Sequence, position: Position, now: datetime) -> Position:
    """The next place after a step with one way on was done at `now`."""
    return _arrive(sequence, position, sequence.after(position.step_id), now)


def walk(
    sequence: Sequence, position: Position, facts: Mapping[str, Any], now: datetime, units: Mapping[str, str]
) -> Position:
    """Goes over waits that are over, conditions and splits, up to something that is to be done, a wait that lasts, or the
    end. `facts`: what conditions ask for (`steps.FIELDS`, `attributes`); `units`: whom an arm is dealt to, by `contact`
    and `company`."""
    while not position.is_at_end and position.due_at <= now:
        step = sequence.by_id[position.step_id]
        match step:
            case EmailStep() | ActionStep() | TaskStep():
                return position
            case WaitStep():
                position = _arrive(sequence, position, sequence.after(step.id), position.due_at)
            case ConditionStep():
                is_met = all(holds(each, facts) for each in step.conditions())
                target = sequence.after(step.id) if is_met else step.otherwise
                position = _arrive(sequence, position, target, now)
            case SplitStep():
                position = _deal(sequence, position, step, now, units[step.by])
    return position


def _deal(sequence: Sequence, position: Position, step: SplitStep, now: datetime, unit: str) -> Position:
    held = {arm.id: arm for arm in step.arms}.get(position.arms.get(step.id, ""))
    arm = held or draw_arm(step, unit)
    return _arrive(sequence, replace(position, arms={**position.arms, step.id: arm.id}), arm.next, now)


def _arrive(sequence: Sequence, position: Position, step_id: str, at: datetime) -> Position:
    step = sequence.by_id.get(step_id)
    due_at = at + step.lasts if isinstance(step, WaitStep) else at
    return replace(position, step_id=step_id, arrived_at=at, due_at=due_at)
