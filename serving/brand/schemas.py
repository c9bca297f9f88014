"""What the routes of the brand take and tell."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.brands import Shades
from storage.ops.repositories.brands import Look


class BrandIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field("", max_length=80, description="Empty: the organization's own name.")
    primary_colour: str | None = Field(None, max_length=9, description="#rrggbb; null for ours.")
    accent_colour: str | None = Field(None, max_length=9, description="#rrggbb; null for ours.")
    host: str | None = Field(None, max_length=260, description="A host name that leads here, for the login page.")


class ShadesOut(BaseModel):
    """A colour as it is shown in either theme, readable there, and the colour of words on it."""

    light: str
    on_light: str
    dark: str
    on_dark: str


class LookOut(BaseModel):
    """What people see: the organization's own brand, else its agency's, else ours."""

    name: str
    logo_path: str | None
    primary: ShadesOut
    accent: ShadesOut

    @classmethod
    def of(cls, look: Look) -> LookOut:
        path = f"/brand/{look.slug}/{look.logo_hash}.png" if look.logo_hash else None
        return cls(name=look.name, logo_path=path, primary=shades(look.primary), accent=shades(look.accent))


class BrandOut(BaseModel):
    """What was chosen, and what people see of it."""

    name: str
    primary_colour: str | None
    accent_colour: str | None
    host: str | None
    has_logo: bool
    look: LookOut
    login_url: str
    etag: str


def shades(found: Shades) -> ShadesOut:
    return ShadesOut(light=found.light, on_light=found.on_light, dark=found.dark, on_dark=found.on_dark)
