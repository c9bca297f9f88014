"""Deals as people read them: the data of a board, from what the API answers. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.api_transport import Json
from app.formatting import money, parse, plural

STAGE_DOTS = {
    "lead": "#98a2b3",
    "mql": "#6366f1",
    "sql": "#8b5cf6",
    "opportunity": "#06b6d4",
    "proposal": "#f59e0b",
    "negotiation": "#f97316",
    "won": "#10b981",
    "lost": "#ef4444",
}
"""By what a stage counts as."""
ASKED = {
    "amount_minor": "Amount",
    "expected_close_on": "Expected close",
    "owner_user_id": "Owner",
    "contact_id": "Contact",
    "company_id": "Company",
    "lost_reason": "Lost reason",
}
"""What a stage may ask for, in words."""


def initials(name: str) -> str:
    """At most two letters: `Ada Lovelace` → `AL`, `ada@x.example` → `AD`."""
    parts = name.split("@", maxsplit=1)[0].replace(".", " ").split()
    return ("".join(part[0] for part in parts[:2]) if len(parts) > 1 else name[:2]).upper()


def colour_of(name: str) -> str:
    """The same for the same name, dark enough for white letters."""
    mixed = 7
    for letter in name:
        mixed = (mixed * 31 + ord(letter)) % 360
    return f"hsl({mixed} 55% 38%)"


def days_since(moment: str, now: Any) -> int:
    then = parse(moment)
    return max(0, (now - then).days) if then else 0


def card(deal: Json, owners: Mapping[str, str], now: Any) -> dict[str, Any]:
    """One deal as the board draws it. `owners`: names by user id."""
    owner = owners.get(deal["owner_user_id"] or "")
    who = " · ".join(
        part for part in ((deal["company"] or {}).get("name"), (deal["contact"] or {}).get("display_name")) if part
    )
    is_open = deal["closed_at"] is None
    return {
        "deal_id": deal["deal_id"],
        "etag": deal["etag"],
        "name": deal["name"],
        "who": who,
        "value": money(deal["amount_minor"], deal["currency"]),
        "chance": f"{deal['probability']:.0%}" if is_open else "",
        "rots": f"{days_since(deal['stage_entered_at'], now)}d" if deal["is_rotting"] else "",
        "idle": "no task" if is_open and not deal["has_next_activity"] else "",
        "owner": {"name": owner, "initials": initials(owner), "color": colour_of(owner)} if owner else None,
    }


def columns(board: Json, owners: Mapping[str, str], now: Any) -> list[dict[str, Any]]:
    """The columns of `GET /v1/deals/board` as the board draws them."""
    currency = board["currency"]
    return [
        {
            "key": column["stage"]["key"],
            "name": column["stage"]["name"],
            "color": STAGE_DOTS[column["stage"]["counts_as"]],
            "count": f"{column['deal_count']:,}",
            "total": money(column["amount_minor"], currency) if column["deal_count"] else "",
            "weighted": f"weighted {money(column['weighted_minor'], currency)}"
            if column["stage"]["counts_as"] not in {"won", "lost"} and column["deal_count"]
            else "",
            "missing": f"+ {', '.join(column['missing_currencies'])}" if column["missing_currencies"] else "",
            "more": plural(column["deal_count"] - len(column["deals"]), "more deal")
            if column["deal_count"] > len(column["deals"])
            else "",
            "deals": [card(deal, owners, now) for deal in column["deals"]],
        }
        for column in board["columns"]
    ]


def sums(board: Json) -> tuple[int, int, int]:
    """Open, weighted and won amounts of a board, in minor units of its currency."""
    is_open = [column for column in board["columns"] if column["stage"]["counts_as"] not in {"won", "lost"}]
    won = [column for column in board["columns"] if column["stage"]["counts_as"] == "won"]
    return (
        sum(column["amount_minor"] for column in is_open),
        sum(column["weighted_minor"] for column in is_open),
        sum(column["amount_minor"] for column in won),
    )


def missing_fields(detail: str, stage: Json, known: Sequence[str]) -> list[str]:
    """The fields that a refused move asked for: those of the stage that the refusal names."""
    return [name for name in stage["requires"] if name in detail and (name in known or name.startswith("attributes."))]
