"""Whoever steals the database finds no secret in it: every secret is planted, then looked for in all of its bytes."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

from sqlalchemy import select

from domain.tenancy import Scope
from storage.ops.passwords import hash_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.subject_keys import SubjectKeys
from storage.ops.repositories.users import Users
from storage.ops.tables import Base
from tests.conftest import TEST_KEYS
from tests.factories import (
    SYSTEM,
    TESTER,
    make_agency_with_client,
    make_contact,
    make_secret_key,
    make_user,
    make_write_key,
)

PASSWORD = "planted-password-4711"
AUDITED = "planted-audit-value-4711"


def dump(store, settings) -> bytes:
    """All columns of all rows as text, and on SQLite the raw files as well."""
    parts = []
    with store.read(SYSTEM) as work:
        for table in Base.metadata.sorted_tables:
            values = (value for row in work.session.execute(select(table)) for value in row)
            parts += [one if isinstance(one, bytes) else json.dumps(one, default=str).encode() for one in values]
    if store.dialect == "sqlite":
        parts += [path.read_bytes() for path in sorted(settings.data.dir.glob("store.sqlite*"))]
    return b"\n".join(parts)


def spellings(secret: bytes | str) -> set[bytes]:
    raw = secret.encode() if isinstance(secret, str) else secret
    return {raw, raw.hex().encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw)}


def test_planted_secrets_never_appear_in_a_dump(store, settings):
    family = make_agency_with_client(store)
    agency_id = family.agency.organization_id
    contact = make_contact(store, agency_id)
    user = make_user(store, agency_id)
    with store.write(SYSTEM, TESTER) as work:
        Users(work).set_password(user.user_id, hash_password(PASSWORD))
        secrets = {
            "a hash key": Organizations(work).hash_key(agency_id),
            "a subject's key": SubjectKeys(work).ensure(contact.contact_id, agency_id),
            "a session token": LoginSessions(work).create(user.user_id, lasts=timedelta(days=1)),
        }
        for subject in (None, contact.contact_id):
            Audit(work).record(
                "changed",
                "contact",
                contact.contact_id,
                subject_id=subject,
                before={"note": AUDITED},
                after={"note": AUDITED + "!"},
                organization_id=agency_id,
            )
    secrets |= {
        "a secret key": make_secret_key(store, agency_id),
        "a password": PASSWORD,
        "an audited value": AUDITED,
        "the installation's key": base64.b64decode(TEST_KEYS.partition(":")[2]),
    }
    public = make_write_key(store, agency_id)
    found = dump(store, settings)
    assert public.encode() in found, "the dump would not show a secret if there were one"
    shown = [name for name, secret in secrets.items() if any(one in found for one in spellings(secret))]
    assert shown == []


def test_the_values_of_an_organization_open_for_it_alone(store):
    family = make_agency_with_client(store)
    with store.read(SYSTEM) as work:
        here, there = (Organizations(work).hash_key(found.organization_id) for found in (family.agency, family.client))
    assert len(here) == 32
    assert here != there
    with store.read(Scope.of(family.client.organization_id)) as work:
        assert Organizations(work).find(family.agency.organization_id) is None
