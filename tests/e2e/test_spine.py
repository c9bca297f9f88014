"""The whole path on the command line: an organization, files of every kind, one pass, and what people then see."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from data.simulator.client import draw_client
from data.simulator.contacts import card_of
from data.simulator.history import write_history
from data.simulator.parameters import ClientPlan, WorldParameters
from data.simulator.words import TITLES
from domain.settings import DataSettings, Settings
from storage.lake import Lake

ROOT = Path(__file__).resolve().parents[2]
WORLD = WorldParameters(
    seed=11, event_count=4_000, starts_on=date(2026, 3, 2), days=21, clients=(ClientPlan(name="Acme", share=1),),
    duplicate_rate=0, shared_browser_share=0, without_consent_share=0, vpn_share=0,
)  # fmt: skip
"""Nobody shares a browser, hides or comes twice: what is left must be credited."""
CLIENT = draw_client(WORLD, WORLD.clients[0])


STANDS_FIRST = {"LEADHOUSE_WORKER__NICENESS": "0"}
"""Elsewhere a pass stands back behind everything; here the other tests would make it wait for minutes."""


class House:
    """The `leadhouse` command on run-time state of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {**os.environ, "LEADHOUSE_DATA__DIR": str(folder), "PYTHONPATH": str(ROOT)} | STANDS_FIRST

    def __call__(self, *arguments: str, fails: bool = False) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "orchestration.cli.main", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=480,
        )  # fmt: skip
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stderr if fails else done.stdout

    def json(self, *arguments: str):
        return json.loads(self(*arguments, "--json"))

    def lake(self, question: str) -> list[dict]:
        lake = Lake.open(Settings(data=DataSettings(dir=self.folder)))
        try:
            return lake.arrow(question).to_pylist()
        finally:
            lake.close()


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """An organization whose people were imported, whose visits, mails and spend lay in the drop folder, after one pass."""
    folder = tmp_path_factory.mktemp("house")
    run = House(folder / "run")
    run("prepare")
    run("organizations", "create", "Acme Agency", "--currency", "EUR")
    leads = folder / "leads.csv"
    people = [lead_of(row) for row in np.flatnonzero(CLIENT.careers.by_form).tolist()]
    rows = [";".join(person) for person in people]
    leads.write_text("E-Mail;Vorname;Position;Created at\n" + "\n".join(rows) + "\n", encoding="cp1252")
    run.preview = run.json("import", "contacts", str(leads), "--org", "acme-agency", "--dry-run")
    run.imported = run.json("import", "contacts", str(leads), "--org", "acme-agency")
    run.people = people
    files = write_history(CLIENT, folder / "files", until=date(2026, 3, 23))
    for file in files:
        dropped = folder / "run" / "drop" / "acme-agency" / file.source / file.path.name
        dropped.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, dropped)
    run.spend_file = next(file.path for file in files if file.source == "ad_spend")
    run.reports = run.json("run")
    return run


def lead_of(row: int) -> tuple[str, str, str, str]:
    """Address, first name, title, and when they sent the form."""
    person = int(CLIENT.careers.person[row])
    card = card_of(CLIENT.companies, CLIENT.people, person)
    sent_at = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=float(CLIENT.careers.lead_at[row]))
    return card.email, card.first_name, TITLES[CLIENT.people.title[person]], f"{sent_at:%Y-%m-%d %H:%M:%S}"


def test_a_dry_run_counts_what_the_import_then_does(house):
    counts = ("created_count", "updated_count", "skipped_count", "rejected_count", "rows_total")
    assert {name: house.preview[name] for name in counts} == {name: house.imported[name] for name in counts}
    assert house.imported["created_count"] == len(house.people)


def test_one_pass_runs_every_job_and_no_check_fails(house):
    assert [report["job"] for report in house.reports] == ["land", "build_marts", "train_models", "activate", "land"]
    assert [failed for report in house.reports for failed in report["failed_checks"]] == []


def test_every_person_is_in_the_marts_once(house):
    (found,) = house.lake("select count(*) as people, count(distinct contact_id) as contacts from lake.marts.contacts")
    assert found == {"people": len(house.people), "contacts": len(house.people)}


def test_leads_are_credited_to_the_channels_they_came_through(house):
    rows = house.lake(
        "select model, sum(credit) as credit, count(distinct conversion_id) as conversions "
        "from lake.marts.attribution_credits where conversion_kind = 'lead' and attribution_level = 'person' "
        "group by model order by model"
    )
    assert len(rows) == 9
    for row in rows:
        assert row["credit"] == pytest.approx(row["conversions"]), row
    (known,) = house.lake(
        "select sum(credit) filter (where channel <> 'Unassigned') / sum(credit) as share "
        "from lake.marts.attribution_credits where conversion_kind = 'lead' and model = 'last_touch' "
        "and attribution_level = 'person'"
    )
    assert known["share"] > 0.9


def test_bots_are_kept_and_not_counted(house):
    (found,) = house.lake(
        "select count(*) filter (where is_bot) as bots, count(*) filter (where not is_bot) as people from lake.marts.sessions"
    )
    assert found["bots"] > 0
    (touched,) = house.lake("select count(*) as touches from lake.marts.touchpoints where kind = 'session'")
    assert touched["touches"] <= found["people"]


def test_every_lead_has_a_score_with_reasons(house):
    (found,) = house.lake("select count(*) as scores from lake.ml.lead_scoring__scores where score between 0 and 100")
    assert found["scores"] == len(house.people)
    (written,) = house.lake(
        "select count(distinct entity_id) as explained from lake.raw.operational__changes "
        "where entity = 'score' and json_array_length(row, '$.reasons') > 0"
    )
    assert written["explained"] > 0.9 * found["scores"]


def test_a_file_that_has_landed_does_nothing_again(house):
    again = house.json("import", "spend", str(house.spend_file), "--org", "acme-agency")
    assert again["is_repeat"]


def test_the_raw_file_of_an_import_is_in_the_lake(house):
    (found,) = house.lake("select count(*) as rows from lake.raw.csv_upload__rows")
    assert found["rows"] == len(house.people)


def test_an_unknown_organization_is_told_with_those_there_are(house, tmp_path):
    (tmp_path / "x.csv").write_text("email\na@b.example\n")
    said = house("import", "contacts", str(tmp_path / "x.csv"), "--org", "nobody", fails=True)
    assert "no organization 'nobody'" in said
    assert "acme-agency" in said


def test_the_doctor_finds_nothing_broken(house):
    findings = house.json("doctor")
    assert [finding for finding in findings if finding["state"] == "broken"] == []
    assert {finding["area"] for finding in findings} == {"versions", "store", "lake", "security", "ports", "accounts"}
