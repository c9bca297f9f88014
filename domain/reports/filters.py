"""Which report, of which time and by which rule: chosen by whoever hands it out, and never by whoever reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.errors import InvalidInput
from domain.wording import MODEL_LABELS, STAGE_LABELS


class ReportKind(StrEnum):
    """What can be handed out."""

    OVERVIEW = "overview"
    FUNNEL = "funnel"
    ATTRIBUTION = "attribution"
    ROI = "roi"


TITLES = {
    ReportKind.OVERVIEW: "Overview",
    ReportKind.FUNNEL: "Funnel",
    ReportKind.ATTRIBUTION: "Attribution",
    ReportKind.ROI: "Scorecard and ROI",
}
DAYS = (7, 30, 90)
MONTHS = (3, 12, 1200)
"""The last one stands for all."""
CONVERSIONS = ("lead", "mql", "sql", "opportunity", "customer")
LEVELS = {"person": "people", "account": "accounts"}
SOLVED = frozenset({"markov", "shapley"})
"""Models that share out a whole history, and no single month."""
_OF_KIND = {
    ReportKind.OVERVIEW: frozenset({"days"}),
    ReportKind.FUNNEL: frozenset[str](),
    ReportKind.ATTRIBUTION: frozenset({"conversion", "level", "model"}),
    ReportKind.ROI: frozenset({"months", "model"}),
}


@dataclass(frozen=True, slots=True)
class Frozen:
    """The filters of a report; each kind looks at its own and leaves the others alone."""

    kind: ReportKind
    days: int = 30
    months: int = 12
    conversion: str = "lead"
    level: str = "person"
    model: str = "linear"

    def __post_init__(self) -> None:
        rules = [
            (self.days in DAYS, f"days are one of {', '.join(map(str, DAYS))}"),
            (self.months in MONTHS, f"months are one of {', '.join(map(str, MONTHS))}"),
            (self.conversion in CONVERSIONS, f"a conversion is one of {', '.join(CONVERSIONS)}"),
            (self.level in LEVELS, f"a level is one of {', '.join(LEVELS)}"),
            (self.model in MODEL_LABELS, f"a model is one of {', '.join(MODEL_LABELS)}"),
        ]
        for holds, words in rules:
            if not holds:
                raise InvalidInput(words)
        if self.kind is ReportKind.ROI and self.model in SOLVED:
            raise InvalidInput(f"{self.model} shares out the whole history: a report by month takes a rule")

    @classmethod
    def parse(cls, kind: str, chosen: Mapping[str, Any]) -> Frozen:
        """From what was kept or sent. Raises InvalidInput for filters that the kind does not have."""
        try:
            found = ReportKind(kind)
        except ValueError:
            raise InvalidInput(f"a report is one of {', '.join(ReportKind)}") from None
        beyond = sorted(set(chosen) - _OF_KIND[found])
        if beyond:
            raise InvalidInput(f"a report of the {found} has no {', '.join(beyond)}")
        return cls(found, **chosen)

    @property
    def chosen(self) -> dict[str, Any]:
        """What counts for its kind, as it is kept."""
        return {name: getattr(self, name) for name in sorted(_OF_KIND[self.kind])}

    @property
    def words(self) -> str:
        """`the last 30 days`."""
        return self.worded(STAGE_LABELS)

    def worded(self, stages: Mapping[str, str]) -> str:
        """The same, with what an organization calls the stages of its people."""
        match self.kind:
            case ReportKind.OVERVIEW:
                return f"the last {self.days} days"
            case ReportKind.ATTRIBUTION:
                return (
                    f"conversions to {stages[self.conversion]}, journeys of {LEVELS[self.level]}, "
                    f"{MODEL_LABELS[self.model]}"
                )
            case ReportKind.ROI:
                span = "all months" if self.months == MONTHS[-1] else f"the last {self.months} months"
                return f"{span}, {MODEL_LABELS[self.model]}"
        return "everybody so far"
