"""Whether answers are understood that the classifier never saw, and what it does where it cannot tell."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from domain.replies.demands import demand_in
from domain.replies.intents import SUPPRESSING, Intent, read_intent
from models_ml.reply_intent.dataset import load_examples, prepared
from models_ml.reply_intent.evaluate import evaluate
from models_ml.reply_intent.predict import EmbeddedReader, embedded_reader
from models_ml.reply_intent.train import train
from models_ml.similarity.embed import HashingEmbedder, has_language_model

TODAY = date(2026, 7, 6)
HELD_OUT = Path(__file__).with_name("held_out.yml")
needs_model = pytest.mark.skipif(not has_language_model(), reason="no language model is installed (make embeddings)")


def test_every_intent_that_is_named_has_examples_and_none_is_held_out_too():
    learned, held_out = load_examples(), load_examples(HELD_OUT)
    assert set(learned.intents) == set(held_out.intents) == set(Intent) - {Intent.UNCLEAR}
    assert not set(learned.texts) & set(held_out.texts)


@needs_model
def test_answers_it_never_saw_are_understood_and_every_demand_is_granted():
    report = evaluate(embedded_reader(), load_examples(HELD_OUT))
    assert report.accuracy >= 0.85
    assert report.precision >= 0.88
    assert report.answered >= 0.75
    assert report.demands_granted == 1.0
    assert report.suppressed_in_vain <= 0.05


def test_without_a_language_model_demands_are_still_granted_and_the_rest_is_rather_left_open():
    embedder = HashingEmbedder()
    reader = EmbeddedReader(embedder, train(load_examples(), embedder))
    report = evaluate(reader, load_examples(HELD_OUT))
    assert report.precision >= 0.8
    assert report.demands_granted >= 0.7


class Says:
    """A reader that is told what to say."""

    name = "told"

    def __init__(self, **found: float) -> None:
        self._found = {Intent(name): share for name, share in found.items()}

    def probabilities(self, texts):
        return [self._found for _ in texts]


def test_two_classes_near_each_other_leave_the_answer_open():
    reading = read_intent("Hm", None, Says(interested=0.51, question=0.45), TODAY)
    assert (reading.intent, reading.suppresses) == (Intent.UNCLEAR, False)
    assert reading.likeliest[0] == (Intent.INTERESTED, 0.51)


def test_a_demand_suppresses_at_low_confidence_too():
    reading = read_intent("Hm", None, Says(not_interested=0.55, unsubscribe=0.25, legal=0.15), TODAY)
    assert (reading.intent, reading.suppresses) == (Intent.NOT_INTERESTED, True)


def test_a_rule_goes_before_any_classifier():
    text = "Sounds great. Just kidding, take me off your list."
    reading = read_intent(text, demand_in(text), Says(interested=0.99), TODAY)
    assert (reading.intent, reading.by) == (Intent.UNSUBSCRIBE, "rule")
    assert reading.intent in SUPPRESSING


def test_not_now_names_its_day_and_a_referral_its_address():
    later = read_intent("Write to me again on 14 September please.", None, Says(not_now=0.9), TODAY)
    assert later.again_on == date(2026, 9, 14)
    other = read_intent("Ask Jane <jane@northwind.example>.", None, Says(referral=0.9), TODAY)
    assert other.named == ("jane@northwind.example",)


def test_no_words_are_no_answer():
    assert read_intent(" \n>", None, Says(interested=0.9), TODAY).intent is Intent.UNCLEAR


def test_a_greeting_is_no_word_of_the_answer():
    assert prepared("Hi Bob,\n\nnot for us.\nThanks") == "not for us. Thanks"
