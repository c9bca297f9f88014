"""The drawer of one company: what it is, who works there, when they came, what was sold, and what looks like it."""

from __future__ import annotations

from itertools import groupby
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd
import streamlit as st

from app import session
from app.api_client import ApiClient
from app.api_transport import ApiProblem, Json
from app.company_fields import correct_company
from app.components import guarded, now, quiet_note, say_what_was_left
from app.contact_drawer import open_drawer
from app.formatting import (
    BAND_COLORS,
    COMPANY_COLORS,
    COMPANY_LABELS,
    STAGE_COLORS,
    ago,
    count,
    escaped,
    money,
    plural,
)
from app.queries import companies as questions
from app.stage_labels import STAGE_LABELS
from app.tagging import edit_tags, show_tags
from domain.permissions import Permission

OPEN = "company_open"
NETWORK_WORDS = {
    "business": "a business network",
    "education": "a school's network",
    "government": "an authority's network",
}
SHOWN = 12


def open_company(company_id: str) -> None:
    """Shows this company from the next run on, until the drawer is closed."""
    st.session_state[OPEN] = company_id


def close_company() -> None:
    st.session_state.pop(OPEN, None)


def show_company() -> None:
    """At the end of a page: the drawer, if a company is open."""
    company_id = st.session_state.get(OPEN)
    if not company_id:
        return
    try:
        company = session.current().api.company(str(company_id))
    except ApiProblem as problem:
        close_company()
        st.toast(problem.words, icon=":material/search_off:")
        return
    drawer = st.dialog(escaped(company["name"]), position="right", width="medium", on_dismiss=close_company)
    drawer(_drawer)(company)


def known_by(summary: Json) -> str:
    """How we know of it, in words: its contacts, or a network with how sure that is."""
    network = summary["network"]
    if network is None:
        return plural(summary["contact_count"], "contact") if summary["contact_count"] else "Our records"
    return f"{str(network['type']).capitalize()} network, {network['confidence'] or 'unknown'} confidence"


def _drawer(company: Json) -> None:
    say_what_was_left(inside=True)
    with guarded():
        _head(company)
        about, visits, alike = st.tabs(["About", "Visits", "More like this"], key="company_tab", on_change="rerun")
        if about.open:
            with about:
                _standing(company)
                _people(company)
                _deals(company)
                _facts(company)
                _tags(company)
                correct_company(session.current(), company)
        if visits.open:
            with visits:
                _visits(company["company_id"])
        if alike.open:
            with alike:
                _alike(company)


def _tags(company: Json) -> None:
    visit, company_id = session.current(), company["company_id"]
    if visit.may(Permission.COMPANIES_WRITE) and edit_tags(
        visit, f"company_tags_{company_id}", company["tags"],
        lambda changes: visit.api.change_companies([company_id], changes),
    ):  # fmt: skip
        st.rerun()


def _head(company: Json) -> None:
    summary = company["summary"]
    size = f"{company['employee_count']:,} employees" if company["employee_count"] else ""
    about = [company["domain"] or "", company["industry"] or "", size, company["country"] or ""]
    st.caption(" · ".join(escaped(part) for part in about if part) or "Nothing is known of it but its name")
    if company["tags"]:
        with st.container(horizontal=True, gap="small"):
            show_tags(company["tags"])
    if summary is None:
        quiet_note("New since the last build: visits and look-alikes fill in with the next one.", "schedule")
        return
    with st.container(horizontal=True, gap="small"):
        st.badge(COMPANY_LABELS[summary["status"]], color=COMPANY_COLORS[summary["status"]])  # type: ignore[arg-type]
        st.badge(f"Quality {summary['quality']['total']} of 10", icon=":material/signal_cellular_alt:", color="blue")
        if summary["network"]:
            kind = NETWORK_WORDS.get(summary["network"]["type"], "its network")
            st.badge(f"Known by {kind}, {summary['network']['confidence']} confidence", color="violet")
    with st.container(horizontal=True, gap="large"):
        st.metric("Visits", count(summary["session_count"]), width="content")
        st.metric("People", count(max(summary["visitor_count"], summary["contact_count"])), width="content")
        st.metric("Pages", count(summary["page_view_count"]), width="content")
        seen = ago(summary["last_seen_at"], now()) if summary["session_count"] else "never visited"
        st.metric("Last seen", seen, width="content")


def _standing(company: Json) -> None:
    standing = company["summary"]["lookalike"] if company["summary"] else None
    if standing is None:
        return
    with st.container(border=True, gap="small"):
        st.markdown(f"**{standing['score']:.0f} of 100 like your customers** :gray[· number {standing['rank']:,}]")
        if company["closest_name"]:
            st.markdown(f":gray[:material/linked_services:] Closest to **{escaped(company['closest_name'])}**")
        st.markdown("\n".join(f"- {escaped(reason)}" for reason in standing["reasons"]))


def _people(company: Json) -> None:
    st.markdown(f"**People** :gray[{len(company['people'])}]")
    if not company["people"]:
        quiet_note("Nobody is known here by name. Visitors of a network are counted, never named.", "group_off")
        return

    def show(contact_id: str) -> None:
        close_company()
        open_drawer(contact_id)

    for person in company["people"][:SHOWN]:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(
                escaped(person["display_name"]), key=f"company_person_{person['contact_id']}", type="tertiary",
                icon=":material/person:", on_click=show, args=(person["contact_id"],),
            )  # fmt: skip
            st.caption(escaped(person["title"]) or "no title", width="content")
            st.space("stretch")
            stage = person["lifecycle_stage"]
            st.badge(STAGE_LABELS.get(stage, stage), color=STAGE_COLORS.get(stage, "gray"))  # type: ignore[arg-type]
            if person["score"] is not None:
                st.badge(f"{person['score']:.0f}", color=BAND_COLORS[person["band"]])  # type: ignore[arg-type]
    if len(company["people"]) > SHOWN:
        st.caption(f"and {len(company['people']) - SHOWN} more")


def _deals(company: Json) -> None:
    if not company["deals"]:
        return
    st.markdown(f"**Deals** :gray[{len(company['deals'])}]")
    for deal in company["deals"][:SHOWN]:
        color = {"won": "green", "lost": "red"}.get(deal["stage"], "orange")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"{escaped(deal['name'])} :gray[· {money(deal['amount_minor'], deal['currency'])}]", width="content"
            )
            st.space("stretch")
            st.badge(deal["stage"].capitalize(), color=color)  # type: ignore[arg-type]


def _facts(company: Json) -> None:
    summary = company["summary"]
    facts = {str(name).replace("_", " ").capitalize(): value for name, value in company["attributes"].items() if value}
    if summary is not None:
        facts = {
            "First seen": ago(summary["first_seen_at"], now()),
            "Source": summary["source"],
            "Most read": ", ".join(summary["pages"]),
            "Looked after by": summary["owner_name"],
            **facts,
        }
    shown = {escaped(name): escaped(str(value)) for name, value in facts.items() if value}
    if shown:
        st.table(shown, border="horizontal", alt="Company details")


def _visits(company_id: str) -> None:
    visit = session.current()
    answer = questions.visits(visit.organization_id, company_id)
    if answer.is_empty:
        quiet_note(answer.problem or "Nobody of this company has visited yet.", "web_asset_off")
        return
    try:
        zone = ZoneInfo(visit.time_zone)
    except ZoneInfoNotFoundError:
        zone = ZoneInfo("UTC")
    people = {person: number for number, person in enumerate(answer.rows["person_id"][::-1].drop_duplicates(), start=1)}
    rows = answer.rows.to_dict("records")
    for day, items in groupby(rows, key=lambda row: pd.Timestamp(row["started_at"]).tz_convert(zone).date()):
        st.markdown(f":gray[**{day:%A, %-d %B %Y}**]")
        for item in items:
            at = pd.Timestamp(item["started_at"]).tz_convert(zone)
            parts = [
                item["landing_page"],
                f"via {item['channel']}",
                item["device_type"],
                f"visitor {people[item['person_id']]}",
            ]
            detail = " · ".join(escaped(str(part)) for part in parts if part and not pd.isna(part))
            pages = plural(int(item["page_view_count"] or 0), "page")
            st.markdown(f":gray[:material/web:] **{at:%H:%M}** {pages}  \n:gray[{detail}]")


def _alike(company: Json) -> None:
    visit = session.current()
    try:
        with st.spinner("Looking for companies like this one …"):
            found = _search(visit.organization_id, company["company_id"], visit.api)
    except StillLookingError:
        quiet_note("The worker is busy. Open this tab again in a moment.", "hourglass_empty")
        return
    if found["problem"]:
        quiet_note(found["problem"])
        return
    for one in found["items"]:
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                name = one["company"]["name"] if one["company"] else one["company_id"]
                st.button(
                    escaped(name), key=f"company_alike_{one['company_id']}", type="tertiary",
                    on_click=open_company, args=(one["company_id"],),
                )  # fmt: skip
                st.space("stretch")
                if one["company"]:
                    status = one["company"]["status"]
                    st.badge(COMPANY_LABELS[status], color=COMPANY_COLORS[status])  # type: ignore[arg-type]
            st.caption(escaped(" · ".join(one["reasons"])))


class StillLookingError(Exception):
    """No answer within the time that a person waits; it is not kept, so that the next look asks again."""


@st.cache_data(ttl=300, max_entries=200, show_spinner=False)
def _search(organization_id: str, company_id: str, _api: ApiClient) -> Json:  # noqa: ARG001  the cache's key
    """Ten companies like one, whoever buys; the same for everybody who may look at the organization."""
    found = _api.find_lookalikes(positive_ids=[company_id], without_customers=False, without_open_deals=False, limit=10)
    if found["status"] == "waiting":
        raise StillLookingError
    return found
