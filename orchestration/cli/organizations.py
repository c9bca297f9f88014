"""`leadhouse organizations`: agencies, their clients, their keys, and who may sign in."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import Annotated

import typer

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.tenancy import Role
from orchestration.cli.console import emit, guarded, out
from orchestration.organizations import all_organizations, organization_named
from orchestration.people import create_organization, create_user, reset_link, turn_off_second_factor
from orchestration.state import current_settings, open_store

app = typer.Typer(no_args_is_help=True)


@app.command("list", help="Every organization with its slug.")
@guarded
def list_organizations(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    found = all_organizations(open_store())
    lines = "\n".join(f"{each.slug:<24} {each.organization_id}  {each.name}" for each in found)
    emit([asdict(each) for each in found], as_json=as_json, show=lambda: out.print(lines))


@app.command("create", help="An agency, or with --agency one of its clients; prints its public write key.")
@guarded
def create(
    name: Annotated[str, typer.Argument(help="Name as people write it.")],
    agency: Annotated[str | None, typer.Option(help="Slug of the agency that a client belongs to.")] = None,
    time_zone: Annotated[str, typer.Option(help="IANA time zone of its days.")] = "UTC",
    currency: Annotated[str, typer.Option(help="ISO 4217 code of its reports.")] = "USD",
) -> None:
    created = create_organization(open_store(), name=name, agency=agency, time_zone=time_zone, currency=currency)
    out.print(f"{created.slug}  {created.organization_id}\npublic write key: {created.write_key}")


@app.command("add-user", help="Lets a person sign in; prints a password made for them.")
@guarded
def add_user(
    email: Annotated[str, typer.Argument(help="Their e-mail address.")],
    org: Annotated[str, typer.Option("--org", help="Slug or id of the organization.")],
    role: Annotated[str, typer.Option(help="owner, admin, operator, viewer or client_viewer.")] = "operator",
) -> None:
    if role not in set(Role):
        raise InvalidInput(f"no role {role!r}", hint=f"Roles: {', '.join(Role)}.")
    password = secrets.token_urlsafe(12)
    organization = organization_named(open_store(), org)
    create_user(open_store(), EmailAddress.parse(email), organization.organization_id, Role(role), password)
    out.print(f"{email} may sign in to {organization.name} with the password {password}")


@app.command("turn-off-second-factor", help="For a person who lost their device and their recovery codes.")
@guarded
def turn_off(email: Annotated[str, typer.Argument(help="Their e-mail address.")]) -> None:
    was_on = turn_off_second_factor(open_store(), EmailAddress.parse(email))
    out.print(
        f"{email} signs in with the password alone" + ("; they are signed out everywhere" if was_on else " already")
    )


@app.command("reset-link", help="For a person who forgot their password: a link that sets a new one, within an hour.")
@guarded
def make_reset_link(email: Annotated[str, typer.Argument(help="Their e-mail address.")]) -> None:
    link = reset_link(open_store(), EmailAddress.parse(email), current_settings().public_url)
    out.print(f"Hand this to {email}; it works once, for an hour:\n{link}", soft_wrap=True)
