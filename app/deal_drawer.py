"""The drawer of one deal: its facts, its stage, what is planned and what was done, and the history of its stages."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.components import attempt, guarded, now, quiet_note, say_what_was_left
from app.contact_story import log_form, people_of
from app.deal_words import ASKED
from app.formatting import CURRENCIES, ago, escaped, money, parse
from app.task_list import task_form, task_row
from domain.imports.money import minor_digits
from domain.permissions import Permission

OPEN = "drawer_deal"
LINES = {"deal_stage_change": "trending_up", "task_done": "task_alt", "note": "sticky_note_2", "call": "call",
         "meeting": "event_available", "email": "mail", "linkedin": "person_add"}  # fmt: skip


def open_deal(deal_id: str) -> None:
    """Shows this deal from the next run on, until the drawer is closed."""
    st.session_state[OPEN] = deal_id


def close_deal() -> None:
    st.session_state.pop(OPEN, None)


def show_deal() -> None:
    """At the end of a page: the drawer, if a deal is open."""
    deal_id = st.session_state.get(OPEN)
    if not deal_id:
        return
    try:
        deal = session.current().api.deal(str(deal_id))
    except ApiProblem as problem:
        close_deal()
        st.toast(problem.detail, icon=":material/search_off:")
        return
    drawer = st.dialog(escaped(deal["name"]), position="right", width="medium", on_dismiss=close_deal)
    drawer(_drawer)(str(deal_id))


def _drawer(deal_id: str) -> None:
    """Runs again on every click inside it, so it asks again."""
    say_what_was_left(inside=True)
    visit = session.current()
    with guarded():
        deal = visit.api.deal(deal_id)
        pipelines = visit.api.pipelines()
        pipeline = next(found for found in pipelines if found["key"] == deal["pipeline"])
        _head(deal, pipeline)
        may_write = visit.may(Permission.DEALS_WRITE)
        facts, plan, story = st.tabs(["Deal", "Tasks", "History"], key="deal_tab", on_change="rerun")
        if facts.open:
            with facts:
                if may_write:
                    _stage(visit, deal, pipeline)
                    _facts_form(visit, deal)
                else:
                    quiet_note("You may look at deals here, and not change them.", "visibility")
        if plan.open:
            with plan:
                _tasks(visit, deal, may_write=may_write)
        if story.open:
            with story:
                _story(visit, deal, pipeline, may_write=may_write)


def stage_name(pipeline: Json, key: str) -> str:
    return next((str(stage["name"]) for stage in pipeline["stages"] if stage["key"] == key), key)


def _head(deal: Json, pipeline: Json) -> None:
    about = [(deal["company"] or {}).get("name"), (deal["contact"] or {}).get("display_name"), pipeline["name"]]
    st.caption(" · ".join(escaped(part) for part in about if part))
    with st.container(horizontal=True, gap="small"):
        st.badge(escaped(stage_name(pipeline, deal["stage"])), icon=":material/flag:", color="blue")
        st.badge(money(deal["amount_minor"], deal["currency"]), color="gray")
        if deal["closed_at"] is None:
            st.badge(f"weighted {money(deal['weighted_minor'], deal['currency'])}", color="gray")
        if deal["is_rotting"]:
            st.badge(
                f"in this stage since {parse(deal['stage_entered_at']):%-d %b}", icon=":material/timer:", color="orange"
            )
        if deal["lost_reason"]:
            st.badge(escaped(deal["lost_reason"]), icon=":material/block:", color="red")


def _stage(visit: session.Visit, deal: Json, pipeline: Json) -> None:
    keys = [stage["key"] for stage in pipeline["stages"]]
    chosen = st.selectbox(
        "Stage", keys, index=keys.index(deal["stage"]), format_func=lambda key: stage_name(pipeline, key),
        key=f"deal_stage_{deal['deal_id']}_{deal['etag']}",
    )  # fmt: skip
    if chosen == deal["stage"]:
        return
    stage = next(found for found in pipeline["stages"] if found["key"] == chosen)
    with st.form(f"deal_move_{deal['deal_id']}", border=True):
        answers = asked_fields(stage["requires"], deal, pipeline)
        if st.form_submit_button(f"Move to {stage['name']}", type="primary") and attempt(
            lambda: visit.api.move_deal(deal["deal_id"], chosen, **answers), f"Moved to {stage['name']}", reruns=True
        ):
            st.rerun(scope="fragment")


def asked_fields(names: list[str], deal: Json, pipeline: Json) -> dict[str, Any]:
    """Inputs for what a stage asks for, and what was entered, as the API takes it."""
    answers: dict[str, Any] = {}
    if not names:
        st.caption("This stage asks for nothing more.")
    for name in names:
        label = ASKED.get(name, name.removeprefix("attributes.").replace("_", " ").capitalize())
        if name == "lost_reason":
            reasons = pipeline["lost_reasons"]
            answers[name] = st.selectbox(label, reasons, index=None) if reasons else st.text_input(label) or None
        elif name == "amount_minor":
            answers[name] = _amount(label, deal)
        elif name == "expected_close_on":
            found = st.date_input(label, _day(deal[name]))
            answers[name] = found.isoformat() if isinstance(found, date) else None
        elif name == "owner_user_id":
            answers[name] = owner_input(label, deal.get(name))
        elif name.startswith("attributes."):
            key = name.removeprefix("attributes.")
            text = st.text_input(label, str(deal["attributes"].get(key) or ""))
            answers.setdefault("attributes", {})[key] = text or None
        else:
            st.caption(f"{label} is chosen in the deal itself.")
    return {name: value for name, value in answers.items() if value is not None}


def owner_input(label: str, chosen: str | None, *, hint: str | None = None) -> str | None:
    """A choice among those who work here, oneself first."""
    visit = session.current()
    names = people_of(visit)
    ids = sorted(names, key=lambda found: (found != visit.me["user_id"], names[found].casefold()))
    index = ids.index(chosen) if chosen in ids else None
    chosen_id: str | None = st.selectbox(
        label, ids, index=index, format_func=names.__getitem__, placeholder="Nobody", help=hint
    )
    return chosen_id


def _amount(label: str, deal: Json) -> int:
    units = 10 ** minor_digits(deal["currency"])
    found = st.number_input(
        f"{label} ({deal['currency']})", min_value=0.0, value=deal["amount_minor"] / units, step=100.0
    )
    minor: int = round(found * units)
    return minor


def _facts_form(visit: session.Visit, deal: Json) -> None:
    with st.form(f"deal_facts_{deal['deal_id']}_{deal['etag']}", border=False):
        name = st.text_input("Name", deal["name"], max_chars=200)
        with st.container(horizontal=True):
            units = st.number_input(
                "Amount", min_value=0.0, value=deal["amount_minor"] / 10 ** minor_digits(deal["currency"]), step=100.0
            )
            currency = st.selectbox("Currency", list(dict.fromkeys([deal["currency"], *CURRENCIES])))
        with st.container(horizontal=True):
            closes = st.date_input("Expected close", _day(deal["expected_close_on"]))
            chance = st.number_input(
                "Probability, %",
                0,
                100,
                round(deal["probability"] * 100),
                help="Of this deal; its stage's until changed.",
            )
        owner = owner_input("Owner", deal["owner_user_id"])
        if st.form_submit_button("Save"):
            fields: dict[str, Any] = {"name": name, "owner_user_id": owner, "currency": currency}
            fields["amount_minor"] = round(units * 10 ** minor_digits(currency))
            fields["expected_close_on"] = closes.isoformat() if isinstance(closes, date) else None
            if chance != round(deal["probability"] * 100):
                fields["probability"] = chance / 100
            if attempt(lambda: visit.api.change_deal(deal["deal_id"], deal["etag"], **fields), "Saved", reruns=True):
                st.rerun(scope="fragment")


def _tasks(visit: session.Visit, deal: Json, *, may_write: bool) -> None:
    found = visit.api.tasks([f"deal_id:eq:{deal['deal_id']}", "status:eq:open"])["items"]
    if not found:
        quiet_note("Nothing is planned. A deal without a next step is a deal that waits.", "event_busy")
    for task in found:
        task_row(task, place="deal", about=False, may_write=may_write)
    if may_write and task_form(f"deal_{deal['deal_id']}", **_about(deal)):
        st.rerun(scope="fragment")


def _about(deal: Json) -> Json:
    """What is planned and written down here is about."""
    return {"deal_id": deal["deal_id"], "contact_id": (deal["contact"] or {}).get("contact_id")}


def _story(visit: session.Visit, deal: Json, pipeline: Json, *, may_write: bool) -> None:
    if may_write:
        log_form(visit, f"deal_log_{deal['deal_id']}", **_about(deal))
    names = people_of(visit) if may_write else {}
    for line in visit.api.activities(deal_id=deal["deal_id"]):
        icon = LINES.get(line["kind"], "radio_button_checked")
        who = names.get(line["actor_id"]) or {"human": "somebody", "ai": "the model"}.get(
            line["actor_kind"], "Leadhouse"
        )
        st.markdown(
            f":gray[:material/{icon}:] {escaped(line['summary'])}  \n"
            f":gray[{escaped(who)} · {ago(line['occurred_at'], now())}]"
        )
    first = deal["history"][0] if deal["history"] else None
    if first:
        st.caption(f"Opened in {escaped(stage_name(pipeline, first['to_stage']))} {ago(first['occurred_at'], now())}")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
