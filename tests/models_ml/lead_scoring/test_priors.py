"""Priors in the lake and the store: made of those who gave, for those who asked, of the same agency, and gone when taken back."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest

from domain.priors.disclosure import Rules
from domain.priors.features import EVERYBODY, FEATURES
from domain.priors.making import make_prior
from domain.priors.switches import SUBJECT
from domain.tenancy import Scope
from models_ml.lead_scoring.activation import activate_scores
from models_ml.lead_scoring.dataset import feature_batches
from models_ml.lead_scoring.predict import score_organization
from models_ml.lead_scoring.priors import TABLE, build_priors, is_due, levels_of, prior_of, tally_of
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.scores import Scores
from storage.ops.repositories.shared_learning import SharedLearning
from tests.conftest import NOON
from tests.domain.priors.worlds import agency
from tests.domain.priors.worlds import tally_of as counted
from tests.factories import SYSTEM, TESTER, make_contact, make_organization

SIZES = {"1-10": 5, "51-200": 100, "1001-5000": 3000, "unknown": None}
TITLES = {"executive": "CEO", "director": "Director of Sales", "manager": "Marketing Manager", "unknown": None}


class House:
    """An agency with clients that have leads, in the store and in the lake."""

    def __init__(self, store, features, clients: int = 5, seed: int = 5) -> None:
        self.store, self.features, self.chance = store, features, np.random.default_rng(seed)
        self.agency_id = make_organization(store, "Home").organization_id
        self.truths = agency(self.chance, clients)
        with store.write(SYSTEM, TESTER) as work:
            self.clients = [
                Organizations(work).create_client(self.agency_id, f"Secretive {number}").organization_id
                for number in range(clients)
            ]

    def fill(self, client: str, count: int, truth: int = 0) -> None:
        """Leads whose outcome is known."""
        people, _, good = self.truths[truth].draw(self.chance, count)
        self.features.insert(
            "features.contact_training_rows",
            [
                {
                    **facts(client, f"{client}-{number}", levels),
                    "outcome": bool(won),
                    "outcome_source": "lifecycle:customer",
                }
                for number, (levels, won) in enumerate(zip(people, good, strict=True))
            ],
        )

    def switch(self, client: str, *, gives: bool = True, uses: bool = True) -> None:
        with self.store.write(Scope.of(client), TESTER) as work:
            SharedLearning(work).switch(gives=gives, uses=uses, by="ada", reason="Agreed")

    def build(self, at=NOON):
        return build_priors(self.features.lake, self.store, Rules(), clock=lambda: at)

    def prior(self, client: str):
        return prior_of(self.features.lake, client)


def facts(client: str, contact_id: str, levels: tuple[str, ...]) -> dict:
    said = dict(zip(FEATURES, levels, strict=True))
    return {
        "organization_id": client,
        "contact_id": contact_id,
        "as_of_at": NOON,
        "known_at": NOON,
        "source": said["source"],
        "first_touch_channel": said["first_touch_channel"],
        "email_domain_type": said["email_domain_type"],
        "title": TITLES[said["seniority"]],
        "company_employee_count": SIZES[said["company_size"]],
        "country": said["country"],
    }


@pytest.fixture
def house(store, features):
    """Four clients with leads, and a fifth that is new; all of them give and use."""
    made = House(store, features)
    for number, client in enumerate(made.clients[1:], start=1):
        made.fill(client, 300, number)
    made.fill(made.clients[0], 30)
    for client in made.clients:
        made.switch(client)
    return made


def test_leads_are_counted_by_what_they_are(house):
    tally = tally_of(house.features.lake, house.clients[1])
    assert tally.cells[EVERYBODY].people == 300
    assert {levels[3] for levels in tally.by_levels} == set(TITLES)
    assert {levels[4] for levels in tally.by_levels} == set(SIZES)
    nobody = tally_of(house.features.lake, make_organization(house.store).organization_id)
    assert (nobody.outcome, nobody.by_levels) == ("lifecycle:customer", {})


def test_a_new_client_starts_from_the_four_others_and_its_own_thirty(house):
    report = house.build()
    prior = house.prior(house.clients[0])
    assert (prior.client_count, prior.people_count, prior.own.people) == (4, 1200, 30)
    assert prior == report.made[house.clients[0]].prior
    assert 0.02 < prior.rate < 0.5
    assert report.summary == "5 clients gave counts, 5 asked for a prior, 5 have one"


def test_no_row_names_or_counts_a_single_other_client(house):
    house.build()
    rows = house.features.lake.arrow(f"select * from {TABLE}").to_pylist()
    for reader in house.clients:
        mine = [row for row in rows if row["organization_id"] == reader]
        words = str([{name: value for name, value in row.items() if name != "organization_id"} for row in mine])
        assert not any(client in words for client in house.clients)
        assert "Secretive" not in words
        assert all(row["client_count"] >= 3 and row["people_count"] >= 50 for row in mine if row["client_count"])


def test_who_takes_its_counts_back_is_in_nobodys_prior_after_the_next_build(house, store, features):
    house.build()
    left = house.clients[4]
    house.switch(left, gives=False)
    house.build()
    after = [house.prior(client) for client in house.clients[:4]]
    with features.lake.writer() as cursor:  # as if it had never been
        cursor.execute("delete from features.contact_training_rows where organization_id = ?", [left])
    house.build()
    assert after == [house.prior(client) for client in house.clients[:4]]
    assert {one.client_count for one in after} == {3}


def test_with_fewer_than_three_others_there_is_nothing_and_the_ledger_says_why(house):
    for client in house.clients[3:]:
        house.switch(client, gives=False)
    house.build()
    assert house.prior(house.clients[0]) is None
    with house.store.read(Scope.of(house.clients[0])) as work:
        line = Decisions(work).about(SUBJECT, house.clients[0])[0]
    assert (line.outcome, line.reason) == ("not_used", "too_few_clients")
    assert house.prior(house.clients[4]).client_count == 3, "who gives nothing may still use"


def test_who_does_not_use_has_none_and_still_gives(house):
    house.switch(house.clients[1], uses=False)
    report = house.build()
    assert house.prior(house.clients[1]) is None
    assert report.made[house.clients[1]].reason == "switched_off"
    assert house.prior(house.clients[0]).client_count == 4


def test_clients_of_another_agency_give_nothing_and_get_nothing(house, store, features):
    house.build()
    before = [house.prior(client) for client in house.clients]
    strange = House(store, features, clients=2, seed=9)
    for number, client in enumerate(strange.clients):
        strange.fill(client, 400, number)
        strange.switch(client)
    house.build()
    assert before == [house.prior(client) for client in house.clients]
    assert [strange.prior(client) for client in strange.clients] == [None, None]


def test_leads_without_a_model_get_their_chance_and_are_told_whence_it_comes(house, store, features):
    newcomer = house.clients[0]
    people, _, _ = house.truths[0].draw(house.chance, 40)
    contacts = [make_contact(store, newcomer).contact_id for _ in people]
    features.insert(
        "features.contact_features",
        [facts(newcomer, contact, levels) for contact, levels in zip(contacts, people, strict=True)],
    )
    house.build()
    score_organization(features.lake, newcomer, artifacts=features.artifacts, clock=lambda: NOON)
    activate_scores(features.lake, store, newcomer, artifacts=features.artifacts, clock=lambda: NOON)
    chances = house.prior(newcomer).chances()
    with store.read(Scope.of(newcomer)) as work:
        scored = Scores(work).of(contacts)
        kept = SharedLearning(work).prior()
    assert (kept.prior, kept.built_at) == (house.prior(newcomer), NOON)
    for contact, levels in zip(contacts, people, strict=True):
        assert scored[contact].probability == pytest.approx(chances.of(levels).probability, abs=1e-6)
        last = scored[contact].reasons[-1]
        assert (last["source"], last["effect"]) == ("prior", 0)
        assert "from 4 clients of the agency, 1,200 people, and 30 leads of your own" in last["text"]
    house.fill(house.clients[1], 300, 1)
    house.build(at=NOON + timedelta(days=1))
    score_organization(features.lake, newcomer, artifacts=features.artifacts, clock=lambda: NOON + timedelta(days=1))
    activate_scores(
        features.lake, store, newcomer, artifacts=features.artifacts, clock=lambda: NOON + timedelta(days=1)
    )
    with store.read(Scope.of(newcomer)) as work:
        said = {one.reasons[-1]["text"].partition(", from ")[2] for one in Scores(work).of(contacts).values()}
    assert said == {"4 clients of the agency, 1,500 people, and 30 leads of your own"}, (
        "also where the chance is the same"
    )
    house.switch(newcomer, uses=False)
    house.build()
    score_organization(features.lake, newcomer, artifacts=features.artifacts, clock=lambda: NOON)
    activate_scores(features.lake, store, newcomer, artifacts=features.artifacts, clock=lambda: NOON)
    with store.read(Scope.of(newcomer)) as work:
        assert {one.probability for one in Scores(work).of(contacts).values()} == {None}
        assert SharedLearning(work).prior() is None


def test_a_client_that_has_nobody_yet_has_its_prior_before_its_first_lead_and_the_same_one_keeps_its_date(house, store):
    with store.write(SYSTEM, TESTER) as work:
        empty = Organizations(work).create_client(house.agency_id, "Brand new").organization_id
    house.switch(empty)
    for at in (NOON, NOON + timedelta(days=1)):
        house.build(at)
        with store.read(Scope.of(empty)) as work:
            kept = SharedLearning(work).prior()
        assert (kept.prior, kept.built_at) == (house.prior(empty), NOON)
        assert (kept.prior.client_count, kept.prior.own.people) == (5, 0)
    for client in house.clients[2:]:
        house.switch(client, gives=False)
    house.build()
    with store.read(Scope.of(empty)) as work:
        assert SharedLearning(work).prior() is None


def test_levels_are_read_from_features_as_they_are_counted(house, features):
    people, _, _ = house.truths[1].draw(house.chance, 50)
    features.insert("features.contact_features", [facts("x", f"x-{n}", levels) for n, levels in enumerate(people)])
    (batch,) = feature_batches(features.lake, "x", (), ())
    read = dict(zip(batch["contact_id"].to_pylist(), levels_of(batch), strict=True))
    assert [read[f"x-{number}"] for number in range(50)] == people


def test_a_build_is_due_once_a_day_and_after_a_switch(house, clock):
    built = clock()
    assert is_due(house.store, None, built)
    assert not is_due(house.store, built, built + timedelta(hours=1))
    assert is_due(house.store, built, built + timedelta(hours=20))
    clock.now += timedelta(minutes=5)
    house.switch(house.clients[1], gives=False)
    assert is_due(house.store, built, clock())


@pytest.mark.slow
def test_each_client_of_the_simulator_starts_better_from_the_three_others(default_world):
    """Through the doors, the lake and dbt; thirty leads are drawn to be the client's own, the others are yet to come."""
    tallies = {slug: tally_of(default_world.lake, one) for slug, one in default_world.organizations.items()}
    chance, better = np.random.default_rng(0), []
    for slug, tally in tallies.items():
        leads = [(levels, place < one.good) for levels, one in tally.by_levels.items() for place in range(one.people)]
        for _ in range(10 if len(leads) > 60 else 0):
            order = chance.permutation(len(leads))
            own, later = [leads[place] for place in order[:30]], [leads[place] for place in order[30:]]
            good = np.array([won for _, won in own])
            others = {name: one for name, one in tallies.items() if name != slug}
            made = make_prior(others, slug, counted([levels for levels, _ in own], good), Rules())
            chances = made.prior.chances()
            promised = np.array([chances.of(levels).probability for levels, _ in later])
            alone = (good.sum() + 0.5) / 31
            won = np.array([won for _, won in later])
            better.append(loss(won, np.full(len(later), alone)) - loss(won, promised))
    assert len(better) == 30
    assert np.mean([gain > 0 for gain in better]) > 0.9
    assert np.mean(better) > 0.03


def loss(won: np.ndarray, promised: np.ndarray) -> float:
    return float(-np.log(np.where(won, promised, 1 - promised)).mean())
