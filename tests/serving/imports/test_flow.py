"""The flow of an import over HTTP, as the screen walks through it."""

from __future__ import annotations

import csv
import io

import pytest

from domain.tenancy import Role
from serving.worker import Worker

LEADS = (
    "Full Name;E-Mail;Firma;Größe;Ergebnis\n"
    "Ada Lovelace;ada@example.com;Engines;12;ja\n"
    "Grace Hopper;grace@example.com;Navy;400;nein\n"
    ";kaputt;;1;nein\n"
).encode("cp1252")


@pytest.fixture
def upload(api):
    def send(content: bytes = LEADS, name: str = "leads.csv", **fields):
        return api.post("/v1/imports", files={"file": (name, content)}, data=fields)

    return send


@pytest.fixture
def work_off(store, settings, clock):
    """Lets a worker carry out whatever is queued."""
    return Worker(store, settings, clock=clock).drain


def test_an_import_from_upload_to_undo(api, upload, work_off, clock):
    made = upload()
    assert made.status_code == 201
    found = made.json()
    assert (found["status"], found["rows_total"], found["dialect"]["encoding"], found["dialect"]["delimiter"]) == (
        "uploaded",
        3,
        "cp1252",
        ";",
    )
    assert {one["column"]: one["target"] for one in found["columns"]} == {
        "Full Name": "full_name",
        "E-Mail": "email",
        "Firma": "company_name",
        "Größe": "attribute:grosse",
        "Ergebnis": "attribute:ergebnis",
    }
    url = f"/v1/imports/{found['import_id']}"

    changed = api.patch(
        url,
        json={
            "columns": {"Größe": {"target": "attribute:employees"}},
            "outcome_column": "Ergebnis",
            "duplicates": "skip",
        },
    ).json()
    outcome = next(one for one in changed["columns"] if one["role"] == "outcome")
    assert (outcome["column"], outcome["positive_value"], changed["duplicates"]) == ("Ergebnis", "ja", "skip")

    preview = api.post(f"{url}/preview").json()
    assert (preview["created_count"], preview["rejected_count"]) == (2, 1)
    assert preview["examples"][0]["line"] == 4
    assert preview["sample"][0]["attributes"] == {"employees": 12, "ergebnis": "ja"}
    assert api.get("/v1/contacts").json()["items"] == []

    assert api.post(f"{url}/start").status_code == 202
    assert api.post(f"{url}/start").status_code == 409
    work_off()
    done = api.get(url).json()
    assert (done["status"], done["rows_done"], done["created_count"], done["rejected_count"]) == ("done", 3, 2, 1)
    assert done["reasons"] == [{"outcome": "rejected", "reason": "E-Mail left empty", "row_count": 1}]
    assert len(api.get("/v1/contacts").json()["items"]) == 2

    errors = api.get(f"{url}/errors.csv")
    rows = list(csv.reader(io.StringIO(errors.content.decode("utf-8-sig"))))
    assert rows[0] == ["row_number", "outcome", "reason", "Full Name", "E-Mail", "Firma", "Größe", "Ergebnis"]
    assert rows[1][:2] == ["4", "rejected"]
    assert rows[1][3:] == ["", "kaputt", "", "1", "nein"]

    assert api.post(f"{url}/undo").status_code == 202
    work_off()
    undone = api.get(url).json()
    assert (undone["status"], undone["undo"]["deleted"], undone["can_undo"]) == ("undone", 2, False)
    assert api.get("/v1/contacts").json()["items"] == []
    assert api.get("/v1/imports").json()["items"][0]["import_id"] == found["import_id"]


def test_cells_that_a_spreadsheet_would_run_are_made_harmless(api, upload, work_off):
    found = upload(b"email,note\na@example.com,x\nbroken,=HYPERLINK(1)\n-5,+49 30 1\n").json()
    api.post(f"/v1/imports/{found['import_id']}/start")
    work_off()

    text = api.get(f"/v1/imports/{found['import_id']}/errors.csv").content.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[3:] for row in rows[1:]] == [["broken", "'=HYPERLINK(1)"], ["-5", "+49 30 1"]]


def test_a_file_that_nobody_started_can_be_forgotten_and_one_that_ran_cannot(api, upload, work_off, settings):
    url = f"/v1/imports/{upload().json()['import_id']}"
    kept = settings.data.dir / "uploads" / url.rpartition("/")[2]
    assert kept.is_file()
    assert api.delete(url).status_code == 204
    assert api.get(url).status_code == 404
    assert not kept.exists()

    url = f"/v1/imports/{upload().json()['import_id']}"
    api.post(f"{url}/start")
    work_off()
    assert api.delete(url).status_code == 409


def test_a_file_seen_before_is_named(api, upload, work_off):
    first = upload().json()["import_id"]
    api.post(f"/v1/imports/{first}/start")
    work_off()

    assert upload().json()["earlier_import_id"] == first


@pytest.mark.parametrize(("content", "status"), [(b"", 422), (b"PK\x03\x04", 422), (b"\n\n", 422)])
def test_what_is_no_table_is_refused_with_what_to_do(upload, content, status):
    answer = upload(content)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_file_above_the_limit_is_413(web, api, settings, upload):
    small = settings.model_copy(update={"imports": settings.imports.model_copy(update={"max_bytes": 20})})
    web.app.state.settings = small
    assert upload().status_code == 413


def test_a_wish_that_does_not_fit_is_422(api, upload):
    url = f"/v1/imports/{upload().json()['import_id']}"
    assert api.patch(url, json={"columns": {"Nobody": {"target": "email"}}}).status_code == 422
    assert api.patch(url, json={"columns": {"Firma": {"target": "email"}}}).status_code == 422
    assert api.patch(url, json={"unknown": 1}).status_code == 422


def test_those_who_may_only_look_change_nothing(sign_in, family, upload):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    import_id = upload().json()["import_id"]
    assert viewer.get(f"/v1/imports/{import_id}").status_code == 200
    assert viewer.post("/v1/imports", files={"file": ("a.csv", b"email\na@example.com\n")}).status_code == 403
    assert viewer.post(f"/v1/imports/{import_id}/start").status_code == 403
    assert viewer.post(f"/v1/imports/{import_id}/undo").status_code == 403


def test_strangers_find_nothing(sign_in, stranger, upload):
    outsider = sign_in(stranger.organization_id)
    url = f"/v1/imports/{upload().json()['import_id']}"
    for method, path in (
        ("GET", url),
        ("GET", f"{url}/errors.csv"),
        ("POST", f"{url}/start"),
        ("POST", f"{url}/preview"),
    ):
        assert outsider.request(method, path).status_code == 404
    assert outsider.patch(url, json={}).status_code == 404
    assert outsider.get("/v1/imports").json()["items"] == []
