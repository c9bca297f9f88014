"""Sealed values: bound to their place, opened by every configured key, moved to the newest."""

from __future__ import annotations

import stat

import pytest
from pydantic import SecretStr

from domain.errors import InvalidInput, NotConfigured
from domain.settings import DataSettings, SecuritySettings, Settings
from domain.tenancy import Scope
from storage.ops import rotation
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.repositories.organizations import Organizations
from storage.ops.sealing import SealBroken, Sealer, ensure_keys, load_sealer, new_key, parse_keys
from storage.ops.store import Store
from tests.factories import SYSTEM, TESTER, make_contact, make_organization

OLD, NEW = new_key("old"), new_key("new")


def test_a_sealed_value_opens_only_where_it_stands():
    sealer = Sealer(parse_keys(OLD))
    sealed = sealer.seal(b"secret", "org", "organizations", "hash_key")
    assert sealer.open(sealed, "org", "organizations", "hash_key") == b"secret"
    for elsewhere in (
        ("other", "organizations", "hash_key"),
        ("org", "subject_keys", "hash_key"),
        ("org", "organizations", "x"),
    ):
        with pytest.raises(SealBroken):
            sealer.open(sealed, *elsewhere)


@pytest.mark.parametrize("position", [0, 1, 4, 10, 20, -1])
def test_no_byte_of_a_sealed_value_can_be_changed(position):
    sealer = Sealer(parse_keys(OLD))
    sealed = bytearray(sealer.seal(b"secret", "org", "t", "c"))
    sealed[position] ^= 1
    with pytest.raises(SealBroken):
        sealer.open(bytes(sealed), "org", "t", "c")


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01\xff", b"plain text that was never sealed"])
def test_what_was_never_sealed_does_not_open(value):
    with pytest.raises(SealBroken):
        Sealer(parse_keys(OLD)).open(value, "org", "t", "c")


def test_a_new_key_in_front_seals_and_the_old_one_still_opens():
    sealed = Sealer(parse_keys(OLD)).seal(b"secret", "org", "t", "c")
    both = Sealer(parse_keys(f"{NEW},{OLD}"))
    assert both.open(sealed, "org", "t", "c") == b"secret"
    moved = both.reseal(sealed, "org", "t", "c")
    assert both.reseal(moved, "org", "t", "c") is None
    assert Sealer(parse_keys(NEW)).open(moved, "org", "t", "c") == b"secret"
    with pytest.raises(SealBroken, match="not configured"):
        Sealer(parse_keys(NEW)).open(sealed, "org", "t", "c")


@pytest.mark.parametrize(
    "text", ["k1", "k1:", "k1:c2hvcnQ=", ":c2hvcnQtc2hvcnQtc2hvcnQtc2hvcnQtc2hvcnQtISE=", "k1:not base64!"]
)
def test_a_key_that_is_none_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_keys(text)


def test_the_key_file_is_written_once_and_for_its_owner_only(tmp_path):
    settings = Settings(data=DataSettings(dir=tmp_path / "data"))
    with pytest.raises(NotConfigured) as missing:
        load_sealer(settings)
    assert missing.value.hint
    path = ensure_keys(settings)
    written = path.read_text(encoding="ascii")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_keys(settings) == path
    assert path.read_text(encoding="ascii") == written
    load_sealer(settings)


def test_keys_in_the_settings_need_no_file(tmp_path):
    settings = Settings(data=DataSettings(dir=tmp_path), security=SecuritySettings(keys=SecretStr(OLD)))
    assert ensure_keys(settings) is None
    assert not (tmp_path / "keys").exists()


def test_after_a_rotation_everything_opens_without_the_old_key(store, settings):
    agency = make_organization(store)
    contact = make_contact(store, agency.organization_id)
    with store.write(SYSTEM, TESTER) as work:
        hash_key = Organizations(work).hash_key(agency.organization_id)
        for subject in (None, contact.contact_id):
            Audit(work).record(
                "changed", "x", "1", subject_id=subject, after={"a": 1}, organization_id=agency.organization_id
            )
    facts = {"options": {}, "per_unit": 0, "per_minute": 60, "concurrent": 1}
    with store.write(Scope.of(agency.organization_id), TESTER) as work:
        EnrichmentConnections(work).add("hunter", "hunter", secrets={"api_key": "s3cret"}, facts=facts)
    current = settings.security.keys.get_secret_value()
    with_both = settings.model_copy(update={"security": SecuritySettings(keys=SecretStr(f"{NEW},{current}"))})
    moved = rotation.reseal(with_both)
    assert moved == {
        "organizations.hash_key": 1,
        "subject_keys.sealed_key": 1,
        "audit_heads.sealed_head": 1,
        "audit_log.sealed_before": 0,
        "enrichment_connections.sealed_secrets": 1,
        "mailboxes.sealed_secrets": 0,
        "sending_domains.sealed_dkim_key": 0,
        "sending_domains.sealed_next_dkim_key": 0,
        "provider_reports.sealed_request": 0,
        "provider_webhooks.sealed_former_secret": 0,
        "provider_webhooks.sealed_secret": 0,
        "webhook_endpoints.sealed_former_secret": 0,
        "webhook_endpoints.sealed_secret": 0,
        "audit_log.sealed_after": 2,
        "idempotency_keys.sealed_answer": 0,
        "identity_providers.sealed_secret": 0,
        "second_factors.sealed_secret": 0,
    }
    assert set(rotation.reseal(with_both).values()) == {0}
    without_old = settings.model_copy(update={"security": SecuritySettings(keys=SecretStr(NEW))})
    reopened = Store.open(without_old)
    with reopened.read(SYSTEM) as work:
        assert Organizations(work).hash_key(agency.organization_id) == hash_key
        assert Audit(work).verify(agency.organization_id).broken_at is None
        assert [Audit(work).values_of(row).after for row in Audit(work).about("x", "1")] == [{"a": 1}, {"a": 1}]
    with reopened.read(Scope.of(agency.organization_id)) as work:
        connections = EnrichmentConnections(work)
        assert connections.secrets_of(connections.of_organization()[0]) == {"api_key": "s3cret"}
    reopened.close()
