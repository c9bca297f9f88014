"""The organization's word on what is noted of messages."""

from __future__ import annotations

from domain.outreach.tracking import TrackingSetting
from domain.settings import Settings
from serving.mailboxes.schemas import LinkAddressOut, TrackingOut
from serving.sending.tracking import SETTING, address_of, setting_of
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.mailboxes import Mailboxes, SendingDomains
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Work


def read(work: Work, settings: Settings) -> TrackingOut:
    kept = SendingDomains(work).of_organization()
    addresses = {
        name: address_of(kept.get(name), settings) for name in sorted({row.domain for row in Mailboxes(work).in_use()})
    }
    return TrackingOut(
        **setting_of(work).model_dump(),
        addresses=[
            LinkAddressOut(domain=name, address=address, is_own=address != settings.public_url)
            for name, address in addresses.items()
        ],
    )


def put(work: Work, settings: Settings, wanted: TrackingSetting) -> TrackingOut:
    before = setting_of(work)
    OrganizationSettings(work).put(SETTING, wanted.model_dump(mode="json"))
    if wanted != before:
        Audit(work).record(
            "change", "setting", SETTING, before=before.model_dump(mode="json"), after=wanted.model_dump(mode="json")
        )
    return read(work, settings)
