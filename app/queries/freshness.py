"""When each layer was last brought up to date."""

from __future__ import annotations

from datetime import datetime

import pandas as pd
import streamlit as st

from app.queries.asking import FRESH_SECONDS, ask


@st.cache_data(ttl=FRESH_SECONDS, max_entries=500, show_spinner=False)
def freshness(organization_id: str) -> dict[str, datetime | None]:
    """When each layer was last brought up to date: {landed, marts, models, activation}; None where never."""
    marks = ask(
        organization_id,
        """
        select name, max(finished_at) as at from lake.meta.builds where ? is not null group by name
        union all
        select 'landed', greatest(
            (select max(updated_at) from lake.meta.landing_marks), (select max(landed_at) from lake.meta.landed_batches)
        )
        """,
    )
    found: dict[str, datetime | None] = dict.fromkeys(("landed", "marts", "models", "activation"))
    for row in marks.rows.to_dict("records"):
        moment = row["at"]
        name = "landed" if row["name"] == "land" else str(row["name"])
        if not pd.isna(moment) and (found.get(name) is None or moment > found[name]):
            found[name] = moment.to_pydatetime()
    return found
