"""`/hooks/{provider_webhook_id}`: where a provider reports what became of messages, or a program tells of
signals. No login: what is signed is believed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from domain.errors import NotFound
from serving.bodies import read_up_to
from serving.deps import StoreDep
from serving.provider_reports.base import Signed, all_providers
from serving.provider_reports.receiving import receive

router = APIRouter(prefix="/hooks", include_in_schema=False)
ROLES = frozenset({"capture", "api"})
LARGEST = 256 * 1024


async def _body(request: Request) -> bytes | None:
    """None for more than any report has."""
    return await read_up_to(request, LARGEST)


@router.post("/{provider_webhook_id}")
def receive_report(
    provider_webhook_id: str, request: Request, store: StoreDep, body: Annotated[bytes | None, Depends(_body)]
) -> Response:
    """204 for what was taken, known or none of our business; 401 for what is not believed, so that it is sent again."""
    if body is None:
        return Response(status_code=413)
    prefixes = {each.header_prefix for each in all_providers().values()}
    prefix = next((each for each in sorted(prefixes) if f"{each}-id" in request.headers), "webhook")
    signed = Signed(
        request.headers.get(f"{prefix}-id", "")[:300], request.headers.get(f"{prefix}-timestamp", "")[:40],
        request.headers.get(f"{prefix}-signature", "")[:2_000], body,
    )  # fmt: skip
    try:
        outcome = receive(store, provider_webhook_id, signed, getattr(request.app.state, "networks", None))
    except NotFound:
        return Response(status_code=404)
    return Response(status_code=204 if outcome.is_believed else 401)
