"""What happens to a submission: checked, judged, stored once, and turned into a lead, or held for a person to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

from domain.consent import ConsentGrant, may_link
from domain.decisions import DecisionKind
from domain.errors import InvalidInput, NotFound
from domain.events import ConsentLevel
from domain.forms import (
    RULE_VERSION,
    FormField,
    Problem,
    check_answers,
    facts_of,
    issue_token,
    judge_spam,
    parse_fields,
    token_age,
)
from domain.page_urls import clean_url
from domain.tenancy import Actor, Scope, SystemScope
from serving.forms.schemas import FormSettings
from serving.identify.service import LeadClaim, Recorded, Source, record_lead
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.forms import Forms, FormSubmissions
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work
from storage.ops.tables import Form, FormSubmission

PUBLIC = SystemScope("a public form")
UTM = ("source", "medium", "campaign", "term", "content")


class AnswersRejected(InvalidInput):
    """Some answers do not fit; `problems` says which and why."""

    code = "answers_rejected"

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("Some answers do not fit.", hint="Correct the named fields and send the form again.")
        self.problems = problems


@dataclass(frozen=True, slots=True)
class PublicForm:
    """A live form with everything that its page needs."""

    form_id: str
    organization_id: str
    name: str
    fields: tuple[FormField, ...]
    consent_text: str
    consent_version: str
    settings: FormSettings
    hash_key: bytes = field(repr=False)

    def token(self, now: datetime) -> str:
        return issue_token(self.hash_key, self.form_id, now)


@dataclass(frozen=True, slots=True)
class Sent:
    """One filled form, however it came."""

    submission_id: str
    answers: Mapping[str, Any]
    token: str = ""
    honeypot: str = ""
    is_consent_given: bool = False
    consent_version: str = ""
    anonymous_id: str | None = None
    level: ConsentLevel = ConsentLevel.FULL
    page_url: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    network: str = ""
    """Truncated."""
    user_agent: str = ""


def open_form(store: Store, form_id: str) -> PublicForm:
    """A form that takes submissions; raises NotFound for one that does not, or is not there."""
    with store.read(PUBLIC) as work:
        form = Forms(work).get(form_id)
        if not form.is_active:
            raise NotFound
        key = Organizations(work).hash_key(form.organization_id)
    return PublicForm(
        form.form_id,
        form.organization_id,
        form.name,
        tuple(parse_fields(form.fields)),
        form.consent_text,
        form.consent_version,
        FormSettings.model_validate(form.settings),
        key,
    )


def submit(store: Store, form: PublicForm, sent: Sent, *, now: datetime, min_seconds: float) -> bool:
    """Stores the submission, once, and records the lead unless it is held; whether it was new.

    Raises AnswersRejected, and Conflict for an id that another form has. A copy of what is stored is not looked at
    again, so that it gets the same answer whatever the clock or the form say now.
    """
    scope = Scope.of(form.organization_id)
    with store.read(scope) as work:
        if (known := FormSubmissions(work).find(sent.submission_id)) and known.form_id == form.form_id:
            return False
    checked = check_answers(form.fields, sent.answers)
    problems = checked.problems
    if form.settings.is_consent_required and form.consent_text and not sent.is_consent_given:
        problems += (Problem("lh_consent", "required", "Please tick this box to go on."),)
    if problems:
        raise AnswersRejected(problems)
    age = token_age(form.hash_key, form.form_id, sent.token, now)
    email = facts_of(form.fields, checked.values).facts.email
    assert email is not None  # every form asks for one
    verdict = judge_spam(honeypot=sent.honeypot, age=age, min_seconds=min_seconds, email=email)
    with store.write(scope, Actor("system", f"form:{form.form_id}")) as work:
        submission, is_new = FormSubmissions(work).add(
            Forms(work).get(form.form_id),
            sent.submission_id,
            submitted_at=now,
            anonymous_id=sent.anonymous_id if may_link(sent.level).allowed else None,
            answers=checked.values,
            page_url=clean_url(sent.page_url),
            utm=_campaign(sent),
            status="accepted" if verdict.allowed else "held",
            held_reason="" if verdict.allowed else verdict.reason,
            context={
                "consent": sent.level.value,
                "is_consent_given": sent.is_consent_given,
                "consent_version": sent.consent_version,
                "network": sent.network,
                "user_agent": sent.user_agent[:400],
            },
        )
        if is_new:
            _write_down(work, submission, verdict.allowed, verdict.reason, verdict.detail)
            if verdict.allowed:
                record_submission(work, submission)
    return is_new


def record_submission(work: Work, submission: FormSubmission) -> Recorded:
    """The lead behind an accepted submission, in the transaction that accepts it."""
    form = Forms(work).get(submission.form_id)
    told = facts_of(parse_fields(form.fields), submission.answers)
    recorded = record_lead(
        work,
        LeadClaim(
            source=Source.FORM,
            facts=told.facts,
            company_name=told.company_name,
            occurred_at=submission.submitted_at,
            anonymous_id=submission.anonymous_id,
            consents=_grants(form, submission),
            evidence={
                "form_id": form.form_id,
                "submission_id": submission.submission_id,
                "page_url": submission.page_url,
                "network": submission.context.get("network", ""),
                **({"utm": submission.utm} if submission.utm else {}),
            },
            activity="form_submission",
            summary=f"Sent the form “{form.name}”",
        ),
    )
    submission.contact_id = recorded.contact_id
    return recorded


def release(work: Work, form_submission_id: str) -> FormSubmission:
    """A person says that a held submission is no spam: it becomes a lead as of the moment it was sent. Again is no
    error. Raises NotFound."""
    submission = FormSubmissions(work).get(form_submission_id)
    FormSubmissions(work).writable(submission.organization_id)
    if submission.status == "held":
        submission.status = "accepted"
        _write_down(work, submission, True, "released", {"held_for": submission.held_reason})
        record_submission(work, submission)
    return submission


def _write_down(
    work: Work, submission: FormSubmission, is_accepted: bool, reason: str, seen: Mapping[str, Any]
) -> None:
    kind = DecisionKind.ACCEPT if is_accepted else DecisionKind.FLAG
    outcome = "accepted" if is_accepted else "held"
    subject = submission.form_submission_id
    Decisions(work).record(kind, "form_submission", subject, outcome, reason, seen, RULE_VERSION)


def _grants(form: Form, submission: FormSubmission) -> tuple[ConsentGrant, ...]:
    """A ticked box is a consent; an unticked one is no answer, and withdraws nothing."""
    context = submission.context
    if not form.consent_text or not context.get("is_consent_given"):
        return ()
    shown = context.get("consent_version") or form.consent_version
    return (
        ConsentGrant(
            purpose=FormSettings.model_validate(form.settings).purpose,
            # A page that stood open while the words were changed showed other ones; the change log has them.
            wording=form.consent_text if shown == form.consent_version else "",
            wording_version=shown,
        ),
    )


def _campaign(sent: Sent) -> dict[str, str]:
    """The campaign that the page told, else the one in its address."""
    told = {name: value[:200] for name, value in sent.utm.items() if name in UTM and value}
    if told:
        return told
    query = dict(parse_qsl(sent.page_url.partition("?")[2].partition("#")[0]))
    return {name: query[f"utm_{name}"][:200] for name in UTM if query.get(f"utm_{name}")}
