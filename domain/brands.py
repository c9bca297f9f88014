"""How an organization looks to its people: its name, its colours, and whether they can be read in light and dark."""

from __future__ import annotations

import colorsys
import re
from dataclasses import dataclass
from typing import Self

from domain.errors import InvalidInput

LIGHT_PAGE, DARK_PAGE = "#ffffff", "#171b23"
"""What words and buttons stand on in either theme."""
WHITE, INK = "#ffffff", "#0d1120"
READABLE = 4.5
"""Least contrast of text (WCAG 2.2, success criterion 1.4.3)."""
PRIMARY, ACCENT = "#2f5bea", "#0e9384"
"""Ours, for an organization that has chosen none."""
STEP = 0.02


@dataclass(frozen=True, slots=True)
class Shades:
    """A colour as it is used: moved towards black or white as far as it must be to be read on the page of a theme."""

    light: str
    on_light: str
    """Words on a button of that colour."""
    dark: str
    on_dark: str


@dataclass(frozen=True, slots=True)
class Colour:
    """An sRGB colour, `#rrggbb` in lower case."""

    value: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """`#rgb` or `#rrggbb`. Raises InvalidInput."""
        found = re.fullmatch(r"#?([0-9a-f]{3}|[0-9a-f]{6})", text.strip().casefold())
        if found is None:
            raise InvalidInput(f"not a colour: {text!r}", hint="Write #2f5bea.")
        digits = found[1] if len(found[1]) == 6 else "".join(digit * 2 for digit in found[1])
        return cls(f"#{digits}")

    def shades(self) -> Shades:
        """The colour for both themes, each readable on its page."""
        light, dark = readable_on(self.value, LIGHT_PAGE), readable_on(self.value, DARK_PAGE)
        return Shades(light, words_on(light), dark, words_on(dark))


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white); WCAG 2.2, "contrast ratio"."""
    brighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def words_on(background: str) -> str:
    """White or ink, whichever is read better."""
    return max((WHITE, INK), key=lambda ink: contrast(ink, background))


def readable_on(colour: str, page: str) -> str:
    """The colour itself where it can be read on the page, else the nearest of its lightnesses that can."""
    if contrast(colour, page) >= READABLE:
        return colour
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    towards = STEP if _luminance(page) < 0.5 else -STEP
    moved = colour
    while contrast(moved, page) < READABLE:
        lightness = min(1.0, max(0.0, lightness + towards))
        moved = _hex(colorsys.hls_to_rgb(hue, lightness, saturation))
    return moved


def host_of(text: str) -> str:
    """The name of a web address that people type, in lower case. Raises InvalidInput."""
    host = text.strip().casefold().removeprefix("https://").removeprefix("http://").rstrip("/")
    labels = host.split(".")
    fits = [re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", label) for label in labels]
    if len(host) > 253 or len(labels) < 2 or not all(fits) or labels[-1].isdigit():
        raise InvalidInput(f"not a host name: {text!r}", hint="Write leads.example.com.")
    return host


def _luminance(colour: str) -> float:
    """Relative luminance of sRGB, 0 to 1 (WCAG 2.2)."""
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(channels: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(each * 255):02x}" for each in channels)
