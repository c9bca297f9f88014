"""Roles: each holds what the next one down holds, nobody gives what they have not got."""

from __future__ import annotations

from itertools import pairwise

import pytest

from domain.errors import InvalidInput
from domain.permissions import GRANTS, Permission, may_give, scopes_of_key
from domain.tenancy import Role


def test_a_role_holds_all_that_the_next_one_down_holds():
    for higher, lower in pairwise(Role):
        assert GRANTS[higher] >= GRANTS[lower], (higher, lower)


def test_a_client_looking_in_sees_results_and_nothing_of_how_the_agency_works():
    assert {each.split(":")[1] for each in GRANTS[Role.CLIENT_VIEWER]} == {"read"}
    assert not GRANTS[Role.CLIENT_VIEWER] & {Permission.AUDIT_READ, Permission.MEMBERS_READ, Permission.SETTINGS_READ}


@pytest.mark.parametrize(
    ("giver", "role", "is_given"),
    [
        (Role.OWNER, Role.OWNER, True),
        (Role.ADMIN, Role.OWNER, False),
        (Role.ADMIN, Role.ADMIN, True),
        (Role.ADMIN, Role.CLIENT_VIEWER, True),
        (Role.OPERATOR, Role.CLIENT_VIEWER, False),
        (Role.VIEWER, Role.VIEWER, False),
    ],
)
def test_nobody_makes_somebody_more_than_they_are(giver, role, is_given):
    assert may_give(giver, role) is is_given


def test_a_key_never_opens_more_than_its_maker_may():
    assert scopes_of_key(["deals:read"], Role.OPERATOR) == {Permission.DEALS_READ}
    with pytest.raises(InvalidInput, match="settings:write"):
        scopes_of_key(["settings:write"], Role.OPERATOR)
    with pytest.raises(InvalidInput, match="no scope 'everything'"):
        scopes_of_key(["everything"], Role.OWNER)
