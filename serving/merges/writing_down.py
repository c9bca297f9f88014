"""What is written down of a merge and of its undo, whoever decided it: the ledger, and the queue of duplicates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.decisions import DecisionKind
from domain.duplicates import RecordKind
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.duplicates import Duplicates
from storage.ops.store import Work

BY_HAND: Mapping[str, Any] = {"reason": "by_hand"}


def write_down_merge(
    work: Work, kind: RecordKind, survivor_id: str, merged_id: str, merge_id: str, choices: Sequence[Mapping[str, str]],
    because: Mapping[str, Any],
) -> None:  # fmt: skip
    """A line about each of the two; the pair leaves the queue."""
    reason = str(because["reason"])
    detail = {name: value for name, value in because.items() if name not in {"reason", "model_version"}}
    detail |= {"merge_id": merge_id, "kept": {each["field"]: each["reason"] for each in choices}}
    for outcome, subject_id, other in (("merged", survivor_id, merged_id), ("merged_into", merged_id, survivor_id)):
        Decisions(work).record(
            DecisionKind.MERGE, kind.value, subject_id, outcome, reason, {"with": other, **detail},
            str(because.get("model_version", "")), is_act=True,
        )  # fmt: skip
    Duplicates(work).follow_merge(kind, survivor_id, merged_id, merge_id, reason)


def write_down_undo(
    work: Work, kind: RecordKind, survivor_id: str, merged_id: str, merge_id: str, report: Mapping[str, Any]
) -> None:
    """A line about each of the two; they are not proposed again until one of them says something else."""
    for subject_id, other in ((survivor_id, merged_id), (merged_id, survivor_id)):
        Decisions(work).record(
            DecisionKind.MERGE, kind.value, subject_id, "undone", "asked_for",
            {"with": other, "merge_id": merge_id, **report}, is_act=True,
        )  # fmt: skip
    Duplicates(work).follow_undo(kind, survivor_id, merged_id)
