"""Shapley's axioms, the definition by permutations, and what other packages answer."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings

from domain.errors import InvalidInput
from models_ml.attribution.paths import Paths
from models_ml.attribution.shapley import GAMES, GROUP, shapley
from tests.models_ml.attribution.journeys import manual, rows, shapley_by_permutations


def observed(found) -> dict[frozenset[str], tuple[float, float]]:
    """Conversions and journeys of each set of channels."""
    sets: dict[frozenset[str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for path, won, _, lost in found:
        sets[frozenset(path)][0] += won
        sets[frozenset(path)][1] += won + lost
    return {members: (won, taken) for members, (won, taken) in sets.items()}


@given(rows)
@settings(deadline=None)
def test_the_game_of_conversions_is_its_definition(found):
    sets = observed(found)
    names = sorted({channel for path, *_ in found for channel in path})[:5]
    inside = [row for row in found if set(row[0]) <= set(names)]
    if not inside:
        return
    expected = shapley_by_permutations(
        names, lambda joined: sum(won for members, (won, _) in sets.items() if members <= joined)
    )
    credit = shapley(Paths.of(inside), "conversions").by_channel()
    assert credit == pytest.approx({name: expected[name] for name in credit}, abs=1e-9)


@given(rows)
@settings(deadline=None)
def test_the_games_of_rates_are_their_definition(found):
    sets = observed(found)
    rates = {members: won / taken if taken else 0.0 for members, (won, taken) in sets.items()}
    expected: dict[str, float] = defaultdict(float)
    for members, (won, taken) in sets.items():
        if won and len(members) <= 5:
            part = shapley_by_permutations(sorted(members), lambda joined: rates.get(joined, 0.0))
            for name, value in part.items():
                expected[name] += value * taken
    if all(len(members) <= 5 for members in sets):
        credit = shapley(Paths.of(found), "rate").by_channel()
        assert credit == pytest.approx({name: expected[name] for name in credit}, abs=1e-9)


@pytest.mark.parametrize("game", GAMES)
@given(rows)
@settings(deadline=None)
def test_credits_sum_to_all_conversions_and_to_all_value(game, found):
    credit = shapley(Paths.of(found), game)
    assert credit.conversions.sum() == pytest.approx(sum(won for _, won, _, _ in found))
    assert credit.values.sum() == pytest.approx(sum(value for _, _, value, _ in found), abs=1e-6)


@pytest.mark.parametrize("game", GAMES)
@given(rows)
@settings(deadline=None)
def test_channels_that_do_the_same_earn_the_same(game, found):
    """Every journey has its twin in which Email and Direct have changed places."""
    swap = {"Email": "Direct", "Direct": "Email"}
    twins = [([swap.get(step, step) for step in path], won, value, lost) for path, won, value, lost in found]
    credit = shapley(Paths.of([*found, *twins]), game).by_channel()
    assert credit.get("Email", 0) == pytest.approx(credit.get("Direct", 0), abs=1e-9)


@pytest.mark.parametrize("game", GAMES)
def test_a_channel_that_adds_nothing_earns_nothing(game):
    """Whoever uses Null converts as those who do not; those who use it alone never do."""
    found = [("A", 2, 2, 8), ("AN", 2, 2, 8), ("N", 0, 0, 9)]
    found = found if game == "rate" else [("A", 2, 2, 8), ("N", 0, 0, 9)]
    credit = shapley(Paths.of(found), game).by_channel()
    assert credit["N"] == pytest.approx(0, abs=1e-12)


def test_the_game_of_rates_is_that_of_another_package():
    """marketing-attribution-models 2.1.1, `run_shapley(value_column="conv_rate")`, on the same journeys."""
    assert shapley(manual(), "rate").by_channel() == pytest.approx({"A": 3.5, "B": 7.5, "C": -1.0})


def test_a_channel_more_than_twenty_is_grouped_and_named():
    names = [f"c{number:02}" for number in range(25)]
    found = [([name, names[0]], 100 - number, 1, 5) for number, name in enumerate(names)]
    for game in GAMES:
        credit = shapley(Paths.of(found), game)
        assert len(credit.channels) == 20
        assert GROUP in credit.channels
        assert credit.grouped == tuple(names[19:])
        assert credit.conversions.sum() == pytest.approx(sum(won for _, won, _, _ in found))
    assert shapley(Paths.of(found), most_channels=25).grouped == ()


def test_without_a_conversion_nobody_earns_and_one_channel_earns_all():
    for game in GAMES:
        assert shapley(Paths.of([("AB", 0, 0, 4)]), game).by_channel() == {"A": 0, "B": 0}
        assert shapley(Paths.of([("AA", 3, 30, 4)]), game).by_channel() == {"A": 3}


def test_what_is_no_game_is_refused():
    with pytest.raises(InvalidInput, match="no game 'chess'; there are conversions, rate"):
        shapley(manual(), "chess")
    with pytest.raises(InvalidInput, match="1 to 63 players"):
        shapley(manual(), most_channels=64)
    clash = [([f"c{number}", GROUP], 1, 1, 0) for number in range(4)]
    with pytest.raises(InvalidInput, match="name of the group"):
        shapley(Paths.of(clash), most_channels=2)
