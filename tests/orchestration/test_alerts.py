"""After a build, the worker has one job for each organization that has alert rules."""

from __future__ import annotations

from domain.alerts import JOB, SETTING
from orchestration.defs.activation.alerts import queue_judgements
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organization_settings import OrganizationSettings
from tests.factories import TESTER, make_agency_with_client


def test_only_organizations_with_rules_are_judged_and_once(store):
    family = make_agency_with_client(store)
    with store.write(family.agency_scope, TESTER) as work:
        OrganizationSettings(work).put(SETTING, {"rules": []})
    for _ in range(2):
        assert queue_judgements(store) == 1
    with store.read(family.agency_scope) as work:
        assert Jobs(work).is_waiting(JOB)
    with store.read(family.client_scope) as work:
        assert not Jobs(work).is_waiting(JOB)
