"""Two OpenID providers on loopback: a real one, and one that lies as it is told."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.browsers import serve

MISSING = "no OpenID provider: `pip install oidc-provider-mock==0.3.4` brings one"


@contextmanager
def real_provider(people: list[dict[str, Any]]) -> Iterator[str]:
    """The package oidc-provider-mock in a process of its own; yields its issuer. Missing, it is a skip on a laptop and a
    failure where CI=true."""
    if find_spec("oidc_provider_mock") is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    claims = [part for person in people for part in ("--user-claims", json.dumps(person))]
    with subprocess.Popen(
        [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "oidc_provider_mock",
            "--port",
            str(port),
            "--require-nonce",
            "true",
            *claims,
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        issuer = f"http://127.0.0.1:{port}"
        try:
            _wait(issuer, process)
            yield issuer
        finally:
            process.terminate()


def _wait(issuer: str, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + 30
    while time.monotonic() < give_up_at and process.poll() is None:
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(f"{issuer}/.well-known/openid-configuration").is_success:
                return
        time.sleep(0.05)
    raise RuntimeError("the OpenID provider did not start")


@dataclass
class Liar:
    """Answers what a test says. `claims` change the id token, `sign` how it is signed."""

    issuer: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    without: set[str] = field(default_factory=set)
    sign: str = "own key"
    described: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] | None = None
    nonce: str = ""
    """Of the request that it answers."""
    forms: list[dict[str, list[str]]] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))
    stranger: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}))

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._describe),
                Route("/keys", self._keys),
                Route("/token", self._token, methods=["POST"]),
                Route("/userinfo", self._userinfo),
                Route("/moved", lambda _: Response(status_code=302, headers={"Location": f"{self.issuer}/keys"})),
            ]
        )

    async def _describe(self, _request: Request) -> Response:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }
        return JSONResponse({**document, **self.described})

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _userinfo(self, request: Request) -> Response:
        if request.headers.get("authorization") != "Bearer opaque" or self.userinfo is None:
            return JSONResponse({"error": "invalid_token"}, 401)
        return JSONResponse(self.userinfo)

    async def _token(self, request: Request) -> Response:
        form = parse_qs((await request.body()).decode())
        self.forms.append(form)
        now = int(time.time())
        claims = {
            "iss": self.issuer, "aud": "leadhouse", "sub": "1", "nonce": self.nonce, "iat": now, "exp": now + 300,
            "email": "ada@agency.example", "email_verified": True, "name": "Ada", **self.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if name not in self.without}
        token = self._signed(claims)
        return JSONResponse({"access_token": "opaque", "token_type": "Bearer", "id_token": token})

    def _signed(self, claims: dict[str, Any]) -> str:
        if self.sign == "none":
            return f"{_part({'alg': 'none'})}.{_part(claims)}."
        if self.sign == "shared secret":  # the public key, which everybody knows, as the secret of HS256
            signed = f"{_part({'alg': 'HS256', 'kid': 'one'})}.{_part(claims)}"
            digest = hmac.new(self.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
            return f"{signed}.{_encoded(digest)}"
        key = self.stranger if self.sign == "another key" else self.key
        return jwt.encode({"alg": "RS256", "kid": "one"}, claims, key)


@contextmanager
def lying_provider() -> Iterator[Liar]:
    liar = Liar()
    with serve(liar.app()) as address:
        liar.issuer = address
        yield liar


def _part(value: dict[str, Any]) -> str:
    return _encoded(json.dumps(value).encode())


def _encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")
