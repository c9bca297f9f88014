"""Every change of the open pipeline has one name, and together they are all of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.forecasting.waterfall import Cause, DealState, Standing, explain

STATES = st.dictionaries(
    st.sampled_from("abcdef"),
    st.builds(
        DealState,
        amount_minor=st.integers(0, 10**9),
        stage_rank=st.integers(0, 7),
        chance_in_million=st.integers(0, 10**6),
        standing=st.sampled_from(Standing),
    ),
)
HALF = DealState(amount_minor=1_001, stage_rank=2, chance_in_million=500_000)


@settings(max_examples=60)
@given(before=STATES, after=STATES)
def test_the_changes_add_up_to_the_difference_exactly(
    before: dict[str, DealState], after: dict[str, DealState]
) -> None:
    fall = explain(before, after)

    assert fall.before_minor + sum(fall.of(cause) for cause in Cause) == fall.after_minor


def test_each_turn_of_a_deal_has_its_name() -> None:
    won, lost = (DealState(1_001, 7, 0, standing) for standing in (Standing.WON, Standing.LOST))
    before = {"won": HALF, "lost": HALF, "removed": HALF, "again": lost, "dearer": HALF, "ahead": HALF, "back": HALF}
    after = {
        "won": won,
        "lost": lost,
        "again": HALF,
        "new": HALF,
        "dearer": DealState(2_001, 2, 500_000),
        "ahead": DealState(1_001, 3, 800_000),
        "back": DealState(1_001, 1, 200_000),
    }

    assert {change.deal_id: change.cause for change in explain(before, after).changes} == {
        "won": Cause.WON, "lost": Cause.LOST, "removed": Cause.REMOVED, "again": Cause.REOPENED,
        "new": Cause.CREATED, "dearer": Cause.REPRICED, "ahead": Cause.ADVANCED, "back": Cause.SLIPPED,
    }  # fmt: skip


def test_a_pipeline_that_did_not_change_has_no_changes() -> None:
    assert explain({"a": HALF}, {"a": HALF}).changes == []
