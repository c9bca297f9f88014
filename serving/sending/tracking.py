"""What is noted of a message: decided with it, and written into it as it leaves."""

from __future__ import annotations

import html
from dataclasses import replace
from urllib.parse import urlsplit

from domain.deliverability.records import State
from domain.outreach.links import html_with, links_of, text_with, with_at_the_end
from domain.outreach.tracking import MOST_LINKS, PIXEL, TRAP, Mark, Tracked, TrackingSetting, make_token
from domain.settings import Settings
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.outbox import Content, Ready
from storage.ops.store import Work
from storage.ops.tables import SendingDomain

SETTING = "tracking"
OPENS_PATH, CLICKS_PATH = "/o", "/c"


def setting_of(work: Work, organization_id: str | None = None) -> TrackingSetting:
    """What the organization says now."""
    held = OrganizationSettings(work).current(SETTING, organization_id=organization_id)
    return TrackingSetting.model_validate(held.value) if held else TrackingSetting()


def noting(content: Content, tracked: Tracked) -> Content:
    """A message with what is noted of it. Its links are kept with it: where one leads is looked up, never read off an
    address."""
    links = links_of(content.text, content.html)[:MOST_LINKS] if tracked.clicks else ()
    has_html = bool(content.html)
    return replace(content, links=links, has_pixel=tracked.opens and has_html, has_trap=tracked.trap and has_html)


def address_of(domain: SendingDomain | None, settings: Settings) -> str:
    """Where tracked links of a domain's letters lead: to its own host once a check has seen that it points to us."""
    host = str((domain.asked or {}).get("tracking_host", "")) if domain else ""
    findings = (domain.findings or ()) if domain else ()
    is_seen = any(one["check"] == "tracking" and one["state"] == State.PASS for one in findings)
    return f"{urlsplit(settings.public_url).scheme}://{host}" if host and is_seen else settings.public_url


def led_over(one: Ready, address: str, key: bytes) -> Content:
    """The message as it leaves: links lead over us, with a picture and a link that is not shown where these were decided."""
    content = one.content
    if not (content.links or content.has_pixel or content.has_trap):
        return content

    def made(path: str, number: int) -> str:
        return f"{address}{path}/{make_token(Mark(one.organization_id, one.outbox_message_id, number), key)}"

    over = {target: made(CLICKS_PATH, number) for number, target in enumerate(content.links, 1)}
    markup = html_with(content.html, over.get)
    if content.has_trap:
        trap = html.escape(made(CLICKS_PATH, TRAP))
        markup = with_at_the_end(markup, f'<a href="{trap}" style="display:none" aria-hidden="true" tabindex="-1"></a>')
    if content.has_pixel:
        pixel = html.escape(made(OPENS_PATH, PIXEL))
        markup = with_at_the_end(markup, f'<img src="{pixel}" width="1" height="1" alt="" style="display:block">')
    return replace(content, text=text_with(content.text, over.get), html=markup)
