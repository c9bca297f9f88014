"""White label: chosen by administrators, worn by the login page, invitations, the shell and exports."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from PIL import Image

from domain.brands import READABLE
from domain.contacts import EmailAddress
from domain.tenancy import Role
from serving.brand.logos import HIGHEST, MOST_BYTES, WIDEST
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.invitations import Invitations
from tests.factories import TESTER, make_organization

NORTHWIND = {
    "name": "Northwind Leads",
    "primary_colour": "#ffd400",
    "accent_colour": "#0E9384",
    "host": "Leads.Northwind.example",
}


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def picture(kind="PNG", size=(1200, 300), mode="RGB", **options) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size, "#ffd400").save(made, kind, **options)
    return made.getvalue()


def send(client, content, name="logo.png"):
    return client.put("/v1/brand/logo", files={"file": (name, content)})


def test_the_login_page_wears_the_brand_by_short_name_and_by_host(admin, web):
    assert admin.put("/v1/brand", json=NORTHWIND).status_code == 200
    logo = send(admin, picture()).json()["look"]["logo_path"]
    for page in (web.get("/login?org=northwind"), web.get("/login", headers={"Host": "leads.northwind.example:443"})):
        assert "<title>Sign in · Northwind Leads</title>" in page.text
        assert f'<img src="{logo}" alt="Northwind Leads">' in page.text
        assert "Leadhouse" not in page.text
        dark = re.search(r"dark\)\{:root\{--accent:(#[0-9a-f]{6})", page.text)
        assert dark is not None
        assert dark[1] == "#ffd400", "yellow is read on a dark page, and darkened on a light one"
        assert "--accent:#ffd400;--accent-ink:#0d1120}}" in page.text
    assert "Leadhouse" in web.get("/login").text
    assert "Leadhouse" in web.get("/login?org=nobody").text


def test_the_style_sheet_of_a_brand_is_allowed_by_the_content_policy(admin, web):
    import base64
    import hashlib

    admin.put("/v1/brand", json=NORTHWIND)
    page = web.get("/login?org=northwind")
    style = page.text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.headers["content-security-policy"]


def test_a_client_looks_like_its_agency_until_it_has_a_brand_of_its_own(admin, sign_in, store, family):
    admin.put("/v1/brand", json=NORTHWIND)
    at_client = sign_in(family.client.organization_id, Role.CLIENT_VIEWER)
    assert at_client.get("/v1/look").json()["name"] == "Northwind Leads"
    there = {"X-LH-Organization": family.client.organization_id}
    own = {"name": "Client's own", "primary_colour": "#123456"}
    assert admin.put("/v1/brand", json=own, headers=there).status_code == 200
    assert at_client.get("/v1/look").json()["name"] == "Client's own"
    assert admin.get("/v1/look").json()["name"] == "Northwind Leads"


def test_invitations_and_exports_carry_it(admin, web, store, family):
    admin.put("/v1/brand", json=NORTHWIND)
    with store.write(family.agency_scope, TESTER) as work:
        _, token = Invitations(work).create(EmailAddress("new@agency.example"), Role.VIEWER)
    assert "Northwind Leads" in web.get(f"/invite/{token}").text
    exported = admin.get("/v1/contacts/export")
    assert exported.headers["content-disposition"] == 'attachment; filename="northwind-contacts.csv"'


def test_a_logo_is_drawn_anew_within_its_size_and_shown_to_anybody(admin, web):
    hidden = picture("JPEG", comment=b"<script>alert(1)</script>") + b"<script>alert(2)</script>"
    path = send(admin, hidden, "logo.jpg").json()["look"]["logo_path"]
    shown = web.get(path)
    assert shown.headers["content-type"] == "image/png"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "immutable" in shown.headers["cache-control"]
    assert b"script" not in shown.content
    with Image.open(io.BytesIO(shown.content)) as opened:
        assert (opened.format, opened.size) == ("PNG", (600, 150))
        assert opened.info == {}
    assert admin.delete("/v1/brand/logo").json()["look"]["logo_path"] is None
    assert web.get(path).status_code == 404


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", 422),
        (b"GIF89a", 422),
        (picture("GIF"), 422),
        (picture()[:200], 422),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, 422),
        (picture(size=(5000, 4000)), 413),
        (picture() + b"x" * MOST_BYTES, 413),
    ],
    ids=["nothing", "svg", "no picture", "gif", "half a png", "a png in name", "a large one", "a heavy one"],
)
def test_what_is_no_picture_or_too_large_is_refused(admin, content, status):
    answer = send(admin, content)
    assert answer.status_code == status, answer.text
    assert answer.json()["hint"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"primary_colour": "red"},
        {"accent_colour": "#12"},
        {"primary_colour": "#fff}*{"},
        {"host": "not a host"},
        {"host": "127.0.0.1"},
        {"name": "x" * 81},
        {"logo": "x"},
    ],
)
def test_what_cannot_be_is_refused(admin, wrong):
    assert admin.put("/v1/brand", json=wrong).status_code == 422


def test_a_host_belongs_to_one_organization(admin, sign_in, store):
    admin.put("/v1/brand", json=NORTHWIND)
    other = sign_in(make_organization(store, "Elsewhere").organization_id, Role.OWNER)
    answer = other.put("/v1/brand", json={"host": "leads.northwind.example"})
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert other.put("/v1/brand", json={"name": "Elsewhere"}).status_code == 200


def test_two_who_change_it_at_once_do_not_overwrite_one_another(admin):
    first = admin.get("/v1/brand").headers["etag"]
    assert admin.put("/v1/brand", json=NORTHWIND, headers={"If-Match": first}).status_code == 200
    assert admin.put("/v1/brand", json={"name": "Lost"}, headers={"If-Match": first}).status_code == 412
    assert admin.get("/v1/brand").json()["name"] == "Northwind Leads"


def test_changes_are_on_record_and_only_those_who_administer_make_them(admin, sign_in, store, family):
    admin.put("/v1/brand", json=NORTHWIND)
    admin.put("/v1/brand", json=NORTHWIND)
    send(admin, picture())
    with store.read(family.agency_scope) as work:
        rows = Audit(work).about("brand", family.agency.organization_id)
        assert [row.action for row in rows] == ["change", "change"]
        assert Audit(work).values_of(rows[1]).after["primary_colour"] == "#ffd400"
    operator = sign_in(family.agency.organization_id)
    assert operator.get("/v1/brand").status_code == 200
    assert operator.put("/v1/brand", json=NORTHWIND).status_code == send(operator, picture()).status_code == 403


def test_the_guide_gives_the_limits_that_hold():
    guide = (Path(__file__).parents[3] / "docs/how-to/white-label.md").read_text(encoding="utf-8")
    for promise in (f"{MOST_BYTES // 1024} KB", f"{WIDEST} × {HIGHEST}", f"contrast {READABLE} : 1", "/login?org="):
        assert promise in guide
