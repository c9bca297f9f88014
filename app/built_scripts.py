"""Scripts of our own components, built from their `client/` folders at set-up (`make assets`)."""

from __future__ import annotations

from pathlib import Path

BUILT = Path(__file__).parent / "static" / "build"


def built_script(name: str, about: str) -> str:
    """The text of a script for `st.components.v2.component`; one that draws nothing where it was not built."""
    script = BUILT / name
    # Streamlit takes a single line for a file's name.
    return f"// {about}\n" + script.read_text(encoding="utf-8") if script.is_file() else "export default () => {}\n"
