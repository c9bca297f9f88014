"""`leadhouse models`: the versions of an organization's scoring model, and which of them scores."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.errors import NotFound
from domain.tenancy import Actor, Scope
from orchestration.cli.console import emit, guarded, out
from orchestration.organizations import organization_named
from orchestration.state import open_lake, open_store
from storage.ops.repositories.model_choices import ModelChoices

app = typer.Typer(no_args_is_help=True)
Org = Annotated[str, typer.Option("--org", help="Slug or id of the organization.")]
ACTOR = Actor.system("command line")


@app.command("list", help="Versions, newest first, with what became of each.")
@guarded
def list_versions(
    org: Org, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
) -> None:
    found = _versions(organization_named(open_store(), org).organization_id)
    lines = "\n".join(f"{one['status']:<11} {one['version']:<24} {one['reason'] or ''}" for one in found)
    emit(found, as_json=as_json, show=lambda: out.print(lines or "No model was trained yet."))


@app.command("use", help="Roll back (or forward) to a version and keep it in use until `release`.")
@guarded
def use(
    version: Annotated[str, typer.Argument(help="As `list` shows it.")],
    org: Org,
    reason: Annotated[str, typer.Option(help="Why; it stands in the audit log.")],
) -> None:
    organization = organization_named(open_store(), org)
    found = next((one for one in _versions(organization.organization_id) if one["version"] == version), None)
    if found is None:
        raise NotFound(f"no version {version!r}", hint=f"`leadhouse models list --org {organization.slug}` shows them.")
    pointer = {name: found[name] for name in ("version", "algorithm", "artifact_hash")}
    with open_store().write(Scope.of(organization.organization_id), ACTOR) as work:
        ModelChoices(work).keep_version(pointer, by=ACTOR.id, reason=reason)
    out.print(f"{version} scores new leads now, and all with the next pass (`leadhouse run --no-train`).")


@app.command("release", help="Let the gates decide again which version scores.")
@guarded
def release(org: Org) -> None:
    organization = organization_named(open_store(), org)
    with open_store().write(Scope.of(organization.organization_id), ACTOR) as work:
        ModelChoices(work).let_go()
    out.print("The gates decide again, with the next pass.")


def _versions(organization_id: str) -> list[dict[str, str]]:
    from models_ml.lead_scoring.model import MODEL

    found: list[dict[str, str]] = (
        open_lake()
        .arrow(
            "select version, algorithm, status, reason, artifact_hash, trained_at from lake.ml.model_versions "
            "where organization_id = ? and model = ? order by trained_at desc, version",
            [organization_id, MODEL],
        )
        .to_pylist()
    )
    return found
