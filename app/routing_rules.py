"""The rules of routing as a draft: put in order, edited, tried on the last 90 days, and only then switched on."""

from __future__ import annotations

import copy
from collections.abc import Mapping

import streamlit as st

from app import session
from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now, quiet_note
from app.formatting import ago, escaped, parse, plural
from app.routing_words import CHOICES, as_yaml, condition_words, from_yaml, lines_of, people_words, step_words
from domain.permissions import Permission

DRAFT, TRIED = "routing_draft", "routing_tried"
FALLBACK_HELP = "Gets every lead that no rule could place, whatever their hours: a lead is never nobody's."
state = st.session_state


def show_rules(held: Json) -> None:
    """The tab of rules. `held` is `GET /v1/routing`."""
    visit = session.current()
    names = {person["user_id"]: person["name"] for person in held["people"]}
    saved: Json = held["routing"] or {"rules": [], "fallback_user_id": next(iter(names), "")}
    draft: Json = state.setdefault(DRAFT, copy.deepcopy(saved))
    may_change = visit.may(Permission.SETTINGS_WRITE)
    _bar(held, saved, draft, may_change)
    if not draft["rules"]:
        empty_state(
            "alt_route", "No rules yet",
            "A rule says which leads it takes and who gets them. The first rule that finds somebody free wins.",
        )  # fmt: skip
    for position, rule in enumerate(draft["rules"]):
        _rule_row(draft, position, rule, names, held["fields"], may_change)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(":gray[:material/flag:] **Everything else**", width="stretch", help=FALLBACK_HELP)
        chosen = st.selectbox(
            "Fallback", list(names), format_func=lambda user: names[user], width=240, label_visibility="collapsed",
            index=list(names).index(draft["fallback_user_id"]) if draft["fallback_user_id"] in names else 0,
            disabled=not may_change, key="routing_fallback",
        )  # fmt: skip
        if chosen and chosen != draft["fallback_user_id"]:
            draft["fallback_user_id"] = chosen
            st.rerun()
    if may_change:
        with st.container(horizontal=True):
            if st.button("Add a rule", icon=":material/add:"):
                _edit_rule(draft, None, names, held["fields"])
            _files(draft)
    if TRIED in state:
        _simulation(state[TRIED], names)


def _bar(held: Json, saved: Json, draft: Json, may_change: bool) -> None:
    """Whether leads are routed, and what becomes of the draft."""
    visit, is_changed = session.current(), draft != saved
    with st.container(horizontal=True, vertical_alignment="center"):
        if held["routing"]:
            st.badge(f"On · version {held['version']}", icon=":material/check_circle:", color="green")
            st.caption(f"since {ago(parse(held['changed_at']), now())}" if held["changed_at"] else "", width="content")
        else:
            st.badge("Off: new leads get no owner", icon=":material/pause_circle:", color="gray")
        if is_changed:
            st.badge("Not saved yet", icon=":material/edit:", color="orange")
        st.space("stretch")
        if draft["rules"] and st.button("Try on the last 90 days", icon=":material/science:"):
            with guarded():
                state[TRIED] = visit.api.simulate_routing(draft)
        if not may_change:
            return
        if is_changed and st.button("Discard"):
            _forget()
        if (
            draft["rules"]
            and is_changed
            and st.button("Save" if held["routing"] else "Switch on", type="primary")
            and attempt(lambda: visit.api.put_routing(draft), "These rules hold from now on", reruns=True)
        ):
            _forget()
        if (
            held["routing"]
            and not is_changed
            and st.button("Switch off")
            and attempt(visit.api.delete_routing, "New leads are not routed any more", reruns=True)
        ):
            _forget()


def _forget() -> None:
    for name in (DRAFT, TRIED, "routing_fallback"):
        state.pop(name, None)
    st.rerun()


def _rule_row(
    draft: Json, position: int, rule: Json, names: Mapping[str, str], fields: list[str], may_change: bool
) -> None:
    rules = draft["rules"]
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        with st.container(gap="xsmall", width="stretch"):
            when = [f":blue-badge[{escaped(condition_words(each))}]" for each in rule.get("when") or []]
            duty = "" if rule.get("on_duty_only", True) else " :gray-badge[at all hours]"
            st.markdown(
                f"**{position + 1}. {escaped(rule['name'])}**  {' '.join(when) or ':gray-badge[every lead]'}{duty}"
            )
            st.markdown(f":gray[:material/arrow_forward:] {escaped(people_words(rule, names))}")
        if not may_change:
            return
        if st.button(
            "", icon=":material/arrow_upward:", key=f"routing_up_{position}", help="Earlier", disabled=not position
        ):
            rules.insert(position - 1, rules.pop(position))
            st.rerun()
        if st.button(
            "", icon=":material/arrow_downward:", key=f"routing_down_{position}", help="Later",
            disabled=position == len(rules) - 1,
        ):  # fmt: skip
            rules.insert(position + 1, rules.pop(position))
            st.rerun()
        if st.button("", icon=":material/edit:", key=f"routing_edit_{position}", help="Edit"):
            _edit_rule(draft, position, names, fields)
        if st.button("", icon=":material/delete:", key=f"routing_delete_{position}", help="Remove from the draft"):
            del rules[position]
            st.rerun()


@st.dialog("Rule", width="medium")
def _edit_rule(draft: Json, position: int | None, names: Mapping[str, str], fields: list[str]) -> None:
    rule = (
        draft["rules"][position] if position is not None else {"name": "", "when": [], "choice": "pool", "people": {}}
    )
    name = st.text_input("Name", rule["name"], max_chars=80, placeholder="Enterprise, DACH")
    conditions = st.text_area(
        "Which leads: one condition a line, all must hold; none for every lead", "\n".join(rule.get("when") or []),
        placeholder="country:in:DE,AT,CH\nemployee_count:gte:500",
        help=f"field:operator:value. Fields: {', '.join(fields)}, attributes.<key>. Operators: eq, ne, gt, gte, lt, lte, "
        "in, not_in, contains, starts, empty, filled.",
    )  # fmt: skip
    choice = st.selectbox(
        "Who", list(CHOICES), index=list(CHOICES).index(rule.get("choice", "pool")), format_func=CHOICES.__getitem__
    )
    people: dict[str, int] = {}
    if choice == "pool":
        former = rule.get("people") or {}
        chosen = st.multiselect(
            "People", list(names), [user for user in former if user in names], format_func=lambda user: names[user]
        )
        with st.container(horizontal=True):
            for user in chosen:
                people[user] = int(
                    st.number_input(
                        f"Share of {names[user]}", 1, 100, former.get(user, 1), key=f"routing_w_{user}", width=150
                    )
                )
    on_duty = st.toggle("Only people who are on duty", rule.get("on_duty_only", True))
    if st.button("Put into the draft", type="primary"):
        if not name.strip() or (choice == "pool" and not people):
            st.warning("A rule needs a name, and a pool needs somebody.")
            return
        made = {
            "name": name.strip(),
            "when": lines_of(conditions),
            "choice": choice,
            "people": people,
            "on_duty_only": on_duty,
        }
        if position is None:
            draft["rules"].append(made)
        else:
            draft["rules"][position] = made
        st.rerun()


def _files(draft: Json) -> None:
    """The rules as YAML, out and in."""
    st.download_button(
        "YAML", as_yaml(draft), "routing.yaml", "text/yaml", icon=":material/download:", disabled=not draft["rules"]
    )
    with st.popover("From YAML", icon=":material/upload:"):
        text = st.text_area(
            "Rules", height=220, placeholder="rules:\n- name: …\nfallback_user_id: …", key="routing_yaml"
        )
        if st.button("Put into the draft", key="routing_yaml_take"):
            try:
                state[DRAFT] = from_yaml(text)
            except ValueError as error:
                st.error(str(error))
            else:
                state.pop("routing_fallback", None)
                st.rerun()


def _simulation(tried: Json, names: Mapping[str, str]) -> None:
    count = tried["contact_count"]
    with st.container(border=True):
        card_title(
            "What these rules would have done",
            "Each contact of the last 90 days at the hour it came in, with today's facts and load. Nothing was written.",
        )
        if not count:
            quiet_note("No contact came in during the last 90 days.")
            return
        with st.container(horizontal=True):
            st.metric("Contacts tried", f"{count:,}{'+' if tried['is_cut'] else ''}", width="content")
            st.metric("Had no owner", f"{tried['unowned_count']:,}", width="content")
            st.metric("Would change owner", f"{tried['changed_count']:,}", width="content")
            st.metric("Everything else", f"{tried['by_rule'].get('fallback', 0):,}", width="content")
        left, right = st.columns(2)
        share = st.column_config.ProgressColumn("Leads", format="%d", min_value=0, max_value=count)
        owners = [{"Who": names.get(user, "Somebody"), "Leads": number} for user, number in tried["by_owner"].items()]
        rules = [
            {"Rule": "Everything else" if rule == "fallback" else rule, "Leads": number}
            for rule, number in tried["by_rule"].items()
        ]
        left.dataframe(owners, hide_index=True, column_config={"Leads": share})
        right.dataframe(rules, hide_index=True, column_config={"Leads": share})
        st.caption(f"The newest {plural(len(tried['examples']), 'contact')}, and why")
        st.dataframe(
            [
                {
                    "Contact": each["name"],
                    "Owner now": names.get(each["former_owner_user_id"] or "", "–"),
                    "Would get it": each["owner"],
                    "Why": step_words(each["steps"], names),
                }
                for each in tried["examples"]
            ],
            hide_index=True,
            column_config={"Why": st.column_config.TextColumn(width="large")},
        )
