"""What a mail server answered is told of the message it answered to, whether it takes commands at once or one by one."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from domain.outreach.retries import Phase, Reply
from serving.mail.base import Envelope, Uncertain
from serving.mail.servers import Server
from serving.mail.transports.smtp.line import as_data
from serving.mail.transports.smtp.transport import TRANSPORT
from tests.mail_servers import naming

MESSAGE = b"Subject: Hello\r\n\r\nHi there,\r\n.a dot in front\r\n.\r\nbye\r\n"
ANSWERS = {
    "MAIL": "250 fine",
    "RCPT": "250 fine",
    "DATA": "354 go on",
    ".": "250 2.0.0 taken",
    "RSET": "250 fine",
    "QUIT": "221 bye",
}


class Scripted:
    """A server that answers what the test says (`None`: it hangs up), notes what came in one piece, and keeps messages."""

    def __init__(self, *, at_once: bool, **answers: str | None) -> None:
        self.at_once, self.answers = (
            at_once,
            {**ANSWERS, **{name.replace("dot", "."): said for name, said in answers.items()}},
        )
        self.sessions = 0
        self.pieces: list[list[str]] = []
        self.messages: list[bytes] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        writer.write(b"220 scripted\r\n")
        waiting = b""
        while piece := await reader.read(65536):
            waiting += piece
            verbs: list[str] = []
            while b"\r\n" in waiting:
                line, waiting = waiting.split(b"\r\n", 1)
                verb = line[:4].decode().strip()
                verbs.append(verb)
                if not self._answered(writer, verb):
                    writer.close()
                    return
                if verb == "DATA" and self.answers["DATA"].startswith("354"):
                    while b"\r\n.\r\n" not in waiting:
                        more = await reader.read(65536)
                        if not more:
                            return
                        waiting += more
                    message, waiting = waiting.split(b"\r\n.\r\n", 1)
                    self.messages.append(message + b"\r\n")
                    if not self._answered(writer, "."):
                        writer.close()
                        return
            self.pieces.append(verbs)
        writer.close()

    def _answered(self, writer: asyncio.StreamWriter, verb: str) -> bool:
        if verb == "EHLO":
            said = "250-scripted\r\n" + ("250-PIPELINING\r\n" if self.at_once else "") + "250 8BITMIME"
        else:
            said = self.answers[verb]
        if said is not None:
            writer.write(f"{said}\r\n".encode())
        return said is not None


def carried(settings, server, messages=1, patience=5.0, tls=None):
    """What came of so many messages over one connection."""

    async def carry():
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
        port = listening.sockets[0].getsockname()[1]
        mine = naming(settings, port, timeout_seconds=patience)
        connection = TRANSPORT.connect(Server("127.0.0.1", port, "tls" if tls else "none", "", ""), mine)
        envelope = Envelope("ada@agency.example", "eve@shop.example", MESSAGE)
        try:
            return [await connection.send(envelope) for _ in range(messages)]
        finally:
            await connection.close()
            listening.close()

    return asyncio.run(carry())


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({}, Reply(250, "2.0.0 taken", Phase.DATA)),
        ({"MAIL": "550 not you", "RCPT": "503 bad order", "DATA": "503 bad order"}, Reply(550, "not you", Phase.SENDER)),
        ({"RCPT": "550-5.1.1 No such user\r\n550 5.1.1 here", "DATA": "554 no recipients"},
         Reply(550, "5.1.1 No such user\n5.1.1 here", Phase.RECIPIENT)),
        ({"RCPT": "451 4.7.1 later", "DATA": "503 bad order"}, Reply(451, "4.7.1 later", Phase.RECIPIENT)),
        ({"DATA": "452 4.3.1 full"}, Reply(452, "4.3.1 full", Phase.DATA)),
        ({"dot": "554 5.7.1 spam"}, Reply(554, "5.7.1 spam", Phase.DATA)),
        ({"RCPT": None}, Reply(421, "the line broke (ConnectionResetError)", Phase.RECIPIENT)),
        ({"dot": None}, Uncertain("the line broke before the server answered (ConnectionResetError)")),
    ],
)  # fmt: skip
def test_what_a_server_says_is_told_with_what_it_was_said_to(settings, at_once, answers, outcome):
    server = Scripted(at_once=at_once, **answers)
    assert carried(settings, server, messages=2) == [outcome, outcome]
    assert server.messages == (
        [MESSAGE.replace(b"\r\n.", b"\r\n..")] * 2 if "DATA" not in answers and "RCPT" not in answers else []
    )


def test_what_precedes_a_message_goes_out_at_once_where_the_server_takes_it(settings):
    quick, patient = Scripted(at_once=True), Scripted(at_once=False)
    carried(settings, quick, messages=3)
    carried(settings, patient, messages=3)
    assert quick.pieces.count(["MAIL", "RCPT", "DATA"]) == 3
    assert [verb for piece in patient.pieces for verb in piece] == ["EHLO", *(["MAIL", "RCPT", "DATA"] * 3), "QUIT"]
    assert (quick.sessions, patient.sessions) == (1, 1)


def test_a_server_that_waits_for_a_message_to_nobody_gets_none(settings):
    server = Scripted(at_once=True, RCPT="550 5.1.1 No such user")
    refused = Reply(550, "5.1.1 No such user", Phase.RECIPIENT)
    assert carried(settings, server, messages=2) == [refused, refused]
    assert (server.messages, server.sessions) == ([], 2)


def test_an_answer_that_nobody_asked_for_is_taken_for_none(settings):
    server = Scripted(at_once=True, dot="250 2.0.0 taken\r\n451 and another one")
    taken = Reply(250, "2.0.0 taken", Phase.DATA)
    assert carried(settings, server, messages=2) == [taken, taken]
    assert server.sessions == 2


@pytest.mark.parametrize("silent", ["MAIL", "dot"])
def test_a_server_that_stays_silent_is_not_waited_for(settings, silent):
    server = Scripted(at_once=False, **{silent: ""})
    server.answers["." if silent == "dot" else silent] = "250-and more"
    found = carried(settings, server, patience=0.2)[0]
    if silent == "dot":
        assert isinstance(found, Uncertain)
    else:
        assert found == Reply(421, "the line broke (TimeoutError)", Phase.SENDER)


@given(
    st.lists(
        st.sampled_from([b".", b"..", b"a", b"", b"\r\n", b"\n", b"\r", b".\r\n.\r\n", b"\n.\n"]), max_size=12
    ).map(b"".join)
)
def test_no_message_ends_before_its_end(message):
    """Whatever is in it: a server that reads lines as RFC 5321 says finds the end where we put it, and the lines before it."""
    sent = as_data(message)
    assert sent.endswith(b"\r\n.\r\n") or sent == b".\r\n"
    body = sent.removesuffix(b".\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert b"\r" not in body.replace(b"\r\n", b"")
    lines = body.split(b"\r\n")
    assert b"." not in lines
    read = [line.removeprefix(b".") for line in lines]
    assert b"\r\n".join(read).rstrip(b"\r\n") == message.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(
        b"\n", b"\r\n"
    ).rstrip(b"\r\n")


@pytest.fixture
def certificate(tmp_path, monkeypatch):
    """A server's certificate for 127.0.0.1, which this process believes."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path / "server.pem"
    path.write_bytes(
        made.public_bytes(Encoding.PEM) + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def test_a_line_that_is_encrypted_from_the_start_carries_the_same(settings, certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = Scripted(at_once=True)
    assert carried(settings, server, messages=2, tls=context) == [Reply(250, "2.0.0 taken", Phase.DATA)] * 2
    assert (len(server.messages), server.sessions) == (2, 1)
