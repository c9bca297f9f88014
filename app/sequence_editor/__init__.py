"""The editor of a sequence as a component of its own: a graph, the fields of each step, and the same thing as YAML.

The script is built from `client/` at set-up (`make assets`) and handed to Streamlit as text. It checks and saves over the
API by itself; Python hears that something was saved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from app.built_scripts import built_script

HERE = Path(__file__).parent
HEIGHT = 720

_editor = st.components.v2.component(
    "leadhouse_sequence_editor",
    html='<div class="editor"></div><div class="voice" aria-live="polite"></div>',
    css=(HERE / "client" / "editor.css").read_text(encoding="utf-8"),
    js=built_script("sequence_editor.js", "the editor of a sequence"),
)


def sequence_editor(data: dict[str, Any], *, key: str) -> Any:
    """Draws the editor and answers `.saved`: {version, name, at} of what was saved since, or None.

    `data`: sequence_id, source, document (what the source says), version, etag, csrf, organization_id, may_write, people
    (how many stand at each step), names (of those who save, by id), choices (stages, kinds of tasks, fields of conditions
    with their types, comparisons by type).
    """
    return _editor(key=key, data={**data, "height": HEIGHT}, on_saved_change=lambda: None)
