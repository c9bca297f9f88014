"""What an agency's own lists hold of its clients: nothing. Who looks for a client's rows chooses the client."""

from __future__ import annotations

from domain.tenancy import Role
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.forms import Forms
from storage.ops.repositories.imports import Imports
from tests.factories import TESTER, make_contact, make_secret_key

ABOUT_CLIENTS = {"/v1/me", "/v1/organizations", "/v1/overview"}
"""Who they are, and how many leads they have."""


def test_no_list_of_an_agency_mixes_in_its_clients_rows(store, family, sign_in, web):
    client_id = family.client.organization_id
    make_contact(store, client_id, first_name="Clientonly")
    make_secret_key(store, client_id, name="Clientonly")
    with store.write(family.client_scope, TESTER) as work:
        Forms(work).create("Clientonly", fields=[])
        AttributeDefinitions(work).create("Clientonly")
        Imports(work).create(import_id="i1", file_name="Clientonly", content_hash="", byte_count=0)

    of_agency = sign_in(family.agency.organization_id, Role.OWNER)
    of_client = sign_in(client_id, Role.OWNER)
    paths = [
        path for path, methods in web.get("/v1/openapi.json").json()["paths"].items()
        if "get" in methods and "{" not in path and path.startswith("/v1/") and path not in ABOUT_CLIENTS
    ]  # fmt: skip
    seen = {path for path in paths if "clientonly" in of_client.get(path).text.lower()}
    assert {"/v1/forms", "/v1/imports", "/v1/custom-fields", "/v1/contacts", "/v1/api-keys"} <= seen
    assert {path for path in seen if "clientonly" in of_agency.get(path).text.lower()} == set()
