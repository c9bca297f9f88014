"""Whether a newly trained model may take over: every gate says what it asked and what it found. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

CALIBRATED_WITHIN = 0.03
"""Expected calibration error that may be there in truth; what is measured has chance on top (docs/decisions/0013)."""


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
    allowed_error: float,
    contest: Contest | None,
    pinned: str = "",
) -> Promotion:
    """All gates of a new model. Without a model in use (`contest` is None) nothing has to be defended.

    `calibration_error` is measured on leads that neither fitted nor calibrated it (None: no probability is claimed);
    `allowed_error` is what a model that is off by CALIBRATED_WITHIN everywhere exceeds in one of twenty cases on so many leads.
    """
    gates = [
        Gate(
            "enough_outcomes",
            rarer_outcomes >= least_outcomes,
            f"{rarer_outcomes:,} leads of the rarer outcome; {least_outcomes:,} are needed.",
        )
    ]
    if calibration_error is not None:
        gates.append(
            Gate(
                "calibrated",
                calibration_error <= allowed_error,
                f"Expected calibration error {calibration_error:.3f} on unseen leads; {allowed_error:.3f} is allowed: "
                f"{CALIBRATED_WITHIN:.2f} in truth, and chance.",
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
