"""Escape closes the dialog that is open, wherever the focus went: while a dialog is drawn anew it may be on nothing."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_keys = st.components.v2.component(
    "leadhouse_dialog_keys",
    html="<span></span>",
    js=(Path(__file__).parent / "client" / "escape.js").read_text(encoding="utf-8"),
)


def hear_escape() -> None:
    """Once on every page."""
    _keys(key="dialog_keys", height=1)
