"""Forms and what was sent through them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from domain.errors import Conflict, NotFound
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.base import Repository
from storage.ops.tables import Form, FormSubmission

ATTRIBUTE = "attributes."
DATA_TYPES = {"number": "number", "checkbox": "boolean"}
"""Of the attributes that answers fill, by field type; the rest are text."""


class Forms(Repository):
    """Fields come in as the dictionaries that `domain.forms.parse_fields` accepted. The custom attributes that they
    fill are defined with the form, so that models and screens know them."""

    def get(self, form_id: str) -> Form:
        """Raises NotFound."""
        found = self.by_id(Form, form_id)
        if found is None:
            raise NotFound
        return found

    def all(self) -> list[Form]:
        """Those of the one organization that may be written, newest first."""
        return list(
            self.session.scalars(
                select(Form)
                .where(Form.organization_id == self.target())
                .order_by(Form.created_at.desc(), Form.form_id.desc())
            )
        )

    def create(
        self,
        name: str,
        *,
        fields: list[dict[str, Any]],
        consent_text: str = "",
        settings: Mapping[str, Any] | None = None,
        organization_id: str | None = None,
    ) -> Form:
        made = Form(
            organization_id=self.target(organization_id),
            name=name,
            fields=fields,
            consent_text=consent_text,
            consent_version="1",
            settings=dict(settings or {}),
        )
        self.session.add(made)
        self.session.flush()
        self._define_attributes(made)
        return made

    def change(self, form_id: str, changes: Mapping[str, Any]) -> Form:
        """Sets columns; other words of consent are another version of it. Raises NotFound."""
        found = self.get(form_id)
        self.writable(found.organization_id)
        if changes.get("consent_text", found.consent_text) != found.consent_text:
            found.consent_version = str(int(found.consent_version) + 1)
        for name, value in changes.items():
            setattr(found, name, value)
        self.session.flush()
        self._define_attributes(found)
        return found

    def _define_attributes(self, form: Form) -> None:
        definitions = AttributeDefinitions(self.work)
        for field in form.fields:
            target = str(field.get("maps_to", ""))
            if target.startswith(ATTRIBUTE):
                definitions.ensure(
                    target.removeprefix(ATTRIBUTE),
                    label=str(field.get("label", "")),
                    data_type=DATA_TYPES.get(field.get("type", ""), "text"),
                    organization_id=form.organization_id,
                )


class FormSubmissions(Repository):
    """`submission_id` is the client's: sent twice, it is one row."""

    def find(self, submission_id: str, organization_id: str | None = None) -> FormSubmission | None:
        return self.session.scalars(
            select(FormSubmission).where(
                FormSubmission.organization_id == self.target(organization_id),
                FormSubmission.submission_id == submission_id,
            )
        ).first()

    def get(self, form_submission_id: str) -> FormSubmission:
        """By our own id; raises NotFound."""
        found = self.by_id(FormSubmission, form_submission_id)
        if found is None:
            raise NotFound
        return found

    def add(
        self, form: Form, submission_id: str, *, submitted_at: datetime, **columns: Any
    ) -> tuple[FormSubmission, bool]:
        """The submission of this id, and whether it is new. Raises Conflict where another form has it."""
        found = self.find(submission_id, form.organization_id)
        if found is None:
            try:
                with self.session.begin_nested():
                    made = FormSubmission(
                        organization_id=self.target(form.organization_id),
                        submission_id=submission_id,
                        form_id=form.form_id,
                        submitted_at=submitted_at,
                        **columns,
                    )
                    self.session.add(made)
                    self.session.flush()
            except IntegrityError as error:  # the same one arrived twice in this moment
                found = self.find(submission_id, form.organization_id)
                if found is None:
                    raise Conflict("this submission is being stored; try again") from error
            else:
                return made, True
        if found.form_id != form.form_id:
            raise Conflict("this submission id belongs to another form")
        return found, False

    def of_form(self, form_id: str, *, status: str | None = None, limit: int = 100) -> list[FormSubmission]:
        """Newest first."""
        query = select(FormSubmission).where(
            FormSubmission.form_id == form_id, self.readable(FormSubmission.organization_id)
        )
        if status:
            query = query.where(FormSubmission.status == status)
        newest = (FormSubmission.submitted_at.desc(), FormSubmission.form_submission_id.desc())
        return list(self.session.scalars(query.order_by(*newest).limit(limit)))
