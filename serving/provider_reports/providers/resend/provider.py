"""Webhooks of Resend (https://resend.com/docs/dashboard/webhooks/event-types), which Svix signs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from domain.outreach.reports import Report, ReportKind
from serving.mail.transports.resend.transport import TAG

KINDS = {
    "email.delivered": ReportKind.DELIVERED,
    "email.bounced": ReportKind.BOUNCED,
    "email.suppressed": ReportKind.BOUNCED,
    "email.complained": ReportKind.COMPLAINED,
    "email.delivery_delayed": ReportKind.DELAYED,
    "email.failed": ReportKind.REFUSED,
    "email.opened": ReportKind.OPENED,
    "email.clicked": ReportKind.CLICKED,
}
SUPPRESSED = "email.suppressed"
"""Resend does not write to the address any more, because it bounced or complained before."""


class Resend:
    name = "resend"
    title = "Resend"
    header_prefix = "svix"
    makes_secret = True
    tells_of: Literal["messages"] = "messages"
    steps = "In Resend, open Webhooks, add this address with all email events, and paste the signing secret here."

    def read(self, body: Mapping[str, Any]) -> Report | None:
        """The tag says which message of ours it is; one without is somebody else's."""
        kind = KINDS.get(str(body.get("type")))
        data = body.get("data")
        if kind is None:
            return None
        if not isinstance(data, Mapping):
            raise ValueError("no data")  # noqa: TRY004  what was sent is wrong, not the program
        named = _tag(data.get("tags"))
        if not named:
            return None
        bounce, click = _part(data, "bounce"), _part(data, "click") or _part(data, "open")
        return Report(
            kind=kind,
            named=named,
            occurred_at=datetime.fromisoformat(str(click.get("timestamp") or body.get("created_at"))),
            is_final=body["type"] == SUPPRESSED or bounce.get("type") == "Permanent",
            reason=str(bounce.get("subType") or _part(data, "failed").get("reason") or ""),
            text=str(bounce.get("message") or ""),
            link_url=str(click.get("link") or ""),
            user_agent=str(click.get("userAgent") or ""),
            ip=str(click.get("ipAddress") or ""),
        )


def _tag(tags: object) -> str:
    """An object by name, or a list of {name, value}."""
    if isinstance(tags, Mapping):
        return str(tags.get(TAG) or "")
    found = [each for each in tags if isinstance(each, Mapping)] if isinstance(tags, list) else []
    return next((str(each.get("value") or "") for each in found if each.get("name") == TAG), "")


def _part(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


PROVIDER = Resend()
