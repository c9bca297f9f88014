"""What people ask that is always granted, and what only sounds like it."""

from __future__ import annotations

import pytest

from domain.replies.demands import DemandKind, demand_in

UNSUBSCRIBE = [
    "Please unsubscribe me.",
    "take me off your list please",
    "Remove me from this database!",
    "Stop emailing me",
    "STOP",
    "no more emails please",
    "Don't contact me again.",
    "Bitte nehmen Sie mich aus Ihrem Verteiler.",
    "Bitte senden Sie mir keine weiteren E-Mails.",
    "Bitte schreiben Sie mich nicht mehr an",
    "Merci de ne plus me contacter",
    "Veuillez me désinscrire",
    "Por favor, dame de baja de la lista",
    "No me escriban más",
    "Cancellatemi dalla lista",
    "Graag uitschrijven",
    "Por favor, remova-me da lista",
    "How do I unsubscribe from this?",
    "please delete my data",
    "Kindly remove our address from your records",
    "leave me alone",
    "I'd like to opt out",
    "Never email us again",
    "Ich möchte keine Werbung mehr von Ihnen",
    "Löschen Sie bitte meine Daten",
    "unsub",
    "Not interested, please remove",
    "pls remove",
    "Please cease all communication",
    "I did not sign up for this.",
]
LEGAL = [
    "You will hear from my lawyer",
    "This is a violation of GDPR",
    "Where did you get my email address?",
    "I am reporting you to the ICO",
    "Subject access request under Art. 15 GDPR",
    "This is harassment",
    "Das ist ein Verstoß gegen das UWG",
    "Woher haben Sie meine Daten?",
    "Ich werde meinen Anwalt einschalten",
]
NEITHER = [
    "Are you GDPR compliant?",
    "What unsubscribe rate do you see?",
    "Can you stop by on Tuesday?",
    "Don't contact me until September, we are busy.",
    "Our legal team will review the DPA next week.",
    "Sounds great, let's talk on Monday",
    "We are not interested at the moment.",
    "Not right now, try me in Q3",
    "Our attorneys use a competing product",
    "Does your tool handle opt-out links?",
    "How do you deal with spam complaints?",
    "We would love to stop losing leads",
    "Please send me an email with the deck",
    "Take me through the pricing please",
    "Bitte melden Sie sich im Herbst wieder",
    "I was out of office, can we meet?",
    "Please remove the second seat from the quote.",
    "We had to let go of our agency, so timing is great",
    "We never contact people by phone",
]


@pytest.mark.parametrize("text", UNSUBSCRIBE)
def test_a_wish_for_no_more_mail_is_understood(text):
    found = demand_in(text)
    assert found is not None
    assert found.kind is DemandKind.UNSUBSCRIBE


@pytest.mark.parametrize("text", LEGAL)
def test_who_speaks_of_the_law_is_left_to_a_person(text):
    found = demand_in(text)
    assert found is not None
    assert found.kind is DemandKind.LEGAL


@pytest.mark.parametrize("text", NEITHER)
def test_words_that_only_sound_like_it_demand_nothing(text):
    assert demand_in(text) is None


def test_the_law_goes_before_the_list():
    found = demand_in("Remove me from your list or you will hear from my lawyer.")
    assert found is not None
    assert found.kind is DemandKind.LEGAL
