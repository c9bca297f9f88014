"""Providers on screen: what is connected, what it costs, what it may cost in all, and a form for more."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
import yaml

from app.api_transport import ApiProblem, Json
from app.components import attempt, doing
from app.enrichment_words import PROBLEMS, price, spent
from app.formatting import count, escaped, parse
from app.session import Visit

STATUS = {"connected": "Connected", "paused": "Paused", "refused": "Key refused"}


def show_connections(visit: Visit, connections: list[Json], *, may_connect: bool) -> None:
    """What is connected, with a form for more and the limits of money."""
    catalogue = visit.api.enrichment_catalogue()
    with st.container(horizontal=True, vertical_alignment="center"):
        if may_connect:
            _connect(visit, catalogue["providers"])
        _limits(visit, may_connect=may_connect)
    if connections:
        st.dataframe(
            pd.DataFrame(
                {
                    "Name": [each["name"] for each in connections],
                    "Provider": [each["title"] for each in connections],
                    "State": [_state(each) for each in connections],
                    "A call": [price(each["price_micros"], each["currency"]) for each in connections],
                    "A minute": [each["per_minute"] for each in connections],
                    "Tells": [", ".join(sorted({name for one in each["operations"] for name in one["gives"]})) for each in connections],
                }
            ), hide_index=True, row_height=34,
        )  # fmt: skip
        _one(visit, connections, may_connect=may_connect)
    with st.expander("Who can be connected"):
        for provider in catalogue["providers"]:
            account = "needs an account" if provider["needs_account"] else "works without an account"
            st.markdown(f"**{provider['title']}** :gray[{account}]  \n{provider['about']}")


def _state(each: Json) -> str:
    if rests := parse(each["rests_until"]):
        return f"Rests until {rests:%H:%M} UTC"
    return PROBLEMS.get(str(each["problem"]), str(each["problem"])).capitalize() or STATUS[each["status"]]


def _one(visit: Visit, connections: list[Json], *, may_connect: bool) -> None:
    if not may_connect:
        return
    by_name = {each["name"]: each for each in connections}
    with st.expander("Try, pause, or upload a table"):
        chosen = by_name[st.selectbox("Connection", list(by_name), key="enrich_connection")]
        connection_id = chosen["enrichment_connection_id"]
        if chosen["line_count"] is not None:
            st.caption(f"{count(chosen['line_count'])} lines.")
            file = st.file_uploader("CSV", type=["csv"], key=f"enrich_table_{connection_id}")
            if file is not None and st.button("Upload", key="enrich_upload"):
                text = file.getvalue().decode("utf-8-sig", "replace")
                if attempt(lambda: visit.api.put_lookup_table(connection_id, text), "The table is there.", reruns=True):
                    st.rerun()
        needs = sorted({name for one in chosen["operations"] for names in one["needs"] for name in names})
        with st.form(f"enrich_probe_{connection_id}", border=False):
            columns = st.columns(max(1, min(4, len(needs))))
            question = {
                name: columns[number % len(columns)].text_input(name.replace("_", " ").capitalize())
                for number, name in enumerate(needs)
            }
            if st.form_submit_button("Ask once", help="It may cost a credit. Nothing is written."):
                _probe(visit, connection_id, {name: value for name, value in question.items() if value.strip()})
        target = "paused" if chosen["status"] == "connected" else "connected"
        st.button(
            "Pause it" if target == "paused" else "Ask it again", key="enrich_switch",
            on_click=doing(
                lambda: visit.api.switch_enrichment_connection(connection_id, target),
                "It is not asked." if target == "paused" else "It is asked again.",
            ),
        )  # fmt: skip


def _probe(visit: Visit, connection_id: str, question: dict[str, str]) -> None:
    try:
        found = visit.api.probe_connection(connection_id, question)
    except ApiProblem as problem:
        st.error(f"{problem.detail} {problem.hint or ''}")
        return
    st.caption(f"{found['outcome'].replace('_', ' ').capitalize()} in {found['milliseconds']} ms. {found['problem']}")
    if found["told"]:
        st.dataframe(
            pd.DataFrame(
                {
                    "Field": list(found["told"]),
                    "Value": [str(one["value"]) for one in found["told"].values()],
                    "Sure": [one["confidence"] for one in found["told"].values()],
                    "Not valid": [one["problem"] for one in found["told"].values()],
                }
            ), hide_index=True,
        )  # fmt: skip


def _connect(visit: Visit, providers: list[Json]) -> None:
    with st.popover("Connect a provider", icon=":material/add:", width="content"):
        by_title = {each["title"]: each for each in providers}
        provider = by_title[st.selectbox("Provider", list(by_title), key="enrich_provider")]
        st.caption(provider["about"])
        name = st.text_input("Name in workflows", provider["name"], key=f"enrich_name_{provider['name']}")
        secrets = {
            secret: st.text_input(secret.replace("_", " ").capitalize(), type="password", key=f"enrich_secret_{provider['name']}_{secret}")
            for secret in [*provider["secrets"], *provider["optional_secrets"]]
        }  # fmt: skip
        cost = st.number_input(
            f"Price of a {provider['unit']} ({visit.currency})", min_value=0.0, step=0.01, format="%.4f",
            key=f"enrich_price_{provider['name']}",
        )  # fmt: skip
        options = {each["name"]: _option(provider["name"], each) for each in provider["options"]}
        if st.button("Connect", type="primary", key="enrich_connect"):
            _save(visit, provider, name, secrets, cost, options)


def _option(provider: str, option: Json) -> Any:
    key = f"enrich_option_{provider}_{option['name']}"
    if option["choices"]:
        return st.selectbox(option["label"], option["choices"], key=key, help=option["help"] or None)
    if option["kind"] in {"mapping", "texts"}:
        text = st.text_area(option["label"], key=key, help=f"YAML. {option['help']}", height=80)
        try:
            return yaml.safe_load(text) if text.strip() else None
        except yaml.YAMLError:
            return text
    return st.text_input(option["label"], option["default"], key=key, help=option["help"] or None)


def _save(
    visit: Visit, provider: Json, name: str, secrets: dict[str, str], cost: float, options: dict[str, Any]
) -> None:
    try:
        visit.api.connect_provider(
            name=name, provider=provider["name"], price=cost,
            secrets={key: value for key, value in secrets.items() if value},
            options={key: value for key, value in options.items() if value not in (None, "")},
        )  # fmt: skip
    except ApiProblem as problem:
        st.error(f"{problem.detail} {problem.hint or ''}")
        return
    st.rerun()


def _limits(visit: Visit, *, may_connect: bool) -> None:
    limits = visit.api.enrichment_limits()
    currency = limits["currency"]
    st.markdown(
        f"Today {spent(limits['spent_today_micros'], currency)} of {_limit(limits['per_day'], currency)}, "
        f"this month {spent(limits['spent_month_micros'], currency)} of {_limit(limits['per_month'], currency)}.",
        width="content",
    )
    if not may_connect:
        return
    with st.popover("Limits", icon=":material/savings:", width="content"):
        per_day = st.number_input(f"A day ({currency})", min_value=0.0, value=limits["per_day"], key="enrich_per_day")
        per_month = st.number_input(
            f"A month ({currency})", min_value=0.0, value=limits["per_month"], key="enrich_per_month"
        )
        if st.button("Set", type="primary", key="enrich_limits"):
            done = "The limits hold from now on."
            if attempt(lambda: visit.api.put_enrichment_limits(per_day, per_month), done, reruns=True):
                st.rerun()
        st.caption("Empty for none. A run rests when one is reached; what is out is still counted.")


def _limit(amount: float | None, currency: str) -> str:
    return "no limit" if amount is None else escaped(price(amount * 1_000_000, currency) if amount else f"0 {currency}")
