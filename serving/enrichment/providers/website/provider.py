"""The company's own website: a handful of pages, read as its robots.txt allows, within limits of time and size.

Only the host itself and its `www` are read, redirects included. Robots that cannot be reached disallow everything
(RFC 9309 §2.3.1.4); a site without any allows everything.
"""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import urljoin, urlsplit
from urllib.robotparser import RobotFileParser

from domain.enrichment.answers import Answer, Operation, Outcome, found
from domain.enrichment.fields import Subject
from serving.enrichment.base import Asking, Option, Provider, always
from serving.enrichment.providers.website.reading import Page, read_page, together
from serving.enrichment.web import Reply, Stopped

ADDRESS = "https://{domain}/"
AGENT = "LeadhouseBot/1.0"
MOST_PAGES = 4
MOST_REDIRECTS = 4
SECONDS = 15.0
"""For all pages of one company."""
READ = Operation(
    "pages",
    Subject.COMPANY,
    frozenset(
        {"name", "description", "phone", "contact_email", "linkedin_url", "country", "city", "founded_year",
         "employee_count", "employee_range", "industry", "technologies"}
    ),
    (("company_domain",),),
    charges="never",
)  # fmt: skip
CONFIDENCE = 0.7
"""A company knows itself, but pages grow old and structured data is copied."""


def fetch(asking: Asking) -> Answer:
    domain = asking.question["company_domain"]
    start = str(asking.options.get("address") or ADDRESS).replace("{domain}", domain)
    until = time.monotonic() + SECONDS
    try:
        robots = _robots(asking, start)
        if not robots.can_fetch(AGENT, start):
            return Answer(Outcome.NOT_FOUND, raw={"robots": "disallowed"}, problem="its robots.txt asks not to be read")
        reply, address = _page(asking, start, domain)
    except Stopped as stopped:
        return replace(stopped.answer, is_about_question=True)
    except ValueError as error:  # addresses that no one can read
        return Answer(Outcome.MALFORMED, problem=f"its website cannot be read: {error}", is_about_question=True)
    if not _is_html(reply):
        return Answer(Outcome.NOT_FOUND, status=reply.status, problem="its start page is not HTML")
    pages, read = [read_page(reply.text, address)], [address]
    _more(asking, pages, read, robots, until)
    told = together(pages, domain)
    return found(told, {"pages": read, **told}, confidence=CONFIDENCE, status=reply.status)


def _more(asking: Asking, pages: list[Page], read: list[str], robots: RobotFileParser, until: float) -> None:
    """Pages that the first one links to, as long as there is time. One that does not come is left out."""
    domain = asking.question["company_domain"]
    for link in dict.fromkeys(pages[0].links):
        if len(pages) >= MOST_PAGES or time.monotonic() > until:
            return
        if link in read or not robots.can_fetch(AGENT, link):
            continue
        try:
            reply, address = _page(asking, link, domain)
        except Stopped:
            continue
        if _is_html(reply):
            pages.append(read_page(reply.text, address))
            read.append(address)


def _robots(asking: Asking, start: str) -> RobotFileParser:
    """Raises Stopped where nobody can know what is allowed."""
    found_rules = RobotFileParser()
    reply = _followed(asking, urljoin(start, "/robots.txt"), asking.question["company_domain"])[0]
    if reply.status >= 500:
        raise Stopped(Answer(Outcome.AWAY, status=reply.status, problem="its robots.txt cannot be read"))
    found_rules.parse(reply.text.splitlines() if reply.status < 300 else [])
    return found_rules


def _page(asking: Asking, address: str, domain: str) -> tuple[Reply, str]:
    reply, at = _followed(asking, address, domain)
    if reply.status < 300:
        return reply, at
    outcome = Outcome.RATE_LIMITED if reply.status == 429 else Outcome.NOT_FOUND
    outcome = Outcome.AWAY if reply.status >= 500 else outcome
    raise Stopped(Answer(outcome, status=reply.status, problem=f"its website answers {reply.status}"))


def _followed(asking: Asking, address: str, domain: str) -> tuple[Reply, str]:
    """The answer at the end of redirects that stay with the company, and where that is."""
    allowed = {domain, f"www.{domain}", urlsplit(address).hostname or ""}
    for _ in range(MOST_REDIRECTS + 1):
        reply = asking.web.reply(address, headers={"User-Agent": AGENT, "Accept": "text/html,*/*;q=0.5"})
        target = reply.headers.get("location")
        if reply.status not in {301, 302, 303, 307, 308} or not target:
            return reply, address
        try:
            address = urljoin(address, target)
            host = urlsplit(address).hostname
        except ValueError:
            raise Stopped(Answer(Outcome.NOT_FOUND, problem="its website leads nowhere")) from None
        if host not in allowed:
            raise Stopped(Answer(Outcome.NOT_FOUND, raw={"leads_to": host}, problem=f"its website leads to {host}"))
    raise Stopped(Answer(Outcome.NOT_FOUND, problem="its website leads round in a circle"))


def _is_html(reply: Reply) -> bool:
    kind = reply.headers.get("content-type", "text/html").partition(";")[0].strip()
    return kind in {"text/html", "application/xhtml+xml"}


PROVIDER = Provider(
    name="website",
    title="Company website",
    about="What a company says of itself: name, contact, place, founding, size, and what its site is built with.",
    operations=always(READ),
    fetch=fetch,
    options=(Option("address", "Address of a site", f"{ADDRESS} unless you have a mirror."),),
    per_minute=120,
    concurrent=8,
    keeps_connections=False,
)
