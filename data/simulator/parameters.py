"""What a world is made of: its clients, their channels, and how much goes wrong. The defaults are the default world."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.events import Channel

SHARE = {"ge": 0.0, "le": 1.0}


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ChannelPlan(_Frozen):
    """A channel of a client. It opens journeys and closes them with these weights; each of its visits raises the hazard
    of sending the form by `effect` (relative to the client's other channels), whoever closes."""

    channel: Channel
    opens: float = Field(ge=0)
    closes: float = Field(ge=0)
    effect: float = Field(ge=0)
    cost_minor: int = Field(0, ge=0, description="Spend on a visit, in minor units of `currency`.")
    currency: str = "EUR"
    quality: float = Field(
        0.0, description="What coming by it first adds to the log-odds that a lead becomes a customer."
    )


def _plan(*rows: tuple[Channel, float, float, float, int, str, float]) -> tuple[ChannelPlan, ...]:
    names = ("channel", "opens", "closes", "effect", "cost_minor", "currency", "quality")
    return tuple(ChannelPlan(**dict(zip(names, row, strict=True))) for row in rows)


B2B_CHANNELS = _plan(
    (Channel.ORGANIC_SEARCH, 0.24, 0.16, 1.0, 0, "EUR", 0.2),
    (Channel.PAID_SOCIAL, 0.22, 0.02, 1.9, 310, "EUR", -0.2),
    (Channel.REFERRAL, 0.12, 0.03, 2.2, 0, "EUR", 0.8),
    (Channel.ORGANIC_SOCIAL, 0.14, 0.03, 0.9, 0, "EUR", -0.5),
    (Channel.AI_ASSISTANT, 0.09, 0.02, 1.6, 0, "EUR", 0.4),
    (Channel.PAID_SEARCH, 0.10, 0.26, 0.5, 220, "USD", 0.1),
    (Channel.DIRECT, 0.06, 0.34, 0.12, 0, "EUR", 0.0),
    (Channel.EMAIL, 0.03, 0.14, 0.6, 4, "EUR", 0.3),
)
"""Direct, branded search and e-mail close what social, referrals and content opened: last touch is wrong about them."""

HEALTH_CHANNELS = _plan(
    (Channel.ORGANIC_SEARCH, 0.36, 0.22, 1.3, 0, "GBP", 0.2),
    (Channel.DISPLAY, 0.18, 0.02, 0.5, 90, "GBP", -0.6),
    (Channel.REFERRAL, 0.16, 0.04, 2.6, 0, "GBP", 0.9),
    (Channel.ORGANIC_VIDEO, 0.10, 0.02, 1.7, 0, "GBP", 0.2),
    (Channel.PAID_SEARCH, 0.12, 0.22, 0.6, 260, "GBP", 0.0),
    (Channel.DIRECT, 0.05, 0.36, 0.1, 0, "GBP", 0.0),
    (Channel.EMAIL, 0.03, 0.12, 0.4, 5, "GBP", 0.1),
)
INDUSTRIAL_CHANNELS = _plan(
    (Channel.ORGANIC_SEARCH, 0.30, 0.20, 1.2, 0, "USD", 0.3),
    (Channel.REFERRAL, 0.26, 0.06, 2.4, 0, "USD", 0.7),
    (Channel.PAID_SOCIAL, 0.14, 0.02, 0.7, 420, "USD", -0.4),
    (Channel.PAID_SEARCH, 0.16, 0.26, 0.8, 340, "USD", 0.1),
    (Channel.DIRECT, 0.08, 0.36, 0.15, 0, "USD", 0.0),
    (Channel.EMAIL, 0.06, 0.10, 0.5, 6, "USD", 0.2),
)


class ClientPlan(_Frozen):
    """One client of the agency: its part of the traffic, whom it sells to, and how well."""

    name: str
    share: float = Field(gt=0, description="Its part of the world's events, relative to the other clients'.")
    time_zone: str = "Europe/Lisbon"
    currency: str = Field("EUR", pattern=r"^[A-Z]{3}$")
    sells_to: tuple[str, ...] = Field(("Software", "E-commerce"), description="Industries that fit it best.")
    best_trade: int = Field(
        0,
        ge=0,
        le=2,
        description="Of the three trades of each of these, the one it knows best; only descriptions tell it.",
    )
    best_employees: tuple[int, int] = Field((20, 400), description="Size of the companies that fit it best.")
    lead_rate: float = Field(0.12, gt=0, lt=0.9, description="Share of visitors who send the form.")
    customer_rate: float = Field(0.22, gt=0, lt=0.9, description="Share of leads who become customers.")
    deal_minor: int = Field(900_000, gt=0, description="A typical deal, in minor units of `currency`.")
    recurring_share: float = Field(0.5, **SHARE)  # type: ignore[arg-type]
    channels: tuple[ChannelPlan, ...] = B2B_CHANNELS

    @property
    def slug(self) -> str:
        return "-".join(self.name.lower().split())

    @model_validator(mode="after")
    def _channels_lead_somewhere(self) -> ClientPlan:
        named = [plan.channel for plan in self.channels]
        if len(set(named)) != len(named):
            raise ValueError("a client names each channel once")
        if not any(plan.opens and plan.effect for plan in self.channels) or not any(p.closes for p in self.channels):
            raise ValueError("a client needs a channel that opens with an effect, and one that closes")
        return self


DEFAULT_CLIENTS = (
    ClientPlan(name="Brightside Studio", share=0.4),
    ClientPlan(
        name="Lattice Software", share=0.3, time_zone="America/New_York", currency="USD", sells_to=("Software", "Finance"),
        best_employees=(50, 1000), lead_rate=0.10, customer_rate=0.18, deal_minor=2_400_000, recurring_share=0.9,
    ),
    ClientPlan(
        name="Harbor Health", share=0.2, time_zone="Europe/London", currency="GBP", sells_to=("Healthcare", "Education"),
        best_employees=(10, 250), lead_rate=0.14, customer_rate=0.30, deal_minor=600_000, channels=HEALTH_CHANNELS,
    ),
    ClientPlan(
        name="Fernwell Industrial", share=0.1, time_zone="Europe/Berlin", currency="EUR",
        sells_to=("Manufacturing", "Logistics"), best_employees=(100, 3000), lead_rate=0.11, customer_rate=0.25,
        deal_minor=3_500_000, recurring_share=0.2, channels=INDUSTRIAL_CHANNELS,
    ),
)  # fmt: skip


class BotShares(_Frozen):
    """Each kind's part of all website events."""

    crawler: float = Field(0.05, ge=0, le=0.3, description="Says in its user agent what it is.")
    headless: float = Field(0.03, ge=0, le=0.3, description="A browser's user agent, in a data centre.")
    stealth: float = Field(0.015, ge=0, le=0.3, description="A browser's user agent, in a home; only too fast.")
    monitor: float = Field(0.02, ge=0, le=0.3, description="Asks for one page every few minutes.")
    form_spam: float = Field(0.004, ge=0, le=0.3, description="Sends the form a second after opening it.")

    @property
    def total(self) -> float:
        return self.crawler + self.headless + self.stealth + self.monitor + self.form_spam


class Drift(_Frozen):
    """From `from_day` on the world is another one."""

    from_day: int = Field(ge=0)
    lead_factor: float = Field(1.0, gt=0, description="On the hazard of sending the form.")
    customer_factor: float = Field(0.5, gt=0, description="On the odds that a lead becomes a customer.")
    driver_shift: float = Field(
        1.0, ge=0, le=2, description="How far fit and budget lose their pull: 0 keep it, 1 lose it, 2 turn it round."
    )


class WorldParameters(_Frozen):
    """A world: the same parameters, the same world, whoever draws it and in whatever chunks."""

    seed: int = Field(20261, ge=0)
    event_count: int = Field(40_000, ge=1_000, le=20_000_000, description="Website events, within some percent.")
    starts_on: date = date(2026, 1, 5)
    days: int = Field(120, ge=7, le=3650)
    clients: tuple[ClientPlan, ...] = Field(DEFAULT_CLIENTS, min_length=1)
    visits_mean: float = Field(
        2.6, gt=0, le=10, description="Visits after the first, of somebody of middling curiosity."
    )
    memory_days: float = Field(21.0, gt=0, description="After how long a touch has lost all but 1/e of its effect.")
    colleague_weight: float = Field(0.4, ge=0, le=1, description="What a colleague's touch does, beside one's own.")
    fit_pull: float = Field(1.2, description="How much fit raises the hazard of sending the form.")
    driver_pull: float = Field(1.0, ge=0, le=3, description="Strength of all that drives leads to become customers.")
    icp_pull: float = Field(
        0.0, ge=0, le=6, description="What working for an ideal company adds to the log-odds of becoming a customer."
    )
    prospect_share: float = Field(0.12, ge=0, le=0.9, description="People written to cold, beside the visitors.")
    machine_open_share: float = Field(0.4, **SHARE)  # type: ignore[arg-type]
    gateway_share: float = Field(0.2, ge=0, le=1, description="Companies whose mail gateway opens every link.")
    shared_browser_share: float = Field(0.04, **SHARE)  # type: ignore[arg-type]
    second_device_share: float = Field(0.35, **SHARE)  # type: ignore[arg-type]
    cleared_cookies_share: float = Field(0.15, **SHARE)  # type: ignore[arg-type]
    office_share: float = Field(0.35, ge=0, le=1, description="People whose computer is in their company's network.")
    vpn_share: float = Field(0.01, ge=0, le=1, description="People behind a rented server: a human in a data centre.")
    without_consent_share: float = Field(0.04, **SHARE)  # type: ignore[arg-type]
    duplicate_rate: float = Field(
        0.08, ge=0, le=1, description="Contacts who are in the CRM a second time, with an error."
    )
    missing_rate: float = Field(0.06, ge=0, le=0.9, description="Blank attributes of contacts.")
    bots: BotShares = BotShares()
    drift: Drift | None = None

    @model_validator(mode="after")
    def _some_people_are_left(self) -> WorldParameters:
        if self.bots.total > 0.8:
            raise ValueError("bots make at most 80 percent of a world's events")
        if len({client.slug for client in self.clients}) != len(self.clients):
            raise ValueError("clients have different names")
        return self
