"""Templates of tenants: what is missing blocks and is named, chance can be drawn again, and nothing gets out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.outreach.sequences import parse_sequence
from domain.outreach.spintax import count_ways, spin
from serving.mail.templates import check_templates, render

ADA = {
    "contact": {"first_name": "Ada", "attributes": {"plan": "<b>pro</b>"}},
    "company": {"name": "Lovelace & Co"},
    "sender": {"name": "Grace"},
    "unsubscribe_url": "https://mail.agency.example/u/token",
}


def rendered(text="Hello", subject="Hi", variables=None, **more):
    step = {"id": "hello", "type": "email", "subject": subject, "text": text, **more}
    sequence = parse_sequence({"name": "Spring", "steps": [step]})
    return render(sequence, sequence.steps[0], variables if variables is not None else ADA, ("seed",))


def test_variables_conditions_and_fallbacks_are_filled_in():
    text = 'Dear {{ contact.first_name }}{% if company.name %} of {{ company.name }}{% endif %}, {{ contact.title | default: "friend" }}'
    assert rendered(text).text.startswith("Dear Ada of Lovelace & Co, friend\n")


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("{{ contact.last_name }}", ("contact.last_name",)),
        ("{{ contact.attributes.budget }} {{ sender.signature }}", ("contact.attributes.budget", "sender.signature")),
        ("{{ contact.last_name | upcase }}", ("contact.last_name",)),
        ("{{ contact.last_name | append: 'x' }}", ("contact.last_name",)),
        ("{{ contact.last_name | capitalize | default: 'friend' }}", ()),
        ("{% if contact.last_name %}x{{ contact.last_name }}{% endif %}", ()),
        ("{% assign name = contact.last_name %}{{ name }}", ("contact.last_name",)),
    ],
)
def test_what_has_no_value_and_no_fallback_is_named(text, missing):
    assert rendered(text).missing == missing


def test_a_missing_variable_in_the_subject_or_the_html_blocks_as_well():
    assert rendered(subject="{{ contact.nickname }}").missing == ("contact.nickname",)
    assert rendered(html="<p>{{ company.city }}</p>").missing == ("company.city",)


def test_html_is_escaped_and_text_is_not():
    found = rendered("{{ contact.attributes.plan }}", html="<p>{{ contact.attributes.plan }}</p>")
    assert "<b>pro</b>" in found.text
    assert "&lt;b&gt;pro&lt;/b&gt;" in found.html


def test_mjml_becomes_html_with_its_variables():
    mjml = "<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ contact.first_name }}</mj-text></mj-column></mj-section></mj-body></mjml>"
    found = rendered(mjml=mjml)
    assert "Dear Ada" in found.html
    assert "<table" in found.html
    assert (
        found.html.index("unsubscribe") < found.html.index("</body>")
        if "unsubscribe" in found.html
        else "/u/token" in found.html
    )


def test_a_way_out_stands_in_every_message():
    plain = rendered("Hello", html="<body><p>Hello</p></body>")
    assert "https://mail.agency.example/u/token" in plain.text
    assert 'href="https://mail.agency.example/u/token"' in plain.html
    own = rendered("Leave: {{ unsubscribe_url }}")
    assert own.text.count("/u/token") == 1


def test_a_line_break_in_a_value_begins_no_header():
    found = rendered(
        subject="Hi {{ contact.first_name }}", variables={**ADA, "contact": {"first_name": "A\r\nBcc: x@y.example"}}
    )
    assert found.subject == "Hi A Bcc: x@y.example"


@pytest.mark.parametrize(
    "text",
    [
        "{% for a in (1..100000) %}{% for b in (1..100000) %}x{% endfor %}{% endfor %}",
        "{% assign s = 'xxxxxxxxxxxxxxxx' %}{% for a in (1..9000) %}{% assign s = s | append: s %}{% endfor %}",
        "{% for a in (1..9999) %}" + "x" * 100 + "{% endfor %}",
        "{% include '/etc/passwd' %}",
        "{% render 'x' %}",
        "{{ contact.first_name | no_such_filter }}",
        "{% if %}",
        "{{ contact.first_name",
    ],
)
def test_what_goes_beyond_its_limits_is_refused(text):
    with pytest.raises(InvalidInput):
        rendered(text)


@pytest.mark.parametrize("name", ["__class__", "__init__", "items", "keys", "_wanted"])
def test_a_template_sees_values_and_nothing_behind_them(name):
    found = rendered(f"{{{{ contact.{name} }}}}{{{{ contact.first_name.{name} }}}}")
    assert found.missing
    assert "method" not in found.text
    assert "class" not in found.text


def test_spintax_draws_the_same_way_for_the_same_seed_and_leaves_liquid_alone():
    text = "{Hi|Hello {there|again}} {{ contact.first_name | default: 'a|b' }} {% if a %}{x|y}{% endif %} {plain}"
    assert spin(text, "1") == spin(text, "1")
    ways = {spin("{a|b{c|d}}", str(number)) for number in range(60)}
    assert ways == {"a", "bc", "bd"}
    assert "{{ contact.first_name | default: 'a|b' }}" in spin(text, "2")
    assert "{plain}" in spin(text, "3")
    assert count_ways("{a|b{c|d}} {x|y}") == 6


@given(st.text("ab|{} ", max_size=40), st.text(max_size=5))
def test_any_text_can_be_spun(text, seed):
    spin(text, seed)


def test_faults_of_templates_are_found_before_anybody_is_written_to():
    steps = [
        {"id": "one", "type": "email", "subject": "{{ lead.name }}", "text": "{% if %}"},
        {"id": "two", "type": "email", "text": "ok", "mjml": "<mjml><mj-body><mj-section></mjml>"},
    ]
    problems = check_templates(parse_sequence({"name": "x", "steps": steps}))
    assert [problem.rpartition(":")[0].split(": ")[:2] for problem in problems] or problems
    assert any(problem.startswith("step one: subject: no variable is called lead") for problem in problems)
    assert any(problem.startswith("step one: text: not a template") for problem in problems)
    assert any(problem.startswith("step two: mjml: not MJML") for problem in problems)
    assert (
        check_templates(
            parse_sequence(
                {"name": "x", "steps": [{"id": "a", "type": "email", "subject": "Hi", "text": "{{ contact.title }}"}]}
            )
        )
        == []
    )
