"""What is sent, read by parsers that are not ours: the library's own, and dkimpy."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import parseaddr

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from serving.mail.composing import Sender, compose, new_message_id
from serving.mail.signing import dns_record, load_key, sign
from storage.ops.repositories.outbox import Content

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
URL = "https://mail.agency.example/u/" + "a" * 106
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
    Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()
)


def composed(content=None, sender=None, **more):
    content = content or Content(to="bob@lovelace.example", subject="Hi", text="Hello\n")
    more = {"message_id": "<lh.1@agency.example>", "at": NOON, "unsubscribe_url": URL, "token": "t", **more}
    return compose(content, sender or Sender("ada@agency.example", "Ada"), **more)


def parsed(raw):
    message = message_from_bytes(raw, policy=policy.default)
    assert message.defects == []
    return message


WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=300).map(
    lambda text: " ".join(text.split())
)


TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=2000)


@given(subject=WORDS, name=WORDS, text=TEXT)
def test_whatever_is_written_is_read_back_and_no_line_is_too_long(subject, name, text):
    raw = composed(
        Content(to="bob@lovelace.example", subject=subject, text=text, html=f"<p>{text}</p>"),
        Sender("ada@agency.example", name),
    )
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    message = parsed(raw)
    assert str(message["Subject"]) == subject
    # Python 3.11's newer parser puts a space between encoded words of a name (RFC 2047 §6.2 says none): ask the older one.
    shown, address = parseaddr(message_from_bytes(raw)["From"])
    assert (str(make_header(decode_header(shown))), address) == (name, "ada@agency.example")
    assert message.get_body(("plain",)).get_content().splitlines() == text.splitlines()


def test_a_thread_and_the_way_out_stand_in_the_headers():
    references = tuple(f"<lh.{number}@agency.example>" for number in range(20))
    message = parsed(composed(Content("bob@lovelace.example", "Re: Hi", "x", "", references[-1], references)))
    assert message["In-Reply-To"] == references[-1]
    assert message["References"].split() == list(references)
    assert message["List-Unsubscribe"].split(", ")[0] == f"<{URL}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Date"].datetime == NOON


def test_one_click_needs_https_and_a_test_send_has_no_way_out():
    assert parsed(composed(unsubscribe_url="http://127.0.0.1/u/x"))["List-Unsubscribe-Post"] is None
    assert parsed(composed(unsubscribe_url=""))["List-Unsubscribe"] is None


@pytest.mark.parametrize("name", ["Ada\r\nBcc: eve@x.example", "Ada\nX: y"])
def test_a_line_break_begins_no_header(name):
    with pytest.raises(InvalidInput):
        composed(sender=Sender("ada@agency.example", name))
    with pytest.raises(InvalidInput):
        composed(Content("bob@lovelace.example", name, "x"))


def test_a_signature_holds_by_another_implementation_and_covers_the_way_out():
    raw = composed(
        Content(
            "bob@lovelace.example", "Grüße", "Hello  there \t\n\n\n", "<p>é</p>", "<a@b.example>", ("<a@b.example>",)
        )
    )
    signed = sign(raw, KEY, domain="agency.example", selector="s1", at=NOON)
    record = dns_record(KEY).encode()

    def answer(name, timeout=5):
        return record if name == b"s1._domainkey.agency.example." else None

    assert signed.endswith(raw)
    assert dkim.verify(signed, dnsfunc=answer)
    covered = signed[: signed.index(b"bh=")].lower()
    assert b"list-unsubscribe:" in covered
    assert b"list-unsubscribe-post" in covered
    for before, after in ((b"Hello", b"Hullo"), (b"One-Click", b"Two-Click"), (b"bob@", b"eve@")):
        assert not dkim.verify(signed.replace(before, after, 1), dnsfunc=answer)
    assert not dkim.verify(b"From: eve@x.example\r\n" + signed, dnsfunc=answer)


@given(st.text(st.sampled_from(" \t\nab.é"), max_size=200))
def test_any_body_is_signed_as_it_is_read(text):
    raw = composed(Content("bob@lovelace.example", "Hi", text))
    signed = sign(raw, KEY, domain="agency.example", selector="s1", at=NOON)
    assert dkim.verify(signed, dnsfunc=lambda *_, **__: dns_record(KEY).encode())


def test_what_is_no_key_is_refused():
    with pytest.raises(InvalidInput):
        load_key(b"-----BEGIN NONSENSE-----")
    weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    assert base64.b64decode(
        dns_record(weak.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())).rpartition("p=")[2]
    )


def test_a_message_id_names_our_row_and_not_the_recipient():
    assert new_message_id("0192", "agency.example") == "<lh.0192@agency.example>"
