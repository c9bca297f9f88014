"""The ways to a site: what the first page view of a visit says about each channel, and what a platform bills for it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.events import Channel


@dataclass(frozen=True, slots=True)
class Door:
    """A channel as a site sees it."""

    channel: Channel
    referrer: str = ""
    source: str = ""
    medium: str = ""
    campaign: str = ""
    click_id: str = ""
    """The parameter that the platform adds to the address."""

    @property
    def query(self) -> str:
        named = (("utm_source", self.source), ("utm_medium", self.medium), ("utm_campaign", self.campaign))
        return "&".join(f"{name}={value}" for name, value in named if value)


DOORS = (
    Door(Channel.DIRECT),
    Door(Channel.ORGANIC_SEARCH, "https://www.google.com/"),
    Door(Channel.PAID_SEARCH, "https://www.google.com/", "google", "cpc", "search-brand", "gclid"),
    Door(Channel.PAID_SOCIAL, "https://www.linkedin.com/", "linkedin", "paid-social", "founders-q4", "li_fat_id"),
    Door(Channel.ORGANIC_SOCIAL, "https://www.facebook.com/"),
    Door(Channel.REFERRAL, "https://www.agency-guide.example/best-of"),
    Door(Channel.EMAIL, "", "newsletter", "email", "monthly-digest"),
    Door(Channel.AI_ASSISTANT, "https://chatgpt.com/"),
    Door(Channel.DISPLAY, "https://news.daily-paper.example/", "adnetwork", "display", "spring-banners"),
    Door(Channel.ORGANIC_VIDEO, "https://www.youtube.com/"),
    Door(Channel.AFFILIATES, "https://deals.comparison.example/", "comparison", "affiliate", "partners"),
    Door(Channel.PAID_VIDEO, "https://www.youtube.com/", "youtube", "cpv", "explainer", "gclid"),
)
DOOR_OF = {door.channel: place for place, door in enumerate(DOORS)}
DIRECT, SEARCH, MAIL = DOOR_OF[Channel.DIRECT], DOOR_OF[Channel.ORGANIC_SEARCH], DOOR_OF[Channel.EMAIL]
