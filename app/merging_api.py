"""The API behind merging: two records compared, made one and two again, the queue of duplicates, and the rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.api_transport import Json, Transport

PLURALS = {"contact": "contacts", "company": "companies"}
UNDONE_AT = {"contact": "merges", "company": "company-merges"}


class MergingApi(Transport):
    """`entity` is `contact` or `company`."""

    def merge_preview(self, survivor_id: str, merged_id: str, entity: str = "contact") -> Json:
        return self._object("GET", f"/v1/{PLURALS[entity]}/{survivor_id}/merge-preview", params={"with": merged_id})

    def merge(
        self, survivor_id: str, merged_id: str, choices: Mapping[str, str], etag: str, entity: str = "contact"
    ) -> Json:
        """Lays one record into another; `choices` ({field: survivor|merged}) outrank the rules."""
        body = {f"{entity}_id": merged_id, "choices": dict(choices)}
        path = f"/v1/{PLURALS[entity]}/{survivor_id}/merge"
        return self._object("POST", path, json=body, headers={"If-Match": etag})

    def merges(self, record_id: str, entity: str = "contact") -> list[Json]:
        return self._list("GET", f"/v1/{PLURALS[entity]}/{record_id}/merges")

    def undo_merge(self, merge_id: str, entity: str = "contact") -> Json:
        return self._object("POST", f"/v1/{UNDONE_AT[entity]}/{merge_id}/undo")

    def duplicates(self, filters: Sequence[str], *, sort: str = "", limit: int = 50, cursor: str | None = None) -> Json:
        pairs = [("filter", each) for each in filters] + [("limit", str(limit))]
        pairs += [(name, value) for name, value in (("sort", sort), ("cursor", cursor or "")) if value]
        return self._object("GET", "/v1/duplicates", params=pairs)

    def duplicate_counts(self, entity: str = "contact", at_least: float = 0.95) -> Json:
        return self._object("GET", "/v1/duplicates/counts", params={"entity": entity, "at_least": at_least})

    def merge_duplicate(self, proposal_id: str, survivor_id: str, choices: Mapping[str, str], etag: str) -> Json:
        body = {"survivor_id": survivor_id, "choices": dict(choices)}
        return self._object("POST", f"/v1/duplicates/{proposal_id}/merge", json=body, headers={"If-Match": etag})

    def dismiss_duplicate(self, proposal_id: str, etag: str, reason: str = "") -> Json:
        path = f"/v1/duplicates/{proposal_id}/dismiss"
        return self._object("POST", path, json={"reason": reason}, headers={"If-Match": etag})

    def undo_duplicate(self, proposal_id: str, etag: str) -> Json:
        return self._object("POST", f"/v1/duplicates/{proposal_id}/undo", headers={"If-Match": etag})

    def find_duplicates(self, entity: str | None = None) -> Json:
        return self._object("POST", "/v1/duplicates/search", json={"entity": entity})

    def accept_duplicates(self, entity: str, min_probability: float, count: int) -> Json:
        body = {"entity": entity, "min_probability": min_probability, "count": count}
        return self._object("POST", "/v1/duplicates/accept", json=body)

    def undo_accepted(self, batch_id: str) -> Json:
        return self._object("POST", f"/v1/duplicates/batches/{batch_id}/undo")

    def survivorship(self) -> Json:
        return self._object("GET", "/v1/survivorship")

    def put_survivorship(self, rules: Json) -> Json:
        return self._object("PUT", "/v1/survivorship", json=rules)
