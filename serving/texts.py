"""Kinds of text in the bodies of requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from domain.text import storable

Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}$")]
"""An id that a client made: a UUID, or anything like one."""
Words = Annotated[str, AfterValidator(storable)]
"""Anything a person may have written."""
