"""The pages' logic without a browser: what each role sees, and what is said when something is missing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import app
from domain.contacts import LifecycleStage
from domain.tenancy import Role, Scope
from serving.ui_mount import configuration
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.outbox import Outbox
from storage.ops.repositories.tags import Tags
from storage.ops.tables import ContactTag
from tests.factories import SYSTEM, TESTER, make_contact, make_organization, make_user
from tests.factories.outreach import HELLO, enrolments_of, make_doubt, make_enrolment, make_mailbox, make_sequence

SCRIPT = Path(app.__file__).parent / "main.py"


def opened(running, token, page=None, organization_id=None):
    at = AppTest.from_file(str(SCRIPT), default_timeout=20)
    if organization_id:
        at.query_params["org"] = organization_id
    at.secrets["leadhouse"] = {**configuration(running.settings), "token": token}
    at.run()
    if page:
        at.switch_page(f"views/{page}.py").run()
    assert not at.exception, at.exception
    return at


@pytest.fixture
def signed_in(running):
    """`signed_in(organization_id, role)` answers the session of a new member."""

    def token(organization_id, role):
        user = make_user(running.store, organization_id, role=role)
        with running.store.write(SYSTEM, TESTER) as work:
            return LoginSessions(work).create(user.user_id, lasts=timedelta(hours=1))

    return token


def test_an_operator_sees_numbers_on_the_overview(running):
    at = opened(running, running.token, "overview")
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown["Leads today"].startswith("4")
    assert shown["Won"].startswith("$")


def test_somebody_without_a_session_is_asked_to_sign_in(running):
    at = opened(running, "made-up")
    assert "Your session has ended" in at.markdown[0].value
    assert len(at.metric) == 0


def test_a_new_organization_is_told_what_to_do_first(running, signed_in):
    organization = make_organization(running.store, "Fresh Agency")
    at = opened(running, signed_in(organization.organization_id, Role.OWNER), "overview")
    assert "No contacts yet" in " ".join(found.value for found in at.markdown)


def test_a_viewer_finds_every_button_that_writes_switched_off(running, signed_in):
    token = signed_in(running.family.agency.organization_id, Role.VIEWER)
    at = opened(running, token, "imports")
    assert len(at.get("file_uploader")) == 0
    at = opened(running, token, "data_quality")
    at.session_state["quality_tab"] = next(tab.label for tab in at.tabs if tab.label.startswith("Rejected"))
    at.run()
    assert at.button(key="quality_replay").disabled


def test_tracking_is_off_until_an_administrator_says_so_and_a_viewer_only_reads_it(running, signed_in):
    agency = make_organization(running.store, "Quiet Agency").organization_id
    at = opened(running, signed_in(agency, Role.ADMIN), "settings")
    at.session_state["settings_part"] = "Messages"
    at.run()
    assert [at.radio(key=f"settings_messages_{kind}").value for kind in ("clicks", "opens")] == ["never", "never"]
    at.radio(key="settings_messages_clicks").set_value("follow_ups")
    at.button(key="settings_messages_save").click().run()
    assert not at.exception
    with running.store.read(Scope.of(agency)) as work:
        assert OrganizationSettings(work).current("tracking").value == {
            "opens": "never", "clicks": "follow_ups", "trap": False,
        }  # fmt: skip
    at = opened(running, signed_in(agency, Role.VIEWER), "settings")
    at.session_state["settings_part"] = "Messages"
    at.run()
    assert at.radio(key="settings_messages_clicks").value == "follow_ups"
    assert at.button(key="settings_messages_save").disabled


def test_deliverability_is_told_by_mailbox_and_by_provider(running):
    at = opened(running, running.token, "deliverability")
    assert {tile.label: tile.value for tile in at.metric}["Sent"] == "1,080"
    by_mailbox, by_provider = (table.value for table in at.dataframe)
    assert dict(zip(by_mailbox["Sent"], by_mailbox["Verdict"], strict=True)) == {
        720: "Good",
        360: "Bounces: clean the list",
    }
    assert set(by_provider["Provider"]) == {"Gmail", "Company domains"}


def test_a_month_stands_beside_its_targets_and_every_number_says_how_sure_it_is(running):
    at = opened(running, running.token, "roi")
    shown = {tile.label: tile.value for tile in at.metric}
    assert (shown["Leads"], shown["Contacted"], shown["Delivered"], shown["First contact"]) == (
        "600",
        "33%",
        "98%",
        "1.58 h",
    )
    verdicts = [found.value for found in at.caption if "target" in found.value]
    assert ["met" in found for found in verdicts] == [True, False, False, False, True, True, False]
    assert sum("too few to tell" in found for found in verdicts) == 2
    channels = next(table.value for table in at.dataframe if "CAC" in table.value)
    row = channels.set_index("Channel").loc["Paid Search"]
    assert (row["Payback"], row["Won"]) == ("2 months", "3.3 (few)")
    assert any("Stated twice, counted once" in found.value for found in at.markdown)


@pytest.mark.parametrize(("role", "may_edit"), [(Role.ADMIN, True), (Role.VIEWER, False)])
def test_targets_are_edited_by_those_who_keep_the_settings(running, signed_in, role, may_edit):
    at = opened(running, signed_in(running.family.agency.organization_id, role), "roi")
    assert [button.label for button in at.button].count("Edit targets") == may_edit


def test_an_analyst_asks_a_question_of_their_own_and_a_refused_one_stays_to_be_mended(running):
    at = opened(running, running.token, "sql")
    at.text_area(key="sql_text").set_value("select sum(lead_count) as leads from leads_daily")
    at.button(key="sql_run").click().run()
    assert list(at.dataframe[0].value.columns) == ["leads"]
    at.text_area(key="sql_text").set_value("select nope from leads_daily")
    at.button(key="sql_run").click().run()
    assert len(at.error) == 1
    assert ["leads"] not in [list(table.value.columns) for table in at.dataframe]
    assert at.text_area(key="sql_text").value == "select nope from leads_daily"


def test_a_server_that_is_away_is_said_in_our_own_words(running):
    at = AppTest.from_file(str(SCRIPT), default_timeout=20)
    at.secrets["leadhouse"] = {**configuration(running.settings), "api": "http://127.0.0.1:9", "token": running.token}
    at.run()
    assert not at.exception
    assert "cannot be reached" in str(at.error[0].proto)


def test_filters_narrow_the_list_and_clear(running):
    at = opened(running, running.token, "leads")
    everybody = at.dataframe[0].value
    assert len(everybody) >= 40
    at.multiselect(key="leads_stage").select("customer").run()
    assert set(at.dataframe[0].value["Stage"].map(lambda cell: cell[0])) == {"Customer"}
    at.text_input(key="q").set_value("nobody-at-all").run()
    at.button(key="leads_clear_empty").click().run()
    assert len(at.dataframe[0].value) == len(everybody)


def test_people_of_a_list_are_put_into_a_sequence_once_it_is_said_who_can_be(running, signed_in):
    ours = make_organization(running.store, "Spring Agency").organization_id
    sequence = make_sequence(running.store, ours, HELLO, active=False)
    for stage in (LifecycleStage.LEAD, LifecycleStage.MQL, LifecycleStage.CUSTOMER):
        make_contact(running.store, ours, stage=stage)
    token = signed_in(ours, Role.OPERATOR)
    at = opened(running, token, "leads")
    at.toggle(key="leads_selecting").set_value(True).run()
    assert at.button(key="leads_bulk_enrol").disabled
    at.toggle(key="leads_bulk_all").set_value(True).run()
    at.button(key="leads_bulk_enrol").click().run()
    assert "**2** of 3 people can be put in." in [found.value for found in at.markdown]
    assert list(at.dataframe[-1].value["Not put in because"]) == ["Their stage is kept out"]
    assert enrolments_of(running.store, sequence) == {}
    at.button(key="enrolling_go").click().run()
    assert not at.exception
    assert "**2** of 3 people were put in." in [found.value for found in at.markdown]
    assert len(enrolments_of(running.store, sequence)) == 2
    at = opened(running, token, "campaigns")
    at.selectbox(key="enrol_view").set_value("All").run()
    at.button(key="enrol_view_open").click().run()
    assert not at.exception
    assert at.selectbox(key="enrolling_sequence").disabled
    assert "Already in it" in set(at.dataframe[-1].value["Not put in because"])


def test_leads_are_marked_with_tags_together_and_one_by_one(running, signed_in):
    ours = make_organization(running.store, "Tagged Agency").organization_id
    with running.store.write(Scope.of(ours), TESTER) as work:
        Tags(work).ensure(["Fair", "Partner"])
    ada = make_contact(running.store, ours, first_name="Ada").contact_id
    make_contact(running.store, ours, first_name="Bob")
    token = signed_in(ours, Role.OPERATOR)
    at = opened(running, token, "leads")
    assert "Tags" not in at.dataframe[0].proto.column_order
    at.toggle(key="leads_selecting").set_value(True).run()
    at.toggle(key="leads_bulk_all").set_value(True).run()
    at.multiselect(key="leads_bulk_add_tags").set_value(["Fair"]).run()
    at.button(key="leads_bulk_apply").click().run()
    assert not at.exception
    assert [list(tags) for tags in at.dataframe[0].value["Tags"]] == [["Fair"], ["Fair"]]
    at.toggle(key="leads_selecting").set_value(False).run()
    at.session_state["drawer_contact"] = ada
    at.run()
    box = next(found for found in at.multiselect if found.label == "Tags")
    box.set_value(["Partner"])
    next(found for found in at.button if found.label == "Save tags").click().run()
    assert not at.exception
    with running.store.read(Scope.of(ours)) as work:
        assert Tags(work).names_of(ContactTag, [ada]) == {ada: ["Partner"]}


def test_attribution_is_shown_for_accounts_and_another_choice_of_models(running):
    at = opened(running, running.token, "attribution")
    at.multiselect(key="attribution_models").set_value(["first_touch"]).run()
    table = at.dataframe[0].value
    assert list(table.columns) == ["Channel", "First touch", "first_touch_interval"]
    assert table["first_touch_interval"][0] == "40.7 – 81.3"
    (said,) = [found.value for found in at.markdown if "Where models disagree" in found.value]
    assert "First touch gives Direct 23.0 points less; First touch gives Organic Search 9.2 points more" in said
    assert at.toggle(key="attribution_by_campaign").set_value(True).run()
    assert any("Campaign" in each.value.columns for each in at.dataframe)
    assert not at.exception


def test_an_organization_without_conversions_is_told_what_attribution_needs(running, signed_in):
    organization = make_organization(running.store, "Untouched Agency")
    at = opened(running, signed_in(organization.organization_id, Role.OWNER), "attribution")
    assert "No conversion to credit yet" in " ".join(found.value for found in at.markdown)


def test_a_message_in_doubt_is_settled_by_whoever_may_write_sequences(running, signed_in):
    agency = make_organization(running.store, "Doubtful Agency").organization_id
    ada = make_enrolment(running.store, make_sequence(running.store, agency), email="ada@reader.example")
    message = make_doubt(running.store, ada, make_mailbox(running.store, agency, 25))
    at = opened(running, signed_in(agency, Role.VIEWER), "campaigns")
    assert at.button(key=f"believe_sent_{message}").disabled
    at = opened(running, signed_in(agency, Role.OPERATOR), "campaigns")
    at.button(key=f"believe_sent_{message}").click().run()
    assert not at.exception
    with running.store.read(Scope.of(agency)) as work:
        assert Outbox(work).get(message).status == "sent"
