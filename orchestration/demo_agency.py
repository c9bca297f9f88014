"""The demo: an agency with two clients. One gets real leads by import, the other a drawn history by every other door."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from data.simulator.crm import write_crm
from data.simulator.history import HistoryFile, write_history
from data.simulator.world import World
from domain.clock import Clock
from domain.contacts import EmailAddress
from domain.settings import Settings
from domain.tenancy import Actor, Role, Scope, SystemScope
from ingest.batches import land_file
from ingest.landing import pending
from orchestration.demo_site import open_demo_site
from orchestration.organizations import Named, all_organizations
from orchestration.people import create_organization, create_user
from orchestration.state import ROOT
from storage.lake import Lake
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

AGENCY = "Northlight Agency"
BANK = "Meridian Bank"
STUDIO = "Brightside Studio"
EMAIL = "demo@northlight.example"
ACTOR = Actor.system("demo")
BANK_FILE = ROOT / "data" / "samples" / "uci_bank_marketing.csv.gz"
SEED, DAYS, PEOPLE, WEEKS_BEFORE = 20261, 180, 9000, 8

Progress = Callable[[str, int, int, str], None]


@dataclass(frozen=True, slots=True)
class DemoAgency:
    """The agency's clients in order, the login made for this run, and whether anything is new since the last one."""

    clients: tuple[Named, ...]
    email: str
    password: str
    has_news: bool


def build_demo_agency(store: Store, lake: Lake, settings: Settings, *, clock: Clock, progress: Progress) -> DemoAgency:
    """Makes what is missing and brings in what is new; safe to run again."""
    found = {each.name: each for each in all_organizations(store)}
    if AGENCY not in found:
        create_organization(store, name=AGENCY, time_zone="Europe/Lisbon", currency="EUR")
        agency = {each.name: each for each in all_organizations(store)}[AGENCY]
        for client in (BANK, STUDIO):
            create_organization(store, name=client, agency=agency.slug, time_zone="Europe/Lisbon", currency="EUR")
        found = {each.name: each for each in all_organizations(store)}
    password = secrets.token_urlsafe(9)
    create_user(
        store, EmailAddress.parse(EMAIL), found[AGENCY].organization_id, Role.OWNER, password, name="Demo Owner"
    )
    open_demo_site(store, Scope.of(found[STUDIO].organization_id))
    imported = _import_bank(store, settings, found[BANK], progress)
    landed = _draw_studio(store, lake, settings, found[STUDIO], clock, progress)
    news = imported or landed or any(pending(store).values())
    return DemoAgency((found[BANK], found[STUDIO]), EMAIL, password, news)


def _import_bank(store: Store, settings: Settings, bank: Named, progress: Progress) -> bool:
    """The UCI leads, through the path of any CSV; answers whether they were new."""
    scope = Scope.of(bank.organization_id)
    content = gzip.decompress(BANK_FILE.read_bytes())
    made = create_import(
        store, settings, scope, ACTOR, content=content, file_name="bank-full.csv", entity="contacts",
        outcome_column="y", positive_value="yes", post_outcome_columns=("duration",),
    )  # fmt: skip
    if made.was_imported_before:
        return False
    run_import(
        store, settings, made.import_id, progress=lambda done, total: progress("import bank leads", done, total, "")
    )
    return True


def _draw_studio(store: Store, lake: Lake, settings: Settings, studio: Named, clock: Clock, progress: Progress) -> bool:
    """The studio's history up to today; answers whether any of it was new."""
    scope = Scope.of(studio.organization_id)
    now = clock()
    world = _world(store, scope, now)
    today = datetime.combine(now.date(), time(), now.tzinfo)
    crm = write_crm(
        store, scope, world, until=today, progress=lambda done, total: progress("draw studio CRM", done, total, "")
    )
    with store.read(SystemScope("hash of addresses")) as work:
        key = Organizations(work).hash_key(studio.organization_id)
    folder = settings.data.dir.absolute() / "demo" / studio.slug
    files = write_history(
        world, folder, until=now.date(), hashed=lambda address: EmailAddress.parse(address).hashed(key)
    )
    return _land(lake, store, studio, files, clock, progress) or bool(crm.contact_count or crm.stage_count)


def _world(store: Store, scope: Scope, now: datetime) -> World:
    """The same world at every run: its first day is remembered as a setting of the organization."""
    with store.write(scope, ACTOR) as work:
        settings = OrganizationSettings(work)
        kept = settings.current("demo_world")
        found = kept.value if kept else {"starts_on": str(now.date() - timedelta(weeks=WEEKS_BEFORE)), "seed": SEED}
        settings.put("demo_world", found)
    return World(int(found["seed"]), datetime.fromisoformat(found["starts_on"]).date(), DAYS, PEOPLE)


def _land(lake: Lake, store: Store, studio: Named, files: list[HistoryFile], clock: Clock, progress: Progress) -> bool:
    news = False
    for number, file in enumerate(files, start=1):
        report = land_file(lake, store, file.source, studio.organization_id, file.path, clock=clock)
        news = news or bool(report.row_count)
        progress("land studio history", number, len(files), file.source)
    return news
