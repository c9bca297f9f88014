"""What the routes of plays do: plays are set, seen, and tried on the past."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.plays import FIELDS, SETTING, Past, Play, decide, parse_plays
from domain.tasks import day_of
from serving import etags
from serving.access.principals import Principal
from serving.crm.presenters import company_name, display_name
from serving.plays.playing import with_people
from serving.plays.schemas import (
    NamedOut,
    PlayIn,
    PlayRunListOut,
    PlayRunOut,
    PlaysIn,
    PlaysOut,
    TrialExampleOut,
    TrialIn,
    TrialOut,
    TriedOut,
)
from serving.routing.assignment import name_of, reps_of
from serving.sequences.enrolling import AT_ONCE as JUDGED_AT_ONCE
from serving.sequences.enrolling import door_of, judge, parts_of
from serving.sequences.service import SCOPE
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.plays import AT_ONCE, PlayFacts, PlayRuns
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store, Work
from storage.ops.tables import BuyingSignal, Company, Contact, OrganizationSetting

COUNTED = timedelta(days=90)
MOST_TRIED = 5_000
SHOWN = 50


def shown(work: Work) -> PlaysOut:
    held = OrganizationSettings(work).current(SETTING)
    counts: dict[str, dict[str, int]] = {}
    for (key, reason), count in PlayRuns(work).counts(work.now() - COUNTED).items():
        counts.setdefault(key, {})[reason] = count
    return PlaysOut(
        version=held.version if held else None,
        etag=_tag(held),
        changed_at=held.valid_from if held else None,
        plays=[PlayIn.model_validate(each) for each in (held.value.get("plays") or [] if held else [])],
        counts=counts,
        fields=sorted(FIELDS),
        people=[NamedOut(id=member.user_id, name=name_of(member)) for member in reps_of(work)],
        sequences=[
            NamedOut(id=row.sequence_id, name=row.name)
            for row in Sequences(work).of_organization()
            if row.status != "ended"
        ],
    )


def put(work: Work, body: PlaysIn, if_match: str | None = None) -> PlaysOut:
    """A new version of all plays, which holds from now on. Raises PreconditionFailed for a stale `If-Match`, and
    InvalidInput for the first fault."""
    PlayRuns(work).hold()
    held = OrganizationSettings(work).current(SETTING)
    etags.check_tag(if_match, _tag(held))
    value = body.as_setting()
    _checked(work, value)
    if value["plays"] or held is not None:
        OrganizationSettings(work).change(SETTING, value)
    return shown(work)


def newest(work: Work, *, limit: int) -> PlayRunListOut:
    return PlayRunListOut(
        items=[
            PlayRunOut(
                play_run_id=run.play_run_id, play_key=run.play_key, version=run.version, outcome=run.outcome,
                reason=run.reason, detail=dict(run.detail), decided_at=run.decided_at,
                buying_signal_id=run.buying_signal_id, kind=signal.kind, title=signal.title, url=signal.url,
                contact_id=signal.contact_id, contact_name=display_name(contact) if contact else None,
                company_id=signal.company_id, company_name=company_name(company),
            )
            for run, signal, contact, company in PlayRuns(work).newest(limit=limit)
        ]
    )  # fmt: skip


@dataclass
class _Tally:
    """One play on its way through the past."""

    play: Play
    reasons: Counter[str] = field(default_factory=Counter)
    fired: int = 0
    last: dict[str, datetime] = field(default_factory=dict)
    by_day: Counter[datetime] = field(default_factory=Counter)
    people: dict[str, None] = field(default_factory=dict)


def try_out(store: Store, principal: Principal, body: TrialIn) -> TrialOut:
    """Each signal of the last days at the moment it came in, in order, with what is known of people and companies today."""
    examples: deque[TrialExampleOut] = deque(maxlen=SHOWN)
    with store.read(principal.scope) as work:
        plays = _checked(work, PlaysIn(plays=body.plays).as_setting())
        tallies = [_Tally(each) for each in plays]
        facts, kinds = PlayFacts(work), {kind.value for each in plays for kind in each.kinds}
        found = facts.recorded_since(work.now() - timedelta(days=body.days), kinds, limit=MOST_TRIED + 1)
        signals = found[-MOST_TRIED:]
        time_zone = Organizations(work).get(facts.target()).time_zone
        for start in range(0, len(signals), AT_ONCE):
            some = signals[start : start + AT_ONCE]
            known = facts.of(some)
            for signal in some:
                asked = [tally for tally in tallies if signal.kind in tally.play.kinds]
                examples += [_ask(work, each, signal, known[signal.buying_signal_id], time_zone) for each in asked]
    return TrialOut(
        signal_count=len(signals),
        is_cut=len(found) > MOST_TRIED,
        plays=[_tried_out(store, tally) for tally in tallies],
        examples=list(reversed(examples)),
    )


def _tag(held: OrganizationSetting | None) -> str:
    return etags.tag_of_version(held.version if held else 0)


def _checked(work: Work, value: dict[str, Any]) -> tuple[Play, ...]:
    members = [member.user_id for member in reps_of(work)]
    return parse_plays(value, members, [row.sequence_id for row in Sequences(work).of_organization()])


def _ask(work: Work, tally: _Tally, signal: BuyingSignal, known: dict[str, Any], time_zone: str) -> TrialExampleOut:
    whom, came_at = str(signal.company_id or signal.contact_id), signal.created_at
    day, _ = day_of(came_at, time_zone)
    past = Past(tally.last.get(whom), tally.by_day[day])
    decision = decide(tally.play, known, past, observed_at=signal.observed_at, now=came_at)
    decision, people = with_people(work, tally.play, signal, decision)
    if decision.allowed:
        tally.fired += 1
        tally.last[whom] = came_at
        tally.by_day[day] += 1
        tally.people.update(dict.fromkeys(person.contact_id for person in people))
    else:
        tally.reasons[decision.reason] += 1
    return TrialExampleOut(
        name=tally.play.name, kind=signal.kind, title=signal.title or signal.url, about=_about(work, signal),
        came_at=came_at, outcome="fired" if decision.allowed else "skipped", reason=decision.reason,
    )  # fmt: skip


def _tried_out(store: Store, tally: _Tally) -> TriedOut:
    enrolled, refused = 0 if tally.play.acts.sequence_id else None, Counter[str]()
    if enrolled is not None and tally.people:
        with store.read(SCOPE) as work:
            door = door_of(work, Sequences(work).get(tally.play.acts.sequence_id))
            for part in parts_of(list(tally.people), JUDGED_AT_ONCE):
                judged = judge(work, door, part)
                enrolled += len(judged.allowed)
                refused.update(judged.refused_counts)
    return TriedOut(
        key=tally.play.key, name=tally.play.name, asked=tally.fired + tally.reasons.total(), fired=tally.fired,
        reasons=dict(tally.reasons.most_common()), people=len(tally.people), enrolled=enrolled, refused=dict(refused),
    )  # fmt: skip


def _about(work: Work, signal: BuyingSignal) -> str:
    """The session has read them both already."""
    contact = work.session.get(Contact, signal.contact_id) if signal.contact_id else None
    return display_name(contact) if contact else company_name(work.session.get(Company, signal.company_id)) or ""
