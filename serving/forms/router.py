"""/v1/forms: the public side (schema, token, page, submissions) and the owners' (list, make, change, look, release)."""

from __future__ import annotations

from dataclasses import asdict
from ipaddress import ip_address
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from starlette.concurrency import run_in_threadpool

from domain.capture import permission
from domain.errors import InvalidInput
from domain.forms import parse_fields
from domain.networks import truncated
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.capture.rates import spend
from serving.cross_origin import PublicRoute, preflight
from serving.deps import AddressDep, ClockDep, SettingsDep, StoreDep
from serving.errors import PROBLEM_JSON, problem_body
from serving.forms.pages import form_markup, form_page, thanks_page
from serving.forms.reading import Body, read_body
from serving.forms.schemas import (
    FieldIn,
    FormIn,
    FormOut,
    FormPatch,
    FormSettings,
    PublicFormOut,
    ReceiptOut,
    SubmissionOut,
    TokenOut,
)
from serving.forms.service import AnswersRejected, Sent, open_form, release, submit
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.forms import Forms, FormSubmissions
from storage.ops.tables import Form, FormSubmission

ROLES = frozenset({"capture", "api"})
Viewer = Annotated[Principal, may(Permission.FORMS_READ)]
Editor = Annotated[Principal, may(Permission.FORMS_WRITE)]
NO_STORE = {"Cache-Control": "no-store"}

public = APIRouter(prefix="/v1/forms", tags=["forms"], route_class=PublicRoute)
owners = APIRouter(prefix="/v1/forms", tags=["forms"])


@public.get("/{form_id}")
def read_form(form_id: str, store: StoreDep, clock: ClockDep, response: Response) -> PublicFormOut:
    """What a page needs to show the form."""
    form = open_form(store, form_id)
    response.headers.update(NO_STORE)
    return PublicFormOut(
        form_id=form.form_id,
        name=form.name,
        fields=[one.as_dict() for one in form.fields],
        consent_text=form.consent_text,
        consent_version=form.consent_version,
        is_consent_required=form.settings.is_consent_required,
        submit_label=form.settings.submit_label,
        token=form.token(clock()),
    )


@public.get("/{form_id}/token")
def read_form_token(form_id: str, store: StoreDep, clock: ClockDep, response: Response) -> TokenOut:
    """Proof of when the form was fetched, for pages that have its fields already."""
    response.headers.update(NO_STORE)
    return TokenOut(token=open_form(store, form_id).token(clock()))


@public.get("/{form_id}/page", include_in_schema=False)
def show_form(form_id: str, store: StoreDep, clock: ClockDep) -> Response:
    form = open_form(store, form_id)
    return form_page(form, form_markup(form, now=clock()))


@public.get("/{form_id}/thanks", include_in_schema=False)
def show_thanks(form_id: str, store: StoreDep) -> Response:
    return thanks_page(open_form(store, form_id))


@public.post("/{form_id}/submissions", status_code=202, response_model=ReceiptOut)
async def create_submission(
    form_id: str, request: Request, store: StoreDep, settings: SettingsDep, clock: ClockDep, address: AddressDep
) -> Response:
    """Takes JSON, or what a plain form sends; the same submission gets the same answer however often it comes."""
    network = _network(address)
    spend(
        request.app.state, "forms", f"{form_id}|{network}", settings.capture.form_rate_per_minute,
        "Too many submissions from this network.",
    )  # fmt: skip
    body = await read_body(request, form_id)
    form = await run_in_threadpool(open_form, store, form_id)
    sent = _sent(request, body, network)
    try:
        await run_in_threadpool(submit, store, form, sent, now=clock(), min_seconds=settings.capture.form_min_seconds)
    except AnswersRejected as error:
        if body.is_page:
            markup = form_markup(form, now=clock(), answers=sent.answers, problems=error.problems)
            return form_page(form, markup, status=422)
        problems = [asdict(problem) for problem in error.problems]
        detail = problem_body(422, error.code, error.message, error.hint, errors=problems)
        return JSONResponse(detail, 422, media_type=PROBLEM_JSON)
    redirect_url = str(form.settings.redirect_url) if form.settings.redirect_url else None
    if body.is_page:
        return RedirectResponse(redirect_url or f"/v1/forms/{form_id}/thanks", 303)
    receipt = ReceiptOut(submission_id=sent.submission_id, message=form.settings.thank_you, redirect_url=redirect_url)
    return JSONResponse(receipt.model_dump(), 202)


public.add_api_route("/{form_id}", preflight, methods=["OPTIONS"], include_in_schema=False)
public.add_api_route("/{form_id}/token", preflight, methods=["OPTIONS"], include_in_schema=False)
public.add_api_route("/{form_id}/submissions", preflight, methods=["OPTIONS"], include_in_schema=False)


@owners.get("")
def list_forms(principal: Viewer, store: StoreDep) -> list[FormOut]:
    with store.read(principal.scope) as work:
        return [_shown(form) for form in Forms(work).all()]


@owners.post("", status_code=201)
def create_form(body: FormIn, principal: Editor, store: StoreDep) -> FormOut:
    fields = _kept_fields(body.fields)
    with store.write(principal.scope, principal.actor) as work:
        form = Forms(work).create(
            body.name, fields=fields, consent_text=body.consent_text, settings=body.settings.model_dump(mode="json")
        )
        Audit(work).record("create", "form", form.form_id, after={"name": form.name, "fields": _names(form)})
        return _shown(form)


@owners.patch("/{form_id}")
def change_form(form_id: str, body: FormPatch, principal: Editor, store: StoreDep) -> FormOut:
    changes: dict[str, Any] = body.model_dump(mode="json", exclude_none=True)
    if body.fields is not None:
        changes["fields"] = _kept_fields(body.fields)
    if not changes:
        raise InvalidInput("nothing to change")
    with store.write(principal.scope, principal.actor) as work:
        before = Forms(work).get(form_id)
        kept = {"name": before.name, "fields": _names(before), "consent_version": before.consent_version}
        form = Forms(work).change(form_id, changes)
        after = {"name": form.name, "fields": _names(form), "consent_version": form.consent_version}
        Audit(work).record("change", "form", form_id, before=kept, after=after | {"changed": sorted(changes)})
        return _shown(form)


@owners.get("/{form_id}/submissions")
def list_submissions(
    form_id: str, principal: Viewer, store: StoreDep, status: str | None = None, limit: int = 100
) -> list[SubmissionOut]:
    """Newest first; `status=held` shows what waits for a person."""
    with store.read(principal.scope) as work:
        Forms(work).get(form_id)
        found = FormSubmissions(work).of_form(form_id, status=status, limit=max(1, min(limit, 500)))
        return [_shown_submission(one) for one in found]


@owners.post("/{form_id}/submissions/{form_submission_id}/release")
def release_submission(form_id: str, form_submission_id: str, principal: Editor, store: StoreDep) -> SubmissionOut:
    """Takes a held submission for what it says: it becomes a lead."""
    with store.write(principal.scope, principal.actor) as work:
        Forms(work).get(form_id)
        released = release(work, form_submission_id)
        Audit(work).record("release", "form_submission", form_submission_id, subject_id=released.contact_id)
        return _shown_submission(released)


router = APIRouter()
router.include_router(owners)
router.include_router(public)


def _names(form: Form) -> list[str]:
    return [str(field["key"]) for field in form.fields]


def _sent(request: Request, body: Body, network: str) -> Sent:
    told = body.submission
    headers = request.headers
    allowed = permission(told.consent, gpc=headers.get("sec-gpc") == "1", dnt=headers.get("dnt") == "1")
    return Sent(
        submission_id=told.submission_id,
        answers=told.answers,
        token=told.token,
        honeypot=told.honeypot,
        is_consent_given=told.consent_given,
        consent_version=told.consent_version,
        anonymous_id=told.anonymous_id,
        level=allowed.level,
        page_url=told.page_url or headers.get("referer", ""),
        utm=told.utm,
        network=network,
        user_agent=headers.get("user-agent", ""),
    )


def _kept_fields(fields: list[FieldIn]) -> list[dict[str, Any]]:
    """As forms keep them. Raises InvalidInput for a form that cannot work."""
    return [one.as_dict() for one in parse_fields(field.model_dump(mode="json") for field in fields)]


def _network(address: str) -> str:
    try:
        return truncated(ip_address(address))
    except ValueError:
        return ""


def _shown(form: Form) -> FormOut:
    return FormOut(
        form_id=form.form_id,
        organization_id=form.organization_id,
        name=form.name,
        fields=form.fields,
        consent_text=form.consent_text,
        consent_version=form.consent_version,
        settings=FormSettings.model_validate(form.settings),
        is_active=form.is_active,
        created_at=form.created_at,
    )


def _shown_submission(one: FormSubmission) -> SubmissionOut:
    return SubmissionOut.model_validate(one, from_attributes=True)
