"""A sequence from enrolment to its end, over a real mail server: what leaves, when, and what stays behind with its reason."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import event, select

from domain.outreach.retries import GIVE_UP_AFTER
from domain.outreach.signals import Signal
from domain.tenancy import Scope
from serving.sending.deciding import look
from serving.sending.engine import Engine
from serving.sending.handing_over import HandOver
from serving.sending.installation import stop_file
from serving.sending.signalling import suppress
from serving.sending.switches import SETTING
from storage.ops.repositories.consents import Consents, Suppressions
from storage.ops.repositories.contact_merges import ContactMerges
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.sequences import Look, Sequences
from storage.ops.tables import Activity, Contact, MessageEvent, OutboxMessage, Suppression, Task
from tests.factories import SYSTEM, TESTER, make_company, make_contact
from tests.factories.outreach import (
    FOLLOW_UP,
    FREE,
    HELLO,
    WAIT,
    employ,
    enrol_all,
    enrolments_of,
    make_enrolment,
    make_mailbox,
    make_sequence,
)
from tests.mail_servers import LOGIN, naming, running_sink

ADA = "ada@lovelace.example"


@pytest.fixture
def read(store):
    """`read(Table)` answers all its rows."""

    def rows(table):
        with store.read(SYSTEM) as work:
            return list(work.session.scalars(select(table)))

    return rows


def state(store, one):
    with store.read(SYSTEM) as work:
        return Enrolments(work).get(one.enrolment_id)


def why(store, one, kind="send"):
    with store.read(SYSTEM) as work:
        lines = Decisions(work).about("enrolment", one.enrolment_id)
    return [(line.outcome, line.reason) for line in reversed(lines) if line.kind == kind]


def test_a_sequence_sends_waits_follows_up_in_the_thread_and_ends(store, agency, mailbox, run, sink, clock, read):
    one = make_enrolment(store, make_sequence(store, agency), ADA, first_name="Ada")
    assert run() == 1
    (first,) = sink.messages
    assert (first["Subject"], first["From"], first["To"]) == ("Hi Ada", "Ada <ada@agency.example>", ADA)
    clock.now += timedelta(days=2, hours=23)
    assert run() == 0
    clock.now += timedelta(hours=1)
    assert run() == 1
    second = sink.messages[1]
    assert second["Subject"] == "Re: Hi Ada"
    assert second["In-Reply-To"] == second["References"] == first["Message-ID"]
    found = state(store, one)
    assert (found.status, found.sent_count, found.next_at, found.ended_at) == ("finished", 2, None, clock.now)
    assert [line.kind for line in read(MessageEvent)] == ["sent", "sent"]
    assert [line.summary for line in read(Activity) if line.kind == "email"] == ["Hi Ada", "Re: Hi Ada"]
    assert why(store, one) == [("send", "allowed:hello"), ("send", "allowed:again")]


def test_what_is_sent_carries_a_way_out_that_needs_one_click(store, agency, mailbox, run, sink):
    make_enrolment(store, make_sequence(store, agency), ADA)
    run()
    (message,) = sink.messages
    links = message["List-Unsubscribe"]
    assert links.startswith("<https://mail.agency.example/u/")
    assert "<mailto:ada@agency.example?subject=unsubscribe%20" in links
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert links[1 : links.index(">")] in message.get_body().get_content()


def test_nothing_is_sent_twice_however_often_the_engine_looks(store, agency, mailbox, run, sink):
    sequence = make_sequence(store, agency)
    for number in range(7):
        make_enrolment(store, sequence, f"person{number}@lovelace.example")
    assert [run(), run(), run()] == [7, 0, 0]
    assert len({tuple(recipients) for _, recipients, _ in sink.envelopes}) == len(sink.envelopes) == 7


@pytest.mark.parametrize("level", ["agency", "organization", "campaign", "domain", "company"])
def test_whoever_is_suppressed_after_enrolment_gets_nothing(store, family, sink, settings, run, level):
    client = family.client.organization_id
    make_mailbox(store, client, sink.port)
    sequence = make_sequence(store, client)
    company = make_company(store, client, domain="lovelace.example")
    one = make_enrolment(store, sequence, ADA)
    employ(store, company, one.contact_id)
    owner = family.agency.organization_id if level == "agency" else client
    kind, value = {"domain": ("domain", "lovelace.example"), "company": ("company", company.company_id)}.get(
        level, ("email", ADA)
    )
    with store.write(SYSTEM, TESTER) as work:
        Suppressions(work).add(
            kind, value, reason="legal", organization_id=owner,
            campaign_id=sequence.campaign_id if level == "campaign" else "",
        )  # fmt: skip
    assert run() == 0
    found = state(store, one)
    assert (found.status, found.reason) == ("stopped", "suppressed")
    assert found.detail["level"] == (level if level in {"agency", "campaign"} else "organization")
    assert sink.envelopes == []


@pytest.mark.parametrize("change", ["suppressed", "stopped", "another_name"])
def test_what_somebody_does_while_it_is_decided_on_them_is_seen(store, agency, mailbox, sink, settings, run, change):
    """They are read once where nobody writes meanwhile, and again where somebody does."""
    sequence = make_sequence(store, agency)
    one, other = make_enrolment(store, sequence, ADA), make_enrolment(store, sequence, "grace@hopper.example")
    pending = [change]

    @event.listens_for(store.engine, "after_cursor_execute")
    def meanwhile(_connection, _cursor, statement, *_):
        """After it was asked who must be left alone, and before anything is written."""
        if "FROM lifecycle_changes" not in statement or not pending:
            return
        pending.pop()
        with store.write(Scope.of(agency), TESTER) as work:
            if change == "suppressed":
                Suppressions(work).add("email", ADA, reason="legal")
            elif change == "stopped":
                Enrolments(work).end(Enrolments(work).get(one.enrolment_id), "stopped", "by_hand")
            else:
                work.session.get(Contact, one.contact_id).first_name = "Augusta"

    look(store, settings, Look(sequence.sequence_id, agency))
    event.remove(store.engine, "after_cursor_execute", meanwhile)
    assert not pending
    with store.read(SYSTEM) as work:
        queued = {message.contact_id for message in work.session.scalars(select(OutboxMessage))}
    assert queued == {other.contact_id, *([one.contact_id] if change == "another_name" else [])}
    assert run() == len(queued)
    assert state(store, one).reason == {"suppressed": "suppressed", "stopped": "by_hand"}.get(change, "")


def test_a_withdrawn_consent_and_a_customer_stop_a_sequence(store, agency, mailbox, run, sink):
    sequence = make_sequence(store, agency)
    ada, bob = make_enrolment(store, sequence, ADA), make_enrolment(store, sequence, "bob@lovelace.example")
    with store.write(Scope.of(agency), TESTER) as work:
        Consents(work).record(ada.contact_id, purpose="marketing", is_granted=False, source="test")
    with store.write(SYSTEM, TESTER) as work:
        work.session.get(Contact, bob.contact_id).lifecycle_stage = "customer"
    assert run() == 0
    assert [state(store, one).reason for one in (ada, bob)] == ["consent_refused", "stage_blocked"]


def test_a_missing_variable_holds_a_message_until_it_is_there(store, agency, mailbox, run, sink, clock):
    one = make_enrolment(store, make_sequence(store, agency, {**HELLO, "text": "At {{ contact.title }}"}), ADA)
    assert run() == 0
    found = state(store, one)
    assert (found.status, found.reason, found.detail) == (
        "active",
        "variable_missing",
        {"variables": ["contact.title"]},
    )
    make_contact(store, agency, email=ADA, title="Analyst")
    clock.now += timedelta(hours=1)
    assert run() == 1
    assert "At Analyst" in sink.messages[0].get_content()


def test_a_cap_holds_the_rest_back_and_the_sequence_says_which(store, agency, sink, run, clock):
    make_mailbox(store, agency, sink.port, terms={**FREE, "per_day": 3})
    sequence = make_sequence(store, agency)
    for number in range(5):
        make_enrolment(store, sequence, f"person{number}@lovelace.example")
    assert run() == 3
    with store.read(SYSTEM) as work:
        row = Sequences(work).get(sequence.sequence_id)
    assert row.waiting["reason"] == "cap_mailbox_per_day"
    assert row.waiting["detail"]["limits"]["mailbox_per_day"] == [3, 3]
    clock.now += timedelta(hours=12)
    assert run() == 0, "a new day, but not 24 hours"
    clock.now += timedelta(hours=12)
    assert run() == 2


def test_follow_ups_go_before_new_people_and_the_other_way_round(store, agency, sink, run, clock):
    make_mailbox(store, agency, sink.port, terms={**FREE, "per_day": 1})
    sequence = make_sequence(store, agency, HELLO, {**WAIT, "days": 1, "hours": 1}, FOLLOW_UP)
    make_enrolment(store, sequence, "old@lovelace.example")
    assert run() == 1
    make_enrolment(store, sequence, "new@lovelace.example")
    clock.now += timedelta(days=1, hours=2)
    run()
    assert [message["To"] for message in sink.messages] == ["old@lovelace.example", "old@lovelace.example"]


def test_threads_stay_with_their_mailbox_and_new_ones_take_turns(store, agency, sink, run, clock):
    for name in ("one", "two"):
        make_mailbox(store, agency, sink.port, f"{name}@agency.example")
    sequence = make_sequence(store, agency)
    for number in range(4):
        make_enrolment(store, sequence, f"person{number}@lovelace.example")
        run()
        clock.now += timedelta(minutes=1)
    clock.now += timedelta(days=3)
    assert run() == 4
    senders = [message["From"] for message in sink.messages]
    assert len(set(senders[:4])) == 2
    by_person = {
        str(message["To"]): {str(found["From"]) for found in sink.to(message["To"])} for message in sink.messages
    }
    assert all(len(boxes) == 1 for boxes in by_person.values())


def flipping(store, settings, agency, sequence, mailbox, switch):
    """`flip(False)` throws the switch, `flip(True)` puts it back."""

    def flip(on: bool) -> None:
        with store.write(Scope.of(agency), TESTER) as work:
            if switch == "sequence":
                Sequences(work).set_status(Sequences(work).get(sequence.sequence_id), "active" if on else "paused")
            elif switch == "mailbox":
                Mailboxes(work).set_status(Mailboxes(work).get(mailbox.mailbox_id), "connected" if on else "paused")
            elif switch == "organization":
                OrganizationSettings(work).put(SETTING, {"is_stopped": not on})
            elif on:
                stop_file(settings).unlink()
            else:
                stop_file(settings).parent.mkdir(exist_ok=True)
                stop_file(settings).touch()

    return flip


@pytest.mark.parametrize("switch", ["sequence", "mailbox", "organization", "installation", "suppression"])
def test_what_is_thrown_while_a_batch_is_on_its_way_holds_for_the_rest_of_it(
    store, agency, mailbox, run, sink, settings, clock, switch
):
    sequence = make_sequence(store, agency)
    people = [make_enrolment(store, sequence, f"person{number}@lovelace.example") for number in range(6)]
    look(store, settings, Look(sequence.sequence_id, agency))
    throw = flipping(store, settings, agency, sequence, mailbox, switch)

    def leave(on: bool) -> None:
        with store.write(Scope.of(agency), TESTER) as work:
            for one in people:
                suppress(work, f"person{people.index(one)}@lovelace.example", Signal.UNSUBSCRIBE,
                         contact_id=one.contact_id, organization_id=agency, source="test")  # fmt: skip

    flip = leave if switch == "suppression" else throw
    seen = []

    def watch(point: str) -> None:
        if point == "answered":
            seen.append(point)
            if len(seen) == 1:
                flip(False)

    left = asyncio.run(carried_by(HandOver(store, settings, "w", watch, looks_every=0)))
    assert left == 6
    gone = len(sink.envelopes)
    assert gone <= settings.outreach.connections < 6
    if switch == "suppression":
        clock.now += timedelta(hours=1)
        run()
        assert len(sink.envelopes) == gone
        return
    flip(True)
    clock.now += timedelta(minutes=15)
    run()
    assert len(sink.envelopes) == 6
    assert len({recipient for _, (recipient,), _ in sink.envelopes}) == 6


async def carried_by(hand_over: HandOver) -> int:
    try:
        return await hand_over.run_once()
    finally:
        await hand_over.close()


@pytest.mark.parametrize("switch", ["sequence", "mailbox", "organization", "installation"])
def test_every_switch_stops_what_is_due_and_what_is_queued(store, agency, mailbox, run, sink, settings, clock, switch):
    sequence = make_sequence(store, agency)
    make_enrolment(store, sequence, ADA)
    look(store, settings, Look(sequence.sequence_id, agency))
    make_enrolment(store, sequence, "bob@lovelace.example")

    flip = flipping(store, settings, agency, sequence, mailbox, switch)
    flip(False)
    assert run() == 0
    assert sink.envelopes == []
    clock.now += timedelta(hours=1)
    flip(True)
    clock.now += timedelta(minutes=15)
    assert run() == 2


def test_a_greylisted_message_comes_again_after_half_an_hour_and_as_the_same_one(
    store, agency, mailbox, run, sink, clock, read
):
    one = make_enrolment(store, make_sequence(store, agency), "person@lovelace.example")
    sink.answers["person"] = "451 4.7.1 Greylisted, try again"
    run()
    (waiting,) = read(OutboxMessage)
    assert (waiting.status, waiting.tries, waiting.reply_code, waiting.counted_at) == ("retry", 1, 451, None)
    clock.now += timedelta(minutes=29)
    assert run() == 0
    sink.answers.clear()
    clock.now += timedelta(minutes=1)
    assert run() == 1
    (message,), (sent,) = sink.messages, read(OutboxMessage)
    assert (sent.outbox_message_id, sent.status, sent.tries) == (waiting.outbox_message_id, "sent", 2)
    assert message["Message-ID"] == waiting.message_id
    assert state(store, one).sent_count == 1


def test_a_message_that_is_put_off_for_days_is_given_up(store, agency, mailbox, run, clock, read):
    one = make_enrolment(store, make_sequence(store, agency), "grey@lovelace.example")
    until, tries = clock.now + GIVE_UP_AFTER + timedelta(hours=4), 0
    while clock.now < until:
        tries += run()
        clock.now += timedelta(hours=6)
    (message,) = read(OutboxMessage)
    assert (message.status, state(store, one).reason) == ("refused", "gave_up")
    assert tries == message.tries == 1 + GIVE_UP_AFTER // timedelta(hours=6)


@pytest.mark.parametrize(
    ("recipient", "reason", "is_suppressed"),
    [
        ("reject@lovelace.example", "bounced", True),
        ("full@lovelace.example", "mailbox_full", False),
        ("spam@lovelace.example", "blocked_by_recipient", False),
    ],
)
def test_a_refusal_for_good_ends_it_and_only_a_dead_address_is_suppressed(
    store, agency, mailbox, run, read, recipient, reason, is_suppressed
):
    one = make_enrolment(store, make_sequence(store, agency), recipient)
    assert run() == 1
    found = state(store, one)
    assert (found.status, found.reason) == ("stopped", reason)
    assert [each.reason for each in read(Suppression)] == (["hard_bounce"] if is_suppressed else [])


def test_a_line_that_breaks_after_the_message_leaves_it_in_doubt_and_it_is_not_sent_again(
    store, agency, mailbox, run, sink, clock, read
):
    one = make_enrolment(store, make_sequence(store, agency), "cut@lovelace.example")
    run()
    (message,) = read(OutboxMessage)
    assert (message.status, state(store, one).status) == ("unknown", "held")
    clock.now += timedelta(days=9)
    assert run() == 0
    assert len(sink.envelopes) == 1


def test_a_line_that_breaks_before_the_message_costs_nothing(store, agency, mailbox, run, clock, read):
    make_enrolment(store, make_sequence(store, agency), "drop@lovelace.example")
    run()
    assert [message.status for message in read(OutboxMessage)] == ["retry"]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is loopback
def test_a_wrong_password_breaks_the_mailbox_and_loses_no_message(store, agency, settings, clock, sink):
    with running_sink(needs_login=True) as guarded:
        mine = naming(settings, guarded.port)
        server = {"host": "127.0.0.1", "port": guarded.port, "security": "none", "username": LOGIN[0]}
        mailbox = make_mailbox(store, agency, guarded.port, smtp=server, secrets={"smtp": "wrong"})
        make_enrolment(store, make_sequence(store, agency), ADA)
        engine = Engine(store, mine, clock=clock)
        engine.drain()
        with store.read(SYSTEM) as work:
            assert Mailboxes(work).get(mailbox.mailbox_id).status == "broken"
        with store.write(Scope.of(agency), TESTER) as work:
            found = Mailboxes(work).get(mailbox.mailbox_id)
            Mailboxes(work).change(found, {}, {"smtp": LOGIN[1]})
            Mailboxes(work).set_status(found, "connected")
        clock.now += timedelta(minutes=31)
        engine.drain()
        assert len(guarded.envelopes) == 1


def test_a_task_in_a_sequence_is_a_persons_and_can_be_waited_for(store, agency, mailbox, run, clock, read):
    call = {"id": "call", "type": "task", "kind": "call", "title": "Call her", "waits": True}
    one = make_enrolment(store, make_sequence(store, agency, call, HELLO), ADA)
    assert run() == 0
    (task,) = read(Task)
    assert (task.title, task.kind, task.source, task.contact_id) == ("Call her", "call", "sequence", one.contact_id)
    assert state(store, one).reason == "task_open"
    clock.now += timedelta(minutes=15)
    assert run() == 0
    assert len(read(Task)) == 1
    with store.write(SYSTEM, TESTER) as work:
        work.session.get(Task, task.task_id).status = "done"
    clock.now += timedelta(minutes=15)
    assert run() == 1


def test_actions_change_the_contact_and_conditions_see_them(store, agency, mailbox, run, sink, read):
    steps = [
        {"id": "mark", "type": "action", "do": "set_attribute", "attribute": "plan", "value": "gold"},
        {"id": "stage", "type": "action", "do": "set_stage", "stage": "mql"},
        HELLO,
    ]
    one = make_enrolment(store, make_sequence(store, agency, *steps), ADA)
    assert run() == 1
    with store.read(SYSTEM) as work:
        contact = work.session.get(Contact, one.contact_id)
        assert (contact.attributes, contact.lifecycle_stage) == ({"plan": "gold"}, "mql")
    done = [("set_attribute", "mark"), ("set_stage", "stage"), ("finished", "end_reached")]
    assert why(store, one, "sequence") == done


def test_an_arm_is_kept_and_colleagues_share_it(store, agency, mailbox, run, sink):
    split = {"id": "split", "type": "split", "arms": [{"id": "a", "next": "hello"}, {"id": "b", "next": "other"}]}
    other = {**HELLO, "id": "other", "subject": "Other"}
    sequence = make_sequence(store, agency, split, {**HELLO, "subject": "One", "next": "end"}, other)
    company = make_company(store, agency, domain="lovelace.example")
    ids = [make_contact(store, agency, email=f"person{number}@lovelace.example").contact_id for number in range(6)]
    employ(store, company, *ids)
    enrol_all(store, sequence, ids)
    assert run() == 6
    assert len({message["Subject"] for message in sink.messages}) == 1
    assert len({one.arms["split"] for one in enrolments_of(store, sequence).values()}) == 1


def test_only_so_many_people_of_a_company_are_written_to_at_a_time(store, agency, mailbox, run, sink):
    sequence = make_sequence(store, agency, limits={"active_per_company": 2})
    company = make_company(store, agency, domain="lovelace.example")
    ids = [make_contact(store, agency, email=f"person{number}@lovelace.example").contact_id for number in range(5)]
    employ(store, company, *ids)
    enrol_all(store, sequence, ids)
    assert run() == 2
    reasons = sorted(one.reason for one in enrolments_of(store, sequence).values())
    assert reasons == ["", "", "company_limit", "company_limit", "company_limit"]


def test_nobody_is_enrolled_twice_or_where_another_sequence_excludes_it(store, agency, mailbox):
    first = make_sequence(store, agency)
    second = make_sequence(store, agency, name="Autumn")
    ada = make_enrolment(store, first, ADA)
    assert enrol_all(store, first, [ada.contact_id]) == {"enrolled_already": [ada.contact_id]}
    assert enrol_all(store, second, [ada.contact_id]) == {"in_another_sequence": [ada.contact_id]}


def test_two_records_that_become_one_person_go_one_way_through_a_sequence(store, agency, mailbox, run, sink, clock):
    sequence = make_sequence(store, agency)
    ada = make_enrolment(store, sequence, ADA, first_name="Ada")
    clock.now += timedelta(minutes=1)
    augusta = make_enrolment(store, sequence, "augusta@lovelace.example", first_name="Augusta")
    with store.write(Scope.of(agency), TESTER) as work:
        ContactMerges(work).merge(*ContactMerges(work).pair(ada.contact_id, augusta.contact_id), [])
    assert run() == 1
    clock.now += timedelta(days=3)
    assert run() == 1
    assert [message["Subject"] for message in sink.messages] == ["Hi Ada", "Re: Hi Ada"]
    assert (state(store, ada).status, state(store, augusta).reason) == ("finished", "in_it_twice")
