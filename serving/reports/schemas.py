"""What the routes of reports and of their links take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.reports.filters import ReportKind
from domain.reports.links import LONGEST_DAYS

Chosen = dict[str, str | int]


class FigureOut(BaseModel):
    title: str
    value: str
    definition: str
    note: str
    trend: list[float]


class PieceOut(BaseModel):
    """A chart or a table: it has `bars`, or `names` with `lines`, or `columns` with `rows`."""

    title: str
    definition: str
    bars: list[dict[str, Any]] | None = None
    names: list[str] | None = None
    lines: list[dict[str, Any]] | None = None
    columns: list[str] | None = None
    rows: list[list[str]] | None = None


class ReportOut(BaseModel):
    """A report as a link would show it now. `built_at`: when what it is made from was last built."""

    title: str
    about: str
    built_at: datetime | None
    figures: list[FigureOut]
    pieces: list[PieceOut]


class ReportLinkIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: ReportKind
    filters: Chosen = Field(
        default_factory=dict,
        description="Of an overview `days`; of attribution `conversion`, `level`, `model`; of roi `months`, `model`.",
    )
    name: str = Field("", max_length=120, description="What stands above it; empty for the report's own title.")
    days_open: int = Field(30, ge=1, le=LONGEST_DAYS, description="After so many days it opens nothing.")
    passcode: str | None = Field(None, max_length=256, description="Asked for at every opening; told to nobody again.")


class ReportLinkOut(BaseModel):
    """`about` says the filters in words."""

    report_link_id: str
    kind: ReportKind
    filters: Chosen
    name: str
    about: str
    has_passcode: bool
    made_by: str | None
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    is_open: bool
    open_count: int
    last_opened_at: datetime | None


class ReportLinkMadeOut(ReportLinkOut):
    """The link is shown this once."""

    link: str


class ReportLinkListOut(BaseModel):
    """Newest first, those that ended too."""

    items: list[ReportLinkOut]
    next_cursor: str | None
