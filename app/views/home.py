"""My day: how it goes in numbers, what is to do now, which deals wait, whom to call first, and what needs somebody."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app import session
from app.api_client import ContactQuery
from app.api_transport import Json
from app.clients import clients_card, clients_of
from app.components import as_of, card_title, doing, guarded, now, page_title, quiet_note, say_what_was_left, tile
from app.contact_drawer import close_drawer, open_drawer, show_drawer
from app.day_words import greeting, left_words, reply_rate, waiting_deals
from app.deal_drawer import close_deal, open_deal, show_deal
from app.formatting import BAND_COLORS, ago, count, escaped, money, parse, plural, shortened
from app.pair_words import open_pairs
from app.queries import day as questions
from app.queries.freshness import freshness
from app.routing_words import STANDINGS
from app.task_list import ICONS, task_form, task_row
from domain.permissions import Permission

LIVE_SECONDS = 15
SHOWN_LATER = 5
SHOWN_CLOCKS = 5
SHOWN_DEALS = 6
SHOWN_LEADS = 8
READ_DEALS = 100
UNWORKED_STAGES = ("lead", "mql", "sql")
PARTS = {"overdue": "Overdue", "today": "Today", "upcoming": "Coming up", "whenever": "No date"}
TROUBLE = {
    "rejected_events": ("rejected event", "Events that were refused; replay them once the reason is gone."),
    "held_submissions": ("held form", "Forms that looked like spam; somebody has to look."),
    "dead_jobs": ("failed job", "Work that kept failing; see the error and try again."),
}
visit = session.current()


@st.cache_data(ttl=LIVE_SECONDS, max_entries=500, show_spinner=False)
def _clocks(organization_id: str, _api: Any) -> Json:  # noqa: ARG001  the organization is the cache's key
    """Of the whole organization, and so the same for everybody who works there."""
    found: Json = _api.service_clocks(limit=200)
    return found


@st.cache_data(ttl=LIVE_SECONDS, max_entries=100, show_spinner=False)
def _clients(organization_id: str, _api: Any) -> list[Json]:  # noqa: ARG001  the organization is the cache's key
    """The same for everybody who works at the agency."""
    found: list[Json] = _api.days_of_clients()["items"]
    return found


def _tiles(day: Json, tasks: list[Json], clocks: Json) -> None:
    """The day in five numbers, each with how fresh it is."""
    late, soon = clocks["counts"].get("breached", 0), clocks["counts"].get("at_risk", 0)
    meetings = [task for task in tasks if task["kind"] == "meeting" and task["due"] in {"overdue", "today"}]
    rates = questions.replies(visit.organization_id)
    live = as_of(None, "live")
    with st.grid(5, min_column_width=150):
        yesterday = day["lead_count_yesterday"]
        tile(
            "New leads", count(day["lead_count"]), fresh=live,
            definition=f"Contacts added since midnight ({day['time_zone']}). Yesterday, the whole day: {yesterday:,}.",
            delta=day["lead_count"] - yesterday if yesterday else None, delta_note="vs all of yesterday",
        )  # fmt: skip
        tile("SLA at risk", str(late + soon), fresh=f":material/bolt: {late} late, {soon} soon",
             definition="Leads whose first touch, or whose owner's answer, is late or soon will be.")  # fmt: skip
        tile("Replies today", count(day["reply_count"]), fresh=live,
             definition="How often leads wrote or called since midnight.")  # fmt: skip
        tile("Reply rate", reply_rate(rates.rows), fresh=as_of(freshness(visit.organization_id)["marts"], "built"),
             definition=f"Replies for each message sent, of the last 30 days.\n\n{rates.problem}".strip())  # fmt: skip
        tile("Meetings today", str(len(meetings)), fresh=f":material/bolt: {plural(day['my_touch_count'], 'touch', 'touches')} by you",
             definition="Your own meetings of today. A touch is a call, meeting or message that you wrote down today.")  # fmt: skip


def _clocks_card(clocks: Json) -> None:
    """One's own leads and nobody's whose time runs out, the latest first."""
    mine = [
        clock
        for clock in clocks["items"]
        if clock["standing"] in {"breached", "at_risk"} and clock["owner_user_id"] in {visit.me["user_id"], None}
    ]
    if not mine:
        return
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("Call these first", "Yours and nobody's: a promise of a first touch is broken, or soon will be.")
            st.space("stretch")
            st.page_link(
                "views/routing.py", label="Service levels", icon=":material/arrow_forward:", icon_position="right"
            )
        for clock in mine[:SHOWN_CLOCKS]:
            _clock_line(clock)
        if len(mine) > SHOWN_CLOCKS:
            st.caption(f"and {len(mine) - SHOWN_CLOCKS} more")


def _clock_line(clock: Json) -> None:
    clock_id = clock["service_clock_id"]
    words, color = STANDINGS[clock["standing"]]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.badge(words, color=color, icon=":material/timer:")  # type: ignore[arg-type]
        if st.button(escaped(clock["contact"]), key=f"day_clock_{clock_id}", type="tertiary"):
            _show_contact(clock["contact_id"])
        st.space("stretch")
        due = parse(clock["due_at"])
        st.caption(escaped(f"{clock['policy']} · {left_words(due, now())}"), width="content", wrap=False)


def _replies_card(day: Json) -> None:
    with st.container(border=True, gap="xsmall"):
        card_title("Replies", "What leads wrote in the last seven days, the newest first.")
        if not day["replies"]:
            quiet_note("Nobody has written this week. Answers to your messages appear here at once.", "mark_email_read")
        for number, reply in enumerate(day["replies"]):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
                st.markdown(f":gray[:material/{ICONS.get(reply['kind'], 'mail')}:]", width="content")
                if st.button(escaped(reply["contact"]), key=f"day_reply_{number}", type="tertiary"):
                    _show_contact(reply["contact_id"])
                st.caption(escaped(shortened(reply["summary"], 42)), width="content", wrap=False)
                st.space("stretch")
                st.caption(ago(reply["occurred_at"], now()), width="content", wrap=False)


def _show_contact(contact_id: str) -> None:
    close_deal()
    open_drawer(contact_id)
    st.rerun()


def _show_deal(deal_id: str) -> None:
    close_drawer()
    open_deal(deal_id)
    st.rerun()


def _tasks_card(tasks: list[Json]) -> None:
    counts = visit.api.task_counts()
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("My tasks")
            if counts["overdue"]:
                st.badge(f"{counts['overdue']} overdue", color="red", icon=":material/schedule:")
            if counts["today"]:
                st.badge(f"{counts['today']} today", color="blue", icon=":material/today:")
            later = counts["upcoming"] + counts["whenever"]
            if later:
                st.badge(f"{later} later", color="gray")
        if not tasks:
            quiet_note(
                "Nothing is planned. Add a task above, or plan the next step of a lead or a deal: it appears here "
                "on its day.",
                "task_alt",
            )
            return
        for part, label in PARTS.items():
            _tasks_part(part, label, [task for task in tasks if task["due"] == part])


def _tasks_part(part: str, label: str, tasks: list[Json]) -> None:
    """Tasks that are due together; of what is later, the next few."""
    if not tasks:
        if part == "today":
            quiet_note("Nothing more is due today.", "check_circle")
        return
    st.markdown(f":small[:{'red' if part == 'overdue' else 'gray'}[{label}]]")
    shown = tasks if part in {"overdue", "today"} else tasks[:SHOWN_LATER]
    for task in shown:
        clicked = task_row(task, place="day")
        if clicked and "contact_id" in clicked:
            _show_contact(clicked["contact_id"])
        elif clicked:
            _show_deal(clicked["deal_id"])
    if len(tasks) > len(shown):
        st.caption(f"and {len(tasks) - len(shown)} more")


def _deals_card() -> None:
    mine = [f"owner_user_id:eq:{visit.me['user_id']}", "counts_as:not_in:won,lost"]
    by_age = visit.api.deals(mine, sort="stage_entered_at", limit=READ_DEALS)
    idle = visit.api.deals([*mine, "has_next_activity:eq:false"], sort="stage_entered_at", limit=SHOWN_DEALS)
    found = waiting_deals(by_age["items"], idle["items"], SHOWN_DEALS)
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("My deals that wait", "Longer in their stage than they should be, or with no open task.")
            st.space("stretch")
            st.page_link("views/deals.py", label="Board", icon=":material/arrow_forward:", icon_position="right")
        if not found:
            quiet_note(
                "None of your open deals waits."
                if by_age["items"]
                else "You own no open deal. Make one on the board, "
                "and give it a next step: without one it shows up here.",
                "view_kanban",
            )
        for deal in found:
            _deal_line(deal)


def _deal_line(deal: Json) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        if st.button(escaped(shortened(deal["name"], 34)), key=f"day_deal_{deal['deal_id']}", type="tertiary"):
            _show_deal(deal["deal_id"])
        st.space("stretch")
        if deal["is_rotting"]:
            entered = parse(deal["stage_entered_at"]) or now()
            st.badge(f"{(now() - entered).days} days in stage", color="orange", icon=":material/timer:")
        if not deal["has_next_activity"]:
            st.badge("nothing planned", color="gray", icon=":material/event_busy:")
        st.caption(money(deal["amount_minor"], deal["currency"]), width=64, text_alignment="right")


def _leads_card() -> None:
    asked = ContactQuery(
        owner=("me", "nobody"), is_worked=False, stage=UNWORKED_STAGES, min_score=0.0, sort="score",
    )  # fmt: skip
    found = visit.api.contacts(asked, limit=SHOWN_LEADS, with_total=False)["items"]
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title(
                "Hottest leads nobody has called",
                "Best score first: yours and nobody's, without a call, meeting or message by one of you.",
            )
            st.space("stretch")
            st.page_link("views/leads.py", label="All leads", icon=":material/arrow_forward:", icon_position="right")
        if not found:
            quiet_note(
                "Every scored lead has been reached out to, or there is none yet. Import a list or put a form on a site: "
                "new leads appear here with their score.",
                "local_fire_department",
            )
        for lead in found:
            _lead_line(lead)


def _lead_line(lead: Json) -> None:
    contact_id, score = lead["contact_id"], lead["score"]
    about = " · ".join(part for part in (lead["title"], (lead["company"] or {}).get("name", "")) if part)
    why = score["reasons"][0]["text"] if score["reasons"] else ""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.badge(f"{score['score']:.0f}", color=BAND_COLORS[score["band"]])  # type: ignore[arg-type]
        if st.button(escaped(lead["display_name"]), key=f"day_lead_{contact_id}", type="tertiary", help=why or None):
            _show_contact(contact_id)
        st.caption(escaped(shortened(about, 36)), width="content", wrap=False)
        st.space("stretch")
        if lead["owner_user_id"]:
            st.badge("yours", color="gray")
        else:
            st.button(
                "Take", key=f"day_take_{contact_id}", type="tertiary", icon=":material/person_add:", width="content",
                help="Make this lead yours",
                on_click=doing(
                    lambda: visit.api.change_contact(contact_id, owner_user_id="me"), "This lead is yours now"
                ),
            )  # fmt: skip


def _trouble_card() -> None:
    if not visit.may(Permission.QUALITY_READ):
        return
    waiting: dict[str, Any] = visit.api.trouble()
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("Needs somebody")
            st.space("stretch")
            st.page_link(
                "views/data_quality.py", label="Data quality", icon=":material/arrow_forward:", icon_position="right"
            )
        named = [(waiting[name], word, why) for name, (word, why) in TROUBLE.items() if waiting[name]]
        pairs = open_pairs(visit)
        if not named and not pairs:
            quiet_note("Nothing was refused, held or failed.", "verified")
        if pairs:
            st.page_link(
                "views/duplicates.py", label=f"{pairs} pairs may be one record", icon=":material/merge:",
                help="Look at them side by side, merge them or keep them apart.",
            )  # fmt: skip
        with st.container(horizontal=True, gap="small"):
            for number, word, why in named:
                st.badge(plural(number, word), color="orange", icon=":material/error:", help=why)


@st.fragment(run_every=LIVE_SECONDS)
def _day() -> None:
    """Asks again every few seconds; rows keep their keys, so that nothing moves but what changed."""
    say_what_was_left()
    with guarded():
        day, clocks = visit.api.day(), _clocks(visit.organization_id, visit.api)
        tasks = visit.api.tasks(["assignee_user_id:eq:me", "status:eq:open"], limit=200)["items"]
        _tiles(day, tasks, clocks)
        if clients_of(visit):
            clients_card(_clients(visit.organization_id, visit.api))
        left, right = st.columns([1.25, 1], gap="small")
        with left:
            _tasks_card(tasks)
            _deals_card()
        with right:
            _clocks_card(clocks)
            _leads_card()
            _replies_card(day)
            _trouble_card()


with st.container(horizontal=True, vertical_alignment="center"):
    page_title("My day")
    there = now().astimezone(visit.zone)
    st.caption(f"{greeting(now(), visit.zone, visit.me['name'])} · {there:%A, %-d %B}", width="content")
    st.space("stretch")
    with st.popover("Add task", icon=":material/add:", type="primary"), guarded():
        if task_form("day"):
            st.rerun()
_day()
show_drawer()
show_deal()
