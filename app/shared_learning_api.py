"""The API behind shared learning: an agency's clients that start from one another's counts."""

from __future__ import annotations

from app.api_transport import Json, Transport


class SharedLearningApi(Transport):
    def priors(self) -> Json:
        """Switches, limits, and what this organization's scores start from."""
        return self._object("GET", "/v1/models/lead-scoring/priors")

    def switch_priors(self, *, gives: bool, uses: bool, reason: str) -> Json:
        body = {"gives": gives, "uses": uses, "reason": reason}
        return self._object("PUT", "/v1/models/lead-scoring/priors", json=body)

    def clients_who_share(self) -> list[Json]:
        return list(self._object("GET", "/v1/models/lead-scoring/priors/clients")["items"])
