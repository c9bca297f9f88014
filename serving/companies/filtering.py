"""The filters of the list of companies, as every route that takes them writes them."""

from __future__ import annotations

from pydantic import BaseModel, Field

from domain.filters import Condition, Sort, parse_filters, parse_sort
from storage.ops.repositories.company_lists import FIELDS, NEWEST, TYPES
from storage.ops.repositories.listing import sortable


class CompanyFilters(BaseModel):
    """The filters of a list, as query parameters."""

    q: str = Field("", max_length=200, description="Words that begin one of the name or the domain.")
    filter: list[str] = Field([], max_length=20, description="field:op:value, repeated.")
    sort: str = Field("", max_length=60, description="A field, with - before it to descend.")

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Raises InvalidInput for a filter that this list does not know."""
        return parse_filters(self.filter, TYPES)

    @property
    def order(self) -> Sort:
        """Raises InvalidInput for an order that this list does not know."""
        return parse_sort(self.sort, sortable(FIELDS), NEWEST)

    def check(self) -> None:
        """Raises InvalidInput for what this list cannot be asked."""
        _ = self.conditions, self.order
