"""The model card of one run: what the model is for, what it saw, what it is worth, and what it must not be used for."""

from __future__ import annotations

from models_ml.lead_scoring.report import TrainingReport, rows


def model_card(report: TrainingReport) -> str:
    """Markdown, written beside the artifact."""
    parts = [
        f"# Lead scoring model {report.version}",
        (
            f"Trained {report.trained_at:%Y-%m-%d %H:%M} UTC in {report.seconds:.0f} s for organization "
            f"{report.organization_id} on {report.lead_count:,} leads with a known outcome ({report.outcome_source}), "
            f"{report.outcome_count:,} of them good. {report.algorithm}: {report.reason}"
        ),
        (
            "## What it is for\n\nOrdering leads by their chance of the outcome above, so that people call the right ones first. "
            "It says nothing of what a call will change, and it decides nothing about a person by itself."
        ),
        "## Figures\n\n" + _figures(report),
        "## Calibration on the newest leads\n\n" + _calibration(report),
        "## What moves it\n\n" + _importance(report),
        "## What it did not look at\n\n" + _left_out(report),
        "## To be read with it\n\n" + ("\n".join(f"- {note}" for note in report.notes) or "Nothing unusual."),
    ]
    if report.published:
        lines = [f"| {one.what} | {one.value:.3g} | {one.source} |" for one in report.published]
        parts.insert(4, "## Published figures\n\n| What | Value | Where |\n|---|---|---|\n" + "\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _figures(report: TrainingReport) -> str:
    head = (
        "| Model | Judged on | AUC | PR-AUC | Lift, best tenth | ALIFT | Brier | ECE | Base rate |\n" + "|---" * 9 + "|"
    )
    lines = [
        f"| {name} | {judged} | {one.auc:.3f} | {one.pr_auc:.3f} | {one.lift_top_decile:.2f} | {one.alift:.3f} | "
        f"{_or_dash(one.brier)} | {_or_dash(one.ece)} | {one.base_rate:.3f} |"
        for name, judged, one in rows(report)
    ]
    return "\n".join([head, *lines])


def _calibration(report: TrainingReport) -> str:
    head = f"By {report.calibration_method}, on the window before them.\n\n| Leads | Promised | Came |\n|---|---|---|"
    lines = [
        f"| {one.lead_count:,} | {one.predicted_rate:.1%} | {one.observed_rate:.1%} |" for one in report.calibration
    ]
    return "\n".join([head, *lines])


def _importance(report: TrainingReport) -> str:
    lines = [f"| {label} | {size:.3f} |" for label, size in list(report.importance.items())[:15]]
    return "| Feature | Mean move in log-odds |\n|---|---|\n" + "\n".join(lines)


def _left_out(report: TrainingReport) -> str:
    return (
        "\n".join(f"- {name}: {reason}" for name, reason in sorted(report.left_out.items())) or "Nothing was left out."
    )


def _or_dash(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
