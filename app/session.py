"""Who is signed in and for which organization they look, in this run of a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import httpx
import streamlit as st

from app.api_client import ApiClient
from app.api_transport import ApiProblem, Json
from domain.permissions import Permission

COOKIE = "lh_session"
CHOSEN = "organization"
OF_ORGANIZATION = "org"
"""In the address of a page, for who sees several: whose page it is."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One run of one page: the person, the organization they chose, and the API as them."""

    me: Json
    organization: Json
    api: ApiClient

    @property
    def organization_id(self) -> str:
        return str(self.organization["organization_id"])

    def may(self, permission: Permission) -> bool:
        """Whether a button is of use: the API decides again."""
        return permission in self.me["permissions"]

    @property
    def may_write(self) -> bool:
        """Whether they work here, or only look."""
        return self.may(Permission.CONTACTS_WRITE)

    @property
    def time_zone(self) -> str:
        return str(self.organization.get("time_zone") or "UTC")

    @property
    def zone(self) -> ZoneInfo:
        """The organization's; UTC where its name is unknown to this machine."""
        try:
            return ZoneInfo(self.time_zone)
        except ZoneInfoNotFoundError:
            return ZoneInfo("UTC")

    @property
    def currency(self) -> str:
        return str(self.organization.get("currency") or "USD")


@st.cache_resource
def _http(base_url: str) -> httpx.Client:
    """One pool of connections to our own API for the whole process."""
    return httpx.Client(base_url=base_url, timeout=15, limits=httpx.Limits(max_keepalive_connections=20))


def configuration() -> dict[str, Any]:
    """What the web process told the UI: `api` (base URL) and `settings` (JSON of the data and lake sections)."""
    return dict(st.secrets["leadhouse"])


def _token() -> str:
    """The session of the browser, from its cookie; only tests without a browser hand one in with the configuration."""
    return str(configuration().get("token") or st.context.cookies.get(COOKIE) or "")


def current() -> Visit:
    """The visit of this run. A session that has ended stops the page with a way to sign in again."""
    if "visit" in st.session_state:
        return cast("Visit", st.session_state["visit"])
    raise RuntimeError("app.main begins every run with begin()")


def begin() -> Visit:
    """Asks the API who this is: on every run, for a session may be revoked while its websocket lives."""
    http, token = _http(str(configuration()["api"])), _token()
    wanted = st.session_state.get(CHOSEN) or st.query_params.get(OF_ORGANIZATION)
    try:
        me = ApiClient(http, token, wanted).me()
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        me = ApiClient(http, token).me()  # an organization that is not theirs (any more): their first one
    organization = next(found for found in me["organizations"] if found["organization_id"] == me["organization_id"])
    st.session_state[CHOSEN] = me["organization_id"]
    if len(me["organizations"]) > 1 and st.query_params.get(OF_ORGANIZATION) != me["organization_id"]:
        st.query_params[OF_ORGANIZATION] = me["organization_id"]  # a page that is loaded again is the same one's
    visit = Visit(me, organization, ApiClient(http, token, me["organization_id"]))
    st.session_state["visit"] = visit
    return visit


def choose(organization_id: str) -> None:
    """Looks at another organization from the next run on; what was picked on pages does not carry over."""
    for name in [
        name
        for name in st.session_state
        if str(name).startswith(
            (
                "leads_",
                "companies_",
                "like_",
                "company_",
                "deals_",
                "import_",
                "quality_",
                "settings_",
                "routing_",
                "merge_",
                "pairs_",
                "enrich_",
                "forecast_",
            )
        )
    ]:
        del st.session_state[name]
    st.session_state[CHOSEN] = organization_id
