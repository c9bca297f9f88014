"""A board of deals as a component of its own: columns, cards, and moves by mouse, touch or keyboard.

The script is built from `client/board.js` and SortableJS at set-up (`make assets`) and handed to Streamlit as text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from app.built_scripts import built_script

HERE = Path(__file__).parent

_board = st.components.v2.component(
    "leadhouse_board",
    html='<div class="bar"></div><div class="voice" aria-live="polite"></div>',
    css=(HERE / "client" / "board.css").read_text(encoding="utf-8"),
    js=built_script("board.js", "the board of deals"),
)


def board(data: dict[str, Any], *, key: str) -> Any:
    """Draws the board and answers what happened on it since: `.moved`, `.refused` and `.opened`, each a dict or None.

    `data`: columns (key, name, color, count, total, weighted, missing, more, deals), pipeline, csrf, organization_id,
    may_move, empty (words for a column without cards), revision (anything that changes when the board is to be redrawn).
    """
    return _board(
        key=key,
        data=data,
        on_moved_change=lambda: None,
        on_refused_change=lambda: None,
        on_opened_change=lambda: None,
    )
