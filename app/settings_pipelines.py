"""Settings → Pipelines: the stages of every board, what each asks for, how soon a deal rots, and why deals are lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, emptied_form, guarded
from app.deal_words import ASKED
from app.pipeline_words import COUNTS_AS, new_pipeline, rows_of, stages_of
from app.session import Visit
from domain.stage_names import LONGEST

state = st.session_state
VERSION = "settings_pipelines_version"
"""Part of the editor's key: after a save it shows what was saved."""
HELP = (
    "The first pipeline is the default. **Counts as** is the stage's place in the funnel and in reports; **chance** is what "
    "weighted values are made of; a deal that stands longer than **rots after** is marked; what a stage **asks for** must be "
    "filled in before a deal may enter it. Exactly one stage counts as won and one as lost; they stand last."
)


def show_pipelines(visit: Visit) -> None:
    with guarded():
        pipelines = visit.api.pipelines()
        by_key = {found["key"]: found for found in pipelines}
        with st.container(horizontal=True, vertical_alignment="bottom"):
            card_title("Pipelines", help=HELP)
            st.space("stretch")
            chosen = st.selectbox(
                "Pipeline", list(by_key), format_func=lambda key: by_key[key]["name"], key="settings_pipeline", width=220,
                label_visibility="collapsed",
            )  # fmt: skip
            with st.popover("New pipeline", icon=":material/add:"):
                _add(visit, pipelines)
        _editor(visit, pipelines, by_key.get(str(chosen), pipelines[0]))
    with guarded():
        _stages_of_people(visit)


def _stages_of_people(visit: Visit) -> None:
    stages = visit.api.stages()
    card_title(
        "Stages of people",
        help="What you call them, on every page and in shared reports. What a stage means and what is counted stays.",
    )
    with st.form("settings_stages"):
        columns = st.columns(len(stages))
        names = {
            found["stage"]: column.text_input(
                found["default_name"], "" if found["name"] == found["default_name"] else found["name"],
                placeholder=found["default_name"], max_chars=LONGEST, key=f"settings_stage_{found['stage']}",
            )
            for column, found in zip(columns, stages, strict=True)
        }  # fmt: skip
        if st.form_submit_button("Save names") and attempt(
            lambda: visit.api.put_stage_names(names), "The stages have these names from now on", reruns=True
        ):
            st.rerun()


def _add(visit: Visit, pipelines: list[Json]) -> None:
    with emptied_form("settings_pipeline_new", border=False) as empty:
        name = st.text_input("Name", max_chars=80, placeholder="Retainers").strip()
        if st.form_submit_button("Make it") and name:
            made = new_pipeline(name, [found["key"] for found in pipelines])
            if attempt(lambda: visit.api.change_pipelines([*pipelines, made]), f"{name} is there", reruns=True):
                empty()
                st.rerun()


def _editor(visit: Visit, pipelines: list[Json], pipeline: Json) -> None:
    key = f"settings_pipeline_{pipeline['key']}_{state.get(VERSION, 0)}"
    attributes = {name for stage in pipeline["stages"] for name in stage["requires"] if name.startswith("attributes.")}
    with st.form(key, border=True):
        name = st.text_input("Name", pipeline["name"], max_chars=80, width=320)
        edited: pd.DataFrame = st.data_editor(
            pd.DataFrame(rows_of(pipeline)), hide_index=True, num_rows="dynamic", key=f"{key}_rows", height="content",
            column_config={
                "key": None,
                "Order": st.column_config.NumberColumn(width="small", min_value=0, help="Stages stand in this order."),
                "Stage": st.column_config.TextColumn(required=True, max_chars=80, width="medium"),
                "Counts as": st.column_config.SelectboxColumn(options=list(COUNTS_AS.values()), required=True),
                "Chance %": st.column_config.NumberColumn(min_value=0, max_value=100, step=1, width="small"),
                "Rots after days": st.column_config.NumberColumn(min_value=1, max_value=3650, step=1, width="small"),
                "Asks for": st.column_config.MultiselectColumn(
                    options=[*ASKED, *sorted(attributes)], format_func=lambda field: ASKED.get(field, field), width="large"
                ),
            },
        )  # fmt: skip
        reasons = st.text_area("Reasons for a lost deal, one a line; none for any words",
                               "\n".join(pipeline["lost_reasons"]), height=120)  # fmt: skip
        if st.form_submit_button("Save", type="primary"):
            changed = pipeline | {
                "name": name.strip(),
                "stages": stages_of(
                    {str(name): value for name, value in row.items()} for row in edited.to_dict("records")
                ),
                "lost_reasons": [line.strip() for line in reasons.splitlines() if line.strip()],
            }
            _save(visit, [changed if each["key"] == pipeline["key"] else each for each in pipelines], "Saved")
    if len(pipelines) > 1:
        with st.popover("Remove this pipeline", icon=":material/delete:"):
            st.markdown("Deals that stand in it have to be moved first.")
            if st.button("Remove", key=f"{key}_remove"):
                _save(visit, [each for each in pipelines if each["key"] != pipeline["key"]], "Removed")


def _save(visit: Visit, pipelines: list[Any], done: str) -> None:
    if attempt(lambda: visit.api.change_pipelines(pipelines), done, reruns=True):
        state[VERSION] = state.get(VERSION, 0) + 1
        st.rerun()
