"""A row on its way through the chains: who is asked, in which order, when it ends, and what may be tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from domain.enrichment.answers import Answer, Operation, Outcome, Told
from domain.enrichment.fields import Subject
from domain.enrichment.walking import Connected, Status, Walk, answered, begin, next_ask, replayed, tried, wants_again
from domain.enrichment.workflows import parse_workflow

FIELDS = ("industry", "city", "employee_count")
VALID = {"industry": "Software", "city": "Berlin", "employee_count": 140}


def workflow(chains, **more):
    return parse_workflow(
        {"name": "w", "subject": "company", "fields": [{"field": f, "providers": c} for f, c in chains.items()], **more}
    )


def connected(name, *gives, needs=("company_domain",), price=0, problem="", charges="found"):
    operation = Operation("find", Subject.COMPANY, frozenset(gives or FIELDS), (needs,), charges=charges)
    return Connected(name, f"id-{name}", (operation,), price, problem)


KNOWN = {"company_domain": "acme.example"}


def step(flow, walk, connections, facts=None, question=None):
    return next_ask(flow, walk, question or KNOWN, facts or {}, {each.name: each for each in connections})


def test_one_call_is_for_all_fields_whose_chains_have_arrived_there():
    flow = workflow({"industry": ["a", "b"], "city": ["a"], "employee_count": ["b", "a"]})
    walk, ask = step(flow, begin(flow, {}, fresh=(), own=()), [connected("a"), connected("b")])
    assert (ask.connection, ask.fields) == ("a", ("industry", "city"))
    walk, offers = answered(flow, walk, ask, Answer(Outcome.FOUND, {"industry": Told("Software")}), 0)
    assert [offer.field for offer in offers] == ["industry"]
    walk, ask = step(flow, walk, [connected("a"), connected("b")])
    assert (ask.connection, ask.fields) == ("b", ("employee_count",))
    assert walk.fields["city"].status is Status.EMPTY


def test_who_cannot_be_asked_is_passed_over_with_the_reason():
    flow = workflow(
        {"industry": ["gone", "off", "poor", "mute", {"provider": "picky", "when": ["country:eq:DE"]}, "dear", "last"]},
        ceilings={"per_row": 0.01},
    )
    connections = [
        connected("off", problem="paused"), connected("poor", needs=("ip",)), connected("mute", "city"),
        connected("picky"), connected("dear", price=20_000), connected("last"),
    ]  # fmt: skip
    walk, ask = step(flow, begin(flow, {}, fresh=(), own=()), connections, {"country": "FR"})
    assert ask.connection == "last"
    assert walk.fields["industry"].reasons == (
        "not_connected", "paused", "input_missing", "not_offered", "condition", "row_ceiling",
    )  # fmt: skip


def test_an_answer_that_is_trusted_too_little_is_not_the_end():
    flow = workflow({"industry": [{"provider": "a", "minimum_confidence": 0.8}, "b"]})
    walk, ask = step(flow, begin(flow, {}, fresh=(), own=()), [connected("a"), connected("b")])
    walk, (offer,) = answered(flow, walk, ask, Answer(Outcome.FOUND, {"industry": Told("Software", 0.5)}), 0)
    assert "confidence" in offer.problem
    assert step(flow, walk, [connected("a"), connected("b")])[1].connection == "b"


def test_what_failed_is_replayed_from_there_and_what_was_found_stays():
    flow = workflow({"industry": ["a", "b"], "city": ["b"]})
    walk = begin(flow, {}, fresh=(), own=())
    walk, ask = step(flow, walk, [connected("a"), connected("b")])
    walk, _ = answered(flow, walk, ask, Answer(Outcome.MALFORMED), 0)
    walk, ask = step(flow, walk, [connected("a"), connected("b")])
    walk, _ = answered(flow, walk, ask, Answer(Outcome.FOUND, {"city": Told("Berlin")}), 0)
    walk, ask = step(flow, walk, [connected("a"), connected("b")])
    assert (ask, walk.has_failed, walk.fields["industry"].status) == (None, True, Status.FAILED)
    again, ask = step(flow, replayed(walk), [connected("a"), connected("b")])
    assert (ask.connection, ask.fields, again.fields["city"].status) == ("a", ("industry",), Status.FILLED)


def test_what_may_have_been_charged_is_asked_again_only_where_it_costs_nothing():
    flow = workflow({"industry": ["a"]})
    walk = begin(flow, {}, fresh=(), own=())
    _, dear = step(flow, walk, [connected("a", price=20_000)])
    _, free = step(flow, walk, [connected("a")])
    timed_out, busy = Answer(Outcome.TIMED_OUT), Answer(Outcome.RATE_LIMITED)
    assert not wants_again(walk, dear, timed_out)
    assert wants_again(walk, free, timed_out)
    assert wants_again(walk, dear, busy)
    for _ in range(8):
        walk = tried(walk, dear)
    assert not wants_again(walk, dear, busy)


OUTCOMES = st.sampled_from(list(Outcome))
ANSWERS = st.builds(
    lambda outcome, told: Answer(
        outcome, {name: Told(value) for name, value in told.items()} if outcome is Outcome.FOUND else {}
    ),
    OUTCOMES,
    st.dictionaries(st.sampled_from(FIELDS), st.sampled_from([*VALID.values(), "", None, [], "<p>"]), max_size=3),
)
CHAINS = st.dictionaries(
    st.sampled_from(FIELDS), st.lists(st.sampled_from("abcd"), min_size=1, max_size=4, unique=True), min_size=1
)


@given(
    chains=CHAINS,
    answers=st.lists(ANSWERS, min_size=12, max_size=12),
    prices=st.lists(st.integers(0, 60_000), min_size=4, max_size=4),
)
def test_every_way_ends_within_its_ceiling_asks_nobody_twice_for_a_field_and_survives_being_kept(
    chains, answers, prices
):
    flow = workflow(chains, ceilings={"per_row": 0.1})
    connections = [connected(name, price=price) for name, price in zip("abcd", prices, strict=True)]
    walk, asked = begin(flow, {}, fresh=(), own=()), []
    for answer in answers:
        walk = Walk.from_json(walk.as_json())
        walk, ask = step(flow, walk, connections)
        if ask is None:
            break
        asked += [(ask.connection, field) for field in ask.fields]
        walk, _ = answered(flow, walk, ask, answer, ask.price)
    assert walk.is_over
    assert len(asked) == len(set(asked))
    assert walk.spent <= 100_000
    for name, state in walk.fields.items():
        if state.status is Status.FILLED:
            assert (state.by, name) == [each for each in asked if each[1] == name][-1]
