"""The model card of one run: what the model is for, what it saw, what it is worth, and what it must not be used for."""

from __future__ import annotations

from models_ml.lead_scoring.drift import told
from models_ml.lead_scoring.report import TrainingReport, rows

PURPOSE = (
    "Ordering leads by their chance of the outcome above, so that people call the right ones first. It says nothing of what "
    "a call will change, and it decides nothing about a person by itself."
)
LIMITS = (
    "It knows this organization's leads only, as they were until the dates above. Columns it was not shown do not exist for "
    "it. Probabilities are those of the newest window: when the base rate moves, they are off until the next training. A "
    "column that looks honest may still be filled in late; where somebody knows better, its role says so."
)


def model_card(report: TrainingReport) -> str:
    """Markdown, written beside the artifact."""
    verdict = "It scores from now on." if report.promotion.is_promoted else "It is kept as a challenger."
    parts = [
        f"# Lead scoring model {report.version}",
        (
            f"Trained {report.trained_at:%Y-%m-%d %H:%M} UTC in {report.seconds:.0f} s for organization "
            f"{report.organization_id} on {report.lead_count:,} leads with a known outcome ({report.outcome_source}), "
            f"{report.outcome_count:,} of them good. {report.algorithm}: {report.reason}"
        ),
        "## What it is for\n\n" + PURPOSE,
        "## Data\n\n" + _data(report),
        "## Figures\n\n" + _figures(report),
        "## Calibration on the newest leads\n\n" + _calibration(report),
        "## What moves it\n\n" + _importance(report),
        "## Suspect columns\n\n" + _flags(report),
        "## What it did not look at\n\n" + _left_out(report),
        "## Drift\n\n" + _drift(report),
        f"## Promotion\n\n{verdict} {report.promotion.reason}\n\n" + _gates(report),
        "## To be read with it\n\n" + ("\n".join(f"- {note}" for note in report.notes) or "Nothing unusual."),
        "## Limits\n\n" + LIMITS,
    ]
    if report.published:
        lines = [f"| {one.what} | {one.value:.3g} | {one.source} |" for one in report.published]
        parts.insert(5, "## Published figures\n\n| What | Value | Where |\n|---|---|---|\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _data(report: TrainingReport) -> str:
    uses = {
        "fit": "learned from",
        "calibrate": "chose between candidates",
        "test": "judged, then calibrated the winner",
    }
    lines = [
        f"| {uses[name]} | {one.lead_count:,} | {one.rate:.1%} | {one.known_from or '–'} | {one.known_to or '–'} |"
        for name, one in report.windows.items()
    ]
    table = "| Leads that | Leads | Good | Known from | Known to |\n|---|---|---|---|---|\n" + "\n".join(lines)
    return f"{table}\n\n{report.trees}" if report.trees else table


def _figures(report: TrainingReport) -> str:
    head = (
        "| Model | Judged on | AUC ± standard error | PR-AUC | Lift, best tenth | ALIFT | Brier | ECE | Base rate |\n"
        + "|---" * 9
        + "|"
    )
    lines = [
        f"| {name} | {judged} | {one.auc:.3f} ± {one.auc_error:.3f} | {one.pr_auc:.3f} | {one.lift_top_decile:.2f} | "
        f"{one.alift:.3f} | {_or_dash(one.brier)} | {_or_dash(one.ece)} | {one.base_rate:.3f} |"
        for name, judged, one in rows(report)
    ]
    return "\n".join([head, *lines])


def _calibration(report: TrainingReport) -> str:
    check = report.calibration_check
    if check is None:
        return "Rules promise no probability."
    head = (
        f"By the method {report.calibration_method}. Each half of the window is judged by a calibrator that saw the other half "
        f"only: expected calibration error {check.error:.3f} (90 % interval {check.low:.3f} to {check.high:.3f}); a perfectly "
        f"calibrated model would stay below {check.by_chance:.3f} in 19 of 20 cases on so many leads.\n\n"
        "| Leads | Promised | Came | 95 % interval |\n|---|---|---|---|"
    )
    lines = [
        f"| {one.lead_count:,} | {one.predicted_rate:.1%} | {one.observed_rate:.1%} | {one.low:.1%} to {one.high:.1%} |"
        for one in report.calibration
    ]
    return "\n".join([head, *lines])


def _importance(report: TrainingReport) -> str:
    lines = [f"| {label} | {size:.3f} |" for label, size in list(report.importance.items())[:15]]
    return "| Feature | Mean move in log-odds |\n|---|---|\n" + "\n".join(lines)


def _flags(report: TrainingReport) -> str:
    lines = [
        f"- **{one.label}**: {one.words} "
        + (f"Used all the same: {one.overruled_by} says: {one.overrule_reason}" if one.is_overruled else "Left out.")
        for one in report.leak_flags
    ]
    return "\n".join(lines) or "No column looks as if it were filled in after the outcome."


def _left_out(report: TrainingReport) -> str:
    return (
        "\n".join(f"- {name}: {reason}" for name, reason in sorted(report.left_out.items())) or "Nothing was left out."
    )


def _drift(report: TrainingReport) -> str:
    lines = [
        f"| {one.label} | {one.drift:+.3f} | {one.by_chance:.3f} | {one.level} |"
        for one in report.drift
        if one.level != "steady"
    ]
    if not report.drift:
        return "Without an order in time, or with fewer than a hundred leads in a window, drift cannot be told."
    if not lines:
        return f"None of {len(report.drift)} distributions moved between the oldest window and the newest."
    head = (
        "The newest window against the oldest: population stability index (above 0.25 and more than chance: alarm), for the base "
        "rate and the AUC the difference.\n\n| What | Moved | By chance | Level |\n|---|---|---|---|"
    )
    return "\n".join([*(f"- {said}" for said in told(report.drift)), "", head, *lines]).lstrip("\n")


def _gates(report: TrainingReport) -> str:
    return "\n".join(f"- {'met' if one.is_met else 'not met'}: {one.words}" for one in report.promotion.gates)


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
