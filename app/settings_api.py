"""The API behind the settings: members, keys, sign-in, the audit log, the brand, and one's own account."""

from __future__ import annotations

from typing import Any

from app.api_transport import LONG_SECONDS, Json, Transport


class SettingsApi(Transport):
    """What the settings and the shell ask."""

    def change_member(self, user_id: str, etag: str, **change: Any) -> None:
        """Either `role` or `is_disabled`."""
        self._send("PATCH", f"/v1/members/{user_id}", json=change, headers={"If-Match": etag})

    def remove_member(self, user_id: str) -> None:
        self._send("DELETE", f"/v1/members/{user_id}")

    def reset_link(self, user_id: str) -> str:
        """A link that sets a new password, once."""
        return str(self._object("POST", f"/v1/members/{user_id}/reset-link")["link"])

    def belongings(self, user_id: str) -> Json:
        return self._object("GET", f"/v1/members/{user_id}/belongings")

    def hand_over(self, user_id: str, to_user_id: str) -> Json:
        return self._object("POST", f"/v1/members/{user_id}/hand-over", json={"to_user_id": to_user_id})

    def success_targets(self) -> Json:
        return self._object("GET", "/v1/scorecard/targets")

    def put_success_targets(self, plan: Json) -> Json:
        return self._object("PUT", "/v1/scorecard/targets", json=plan)

    def stages(self) -> list[Json]:
        """The stages of people in the order of the funnel, each with its name here and its `default_name`."""
        found: list[Json] = self._object("GET", "/v1/lifecycle-stages")["items"]
        return found

    def put_stage_names(self, names: dict[str, str]) -> Json:
        return self._object("PUT", "/v1/lifecycle-stages", json={"names": names})

    def invitations(self) -> list[Json]:
        return self._every("/v1/invitations")

    def invite(self, email: str, role: str) -> Json:
        """With the `link`, once."""
        return self._object("POST", "/v1/invitations", json={"email": email, "role": role})

    def revoke_invitation(self, invitation_id: str) -> None:
        self._send("DELETE", f"/v1/invitations/{invitation_id}")

    def api_keys(self) -> list[Json]:
        return self._every("/v1/api-keys")

    def create_key(self, **fields: Any) -> Json:
        """With the whole `key`, once."""
        return self._object("POST", "/v1/api-keys", json=fields)

    def rotate_key(self, api_key_id: str, grace_hours: int) -> Json:
        """The new one, with the whole `key`, once."""
        return self._object("POST", f"/v1/api-keys/{api_key_id}/rotate", json={"grace_hours": grace_hours})

    def revoke_key(self, api_key_id: str) -> None:
        self._send("DELETE", f"/v1/api-keys/{api_key_id}")

    def single_sign_on(self) -> Json:
        """The organization's provider (`provider`, or None) and the addresses to register there."""
        return self._object("GET", "/v1/single-sign-on")

    def set_single_sign_on(self, **fields: Any) -> Json:
        return self._object("PUT", "/v1/single-sign-on", json=fields)

    def remove_single_sign_on(self) -> None:
        self._send("DELETE", "/v1/single-sign-on")

    def audit(self, *, entity: str | None = None, limit: int = 50, cursor: str | None = None) -> Json:
        """Acts, newest first; that they were read is an act as well."""
        asked = {"entity": entity, "limit": str(limit), "cursor": cursor}
        return self._object("GET", "/v1/audit", params={name: value for name, value in asked.items() if value})

    def audit_verification(self) -> Json:
        return self._object("GET", "/v1/audit/verification")

    def verify_audit(self) -> Json:
        """Walks the whole log now."""
        return self._object("POST", "/v1/audit/verification", timeout=LONG_SECONDS)

    def webhooks(self) -> Json:
        """All endpoints, and `known_events`."""
        return self._object("GET", "/v1/webhook-endpoints", params={"limit": "200"})

    def create_webhook(self, **fields: Any) -> Json:
        """With the `secret`, once."""
        return self._object("POST", "/v1/webhook-endpoints", json=fields)

    def change_webhook(self, webhook_endpoint_id: str, etag: str = "*", **fields: Any) -> Json:
        path = f"/v1/webhook-endpoints/{webhook_endpoint_id}"
        return self._object("PATCH", path, json=fields, headers={"If-Match": etag})

    def remove_webhook(self, webhook_endpoint_id: str) -> None:
        self._send("DELETE", f"/v1/webhook-endpoints/{webhook_endpoint_id}")

    def rotate_webhook(self, webhook_endpoint_id: str) -> Json:
        """The endpoint with its new `secret`, once."""
        return self._object("POST", f"/v1/webhook-endpoints/{webhook_endpoint_id}/secret")

    def test_webhook(self, webhook_endpoint_id: str) -> Json:
        return self._object("POST", f"/v1/webhook-endpoints/{webhook_endpoint_id}/test")

    def webhook_deliveries(self, webhook_endpoint_id: str, *, status: str | None = None, limit: int = 50) -> Json:
        """Newest first."""
        asked = {"limit": str(limit)} | ({"filter": f"status:eq:{status}"} if status else {})
        return self._object("GET", f"/v1/webhook-endpoints/{webhook_endpoint_id}/deliveries", params=asked)

    def replay_webhook(self, webhook_endpoint_id: str, webhook_delivery_id: str) -> Json:
        path = f"/v1/webhook-endpoints/{webhook_endpoint_id}/deliveries/{webhook_delivery_id}/replay"
        return self._object("POST", path)

    # one's own account ----------------------------------------------------------------------------------------------

    def sessions(self) -> list[Json]:
        return self._list("GET", "/v1/sessions")

    def end_session(self, session_id: str) -> None:
        self._send("DELETE", f"/v1/sessions/{session_id}")

    def end_other_sessions(self) -> int:
        return int(self._object("DELETE", "/v1/sessions")["ended"])

    def change_password(self, current: str, new: str) -> None:
        self._send("PUT", "/v1/me/password", json={"current_password": current, "new_password": new})

    def second_factor(self) -> Json:
        return self._object("GET", "/v1/me/second-factor")

    def begin_second_factor(self, password: str) -> Json:
        return self._object("POST", "/v1/me/second-factor", json={"password": password})

    def confirm_second_factor(self, code: str) -> list[str]:
        """The recovery codes, once."""
        found: list[str] = self._object("POST", "/v1/me/second-factor/confirm", json={"code": code})["recovery_codes"]
        return found

    def renew_recovery_codes(self, password: str) -> list[str]:
        found: list[str] = self._object(
            "POST", "/v1/me/second-factor/recovery-codes", json={"password": password}
        )["recovery_codes"]  # fmt: skip
        return found

    def remove_second_factor(self, password: str) -> None:
        self._send("POST", "/v1/me/second-factor/remove", json={"password": password})

    # how it looks ---------------------------------------------------------------------------------------------------

    def look(self) -> Json:
        """Name, logo and colours that people see."""
        return self._object("GET", "/v1/look")

    def logo(self, path: str) -> bytes:
        return self._send("GET", path).content

    def brand(self) -> Json:
        """What was chosen, with its `look`."""
        return self._object("GET", "/v1/brand")

    def set_brand(self, etag: str, **fields: Any) -> Json:
        return self._object("PUT", "/v1/brand", json=fields, headers={"If-Match": etag})

    def set_logo(self, name: str, content: bytes) -> Json:
        return self._object("PUT", "/v1/brand/logo", files={"file": (name, content)})

    def remove_logo(self) -> Json:
        return self._object("DELETE", "/v1/brand/logo")

    def scoring_rules(self) -> Json:
        return self._object("GET", "/v1/scoring-rules")

    def put_scoring_rules(self, source: str, etag: str) -> Json:
        return self._object("PUT", "/v1/scoring-rules", json={"source": source}, headers={"If-Match": etag})

    def try_scoring_rules(self, source: str, *, wait_seconds: float = 15.0) -> Json:
        """What these rules would change; still `waiting` if the worker took longer."""
        return self._asked("/v1/scoring-rules/preview", {"source": source}, wait_seconds)

    def scoring_rules_preview(self, score_question_id: str) -> Json:
        return self._object("GET", f"/v1/scoring-rules/previews/{score_question_id}")
