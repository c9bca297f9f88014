"""The two roads to a lead's facts, dbt's and the worker's, lead to the same place: the same story told to both."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from models_ml.lead_scoring.features import BUILT_IN
from models_ml.lead_scoring.predict import score_contact
from models_ml.lead_scoring.provisional import RecordNow, Snapshot, VisitEvent, facts_now
from models_ml.lead_scoring.rules import default_rules
from tests.dbt_project.world import World, at

BUILD_AT, LATER = at(days=2), at(days=2, hours=3)
EARLIEST_VISIT = [(0, "page_view", "/plans"), (4, "page_view", "/about")]
"""Before anybody knew who it was."""
FIRST_VISIT = [
    (0, "page_view", "/"),
    (1, "page_view", "/pricing"),
    (2, "page_ping", "/pricing"),
    (3, "file_download", "/guide.pdf"),
]
SECOND_VISIT = [(0, "page_view", "/pricing/agency"), (2, "page_view", "/plans"), (50, "page_view", "/")]
SAME = sorted(set(BUILT_IN) - {"first_touch_channel"})
"""The worker does not classify arrivals: a channel first known after the build is missing until the next."""
LARGEST_GAP = 1.0
"""Points that a provisional score may differ from the build's on the same facts."""


def told(start, steps):
    return [
        VisitEvent(start + timedelta(minutes=minute), kind, path, 25.0 if kind == "page_ping" else 0.0)
        for minute, kind, path in steps
    ]


def tell(world, visit, name):
    for number, event in enumerate(visit):
        world.event(
            f"{name}-{number}", event.occurred_at, type=event.type, page_path=event.page_path,
            contact_id="ada", email_hash="hash-ada", properties=json.dumps({"engaged_seconds": event.engaged_seconds}),
        )  # fmt: skip


def record() -> RecordNow:
    return RecordNow(
        known_at=at(),
        source="form",
        country=None,
        email_domain_type="corporate",
        has_phone=False,
        has_company=True,
        title="Head of Growth",
        attributes={},
        company_industry="Retail",
        company_employee_count=40,
    )


def built(world, build_at):
    world.land()
    world.dbt("seed", build_at=build_at)
    world.dbt("run", "--select", "+contact_features", build_at=build_at)
    return world.rows("select * from features.contact_features where organization_id = 'org-a'")[0]


@pytest.mark.slow
def test_the_worker_counts_as_the_build_counts(tmp_path):
    world = World(tmp_path)
    world.organization("org-a")
    world.change("company", "ada-co", name="Ada & Co", industry="Retail", employee_count=40)
    world.contact("ada", title="Head of Growth", company_id="ada-co")
    before = [*told(at(days=-1), EARLIEST_VISIT), *told(at(days=1), FIRST_VISIT)]
    after = told(at(days=2, hours=1), SECOND_VISIT)
    tell(world, before, "first")
    snapshot = built(world, BUILD_AT)
    tell(world, after, "second")
    built_later = built(world, LATER)
    world.close()
    kept = Snapshot(BUILD_AT, {name: snapshot[name] for name in BUILT_IN})
    for now_facts, batch in (
        (facts_now(record(), None, before, [], BUILD_AT), snapshot),
        (facts_now(record(), kept, after, [], LATER), built_later),
    ):
        same = {name: pytest.approx(batch[name]) for name in SAME if batch[name] is not None}
        assert {name: now_facts[name] for name in same} == same
        provisional = score_contact(now_facts, None, default_rules())
        final = score_contact(batch, None, default_rules())
        assert abs(provisional.score - final.score) <= LARGEST_GAP
