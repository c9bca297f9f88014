"""`leadhouse audit`: whether anybody changed the record of what was done."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from domain.errors import InvalidInput
from domain.tenancy import Actor, Scope
from orchestration.cli.console import emit, guarded, out
from orchestration.organizations import Named, all_organizations, organization_named
from orchestration.state import open_store
from storage.ops.repositories.audit import Audit
from storage.ops.store import Store

app = typer.Typer(no_args_is_help=True)
BROKEN = 2
"""Exit code where a log is not whole; 1 is an error of asking."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What a verification of one organization's log found."""

    organization: str
    count: int
    is_whole: bool
    broken_at: int | None
    reason: str
    end: str


@app.callback()
def _group() -> None:
    """The audit log."""


@app.command("verify", help="Walk the chain of every audit log: exit code 2 where a row was changed, moved or cut off.")
@guarded
def verify(
    org: Annotated[str | None, typer.Option("--org", help="Slug or id of one organization; else all.")] = None,
    expect: Annotated[
        str | None, typer.Option("--expect", help="COUNT:END of a former report, which the log must begin with.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    if expect is not None and org is None:
        raise InvalidInput("--expect is about one log", hint="Name its organization with --org.")
    store = open_store()
    asked = [organization_named(store, org)] if org else list(all_organizations(store))
    found = [_verified(store, each, expect) for each in asked]
    emit([asdict(each) for each in found], as_json=as_json, show=lambda: _show(found))
    if not all(each.is_whole for each in found):
        raise SystemExit(BROKEN)


def _verified(store: Store, organization: Named, expect: str | None) -> Verified:
    scope = Scope.of(organization.organization_id)
    with store.read(scope) as work:
        report = Audit(work).verify()
        reason = report.reason or _unlike(Audit(work), expect, report.count)
    with store.write(scope, Actor.system("command line")) as work:
        Audit(work).note_verified(report)
    return Verified(organization.slug, report.count, not reason, report.broken_at, reason, report.end)


def _unlike(audit: Audit, expect: str | None, count: int) -> str:
    """Why the log does not begin with the one of a former report; "" where it does."""
    if expect is None:
        return ""
    position, _, end = expect.partition(":")
    if not position.isdigit() or len(end) != 64:
        raise InvalidInput(f"not COUNT:END: {expect!r}", hint="Copy it from the former report.")
    if int(position) > count:
        return f"the former log had {position} rows: this is an older copy"
    found = audit.page(limit=1, before_position=int(position) + 1)
    return "" if found and found[0].chain == end else "the log does not begin with the former one"


def _show(found: list[Verified]) -> None:
    for each in found:
        state = "[green]whole [/]" if each.is_whole else "[bold red]broken[/]"
        line = f"{state}  {each.organization:<24} {each.count:>9,} rows  {each.count}:{each.end}"
        out.print(line, soft_wrap=True)
        if not each.is_whole:
            place = f" at row {each.broken_at:,}" if each.broken_at else ""
            advice = "Hold the store against a backup, and find who could write to it."
            out.print(f"        {each.reason}{place}; {each.count:,} rows fit. {advice}", soft_wrap=True)
