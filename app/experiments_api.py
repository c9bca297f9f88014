"""The API behind experiments: the list, drafts, results, and their end."""

from __future__ import annotations

from app.api_transport import LONG_SECONDS, Json, Transport


class ExperimentsApi(Transport):
    """What the Experiments page asks."""

    def experiments(self) -> list[Json]:
        return self._every("/v1/experiments")

    def create_experiment(self, fields: Json) -> Json:
        return self._object("POST", "/v1/experiments", json=fields)

    def start_experiment(self, experiment_id: str) -> Json:
        return self._object("POST", f"/v1/experiments/{experiment_id}/start")

    def stop_experiment(self, experiment_id: str, adopted_arm: str | None, reason: str) -> Json:
        body = {"adopted_arm": adopted_arm, "reason": reason}
        return self._object("POST", f"/v1/experiments/{experiment_id}/stop", json=body, timeout=LONG_SECONDS)

    def experiment_results(self, experiment_id: str) -> Json:
        return self._object("GET", f"/v1/experiments/{experiment_id}/results", timeout=LONG_SECONDS)
