"""What may leave: caps are never exceeded, windows never broken, nobody who must be left alone is written to, and the
reason names the gate."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.outreach.deciding import Campaign, Mailbox, Outcome, Person, Suppressed, decide
from domain.outreach.limits import Cap, Ramp, SendTimes, day_begins, ramp_begins
from domain.outreach.mailboxes import RampTerms, Terms, mailbox_of
from domain.working_hours import ALWAYS, parse_working_hours

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
OFFICE = parse_working_hours({day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, "UTC")
ADA = Person("ada@lovelace.example")


def campaign(**changes):
    defaults = {
        "window": ALWAYS,
        "caps": (Cap("sequence_per_day", 100, SendTimes()),),
        "new_cap": Cap("new_per_day", 100, SendTimes()),
        "recipient_domain_limit": 100,
    }
    return Campaign(**{**defaults, **changes})


def mailbox(name="one", *, times=None, **changes):
    times = times if times is not None else SendTimes()
    defaults = {
        "window": ALWAYS,
        "caps": (Cap("mailbox_per_day", 40, times),),
        "min_gap": timedelta(),
        "gap_jitter": timedelta(),
    }
    return Mailbox(name, f"{name}@agency.example", times=times, **{**defaults, **changes})


def ask(person=ADA, *, of=None, mailboxes=None, now=MONDAY, is_first=True, **more):
    return decide(
        of or campaign(), person, [mailbox()] if mailboxes is None else mailboxes, now=now, is_first=is_first, **more
    )


def test_nothing_in_the_way_sends_and_names_the_smallest_limit():
    found = ask()
    assert (found.outcome, found.reason, found.mailbox_id) == (Outcome.SEND, "allowed", "one")
    assert found.detail["smallest_limit"] == "mailbox_per_day"
    assert found.detail["limits"] == {"sequence_per_day": [0, 100], "new_per_day": [0, 100], "mailbox_per_day": [0, 40]}


@pytest.mark.parametrize(
    ("of", "person", "outcome", "reason"),
    [
        ({"closed": "organization_stopped"}, {}, Outcome.WAIT, "organization_stopped"),
        ({}, {"is_gone": True}, Outcome.STOP, "contact_gone"),
        ({}, {"email": ""}, Outcome.STOP, "no_address"),
        ({}, {"suppressed": Suppressed("agency", "domain", "legal")}, Outcome.STOP, "suppressed"),
        ({}, {"is_undeliverable": True}, Outcome.STOP, "address_undeliverable"),
        ({}, {"ended_by": "meeting"}, Outcome.STOP, "meeting"),
        ({}, {"consent": "refused"}, Outcome.STOP, "consent_refused"),
        ({"needs_consent": True}, {}, Outcome.STOP, "consent_missing"),
        ({"blocked_stages": frozenset({"customer"})}, {"stage": "customer"}, Outcome.STOP, "stage_blocked"),
        ({"ends_on": date(2026, 3, 1)}, {}, Outcome.STOP, "campaign_over"),
        ({"starts_on": date(2026, 3, 9)}, {}, Outcome.WAIT, "campaign_not_begun"),
        ({}, {"elsewhere": "Autumn"}, Outcome.WAIT, "in_another_sequence"),
        ({}, {"is_company_full": True}, Outcome.WAIT, "company_limit"),
        ({"quiet": timedelta(days=3)}, {"touched_at": MONDAY - timedelta(days=1)}, Outcome.WAIT, "touched_lately"),
        ({"window": parse_working_hours({"tue": ["09:00-17:00"]}, "UTC")}, {}, Outcome.WAIT, "campaign_window"),
        ({}, {"window": parse_working_hours({"tue": ["09:00-17:00"]}, "UTC")}, Outcome.WAIT, "contact_window"),
    ],
)
def test_each_gate_says_its_own_reason(of, person, outcome, reason):
    found = ask(Person(**{"email": ADA.email, **person}), of=campaign(**of))
    assert (found.outcome, found.reason) == (outcome, reason)
    assert (found.until is not None) == (outcome is Outcome.WAIT)
    assert found.until is None or found.until > MONDAY


def test_what_keeps_somebody_new_back_keeps_no_follow_up_back():
    touched = Person(ADA.email, touched_at=MONDAY, is_company_full=True)
    found = ask(
        touched, of=campaign(quiet=timedelta(days=3), new_cap=Cap("new_per_day", 0, SendTimes())), is_first=False
    )
    assert found.outcome is Outcome.SEND


def test_missing_variables_hold_a_message_and_are_named():
    found = ask(missing=["company.name", "contact.first_name"])
    assert (found.outcome, found.reason) == (Outcome.WAIT, "variable_missing")
    assert found.detail == {"variables": ["company.name", "contact.first_name"]}


def test_a_campaign_and_a_mailbox_in_two_zones_must_both_be_open():
    new_york = parse_working_hours({"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}, "America/New_York")
    berlin = parse_working_hours({"mon": ["09:00-17:00"], "tue": ["09:00-17:00"]}, "Europe/Berlin")
    found = ask(of=campaign(window=berlin), mailboxes=[mailbox(window=new_york)], now=MONDAY)
    assert (found.reason, found.until) == ("mailbox_window", datetime(2026, 3, 2, 14, tzinfo=UTC))
    late = ask(
        of=campaign(window=berlin), mailboxes=[mailbox(window=new_york)], now=datetime(2026, 3, 2, 16, 30, tzinfo=UTC)
    )
    assert (late.reason, late.until) == ("campaign_window", datetime(2026, 3, 3, 14, tzinfo=UTC))


def test_the_smallest_of_several_caps_is_named():
    used = SendTimes([MONDAY - timedelta(hours=2)] * 5)
    caps = (Cap("mailbox_per_day", 40, used), Cap("ramp", 5, used), Cap("young_mailbox", 20, used))
    found = ask(mailboxes=[mailbox(times=used, caps=caps)])
    assert (found.outcome, found.reason) == (Outcome.WAIT, "cap_ramp")
    assert found.detail["limits"]["ramp"] == [5, 5]
    assert found.until == day_begins(MONDAY + timedelta(days=1), "UTC") + timedelta(hours=8)


def test_yesterday_evening_counts_against_this_morning():
    now = datetime(2026, 3, 3, 9, tzinfo=UTC)
    used = SendTimes([datetime(2026, 3, 2, 16, minute, tzinfo=UTC) for minute in range(5)])
    found = ask(mailboxes=[mailbox(times=used, caps=(Cap("mailbox_per_day", 5, used),))], now=now)
    assert (found.reason, found.until) == ("cap_mailbox_per_day", datetime(2026, 3, 3, 16, tzinfo=UTC))


def test_whoever_has_been_idle_longest_begins_a_new_thread():
    early, late = SendTimes([MONDAY - timedelta(hours=5)]), SendTimes([MONDAY - timedelta(hours=1)])
    assert ask(mailboxes=[mailbox("late", times=late), mailbox("early", times=early)]).mailbox_id == "early"


def test_a_gap_is_kept_and_its_jitter_can_be_said_again():
    box = mailbox(times=SendTimes([MONDAY]), min_gap=timedelta(minutes=10), gap_jitter=timedelta(minutes=5))
    first, again = ask(mailboxes=[box]), ask(mailboxes=[box])
    assert first.reason == "mailbox_gap"
    assert timedelta(minutes=10) <= first.until - MONDAY <= timedelta(minutes=15)
    assert first == again


def test_a_recipient_domain_is_not_flooded():
    times = SendTimes([MONDAY - timedelta(minutes=50), MONDAY - timedelta(minutes=20)])
    found = ask(of=campaign(recipient_domain_limit=2), recipient_domain_times=times)
    assert (found.reason, found.until) == ("recipient_domain_throttle", MONDAY + timedelta(minutes=10))


def test_a_ramp_climbs_by_the_day_and_begins_anew_after_silence():
    ramp = Ramp(10, 5, 50)
    assert [ramp.allowed(date(2026, 3, 1), date(2026, 3, day)) for day in (1, 2, 9, 30)] == [10, 15, 50, 50]
    began = ramp_begins(date(2026, 1, 1), date(2026, 2, 10), date(2026, 3, 1))
    assert ramp.allowed(began, date(2026, 3, 1)) == 10
    assert ramp_begins(date(2026, 1, 1), date(2026, 2, 25), date(2026, 3, 1)) == date(2026, 1, 1)


ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"])
STARTS = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 1)).map(lambda at: at.replace(tzinfo=UTC))


@given(
    per_day=st.integers(1, 6),
    per_hour=st.integers(1, 3),
    ramp=st.none() | st.builds(RampTerms, start=st.integers(1, 3), step=st.integers(0, 2), ceiling=st.integers(1, 6)),
    steps=st.lists(st.integers(0, 300), min_size=30, max_size=150),
    zone=ZONES,
    start=STARTS,
    window=st.sampled_from(["always", "office"]),
    suppressed=st.lists(st.booleans(), min_size=150, max_size=150),
)
@settings(deadline=None, max_examples=150)
def test_caps_are_never_exceeded_windows_never_broken_and_nobody_suppressed_is_written_to(
    per_day, per_hour, ramp, steps, zone, start, window, suppressed
):
    hours = {"time_zone": zone}
    days = (
        ("mon", "tue", "wed", "thu", "fri", "sat", "sun") if window == "always" else ("mon", "tue", "wed", "thu", "fri")
    )
    hours |= {day: (["00:00-24:00"] if window == "always" else ["09:00-12:00", "13:00-17:00"]) for day in days}
    terms = Terms.model_validate(
        {
            "per_day": per_day,
            "per_hour": per_hour,
            "min_gap_seconds": 60,
            "gap_jitter_seconds": 30,
            "ramp": ramp,
            "window": hours,
        }
    )
    times, now, began = SendTimes(), start, start.date()
    sent: list[datetime] = []
    for minutes, must_be_left in zip(steps, suppressed, strict=False):
        now += timedelta(minutes=minutes)
        box = mailbox_of(
            terms,
            times,
            mailbox_id="one",
            address="one@agency.example",
            time_zone="UTC",
            ramp_began_on=began,
            last_sent_on=sent[-1].date() if sent else None,
            now=now,
        )
        person = Person(
            ADA.email, suppressed=Suppressed("organization", "email", "unsubscribed") if must_be_left else None
        )
        found = decide(campaign(), person, [box], now=now, is_first=False)
        if must_be_left:
            assert found.outcome is Outcome.STOP
        if found.outcome is Outcome.WAIT:
            assert found.until > now
        if found.outcome is Outcome.SEND:
            assert box.window.is_open(now)
            times.add(now)
            sent.append(now)
    for number, at in enumerate(sent):
        later = sent[number:]
        assert sum(one - at < timedelta(hours=24) for one in later) <= per_day
        assert sum(one - at < timedelta(hours=1) for one in later) <= per_hour
    assert max(Counter(day_begins(one, zone) for one in sent).values(), default=0) <= per_day
    assert all(after - before >= timedelta(seconds=60) for before, after in pairwise(sent))


@given(per_day=st.integers(1, 4), gaps=st.lists(st.integers(1, 600), min_size=5, max_size=40), start=STARTS, zone=ZONES)
@settings(deadline=None)
def test_at_the_time_a_wait_names_there_is_room(per_day, gaps, start, zone):
    times, now = SendTimes(), start
    for minutes in gaps:
        now += timedelta(minutes=minutes)
        cap = Cap("mailbox_per_day", per_day, times, time_zone=zone)
        found = ask(mailboxes=[mailbox(times=times, caps=(cap,))], now=now, is_first=False)
        if found.outcome is Outcome.SEND:
            times.add(now)
        else:
            again = ask(mailboxes=[mailbox(times=times, caps=(cap,))], now=found.until, is_first=False)
            assert again.outcome is Outcome.SEND
