"""What `make assets` makes, and how it is handed out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from serving.main import create_app
from serving.pixel import build

ROOT = Path(__file__).parents[3]


@pytest.fixture
def client(sqlite_store, settings):
    web = settings.web.model_copy(update={"role": "capture"})
    app = create_app(settings.model_copy(update={"web": web}), store=sqlite_store)
    with TestClient(app) as opened:
        yield opened


def test_a_second_build_has_nothing_to_do():
    assert build.build(announce=lambda _line: None) is False


def test_the_lock_names_hashes_and_no_host():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = [about for path, about in lock["packages"].items() if path]
    assert all(about["integrity"].startswith("sha512-") for about in packages)
    assert not any("resolved" in about for about in packages)


def test_everything_taken_from_npm_is_named_with_its_licence():
    words = (build.BUILD / "THIRD_PARTY.md").read_text(encoding="utf-8")
    for name in ("@fontsource-variable/inter", "@ip-location-db/asn", "esbuild", "CC BY 4.0", "RouteViews"):
        assert name in words
    declared = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert all(name in words for name in {**declared["dependencies"], **declared["devDependencies"]})


@pytest.mark.parametrize("name", ["lh.js", "lh-form.js"])
def test_a_script_is_pressed_cached_and_open_to_every_site(client, name):
    plain = (build.BUILD / name).read_bytes()
    for accepted, encoding in (("gzip, deflate", "gzip"), ("identity", None)):
        answer = client.get(f"/{name}", headers={"Accept-Encoding": accepted})
        assert answer.content == plain
        assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "max-age=3600" in answer.headers["cache-control"]
    again = client.get(f"/{name}", headers={"Accept-Encoding": "identity", "If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_brotli_is_preferred_where_it_is_understood(client):
    with client.stream("GET", "/lh.js", headers={"Accept-Encoding": "gzip, br"}) as answer:
        assert answer.headers["content-encoding"] == "br"
        assert b"".join(answer.iter_raw()) == (build.BUILD / "lh.js.br").read_bytes()


def test_the_form_script_stays_small():
    assert len(gzip.compress((build.BUILD / "lh-form.js").read_bytes(), 9)) < 2500


def test_there_is_no_demo_site_where_there_is_no_demo(client):
    answer = client.get("/demo-site/")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client.get("/demo-site/files/site.css").status_code == 404
