"""A form as plain HTML: hosted by us, put into a page by its server, or in a frame; it works without script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from starlette.responses import HTMLResponse

from domain.forms import FieldType, Problem
from domain.ids import new_id
from serving.forms.service import PublicForm
from serving.plain_pages import PlainPages

PAGES = PlainPages(Path(__file__).parent / "templates", "form.css", is_framed=True)
INPUT_TYPES = {
    FieldType.EMAIL: "email",
    FieldType.PHONE: "tel",
    FieldType.NUMBER: "text",
    FieldType.URL: "url",
    FieldType.CHECKBOX: "checkbox",
}
AUTOCOMPLETE = {
    "email": "email",
    "phone": "tel",
    "first_name": "given-name",
    "last_name": "family-name",
    "company": "organization",
    "title": "organization-title",
    "country": "country",
}


def form_markup(
    form: PublicForm,
    *,
    now: datetime,
    origin: str = "",
    answers: Mapping[str, object] | None = None,
    problems: Iterable[Problem] = (),
) -> Markup:
    """The `<form>` element, with a fresh token and submission id, for embedding in a page that we or others render.

    `origin` is where the form is sent (our public address); empty means the page's own host.
    """
    return Markup(  # noqa: S704  the template escapes whatever it is given
        PAGES.environment.get_template("form.html").render(
            form=form,
            action=f"{origin}/v1/forms/{form.form_id}/submissions",
            token=form.token(now),
            submission_id=new_id(),
            answers=dict(answers or {}),
            problems={problem.field: problem.message for problem in problems},
            input_types=INPUT_TYPES,
            autocomplete=AUTOCOMPLETE,
        )
    )


def form_page(form: PublicForm, markup: Markup, status: int = 200) -> HTMLResponse:
    """A page of its own around the form."""
    return PAGES.page("page.html", status, title=form.name, markup=markup)


def thanks_page(form: PublicForm) -> HTMLResponse:
    return PAGES.page("thanks.html", 200, title=form.name, words=form.settings.thank_you)
