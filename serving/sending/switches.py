"""What stops all sending at once: of the installation, by a setting or a file; of an organization, by its own switch."""

from __future__ import annotations

from pathlib import Path

from domain.settings import Settings
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Work

SETTING = "sending"
FILE = "sending.stopped"
"""In the data folder: while it is there, this machine sends nothing. It holds from the next message on."""


def stop_file(settings: Settings) -> Path:
    return settings.data.dir / FILE


def is_installation_stopped(settings: Settings) -> bool:
    return not settings.outreach.enabled or stop_file(settings).exists()


def is_organization_stopped(work: Work, organization_id: str) -> bool:
    held = OrganizationSettings(work).current(SETTING, organization_id=organization_id)
    return bool(held and held.value.get("is_stopped"))


def stopped_organizations(work: Work) -> frozenset[str]:
    """Those whose switch is off (SystemScope)."""
    return frozenset(
        each for each in OrganizationSettings(work).holders(SETTING) if is_organization_stopped(work, each)
    )


def closed(work: Work, settings: Settings, organization_id: str) -> str:
    """The switch that is off, in the words of a reason; empty where sending is on."""
    if is_installation_stopped(settings):
        return "installation_stopped"
    return "organization_stopped" if is_organization_stopped(work, organization_id) else ""
