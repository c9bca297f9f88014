"""A logo as we keep it: drawn anew from the pixels of what was uploaded, so that nothing else of the file remains."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from domain.errors import InvalidInput, TooLarge

MOST_BYTES = 512 * 1024
MOST_PIXELS = 4000 * 4000
WIDEST, HIGHEST = 600, 160
"""Twice what is shown, for dense screens."""
FORMATS = ("PNG", "JPEG")


def drawn(upload: bytes) -> bytes:
    """A PNG of at most 600 by 160 pixels. Raises TooLarge, and InvalidInput for what is no PNG or JPEG.

    SVG is refused: it can carry scripts and load from elsewhere.
    """
    if len(upload) > MOST_BYTES:
        raise TooLarge(f"a logo is at most {MOST_BYTES // 1024} KB", hint="Save it smaller: 600 pixels wide is enough.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=FORMATS) as opened:
                width, height = opened.size
                if width * height > MOST_PIXELS:
                    raise TooLarge(f"a logo of {width} by {height} pixels is too large", hint="600 wide is enough.")
                picture = opened.convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, Image.DecompressionBombWarning, OSError, ValueError,
            SyntaxError) as error:  # fmt: skip
        raise InvalidInput("this is no PNG or JPEG picture", hint="Save the logo as PNG; SVG is not taken.") from error
    picture.thumbnail((WIDEST, HIGHEST))
    kept = Image.new("RGBA", picture.size)
    kept.paste(picture)
    made = io.BytesIO()
    kept.save(made, "PNG", optimize=True)
    return made.getvalue()
