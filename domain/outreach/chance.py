"""Chance in outreach: which arm somebody is dealt, and how long a message waits."""

from __future__ import annotations

from datetime import timedelta

from domain.chance import chance, drawn
from domain.outreach.steps import Arm, SplitStep


def draw_arm(split: SplitStep, *seed: str) -> Arm:
    """The arm somebody is dealt, by the weights of those that are enabled. Keep it: an arm switched off later must not
    move those who are on it."""
    arms = [arm for arm in split.arms if arm.is_enabled]
    return arms[drawn([arm.weight for arm in arms], chance(split.id, *seed))]


def jitter(most: timedelta, *seed: str) -> timedelta:
    """Part of `most`, so that messages do not leave on the minute."""
    return most * chance("jitter", *seed)
