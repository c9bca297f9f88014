"""`leadhouse erase`: forgets a person everywhere, now."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from domain.clock import utc_now
from domain.tenancy import Actor, Scope
from orchestration.cli.console import emit, out
from orchestration.erasing import Erased, erase_waiting, parse_whom
from orchestration.organizations import organization_named
from orchestration.state import current_settings, open_lake, open_store
from storage.ops.erasing import ask_erasure


def erase(
    org: Annotated[str, typer.Option("--org", help="Slug or id of the organization.")],
    email: Annotated[str | None, typer.Option(help="Their e-mail address, contact or not.")] = None,
    contact: Annotated[str | None, typer.Option(help="Id of the contact.")] = None,
    drop_backups: Annotated[
        bool, typer.Option("--drop-backups", help="Delete copies of the store that still hold them.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    address, contact_id = parse_whom(email, contact)
    store, settings = open_store(), current_settings()
    organization = organization_named(store, org)
    with store.write(Scope.of(organization.organization_id), Actor("user", "command line")) as work:
        asked = ask_erasure(work, contact_id=contact_id, email=address)
    done = erase_waiting(store, open_lake(), settings, clock=utc_now, drop_backups=drop_backups)
    own = next(one for one in done if one.erasure_id == asked.erasure_id)
    emit(asdict(own), as_json=as_json, show=lambda: _show(own))


def _show(done: Erased) -> None:
    out.print("[bold]Erased.[/] Marts forget them in their counts with the next build.")
    for place, count in sorted(done.counts.items()):
        out.print(f"  {place:<44} {count:>7,}")
    if done.backups:
        out.print(f"[yellow]Still in backups[/]: {', '.join(done.backups)} (delete them, or use --drop-backups).")
