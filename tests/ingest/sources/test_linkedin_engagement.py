"""A member's data export and Lead Gen Form responses: who, when, and nothing that was written."""

from __future__ import annotations

import json

from tests.ingest.conftest import rows

CONNECTIONS = """Notes:
"When exporting your connection data, you may notice that some of the email addresses are missing. Only addresses of connections who allow it are shown."

First Name,Last Name,URL,Email Address,Company,Position,Connected On
Ada,Lovelace,https://www.linkedin.com/in/ada-lovelace,ada@example.org,Engines Ltd,Analyst,12 Jan 2026
Grace,Hopper,https://www.linkedin.com/in/gracehopper,,Navy,Admiral,05 Feb 2026
,,,,,,07 Feb 2026
"""
INVITATIONS = """From,To,Sent At,Message,Direction,inviterProfileUrl,inviteeProfileUrl
Me,Ada Lovelace,"1/9/26, 10:30 AM",Secret hello,OUTGOING,https://www.linkedin.com/in/me,https://www.linkedin.com/in/ada-lovelace
Grace Hopper,Me,"1/10/26, 2:05 PM",,INCOMING,https://www.linkedin.com/in/gracehopper,https://www.linkedin.com/in/me
"""
MESSAGES = """CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,RECIPIENT PROFILE URLS,DATE,SUBJECT,CONTENT,FOLDER
c1,,Me,https://www.linkedin.com/in/me,Ada Lovelace,https://www.linkedin.com/in/ada-lovelace,2026-01-13 09:00:00 UTC,,"Secret
words",INBOX
c1,,Ada Lovelace,https://www.linkedin.com/in/ada-lovelace,Me,https://www.linkedin.com/in/me,2026-01-13 10:00:00 UTC,,More secrets,INBOX
c2,,Grace Hopper,https://www.linkedin.com/in/gracehopper,Me,https://www.linkedin.com/in/me,not a date,,Secret,INBOX
"""
ALL = "select type, occurred_at, person_key, email_hash, company, position, campaign from raw.linkedin_engagement__events order by occurred_at"


def test_a_person_is_the_same_in_all_files_of_an_export(land, lake, hashed):
    assert land("linkedin_engagement", "Connections.csv", CONNECTIONS).row_count == 2
    assert land("linkedin_engagement", "Invitations.csv", INVITATIONS).row_count == 2
    assert land("linkedin_engagement", "messages.csv", MESSAGES).row_count == 2
    found = rows(lake, ALL)
    ada = [row for row in found if row[2] == next(row[2] for row in found if row[3])]
    assert [row[0] for row in ada] == ["invitation_sent", "connected", "message_sent", "message_received"]
    assert ada[0][1].isoformat() == "2026-01-09T10:30:00+00:00"
    assert ada[1][3:6] == (hashed("ada@example.org"), "Engines Ltd", "Analyst")
    assert len({row[2] for row in found}) == 2


def test_what_people_wrote_and_who_they_are_does_not_land(land, lake):
    for name, text in (("Connections.csv", CONNECTIONS), ("Invitations.csv", INVITATIONS), ("messages.csv", MESSAGES)):
        land("linkedin_engagement", name, text)
    landed = json.dumps(lake.arrow("select * from raw.linkedin_engagement__events").to_pylist(), default=str)
    kept = json.dumps(lake.arrow("select row from raw.quarantine__rows").to_pylist())
    assert "ovelace" not in landed
    assert "ecret" not in landed + kept
    reasons = [reason for (reason,) in rows(lake, "select reason from raw.quarantine__rows order by reason")]
    assert reasons == [
        "'not a date' is not a date",
        "the connection has neither profile nor address (the member may have left LinkedIn)",
    ]


def test_lead_gen_form_responses_as_json_and_as_a_file(land, lake, hashed):
    response = {
        "id": "r-1",
        "submittedAt": 1768300000000,
        "versionedLeadGenFormUrn": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1,1)",
        "leadMetadataInfo": {"sponsoredLeadMetadataInfo": {"campaign": {"id": "urn:li:sponsoredCampaign:7", "name": "Hiring"}}},
        "formResponse": {
            "answers": [
                {"questionId": 1, "name": "Email address", "answerDetails": {"textQuestionAnswer": {"answer": "ada@example.org"}}},
                {"questionId": 2, "name": "Company name", "answerDetails": {"textQuestionAnswer": {"answer": "Engines Ltd"}}},
            ]
        },
    }  # fmt: skip
    assert land("linkedin_engagement", "leads.json", json.dumps({"elements": [response]})).row_count == 1
    text = "Created At,Campaign Name,Form Name,First Name,Email Address,Job Title\n2026-01-14 08:00:00,Hiring,Ebook,Ada,ada@example.org,Analyst\n"
    assert land("linkedin_engagement", "leads.csv", text).row_count == 1
    assert [(row[0], row[3], row[6]) for row in rows(lake, ALL)] == [
        ("lead_form_response", hashed("ada@example.org"), "Hiring")
    ] * 2
