"""What a model answers: conversions and value by channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from models_ml.attribution.paths import Floats


@dataclass(frozen=True, slots=True)
class Credits:
    """Credit of C channels. `conversions` sum to the conversions of the paths, `values` to their value.

    `effects`: the removal effect of each channel (Markov), or its Shapley value; empty for rules. `grouped`: channels
    that are credited together under one name, because there were too many.
    """

    model: str
    channels: tuple[str, ...]
    conversions: Floats
    values: Floats
    effects: Floats | None = None
    grouped: tuple[str, ...] = field(default=())

    def by_channel(self) -> dict[str, float]:
        """Conversions by name of the channel."""
        return dict(zip(self.channels, self.conversions.tolist(), strict=True))

    def shares(self) -> dict[str, float]:
        """Shares of the conversions, which sum to one; zero each where there was no conversion."""
        total = float(self.conversions.sum())
        return {name: credit / total if total else 0.0 for name, credit in self.by_channel().items()}

    def rows(self) -> list[dict[str, Any]]:
        """One row a channel: channel, conversions, value, effect (None for rules)."""
        effects = [None] * len(self.channels) if self.effects is None else self.effects.tolist()
        columns = zip(self.channels, self.conversions.tolist(), self.values.tolist(), effects, strict=True)
        return [
            {"channel": name, "conversions": count, "value": value, "effect": effect}
            for name, count, value, effect in columns
        ]
