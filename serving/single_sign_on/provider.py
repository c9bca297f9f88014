"""The protocol: discovery, the request with PKCE, the exchange of the code, and the id token's signature.

Authlib writes what goes over the wire (RFC 6749, RFC 7636), joserfc checks signatures (RFC 7515), `Outbound` sends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.clock import Clock
from domain.errors import InvalidInput, ProviderRefused
from domain.single_sign_on import Assertion, SignOnRefused, assertion_of
from serving.single_sign_on.outbound import Outbound

SCOPE = "openid email profile"
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures by the provider's private key. `none` and shared secrets (HS256) are not among them: whoever knows the
public key could make those."""
KEPT = timedelta(minutes=10)
"""How long a provider's description and keys are believed; an unknown key is looked up at once."""
MOST_KEPT = 200

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """An application as the provider knows it."""

    issuer: str
    client_id: str
    secret: str | None


@dataclass(frozen=True, slots=True)
class Description:
    """The parts of a discovery document that are used (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    token_auth: str
    says_issuer: bool
    """Whether its answers carry `iss` (RFC 9207)."""


class Providers:
    """One for each process: what was discovered is kept for a while. Its methods block."""

    def __init__(self, outbound: Outbound, clock: Clock) -> None:
        self._outbound = outbound
        self._clock = clock
        self._kept: dict[str, tuple[datetime, Any]] = {}
        self._lock = threading.Lock()

    def describe(self, issuer: str) -> Description:
        """Raises InvalidInput where the issuer is not one, ProviderBusy and ProviderRefused."""
        url = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
        found = self._fetched(url)
        if not isinstance(found, dict) or found.get("issuer") != issuer:
            said = found.get("issuer") if isinstance(found, dict) else None
            raise InvalidInput(f"{issuer} calls itself {said!r}", hint="Write the issuer exactly as the provider does.")
        wanted = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        missing = [name for name in wanted if not isinstance(found.get(name), str)]
        if missing:
            raise ProviderRefused(f"{issuer} does not say its {missing[0]}")
        for name in wanted:
            self._outbound.check(found[name])
        return Description(
            issuer,
            authorization_endpoint=found["authorization_endpoint"],
            token_endpoint=found["token_endpoint"],
            jwks_uri=found["jwks_uri"],
            userinfo_endpoint=_text(found.get("userinfo_endpoint")),
            end_session_endpoint=_text(found.get("end_session_endpoint")),
            token_auth=_token_auth(found.get("token_endpoint_auth_methods_supported")),
            says_issuer=found.get("authorization_response_iss_parameter_supported") is True,
        )

    def authorization_url(self, client: Client, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes, with an S256 challenge of the verifier."""
        address: str = prepare_grant_uri(
            self.describe(client.issuer).authorization_endpoint,
            client_id=client.client_id,
            response_type="code",
            redirect_uri=redirect_uri,
            scope=SCOPE,
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return address

    def assertion(
        self, client: Client, *, code: str, redirect_uri: str, verifier: str, nonce: str, issuer: str | None
    ) -> Assertion:
        """Exchanges the code and answers what the provider says of the person.

        `issuer` is the `iss` of the answer (RFC 9207). Raises SignOnRefused, ProviderRefused and ProviderBusy.
        """
        described = self.describe(client.issuer)
        if issuer != client.issuer and (issuer is not None or described.says_issuer):
            raise SignOnRefused("The answer comes from another provider.", hint="Sign in again.")
        body = prepare_token_request("authorization_code", code=code, redirect_uri=redirect_uri, code_verifier=verifier)
        auth = ClientAuth(client.client_id, client.secret, described.token_auth if client.secret else "none")
        headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8"}
        uri, headers, body = auth.prepare("POST", described.token_endpoint, headers, body)
        answer = self._outbound.post(uri, headers, body)
        token = answer.get("id_token") if isinstance(answer, dict) else None
        if not isinstance(token, str):
            raise ProviderRefused("the provider sent no id token")
        claims = self._claims(described, token)
        if "email" not in claims and described.userinfo_endpoint and isinstance(answer.get("access_token"), str):
            claims = {**self._told(described.userinfo_endpoint, answer["access_token"], claims.get("sub")), **claims}
        return assertion_of(claims, issuer=client.issuer, client_id=client.client_id, nonce=nonce, now=self._clock())

    def end_session_url(self, client: Client, back_to: str) -> str | None:
        """Where a browser signs out at the provider (RP-Initiated Logout 1.0); None where it offers that nowhere."""
        endpoint = self.describe(client.issuer).end_session_endpoint
        if endpoint is None:
            return None
        joint = "&" if "?" in endpoint else "?"
        asked = {"client_id": client.client_id, "post_logout_redirect_uri": back_to}
        return f"{endpoint}{joint}{urlencode(asked)}"

    def _claims(self, described: Description, token: str) -> dict[str, Any]:
        try:
            return self._decoded(described, token)
        except (JoseError, ValueError):
            self._forget(described.jwks_uri)  # the provider may have changed its keys
        try:
            return self._decoded(described, token)
        except (JoseError, ValueError) as error:
            logger.warning("an id token of %s was refused: %s", described.issuer, type(error).__name__)
            raise SignOnRefused("The provider's token is not accepted: its signature does not hold.") from error

    def _decoded(self, described: Description, token: str) -> dict[str, Any]:
        found = self._fetched(described.jwks_uri)
        public = [
            key
            for key in (found.get("keys") if isinstance(found, dict) else None) or []
            if isinstance(key, dict) and key.get("kty") in {"RSA", "EC", "OKP"} and key.get("use", "sig") == "sig"
        ]
        return dict(jwt.decode(token, KeySet.import_key_set({"keys": public}), algorithms=ALGORITHMS).claims)

    def _told(self, endpoint: str, access_token: str, subject: Any) -> Mapping[str, Any]:
        """What the userinfo endpoint adds, where it speaks of the same person (section 5.3.2)."""
        found = self._outbound.get(endpoint, {"Authorization": f"Bearer {access_token}"})
        is_same = isinstance(found, dict) and subject is not None and found.get("sub") == subject
        allowed = ("email", "email_verified", "name")
        return {name: found[name] for name in allowed if name in found} if is_same else {}

    def _fetched(self, url: str) -> Any:
        now = self._clock()
        with self._lock:
            kept = self._kept.get(url)
        if kept is not None and now - kept[0] < KEPT:
            return kept[1]
        found = self._outbound.get(url)
        with self._lock:
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[url] = (now, found)
        return found

    def _forget(self, url: str) -> None:
        with self._lock:
            self._kept.pop(url, None)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _token_auth(offered: Any) -> str:
    """How the secret is sent: in the header, unless the provider takes it in the body alone."""
    known = offered if isinstance(offered, list) else ["client_secret_basic"]
    return "client_secret_post" if "client_secret_basic" not in known else "client_secret_basic"
