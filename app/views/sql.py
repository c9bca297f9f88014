"""SQL: questions that no page answers, over the marts of the organization."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.components import card_title, empty_state, guarded, page_title, problem_box
from app.formatting import escaped, plural
from app.queries.asking import NOT_BUILT
from domain.imports.dialects import unique_columns

EXAMPLES = {
    "Leads by channel and month": (
        "select date_trunc('month', day_on) as month, channel, sum(session_count) as sessions, sum(lead_count) as leads\n"
        "from channels_daily\ngroup by all\norder by month desc, leads desc"
    ),
    "Pages people land on": (
        "select landing_page, count(*) as visits, count(distinct person_id) as people,\n"
        "    round(avg(engaged_seconds)) as seconds\n"
        "from sessions\nwhere not is_bot\ngroup by landing_page\norder by visits desc"
    ),
    "Customers and revenue by month": (
        "select date_trunc('month', converted_at)::date as month, count(*) as customers,\n"
        "    sum(value_minor) / 100 as revenue, currency\n"
        "from conversions\nwhere kind = 'customer'\ngroup by all\norder by month"
    ),
}
MOST = 10_000
MONOSPACE = (
    "<style>.st-key-sql_text textarea{font-family:ui-monospace,SFMono-Regular,Menlo,monospace!important}</style>"
)
visit = session.current()
state = st.session_state


def _take_example(name: str) -> None:
    state["sql_text"] = EXAMPLES[name]


def _write_table() -> None:
    """A start for the table that is looked at, where nothing was written yet."""
    if not str(state.get("sql_text") or "").strip():
        state["sql_text"] = f"select *\nfrom {state['sql_table']}\nlimit 100"


def _ask() -> None:
    """Its words stay as they are; so does the former answer, if the new question is refused."""
    sql = str(state["sql_text"])
    try:
        state["sql_answer"], state["sql_refused"] = {**visit.api.ask_sql(sql, MOST), "sql": sql}, None
    except ApiProblem as problem:
        state["sql_refused"] = problem


def _question() -> None:
    st.html(MONOSPACE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Examples", width="content")
        for number, name in enumerate(EXAMPLES):
            st.button(name, type="tertiary", on_click=_take_example, args=(name,), key=f"sql_example_{number}")
    with st.form("sql_form", border=False):
        st.text_area(
            "Question", key="sql_text", height=190, label_visibility="collapsed",
            placeholder="select channel, sum(lead_count) as leads from channels_daily group by channel",
        )  # fmt: skip
        with st.container(horizontal=True, vertical_alignment="center"):
            st.form_submit_button("Run", icon=":material/play_arrow:", type="primary", on_click=_ask, key="sql_run")
            st.caption(
                "Ctrl + Enter runs it. DuckDB's SQL, one SELECT; it reads this organization's rows and no others."
            )


def _answer(found: Json) -> None:
    frame = _frame(found)
    said = [plural(len(frame), "row"), f"{found['seconds']:.2f} s"]
    if found["tables"]:
        said.append("from " + ", ".join(found["tables"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(" · ".join(said))
        st.space("stretch")
        st.download_button(
            "CSV", frame.to_csv(index=False).encode("utf-8-sig"), "answer.csv", "text/csv", icon=":material/download:",
            key="sql_csv", on_click="ignore",
        )  # fmt: skip
    if found["is_cut"]:
        st.warning(f"Only the first {len(frame):,} rows are shown.", icon=":material/content_cut:")
    kinds = zip(frame.columns.astype(str), found["columns"], strict=True)
    dates = [name for name, column in kinds if column["data_type"] == "DATE"]
    st.dataframe(
        frame, hide_index=True, row_height=34, placeholder="–", alt="The rows of the answer",
        column_config={name: st.column_config.DateColumn() for name in dates},
    )  # fmt: skip


def _frame(found: Json) -> pd.DataFrame:
    """Rows with the types that their text stands for; two columns of one name are told apart."""
    columns = unique_columns([column["name"] for column in found["columns"]], len(found["columns"]))
    frame = pd.DataFrame(found["rows"], columns=list(columns))
    for name, column in zip(columns, found["columns"], strict=True):
        kind = column["data_type"]
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            frame[name] = pd.to_datetime(frame[name], errors="coerce", utc=kind.endswith("ZONE"))
        elif kind.startswith("DECIMAL"):
            frame[name] = pd.to_numeric(frame[name])
    return frame


def _tables(tables: list[Json]) -> None:
    by_name = {table["name"]: table for table in tables}
    card_title("Tables", "What was built of this organization's data. Chosen here, a table shows its columns.")
    first = list(by_name).index("contacts") if "contacts" in by_name else 0
    chosen = st.selectbox(
        "Table", list(by_name), first, key="sql_table", label_visibility="collapsed", on_change=_write_table
    )
    table = by_name[chosen or tables[0]["name"]]
    st.caption(escaped(table["description"]))
    st.dataframe(
        pd.DataFrame(
            {
                "Column": [column["name"] for column in table["columns"]],
                "Type": [column["data_type"].lower() for column in table["columns"]],
                "Meaning": [column["description"] for column in table["columns"]],
            }
        ),
        hide_index=True, row_height=30, height=420, alt=f"The columns of {table['name']}",
        column_config={"Column": st.column_config.TextColumn(width=130), "Type": st.column_config.TextColumn(width=70)},
    )  # fmt: skip


page_title("SQL", "Questions that no page answers, over what was built of this organization's data.")
with guarded():
    listed = visit.api.sql_tables()
    if not listed:
        empty_state("database", "Nothing to ask about yet", NOT_BUILT)
    else:
        left, right = st.columns([1.9, 1], gap="medium")
        with right, st.container(border=True):
            _tables(listed)
        with left:
            _question()
            if state.get("sql_refused"):
                problem_box(state["sql_refused"])
            elif state.get("sql_answer"):
                _answer(state["sql_answer"])
