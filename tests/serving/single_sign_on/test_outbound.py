"""What a provider's address may not be: a way into the operator's own network."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput, LeadhouseError, ProviderBusy, ProviderRefused
from serving.outside import MOST_BYTES, is_public
from serving.single_sign_on.outbound import Outbound
from tests.browsers import serve

PRIVATE = [
    "127.0.0.1", "127.9.9.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "198.18.0.1", "192.0.2.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fc00::1", "fd12:3456::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "2001:0:1::",
    "2001:db8::1", "not an address", "",
]  # fmt: skip
ADDRESSES = [
    "http://accounts.example/", "ftp://accounts.example/", "file:///etc/passwd", "//accounts.example", "accounts.example",
    "https://", "https://user:secret@accounts.example/", "https://accounts.example/#fragment", "javascript:alert(1)",
    "http://127.0.0.1:1/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/", "",
    "https://169.254.169.254/latest/meta-data", "gopher://127.0.0.1:6379/_",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_on_the_internet_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_on_the_internet_is(address):
    assert is_public(address)


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_is_asked_that_is_no_public_address_over_tls(address):
    with pytest.raises(LeadhouseError):
        Outbound().check(address)


@pytest.mark.parametrize("private", PRIVATE[:29])
def test_a_name_that_leads_inside_is_not_followed_even_beside_a_public_address(private):
    outbound = Outbound(resolve=lambda _host, _port: ["93.184.216.34", private])
    with pytest.raises(InvalidInput, match="not on the public internet"):
        outbound.check("https://accounts.example/")


def test_the_connection_goes_to_the_address_that_was_checked():
    """A name that answers with another address the second time (DNS rebinding) is asked once."""
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return next(answers)

    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        host = dict(scope["headers"])[b"host"]
        body = b'{"host": "%s"}' % host
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})
        return None

    with serve(app) as address:
        port = int(address.rpartition(":")[2])
        name = f"http://sso.intern:{port}"
        outbound = Outbound(frozenset({name}), resolve)
        assert outbound.get(f"{name}/") == {"host": f"sso.intern:{port}"}
        assert asked == [("sso.intern", port)]
        outbound.close()


def test_a_redirect_a_long_answer_and_no_json_are_refused():
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            return await lifespan(receive, send)
        status, body = {
            "/moved": (302, b""),
            "/long": (200, b'"' + b"x" * MOST_BYTES + b'"'),
            "/page": (200, b"<html>"),
            "/broken": (500, b""),
            "/no": (400, b'{"error": "invalid_client"}'),
        }[scope["path"]]
        await send(
            {"type": "http.response.start", "status": status, "headers": [(b"location", b"http://127.0.0.1:1/")]}
        )
        await send({"type": "http.response.body", "body": body})
        return None

    with serve(app) as address:
        outbound = Outbound(frozenset({address}))
        for path in ("moved", "long", "page"):
            with pytest.raises(ProviderRefused):
                outbound.get(f"{address}/{path}")
        with pytest.raises(ProviderBusy):
            outbound.get(f"{address}/broken")
        with pytest.raises(ProviderRefused, match="400: invalid_client"):
            outbound.get(f"{address}/no")
        outbound.close()


async def lifespan(receive, send):
    while True:
        kind = (await receive())["type"]
        await send({"type": f"{kind}.complete"})
        if kind == "lifespan.shutdown":
            return
