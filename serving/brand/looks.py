"""Which brand a page wears."""

from __future__ import annotations

from domain.tenancy import SystemScope
from storage.ops.repositories.brands import Brands, Look
from storage.ops.store import Store

LOOKS = SystemScope("how a page looks is public")


def look_of(store: Store, organization_id: str) -> Look:
    """An organization's own, else its agency's, else ours."""
    with store.read(LOOKS) as work:
        return Brands(work).look_of(organization_id)


def look_at(store: Store, *, slug: str = "", host: str = "") -> Look:
    """Of the page that somebody comes to: by the short name in its address, else by the host (`name[:port]`)."""
    with store.read(LOOKS) as work:
        return Brands(work).look_at(slug=slug, host=host.rpartition(":")[0] or host)


def file_name(look: Look, what: str) -> str:
    """Of something that leaves the house: `northwind-contacts`, in plain characters."""
    return f"{look.slug}-{what}" if look.slug else what


def colours(look: Look) -> str:
    """A style sheet's end that puts the brand's colours in place of ours."""
    primary = look.primary
    return (
        f":root{{--accent:{primary.light};--accent-ink:{primary.on_light}}}"
        f"@media (prefers-color-scheme: dark){{:root{{--accent:{primary.dark};--accent-ink:{primary.on_dark}}}}}"
    )
