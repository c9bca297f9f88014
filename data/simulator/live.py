"""Live traffic: the visits that follow a client's history, sent through the real HTTP endpoints, with programs and bad
events among them.

Page views and the like go to `/v1/collect`, a batch a visit under the visitor's own user agent; who somebody is goes to
`/v1/identify`; a form goes to `/v1/forms/<id>/submissions` after the time it takes to fill in, a spammer's at once.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np

from data.simulator.client import Client
from data.simulator.traffic import taken
from data.simulator.website import events_by_visit

BAD_EVERY = 60
"""Every so many events one is spoiled, in turn by each of SPOILS."""
VISITS_AT_ONCE = 200
FORM_TYPES = {"form_submit"}
MOST_BEHIND_SECONDS = 60.0
"""A server that is slower than the rate gets this much longer for what was to be sent."""
FILLING_SECONDS = 4.0
"""More than a form may be filled in by a person (`capture.form_min_seconds`)."""


@dataclass
class LiveReport:
    """What the server said, counted: by what was sent, then by its answer."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, sent: str, answer: str, number: int = 1) -> None:
        if number:
            self.counts[sent, answer] += number

    @property
    def accepted(self) -> int:
        return sum(number for (_, answer), number in self.counts.items() if answer == "accepted")


def play(
    client: Client, http: httpx.Client, *, since: datetime, rate: float, seconds: float, form_id: str | None = None,
    hear: Callable[[LiveReport], None] = lambda _report: None,
) -> LiveReport:  # fmt: skip
    """Sends the visits after `since` at `rate` events a second for that many seconds, moved to the present. `http` knows
    the server and its write key; forms go to `form_id` where the client has one; `hear` gets the counts about once a
    second. Raises httpx.ConnectError where nobody listens."""
    report = LiveReport()
    started, sent, told = time.monotonic(), 0, 0.0
    caller = _Caller(http, form_id, report)
    for visit in _visits(client, since):
        due = sent / rate
        passed = time.monotonic() - started
        if due >= seconds or passed >= seconds + MOST_BEHIND_SECONDS:
            break
        time.sleep(max(0.0, due - passed))
        caller.visit(visit, sent)
        sent += len(visit)
        if passed - told >= 1.0:
            told = passed
            hear(report)
    caller.finish()
    hear(report)
    return report


def _visits(client: Client, since: datetime) -> Iterator[list[dict[str, Any]]]:
    """Events of one visit after the other; from the beginning again where the world is at its end."""
    begins = datetime.combine(client.parameters.starts_on, datetime.min.time(), UTC)
    first = int(np.searchsorted(client.traffic.at, (since - begins).total_seconds()))
    places = np.concatenate([np.arange(first, client.traffic.count), np.arange(first)])
    for start in range(0, len(places), VISITS_AT_ONCE):
        chunk = taken(client.traffic, places[start : start + VISITS_AT_ONCE])
        yield from (table.to_pylist() for table in events_by_visit(client, chunk))


@dataclass
class _Caller:
    """Speaks to the endpoints as a site's pixel and form do."""

    http: httpx.Client
    form_id: str | None
    report: LiveReport
    waiting: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def visit(self, events: list[dict[str, Any]], number: int) -> None:
        """A visit's events, as if its last one happened now."""
        moved = datetime.now(UTC) - max(event["occurred_at"] for event in events)
        headers = {"user-agent": events[0]["user_agent"], "x-forwarded-for": _address(events[0]["ip_network"])}
        forms = [event for event in events if event["type"] in FORM_TYPES and event["email"] and self.form_id]
        names = [event for event in events if event["type"] == "identify" and event["email"]]
        rest = [event for event in events if event not in forms and event not in names]
        self._collect(rest, moved, headers, number)
        for event in names:
            self._identify(event, moved, headers)
        for event in forms:
            self._open_form(event, headers, is_person=bool(names))
        self._send_due_forms(time.monotonic())

    def finish(self) -> None:
        """Sends the forms that are still being filled in."""
        while self.waiting:
            time.sleep(max(0.0, self.waiting[0][0] - time.monotonic()))
            self._send_due_forms(time.monotonic())

    def _collect(self, events: list[dict[str, Any]], moved: timedelta, headers: dict[str, str], number: int) -> None:
        batch = [_body(event, moved) for event in events]
        for place in range(len(batch)):
            if (number + place) % BAD_EVERY == BAD_EVERY - 1:
                batch.insert(place, SPOILS[(number + place) // BAD_EVERY % len(SPOILS)](dict(batch[place])))
        if not batch:
            return
        answer = self.http.post("/v1/collect", json={"batch": batch}, headers=headers)
        if not answer.is_success:
            self.report.add("event", f"refused ({answer.status_code})", len(batch))
            return
        for result in answer.json()["results"]:
            said = result["status"]
            self.report.add("event", f"rejected: {result['reason']}" if said == "rejected" else said)

    def _identify(self, event: dict[str, Any], moved: timedelta, headers: dict[str, str]) -> None:
        body = {
            "traits": {"email": event["email"]}, "anonymous_id": event["anonymous_id"], "consent": event["consent"],
            "event_id": event["event_id"], "occurred_at": (event["occurred_at"] + moved).isoformat(),
        }  # fmt: skip
        answer = self.http.post("/v1/identify", json=body, headers=headers)
        self.report.add("identify", "accepted" if answer.is_success else f"refused ({answer.status_code})")

    def _open_form(self, event: dict[str, Any], headers: dict[str, str], *, is_person: bool) -> None:
        form = self.http.get(f"/v1/forms/{self.form_id}")
        if not form.is_success:
            self.report.add("form", f"refused ({form.status_code})")
            return
        found = form.json()
        body = {
            "submission_id": event["event_id"], "answers": _answers(found["fields"], event["email"]),
            "token": found["token"], "anonymous_id": event["anonymous_id"], "consent": event["consent"],
            "consent_given": True, "page_url": event["page_url"], "honeypot": "" if is_person else event["page_url"],
        }  # fmt: skip
        due = time.monotonic() + (FILLING_SECONDS if is_person else 0.0)
        self.waiting.append((due, {"json": body, "headers": headers}))
        self.waiting.sort(key=lambda pair: pair[0])

    def _send_due_forms(self, now: float) -> None:
        while self.waiting and self.waiting[0][0] <= now:
            _, request = self.waiting.pop(0)
            answer = self.http.post(f"/v1/forms/{self.form_id}/submissions", **request)
            self.report.add("form", "accepted" if answer.is_success else f"refused ({answer.status_code})")


def _body(event: dict[str, Any], moved: timedelta) -> dict[str, Any]:
    """An event as the pixel sends it."""
    at = (event["occurred_at"] + moved).isoformat()
    wanted = {name: event[name] for name in ("event_id", "type", "anonymous_id", "consent")}
    utm = {name: event[f"utm_{name}"] for name in ("source", "medium", "campaign") if event[f"utm_{name}"]}
    clicks = {name: event[name] for name in ("gclid", "li_fat_id") if event[name]}
    return {
        **{name: value for name, value in wanted.items() if value is not None},
        **({"session_id": event["session_hint"]} if event["session_hint"] else {}),
        "occurred_at": at, "sent_at": datetime.now(UTC).isoformat(),
        "page": {"url": event["page_url"], "title": event["page_title"], "referrer": event["referrer"]},
        **({"utm": utm} if utm else {}), **({"click_ids": clicks} if clicks else {}),
        "device": {name: event[name] for name in ("viewport", "language", "time_zone") if event[name]},
    }  # fmt: skip


SPOILS: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...] = (
    lambda event: {**event, "type": "pageview"},
    lambda event: {name: value for name, value in event.items() if name != "event_id"},
    lambda event: {**event, "event_id": f"{event['event_id']}-bad", "occurred_at": "2001-02-03T04:05:06Z"},
    lambda event: {**event, "event_id": f"{event['event_id']}-bad", "occurred_at": "the day before"},
)
"""What goes wrong on real sites: a type of another vendor, no id, a clock years behind, a time that is none."""


def _answers(fields: list[dict[str, Any]], email: str) -> dict[str, Any]:
    """What somebody of this address writes into a form."""
    first, _, rest = email.partition(".")
    known = {"email": email, "first_name": first.title(), "last_name": rest.partition("@")[0].title(),
             "company": email.rpartition("@")[2].partition(".")[0].title()}  # fmt: skip
    answers: dict[str, Any] = {}
    for one in fields:
        value = known.get(str(one.get("maps_to")))
        if value is None and one.get("options"):
            value = one["options"][0]
        if value is None and one.get("required"):
            value = "Please call me."
        if value is not None:
            answers[one["key"]] = value
    return answers


def _address(network: str) -> str:
    """An address in a network of documentation."""
    return f"{network.partition('/')[0]}1"
