"""What the routes of single sign-on take and tell."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.tenancy import Role


class ProviderIn(BaseModel):
    """An OpenID provider. `client_secret` is kept sealed and never told again; left out, the one that is kept stays."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=80, description="What the button says: Sign in with …")
    issuer: str = Field(min_length=1, max_length=500, description="Exactly as the provider writes it.")
    client_id: str = Field(min_length=1, max_length=400)
    client_secret: str | None = Field(None, min_length=1, max_length=1000)
    domains: list[str] = Field(default_factory=list, max_length=50, description="E-mail domains of `default_role`.")
    default_role: Role | None = Field(
        None, description="What people of `domains` become with their first sign-in; none: members and invited alone."
    )
    is_enabled: bool = True


class ProviderOut(BaseModel):
    """How people of the organization sign in. `redirect_uri` and `sign_out_uri` are registered at the provider."""

    name: str
    issuer: str
    client_id: str
    has_secret: bool
    domains: list[str]
    default_role: str | None
    is_enabled: bool
    redirect_uri: str
    sign_out_uri: str
    sign_in_url: str
    updated_at: datetime


class ProviderStateOut(BaseModel):
    """The provider, or none yet, and the addresses that it must know."""

    provider: ProviderOut | None
    redirect_uri: str
    sign_out_uri: str
