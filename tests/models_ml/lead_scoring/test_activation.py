"""Scores written back: what changed and nothing else, with a line for every change of band."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from domain.scoring_models import MODEL_SETTING
from domain.tenancy import Scope
from models_ml.lead_scoring.activation import activate_scores
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.scores import Scores
from storage.ops.tables import ChangeLog, Score
from tests.conftest import NOON
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_contact, make_organization


class World:
    """An organization with contacts in the store, and the same contacts with features and scores in the lake."""

    def __init__(self, store, features, count: int) -> None:
        self.store, self.features = store, features
        self.organization_id = make_organization(store).organization_id
        self.scope = Scope.of(self.organization_id)
        self.contacts = [make_contact(store, self.organization_id).contact_id for _ in range(count)]
        self.features.insert(
            "features.contact_features",
            [
                {
                    "organization_id": self.organization_id,
                    "contact_id": contact_id,
                    "as_of_at": NOON,
                    "known_at": NOON,
                    "source": "form",
                    "sessions_30d": 2,
                    "days_since_last_visit": 0.5,
                }
                for contact_id in self.contacts
            ],
        )

    def score(self, contact_id: str, score: float, band: str) -> None:
        """What the model says of a contact from now on."""
        with self.features.lake.writer() as cursor:
            cursor.execute("delete from ml.lead_scoring__scores where contact_id = ?", [contact_id])
            cursor.execute(
                "insert into ml.lead_scoring__scores values (?, ?, ?, 0.25, ?, 10, 20, 'C2', null, 'lightgbm-1', ?)",
                [self.organization_id, contact_id, score, band, NOON],
            )

    def activate(self):
        return activate_scores(
            self.features.lake,
            self.store,
            self.organization_id,
            artifacts=self.features.artifacts,
            clock=self.store.clock,
        )

    def read(self, question):
        with self.store.read(self.scope) as work:
            return question(work)


@pytest.fixture
def world(store, features):
    made = World(store, features, 3)
    for contact_id in made.contacts:
        made.score(contact_id, 40.0, "cool")
    return made


def test_scores_reasons_and_snapshots_reach_the_store(world):
    report = world.activate()
    assert (report.lead_count, report.written_count, report.snapshot_count) == (3, 3, 3)
    found = world.read(lambda work: Scores(work).find(world.contacts[0]))
    assert (found.score, found.band, found.grade, found.is_provisional) == (40.0, "cool", "C2", False)
    assert found.reasons[0] == {"text": "Came through a form", "effect": 5.0, "source": "rule"}
    kept = world.read(lambda work: Scores(work).snapshot(world.contacts[0]))
    assert kept.as_of_at == NOON
    assert (kept.features["sessions_30d"], kept.features["source"]) == (2, "form")
    assert "attributes" not in kept.features


def test_scores_that_say_the_same_are_not_written_again(world):
    world.activate()
    with world.store.read(SYSTEM) as work:
        before = work.session.scalar(select(func.max(ChangeLog.seq)))
    report = world.activate()
    assert (report.written_count, report.unchanged_count, report.snapshot_count) == (0, 3, 0)
    with world.store.read(SYSTEM) as work:
        assert work.session.scalar(select(func.max(ChangeLog.seq))) == before


def test_a_change_of_band_is_a_line_of_the_ledger_and_of_the_timeline(world):
    world.activate()
    hot, same = world.contacts[:2]
    world.score(hot, 80.0, "hot")
    world.score(same, 45.0, "cool")
    report = world.activate()
    assert (report.written_count, report.band_change_count) == (2, 1)
    decisions = world.read(lambda work: Decisions(work).about("contact", hot))
    assert [(found.outcome, found.reason) for found in decisions] == [("hot", "band_changed")]
    lines = world.read(lambda work: Activities(work).of_contact(hot))
    assert [(found.kind, found.summary) for found in lines if found.kind == "score_change"] == [
        ("score_change", "Score rose from 40 (cool) to 80 (hot)")
    ]
    assert world.read(lambda work: Decisions(work).about("contact", same)) == []


def test_a_run_that_wrote_something_is_one_line_of_the_ledger(world):
    world.activate()
    runs = world.read(lambda work: Decisions(work).about("batch", "rules"))
    assert [(found.outcome, found.detail["written"]) for found in runs] == [("activated", 3)]


def test_every_written_score_is_logged_for_the_lake(world):
    world.activate()
    world.score(world.contacts[0], 80.0, "hot")
    world.activate()
    with world.store.read(SYSTEM) as work:
        logged = work.session.execute(
            select(ChangeLog.op, func.count()).where(ChangeLog.entity == "score").group_by(ChangeLog.op)
        )
        assert dict(logged.all()) == {"insert": 3, "update": 1}


def provisional(world, contact_id: str, scored_at) -> None:
    row = {
        "contact_id": contact_id,
        "score": 90.0,
        "band": "hot",
        "probability": None,
        "fit_score": 1.0,
        "engagement_score": 1.0,
        "grade": "C3",
        "reasons": [],
        "model_version": "lightgbm-1",
        "is_provisional": True,
        "scored_at": scored_at,
    }
    with world.store.write(world.scope, TESTER) as work:
        Scores(work).put([row], known=[])


def test_a_provisional_score_newer_than_the_build_stands(world):
    provisional(world, world.contacts[0], NOON + timedelta(minutes=1))
    report = world.activate()
    assert (report.written_count, report.kept_provisional_count) == (2, 1)
    assert world.read(lambda work: Scores(work).find(world.contacts[0])).score == 90.0


def test_a_provisional_score_older_than_the_build_is_replaced(world):
    provisional(world, world.contacts[0], NOON - timedelta(minutes=1))
    world.activate()
    found = world.read(lambda work: Scores(work).find(world.contacts[0]))
    assert (found.score, found.is_provisional) == (40.0, False)


def test_a_contact_that_is_gone_is_passed_over(world):
    world.score("gone", 10.0, "cold")
    world.features.insert(
        "features.contact_features",
        [{"organization_id": world.organization_id, "contact_id": "gone", "as_of_at": NOON, "known_at": NOON}],
    )
    report = world.activate()
    assert (report.lead_count, report.written_count, report.snapshot_count) == (4, 3, 3)


def test_the_worker_is_told_which_model_scores(store, features, clock):
    organization_id = make_organization(store).organization_id
    features.learn(organization_id, count=400)
    activate_scores(features.lake, store, organization_id, artifacts=features.artifacts, clock=clock)
    activate_scores(features.lake, store, organization_id, artifacts=features.artifacts, clock=clock)
    with store.read(Scope.of(organization_id)) as work:
        versions = OrganizationSettings(work).versions(MODEL_SETTING)
    assert len(versions) == 1
    assert versions[0].value["artifact_hash"]


def test_one_organization_never_writes_over_anothers_score(store):
    family = make_agency_with_client(store)
    contact_id = make_contact(store, family.client.organization_id).contact_id
    row = {
        "contact_id": contact_id,
        "score": 10.0,
        "band": "cold",
        "reasons": [],
        "fit_score": 0.0,
        "engagement_score": 0.0,
        "grade": "C3",
        "model_version": "m",
        "is_provisional": False,
        "scored_at": NOON,
        "probability": None,
    }
    with store.write(family.client_scope, TESTER) as work:
        Scores(work).put([row], known=[])
    if store.dialect == "sqlite":  # PostgreSQL's fence refuses the statement itself
        with store.write(family.agency_scope, TESTER) as work:
            Scores(work).put([{**row, "score": 99.0}], known=[contact_id])
    with store.read(SYSTEM) as work:
        assert work.session.scalar(select(Score.score).where(Score.contact_id == contact_id)) == 10.0
