"""What login takes and tells."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from serving.access.principals import Principal


class LoginIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320)
    password: str = Field(max_length=1024)
    code: str | None = Field(None, max_length=40, description="Of the authenticator, or a recovery code.")


class OrganizationOut(BaseModel):
    """An organization one may choose, and one's role there."""

    organization_id: str
    parent_organization_id: str | None
    name: str
    kind: str
    time_zone: str
    currency: str
    role: str
    is_inherited: bool


class MeOut(BaseModel):
    """Who is signed in, where they work now, and where they could."""

    kind: str
    """`user` or `api_key`."""
    user_id: str | None
    email: str
    name: str
    organization_id: str
    role: str
    permissions: list[str]
    """What they may do here: the rows of `domain.permissions`."""
    csrf_token: str | None
    """For X-CSRF-Token of calls made with the cookie."""
    organizations: list[OrganizationOut]
    stage_names: dict[str, str]
    """What the organization calls the stages of its people, by key."""

    @classmethod
    def of(cls, principal: Principal, stage_names: dict[str, str]) -> MeOut:
        return cls(
            kind=principal.actor.kind,
            user_id=principal.user_id,
            email=principal.email,
            name=principal.name,
            organization_id=principal.scope.organization_id,
            role=principal.role.value,
            permissions=sorted(principal.permissions),
            csrf_token=principal.csrf_token,
            organizations=[
                OrganizationOut(
                    organization_id=seat.organization_id,
                    parent_organization_id=seat.parent_organization_id,
                    name=seat.name,
                    kind=seat.kind,
                    time_zone=seat.time_zone,
                    currency=seat.currency,
                    role=seat.role.value,
                    is_inherited=seat.is_inherited,
                )
                for seat in principal.organizations
            ],
            stage_names=stage_names,
        )
