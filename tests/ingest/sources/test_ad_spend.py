"""Spend from the files people really have: our columns, and the exports of three platforms."""

from __future__ import annotations

from datetime import timedelta

from tests.ingest.conftest import rows

ALL = (
    "select spend_on, channel, source, medium, campaign, amount_minor, currency, click_count, impression_count "
    "from raw.ad_spend__spend order by spend_on, campaign"
)
GOOGLE = """Campaign report
"January 1, 2026 - January 31, 2026"
Day,Campaign,Campaign type,Currency code,Cost,Clicks,Impr.
2026-01-01,Brand,Search,EUR,"1,234.50","1,050","20,000"
2026-01-01,Everywhere,Performance Max,EUR,10.00,3,90
Total: Account,,,EUR,"1,244.50","1,053","20,090"
"""
META = """Campaign name,Day,Amount spent (USD),Impressions,Link clicks,Reporting starts,Reporting ends
Founders,2026-01-02,45.5,3000,21,2026-01-01,2026-01-31
"""
LINKEDIN = "Start Date (in UTC)\tCampaign Name\tTotal Spent\tCurrency\tImpressions\tClicks"


def test_google_ads_export(land, lake):
    assert land("ad_spend", "google.csv", GOOGLE).row_count == 2
    brand, everywhere = rows(lake, ALL)
    assert brand[1:] == ("Paid Search", "google", "cpc", "Brand", 123450, "EUR", 1050, 20000)
    assert everywhere[1] == "Cross-network"


def test_meta_ads_export_takes_its_currency_from_the_header(land, lake):
    assert land("ad_spend", "meta.csv", META).row_count == 1
    (row,) = rows(lake, ALL)
    assert (str(row[0]), *row[1:]) == (
        "2026-01-02", "Paid Social", "facebook", "paid-social", "Founders", 4550, "USD", 21, 3000,
    )  # fmt: skip


def test_linkedin_export_in_utf16_with_lines_before_its_header(land, lake):
    text = f'Campaign Performance Report (in UTC)\n"Report Start: January 1, 2026"\n\n{LINKEDIN}\n1/13/2026\tHiring\t99.90\tCHF\t800\t4\n'
    assert land("ad_spend", "linkedin.csv", text.encode("utf-16")).row_count == 1
    (row,) = rows(lake, ALL)
    assert (str(row[0]), row[2], row[5], row[6]) == ("2026-01-13", "linkedin", 9990, "CHF")


def test_amounts_and_days_as_a_german_spreadsheet_writes_them(land, lake):
    text = "date;channel;campaign;amount;currency;clicks\n31.01.2026;Email;a;1.234,50 €;;1.000\n01.02.2026;Email;a;7;EUR;2\n"
    assert land("ad_spend", "deutsch.csv", text).row_count == 2
    assert [(str(row[0]), row[5], row[6], row[7]) for row in rows(lake, ALL)] == [
        ("2026-01-31", 123450, "EUR", 1000),
        ("2026-02-01", 700, "EUR", 2),
    ]


def test_minor_units_follow_the_currency(land, lake):
    text = "spend_on,channel,campaign,amount,currency\n2026-01-01,Email,a,1500,JPY\n2026-01-01,Email,b,1.5,KWD\n"
    land("ad_spend", "units.csv", text)
    assert [(row[5], row[6]) for row in rows(lake, ALL)] == [(1500, "JPY"), (1500, "KWD")]


def test_a_newer_file_replaces_what_an_older_one_said_about_a_day(land, lake):
    header = "spend_on,channel,campaign,amount,currency\n"
    land("ad_spend", "a.csv", header + "2026-01-01,Email,a,10,EUR\n2026-01-02,Email,a,20,EUR\n")
    land("ad_spend", "b.csv", header + "2026-01-02,Email,a,25,EUR\n2026-01-03,Email,a,30,EUR\n")
    assert [row[5] for row in rows(lake, ALL)] == [1000, 2500, 3000]


def test_parts_of_a_day_in_one_file_add_up(land, lake):
    header = "Day,Campaign,Ad group,Currency code,Cost,Clicks,Impr.\n"
    land("ad_spend", "groups.csv", header + "2026-01-01,Brand,one,EUR,10,1,5\n2026-01-01,Brand,two,EUR,5.5,2,6\n")
    assert [(row[5], row[7], row[8]) for row in rows(lake, ALL)] == [(1550, 3, 11)]


def test_what_cannot_be_read_goes_to_quarantine_with_its_reason(land, lake):
    text = (
        "spend_on,channel,campaign,amount,currency\n"
        "2026-13-45,Email,a,10,EUR\n2026-01-01,Email,a,ten,EUR\n2026-01-01,Email,b,10,\n"
        "2026-01-01,,c,10,EUR\n2026-01-01,Email,d,-5,EUR\n2026-01-01,Email,e,1,EUR\n"
    )
    report = land("ad_spend", "bad.csv", text)
    assert (report.row_count, report.quarantined_count) == (1, 5)
    found = rows(lake, "select rule, reason from raw.quarantine__rows order by reason")
    assert [rule for rule, _ in found].count("readable") == 3
    assert any("'2026-13-45' is not a date" in reason for _, reason in found)
    assert {rule for rule, _ in found} == {"readable", "has_a_channel", "not_negative"}


def test_a_currency_can_be_said_when_landing(land, lake):
    text = "date,channel,campaign,spend\n2026-01-01,Email,a,10\n"
    assert land("ad_spend", "plain.csv", text, facts={"currency": "GBP"}).row_count == 1
    assert rows(lake, ALL)[0][6] == "GBP"


def test_what_lies_in_the_future_is_told_by_the_landings_clock_and_not_the_machines(land, lake, clock):
    tomorrow, later = (clock().date() + timedelta(days=days) for days in (1, 2))
    text = f"spend_on,channel,campaign,amount,currency\n{tomorrow},Email,a,10,EUR\n{later},Email,b,10,EUR\n"
    report = land("ad_spend", "ahead.csv", text)
    assert (report.row_count, report.quarantined_count) == (1, 1)
    assert rows(lake, "select rule from raw.quarantine__rows") == [("plausible_day",)]
