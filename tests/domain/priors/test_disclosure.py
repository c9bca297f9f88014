"""Nothing is told of other clients that too few stand behind, one mostly makes up, or that could be worked out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from domain.priors.disclosure import LEAST_OF_EACH, Rules, pool
from domain.priors.features import EVERYBODY, FEATURES, Count, Tally
from domain.priors.making import make_prior

OUTCOME = "lifecycle:customer"
RULES = Rules()
LEVELS = st.tuples(*(st.sampled_from(["a", "b", "c"]) for _ in FEATURES))
COUNTS = st.integers(1, 120).flatmap(lambda people: st.builds(Count, st.just(people), st.integers(0, people)))
TALLIES = st.builds(Tally, st.sampled_from([OUTCOME, "attribute:won"]), st.dictionaries(LEVELS, COUNTS, max_size=8))
AGENCIES = st.dictionaries(st.sampled_from([f"client-{number}" for number in range(8)]), TALLIES)


def flat(people: int, good: int, **levels: str) -> Tally:
    """Everybody alike."""
    return Tally(OUTCOME, {tuple(levels.get(name, "a") for name in FEATURES): Count(people, good)})


@given(AGENCIES)
def test_every_cell_that_is_told_has_enough_behind_it_and_nobody_in_front(tallies):
    found = pool(tallies, "client-0", OUTCOME, RULES)
    if found is None:
        return
    others = [tally.cells for client, tally in tallies.items() if client != "client-0" and tally.outcome == OUTCOME]
    for place, cell in enumerate(found.cells):
        people = [each[cell].people for each in others if cell in each]
        assert sum(count >= LEAST_OF_EACH for count in people) >= RULES.least_clients
        assert sum(people) >= RULES.least_people
        assert max(people) <= RULES.most_share * sum(people)
        assert found.people_counts[place] == sum(people)


@given(AGENCIES)
def test_no_cell_that_is_kept_back_is_what_remains_of_the_others(tallies):
    found = pool(tallies, "client-0", OUTCOME, RULES)
    if found is None:
        return
    others = [tally for client, tally in tallies.items() if client != "client-0" and tally.outcome == OUTCOME]
    for name in FEATURES:
        there = {cell for tally in others for cell in tally.cells if cell[0] == name}
        shown = {cell for cell in found.cells if cell[0] == name}
        assert not shown or len(there - shown) != 1


@given(AGENCIES, TALLIES, TALLIES)
def test_what_a_client_gives_changes_nothing_that_it_is_told(tallies, mine, other_mine):
    told = [
        pool({**tallies, "client-0": given_by_me}, "client-0", OUTCOME, RULES) for given_by_me in (mine, other_mine)
    ]
    told.append(
        pool({client: one for client, one in tallies.items() if client != "client-0"}, "client-0", OUTCOME, RULES)
    )
    first, *more = told
    for one in more:
        assert (one is None) == (first is None)
        if first is not None and one is not None:
            assert one.cells == first.cells
            assert np.array_equal(one.people, first.people)
            assert np.array_equal(one.good, first.good)


@given(AGENCIES, COUNTS)
def test_no_name_of_a_client_reaches_what_is_kept(tallies, own):
    mine = Tally(OUTCOME, {("a",) * len(FEATURES): own})
    made = make_prior(tallies, "client-0", mine, RULES)
    assert "client-" not in str(made.prior.as_dict() if made.prior else "")


def test_three_others_with_fifty_people_are_enough_and_two_are_not():
    given_by = {f"client-{number}": flat(17, 2) for number in range(3)}
    assert pool(given_by, "reader", OUTCOME, RULES).people_counts[0] == 51
    assert pool(given_by, "client-0", OUTCOME, RULES) is None, "the reader is not one of them"
    assert pool({**given_by, "client-0": flat(4, 0)}, "reader", OUTCOME, RULES) is None, (
        "four people are nobody's voice"
    )


def test_a_client_that_is_most_of_a_cell_keeps_it_from_being_told():
    small = {"one": flat(20, 2), "two": flat(20, 2)}
    assert pool({**small, "big": flat(60, 9)}, "reader", OUTCOME, RULES) is not None
    assert pool({**small, "big": flat(61, 9)}, "reader", OUTCOME, RULES) is None


def test_another_outcome_is_another_thing():
    given_by = {f"client-{number}": flat(100, 9) for number in range(3)}
    assert pool(given_by, "reader", "attribute:subscribed", RULES) is None


def test_where_one_level_is_kept_back_the_smallest_of_the_others_is_too():
    tallies = {
        f"client-{number}": Tally(
            OUTCOME,
            {
                ("a", *("x",) * 5): Count(60, 6),
                ("b", *("x",) * 5): Count(40, 6),
                **({("c", *("x",) * 5): Count(9, 8)} if not number else {}),
            },
        )
        for number in range(4)
    }
    told = pool(tallies, "reader", OUTCOME, RULES)
    assert EVERYBODY in told.cells
    assert [level for feature, level in told.cells if feature == "source"] == ["a"]
