"""What people write, made into what one person gets: spintax first, then Liquid with limits, MJML through its renderer.

Templates are data of a tenant: they see plain values only, loop and grow within limits, and include nothing.
"""

from __future__ import annotations

import functools
import html
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import liquid
import mrml
from liquid.exceptions import LiquidError
from liquid.template import BoundTemplate

from domain.errors import InvalidInput
from domain.outreach.faults import Fault
from domain.outreach.sequences import Sequence
from domain.outreach.spintax import spin
from domain.outreach.steps import EmailStep

UNSUBSCRIBE = "unsubscribe_url"
VARIABLES = frozenset({"contact", "company", "sender", UNSUBSCRIBE})
_wanted: ContextVar[set[str]] = ContextVar("variables that were wanted and have no value")


class Missing(liquid.Undefined):
    """A variable without a value. Once it would be shown it is noted; a fallback, and an `if`, may ask for it freely."""

    def __str__(self) -> str:
        _wanted.get().add((self.hint or self.name).removesuffix(" is undefined").strip("'"))
        return ""


class Templates(liquid.Environment):
    """Liquid for tenants: no loader, strict about filters, and with limits (a template that breaks them is refused)."""

    loop_iteration_limit = 10_000
    output_stream_limit = 400_000
    local_namespace_limit = 1_000_000
    context_depth_limit = 20
    block_nesting_limit = 20

    def __init__(self, *, is_html: bool) -> None:
        super().__init__(autoescape=is_html, undefined=Missing, strict_filters=True, tolerance=liquid.Mode.STRICT)
        for name in set(self.tags) & {"include", "render"}:
            del self.tags[name]
        self.filters = {
            name: filter_ if name == "default" else _passing_on(filter_) for name, filter_ in self.filters.items()
        }


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one person gets. `missing`: variables without a value or fallback; then it must not be sent."""

    subject: str
    text: str
    html: str
    missing: tuple[str, ...] = ()


def render(sequence: Sequence, step: EmailStep, variables: Mapping[str, Any], seed: tuple[str, ...]) -> Rendered:
    """The step's message for these variables, the same for the same seed. Raises InvalidInput for a template that cannot
    be rendered, whoever it is for."""
    wanted: set[str] = set()
    token = _wanted.set(wanted)
    try:
        subject = _filled(spin(step.subject, "subject", *seed), variables, is_html=False)
        text = _filled(spin(_with_line(step.text, sequence), "text", *seed), variables, is_html=False)
        source = _with_html_line(_html_of(step), sequence)
        body = _filled(spin(source, "text", *seed), variables, is_html=True) if source else ""
    finally:
        _wanted.reset(token)
    return Rendered(" ".join(subject.split()), text.strip() + "\n", body, tuple(sorted(wanted)))


def check_templates(sequence: Sequence) -> list[str]:
    """What keeps templates from being rendered for anybody, each with its place; empty where they are sound."""
    return [fault.text for fault in template_faults(sequence)]


def template_faults(sequence: Sequence) -> list[Fault]:
    """The same, for marks at the steps."""
    faults = []
    for number, step in enumerate(sequence.steps):
        if not isinstance(step, EmailStep):
            continue
        for name, source, is_html in (
            ("subject", step.subject, False),
            ("text", step.text, False),
            ("unsubscribe_line", sequence.unsubscribe_line, False),
            ("mjml" if step.mjml else "html", _quietly(step), True),
        ):
            message = source.message if isinstance(source, InvalidInput) else _fault(source, is_html=is_html)
            if message:
                faults.append(Fault(message, number, name, f"step {step.id}: {name}"))
    return faults


def _fault(source: str, *, is_html: bool) -> str:
    """Why nobody could be sent this, or empty."""
    try:
        used = set(_parsed(spin(source, "check"), is_html=is_html).analyze(include_partials=False).globals)
    except InvalidInput as error:
        return error.message
    unknown = sorted(used - VARIABLES)
    return f"no variable is called {', '.join(unknown)}" if unknown else ""


def _quietly(step: EmailStep) -> str | InvalidInput:
    try:
        return _html_of(step)
    except InvalidInput as error:
        return error


def _html_of(step: EmailStep) -> str:
    return _compiled(step.mjml) if step.mjml else step.html


def _filled(source: str, variables: Mapping[str, Any], *, is_html: bool) -> str:
    try:
        return _parsed(source, is_html=is_html).render(**variables)
    except LiquidError as error:
        raise InvalidInput(f"the template cannot be rendered: {error.message}") from error


@lru_cache(maxsize=2_000)
def _parsed(source: str, *, is_html: bool) -> BoundTemplate:
    try:
        return _environment(is_html=is_html).from_string(source)
    except LiquidError as error:
        raise InvalidInput(f"not a template: {error.message}") from error


@lru_cache(maxsize=2)
def _environment(*, is_html: bool) -> Templates:
    return Templates(is_html=is_html)


@lru_cache(maxsize=500)
def _compiled(mjml: str) -> str:
    """MJML as HTML; Liquid passes through it untouched."""
    try:
        found: str = mrml.to_html(mjml).content
    except Exception as error:  # mrml raises its own bare classes
        raise InvalidInput(f"not MJML: {error}") from error
    return found


def _passing_on(filter_: Callable[..., object]) -> Callable[..., object]:
    """A filter of a missing value is missing: `| capitalize | default: "there"` falls back as people expect."""

    @functools.wraps(filter_)
    def passed(value: object, *args: object, **more: object) -> object:
        return value if isinstance(value, Missing) else filter_(value, *args, **more)

    return passed


def _with_line(source: str, sequence: Sequence) -> str:
    return source if UNSUBSCRIBE in source else f"{source.rstrip()}\n\n{sequence.unsubscribe_line}"


def _with_html_line(source: str, sequence: Sequence) -> str:
    """The line as a link, at the end of the body."""
    if not source or UNSUBSCRIBE in source:
        return source
    link = '<a href="{{ unsubscribe_url }}">{{ unsubscribe_url }}</a>'
    words = html.escape(sequence.unsubscribe_line, quote=False)
    for spelling in ("{{ unsubscribe_url }}", "{{unsubscribe_url}}"):
        words = words.replace(spelling, link)
    line = f'<p style="font:12px sans-serif;color:#6b7280">{words}</p>'
    at = source.lower().rfind("</body>")
    return f"{source}{line}" if at < 0 else f"{source[:at]}{line}{source[at:]}"
