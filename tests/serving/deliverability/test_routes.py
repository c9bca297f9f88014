"""The domain doctor and the copy lint over HTTP and on the command line."""

from __future__ import annotations

import subprocess
import sys

import pytest

from domain.deliverability.records import Answer
from serving.deliverability.router import system_resolver
from tests.dns_server import dns_server


class Nothing:
    """A DNS in which every name is unknown."""

    def ask(self, name, kind):
        return Answer(is_known=False, problem="Timeout")


def test_a_report_says_unknown_where_nobody_answers(api):
    api.app.dependency_overrides[system_resolver] = Nothing
    report = api.get("/v1/deliverability/domains/agency.example", params={"tracking_host": "go.agency.example"}).json()
    assert (report["state"], {each["state"] for each in report["findings"]}) == ("unknown", {"unknown"})
    assert [each["check"] for each in report["findings"]] == ["mx", "spf", "dkim", "dmarc", "tracking"]


@pytest.mark.parametrize("query", ["nonsense/", "agency.example?selector=a b", "agency.example?spf_include=x"])
def test_what_is_no_name_is_refused_with_a_reason(api, query):
    answer = api.get(f"/v1/deliverability/domains/{query}")
    assert answer.status_code in {404, 422}


def test_a_letter_is_looked_at(api):
    answer = api.post("/v1/deliverability/lint", json={"subject": "RE: HELLO!!", "text": "Hi {{ name }}"})
    rules = [remark["rule"] for remark in answer.json()["remarks"]]
    assert rules[:2] == ["false_reply", "literal_token"]
    assert {"no_way_out", "shouting"} <= set(rules)


def test_the_command_line_says_the_same_and_ends_with_one_where_a_check_fails():
    with dns_server(
        {("agency.example", "MX"): ["10 mx.agency.example."], ("mx.agency.example", "A"): ["192.0.2.1"]}
    ) as port:
        done = subprocess.run(
            [sys.executable, "-m", "serving.deliverability", "agency.example", "--nameserver", f"127.0.0.1:{port}"],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "ok    mx        1 mail server." in done.stdout
    assert "FAIL  spf       There is no SPF record." in done.stdout
