"""The twelve questions that lists of contacts are asked most, as parameters of `GET /v1/contacts`: measured by
`bench.contacts`, and refused a plan that reads a whole table by a test. docs/performance.md has them in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Question = Mapping[str, str | list[str]]
COMPANY = "01900000-0000-7000-9000-000000000011"

SHAPES: Mapping[str, Sequence[Question]] = {
    "default list": [{}],
    "by stage": [{"stage": "lead"}, {"stage": "customer"}, {"stage": ["sql", "opportunity"]}],
    "by owner": [{"owner": "owner-3"}, {"owner": "nobody"}],
    "by source and date": [{"source": "api", "created_after": "2026-03-01T00:00:00Z"}, {"source": "import"}],
    "by score band": [{"band": "hot"}, {"band": "cold"}, {"min_score": "99.5"}],
    "by custom field": [
        {"filter": "custom.plan:eq:sovereign"},
        {"filter": "custom.budget:gte:50000"},
        {"filter": ["custom.plan:in:pro,free", "custom.renewal_on:gte:2028-06-01"]},
        {"attribute": "plan:business"},
    ],
    "by score": [{"sort": "score"}, {"sort": "score", "stage": "customer"}, {"sort": "score", "band": "cool"}],
    "by the order of a custom field": [
        {"sort": "-custom.budget"},
        {"sort": "custom.plan"},
        {"sort": "custom.renewal_on", "filter": "custom.renewal_on:gte:2027-01-01"},
    ],
    "search": [
        {"q": "b"}, {"q": "ba"}, {"q": "bab"}, {"q": "head"}, {"q": "mail.example"}, {"q": "crm-777"}, {"q": "ba be"},
        {"q": "nobody of this name"}, {"q": "+49 30 1000777"}, {"q": "zuzu", "stage": "customer"}, {"q": "k", "sort": "score"},
    ],
    "saved view": [{"stage": ["mql", "sql"], "owner": "owner-5", "min_score": "80", "sort": "score"}],
    "contacts of a company": [{"filter": f"company_id:eq:{COMPANY}"}, {"filter": f"company_id:eq:{COMPANY[:-2]}00"}],
    "bulk selection": [{"stage": "mql", "source": "form", "limit": "200"}, {"filter": "custom.plan:eq:pro", "limit": "200"}],
}  # fmt: skip
