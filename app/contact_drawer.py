"""The drawer of one contact: details, why it is where it is, what is planned, and everything that happened."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.archiving import archive_one
from app.components import attempt, attempt_inside, guarded, now, quiet_note, say_what_was_left
from app.contact_correcting import correct_facts
from app.contact_story import log_form, people_of, show_tasks, show_timeline, show_why
from app.formatting import (
    BAND_COLORS,
    BAND_LABELS,
    SOURCE_WORDS,
    STAGE_COLORS,
    ago,
    escaped,
    parse,
    value_text,
)
from app.merge_dialog import merge_history
from app.routing_words import CAUSES, step_words
from app.stage_labels import STAGE_LABELS
from app.tagging import edit_tags, show_tags
from app.what_if import show_what_if
from domain.outreach.soft_bounces import REASON
from domain.permissions import Permission

OPEN = "drawer_contact"


def open_drawer(contact_id: str) -> None:
    """Shows this contact from the next run on, until the drawer is closed."""
    st.session_state[OPEN] = contact_id


def is_open() -> bool:
    return bool(st.session_state.get(OPEN))


def close_drawer() -> None:
    st.session_state.pop(OPEN, None)


def show_drawer() -> None:
    """At the end of a page: the drawer, if a contact is open."""
    if not is_open():
        return
    visit, contact_id = session.current(), str(st.session_state[OPEN])
    try:
        contact = visit.api.contact(contact_id)
    except ApiProblem as problem:
        close_drawer()
        st.toast(problem.words, icon=":material/search_off:")
        return
    drawer = st.dialog(escaped(contact["display_name"]), position="right", width="medium", on_dismiss=close_drawer)
    drawer(_drawer)(contact_id)


def _drawer(contact_id: str) -> None:
    """Runs again on every click inside it, so it asks again."""
    say_what_was_left(inside=True)
    visit = session.current()
    with guarded():
        contact = visit.api.contact(contact_id)
        people = people_of(visit)
        _head(visit, contact, people)
        details, why, tasks, timeline = st.tabs(
            ["Score and details", "Why", "Tasks", "Timeline"], key="drawer_tab", on_change="rerun"
        )
        if details.open:
            with details:
                _owner(visit, contact, people)
                _score(contact)
                if contact["score"]:
                    show_what_if(visit, contact["contact_id"])
                _facts(contact)
                _edit(visit, contact, people)
                _tags(visit, contact)
                if visit.may_write:
                    correct_facts(visit, contact)
                if visit.may(Permission.QUALITY_READ):
                    merge_history(visit, contact_id)
                if visit.may_write:
                    archive_one(visit, contact_id, close_drawer)
        if why.open:
            with why:
                show_why(contact, people)
        if tasks.open:
            with tasks:
                show_tasks(visit, contact)
        if timeline.open:
            with timeline:
                log_form(visit, f"drawer_log_{contact_id}", contact_id=contact_id)
                show_timeline(visit, contact_id, people)


def _head(visit: session.Visit, contact: Json, people: Mapping[str, str]) -> None:
    company, score = contact["company"], contact["score"]
    about = [contact["title"], company["name"] if company else "", contact["country"] or ""]
    st.caption(" · ".join(escaped(part) for part in about if part) or "No title or company known")
    with st.container(horizontal=True, gap="small"):
        stage = contact["lifecycle_stage"]
        st.badge(STAGE_LABELS.get(stage, stage), color=STAGE_COLORS.get(stage, "gray"))  # type: ignore[arg-type]
        if score:
            words = f"{score['score']:.0f} · {BAND_LABELS[score['band']]}"
            st.badge(f"Score {words}", icon=":material/speed:", color=BAND_COLORS[score["band"]])  # type: ignore[arg-type]
        st.badge(SOURCE_WORDS.get(contact["source"], contact["source"]) or "Unknown source", color="gray")
        owner = contact["owner_user_id"]
        if owner:
            st.badge(escaped(people.get(owner, "owned")), icon=":material/person:", color="gray", help="Owner")
        elif people:
            st.badge("Nobody's", icon=":material/person_off:", color="orange", help="This lead has no owner yet.")
        show_tags(contact["tags"])
        for block in contact["suppressions"]:
            ends = f" until {parse(block['until']):%-d %B %Y}" if block["until"] else ""
            st.badge(f"Do not contact{ends}: {block['reason'].replace('_', ' ')}", icon=":material/block:", color="red")
    if visit.may(Permission.SEQUENCES_WRITE) and any(block["reason"] == REASON for block in contact["suppressions"]):
        _rest(visit, contact["contact_id"])


def _rest(visit: session.Visit, contact_id: str) -> None:
    """The address rests after soft bounces; a person may know better."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Mail came back again and again, for reasons that may pass.", width="content")
        if st.button("Write again", key=f"drawer_write_again_{contact_id}"):
            attempt_inside(lambda: visit.api.write_again(contact_id), "Written to again from now on.")
            st.rerun(scope="fragment")


def _tags(visit: session.Visit, contact: Json) -> None:
    contact_id = contact["contact_id"]
    if visit.may_write and edit_tags(
        visit, f"drawer_tags_{contact_id}", contact["tags"],
        lambda changes: visit.api.change_contact(contact_id, **changes),
    ):  # fmt: skip
        st.rerun()


def _owner(visit: session.Visit, contact: Json, people: Mapping[str, str]) -> None:
    """Whose it is, and why: the rule that chose them and whom it passed over, or that a person decided."""
    owner = contact["owner_user_id"]
    route = next((found for found in contact["decisions"] if found["kind"] == "route"), None)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xsmall", width="stretch"):
            name = people.get(owner, "somebody who left") if owner else "nobody yet"
            st.markdown(f":material/person: **Owner: {escaped(name)}**")
            if route and route["outcome"] == owner:
                steps, cause = step_words(route["detail"].get("steps") or [], people), route["detail"].get("cause", "")
                when = f"{CAUSES.get(cause, '')}, {ago(route['decided_at'], now())}".lstrip(", ")
                st.markdown(f":gray[{escaped(steps)}]  \n:gray[{escaped(when.capitalize())}]")
            elif owner:
                st.markdown(":gray[Set by hand or by an import.]")
        if not visit.may_write:
            return
        asked = st.button("Route", key=f"drawer_route_{contact['contact_id']}", help="Ask the rules.")
        if asked and attempt(
            lambda: visit.api.route_contact(contact["contact_id"]), "The rules were asked", reruns=True
        ):
            st.session_state.pop(f"drawer_owner_{contact['contact_id']}", None)
            st.rerun(scope="fragment")


def _score(contact: Json) -> None:
    score = contact["score"]
    with st.container(border=True, gap="small"):
        if not score:
            st.markdown("**No score yet**")
            quiet_note("The worker scores a new contact within seconds; if it stays like this, see Data quality.")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            st.metric("Score", f"{score['score']:.0f}", help="0 to 100: fit and engagement together.", width="content")
            st.space("small")
            if score["probability"] is not None:
                is_started = any(reason["source"] == "prior" for reason in score["reasons"])
                st.metric(
                    "Chance to convert", f"{score['probability']:.0%}", width="content",
                    help="From clients like you, until there is a model of your own."
                    if is_started
                    else "The model's calibrated probability.",
                )  # fmt: skip
                st.space("small")
            if score["grade"]:
                st.metric("Grade", score["grade"], width="content", help="Fit A to C, engagement 1 to 3.")
        st.markdown("**Why**")
        if not score["reasons"]:
            quiet_note("Nothing stands out, for or against.")
        for reason in score["reasons"]:
            if reason["source"] == "prior":
                continue
            effect = reason["effect"]
            color = "gray" if not effect else "green" if effect > 0 else "red"
            sign = "" if effect is None else f"{effect:+.0f}" if abs(effect) >= 1 else f"{effect:+.1f}"
            source = "model" if reason["source"] == "model" else "rule"
            badge = f":{color}-badge[{sign}] " if sign else ""
            st.markdown(f"{badge}{escaped(reason['text'])} :gray[· {source}]")
        for reason in score["reasons"]:
            if reason["source"] == "prior":
                quiet_note(escaped(reason["text"]) + ".", "diversity_3")
        kind = "Provisional, confirmed by the next build" if score["is_provisional"] else "From the last build"
        st.caption(f"{kind} · scored {ago(score['scored_at'], now())} · {escaped(score['model_version'])}")


def _facts(contact: Json) -> None:
    company = contact["company"] or {}
    facts = {
        "E-mail": contact["email"],
        "Phone": contact["phone"],
        "External id": contact["external_id"],
        "Company": company.get("name"),
        "Website": company.get("domain"),
        "Industry": company.get("industry"),
        "Employees": f"{company['employee_count']:,}" if company.get("employee_count") else None,
        "Known since": f"{parse(contact['known_at']):%-d %b %Y}",
    }
    st.table(
        {name: escaped(str(value)) for name, value in facts.items() if value},
        border="horizontal",
        alt="Contact details",
    )
    if contact["labelled_attributes"]:
        with st.expander(f"Custom attributes ({len(contact['labelled_attributes'])})", expanded=True):
            marks = {"outcome": " :green-badge[outcome]", "post_outcome": " :orange-badge[known after the outcome]"}
            rows = {
                escaped(found["label"]) + marks.get(found["role"], ""): escaped(value_text(found["value"]))
                for found in contact["labelled_attributes"]
            }
            st.table(rows, border="horizontal", alt="Custom attributes")
    if contact["consents"]:
        with st.expander(f"Consents ({len(contact['consents'])})"):
            for consent in contact["consents"]:
                mark = ":green[:material/check: given]" if consent["is_granted"] else ":red[:material/close: withdrawn]"
                st.markdown(
                    f"{mark} **{escaped(consent['purpose'])}** by {escaped(consent['channel'])} "
                    f":gray[· {escaped(consent['source'])} · {ago(consent['occurred_at'], now())}]"
                )


def _edit(visit: session.Visit, contact: Json, people: Mapping[str, str]) -> None:
    """Stage and owner, each saved when it is chosen."""
    if not visit.may_write:
        return
    contact_id = contact["contact_id"]

    def save(name: str, key: str, words: Mapping[str, str]) -> None:
        chosen = st.session_state[key]
        if chosen != contact[name]:
            done = f"Saved: {words[chosen]}" if chosen else "Nobody owns this lead now"
            if not attempt_inside(
                lambda: visit.api.change_contact(contact_id, contact["etag"], **{name: chosen}), done
            ):
                del st.session_state[key]  # what is there is shown again

    with st.container(horizontal=True):
        stages, key = list(STAGE_LABELS), f"drawer_stage_{contact_id}"
        st.selectbox(
            "Lifecycle stage", stages, index=stages.index(contact["lifecycle_stage"]), key=key,
            format_func=STAGE_LABELS.__getitem__, on_change=save, args=("lifecycle_stage", key, STAGE_LABELS),
        )  # fmt: skip
        owner, key = contact["owner_user_id"], f"drawer_owner_{contact_id}"
        names = {**({owner: "Somebody who left"} if owner else {}), **people}
        ids = sorted(names, key=lambda found: (found != visit.me["user_id"], names[found].casefold()))
        st.selectbox(
            "Owner", ids, index=ids.index(owner) if owner else None, key=key, format_func=names.__getitem__,
            placeholder="Nobody", on_change=save, args=("owner_user_id", key, names),
        )  # fmt: skip
