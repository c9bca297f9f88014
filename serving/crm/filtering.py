"""The filters of a list of contacts, as every route that takes them writes them."""

from __future__ import annotations

from pydantic import AwareDatetime, BaseModel, Field

from domain.errors import InvalidInput
from storage.ops.repositories.contact_questions import ContactQuestion

ME = "me"


class ContactFilters(BaseModel):
    """The filters of a list, as query parameters."""

    q: str = Field(
        "",
        max_length=200,
        description="Beginnings of words of name, e-mail, telephone, title, external id, company or searchable custom fields.",
    )
    search: str = Field("", max_length=200, description="The same as `q`.")
    stage: list[str] = Field([], description="Lifecycle stages.")
    band: list[str] = Field([], description="Score bands; `none` for contacts without a score.")
    source: list[str] = Field([], description="Where the records came from.")
    owner: list[str] = Field([], description="User ids; `me` for whoever asks, `nobody` for contacts without an owner.")
    is_worked: bool | None = Field(None, description="Whether a person has reached out: a call, a meeting, a message.")
    import_id: str | None = Field(None, description="Only what this import wrote.")
    has_email: bool | None = None
    min_score: float | None = Field(None, ge=0, le=100)
    max_score: float | None = Field(None, ge=0, le=100)
    created_after: AwareDatetime | None = None
    attribute: list[str] = Field([], description="`key:value`, equality on a custom attribute; may repeat.")
    filter: list[str] = Field(
        [],
        max_length=20,
        description="field:op:value, repeated; custom fields are `custom.<key>`, as in `custom.budget:gte:5000`.",
    )
    sort: str = Field(
        "newest",
        max_length=100,
        description="`newest`, `score`, `name`, or a field with - before it to descend, as in `-custom.budget`.",
    )

    def question(self, me: str | None) -> ContactQuestion:
        """The same as the store is asked. Raises InvalidInput for an attribute that is not `key:value`."""
        pairs = [text.partition(":") for text in self.attribute]
        if any(not colon or not key for key, colon, _ in pairs):
            raise InvalidInput("an attribute filter is written key:value")
        return ContactQuestion(
            search=f"{self.q} {self.search}".strip(),
            stages=self.stage,
            bands=self.band,
            sources=self.source,
            owners=[me or "" if owner == ME else owner for owner in self.owner],
            is_worked=self.is_worked,
            import_id=self.import_id,
            has_email=self.has_email,
            min_score=self.min_score,
            max_score=self.max_score,
            created_after=self.created_after,
            attributes={key: value for key, _, value in pairs},
            filters=self.filter,
            sort=self.sort,
        )
