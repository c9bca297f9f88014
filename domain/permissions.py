"""What each role may do: one table, which every route names a row of and a test compares with every route there is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from domain.errors import Conflict, InvalidInput, NotAllowed
from domain.tenancy import Role


class Permission(StrEnum):
    """`<resource>:<act>`; the same words are the scopes of a secret key."""

    ANALYTICS_READ = "analytics:read"
    ANALYTICS_QUERY = "analytics:query"
    """Asks questions in SQL over every mart of the organization, people and all."""
    ANALYTICS_SHARE = "analytics:share"
    """Makes links that show a report to people without an account."""
    CONTACTS_READ = "contacts:read"
    CONTACTS_WRITE = "contacts:write"
    CONTACTS_EXPORT = "contacts:export"
    CONTACTS_ERASE = "contacts:erase"
    COMPANIES_READ = "companies:read"
    COMPANIES_WRITE = "companies:write"
    COMPANIES_EXPORT = "companies:export"
    DEALS_READ = "deals:read"
    DEALS_WRITE = "deals:write"
    SEQUENCES_READ = "sequences:read"
    SEQUENCES_WRITE = "sequences:write"
    """Writes sequences, enrols people, and switches sending on and off."""
    EXPERIMENTS_READ = "experiments:read"
    EXPERIMENTS_WRITE = "experiments:write"
    """Plans experiments, starts them, and decides them."""
    EXPERIMENTS_ASSIGN = "experiments:assign"
    """Deals arms to people and companies and logs that they met them: what a server that renders pages needs."""
    MAILBOXES_WRITE = "mailboxes:write"
    """Connects accounts that mail is sent from, and sets their limits."""
    ENRICHMENT_READ = "enrichment:read"
    ENRICHMENT_WRITE = "enrichment:write"
    """Writes workflows of enrichment and starts runs, which cost money within the limits."""
    ENRICHMENT_CONNECT = "enrichment:connect"
    """Connects providers of data, and sets what may be spent."""
    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    FORMS_READ = "forms:read"
    FORMS_WRITE = "forms:write"
    IMPORTS_READ = "imports:read"
    IMPORTS_WRITE = "imports:write"
    IDENTITY_WRITE = "identity:write"
    """Says that two records are, or are not, the same person or company."""
    QUALITY_READ = "quality:read"
    QUALITY_WRITE = "quality:write"
    MODELS_READ = "models:read"
    MODELS_WRITE = "models:write"
    """Overrules a leakage flag, rolls a model back."""
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    """Pipelines, custom fields, routing, service levels, scoring and attribution rules, the brand."""
    MEMBERS_READ = "members:read"
    MEMBERS_WRITE = "members:write"
    KEYS_WRITE = "keys:write"
    """Lists, makes, rotates and revokes keys of programs."""
    AUDIT_READ = "audit:read"
    SIGN_ON_WRITE = "sign_on:write"
    """Sets the provider that says who signs in, as an owner too: so it takes an owner."""


_LOOKING_IN = frozenset(
    {Permission.ANALYTICS_READ, Permission.CONTACTS_READ, Permission.COMPANIES_READ, Permission.DEALS_READ}
)
_LOOKING = _LOOKING_IN | {
    Permission.ANALYTICS_QUERY,
    Permission.SEQUENCES_READ,
    Permission.EXPERIMENTS_READ,
    Permission.ENRICHMENT_READ,
    Permission.TASKS_READ,
    Permission.FORMS_READ,
    Permission.IMPORTS_READ,
    Permission.QUALITY_READ,
    Permission.MODELS_READ,
    Permission.SETTINGS_READ,
    Permission.MEMBERS_READ,
}
_WORKING = _LOOKING | {
    Permission.ANALYTICS_SHARE,
    Permission.CONTACTS_WRITE,
    Permission.CONTACTS_EXPORT,
    Permission.COMPANIES_WRITE,
    Permission.COMPANIES_EXPORT,
    Permission.DEALS_WRITE,
    Permission.SEQUENCES_WRITE,
    Permission.EXPERIMENTS_WRITE,
    Permission.EXPERIMENTS_ASSIGN,
    Permission.ENRICHMENT_WRITE,
    Permission.TASKS_WRITE,
    Permission.FORMS_WRITE,
    Permission.IMPORTS_WRITE,
    Permission.IDENTITY_WRITE,
    Permission.QUALITY_WRITE,
}
_ADMINISTERING = _WORKING | {
    Permission.CONTACTS_ERASE,
    Permission.MAILBOXES_WRITE,
    Permission.ENRICHMENT_CONNECT,
    Permission.MODELS_WRITE,
    Permission.SETTINGS_WRITE,
    Permission.MEMBERS_WRITE,
    Permission.KEYS_WRITE,
    Permission.AUDIT_READ,
}

GRANTS: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: _ADMINISTERING | {Permission.SIGN_ON_WRITE},
    Role.ADMIN: _ADMINISTERING,
    Role.OPERATOR: _WORKING,
    Role.VIEWER: _LOOKING,
    Role.CLIENT_VIEWER: _LOOKING_IN,
}
"""A client viewer sees results, never how the agency works. What an owner may and an admin may not is about people:
`may_give`, and who says who they are."""

OF_PEOPLE_ALONE = frozenset({Permission.MEMBERS_WRITE, Permission.KEYS_WRITE, Permission.SIGN_ON_WRITE})
"""No key holds these: a stolen one must not make itself others."""
OF_OLD_KEYS = GRANTS[Role.OPERATOR]
"""What a secret key without scopes may do."""


def may_give(giver: Role, role: Role) -> bool:
    """Whether somebody of role `giver` may make another one a `role`, or take it away: nobody above themselves."""
    order = list(Role)
    return Permission.MEMBERS_WRITE in GRANTS[giver] and order.index(giver) <= order.index(role)


def check_seat_change(giver: Role, before: Role | None, after: Role | None, *, is_last_owner: bool = False) -> None:
    """Whether somebody of role `giver` may turn one seat into another; None stands for no seat, or one put to rest.

    Raises NotAllowed for what is above the giver, Conflict where nobody would own the organization afterwards.
    """
    for role in (before, after):
        if role is not None and not may_give(giver, role):
            raise NotAllowed(f"this is about the role {role}, which is above your own", hint="Ask an owner.")
    if is_last_owner and before is Role.OWNER and after is not Role.OWNER:
        raise Conflict("this is the last owner", hint="Make somebody else an owner first.")


def scopes_of_key(wanted: Iterable[str], giver: Role) -> frozenset[Permission]:
    """The scopes of a secret key that somebody makes: never more than they may do themselves.

    Raises InvalidInput for none, an unknown one, one that only people hold, or one beyond the giver's own.
    """
    found = set()
    for name in wanted:
        if name not in set(Permission):
            raise InvalidInput(f"there is no scope {name!r}", hint=f"Scopes: {', '.join(Permission)}.")
        found.add(Permission(name))
    if not found:
        raise InvalidInput("a key without scopes may do nothing", hint=f"Scopes: {', '.join(Permission)}.")
    if found & OF_PEOPLE_ALONE:
        raise InvalidInput(f"no key may hold {', '.join(sorted(found & OF_PEOPLE_ALONE))}: people do that themselves")
    beyond = found - GRANTS[giver]
    if beyond:
        raise InvalidInput(f"your own role does not hold {', '.join(sorted(beyond))}")
    return frozenset(found)
