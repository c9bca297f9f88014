"""What a report shows is chosen once; what its kind does not have is refused."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from domain.reports.filters import Frozen, ReportKind


@pytest.mark.parametrize("kind", list(ReportKind))
def test_what_was_chosen_is_kept_and_read_again(kind):
    frozen = Frozen(kind)
    assert Frozen.parse(kind, frozen.chosen) == frozen
    assert frozen.words


@pytest.mark.parametrize(
    ("kind", "chosen"),
    [("profit", {}), ("funnel", {"days": 7}), ("overview", {"days": 8}), ("overview", {"days": "7"}),
     ("attribution", {"level": "company"}), ("attribution", {"conversion": "visitor"}), ("roi", {"model": "shapley"}),
     ("roi", {"months": 4})],
)  # fmt: skip
def test_what_a_report_does_not_have_is_refused(kind, chosen):
    with pytest.raises(InvalidInput):
        Frozen.parse(kind, chosen)
