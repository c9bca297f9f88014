"""Reports of a mail server of one's own, or of a program between a provider and us.

`{"type": "delivered", "message_id": "<…>", "occurred_at": "2026-03-02T09:00:00Z"}`, signed by Standard Webhooks. `type` is
a `ReportKind`; `message_id` the Message-ID; `is_final`, `reason` and `text` tell more of a bounce, `link_url`,
`user_agent` and `ip` of a click.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from domain.outreach.reports import Report, ReportKind


class Standard:
    name = "standard"
    title = "Any other (Standard Webhooks)"
    header_prefix = "webhook"
    makes_secret = False
    tells_of: Literal["messages"] = "messages"
    steps = "Let your server send reports to this address, signed with the secret that is shown once."

    def read(self, body: Mapping[str, Any]) -> Report | None:
        return Report(
            kind=ReportKind(str(body.get("type"))),
            named=str(body.get("message_id") or ""),
            occurred_at=datetime.fromisoformat(str(body.get("occurred_at"))),
            is_final=body.get("is_final") is True,
            **{name: str(body.get(name) or "") for name in ("reason", "text", "link_url", "user_agent", "ip")},
        )


PROVIDER = Standard()
