"""The views of the list of leads that come with the product, and how a view sets the filters of the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api_client import ContactQuery
from app.list_conditions import LEADS, key_of
from app.saved_views import Views, conditions_of

HAS_EMAIL = {True: "known", False: "missing", None: "any"}
IS_WORKED = {True: "yes", False: "no", None: "any"}


def _filter_widgets(question: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "q": question.get("q", ""),
        "sort": question.get("sort", ContactQuery().sort),
        "leads_stage": list(question.get("stage", [])),
        "leads_band": list(question.get("band", [])),
        "leads_source": list(question.get("source", [])),
        "leads_owner": list(question.get("owner", [])),
        "leads_worked": IS_WORKED[question.get("is_worked")],
        "leads_email": HAS_EMAIL[question.get("has_email")],
        "leads_score": int(question.get("min_score") or 0),
        key_of(LEADS): conditions_of(question),
    }


VIEWS = Views(
    LEADS,
    "contact",
    (
        ("All", {}),
        ("Mine", {"owner": ["me"]}),
        ("Nobody's", {"owner": ["nobody"]}),
        ("Hot, not called", {"band": ["hot"], "is_worked": False, "sort": "score"}),
    ),
    _filter_widgets,
    of_links=("import",),
)
