"""Scripts of components that are built at set-up: one that is missing says so where it should have drawn."""

from __future__ import annotations

from app.built_scripts import built_script


def test_a_script_that_was_built_is_handed_on_with_what_it_is(tmp_path):
    (tmp_path / "board.js").write_text("export default () => 1\n", encoding="utf-8")
    assert built_script("board.js", "the board", built=tmp_path) == "// the board\nexport default () => 1\n"


def test_one_that_was_not_built_says_on_the_page_what_to_do(tmp_path):
    script = built_script("board.js", "the board", built=tmp_path)
    assert script.startswith("// the board\nexport default")
    assert "textContent" in script
    assert "make assets" in script
