"""The brand in a real browser: chosen with a preview, worn by the shell and the login page, readable in light and dark."""

from __future__ import annotations

import io
import re

import pytest
from PIL import Image, ImageDraw

from domain.brands import Colour
from domain.tenancy import Role
from storage.ops.repositories.identity_providers import IdentityProviders
from tests.app.conftest import SCHEMES, keep_picture
from tests.app.test_settings_screen import part
from tests.factories import TESTER, make_agency_with_client, make_session, make_user

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def meadow(running):
    """An agency of its own, whose brand touches nobody else's screens, and the session of its owner."""
    family = make_agency_with_client(running.store, "Meadow Partners")
    owner = make_user(running.store, family.agency.organization_id, role=Role.OWNER, name="Ida Meadow")
    with running.store.write(family.agency_scope, TESTER) as work:
        IdentityProviders(work).put(name="Meadow ID", issuer="https://id.meadow.example", client_id="x", secret="s")
    return family, make_session(running.store, owner.user_id)


@pytest.fixture
def at_meadow(chromium, running, meadow):
    """`at_meadow(path, scheme)` opens a page as the owner there."""
    contexts = []

    def opened(path, scheme="light"):
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme=scheme, base_url=running.address
        )
        contexts.append(context)
        context.add_cookies([{"name": "lh_session", "value": meadow[1], "url": running.address}])
        page = context.new_page()
        page.problems = []
        page.on("pageerror", lambda error: page.problems.append(str(error)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()


def logo() -> bytes:
    picture = Image.new("RGBA", (480, 120), (0, 0, 0, 0))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((10, 10, 110, 110), fill="#1d7a4c")
    draw.rectangle((140, 40, 460, 80), fill="#1d7a4c")
    made = io.BytesIO()
    picture.save(made, "PNG")
    return made.getvalue()


def colour_of(page, locator, name="backgroundColor") -> str:
    red, green, blue = re.findall(r"\d+", locator.evaluate(f"each => getComputedStyle(each).{name}"))[:3]
    return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"


def test_a_brand_is_chosen_seen_before_it_is_saved_and_worn(at_meadow):
    from playwright.sync_api import expect

    page = at_meadow("/app/settings")
    part(page, "Brand")
    page.get_by_label("Name", exact=True).fill("Meadow Leads")
    page.get_by_label("Name", exact=True).press("Tab")
    expect(page.get_by_text("Meadow Leads").first).to_be_visible(timeout=15_000)
    page.locator("input[type=file]").set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": logo()})
    page.get_by_role("button", name="Use this logo").click(timeout=15_000)
    expect(page.get_by_role("button", name="Take the logo away")).to_be_visible(timeout=15_000)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_title(re.compile("Meadow Leads"), timeout=15_000)
    keep_picture(page, "settings_brand_light")
    assert page.problems == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_shell_and_login_page_wear_it(at_meadow, meadow, running, scheme):
    from playwright.sync_api import expect

    from storage.ops.repositories.brands import Brands

    with running.store.write(meadow[0].agency_scope, TESTER) as work:
        Brands(work).change(name="Meadow Leads", primary=Colour("#1d7a4c"), accent=Colour("#c2410c"), host=None)
        Brands(work).set_logo(logo())
    shades = Colour("#1d7a4c").shades()
    page = at_meadow("/app/settings", scheme)
    button = page.get_by_role("button", name="Invite somebody")
    expect(button).to_be_visible(timeout=20_000)
    page.wait_for_timeout(5_500)  # a look is kept for five seconds
    page.reload()
    expect(button).to_be_visible(timeout=20_000)
    expect(page).to_have_title(re.compile("Meadow Leads"))
    expect(page.get_by_test_id("stSidebarLogo").or_(page.get_by_test_id("stLogo")).first).to_be_visible()
    assert colour_of(page, button) == (shades.light if scheme == "light" else shades.dark)
    keep_picture(page, f"shell_brand_{scheme}")
    for name in ("Single sign-on", "Brand", "Audit log"):
        part(page, name)
        page.wait_for_timeout(1500)
        keep_picture(page, f"settings_{name.lower().replace(' ', '_')}_{scheme}")
    login = at_meadow("/login?org=meadow-partners", scheme)
    expect(login.get_by_alt_text("Meadow Leads")).to_be_visible()
    expect(login.get_by_role("link", name="Sign in with Meadow ID")).to_be_visible()
    keep_picture(login, f"login_brand_{scheme}")
    assert page.problems == login.problems == []
