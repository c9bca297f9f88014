"""Which organization has the demo site, and what its pages need."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import NotFound
from domain.tenancy import Scope, SystemScope
from serving.forms.service import PublicForm, open_form
from storage.ops.repositories.api_keys import ApiKeys, is_live
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Store

SETTING = "demo_site"
"""{form_id} on the organization whose site it is; the demo writes it (`orchestration.demo_site`)."""


@dataclass(frozen=True, slots=True)
class DemoSite:
    """A site's public key and its form."""

    write_key: str
    form: PublicForm


def find_demo_site(store: Store) -> DemoSite:
    """Raises NotFound where no organization has one, or its key was revoked."""
    with store.read(SystemScope("the demo site")) as work:
        settings = OrganizationSettings(work)
        holder = next(iter(settings.holders(SETTING)), None)
        setting = settings.current(SETTING, organization_id=holder) if holder else None
    if holder is None or setting is None:
        raise NotFound("There is no demo site here.", hint="`make demo` makes one.")
    with store.read(Scope.of(holder)) as work:
        keys = [key for key in ApiKeys(work).all() if key.kind == "write" and is_live(key, work.now())]
    if not keys:
        raise NotFound("The demo site's key was revoked.")
    return DemoSite(keys[-1].prefix, open_form(store, setting.value["form_id"]))
