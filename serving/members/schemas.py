"""What the routes of members and invitations take and tell."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.tenancy import Role
from serving.etags import etag_of
from storage.ops.repositories.members import Member


class MemberOut(BaseModel):
    """Somebody who works in an organization; `is_inherited`: by their seat in its agency, where it is changed."""

    user_id: str
    name: str
    email: str
    role: str
    is_inherited: bool
    is_disabled: bool
    has_second_factor: bool
    etag: str
    """Of the seat: what `If-Match` takes."""

    @classmethod
    def of(cls, member: Member) -> MemberOut:
        return cls(
            user_id=member.user_id,
            name=member.name,
            email=member.email,
            role=member.role.value,
            is_inherited=member.is_inherited,
            is_disabled=member.is_disabled,
            has_second_factor=member.has_second_factor,
            etag=etag_of(member.changed_at) if member.changed_at else "",
        )


class MemberListOut(BaseModel):
    items: list[MemberOut]
    next_cursor: str | None


class MemberFields(BaseModel):
    """One change at a time: the role, or whether the seat counts."""

    model_config = ConfigDict(extra="forbid")

    role: Role | None = None
    is_disabled: bool | None = None

    @model_validator(mode="after")
    def _one_change(self) -> MemberFields:
        if (self.role is None) == (self.is_disabled is None):
            raise ValueError("send either role or is_disabled")
        return self


class BelongingsOut(BaseModel):
    """What a person has that somebody else may go on with: contacts, open deals, open tasks."""

    contact_count: int
    deal_count: int
    task_count: int


class HandOverIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    to_user_id: str = Field(max_length=36, description="Somebody who works with contacts here.")


class ResetLinkOut(BaseModel):
    """Shown this once."""

    link: str


class InvitationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: str = Field(max_length=320)
    role: Role


class InvitationOut(BaseModel):
    """An open invitation."""

    invitation_id: str
    email: str
    role: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime


class InvitationListOut(BaseModel):
    items: list[InvitationOut]
    next_cursor: str | None


class InvitationMadeOut(InvitationOut):
    """With its link, which is shown this once."""

    link: str
