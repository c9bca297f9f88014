"""What a training run found: everything the summary prints, the Model page shows and the model card says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from domain.promotion import Promotion
from models_ml.lead_scoring.drift import Drift, told
from models_ml.lead_scoring.evaluate import CalibrationBin, CalibrationCheck, Metrics
from models_ml.lead_scoring.leakage import LeakFlag


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to score, judged twice: on the newest leads (calibrated on the leads before them) and over folds."""

    name: str
    """`lightgbm`, `logistic`, `blend`, `rules` or `base_rate`."""
    newest: Metrics
    folds: Metrics | None = None


@dataclass(frozen=True, slots=True)
class PublishedFigure:
    """What others reported on the same data."""

    what: str
    value: float
    source: str


@dataclass(frozen=True, slots=True)
class LeakComparison:
    """What the figures would have been with columns that are known only after the outcome. Never served."""

    columns: tuple[str, ...]
    newest: Metrics
    folds: Metrics


@dataclass(frozen=True, slots=True)
class WindowOfLeads:
    """A stretch of leads: how many, how many of them good, and when they became known (ISO dates; empty without)."""

    lead_count: int
    outcome_count: int
    known_from: str
    known_to: str

    @property
    def rate(self) -> float:
        return self.outcome_count / self.lead_count if self.lead_count else 0.0


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """One run of training for one organization."""

    organization_id: str
    algorithm: str
    """The winner of the comparison: `lightgbm`, `logistic`, `blend` or `rules`. `promotion` says whether it took over."""
    reason: str
    """Why, in one sentence."""
    version: str
    artifact_hash: str
    """Empty where rules alone score."""
    trained_at: datetime
    lead_count: int
    outcome_count: int
    outcome_source: str
    order: str
    """What the newest leads are newest by: `time`, `file` or `none`."""
    seconds: float = 0.0
    candidates: tuple[Candidate, ...] = ()
    calibration: tuple[CalibrationBin, ...] = ()
    """Of the winner on the newest leads, each half by a calibrator that saw only the other half."""
    calibration_method: str = ""
    calibration_check: CalibrationCheck | None = None
    curves: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    """By candidate, the share of good outcomes found in the best 0, 2, 4 … 100 % of the newest leads."""
    windows: Mapping[str, WindowOfLeads] = field(default_factory=dict)
    """`fit`, `calibrate`, `test`: from the oldest leads to the newest."""
    leak_flags: tuple[LeakFlag, ...] = ()
    promotion: Promotion = field(default_factory=lambda: Promotion(True, "Nothing to compare with."))
    incumbent: str = ""
    """The version that scored until this run."""
    drift: tuple[Drift, ...] = ()
    """The newest window against the oldest."""
    leak: LeakComparison | None = None
    published: tuple[PublishedFigure, ...] = ()
    notes: tuple[str, ...] = ()
    """What a reader must know to believe the figures rightly."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Columns not learned from, and why."""
    trees: str = ""
    """How many trees of what size were grown, and why."""
    importance: Mapping[str, float] = field(default_factory=dict)
    """Mean absolute contribution in log-odds by feature label, strongest first."""

    def candidate(self, name: str) -> Candidate | None:
        return next((one for one in self.candidates if one.name == name), None)

    @property
    def champion(self) -> Candidate | None:
        """The candidate that scores from now on; None where there were too few outcomes to compare."""
        return self.candidate(self.algorithm)

    @property
    def summary(self) -> str:
        """One line."""
        learned = f"{self.version} on {self.lead_count:,} leads ({self.outcome_count:,} good)"
        figures = f", AUC {self.champion.newest.auc:.3f} on the newest" if self.champion else ""
        kept = "" if self.promotion.is_promoted else f" Kept as challenger: {self.promotion.reason}"
        return f"{learned}{figures}. {self.reason}{kept}"

    def summary_lines(self) -> list[str]:
        """For a terminal: the figures with their baselines, the leak beside them, published figures, and the notes."""
        lines = [
            f"{self.lead_count:,} leads with a known outcome, {self.outcome_count:,} good ({self.outcome_source})",
            f"{self.algorithm}: {self.reason}",
        ]
        if self.candidates:
            lines.append(f"{'':34}{'AUC':>7}{'PR-AUC':>8}{'lift 10%':>10}{'ALIFT':>7}{'Brier':>7}{'ECE':>7}")
        lines += [f"{f'{name}, {judged}':34}{_in_columns(one)}" for name, judged, one in rows(self)]
        lines += [f"left out, {one.label}: {one.words}" for one in self.leak_flags if not one.is_overruled]
        lines += [f"published: {one.what}: {one.value:.3g} ({one.source})" for one in self.published]
        if self.calibration:
            shown = [self.calibration[0], self.calibration[len(self.calibration) // 2], self.calibration[-1]]
            pairs = (f"{one.predicted_rate:.1%} came {one.observed_rate:.1%}" for one in shown)
            lines.append(f"calibration, newest leads, least, middle and best tenth: promised {', '.join(pairs)}")
        if self.calibration_check:
            found = self.calibration_check
            lines.append(
                f"expected calibration error on unseen leads {found.error:.3f} ({found.low:.3f} to {found.high:.3f}); chance "
                f"alone gives up to {found.by_chance:.3f}"
            )
        lines += [f"drift: {said}" for said in told(self.drift)]
        lines += [] if self.promotion.is_promoted else [f"kept as challenger: {self.promotion.reason}"]
        return [*lines, *self.notes]

    @property
    def window_rates(self) -> dict[str, float]:
        """Share of good outcomes in each window."""
        return {name: round(window.rate, 4) for name, window in self.windows.items()}

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            **asdict(self),
            "trained_at": self.trained_at.isoformat(),
            "drift": [{**asdict(one), "since": one.since and one.since.isoformat()} for one in self.drift],
            "candidates": [
                {
                    "name": one.name,
                    "newest": one.newest.as_dict(),
                    "folds": one.folds.as_dict() if one.folds else None,
                }
                for one in self.candidates
            ],
            "window_rates": self.window_rates,
            "windows": {name: asdict(window) for name, window in self.windows.items()},
            "curves": {name: list(curve) for name, curve in self.curves.items()},
            "left_out": dict(self.left_out),
            "importance": dict(self.importance),
            "summary": self.summary,
            "summary_lines": self.summary_lines(),
        }


def rows(report: TrainingReport) -> Sequence[tuple[str, str, Metrics]]:
    """(model, how it was judged, figures) for a table, the champion first, the leaking variant last."""
    ordered = sorted(report.candidates, key=lambda one: one.name != report.algorithm)
    found = [(one.name, "newest leads", one.newest) for one in ordered]
    found += [(one.name, "5 folds", one.folds) for one in ordered if one.folds]
    if report.leak:
        with_leak = f"lightgbm with {', '.join(report.leak.columns)}"
        found += [(with_leak, "newest leads", report.leak.newest), (with_leak, "5 folds", report.leak.folds)]
    return found


def _in_columns(one: Metrics) -> str:
    brier, ece = ("" if value is None else f"{value:.3f}" for value in (one.brier, one.ece))
    return f"{one.auc:7.3f}{one.pr_auc:8.3f}{one.lift_top_decile:10.2f}{one.alift:7.3f}{brier:>7}{ece:>7}"
