"""What an organization calls the stages of its people. What a stage means, and what is counted, stays: only words change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from domain.contacts import LifecycleStage
from domain.errors import InvalidInput
from domain.wording import STAGE_LABELS

LONGEST = 30
SETTING = "stage_names"


def own_names(told: Mapping[str, str]) -> dict[str, str]:
    """The names that are other than ours, by stage; an empty one means ours. Raises InvalidInput for a stage that there is
    not, a name that is too long or spans lines, and one name for two stages."""
    unknown = sorted(set(told) - set(LifecycleStage))
    if unknown:
        raise InvalidInput(f"there is no stage {unknown[0]!r}", hint=f"Stages are {', '.join(LifecycleStage)}.")
    names = {stage: " ".join(name.split()) for stage, name in told.items()}
    for stage, name in names.items():
        if len(name) > LONGEST or not name.isprintable():
            raise InvalidInput(f"the name of {stage} is not a name", hint=f"Up to {LONGEST} letters in one line.")
    own = {stage: name for stage, name in names.items() if name and name != STAGE_LABELS[stage]}
    shown = list(named(own).values())
    counts = Counter(map(str.casefold, shown))
    twice = next((name for name in shown if counts[name.casefold()] > 1), None)
    if twice is not None:
        raise InvalidInput(f"two stages are called {twice!r}", hint="Give each a name of its own.")
    return own


def named(own: Mapping[str, str]) -> dict[str, str]:
    """Every stage with what it is called, in the order of the funnel."""
    return {stage: own.get(stage) or ours for stage, ours in STAGE_LABELS.items()}
