"""Forms without script: what a browser sends by itself, and the pages it gets back."""

from __future__ import annotations

import re

from sqlalchemy import func, select

from domain.contacts import EmailAddress
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.forms import Forms, FormSubmissions
from storage.ops.tables import FormSubmission
from tests.factories import TESTER
from tests.serving.forms.conftest import ANSWERS

ADA = EmailAddress.parse("ada@northwind.example")


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))


def submit(desk, **changes):
    data = {**ANSWERS, "lh_token": desk.token(), "lh_consent": "on", "lh_consent_version": "1", **changes}
    return desk.client.post(f"/v1/forms/{desk.form_id}/submissions", data=data)


def test_the_hosted_page_can_be_filled_in_and_sent_without_script(desk):
    page = desk.client.get(f"/v1/forms/{desk.form_id}/page")
    assert page.status_code == 200
    assert "script" not in page.headers["content-security-policy"]
    for words in ("Request a proposal", "Work e-mail", "Yes, write to me about news.", "<option>large</option>"):
        assert words in page.text
    from datetime import timedelta

    desk.clock.now += timedelta(seconds=20)
    sent = desk.client.post(f"/v1/forms/{desk.form_id}/submissions", data={**ANSWERS, **hidden(page.text)})
    assert sent.status_code == 303
    thanks = desk.client.get(sent.headers["location"])
    assert "We will be in touch" in thanks.text
    with desk.store.read(desk.scope) as work:
        assert Contacts(work).find_by_email(ADA) is not None
        assert FormSubmissions(work).find(hidden(page.text)["lh_submission_id"]).status == "accepted"


def test_a_form_may_lead_on_to_a_page_of_the_site(desk):
    with desk.store.write(desk.scope, TESTER) as work:
        Forms(work).change(desk.form_id, {"settings": {"redirect_url": "https://www.example.com/thanks"}})
    assert submit(desk).headers["location"] == "https://www.example.com/thanks"


def test_mistakes_come_back_with_the_form_as_it_was_filled_in(desk):
    answer = submit(desk, email="nobody", first='Ada "the" <b>')
    assert answer.status_code == 422
    assert "This does not look like an e-mail address." in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert "Ada &#34;the&#34; &lt;b&gt;" in answer.text


def test_a_double_click_without_script_is_one_submission(desk):
    for _ in range(2):
        assert submit(desk).status_code == 303
    with desk.store.read(desk.scope) as work:
        assert work.session.scalar(select(func.count()).select_from(FormSubmission)) == 1


def test_multipart_is_understood_and_files_are_refused(desk):
    address = f"/v1/forms/{desk.form_id}/submissions"
    parts = {name: (None, value) for name, value in {**ANSWERS, "lh_token": desk.token()}.items()}
    assert desk.client.post(address, files=parts).status_code == 303
    refused = desk.client.post(address, files={**parts, "cv": ("cv.pdf", b"%PDF", "application/pdf")})
    assert refused.status_code == 422


def test_a_program_may_send_a_plain_form_and_read_the_answer(desk):
    desk.client.headers["accept"] = "application/json"
    assert submit(desk).json()["status"] == "received"


def test_the_public_schema_has_the_token_and_is_never_cached(desk):
    answer = desk.client.get(f"/v1/forms/{desk.form_id}")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == "*"
    about = answer.json()
    assert [one["key"] for one in about["fields"]] == ["email", "first", "firm", "budget", "message"]
    assert about["consent_version"] == "1"
    assert about["token"]
    assert desk.client.get(f"/v1/forms/{desk.form_id}/token").json()["token"] == about["token"]
