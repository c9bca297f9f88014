"""Scripts of our own components, built from their `client/` folders at set-up (`make assets`)."""

from __future__ import annotations

from pathlib import Path

BUILT = Path(__file__).parent / "static" / "build"
UNBUILT = """export default ({ parentElement }) => {
  parentElement.setAttribute("role", "alert");
  parentElement.textContent = "This part of the page was not built. Run `make assets`, then start the UI again.";
};
"""
"""Stands in for a script that is not there: an empty place would look as if there were nothing to show."""


def built_script(name: str, about: str, *, built: Path = BUILT) -> str:
    """The text of a script for `st.components.v2.component`; where it was not built, one that says so on the page."""
    script = built / name
    # Streamlit takes a single line for a file's name.
    return f"// {about}\n" + (script.read_text(encoding="utf-8") if script.is_file() else UNBUILT)
