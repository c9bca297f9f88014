"""The Alerts button of the overview: which numbers somebody is told of, what was last said of each, and why."""

from __future__ import annotations

import re
from typing import Any

import streamlit as st

from app.api_transport import Json
from app.components import doing, guarded, now, quiet_note, say_what_was_left
from app.decision_words import reason_words
from app.formatting import ago, escaped, money, plural
from app.session import Visit
from domain.alerts import MONEY, SHARES, TITLES, Comparison, Metric
from domain.imports.money import minor_digits
from domain.permissions import Permission

PARTS = ["Rules", "New rule"]
WORDS = {
    Comparison.ABOVE: "above",
    Comparison.BELOW: "below",
    Comparison.UNUSUALLY_HIGH: "unusually high",
    Comparison.UNUSUALLY_LOW: "unusually low",
}
OUTCOMES = {
    "fired": ("Fired", "red"),
    "held_back": ("Fired, told of already", "orange"),
    "quiet": ("Quiet", "green"),
    "not_enough": ("Not enough to tell", "gray"),
}
DAYS = {1: "a day", 7: "a week", 14: "two weeks", 28: "four weeks"}


def alerts_button(visit: Visit) -> None:
    if visit.may(Permission.SETTINGS_READ) and st.button("Alerts", icon=":material/notifications:", key="alerts_open"):
        _alerts(visit)


@st.dialog("Alerts", width="medium", on_dismiss="rerun")
def _alerts(visit: Visit) -> None:
    say_what_was_left(inside=True)
    st.caption("Judged after every build. Windows end yesterday: today is not over.")
    may_write = visit.may(Permission.SETTINGS_WRITE)
    part = PARTS[0]
    if may_write:
        part = str(
            st.segmented_control(
                "Part", PARTS, default=PARTS[0], required=True, key="alerts_part", label_visibility="collapsed"
            )
        )
    with guarded():
        rules = visit.api.alerts()["rules"]
        if part == PARTS[1]:
            _new(visit, rules)
            return
        if not rules:
            quiet_note("No rule yet: nobody is told of anything.", "notifications_off")
        for rule in rules:
            _rule(visit, rule, rules, may_write=may_write)


def _rule(visit: Visit, rule: Json, rules: list[Json], *, may_write: bool) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap=None):
            st.markdown(f"**{escaped(rule['name'])}**")
            st.caption(_meaning(rule, visit.currency))
            last = rule["last"]
            if last is None:
                st.caption("Not judged yet: it is after the next build.")
            else:
                words, color = OUTCOMES.get(last["outcome"], (last["outcome"], "gray"))
                told = f"{escaped(reason_words(last['reason']))}, since {ago(last['decided_at'], now())}"
                st.markdown(f":{color}-badge[{words}] :gray[{told}]")
        if may_write:
            others = [_bare(each) for each in rules if each["key"] != rule["key"]]
            st.button(
                "Remove", key=f"alerts_remove_{rule['key']}", icon=":material/delete:",
                on_click=doing(lambda: visit.api.put_alerts(others), "It is judged no more", inside=True),
            )  # fmt: skip


def _new(visit: Visit, rules: list[Json]) -> None:
    left, right = st.columns(2)
    metric = Metric(left.selectbox("Number", list(Metric), format_func=TITLES.__getitem__, key="alerts_metric"))
    offered = [each for each in Comparison if metric is not Metric.COST_PER_LEAD or not each.is_unusual]
    comparison = Comparison(right.selectbox("Is", offered, format_func=WORDS.__getitem__, key="alerts_comparison"))
    with st.form("alerts_new", border=False):
        name = st.text_input("Name", max_chars=120, placeholder="Hardly any leads")
        threshold: float | None = None
        if not comparison.is_unusual:
            unit = "%" if metric in SHARES else visit.currency if metric in MONEY else "how many"
            threshold = st.number_input(f"Line ({unit})", min_value=0.0, value=5.0 if metric in SHARES else 10.0)
        first, second = st.columns(2)
        days = first.selectbox("Over", list(DAYS), index=1, format_func=DAYS.__getitem__)
        hours = second.number_input("Told at most every … hours", 1, 720, 24)
        if not st.form_submit_button("Add the rule", type="primary"):
            return
    if not name.strip():
        st.warning("Give it a name, so that whoever is told knows what it is about.")
        return
    taken = {rule["key"] for rule in rules}
    rule: dict[str, Any] = {
        "key": _key(name, taken), "name": name.strip(), "metric": metric, "comparison": comparison,
        "threshold": _in_units(threshold, metric, visit.currency), "days": days, "cooldown_hours": int(hours),
        "owner_user_id": visit.me["user_id"],
    }  # fmt: skip
    wanted = [*(_bare(each) for each in rules), rule]
    found = next(each for each in visit.api.try_alerts(wanted) if each["key"] == rule["key"])
    visit.api.put_alerts(wanted)
    st.success(f"Added. As of the last build: {escaped(found['words'])} ({escaped(reason_words(found['reason']))}).")
    st.caption("You are told here and, where a webhook listens to alert.fired, there.")


def _meaning(rule: Json, currency: str) -> str:
    metric, comparison = Metric(rule["metric"]), Comparison(rule["comparison"])
    line = rule["threshold"]
    shown = ""
    if line is not None:
        shown = f" {line:.1%}" if metric in SHARES else f" {money(line, currency) if metric in MONEY else f'{line:g}'}"
    return escaped(f"{TITLES[metric]} of {plural(rule['days'], 'day')} {WORDS[comparison]}{shown}")


def _in_units(line: float | None, metric: Metric, currency: str) -> float | None:
    if line is None:
        return None
    if metric in SHARES:
        return line / 100
    return line * 10 ** minor_digits(currency) if metric in MONEY else line


def _key(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")[:36] or "rule"
    return next(key for number in range(1, 100) if (key := base if number == 1 else f"{base}_{number}") not in taken)


def _bare(rule: Json) -> Json:
    return {name: value for name, value in rule.items() if name != "last"}
