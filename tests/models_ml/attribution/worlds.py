"""Journeys of a simulated agency as counted paths, beside what each channel truly did."""

from __future__ import annotations

import numpy as np

from data.simulator.client import Client
from models_ml.attribution.paths import Paths


def counted_paths(client: Client) -> Paths:
    """Everybody's visits up to the form they sent, or to their last one where they sent none: as dbt counts leads."""
    visits = client.visits
    sent = np.full(int(visits.person.max()) + 1, np.inf)
    sent[visits.person[visits.submits]] = visits.at[visits.submits]
    counts = visits.at <= sent[visits.person]
    person, steps = visits.person[counts], visits.channel[counts]
    starts = np.flatnonzero(np.append(True, person[1:] != person[:-1]))
    names = [str(plan.channel.value) for plan in client.plan.channels]
    order = np.argsort(np.argsort(names))
    won = np.isfinite(sent[person[starts]]).astype(float)
    return Paths(tuple(sorted(names)), order[steps], np.append(starts, len(person)), won, 1 - won, won)


def true_shares(client: Client) -> dict[str, float]:
    """Each channel's share of the conversions that would be lost without it."""
    lost = client.effects.incremental_conversions
    return {
        str(plan.channel.value): float(part / lost.sum()) for plan, part in zip(client.plan.channels, lost, strict=True)
    }


def distance(found: dict[str, float], truth: dict[str, float]) -> float:
    """L1 distance of two ways to share."""
    return sum(abs(found[name] - share) for name, share in truth.items())
