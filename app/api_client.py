"""The one way the screens write, and read lists: HTTP to /v1 on loopback, as the person who is signed in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.api_transport import LONG_SECONDS, Json
from app.campaigns_api import CampaignsApi
from app.enrichment_api import EnrichmentApi
from app.experiments_api import ExperimentsApi
from app.forecast_api import ForecastApi
from app.mailboxes_api import MailboxesApi
from app.merging_api import MergingApi
from app.reports_api import ReportsApi
from app.settings_api import SettingsApi
from app.shared_learning_api import SharedLearningApi
from app.signals_api import SignalsApi
from app.sql_api import SqlApi
from domain.filters import list_text


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """The filters of the list of contacts; empty ones do not filter."""

    q: str = ""
    stage: Sequence[str] = ()
    band: Sequence[str] = ()
    source: Sequence[str] = ()
    owner: Sequence[str] = ()
    """User ids, `me`, `nobody`."""
    is_worked: bool | None = None
    import_id: str | None = None
    has_email: bool | None = None
    min_score: float | None = None
    filter: Sequence[str] = ()
    """`field:op:value`, as the API takes them (`app.list_conditions`)."""
    sort: str = "newest"

    def parameters(self) -> list[tuple[str, str]]:
        """Query parameters, repeated ones repeated."""
        one: dict[str, Any] = {
            "q": self.q.strip() or None,
            "import_id": self.import_id,
            "has_email": None if self.has_email is None else str(self.has_email).lower(),
            "is_worked": None if self.is_worked is None else str(self.is_worked).lower(),
            "min_score": self.min_score,
            "sort": self.sort,
        }
        many = {"stage": self.stage, "band": self.band, "source": self.source, "owner": self.owner,
                "filter": self.filter}  # fmt: skip
        pairs = [(name, str(value)) for name, value in one.items() if value is not None]
        return pairs + [(name, value) for name, values in many.items() for value in values]

    @property
    def filters(self) -> Json:
        """The same as bodies take it: what does not filter is left out."""
        found: Json = {
            "q": self.q.strip(), "stage": list(self.stage), "band": list(self.band), "source": list(self.source),
            "owner": list(self.owner), "is_worked": self.is_worked, "import_id": self.import_id,
            "has_email": self.has_email, "min_score": self.min_score, "filter": list(self.filter),
            "sort": self.sort if self.sort != ContactQuery().sort else None,
        }  # fmt: skip
        return {name: value for name, value in found.items() if value not in (None, "", [])}

    @property
    def is_filtered(self) -> bool:
        return self != ContactQuery(sort=self.sort)


LEAST_QUALITY = 2
"""What every company has."""
COMPANY_ORIGINS = {"contacts": "network_type:empty", "network": "network_type:filled"}
VISITED = "session_count:gt:0"
"""Conditions on companies that the page asks by widgets of their own."""


@dataclass(frozen=True, slots=True)
class CompanyQuery:
    """The filters of the list of companies; empty ones do not filter."""

    q: str = ""
    statuses: Sequence[str] = ()
    industries: Sequence[str] = ()
    countries: Sequence[str] = ()
    least_quality: int = LEAST_QUALITY
    known_by: str = "any"
    """`any`, `contacts` or `network`."""
    visited: bool = False
    filter: Sequence[str] = ()
    """More of them, as the API takes them (`app.list_conditions`)."""
    sort: str = "-last_seen_at"

    def parameters(self) -> list[tuple[str, str]]:
        """Query parameters."""
        return [("q", self.q.strip()), ("sort", self.sort), *(("filter", one) for one in self.conditions)]

    @property
    def conditions(self) -> list[str]:
        """All but the search, in the grammar of domain/filters."""
        many = {"status": self.statuses, "industry": self.industries, "country": self.countries}
        found = [f"{field}:in:{list_text(values)}" for field, values in many.items() if values]
        found += [f"quality:gte:{self.least_quality}"] if self.least_quality > LEAST_QUALITY else []
        found += [COMPANY_ORIGINS[self.known_by]] if self.known_by in COMPANY_ORIGINS else []
        found += [VISITED] if self.visited else []
        return [*found, *self.filter]

    @property
    def filters(self) -> Json:
        """The same as bodies take it: what does not filter is left out."""
        sort = self.sort if self.sort != CompanyQuery().sort else None
        found: Json = {"q": self.q.strip(), "filter": self.conditions, "sort": sort}
        return {name: value for name, value in found.items() if value}

    @property
    def is_filtered(self) -> bool:
        return self != CompanyQuery(sort=self.sort)


class ApiClient(
    SettingsApi,
    MergingApi,
    CampaignsApi,
    MailboxesApi,
    EnrichmentApi,
    SignalsApi,
    ExperimentsApi,
    ForecastApi,
    SharedLearningApi,
    SqlApi,
    ReportsApi,
):
    """Bound to a session and an organization. Every call raises ApiProblem when the API refuses or is not there."""

    def me(self) -> Json:
        return self._object("GET", "/v1/me")

    # contacts -------------------------------------------------------------------------------------------------------

    def contacts(
        self, query: ContactQuery, *, limit: int = 50, cursor: str | None = None, with_total: bool = True
    ) -> Json:
        parameters = [*query.parameters(), ("limit", str(limit)), ("total", str(with_total).lower())]
        if cursor:
            parameters.append(("cursor", cursor))
        return self._object("GET", "/v1/contacts", params=parameters)

    def contact_facets(self) -> Json:
        return self._object("GET", "/v1/contacts/facets")

    def contact(self, contact_id: str) -> Json:
        return self._object("GET", f"/v1/contacts/{contact_id}")

    def timeline(self, contact_id: str, limit: int = 100) -> Json:
        return self._object("GET", f"/v1/contacts/{contact_id}/timeline", params={"limit": limit})

    def change_contact(self, contact_id: str, etag: str = "*", **fields: Any) -> Json:
        return self._object("PATCH", f"/v1/contacts/{contact_id}", json=fields, headers={"If-Match": etag})

    def change_contacts(self, contact_ids: Sequence[str], values: Json) -> Json:
        """Sets `lifecycle_stage`, `owner_user_id`, `attributes` of up to 500 contacts; answers a result for each."""
        return self._object("POST", "/v1/contacts/bulk", json={"ids": list(contact_ids), "set": values}, timeout=60)

    def archive_contacts(self, contact_ids: Sequence[str]) -> Json:
        """Takes up to 500 off every list; answers a result for each."""
        return self._object("POST", "/v1/contacts/archive", json={"ids": list(contact_ids)}, timeout=60)

    def restore_contacts(self, contact_ids: Sequence[str]) -> Json:
        return self._object("POST", "/v1/contacts/restore", json={"ids": list(contact_ids)}, timeout=60)

    def archived_contacts(self, *, limit: int = 50, cursor: str | None = None) -> Json:
        """A page, archived last first."""
        asked = {"limit": limit} | ({"cursor": cursor} if cursor else {})
        return self._object("GET", "/v1/contacts/archived", params=asked)

    def tags(self) -> list[Json]:
        """Those of contacts and companies, by name."""
        found: list[Json] = self._object("GET", "/v1/tags")["items"]
        return found

    def add_company(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/companies", json=fields)

    def change_company(self, company_id: str, etag: str = "*", **fields: Any) -> Json:
        return self._object("PATCH", f"/v1/companies/{company_id}", json=fields, headers={"If-Match": etag})

    def change_companies(self, company_ids: Sequence[str], values: Json) -> Json:
        """Sets `add_tags`, `remove_tags`, `industry`, `employee_count`, `country` of up to 500; answers a result for each."""
        return self._object("POST", "/v1/companies/bulk", json={"ids": list(company_ids), "set": values}, timeout=60)

    def saved_views(self, entity: str) -> list[Json]:
        """One's own and the shared ones, by name."""
        found: list[Json] = self._object("GET", "/v1/saved-views", params={"entity": entity})["items"]
        return found

    def save_view(self, entity: str, name: str, question: Json, *, is_shared: bool) -> Json:
        body = {"entity": entity, "name": name, "question": question, "is_shared": is_shared}
        return self._object("POST", "/v1/saved-views", json=body)

    def delete_view(self, saved_view_id: str) -> None:
        self._send("DELETE", f"/v1/saved-views/{saved_view_id}")

    def export_contacts(self, query: ContactQuery) -> bytes:
        return self._send("GET", "/v1/contacts/export", params=query.parameters(), timeout=LONG_SECONDS).content

    # companies ------------------------------------------------------------------------------------------------------

    def companies(
        self, query: CompanyQuery, *, limit: int = 50, cursor: str | None = None, with_total: bool = True
    ) -> Json:
        parameters = [*query.parameters(), ("limit", str(limit)), ("total", str(with_total).lower())]
        if cursor:
            parameters.append(("cursor", cursor))
        return self._object("GET", "/v1/companies", params=parameters)

    def export_companies(self, query: CompanyQuery) -> bytes:
        return self._send("GET", "/v1/companies/export", params=query.parameters(), timeout=LONG_SECONDS).content

    def company_facets(self) -> Json:
        return self._object("GET", "/v1/companies/facets")

    def company(self, company_id: str) -> Json:
        return self._object("GET", f"/v1/companies/{quote(company_id, safe='')}")

    def find_lookalikes(self, *, wait_seconds: float = 10.0, **asked: Any) -> Json:
        """Companies like `positive_ids` and unlike `negative_ids`; still `waiting` if the worker took longer."""
        return self._asked("/v1/companies/lookalikes", asked, wait_seconds)

    def lookalikes(self, lookalike_search_id: str) -> Json:
        return self._object("GET", f"/v1/companies/lookalikes/{lookalike_search_id}")

    def lookalike_marks(self, kind: str | None = None, *, limit: int = 100, offset: int = 0) -> Json:
        asked = {"limit": limit, "offset": offset, **({"kind": kind} if kind else {})}
        return self._object("GET", "/v1/lookalike-marks", params=asked)

    def mark_lookalikes(self, kind: str, **about: Any) -> Json:
        return self._object("POST", "/v1/lookalike-marks", json={"kind": kind, **about})

    def undo_lookalike_mark(self, lookalike_mark_id: str) -> None:
        self._send("DELETE", f"/v1/lookalike-marks/{lookalike_mark_id}")

    def what_if(self, contact_id: str, changes: Json, *, wait_seconds: float = 10.0) -> Json:
        """A lead's score if other things were known of it; still `waiting` if the worker took longer."""
        return self._asked(f"/v1/contacts/{contact_id}/what-if", {"changes": changes}, wait_seconds)

    def overview(self) -> Json:
        return self._object("GET", "/v1/overview")

    def live(self) -> Json:
        """The part of the overview that moves by the second."""
        return self._object("GET", "/v1/overview/live")

    def pulse(self) -> str:
        """Changes whenever one of the newest contacts or their scores does."""
        return str(self._object("GET", "/v1/contacts/pulse")["pulse"])

    # imports --------------------------------------------------------------------------------------------------------

    def imports(self, limit: int = 50) -> list[Json]:
        found: list[Json] = self._object("GET", "/v1/imports", params={"limit": limit})["items"]
        return found

    def upload_import(self, name: str, content: bytes, *, entity: str) -> Json:
        files = {"file": (name, content, "text/csv")}
        return self._object("POST", "/v1/imports", files=files, data={"entity": entity}, timeout=LONG_SECONDS)

    def read_import(self, import_id: str) -> Json:
        return self._object("GET", f"/v1/imports/{import_id}")

    def change_import(self, import_id: str, **wishes: Any) -> Json:
        """`columns` {name: {target, data_type, format, role, positive_value}}, `duplicates`."""
        return self._object("PATCH", f"/v1/imports/{import_id}", json=wishes)

    def preview_import(self, import_id: str) -> Json:
        return self._object("POST", f"/v1/imports/{import_id}/preview", timeout=LONG_SECONDS)

    def start_import(self, import_id: str) -> Json:
        return self._object("POST", f"/v1/imports/{import_id}/start")

    def discard_import(self, import_id: str) -> None:
        self._send("DELETE", f"/v1/imports/{import_id}")

    def undo_import(self, import_id: str) -> Json:
        return self._object("POST", f"/v1/imports/{import_id}/undo")

    def import_errors(self, import_id: str) -> bytes:
        return self._send("GET", f"/v1/imports/{import_id}/errors.csv", timeout=LONG_SECONDS).content

    # quality --------------------------------------------------------------------------------------------------------

    def trouble(self) -> Json:
        return self._object("GET", "/v1/quality/summary")

    def rejected_events(self, *, reason: str | None = None, cursor: str | None = None) -> Json:
        parameters = {name: value for name, value in {"reason": reason, "cursor": cursor}.items() if value}
        return self._object("GET", "/v1/quality/rejected-events", params=parameters)

    def replay_rejected(self, *, ids: Sequence[str] = (), reason: str | None = None) -> Json:
        return self._object("POST", "/v1/quality/rejected-events/replay", json={"ids": list(ids), "reason": reason})

    def quarantine_replays(self) -> list[Json]:
        return self._list("GET", "/v1/quality/quarantine/replays")

    def replay_quarantine(self, source: str, ids: Sequence[str] = ()) -> Json:
        return self._object("POST", "/v1/quality/quarantine/replay", json={"source": source, "ids": list(ids)})

    def decide_identity(self, left_contact_id: str, right_contact_id: str, verdict: str) -> Json:
        nodes = {"left_node": f"contact:{left_contact_id}", "right_node": f"contact:{right_contact_id}"}
        return self._object("POST", "/v1/identity/decisions", json={**nodes, "verdict": verdict})

    def held_submissions(self) -> list[Json]:
        return self._list("GET", "/v1/quality/held-submissions")

    def release_submission(self, form_id: str, form_submission_id: str) -> Json:
        return self._object("POST", f"/v1/forms/{form_id}/submissions/{form_submission_id}/release")

    def dead_jobs(self) -> list[Json]:
        return self._list("GET", "/v1/quality/dead-jobs")

    def requeue_jobs(self, ids: Sequence[str]) -> Json:
        return self._object("POST", "/v1/quality/dead-jobs/requeue", json={"ids": list(ids)})

    # deals and tasks ------------------------------------------------------------------------------------------------

    def members(self, *, with_disabled: bool = False) -> list[Json]:
        """Who works in the organization."""
        return self._every("/v1/members", with_disabled=str(with_disabled).lower())

    def pipelines(self) -> list[Json]:
        found: list[Json] = self._object("GET", "/v1/pipelines")["pipelines"]
        return found

    def change_pipelines(self, pipelines: Sequence[Json]) -> Json:
        return self._object("PUT", "/v1/pipelines", json={"pipelines": list(pipelines)})

    def board(self, pipeline: str, filters: Sequence[str] = (), *, limit: int = 50) -> Json:
        parameters = [("pipeline", pipeline), ("limit", str(limit)), *(("filter", each) for each in filters)]
        return self._object("GET", "/v1/deals/board", params=parameters)

    def deals(self, filters: Sequence[str] = (), *, sort: str = "", limit: int = 50, cursor: str | None = None) -> Json:
        return self._object("GET", "/v1/deals", params=_listing(filters, sort, limit, cursor))

    def deal(self, deal_id: str) -> Json:
        return self._object("GET", f"/v1/deals/{deal_id}")

    def add_contact(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/contacts", json=fields)

    def create_deal(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/deals", json=fields)

    def change_deal(self, deal_id: str, etag: str, **fields: Any) -> Json:
        return self._object("PATCH", f"/v1/deals/{deal_id}", json=fields, headers={"If-Match": etag})

    def move_deal(self, deal_id: str, stage: str, **fields: Any) -> Json:
        return self._object("POST", f"/v1/deals/{deal_id}/move", json={"stage": stage, **fields})

    def tasks(self, filters: Sequence[str] = (), *, sort: str = "", limit: int = 50, cursor: str | None = None) -> Json:
        return self._object("GET", "/v1/tasks", params=_listing(filters, sort, limit, cursor))

    def task_counts(self) -> Json:
        return self._object("GET", "/v1/tasks/counts")

    def create_task(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/tasks", json=fields)

    def change_task(self, task_id: str, **fields: Any) -> Json:
        return self._object("PATCH", f"/v1/tasks/{task_id}", json=fields)

    def finish_task(self, task_id: str, *, status: str = "done", outcome: str = "") -> Json:
        return self._object("POST", f"/v1/tasks/{task_id}/finish", json={"status": status, "outcome": outcome})

    def replies(self, filters: Sequence[str] = (), *, limit: int = 50, cursor: str | None = None) -> Json:
        return self._object("GET", "/v1/replies", params=_listing(filters, "", limit, cursor))

    def reply_counts(self) -> dict[str, int]:
        found: dict[str, int] = self._object("GET", "/v1/replies/counts")["counts"]
        return found

    def correct_reply(self, inbound_message_id: str, intent: str) -> Json:
        return self._object("PUT", f"/v1/replies/{inbound_message_id}/intent", json={"intent": intent})

    def day(self) -> Json:
        """The numbers above a person's day."""
        return self._object("GET", "/v1/day")

    def days_of_clients(self) -> Json:
        """How each client of an agency does today."""
        return self._object("GET", "/v1/day/clients")

    def activities(self, **about: str) -> list[Json]:
        found: list[Json] = self._object("GET", "/v1/activities", params=about)["items"]
        return found

    def log_activity(self, **fields: Any) -> Json:
        return self._object("POST", "/v1/activities", json=fields)

    # models ---------------------------------------------------------------------------------------------------------

    def model_choices(self) -> Json:
        return self._object("GET", "/v1/models/lead-scoring/choices")

    def use_column(self, column: str, reason: str) -> Json:
        return self._object("POST", "/v1/models/lead-scoring/columns", json={"column": column, "reason": reason})

    def leave_column_out(self, column: str) -> Json:
        return self._object("DELETE", f"/v1/models/lead-scoring/columns/{quote(column, safe='')}")

    def keep_model(self, version: str, reason: str) -> Json:
        return self._object("POST", "/v1/models/lead-scoring/version", json={"version": version, "reason": reason})

    def let_model_go(self) -> Json:
        return self._object("DELETE", "/v1/models/lead-scoring/version")

    # routing and service levels -------------------------------------------------------------------------------------

    def routing(self) -> Json:
        return self._object("GET", "/v1/routing")

    def put_routing(self, routing: Json) -> Json:
        return self._object("PUT", "/v1/routing", json=routing)

    def delete_routing(self) -> Json:
        return self._object("DELETE", "/v1/routing")

    def put_duty(self, user_id: str, duty: Json) -> Json:
        return self._object("PUT", f"/v1/routing/people/{user_id}", json=duty)

    def simulate_routing(self, routing: Json) -> Json:
        return self._object("POST", "/v1/routing/simulate", json={"routing": routing}, timeout=LONG_SECONDS)

    def route_contact(self, contact_id: str) -> Json:
        return self._object("POST", f"/v1/contacts/{contact_id}/route")

    def service_levels(self) -> Json:
        return self._object("GET", "/v1/service-levels")

    def put_service_levels(self, policies: Sequence[Json]) -> Json:
        return self._object("PUT", "/v1/service-levels", json={"policies": list(policies)})

    def service_clocks(self, limit: int = 100) -> Json:
        return self._object("GET", "/v1/service-levels/clocks", params={"limit": limit})

    def pause_clock(self, service_clock_id: str, reason: str, until: str | None = None) -> Json:
        body = {"reason": reason, "until": until}
        return self._object("POST", f"/v1/service-levels/clocks/{service_clock_id}/pause", json=body)

    def resume_clock(self, service_clock_id: str) -> Json:
        return self._object("POST", f"/v1/service-levels/clocks/{service_clock_id}/resume")

    def notifications(self) -> Json:
        return self._object("GET", "/v1/notifications", params={"limit": 20})

    def read_notifications(self) -> Json:
        return self._object("POST", "/v1/notifications/read", json={})


def _listing(filters: Sequence[str], sort: str, limit: int, cursor: str | None) -> list[tuple[str, str]]:
    """The parameters that every list takes (`domain.filters`)."""
    pairs = [("filter", each) for each in filters] + [("limit", str(limit))]
    return pairs + [(name, value) for name, value in (("sort", sort), ("cursor", cursor or "")) if value]
