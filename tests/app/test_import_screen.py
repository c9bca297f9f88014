"""A person imports a file with mistakes in it, looks at what came of it, and takes it back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app.conftest import click_cell, keep_picture

pytestmark = pytest.mark.browser
expect.set_options(timeout=15_000)

FILE = """E-Mail;First name;Last name;Company;Job title;Country;Budget;Converted
ada@rocket.example;Ada;Lovelace;Rocket Works;CEO;DE;1200;yes
ben@paper.example;Ben;Okri;;Writer;GB;300;no
not-an-address;Cleo;Novak;Nova;CTO;FR;800;no
dan@salon.example;Dan;"Smith ""DJ"" Jr";;VP;US;5000;yes
"""


def test_a_file_is_understood_tried_imported_and_undone(visit, working, tmp_path):
    file = tmp_path / "spring fair.csv"
    file.write_text(FILE, encoding="cp1252")
    page = visit("imports")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_text("semicolon-separated")).to_be_visible()
    expect(page.get_by_text("4 rows")).to_be_visible()
    page.get_by_role("button", name="Try it").click()
    tiles = page.get_by_test_id("stMetric")
    expect(tiles.filter(has_text="Would be created")).to_contain_text("3")
    expect(tiles.filter(has_text="Would be refused")).to_contain_text("1")
    keep_picture(page, "import_tried")
    page.get_by_role("button", name="Start import").click()
    expect(page.get_by_text("spring fair.csv is in")).to_be_visible(timeout=15_000)
    created = re.compile("Created")  # not "Would be created" of the try, which may stand there for a moment more
    expect(tiles.filter(has_text=created)).to_contain_text("3")
    with page.expect_download() as download:
        page.get_by_role("button", name="Rows with a reason").click()
    assert "not-an-address" in download.value.path().read_text(encoding="utf-8-sig")
    keep_picture(page, "import_done")
    page.get_by_role("link", name="Show these leads").click()
    expect(page.get_by_text("3 leads match")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(page.get_by_text(re.compile(r"^4[0-9] leads$"))).to_be_visible()
    page.get_by_test_id("stSidebar").get_by_role("link", name="Imports").click()
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Yes, undo it").click()
    expect(page.get_by_text("spring fair.csv was undone")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="All imports").click()
    expect(page.get_by_text("History")).to_be_visible()
    click_cell(page, 0, "spring fair.csv was undone")
    assert page.problems == []


def test_a_file_with_nothing_in_it_is_refused_in_words(visit, tmp_path):
    file = tmp_path / "empty.csv"
    file.write_bytes(b"\n")
    page = visit("imports")
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stToast")).to_be_visible()
    expect(page.get_by_text("History")).to_be_visible()
