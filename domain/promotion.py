"""Whether a newly trained model may take over: every gate says what it asked and what it found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

CALIBRATED_WITHIN = 0.03
"""Expected calibration error that is small enough whatever the number of leads."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of taking over."""

    name: str
    is_met: bool
    words: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """What became of a training run: `active` (it scores from now on) or `challenger` (kept beside, with the reason)."""

    is_promoted: bool
    reason: str
    gates: tuple[Gate, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Promotion:
        gates = tuple(Gate(**gate) for gate in stored.get("gates", ()))
        return cls(stored["is_promoted"], stored["reason"], gates)


@dataclass(frozen=True, slots=True)
class Contest:
    """The new model and the one in use, on the same newest leads. `difference` is new less old AUC, ± `error`."""

    version: str
    auc: float
    difference: float
    error: float
    is_disqualified: str = ""
    """Why the model in use may not defend itself: it learned from what is now known to be a leak, or cannot be read."""


def decide(
    *,
    rarer_outcomes: int,
    least_outcomes: int,
    calibration_error: float | None,
    surely_at_least: float,
    error_by_chance: float,
    contest: Contest | None,
    pinned: str = "",
) -> Promotion:
    """All gates of a new model. Without a model in use (`contest` is None) nothing has to be defended.

    `calibration_error` is measured on leads that neither fitted nor calibrated it (None: no probability is claimed), and
    `surely_at_least` is the lower end of its interval, which must not exceed what is allowed; `error_by_chance` is what a perfectly calibrated model exceeds in one of twenty cases on so many leads.
    """
    gates = [
        Gate(
            "enough_outcomes",
            rarer_outcomes >= least_outcomes,
            f"{rarer_outcomes:,} leads of the rarer outcome; {least_outcomes:,} are needed.",
        )
    ]
    if calibration_error is not None:
        allowed = max(CALIBRATED_WITHIN, error_by_chance)
        gates.append(
            Gate(
                "calibrated",
                surely_at_least <= allowed,
                f"Expected calibration error {calibration_error:.3f} on unseen leads, {surely_at_least:.3f} at least; "
                f"{allowed:.3f} is allowed.",
            )
        )
    if contest is not None:
        gates.append(_not_worse(contest))
    if pinned:
        gates.append(Gate("not_pinned", False, pinned))
    unmet = [gate for gate in gates if not gate.is_met]
    if unmet:
        return Promotion(False, " ".join(gate.words for gate in unmet), tuple(gates))
    return Promotion(True, gates[-1].words if contest else "The first model that passed every gate.", tuple(gates))


def _not_worse(contest: Contest) -> Gate:
    if contest.is_disqualified:
        return Gate("not_worse", True, f"{contest.version} had to go: {contest.is_disqualified}")
    found = f"AUC {contest.difference:+.3f} ± {contest.error:.3f} against {contest.version} on the newest leads"
    is_met = contest.difference >= -contest.error
    return Gate("not_worse", is_met, f"{found}: {'not worse' if is_met else 'worse by more than chance'}.")
