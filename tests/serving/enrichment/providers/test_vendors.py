"""Each vendor's client against a server that answers in the vendor's documented shapes, and with its own status codes."""

from __future__ import annotations

import pytest

from domain.enrichment.answers import Outcome
from domain.enrichment.fields import FIELDS, checked
from domain.errors import InvalidInput
from serving.enrichment.base import Asking, all_providers
from serving.enrichment.providers.http_json.provider import at_path
from serving.enrichment.web import Web, retry_after
from serving.outside import Outside
from tests.vendor_server import Said

PAGE = Said("<!doctype html><title>Just a moment...</title>", content_type="text/html")


@pytest.fixture
def ask(vendors):
    """`ask(provider, operation, question)` answers what came of one call to `<vendors>/<provider>`."""
    vendors.forget()
    client = Outside(frozenset({vendors.address}), setting="LEADHOUSE_ENRICHMENT__LOCAL_ORIGINS", seconds=1.0)

    def asked(name, operation, question, **options):
        provider = all_providers()[name]
        options = {"base_url": f"{vendors.address}/{name}", **options}
        (chosen,) = [each for each in provider.operations(options) if each.name == operation]
        sent = chosen.question(question)
        assert sent is not None
        return provider.answer(
            Asking(chosen, sent, options, dict.fromkeys(("api_key", "access_token"), "s3cret"), Web(client))
        )

    yield asked
    client.close()


def values(answer, operation):
    """The valid values of an answer."""
    found = {name: checked(FIELDS[operation][name], told.value) for name, told in answer.told.items()}
    return {name: each.value for name, each in found.items() if each.is_valid}


def test_hunter_finds_an_address_with_its_score(ask, vendors):
    vendors.says("/hunter/email-finder", {
        "data": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@analytical.com", "score": 97,
                 "domain": "analytical.com", "accept_all": False, "position": "Chief Mathematician", "twitter": None,
                 "linkedin_url": "https://linkedin.com/in/ada", "phone_number": None, "company": "Analytical",
                 "sources": [], "verification": {"date": "2026-01-02", "status": "valid"}},
        "meta": {"params": {"first_name": "Ada"}},
    })  # fmt: skip
    answer = ask(
        "hunter", "email_finder", {"first_name": "Ada", "last_name": "Lovelace", "company_domain": "analytical.com"}
    )
    assert values(answer, "contact") == {
        "email": "ada@analytical.com", "title": "Chief Mathematician", "linkedin_url": "https://www.linkedin.com/in/ada",
    }  # fmt: skip
    assert answer.told["email"].confidence == 0.97
    (asked,) = vendors.asked
    assert asked.params == {"first_name": "Ada", "last_name": "Lovelace", "domain": "analytical.com"}
    assert asked.headers["x-api-key"] == "s3cret"


def test_hunter_tells_of_a_company(ask, vendors):
    vendors.says("/hunter/companies/find", {
        "data": {"name": "Stripe", "domain": "stripe.com", "description": "Payments.", "foundedYear": 2010,
                 "category": {"sector": "Technology", "industry": "Internet Software & Services"},
                 "geo": {"city": "San Francisco", "country": "United States", "countryCode": "US"},
                 "linkedin": {"handle": "company/stripe"}, "tech": ["stripe", "react"], "phone": None,
                 "site": {"phoneNumbers": ["+1 888-926-2289"]}, "metrics": {"employees": "1K-5K"}},
        "meta": {},
    })  # fmt: skip
    assert values(ask("hunter", "company", {"company_domain": "stripe.com"}), "company") == {
        "name": "Stripe", "industry": "Internet Software & Services", "employee_range": "1000-5000", "country": "US",
        "city": "San Francisco", "description": "Payments.", "founded_year": 2010, "phone": "+18889262289",
        "linkedin_url": "https://www.linkedin.com/company/stripe", "technologies": '["stripe", "react"]',
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "outcome"),
    [(403, Outcome.RATE_LIMITED), (429, Outcome.QUOTA_SPENT), (401, Outcome.REFUSED), (404, Outcome.NOT_FOUND),
     (451, Outcome.OPTED_OUT), (422, Outcome.INVALID), (500, Outcome.AWAY)],
)  # fmt: skip
def test_hunter_s_status_codes_are_its_own(ask, vendors, status, outcome):
    vendors.says("/hunter/people/find", Said({"errors": [{"id": "x", "code": status, "details": "why"}]}, status))
    answer = ask("hunter", "person", {"email": "ada@analytical.com"})
    assert (answer.outcome, answer.status, "why" in answer.problem) == (outcome, status, True)


def test_apollo_matches_a_person_and_a_locked_address_is_none(ask, vendors):
    person = {
        "id": "64a7", "first_name": "Ada", "last_name": "Lovelace", "name": "Ada Lovelace", "title": "CTO",
        "email": "email_not_unlocked@domain.com", "linkedin_url": "http://www.linkedin.com/in/ada", "city": "London",
        "country": "United Kingdom", "seniority": "c_suite", "departments": ["master_engineering_technical"],
        "phone_numbers": [{"raw_number": "+44 20 7946 0000", "sanitized_number": "+442079460000"}],
        "organization": {"id": "5e66", "name": "Analytical"},
    }  # fmt: skip
    vendors.says("/apollo/people/match", {"person": person})
    told = values(
        ask("apollo", "people_match", {"first_name": "Ada", "last_name": "L", "company_domain": "a.com"}), "contact"
    )
    assert "email" not in told
    assert (told["phone"], told["country"], told["title"]) == ("+442079460000", "GB", "CTO")
    (asked,) = vendors.asked
    assert (asked.method, asked.body) == ("POST", {"first_name": "Ada", "last_name": "L", "domain": "a.com"})
    vendors.says("/apollo/people/match", {"person": None})
    assert ask("apollo", "people_match", {"email": "ada@a.com"}).outcome is Outcome.NOT_FOUND
    vendors.says("/apollo/people/match", Said("Invalid access credentials.", 401, content_type="text/plain"))
    assert ask("apollo", "people_match", {"email": "ada@a.com"}).outcome is Outcome.REFUSED


def test_apollo_says_when_it_may_be_asked_again(ask, vendors):
    limited = Said(
        {"message": "The maximum number of api calls"}, 429, {"Retry-After": "37", "x-minute-requests-left": "0"}
    )
    vendors.says("/apollo/organizations/enrich", limited)
    answer = ask("apollo", "organizations_enrich", {"company_domain": "a.com"})
    assert (answer.outcome, answer.retry_after) == (Outcome.RATE_LIMITED, 37)


def test_people_data_labs_says_how_sure_it_is_and_what_it_charged(ask, vendors):
    body = {
        "status": 200, "likelihood": 8,
        "data": {"id": "x", "full_name": "ada lovelace", "first_name": "ada", "last_name": "lovelace",
                 "work_email": "ada@analytical.com", "job_title": "chief mathematician", "mobile_phone": True,
                 "job_title_levels": ["cxo"], "job_title_role": "engineering", "location_country": "united kingdom",
                 "location_locality": "london", "linkedin_url": "linkedin.com/in/ada", "phone_numbers": []},
    }  # fmt: skip
    vendors.says("/people_data_labs/person/enrich", Said(body, headers={"x-call-credits-spent": "1"}))
    answer = ask("people_data_labs", "person_enrich", {"email": "ada@analytical.com"})
    told = values(answer, "contact")
    assert (told["first_name"], told["city"], told["country"]) == ("Ada", "London", "GB")
    assert "phone" not in told, "`true` says that there is one, and that the plan does not tell it"
    assert (answer.units, answer.told["email"].confidence) == (1.0, 0.8)
    vendors.says("/people_data_labs/person/enrich", Said({"status": 404, "error": {"type": "not_found"}}, 404))
    assert ask("people_data_labs", "person_enrich", {"email": "x@a.com"}).outcome is Outcome.NOT_FOUND
    vendors.says("/people_data_labs/person/enrich", Said({"status": 402, "error": {"type": "payment_required"}}, 402))
    assert ask("people_data_labs", "person_enrich", {"email": "x@a.com"}).outcome is Outcome.QUOTA_SPENT


def test_people_data_labs_tells_of_a_company(ask, vendors):
    vendors.says("/people_data_labs/company/enrich", {
        "status": 200, "name": "analytical", "display_name": "Analytical", "size": "51-200", "employee_count": 140,
        "industry": "computer software", "founded": 1843, "website": "analytical.com", "likelihood": 9,
        "location": {"locality": "london", "country": "united kingdom"}, "linkedin_url": "linkedin.com/company/analytical",
    })  # fmt: skip
    told = values(ask("people_data_labs", "company_enrich", {"company_domain": "analytical.com"}), "company")
    assert (told["employee_count"], told["employee_range"], told["founded_year"]) == (140, "51-200", 1843)


def test_crunchbase_is_searched_by_domain(ask, vendors):
    entity = {
        "uuid": "u", "properties": {
            "identifier": {"permalink": "analytical", "value": "Analytical"}, "num_employees_enum": "c_00051_00100",
            "founded_on": {"precision": "year", "value": "1843-01-01"}, "last_funding_type": "series_a",
            "linkedin": {"value": "https://www.linkedin.com/company/analytical"},
            "location_identifiers": [
                {"location_type": "city", "value": "London"}, {"location_type": "country", "value": "United Kingdom"}
            ],
            "categories": [{"value": "Software"}], "funding_total": {"value": 5, "currency": "GBP", "value_usd": 7000000},
        },
    }  # fmt: skip
    vendors.says("/crunchbase/searches/organizations", {"count": 1, "entities": [entity]})
    told = values(ask("crunchbase", "search_organizations", {"company_domain": "analytical.com"}), "company")
    assert told == {
        "name": "Analytical", "employee_range": "51-100", "founded_year": 1843, "country": "GB", "city": "London",
        "linkedin_url": "https://www.linkedin.com/company/analytical", "industry": "Software",
        "funding_total_usd": 7000000, "funding_stage": "series_a",
    }  # fmt: skip
    asked = vendors.asked[-1]
    assert asked.headers["x-cb-user-key"] == "s3cret"
    assert asked.body["query"][0]["values"] == ["analytical.com"]
    vendors.says("/crunchbase/searches/organizations", {"count": 0, "entities": []})
    assert ask("crunchbase", "search_organizations", {"company_domain": "x.com"}).outcome is Outcome.NOT_FOUND


def test_builtwith_tells_what_is_there_today_and_its_errors_come_as_200(ask, vendors):
    seen = [
        {"Name": "Shopify", "LastDetected": 1_760_000_000_000}, {"Name": "HubSpot", "LastDetected": 1_758_000_000_000},
        {"Name": "Magento", "LastDetected": 1_500_000_000_000}, {"Name": 3, "LastDetected": 1_760_000_000_000},
    ]  # fmt: skip
    result = {
        "Result": {"Paths": [{"Technologies": seen}, {"Technologies": None}]},
        "Meta": {"CompanyName": "Analytical", "Country": "GB", "Telephones": [], "Social": ["http://x.com/a"]},
        "Lookup": "analytical.com",
    }  # fmt: skip
    vendors.says("/builtwith/v22/api.json", {"Results": [result], "Errors": []})
    told = values(ask("builtwith", "domain", {"company_domain": "analytical.com"}), "company")
    assert told == {"name": "Analytical", "country": "GB", "technologies": '["HubSpot", "Shopify"]'}
    assert vendors.asked[-1].params == {"LOOKUP": "analytical.com", "NOPII": "yes"}
    for message, outcome in {
        "API Key is not valid": Outcome.REFUSED,
        "You have no credits left": Outcome.QUOTA_SPENT,
        "Rate limit exceeded": Outcome.RATE_LIMITED,
        "LOOKUP is not a domain": Outcome.INVALID,
    }.items():
        vendors.says("/builtwith/v22/api.json", {"Results": [], "Errors": [{"Message": message, "Code": -2}]})
        assert ask("builtwith", "domain", {"company_domain": "a.com"}).outcome is outcome, message


def test_hubspot_tells_what_its_records_hold(ask, vendors):
    properties = {"numberofemployees": "140", "industry": "COMPUTER_SOFTWARE", "web_technologies": "wordpress;stripe", "city": None}  # fmt: skip
    vendors.says("/hubspot/crm/v3/objects/companies/search", {"total": 1, "results": [{"id": "1", "properties": properties}]})  # fmt: skip
    told = values(ask("hubspot", "companies", {"company_domain": "analytical.com"}), "company")
    assert told == {
        "employee_count": 140, "industry": "Computer software", "technologies": '["wordpress", "stripe"]'
    }  # fmt: skip
    (wanted,) = vendors.asked[-1].body["filterGroups"][0]["filters"]
    assert wanted == {"propertyName": "domain", "operator": "EQ", "value": "analytical.com"}
    vendors.says("/hubspot/crm/v3/objects/contacts/search", {"total": 0, "results": []})
    assert ask("hubspot", "contacts", {"email": "x@a.com"}).outcome is Outcome.NOT_FOUND


QUESTIONS = {
    "hunter": ("person", {"email": "a@a.com"}),
    "apollo": ("people_match", {"email": "a@a.com"}),
    "people_data_labs": ("person_enrich", {"email": "a@a.com"}),
    "crunchbase": ("search_organizations", {"company_domain": "a.com"}),
    "builtwith": ("domain", {"company_domain": "a.com"}),
    "hubspot": ("contacts", {"email": "a@a.com"}),
}
FAULTS = {
    "a page": (PAGE, Outcome.MALFORMED),
    "half an object": (Said('{"data": {'), Outcome.MALFORMED),
    "a list": (Said([]), Outcome.MALFORMED),
    "text for an object": (
        Said({"data": "x", "person": "x", "entities": "x", "Results": "x", "results": "x"}),
        Outcome.MALFORMED,
    ),
    "an empty object": (Said({}), Outcome.MALFORMED),
    "a page with 503": (Said("<h1>Down</h1>", 503, {"Retry-After": "9"}, content_type="text/html"), Outcome.AWAY),
    "too much": (Said("x" * 400_000), Outcome.MALFORMED),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_every_fault_of_an_answer_has_its_name(ask, vendors, name, fault):
    said, outcome = FAULTS[fault]
    vendors.says(f"/{name}/", said)
    answer = ask(name, *QUESTIONS[name])
    assert answer.outcome is outcome, answer.problem
    assert answer.told == {}
    assert answer.problem


def test_a_provider_that_does_not_answer_in_time_may_have_charged(ask, vendors):
    vendors.says("/hunter/", Said({}, after=1.3))
    answer = ask("hunter", *QUESTIONS["hunter"])
    assert (answer.outcome, answer.outcome.may_be_charged) == (Outcome.TIMED_OUT, True)


def test_a_provider_that_cannot_be_reached_was_not_asked(ask):
    answer = ask("hunter", *QUESTIONS["hunter"], base_url="https://127.0.0.1:9")
    assert (answer.outcome, "not on the public internet" in answer.problem) == (Outcome.INVALID, True)


def test_how_long_to_wait_is_read_as_seconds_or_as_a_date():
    from datetime import UTC, datetime

    now = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert retry_after({"retry-after": "120"}, now) == 120
    assert retry_after({"retry-after": "Mon, 02 Mar 2026 12:01:30 GMT"}, now) == 90
    assert retry_after({"retry-after": "soon"}, now) is None
    assert retry_after({"retry-after": "Mon, 02 Mar 2026 11:00:00 GMT"}, now) == 0


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("a.b", 1),
        ("list[1].c", 3),
        ("list[9].c", None),
        ("a.b.c", None),
        ("missing", None),
        ("list", [{"c": 2}, {"c": 3}]),
    ],
)
def test_a_path_leads_to_a_value_or_to_nothing(path, value):
    assert at_path({"a": {"b": 1}, "list": [{"c": 2}, {"c": 3}]}, path) == value


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"url": "https://x.example/{company_domain}", "fields": {}}, "where in the answer"),
        ({"url": "https://x.example/{password}", "fields": {"industry": "a"}}, "{password} is not known"),
        ({"url": "https://x.example/{company_domain}", "fields": {"email": "a"}}, "no field 'email' of a company"),
        ({"url": "https://x.example/{company_domain}", "fields": {"industry": "a[x]"}}, "is no path"),
        ({"url": "https://{company_domain}/x", "fields": {"industry": "a"}}, "the host of `url`"),
        ({"url": "ftp://x.example", "fields": {"industry": "a"}}, "address of the API"),
    ],
)
def test_a_json_api_that_cannot_be_is_refused_with_the_reason(options, words):
    with pytest.raises(InvalidInput) as refused:
        all_providers()["http_json"].operations(options)
    assert words in refused.value.message
