"""Sender Policy Framework (RFC 7208): who may send for a domain, and whether receivers can find that out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from domain.deliverability.records import Answer, Finding, Resolver, State, unknown

MOST_LOOKUPS = 10
"""RFC 7208 §4.6.4; above it receivers answer permerror, which counts as no SPF at all."""
MOST_VOID = 2
"""Lookups that find nothing, same section."""
_TERM = re.compile(
    r"^([+\-~?]?)(all|include|a|mx|ptr|ip4|ip6|exists)(?:[:](\S+?))?((?:/\d{1,3})?(?://\d{1,3})?)$", re.IGNORECASE
)
_MODIFIER = re.compile(r"^([a-z][\w.-]*)=(\S*)$", re.IGNORECASE)


@dataclass(slots=True)
class _Walk:
    """What following a record costs and meets."""

    lookups: int = 0
    void: int = 0
    includes: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    unanswered: Answer | None = None


def check_spf(domain: str, resolver: Resolver, *, must_include: str = "") -> Finding:
    """One valid record, within ten lookups, that ends all others; `must_include` is the provider's, e.g. `_spf.google.com`."""
    answer = resolver.ask(domain, "TXT")
    if not answer.is_known:
        return unknown("spf", answer)
    records = _records(answer)
    if not records:
        return _fail(
            "There is no SPF record.", f'Publish a TXT record at {domain}: "v=spf1 include:<your provider> ~all".'
        )
    if len(records) > 1:
        return _fail(
            f"There are {len(records)} SPF records; receivers then use none.", "Merge them into one record.", records
        )
    walk = _Walk()
    _follow(domain, records[0], resolver, walk, {domain})
    return _by_cost(records[0], walk) or _by_words(records[0], walk, must_include.casefold())


def _by_cost(record: str, walk: _Walk) -> Finding | None:
    """What receivers would stumble over; None where they can follow the record to its end."""
    if walk.problems:
        return _fail(walk.problems[0], "Correct the record.", (record,))
    if walk.lookups > MOST_LOOKUPS:
        summary = f"The record needs {walk.lookups} DNS lookups; ten are allowed."
        return _fail(summary, "Remove includes that are not used.", (record,))
    if walk.unanswered:
        return unknown("spf", walk.unanswered)
    if walk.void > MOST_VOID:
        return _fail(f"{walk.void} names in the record lead nowhere; two are allowed.", "Remove them.", (record,))
    return None


def _by_words(record: str, walk: _Walk, must_include: str) -> Finding:
    terms = record.casefold().split()
    if must_include and must_include not in walk.includes:
        advice = f"Add include:{must_include} before the last word."
        return _fail(f"The record does not allow {must_include}.", advice, (record,))
    if {"+all", "all"} & set(terms):
        return _fail("The record allows everybody to send (+all).", "End it with ~all or -all.", (record,))
    if not {"-all", "~all"} & set(terms) and not any(term.startswith("redirect=") for term in terms):
        return _fail("The record does not say what of all others.", "End it with ~all or -all.", (record,))
    return Finding("spf", State.PASS, f"One record, {walk.lookups} of ten lookups.", records=(record,))


def _follow(domain: str, record: str, resolver: Resolver, walk: _Walk, seen: set[str]) -> None:
    for name, value in _terms(domain, record, walk):
        if name in {"ip4", "ip6"}:
            _check_network(name, value, walk)
        if name not in {"include", "a", "mx", "ptr", "exists", "redirect"}:
            continue
        walk.lookups += 1
        if walk.lookups > MOST_LOOKUPS * 3 or "%{" in value:
            continue
        if name in {"include", "redirect"}:
            _follow_other(value, resolver, walk, seen)
        elif name in {"a", "mx"}:
            _look(resolver.ask(value or domain, name.upper()), walk)


def _follow_other(target: str, resolver: Resolver, walk: _Walk, seen: set[str]) -> None:
    walk.includes.add(target)
    if target in seen:
        walk.problems.append(f"The record includes itself through {target}.")
        return
    answer = resolver.ask(target, "TXT")
    records = _records(answer)
    _look(answer, walk)
    if answer.is_known and not records:
        walk.problems.append(f"{target} is included and has no SPF record.")
    for record in records[:1]:
        _follow(target, record, resolver, walk, seen | {target})


def _terms(domain: str, record: str, walk: _Walk) -> Iterator[tuple[str, str]]:
    for term in record.split()[1:]:
        if found := _TERM.match(term):
            yield found[2].casefold(), (found[3] or "").casefold() + (found[4] if found[2].startswith("ip") else "")
        elif modifier := _MODIFIER.match(term):
            yield modifier[1].casefold(), modifier[2].casefold()
        else:
            walk.problems.append(f"“{term[:60]}” in the record of {domain} is no word of SPF.")


def _check_network(name: str, value: str, walk: _Walk) -> None:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        walk.problems.append(f"“{value[:60]}” is no {name} network.")
        return
    if network.version != int(name[-1]):
        walk.problems.append(f"“{value[:60]}” is no {name} network.")


def _look(answer: Answer, walk: _Walk) -> None:
    if not answer.is_known:
        walk.unanswered = walk.unanswered or answer
    elif not answer.values:
        walk.void += 1


def _records(answer: Answer) -> tuple[str, ...]:
    return tuple(value for value in answer.values if re.match(r"v=spf1(?:\s|$)", value, re.IGNORECASE))


def _fail(summary: str, advice: str, records: tuple[str, ...] = ()) -> Finding:
    return Finding("spf", State.FAIL, summary, advice, records)
