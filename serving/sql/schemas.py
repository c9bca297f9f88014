"""What a question in SQL is, and what it is answered with."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

Value = str | float | int | bool | None


class QuestionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    sql: str = Field(
        max_length=20_000,
        description="One SELECT in DuckDB's SQL over `marts.<name>`; the schema may be left out.",
        examples=["select channel, sum(lead_count) as leads from channels_daily group by channel order by leads desc"],
    )
    limit: int = Field(1_000, ge=1, le=100_000, description="Most rows wanted; never more than the setting allows.")


class ColumnOut(BaseModel):
    name: str
    data_type: str
    description: str = ""


class AnswerOut(BaseModel):
    columns: list[ColumnOut]
    rows: list[list[Value]] = Field(
        description="In the order of the columns. Moments are ISO 8601 in UTC, exact decimals text, lists and maps JSON."
    )
    is_cut: bool = Field(description="Whether there were more rows than asked for.")
    tables: list[str] = Field(description="The marts that the question names.")
    seconds: float


class TableOut(BaseModel):
    name: str
    description: str
    columns: list[ColumnOut]


class TablesOut(BaseModel):
    items: list[TableOut]
