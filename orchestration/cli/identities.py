"""`leadhouse identity`: joins and splits people by hand; the next build follows, and every decision can be undone."""

from __future__ import annotations

from typing import Annotated

import typer

from domain.tenancy import Actor, Scope
from orchestration.cli.console import emit, guarded, out
from orchestration.organizations import organization_named
from orchestration.state import open_store
from storage.ops.repositories.identity_decisions import IdentityDecisions

app = typer.Typer(no_args_is_help=True)
ACTOR = Actor.system("command line")
Organization = Annotated[str, typer.Option("--org", help="Slug or id of the organization.")]
Node = Annotated[str, typer.Argument(help="`kind:value`, as in contact:0192… or anonymous:ab12…")]


@app.command("join", help="The two are one person.")
@guarded
def join(left: Node, right: Node, org: Organization) -> None:
    _decide(org, left, right, "same")


@app.command("split", help="The two are different people, whatever joins them.")
@guarded
def split(left: Node, right: Node, org: Organization) -> None:
    _decide(org, left, right, "different")


@app.command("undo", help="Takes a decision back.")
@guarded
def undo(decision_id: Annotated[str, typer.Argument(help="As `show` lists it.")], org: Organization) -> None:
    with open_store().write(_scope(org), ACTOR) as work:
        found = IdentityDecisions(work).revoke(decision_id)
        out.print(f"{found.left_node} and {found.right_node}: no longer decided. The next build follows.")


@app.command("show", help="Every decision about a node, newest first.")
@guarded
def show(
    node: Node,
    org: Organization,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    with open_store().read(_scope(org)) as work:
        names = ("identity_decision_id", "left_node", "right_node", "verdict", "rule", "decided_at", "revoked_at")
        found = [{name: getattr(one, name) for name in names} for one in IdentityDecisions(work).of_node(node)]
    lines = "\n".join(
        f"{one['identity_decision_id']}  {one['left_node']}  {one['verdict']}  {one['right_node']}  by {one['rule']}"
        f"{'  (revoked)' if one['revoked_at'] else ''}"
        for one in found
    )
    emit(found, as_json=as_json, show=lambda: out.print(lines or "Nobody has decided about it."))


def _decide(org: str, left: str, right: str, verdict: str) -> None:
    with open_store().write(_scope(org), ACTOR) as work:
        made = IdentityDecisions(work).decide(left, right, verdict)
        out.print(
            f"{made.identity_decision_id}: {left} and {right} are {verdict}. `leadhouse run` rebuilds what follows."
        )


def _scope(org: str) -> Scope:
    return Scope.of(organization_named(open_store(), org).organization_id)
