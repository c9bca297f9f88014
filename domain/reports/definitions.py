"""What the figures of the overview mean, on its page and in every report of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    title: str
    words: str
    """With `{days}` where a period belongs."""

    def of(self, days: int) -> str:
        return self.words.format(days=days)


LEADS = Definition("Leads", "People who became leads in the last {days} days.")
MQLS = Definition(
    "MQLs", "Contacts that became marketing qualified in the last {days} days, beside the {days} days before."
)
SESSIONS = Definition(
    "Sessions",
    "Visits by people in the last {days} days: 30 minutes without a sign of life end one. Bots are left out.",
)
CUSTOMERS = Definition("Customers", "Contacts that became customers in the last {days} days.")
WON = Definition("Won", "Value of deals won by new customers in the last {days} days, in the deals' own currency.")
TREND = "New contacts and marketing qualified ones, by day of the organization's time zone."
FUNNEL = "People who reached each stage, and the share of the stage before that went on."
CREDIT = "Each conversion is worth one, shared out by the model among the touches before it."
RETURN = (
    "Spend of the period beside what its conversions brought. CAC: spend per customer won. LTV so far: what a customer won "
    "in the period has paid up to the build; it is not a projection. Payback: the first month of age by whose end what was "
    "spent had come back; else how much of it has. 95 %: where the number would lie if as many had come by chance; fewer "
    "than ten customers are called few."
)
