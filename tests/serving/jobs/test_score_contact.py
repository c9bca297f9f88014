"""A lead scored as it comes: from what the last build knew and what was said since, and marked as provisional."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import numpy as np
import pytest

from domain.ids import new_id
from domain.priors.chances import ClientPrior, LevelPrior
from domain.scoring_models import MODEL_SETTING
from domain.scoring_rules import SETTING
from domain.tenancy import Scope
from models_ml import artifacts
from models_ml.lead_scoring.calibration import UNCALIBRATED
from models_ml.lead_scoring.features import Feature
from models_ml.lead_scoring.learners import Scorecard
from models_ml.lead_scoring.model import MODEL, LeadModel
from serving.jobs import score_contact
from serving.jobs.base import JobContext, all_kinds
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.forms import Forms, FormSubmissions
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.scores import Scores
from storage.ops.repositories.shared_learning import SharedLearning
from storage.ops.tables import EventInbox
from tests.conftest import NOON
from tests.factories import TESTER, make_contact, make_organization

FEATURES = (
    Feature("attributes.plan", "Plan", "category", ("basic", "pro")),
    Feature("pricing_views_30d", "Pricing pages seen in 30 days", "number"),
)


class Desk:
    """An organization whose leads are scored one at a time."""

    def __init__(self, store, settings, clock) -> None:
        self.store, self.settings, self.clock = store, settings, clock
        self.organization_id = make_organization(store).organization_id
        self.scope = Scope.of(self.organization_id)
        with self.writing() as work:
            AttributeDefinitions(work).ensure("plan", label="Plan")
            AttributeDefinitions(work).ensure("call_seconds", data_type="integer", role="post_outcome")

    def writing(self):
        return self.store.write(self.scope, TESTER)

    def lead(self, **facts) -> str:
        return make_contact(self.store, self.organization_id, source="form", **facts).contact_id

    def run(self, contact_id: str) -> None:
        context = JobContext(self.store, self.settings, self.clock, self.organization_id, new_id())
        score_contact.run(context, {"contact_id": contact_id})

    def score(self, contact_id: str):
        with self.store.read(self.scope) as work:
            return Scores(work).find(contact_id)

    def activate_model(self) -> None:
        """A model for which `pro` and pricing pages count."""
        chance = np.random.default_rng(1)
        matrix = np.column_stack([chance.integers(0, 2, 500), chance.poisson(1.0, 500)]).astype(float)
        odds = 2 * matrix[:, 0] + matrix[:, 1] - 2.5
        learner = Scorecard.fit(FEATURES, matrix, chance.random(500) < 1 / (1 + np.exp(-odds)), 1)
        files = LeadModel(FEATURES, learner, UNCALIBRATED, -1.0).files()
        content_hash = artifacts.save(self.settings.data.dir.absolute() / "models", MODEL, files, {})
        pointer = {"version": "logistic-test", "algorithm": "logistic", "artifact_hash": content_hash}
        with self.writing() as work:
            OrganizationSettings(work).put(MODEL_SETTING, pointer)

    def snapshot(self, contact_id: str, **features) -> None:
        row = {"contact_id": contact_id, "as_of_at": NOON - timedelta(hours=1), "features": features}
        with self.writing() as work:
            Scores(work).put_snapshots([row])

    def event(self, contact_id: str | None, path: str, minutes_ago: float = 1, *, is_bot: bool = False) -> None:
        at = self.clock() - timedelta(minutes=minutes_ago)
        body = {
            "type": "page_view",
            "contact_id": contact_id,
            "occurred_at": at.isoformat(),
            "page": {"url": f"https://acme.example{path}"},
        }
        with self.writing() as work:
            work.session.add(
                EventInbox(
                    organization_id=self.organization_id,
                    event_id=new_id(),
                    received_at=at,
                    body=json.dumps(body),
                    context=json.dumps({"is_bot": is_bot}),
                )
            )

    def submission(self, contact_id: str, minutes_ago: float = 1) -> None:
        with self.writing() as work:
            form = Forms(work).create("Contact us", fields=[])
            FormSubmissions(work).add(
                form=form,
                submission_id=new_id(),
                contact_id=contact_id,
                anonymous_id=None,
                answers={},
                submitted_at=self.clock() - timedelta(minutes=minutes_ago),
            )


@pytest.fixture
def desk(store, settings, clock) -> Desk:
    return Desk(store, settings, clock)


def test_the_worker_finds_this_kind_of_job():
    assert all_kinds()["score_contact"].lane == "short"


def test_before_any_model_a_prior_says_the_chance_by_what_is_known_now_and_a_model_says_it_afterwards(desk):
    levels = {("source", "form"): LevelPrior(0.5, 50, 4, 900), ("seniority", "executive"): LevelPrior(1.0, 50, 3, 300)}
    prior = ClientPrior(0.1, 50, 0.5, 4, 1200, levels=levels)
    with desk.writing() as work:
        SharedLearning(work).keep_prior(prior, NOON)
    lead = desk.lead(title="CEO")
    desk.run(lead)
    found = desk.score(lead)
    chance = prior.chances().of(("form", "unknown", "corporate", "executive", "unknown", "unknown"))
    assert found.probability == pytest.approx(chance.probability, abs=1e-6)
    assert found.reasons[-1] == {"text": prior.words(chance), "effect": 0.0, "source": "prior"}
    assert "from 4 clients of the agency, 1,200 people" in found.reasons[-1]["text"]
    desk.activate_model()
    desk.run(lead)
    assert "prior" not in {reason["source"] for reason in desk.score(lead).reasons}


def test_a_new_lead_has_a_provisional_score_with_reasons_before_any_model(desk):
    lead = desk.lead(title="Head of Marketing")
    desk.submission(lead)
    desk.run(lead)
    found = desk.score(lead)
    assert found.is_provisional
    assert (found.probability, found.model_version) == (None, "rules-default-1")
    texts = [reason["text"] for reason in found.reasons]
    assert "Title of somebody who decides: Head of Marketing" in texts
    assert "Forms sent in 30 days: 1" in texts


def test_the_activated_model_scores_with_the_leads_own_attributes(desk):
    desk.activate_model()
    pro, basic = desk.lead(attributes={"plan": "pro"}), desk.lead(attributes={"plan": "basic"})
    desk.run(pro)
    desk.run(basic)
    assert desk.score(pro).score > desk.score(basic).score + 10
    assert desk.score(pro).reasons[0]["text"] == "Plan: pro"
    assert desk.score(pro).model_version == "logistic-test"


def test_events_that_have_not_landed_count_on_top_of_the_last_build(desk):
    desk.activate_model()
    lead = desk.lead(attributes={"plan": "basic"})
    desk.snapshot(lead, pricing_views_30d=1, page_views_30d=1, page_views_7d=1, sessions_7d=1, sessions_30d=1)
    desk.run(lead)
    before = desk.score(lead).score
    desk.event(lead, "/pricing")
    desk.event(lead, "/pricing/agency")
    desk.event("somebody-else", "/pricing")
    desk.event(lead, "/pricing", is_bot=True)
    desk.run(lead)
    found = desk.score(lead)
    assert found.score > before
    assert any(reason["text"] == "Pricing pages seen in 30 days: 3" for reason in found.reasons)


def test_what_is_known_only_after_the_outcome_is_not_even_shown_to_the_rules(desk):
    rules = {"fit": [{"name": "g", "cap": 50, "rules": [
        {"name": "long", "points": 50, "when": {"attributes.call_seconds": {"at_least": 1}}}]}]}  # fmt: skip
    with desk.writing() as work:
        OrganizationSettings(work).put(SETTING, rules)
    lead = desk.lead(attributes={"call_seconds": 600})
    desk.run(lead)
    assert desk.score(lead).fit_score == 0


def test_a_first_score_and_a_change_of_band_are_told_once(desk):
    desk.activate_model()
    lead = desk.lead(attributes={"plan": "basic"})
    desk.run(lead)
    desk.run(lead)
    for _ in range(4):
        desk.event(lead, "/pricing")
    desk.run(lead)
    desk.run(lead)
    with desk.store.read(desk.scope) as work:
        decided = [found.reason for found in reversed(Decisions(work).about("contact", lead)) if found.kind == "score"]
        told = [found for found in Activities(work).of_contact(lead) if found.kind == "score_change"]
    assert decided == ["first_scored", "band_changed"]
    assert len(told) == 2


def test_scoring_again_without_news_writes_nothing(desk):
    lead = desk.lead()
    desk.run(lead)
    first = desk.score(lead).scored_at
    desk.clock.now += timedelta(seconds=5)
    desk.run(lead)
    assert desk.score(lead).scored_at == first


def test_a_contact_that_is_gone_is_no_error(desk):
    desk.run("nobody")
    assert desk.score("nobody") is None


def test_where_the_models_files_are_missing_the_rules_score_and_say_so(desk):
    with desk.writing() as work:
        OrganizationSettings(work).put(MODEL_SETTING, {"version": "lightgbm-1", "artifact_hash": "0" * 64})
    lead = desk.lead()
    desk.run(lead)
    assert desk.score(lead).model_version == "rules-default-1 (lightgbm-1 is missing)"


def test_a_lead_is_scored_well_within_a_second_among_a_busy_inbox(desk):
    desk.activate_model()
    lead = desk.lead(attributes={"plan": "pro"})
    row = {"organization_id": desk.organization_id, "source": "website_events", "received_at": NOON, "context": "{}"}
    body = json.dumps({"type": "page_view", "anonymous_id": "x" * 32, "occurred_at": NOON.isoformat()})
    with desk.writing() as work:
        work.session.add_all(EventInbox(**row, event_id=new_id(), body=body) for _ in range(3000))
    desk.run(lead)
    started = time.process_time()
    desk.event(lead, "/pricing")
    desk.run(lead)
    assert time.process_time() - started < 0.5
