"""The API behind campaigns: sequences and who is in them."""

from __future__ import annotations

from collections.abc import Sequence

from app.api_transport import Json, Transport


class CampaignsApi(Transport):
    """What the Campaigns page asks."""

    def sequences(self) -> list[Json]:
        return list(self._object("GET", "/v1/sequences")["items"])

    def sequence(self, sequence_id: str) -> Json:
        return self._object("GET", f"/v1/sequences/{sequence_id}")

    def create_sequence(self, source: str) -> Json:
        return self._object("POST", "/v1/sequences", json={"source": source})

    def change_sequence(self, sequence_id: str, source: str, etag: str) -> Json:
        path = f"/v1/sequences/{sequence_id}"
        return self._object("PUT", path, json={"source": source}, headers={"If-Match": etag})

    def switch_sequence(self, sequence_id: str, status: str, why: str = "") -> Json:
        return self._object("POST", f"/v1/sequences/{sequence_id}/switch", json={"status": status, "reason": why})

    def finish(self, sequence_id: str) -> Json:
        return self._object("GET", f"/v1/sequences/{sequence_id}/finish")

    def dry_run(self, sequence_id: str, contact_ids: Sequence[str] = ()) -> Json:
        body = {"contact_ids": list(contact_ids)}
        return self._object("POST", f"/v1/sequences/{sequence_id}/dry-run", json=body)

    def diagnosis(self, sequence_id: str) -> Json:
        return self._object("GET", f"/v1/sequences/{sequence_id}/diagnosis")

    def messages_in_doubt(self, sequence_id: str) -> list[Json]:
        path = f"/v1/sequences/{sequence_id}/messages"
        return list(self._object("GET", path, params={"status": "unknown", "limit": 200})["items"])

    def act_on_enrolment(self, enrolment_id: str, act: str) -> Json:
        return self._object("POST", f"/v1/enrolments/{enrolment_id}/act", json={"act": act})

    def write_again(self, contact_id: str) -> None:
        """Ends the rest of an address after soft bounces."""
        self._send("POST", f"/v1/contacts/{contact_id}/write-again")

    def splits(self, sequence_id: str, goal: str, least_lift: float) -> list[Json]:
        asked = {"goal": goal, "least_lift": least_lift}
        return list(self._object("GET", f"/v1/sequences/{sequence_id}/splits", params=asked)["items"])

    def enrolment_preview(self, sequence_id: str, selection: Json) -> Json:
        """How many of `{contact_ids}`, `{filters}` or `{saved_view_id}` would be put in, and how many not, by reason."""
        return self._object("POST", f"/v1/sequences/{sequence_id}/enrolment-preview", json=selection)

    def start_enrolment_batch(self, sequence_id: str, selection: Json) -> Json:
        return self._object("POST", f"/v1/sequences/{sequence_id}/enrolment-batches", json=selection)

    def enrolment_batches(self, sequence_id: str) -> list[Json]:
        return list(self._object("GET", f"/v1/sequences/{sequence_id}/enrolment-batches")["items"])

    def enrolment_batch(self, enrolment_batch_id: str) -> Json:
        return self._object("GET", f"/v1/enrolment-batches/{enrolment_batch_id}")

    def stop_enrolment_batch(self, enrolment_batch_id: str) -> Json:
        return self._object("POST", f"/v1/enrolment-batches/{enrolment_batch_id}/stop")

    def enrolments(self, sequence_id: str, limit: int = 100) -> Json:
        asked = [("filter", f"sequence_id:eq:{sequence_id}"), ("limit", str(limit))]
        return self._object("GET", "/v1/enrolments", params=asked)

    def letters(self, source: str, contact_id: str | None = None) -> list[Json]:
        """The messages of a document as a contact would read them, each with `remarks`."""
        body = {"source": source, "contact_id": contact_id}
        return list(self._object("POST", "/v1/sequences/letters", json=body)["items"])
