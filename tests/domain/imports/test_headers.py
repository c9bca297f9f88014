"""Headers of real exports are understood, also where a program wraps them; what only looks alike is not."""

import pytest

from domain.imports.headers import meaning
from domain.imports.mapping import ColumnValues, identity_notes, suggest

UNDERSTOOD = {
    "email": """property_email; properties.email; Properties: Email; Contact Email; E-Mail-Adresse; Correo electrónico;
        Adresse e-mail; Indirizzo e-mail; e_mail; EMAIL_ADDRESS; email (work); Primary Email Address; Lead.Email;
        Your email address *; user_email; Geschäftliche E-Mail; Person - Email - Work; Email Id; emailId""",
    "first_name": "properties.firstname; Person - First name; FirstName; Vorname; Prénom; Nombre",
    "last_name": "properties_lastname; Person - Last name; LastName; Nachname; Apellidos",
    "phone": "Person - Phone; Person - Phone - Mobile; Work Direct Phone; Corporate Phone; MobilePhone; Teléfono",
    "title": "Person - Job title; properties.jobtitle; Current Title",
    "company_name": "Person - Organization; Associated Company; Organization - Name; Account Name; Société",
    "country": "Mailing Country; MailingCountry; Country/Region",
    "external_id": "Apollo Contact Id; property_hs_object_id; Record ID; LeadId; Person - ID",
    "is_unsubscribed": "property_hs_email_optout; HasOptedOutOfEmail; Unsubscribed from all email",
    "known_at": "Person - Created; CreatedDate; Create Date; properties.createdate",
}
NOT_UNDERSTOOD = ["Contact owner", "Lead Source", "Email Status", "Company Name for Emails", "Primary Email Source",
                  "Person Linkedin Url", "Connected On", "# Employees"]  # fmt: skip


@pytest.mark.parametrize(
    ("header", "target"), [(one.strip(), target) for target, names in UNDERSTOOD.items() for one in names.split(";")]
)
def test_a_header_of_an_export_is_understood(header, target):
    assert meaning(header, "contacts") == target


@pytest.mark.parametrize("header", NOT_UNDERSTOOD)
def test_a_header_that_only_looks_alike_is_an_attribute(header):
    assert meaning(header, "contacts") is None


def test_an_address_of_a_profile_is_no_company():
    values = ColumnValues(("https://www.linkedin.com/in/ada", "https://www.linkedin.com/in/bob"), 2, True)
    (column,) = suggest(["URL"], [values], entity="contacts")
    assert column.target == "attribute:url"


def test_a_file_that_names_nobody_is_told_to_make_new_leads_only():
    nobody = suggest(["Job", "Balance"], [ColumnValues(("admin",), 1), ColumnValues(("12",), 1)], entity="contacts")
    somebody = suggest(["Lead ID", "Job"], [ColumnValues(("7",), 1), ColumnValues(("admin",), 1)], entity="contacts")
    assert len(identity_notes(nobody, entity="contacts")) == 1
    assert identity_notes(somebody, entity="contacts") == ()
