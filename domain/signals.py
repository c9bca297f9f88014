"""Signs that somebody may be about to buy: how much one weighs as it ages, when two are the same, and when there are more
of them than usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from math import exp, lgamma, log
from typing import Any
from urllib.parse import urlsplit

from domain.contacts import Domain, EmailAddress
from domain.errors import InvalidInput

WINDOW = timedelta(days=7)
"""What is compared with the time before it."""
BASELINE = timedelta(days=84)
LEAST_BASELINE = timedelta(days=14)
"""Nothing is called unusual before there was so much time to know what is usual."""
FALSE_ALARMS = 1.0
"""How many companies may be called unusual by chance alone, of all that are looked at together."""
LEAST_COUNT = 3
LONGEST_TITLE = 300
LONGEST_URL = 1000
LONGEST_KEY = 200
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
KNOWN = frozenset(
    {
        "kind", "title", "url", "source", "observed_at", "strength", "half_life_days", "email", "domain", "contact_id",
        "company_id", "dedupe_key",
    }
)  # fmt: skip


class SignalKind(StrEnum):
    SITE_VISIT = "site_visit"
    CONTENT = "content"
    FORM = "form"
    EMAIL_ENGAGEMENT = "email_engagement"
    HIRING = "hiring"
    FUNDING = "funding"
    TECH_CHANGE = "tech_change"
    NEWS = "news"
    JOB_CHANGE = "job_change"
    REVIEW_SITE = "review_site"
    SOCIAL = "social"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Usual:
    """What a kind has where a signal says nothing itself: points of 0–100, and days until half of them are left."""

    strength: float
    half_life_days: float


USUAL: Mapping[SignalKind, Usual] = {
    SignalKind.SITE_VISIT: Usual(10, 7),
    SignalKind.CONTENT: Usual(15, 14),
    SignalKind.FORM: Usual(40, 14),
    SignalKind.EMAIL_ENGAGEMENT: Usual(10, 7),
    SignalKind.HIRING: Usual(25, 45),
    SignalKind.FUNDING: Usual(40, 90),
    SignalKind.TECH_CHANGE: Usual(25, 60),
    SignalKind.NEWS: Usual(10, 30),
    SignalKind.JOB_CHANGE: Usual(40, 60),
    SignalKind.REVIEW_SITE: Usual(35, 14),
    SignalKind.SOCIAL: Usual(10, 14),
    SignalKind.OTHER: Usual(10, 30),
}
"""Where an organization starts from, not what was measured."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One that was told of and understood. About a contact, a company, or whoever `email` or `domain` is."""

    kind: SignalKind
    title: str
    url: str
    source: str
    observed_at: datetime
    strength: float
    half_life_days: float
    email: EmailAddress | None = None
    domain: Domain | None = None
    contact_id: str | None = None
    company_id: str | None = None
    told_key: str = ""
    is_key_alone: bool = False
    """Whether `told_key` says it all: whose it is may be learned later, and it is the same signal then."""

    def dedupe_key(self, subject_id: str) -> str:
        """The same for two tellings of one thing: what the sender calls it; else the page it stands on, for good; else the
        words, for a day."""
        if self.is_key_alone:
            subject_id = ""
        if self.told_key:
            named = f"key:{self.source}:{self.told_key}"
        elif self.url:
            named = f"url:{_page(self.url)}"
        else:
            named = f"words:{' '.join(self.title.casefold().split())}:{self.observed_at.astimezone(UTC):%Y-%m-%d}"
        return sha256(f"{self.kind}|{subject_id}|{named}".encode()).hexdigest()


def parse_signal(told: Mapping[str, Any], *, now: datetime, source: str) -> Signal:
    """What somebody sent, understood; empty values count as not sent. Raises InvalidInput for its first fault."""
    if unknown := sorted(set(map(str, told)) - KNOWN):
        raise InvalidInput(f"a signal has no {unknown[0]!r}", hint=f"It has {', '.join(sorted(KNOWN))}.")
    sent = {name: value for name, value in told.items() if value not in (None, "")}
    if not {"email", "domain", "contact_id", "company_id"} & set(sent):
        raise InvalidInput("a signal is about somebody", hint="Send email, domain, contact_id or company_id.")
    try:
        kind = SignalKind(str(sent.get("kind", "")))
    except ValueError:
        raise InvalidInput(f"there is no kind {sent.get('kind', '')!r}", hint=f"{', '.join(SignalKind)}.") from None
    title = _text(sent, "title", LONGEST_TITLE)
    url = _text(sent, "url", LONGEST_URL)
    if url and not is_address(url):
        raise InvalidInput("url is not an http address")
    if not (title or url):
        raise InvalidInput("a signal needs its evidence", hint="Send a title or a url.")
    observed_at = _moment(sent.get("observed_at"), now)
    usual = USUAL[kind]
    return Signal(
        kind=kind,
        title=title,
        url=url,
        source=_text(sent, "source", 40) or source,
        observed_at=observed_at,
        strength=_number(sent, "strength", usual.strength, 0, 100),
        half_life_days=_number(sent, "half_life_days", usual.half_life_days, 0.5, 730),
        email=EmailAddress.parse(str(sent["email"])) if "email" in sent else None,
        domain=Domain.parse(str(sent["domain"])) if "domain" in sent else None,
        contact_id=_text(sent, "contact_id", 36) or None,
        company_id=_text(sent, "company_id", 36) or None,
        told_key=_text(sent, "dedupe_key", LONGEST_KEY),
    )


def is_address(url: str) -> bool:
    """Whether it is a page's address, and not longer than one that is kept."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and len(url) <= LONGEST_URL


def weight(strength: float, half_life_days: float, observed_at: datetime, now: datetime) -> float:
    """What is left of a signal: half after one half-life, a quarter after two."""
    age_days: float = max((now - observed_at) / timedelta(days=1), 0.0)
    left: float = strength * 0.5 ** (age_days / half_life_days)
    return left


@dataclass(frozen=True, slots=True)
class Counted:
    """Signals of one company in the last `WINDOW`, and in the baseline before it."""

    recent: int
    before: int


@dataclass(frozen=True, slots=True)
class Spike:
    """More than usual: `expected` in the window at the usual pace, and how likely so many are at that pace."""

    recent: int
    expected: float
    p: float


def spikes(
    counted: Mapping[str, Counted], known_for: timedelta, *, false_alarms: float = FALSE_ALARMS
) -> dict[str, Spike]:
    """Which of them have more signals than they are used to. Each is compared with itself alone, exactly: of all its
    signals, so many would fall into the window by chance. The bar is `false_alarms` over the number looked at, so that
    with nothing going on no more than that many are expected here, and often fewer.

    `known_for`: how long signals have been kept.
    """
    baseline = min(known_for - WINDOW, BASELINE)
    if baseline < LEAST_BASELINE or not counted:
        return {}
    share = WINDOW / (WINDOW + baseline)
    bar = min(false_alarms / len(counted), 0.05)
    found = {}
    for subject, one in counted.items():
        if one.recent < LEAST_COUNT:
            continue
        p = at_least(one.recent, one.recent + one.before, share)
        if p <= bar:
            found[subject] = Spike(one.recent, one.before * (WINDOW / baseline), p)
    return found


def at_least(k: int, n: int, share: float) -> float:
    """P(X ≥ k) where each of n falls in by chance with probability `share`."""
    if k <= 0:
        return 1.0
    terms: Iterable[float] = (
        exp(lgamma(n + 1) - lgamma(i + 1) - lgamma(n - i + 1) + i * log(share) + (n - i) * log(1 - share))
        for i in range(k, n + 1)
    )
    return min(sum(terms), 1.0)


def _page(url: str) -> str:
    """An address without what only says where a click came from."""
    parts = urlsplit(url)
    query = "&".join(each for each in parts.query.split("&") if each and not each.startswith("utm_"))
    return f"{parts.netloc.casefold()}{parts.path.rstrip('/')}?{query}"


def _text(sent: Mapping[str, Any], name: str, longest: int) -> str:
    value = sent.get(name, "")
    if not isinstance(value, str):
        raise InvalidInput(f"{name} is not text")
    value = value.strip()
    if len(value) > longest:
        raise InvalidInput(f"{name} is longer than {longest} characters")
    if "\x00" in value:
        raise InvalidInput(f"{name} holds a character that is none")
    return value


def _number(sent: Mapping[str, Any], name: str, usual: float, least: float, most: float) -> float:
    if name not in sent:
        return usual
    try:
        value = float(sent[name])
    except (TypeError, ValueError):
        raise InvalidInput(f"{name} is not a number") from None
    if not least <= value <= most:
        raise InvalidInput(f"{name} is not between {least:g} and {most:g}")
    return value


def _moment(told: Any, now: datetime) -> datetime:
    """When it happened; now where nobody says. A day without a time is its beginning in UTC."""
    if told is None:
        return now
    try:
        found = datetime.fromisoformat(str(told))
    except ValueError:
        raise InvalidInput("observed_at is not a date", hint="Write 2026-03-02 or 2026-03-02T10:00:00Z.") from None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    if found > now + timedelta(minutes=5):
        raise InvalidInput("observed_at is in the future")
    if found < EARLIEST:
        raise InvalidInput("observed_at is before the year 2000")
    return found
