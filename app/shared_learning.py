"""Shared learning: what a client without a model of its own starts from, who gives and uses counts, and the switches."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now, quiet_note, tile
from app.formatting import ago, escaped, plural
from app.session import Visit
from domain.permissions import Permission
from domain.priors.chances import shown

GIVES = "Give counts to the agency's other clients"
USES = "Start from the other clients' counts"
STATUS = {
    "off": ("Off", "gray", "Chances of leads are not shown until this client has a model of its own."),
    "waiting": ("Waiting for the next build", "blue", "Switched on; it shows with the next pass, within the hour."),
    "too_few_clients": (
        "Too few clients", "orange",
        "It is on, and nothing may be told yet: too few other clients give counts, or one of them is most of the people.",
    ),
    "own_model": (
        "Own model in use", "violet",
        "This client's own model says the chances now. What follows would be used if it had none.",
    ),
    "in_use": ("In use", "green", "Each lead without a model shows this chance, and whence it comes."),
}  # fmt: skip


def show_shared_learning(visit: Visit) -> None:
    """All of it: the clients for an agency, switches and the prior for a client."""
    with guarded():
        found = visit.api.priors()
        if not found["is_client"]:
            _clients(visit, found["limits"])
            return
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _prior(found)
        with right:
            _switches(visit, found)


def started_from_words(found: Json) -> str:
    """One line for where a score is talked about; nothing where no prior says the chance."""
    prior = found["prior"]
    if found["status"] != "in_use" or prior is None:
        return ""
    own = f", and {plural(prior['own_count'], 'lead')} of your own" if prior["own_count"] else ""
    return (
        f"Until then the chance of each lead starts from {prior['client_count']} clients of the agency, "
        f"{prior['people_count']:,} people{own}: see Shared learning."
    )


def _prior(found: Json) -> None:
    words, color, meaning = STATUS[found["status"]]
    prior = found["prior"]
    with st.container(border=True):
        card_title("What this client's leads start from")
        st.markdown(f":{color}-badge[{words}] {meaning}")
        if prior is None:
            limits = found["limits"]
            quiet_note(
                f"It takes {limits['least_clients']} other clients that give counts, with {limits['least_people']} people "
                f"between them and none with more than {limits['most_share']:.0%} of those.", "diversity_3",
            )  # fmt: skip
            return
        made = f":material/schedule: made {ago(prior['built_at'], now())}"
        with st.grid(3, min_column_width=150):
            tile(
                "Any lead converts", shown(prior["chance"]["probability"]), fresh=_interval(prior["chance"]),
                definition="Of a lead of whom nothing is known: other clients' rate, giving way to your own leads. 95 % interval.",
            )  # fmt: skip
            tile(
                "Other clients", str(prior["client_count"]), fresh=f"{prior['people_count']:,} people, rounded down",
                definition="Clients of the agency that give counts and mark the same outcome. Your own are not among them.",
            )  # fmt: skip
            tile(
                "Your own leads", f"{prior['own_count']:,}",
                fresh=f"{prior['own_good_count']:,} of them converted · {made}",
                definition="Leads whose outcome is known. The more there are, the less the others count.",
            )  # fmt: skip
        st.dataframe(
            levels_table(prior["levels"]), hide_index=True, row_height=34, height=420,
            alt="Chance by level, and who stands behind it",
            column_config={
                "Chance": st.column_config.NumberColumn(format="%.1f%%", help="Of people of whom only this is known."),
                "People": st.column_config.NumberColumn(format="localized", help="Of other clients, rounded down."),
            },
        )  # fmt: skip
        st.caption(
            f"Levels say partly the same thing, so a lead's chance believes {prior['weight']:.0%} of what they say: what predicted "
            "clients best that were held out. Levels that too few stand behind are not told; there your own leads speak alone."
        )


def levels_table(levels: Sequence[Json]) -> pd.DataFrame:
    """A line for each level that somebody stands behind."""
    return pd.DataFrame(
        {
            "What": [level["label"] for level in levels],
            "Level": [level["level"][:1].upper() + level["level"][1:] for level in levels],
            "Chance": [100 * level["chance"]["probability"] for level in levels],
            "95 % interval": [_interval(level["chance"]) for level in levels],
            "Clients": [level["client_count"] or None for level in levels],
            "People": [level["people_count"] or None for level in levels],
            "Your own": [level["own_count"] for level in levels],
        }
    )


def _interval(chance: Json) -> str:
    return f"{shown(chance['low'])} to {shown(chance['high'])}"


def _switches(visit: Visit, found: Json) -> None:
    held, limits, may_decide = found["switches"], found["limits"], visit.may(Permission.MODELS_WRITE)
    with st.container(border=True):
        card_title("Who shares what")
        with st.form(f"shared_learning_{visit.organization_id}", border=False):
            gives = st.toggle(GIVES, held["gives"], disabled=not may_decide)
            st.caption(
                "How many of its leads of each kind converted, by source, channel, kind of address, seniority, size of company and "
                f"country. Never a lead, a name, or a number of its own: only sums that at least {limits['least_clients']} clients "
                f"and {limits['least_people']} people stand behind, none with more than {limits['most_share']:.0%} of them, as "
                "rounded rates, within this agency."
            )
            uses = st.toggle(USES, held["uses"], disabled=not may_decide)
            st.caption(
                "Until this client has a model of its own, each of its leads shows the chance that such leads have at the other "
                "clients; its own leads count more with every one that is decided. The score stays that of the rules."
            )
            reason = st.text_input(
                "Why", max_chars=500, disabled=not may_decide, placeholder="Agreed in the contract of 3 March",
                help="It stands in the audit log with your name.",
            )  # fmt: skip
            pressed = st.form_submit_button("Save", type="primary", disabled=not may_decide)
        if pressed and attempt(
            lambda: visit.api.switch_priors(gives=gives, uses=uses, reason=reason),
            "Saved. Others' priors are made without or with it at the next build, within the hour.", reruns=True,
        ):  # fmt: skip
            st.rerun()
        st.caption(_said(held))


def _said(held: Json) -> str:
    if held["since"] is None:
        return "Both are off until somebody turns them on."
    return f"{escaped(held['by'])}, {ago(held['since'], now())}: {escaped(held['reason'])}"


def _clients(visit: Visit, limits: Json) -> None:
    clients = visit.api.clients_who_share()
    if not clients:
        empty_state(
            "diversity_3", "No clients yet",
            "Clients of this agency that agree to it can start from one another's counts before they have a model of their own.",
        )  # fmt: skip
        return
    giving = sum(one["switches"]["gives"] for one in clients)
    using = sum(one["switches"]["uses"] for one in clients)
    with st.container(border=True):
        card_title(
            "Who learns from whom",
            "A new client starts from what the others saw, before it has a model of its own. Each client has its own switches.",
        )
        st.markdown(
            f"**{giving} of {plural(len(clients), 'client')} give counts, {using} start from them.** A client is told a number only "
            f"if {limits['least_clients']} others and {limits['least_people']} people stand behind it and none is more than "
            f"{limits['most_share']:.0%} of it; its own leads are left out of what it is told. Other agencies never take part."
        )
        st.dataframe(
            clients_table(clients), hide_index=True, row_height=34, height="auto",
            alt="Clients, and whether they give and use counts",
        )  # fmt: skip
        st.caption("Choose a client above to turn its switches: here, or under Model.")


def clients_table(clients: Sequence[Json]) -> pd.DataFrame:
    """A line a client; who turned a switch, when and why."""
    held = [one["switches"] for one in clients]
    return pd.DataFrame(
        {
            "Client": [one["name"] for one in clients],
            "Gives counts": [one["gives"] for one in held],
            "Starts from them": [one["uses"] for one in held],
            "By": [one["by"] or "–" for one in held],
            "When": [ago(one["since"], now()) if one["since"] else "never switched" for one in held],
            "Why": [one["reason"] or "–" for one in held],
        }
    )
