"""Copy lint: each rule speaks up where it should, and a good letter is left alone."""

from __future__ import annotations

import pytest

from domain.deliverability.wording import Letter, Weight, remarks_on

GOOD = "Hi Ada,\n\nyou wrote that Northwind opens an office in Leeds. We filled two for Contoso last year.\n\nWorth a talk? If not, tell me and you will get no more messages.\n\nBob"


def rules(**changes) -> dict[str, Weight]:
    letter = {"subject": "Your office in Leeds", "text": GOOD, **changes}
    return {remark.rule: remark.weight for remark in remarks_on(Letter(**letter))}


def test_a_good_letter_is_left_alone():
    assert rules() == {}


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"subject": ""}, "no_subject"),
        ({"subject": "x" * 61}, "long_subject"),
        ({"subject": "Re: our talk"}, "false_reply"),
        ({"subject": "LAST CHANCE FOR NORTHWIND"}, "shouting"),
        ({"text": GOOD.replace("Ada", "{{ contact.first_name }}")}, "literal_token"),
        ({"text": GOOD.replace("Hi Ada", "Hi None")}, "literal_token"),
        ({"text": GOOD.replace("Hi", "{Hi|Hello}")}, "literal_token"),
        ({"text": GOOD + " word" * 200}, "too_long"),
        ({"text": GOOD + " Act now, risk-free!"}, "spam_phrases"),
        ({"text": GOOD + "\nBUY THIS TODAY OR NEVER"}, "shouting"),
        ({"text": "Hi Ada, are you free on Monday?"}, "no_way_out"),
        ({"has_unsubscribe_header": False}, "no_way_out"),
        ({"text": GOOD + " https://a.example https://b.example https://c.example"}, "many_links"),
        ({"text": GOOD + " https://bit.ly/x"}, "shortened_link"),
        ({"text": GOOD + " http://a.example"}, "plain_link"),
        ({"html": '<a href="https://evil.example">https://bank.example</a>'}, "disguised_link"),
        ({"tracks_opens": True}, "tracked_first"),
        ({"text": "", "html": '<img src="a.png" alt="">'}, "image_only"),
        ({"html": "<p>Hi</p><img src=1 alt=a><img src=2 alt=b>"}, "many_images"),
        ({"html": "<p>Hi</p><img src=1>"}, "no_alt"),
    ],
)
def test_each_rule_speaks_up(changes, rule):
    assert rule in rules(**changes)


def test_what_is_true_of_first_letters_only_is_not_said_of_later_ones():
    text = GOOD + " https://a.example https://b.example https://c.example"
    assert rules(text=text, subject="Re: Your office", is_first=False, tracks_opens=True) == {}


def test_the_worst_comes_first():
    found = remarks_on(Letter(subject="", text=GOOD + " http://a.example", html="<img src=1>"))
    assert [remark.weight for remark in found] == sorted((remark.weight for remark in found), key=list(Weight).index)
