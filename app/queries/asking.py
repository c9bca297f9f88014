"""Questions to the lake: one read-only question a function, the organization always its first argument.

One module a page; what they share is here.

The cache belongs to the whole process, so the organization is part of every key; `ask` is the only door. An answer
that cannot be given (nothing landed yet, a mart not built yet) is an Answer with a problem in words, not an error.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from domain.errors import LeadhouseError
from domain.settings import Settings
from storage.lake import Lake

logger = logging.getLogger(__name__)

FRESH_SECONDS = 20
"""How long an answer is reused; after it a page shows the old one while the next is fetched."""
NOT_BUILT = "Nothing has been built for this yet. It fills in after the first pipeline run."


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows as a frame, possibly empty; `problem` says in words why there are none to give."""

    rows: pd.DataFrame
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        return self.rows.empty


@st.cache_resource
def _lake(settings_json: str) -> Lake:
    return Lake.open(Settings.model_validate(json.loads(settings_json)))


def ask(organization_id: str, sql: str, parameters: Sequence[Any] = ()) -> Answer:
    """The rows of a question whose first parameter is the organization."""
    if not organization_id:
        raise ValueError("a question to the lake names its organization")
    try:
        lake = _lake(str(st.secrets["leadhouse"]["settings"]))
        table = lake.arrow(sql, [organization_id, *parameters])
    except LeadhouseError as error:
        return Answer(pd.DataFrame(), f"{error.message.capitalize()}. {error.hint or ''}".strip())
    except Exception as error:  # noqa: BLE001  DuckDB's errors are named in storage/lake only
        logger.info("the lake has no answer: %s", error)
        return Answer(pd.DataFrame(), NOT_BUILT)
    return Answer(table.to_pandas())
