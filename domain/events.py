"""What a website may tell us, and how much consent came with it."""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    """The kinds of event the collector accepts."""

    PAGE_VIEW = "page_view"
    PAGE_PING = "page_ping"
    SCROLL = "scroll"
    LINK_CLICK = "link_click"
    FILE_DOWNLOAD = "file_download"
    FORM_START = "form_start"
    FORM_SUBMIT = "form_submit"
    FORM_ABANDON = "form_abandon"
    CHAT_OPEN = "chat_open"
    IDENTIFY = "identify"
    GROUP = "group"
    TRACK = "track"


class ConsentLevel(StrEnum):
    """How much the visitor agreed to. `none` keeps no id at all; `anonymous` is cookieless; `session` lives for one
    visit; `full` may be linked to a person."""

    NONE = "none"
    ANONYMOUS = "anonymous"
    SESSION = "session"
    FULL = "full"


class EmailEventType(StrEnum):
    """What happened to a message."""

    SENT = "sent"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    REPLIED = "replied"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"


class Channel(StrEnum):
    """Where a touch came from: the GA4 default channel groups that a site can tell apart, and our own."""

    DIRECT = "Direct"
    ORGANIC_SEARCH = "Organic Search"
    PAID_SEARCH = "Paid Search"
    ORGANIC_SOCIAL = "Organic Social"
    PAID_SOCIAL = "Paid Social"
    ORGANIC_VIDEO = "Organic Video"
    PAID_VIDEO = "Paid Video"
    ORGANIC_SHOPPING = "Organic Shopping"
    PAID_SHOPPING = "Paid Shopping"
    DISPLAY = "Display"
    PAID_OTHER = "Paid Other"
    CROSS_NETWORK = "Cross-network"
    EMAIL = "Email"
    AFFILIATES = "Affiliates"
    REFERRAL = "Referral"
    AUDIO = "Audio"
    SMS = "SMS"
    MOBILE_PUSH = "Mobile Push Notifications"
    AI_ASSISTANT = "AI Assistant"
    OUTBOUND_EMAIL = "Outbound Email"
    LINKEDIN = "LinkedIn"
    CHAT = "Chat"
    CALL = "Call"
    MEETING = "Meeting"
    OFFLINE = "Offline"
    """Nobody met on the site: a list, another system, a person's hand (and what is spent on fairs)."""
    UNASSIGNED = "Unassigned"
