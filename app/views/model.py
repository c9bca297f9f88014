"""Model: whether the score can be believed. Calibration, lift, drift, suspect columns, versions and the card."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app import model_charts, session
from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now, page_title, quiet_note, tile
from app.contact_drawer import show_drawer
from app.drift_words import drift_words
from app.formatting import ago, escaped, plural
from app.queries import models as questions
from app.queries.asking import NOT_BUILT
from app.scoring_rules import show_rules
from app.shared_learning import show_shared_learning, started_from_words
from domain.drift import BASE_RATE, RANKING, is_pull
from domain.permissions import Permission

NAMES = {
    "lightgbm": "LightGBM",
    "logistic": "Scorecard (linear)",
    "blend": "Both together",
    "rules": "Rules alone",
    "base_rate": "Everybody the same",
}
STATUS = {"active": ("In use", "green"), "challenger": ("Challenger", "orange"), "retired": ("Retired", "gray")}
LEVELS = {"alarm": ("Alarm", "red"), "moved": ("Moved", "orange"), "steady": ("Steady", "gray")}
visit = session.current()
may_decide = visit.may(Permission.MODELS_WRITE)


def _tiles(report: Json, run: pd.DataFrame) -> None:
    champion = next((one for one in report["candidates"] if one["name"] == report["algorithm"]), None)
    rules = next((one for one in report["candidates"] if one["name"] == "rules"), None)
    check = report.get("calibration_check")
    fresh = f":material/schedule: trained {ago(report['trained_at'], now())}"
    with st.grid(4, min_column_width=190):
        if champion and rules:
            newest = champion["newest"]
            gain = newest["auc"] - rules["newest"]["auc"]
            tile(
                "AUC, newest leads", f"{newest['auc']:.3f}", fresh=fresh,
                definition="Chance that a lead who converted ranks above one who did not, on leads the model had not seen. "
                f"Standard error {newest['auc_error']:.3f}. A coin has 0.5.",
                delta=f"{gain:+.3f}" if report["algorithm"] != "rules" else None, delta_note="vs rules",
            )  # fmt: skip
            tile(
                "Lift, best tenth", f"{newest['lift_top_decile']:.1f}×", fresh=fresh,
                definition="Conversion among the best tenth of the newest leads, as a multiple of everybody's.",
            )  # fmt: skip
        if check:
            tile(
                "Calibration error", f"{check['error']:.1%}", fresh=fresh,
                definition=f"Mean distance between promise and outcome on leads the calibration had not seen; 90 % interval "
                f"{check['low']:.1%} to {check['high']:.1%}. Chance alone gives up to {check['by_chance']:.1%}.",
            )  # fmt: skip
        alarms = int((run["level"] == "alarm").sum()) if len(run) else 0
        tile(
            "Drift alarms", str(alarms) if len(run) else "–",
            fresh=f":material/schedule: looked {ago(run['run_at'].iloc[0], now())}" if len(run) else "not looked yet",
            definition="Features, score, base rate or what tells leads apart: the newest leads differ from those learned from by "
            "more than the limit and chance.",
        )  # fmt: skip


def _calibration_card(report: Json) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "Does it come as promised?",
            "A point for each tenth of the newest leads: the chance that was promised, and the share that converted, with its "
            "95 % interval. Each half is judged by a calibration that saw only the other half.",
        )
        if not report["calibration"]:
            quiet_note("Rules promise no probability.")
            return
        tenths = report["calibration"]
        words = ", ".join(f"{one['predicted_rate']:.0%} came {one['observed_rate']:.0%}" for one in tenths)
        st.echarts_chart(
            model_charts.calibration(tenths), height=290, key="model_calibration", alt=f"Promised and came: {words}"
        )
        check = report["calibration_check"]
        st.caption(
            f"By {report['calibration_method']}. Error {check['error']:.3f} ({check['low']:.3f} to {check['high']:.3f}); "
            f"chance alone gives up to {check['by_chance']:.3f}."
        )


def _gains_card(report: Json) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "How many are found if only the best are called?",
            "Share of all conversions among the newest leads, by how far down the list one calls.",
        )
        order = [report["algorithm"], *(name for name in NAMES if name != report["algorithm"])]
        curves = [(NAMES[name], report["curves"][name]) for name in order if name in report["curves"]]
        if not curves:
            quiet_note("There is nothing to compare yet.")
            return
        half = {name: curve[len(curve) // 2] for name, curve in curves}
        words = ", ".join(f"{name} {share:.0%}" for name, share in half.items())
        st.echarts_chart(
            model_charts.gains(curves), height=290, key="model_gains", alt=f"Found in the best half: {words}"
        )
        st.caption(f"In the best half: {words}.")


def _candidates_card(report: Json) -> None:
    with st.container(border=True):
        card_title("Champion and the others", "All on the same newest leads, and over five folds that ignore time.")
        rows = []
        for one in sorted(report["candidates"], key=lambda one: -one["newest"]["auc"]):
            newest, folds = one["newest"], one["folds"]
            rows.append(
                {
                    "Model": NAMES.get(one["name"], one["name"])
                    + ("  ✓" if one["name"] == report["algorithm"] else ""),
                    "AUC, newest": f"{newest['auc']:.3f} ± {newest['auc_error']:.3f}",
                    "AUC, folds": f"{folds['auc']:.3f}" if folds else "–",
                    "Lift, best tenth": f"{newest['lift_top_decile']:.2f}",
                    "Found in best half": f"{newest['best_half_share']:.0%}",
                    "Brier": f"{newest['brier']:.3f}" if newest["brier"] is not None else "–",
                }
            )
        if report["leak"]:
            leak = report["leak"]
            rows.append(
                {
                    "Model": f"With {', '.join(leak['columns'])}: never used",
                    "AUC, newest": f"{leak['newest']['auc']:.3f}",
                    "AUC, folds": f"{leak['folds']['auc']:.3f}",
                    "Lift, best tenth": f"{leak['newest']['lift_top_decile']:.2f}",
                    "Found in best half": f"{leak['newest']['best_half_share']:.0%}",
                    "Brier": "–",
                }
            )
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, height="auto", row_height=34, alt="Candidates and their figures"
        )
        st.caption(escaped(report["reason"]))
        for note in report["notes"]:
            st.caption(f":material/info: {escaped(note)}")


def _leaks_card(report: Json, choices: Json) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "Columns that know the outcome",
            "Suspects are left out of learning. If you know that a value is there before the outcome, say so; it stands in the "
            "audit log and holds from the next training on.",
        )
        allowed = {one["column"]: one for one in choices["overrules"]}
        known = {flag["column"] for flag in report["leak_flags"]}
        if not report["leak_flags"] and not allowed:
            quiet_note("No column looks as if it were filled in after the outcome.", icon="verified")
        for flag in report["leak_flags"]:
            _leak_line(flag, allowed.get(flag["column"]))
        for column in sorted(set(allowed) - known):
            st.caption(
                f"{escaped(column)}: used, {escaped(allowed[column]['by'])} says: {escaped(allowed[column]['reason'])}"
            )


def _leak_line(flag: Json, allowed: Json | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge("Used" if allowed else "Left out", color="orange" if allowed else "red")
        st.markdown(f"**{escaped(flag['label'])}**", width="content")
        st.space("stretch")
        if allowed:
            st.button(
                "Leave out again", key=f"leak_out_{flag['column']}", disabled=not may_decide, on_click=_leave_out,
                args=(flag["column"],), type="tertiary",
            )  # fmt: skip
        else:
            with st.popover("Use it", disabled=not may_decide), st.form(f"leak_{flag['column']}", border=False):
                reason = st.text_area("Why is this value there before the outcome?", max_chars=500)
                if st.form_submit_button("Use from the next training on", type="primary") and attempt(
                    lambda: visit.api.use_column(flag["column"], reason),
                    f"{flag['label']} will be learned from at the next training.", reruns=True,
                ):  # fmt: skip
                    st.rerun()
    st.markdown(f":gray[{escaped(flag['words'])}]")
    if allowed:
        st.caption(f"{escaped(allowed['by'])} says: {escaped(allowed['reason'])}")


def _leave_out(column: str) -> None:
    attempt(lambda: visit.api.leave_column_out(column), "It will be left out at the next training.")


def _drift_card(run: pd.DataFrame) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "Are the newest leads like those it learned from?",
            "Population stability index of each feature and of the score: up to 0.1 steady, above 0.25 an alarm, the mean that "
            "chance gives taken off. The base rate, and how far something tells leads apart, alarm when they grew or shrank by half "
            "at some moment, the ranking when it lost 0.05 of AUC. Leads that have not moved say anything in one look of sixty "
            "at most.",
        )
        if not len(run):
            quiet_note("Nothing to compare yet: it takes a hundred leads on either side, in an order of time.")
            return
        _drift_in_words([{str(key): value for key, value in row.items()} for row in run.to_dict("records")])
        others = run[~run["subject"].isin([BASE_RATE, RANKING]) & ~run["subject"].map(is_pull)].head(9)
        rows = [(str(row["label"]), float(row["drift"]), str(row["level"])) for row in others.to_dict("records")]
        if rows:
            words = ", ".join(f"{label} {index:.2f} {level}" for label, index, level in rows)
            st.echarts_chart(
                model_charts.drift(rows), height=26 * len(rows) + 16, key="model_drift", alt=f"Drift: {words}"
            )
            chosen = st.selectbox("Look closer at", [label for label, _, _ in rows], key="model_drift_of")
            detail = json.loads(others[others["label"] == chosen]["detail"].iloc[0])
            st.echarts_chart(
                model_charts.parts(detail), height=190, key="model_parts",
                alt=f"{chosen}, then and now: " + ", ".join(f"{name} {then:.0%} → {now_:.0%}" for name, then, now_ in detail),
            )  # fmt: skip


def _drift_in_words(rows: Sequence[Json]) -> None:
    said = drift_words(rows)
    for level, line in said.lines:
        words, color = LEVELS[level]
        st.markdown(f":{color}-badge[{words}] {escaped(line)}")
    if said.more:
        st.caption(said.more)
    for title, text in (("What it costs", said.cost), ("What to do", said.advice)):
        if text:
            st.markdown(f"**{title}.** {escaped(text)}")


def _versions_card(versions: Sequence[Json], choices: Json) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "Versions", "A new model takes over only where every gate is passed; otherwise it is kept as a challenger."
        )
        pinned = choices["pinned"]
        if pinned:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge("Kept in use", icon=":material/keep:", color="violet")
                st.markdown(
                    f"**{escaped(pinned['version'])}**: {escaped(pinned['by'])} says: {escaped(pinned['reason'])}"
                )
                st.space("stretch")
                st.button("Let go", key="model_let_go", disabled=not may_decide, on_click=_let_go)
        for one in versions[:6]:
            words, color = STATUS.get(one["status"], (one["status"], "gray"))
            with st.container(horizontal=True, vertical_alignment="center"):
                st.badge(words, color=color)  # type: ignore[arg-type]
                st.markdown(f"**{escaped(one['version'])}**", width="content")
                st.caption(ago(one["trained_at"].to_pydatetime(), now()), width="content")
                st.space("stretch")
                if one["status"] != "active" and not (pinned and pinned["version"] == one["version"]):
                    _use_version(one["version"])
            st.markdown(f":gray[{escaped(one['reason'] or '')}]")


def _use_version(version: str) -> None:
    with st.popover("Use this", disabled=not may_decide), st.form(f"version_{version}", border=False):
        reason = st.text_area("Why this one?", max_chars=500)
        if st.form_submit_button("Use until let go", type="primary") and attempt(
            lambda: visit.api.keep_model(version, reason),
            f"{version} scores new leads now, all with the next pass.", reruns=True,
        ):  # fmt: skip
            st.rerun()


def _let_go() -> None:
    attempt(visit.api.let_model_go, "The gates decide again from the next training on.")


def _what_moves_it(report: Json) -> None:
    with st.container(border=True, height="stretch"):
        card_title("What moves the score", "Mean move in log-odds by feature, over the newest leads.")
        found = list(report["importance"].items())[:10]
        if not found:
            quiet_note("Rules alone decide; each contact shows which.")
            return
        frame = pd.DataFrame({"Feature": [name for name, _ in found], "Move": [size for _, size in found]})
        st.dataframe(
            frame, hide_index=True, height="auto", row_height=32, alt="Features by how far they move the score",
            column_config={"Move": st.column_config.ProgressColumn(format="%.3f", min_value=0.0, max_value=found[0][1])},
        )  # fmt: skip


def _say_what_chances_start_from() -> None:
    with guarded():
        if words := started_from_words(visit.api.priors()):
            quiet_note(words, "diversity_3")


def _page() -> None:
    answer = questions.versions(visit.organization_id)
    if answer.is_empty:
        empty_state(
            "insights", "No model yet",
            "Rules score your leads. A model is trained once fifty leads of either outcome are known: mark the outcome of an "
            f"import, or move contacts to customer or lost. {answer.problem or NOT_BUILT}",
        )  # fmt: skip
        _say_what_chances_start_from()
        return
    versions: list[Any] = answer.rows.to_dict("records")
    shown = next((one for one in versions if one["status"] == "active"), versions[0])
    report: Json = json.loads(shown["metrics"])
    run = questions.drift(visit.organization_id).rows
    report = {"leak_flags": [], "curves": {}, "calibration_check": None, **report}
    with guarded():
        choices = visit.api.model_choices()
        if report["algorithm"] == "rules" and not report["candidates"]:
            empty_state("rule", "Rules alone score", escaped(report["reason"]))
            _say_what_chances_start_from()
            _versions_card(versions, choices)
            return
        st.caption(
            f"{NAMES.get(report['algorithm'], report['algorithm'])} · {escaped(shown['version'])} · learned from "
            f"{plural(report['lead_count'], 'lead')} with a known outcome, {report['outcome_count']:,} of them good"
        )
        _tiles(report, run)
        left, right = st.columns(2, gap="small")
        with left:
            _calibration_card(report)
        with right:
            _gains_card(report)
        _candidates_card(report)
        left, right = st.columns(2, gap="small")
        with left:
            _leaks_card(report, choices)
            _what_moves_it(report)
        with right:
            _drift_card(run)
        _versions_card(versions, choices)
        with st.expander("Model card", icon=":material/article:"):
            st.markdown(shown["card"] or "This version was trained before cards were kept.")


page_title("Model", "Whether the score can be believed, and who decides when it cannot.")
TABS = ("Model", "Rules", "Shared learning")
model, rules, shared = st.tabs(TABS, key="model_tab", on_change="rerun")
if model.open:
    with model:
        _page()
if rules.open:
    with rules, guarded():
        show_rules(visit)
if shared.open:
    with shared:
        show_shared_learning(visit)
show_drawer()
