"""The API behind the Mailboxes page: accounts, tests of them, and the domains they send from."""

from __future__ import annotations

from typing import Any

from app.api_transport import LONG_SECONDS, Json, Transport


class MailboxesApi(Transport):
    """What the Mailboxes page asks."""

    def mailboxes(self) -> list[Json]:
        return list(self._object("GET", "/v1/mailboxes")["items"])

    def connect_mailbox(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/mailboxes", json=fields)

    def change_mailbox(self, mailbox_id: str, etag: str, **fields: Any) -> Json:
        return self._object("PATCH", f"/v1/mailboxes/{mailbox_id}", json=fields, headers={"If-Match": etag})

    def switch_mailbox(self, mailbox_id: str, status: str, reason: str = "") -> Json:
        return self._object("POST", f"/v1/mailboxes/{mailbox_id}/switch", json={"status": status, "reason": reason})

    def remove_mailbox(self, mailbox_id: str) -> None:
        self._send("DELETE", f"/v1/mailboxes/{mailbox_id}")

    def test_mailbox(self, mailbox_id: str, to: str) -> Json:
        """What the server said to a real message."""
        return self._object("POST", f"/v1/mailboxes/{mailbox_id}/test", json={"to": to}, timeout=LONG_SECONDS)

    def test_inbox(self, mailbox_id: str) -> Json:
        return self._object("POST", f"/v1/mailboxes/{mailbox_id}/test-inbox", timeout=LONG_SECONDS)

    def sending_domains(self) -> list[Json]:
        return list(self._object("GET", "/v1/sending-domains")["items"])

    def check_domain(self, domain: str) -> Json:
        return self._object("POST", f"/v1/sending-domains/{domain}/check", timeout=LONG_SECONDS)

    def make_dkim_key(self, domain: str) -> Json:
        return self._object("POST", f"/v1/sending-domains/{domain}/dkim-key", json={})

    def set_domain_cap(self, domain: str, per_day: int | None) -> Json:
        return self._object("PUT", f"/v1/sending-domains/{domain}/cap", json={"per_day": per_day})

    def ask_of_domain(self, domain: str, **asked: Any) -> Json:
        return self._object("PUT", f"/v1/sending-domains/{domain}/asked", json=asked)

    def sending(self) -> Json:
        return self._object("GET", "/v1/sending")

    def switch_sending(self, why: str, *, is_stopped: bool) -> Json:
        return self._object("PUT", "/v1/sending", json={"is_stopped": is_stopped, "reason": why})

    def tracking(self) -> Json:
        return self._object("GET", "/v1/tracking")

    def soft_bounces(self) -> Json:
        return self._object("GET", "/v1/soft-bounces")

    def set_soft_bounces(self, **wanted: Any) -> Json:
        return self._object("PUT", "/v1/soft-bounces", json=wanted)

    def set_tracking(self, **wanted: Any) -> Json:
        return self._object("PUT", "/v1/tracking", json=wanted)

    def provider_webhooks(self) -> Json:
        return self._object("GET", "/v1/provider-webhooks")

    def create_provider_webhook(self, provider: str, name: str) -> Json:
        """`secret` is shown this once, where it is made here."""
        return self._object("POST", "/v1/provider-webhooks", json={"provider": provider, "name": name})

    def set_provider_secret(self, provider_webhook_id: str, secret: str | None) -> Json:
        path = f"/v1/provider-webhooks/{provider_webhook_id}/secret"
        return self._object("PUT", path, json={"secret": secret} if secret else {})

    def remove_provider_webhook(self, provider_webhook_id: str) -> None:
        self._send("DELETE", f"/v1/provider-webhooks/{provider_webhook_id}")

    def replay_provider_report(self, provider_webhook_id: str, provider_report_id: str) -> Json:
        path = f"/v1/provider-webhooks/{provider_webhook_id}/reports/{provider_report_id}/replay"
        return self._object("POST", path)
