"""Marks: the last one holds, each is answered for, and another organization's say nothing here."""

from __future__ import annotations

import pytest

from domain.errors import NotFound
from domain.lookalikes import ExclusionList, MarkedCompanies, MarkKind
from domain.tenancy import Scope
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.company_merges import CompanyMerges
from storage.ops.repositories.lookalike_marks import LookalikeMarks
from storage.ops.tables import AuditEntry
from tests.factories import TESTER, make_company, make_company_summary, make_organization


@pytest.fixture
def home(store):
    organization_id = make_organization(store, "Home").organization_id
    for name in ("alpha", "bravo", "charlie"):
        make_company_summary(store, organization_id, name, domain=f"{name}.example")
    return organization_id


DOMAINS = {"alpha": "alpha.example", "bravo": "bravo.example", "charlie": "charlie.example"}


def marked(store, organization_id, domains=None):
    with store.read(Scope.of(organization_id)) as work:
        return LookalikeMarks(work).standing(domains or DOMAINS)


def mark(store, organization_id, kind, *company_ids, **about):
    with store.write(Scope.of(organization_id), TESTER) as work:
        return LookalikeMarks(work).mark_companies(kind, company_ids, **about)


def test_the_last_mark_of_a_company_holds_and_each_is_answered_for(store, home):
    assert mark(store, home, MarkKind.GOOD, "alpha", "bravo", "nobody") == {
        "alpha": "marked", "bravo": "marked", "nobody": "not_found",
    }  # fmt: skip
    assert mark(store, home, MarkKind.GOOD, "alpha") == {"alpha": "unchanged"}
    assert mark(store, home, MarkKind.UNFIT, "alpha") == {"alpha": "marked"}
    assert marked(store, home) == MarkedCompanies(frozenset({"bravo"}), frozenset({"alpha"}))
    with store.write(Scope.of(home), TESTER) as work:
        newest = LookalikeMarks(work).newest(kinds=[MarkKind.UNFIT])[0]
        LookalikeMarks(work).undo(newest.lookalike_mark_id)
        entries = Audit(work).about("lookalike_mark", newest.lookalike_mark_id)
        told = [(entry.action, Audit(work).values_of(entry)) for entry in reversed(entries)]
    assert [
        (action, values.before and values.before["kind"], values.after and values.after["kind"])
        for action, values in told
    ] == [("mark", None, "good"), ("mark", "good", "unfit"), ("undo", "unfit", None)]
    assert marked(store, home) == MarkedCompanies(frozenset({"bravo"}))


def test_an_excluded_domain_hides_whoever_has_it_unless_the_company_itself_was_called_good(store, home):
    with store.write(Scope.of(home), TESTER) as work:
        LookalikeMarks(work).exclude_domains(
            ["bravo.example", "later.example"], list_name=ExclusionList.COMPETITORS, note="a rival"
        )
    assert marked(store, home).excluded == {"bravo"}
    assert marked(store, home, {**DOMAINS, "new": "later.example"}).excluded == {"bravo", "new"}
    mark(store, home, MarkKind.GOOD, "bravo")
    assert marked(store, home) == MarkedCompanies(frozenset({"bravo"}))


def test_what_was_said_of_a_merged_company_is_said_of_the_one_it_became(store, home):
    kept = make_company(store, home, domain="kept.example", name="Kept")
    gone = make_company(store, home, domain="gone.example", name="Gone")
    mark(store, home, MarkKind.UNFIT, gone.company_id)
    with store.write(Scope.of(home), TESTER) as work:
        merges = CompanyMerges(work)
        merges.merge(*merges.pair(kept.company_id, gone.company_id), [])
    assert marked(store, home, {kept.company_id: "kept.example"}).unfit == {kept.company_id}
    mark(store, home, MarkKind.GOOD, kept.company_id)
    assert marked(store, home, {kept.company_id: "kept.example"}).good == {kept.company_id}


def test_the_same_company_elsewhere_is_not_marked(store, home):
    elsewhere = make_organization(store, "Elsewhere").organization_id
    make_company_summary(store, elsewhere, "alpha", domain="alpha.example")
    mark(store, home, MarkKind.EXCLUDED, "alpha")
    assert not marked(store, elsewhere)
    with store.read(Scope.of(home)) as work:
        (row,) = LookalikeMarks(work).newest()
    with store.write(Scope.of(elsewhere), TESTER) as work:
        with pytest.raises(NotFound):
            LookalikeMarks(work).undo(row.lookalike_mark_id)
        assert work.session.query(AuditEntry).filter_by(organization_id=elsewhere).count() == 0
