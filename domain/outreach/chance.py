"""Chance that is drawn once and can be drawn again: a hash of what it is about."""

from __future__ import annotations

import hashlib
from datetime import timedelta

from domain.outreach.steps import Arm, SplitStep


def chance(*seed: str) -> float:
    """A number from 0 up to, not including, 1: the same for the same seed, spread evenly over others."""
    digest = hashlib.sha256("\x00".join(seed).encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def draw_arm(split: SplitStep, *seed: str) -> Arm:
    """The arm somebody is dealt, by the weights of those that are enabled. Keep it: an arm switched off later must not
    move those who are on it."""
    arms = [arm for arm in split.arms if arm.is_enabled]
    mark = chance(split.id, *seed) * sum(arm.weight for arm in arms)
    for arm in arms:
        mark -= arm.weight
        if mark < 0:
            return arm
    return arms[-1]


def jitter(most: timedelta, *seed: str) -> timedelta:
    """Part of `most`, so that messages do not leave on the minute."""
    return most * chance("jitter", *seed)
