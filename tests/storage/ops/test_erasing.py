"""The store's part of an erasure, on both databases: every table is searched, also one that is made tomorrow."""

from __future__ import annotations

import pytest
from sqlalchemy import LargeBinary, Text, cast, select

from domain.contacts import EmailAddress
from domain.tenancy import Scope
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.erasing import ask_erasure, erase_from_store
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.erasures import NOT_SEARCHED, UNLINKED, Erasures
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.tables import Base
from tests.factories import SYSTEM, TESTER, make_organization

ADA = "ada.unique@lovelace.example"


def tables_with(store, word: str) -> list[str]:
    found = []
    with store.read(SYSTEM) as work:
        for table in Base.metadata.sorted_tables:
            texts = [cast(column, Text) for column in table.columns if not isinstance(column.type, LargeBinary)]
            rows = work.session.execute(select(*texts)).all()
            if any(word in str(value).casefold() for row in rows for value in row):
                found.append(table.name)
    return found


def test_a_person_goes_from_every_table_and_their_import_can_still_be_read(store, settings):
    organization = make_organization(store)
    scope = Scope.of(organization.organization_id)
    content = f"email,name\n{ADA},Ada\nbob@babbage.example,Bob\n".encode()
    made = create_import(store, settings, scope, TESTER, content=content, file_name="leads.csv")
    run_import(store, settings, made.import_id)
    with store.write(scope, TESTER) as work:
        ada = Contacts(work).find_by_email(EmailAddress.parse(ADA))
        Activities(work).add(kind="note", summary=f"{ADA} called about 100%")
        RejectedEvents(work).add(reason="unknown_type", body=f'{{"email": "{ADA.upper()}"}}')
        Jobs(work).enqueue("score_contact", payload={"contact_id": ada.contact_id})
        asked = ask_erasure(work, email=EmailAddress.parse(ADA))
    assert {"contacts", "activities", "rejected_events", "change_log"} <= set(tables_with(store, ADA))
    counts = erase_from_store(store, settings, asked.erasure_id, TESTER)
    assert counts["rows of uploaded files"] == 1
    assert tables_with(store, ADA) == []
    assert set(tables_with(store, ada.contact_id)) <= {"audit_log", "erasures", "change_log"}
    assert erase_from_store(store, settings, asked.erasure_id, TESTER) == {}
    with store.read(scope) as work:
        assert Erasures(work).get(asked.erasure_id).status == "store_erased"
        assert Contacts(work).find_by_email(EmailAddress.parse("bob@babbage.example")) is not None


@pytest.mark.parametrize("name", sorted(NOT_SEARCHED | UNLINKED))
def test_every_exception_is_a_table(name):
    assert name in Base.metadata.tables
