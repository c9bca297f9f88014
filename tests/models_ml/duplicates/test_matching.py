"""The model of duplicates against records whose truth is known: the simulator's, and sets that peers publish."""

from __future__ import annotations

import csv
import os
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from domain.duplicates import LEVEL_WORDS, OWN_WORDS
from models_ml.duplicates import records
from models_ml.duplicates.comparisons import COMPANIES, MODELS, PEOPLE
from models_ml.duplicates.evaluate import measure
from models_ml.duplicates.matching import find_pairs

DATA = Path(os.environ.get("LEADHOUSE_TEST_DATA", "")) / "matching"
needs_data = pytest.mark.skipif(
    not os.environ.get("LEADHOUSE_TEST_DATA") or not DATA.exists(), reason="LEADHOUSE_TEST_DATA is not set"
)


def person(number, first, last, email="", phone="", **more):
    return {
        "contact_id": f"{number:06d}",
        "first_name": first,
        "last_name": last,
        "email": email,
        "phone": phone,
    } | more


def crowd(count=300):
    """People with nothing in common but their names."""
    firsts = ("Ada", "Ben", "Cleo", "Dan", "Eve", "Finn", "Gus", "Hana", "Ivo", "June", "Kim", "Leo", "Mona", "Nils")
    lasts = ("Adler", "Brook", "Chen", "Diaz", "Ekman", "Frost", "Garcia", "Huber", "Ito", "Jansen", "Kovac", "Lang")
    draw = np.random.default_rng(7)
    return [
        person(
            number, str(draw.choice(firsts)), str(draw.choice(lasts)), f"user{number}@firm{number % 60}.example",
            f"+49 30 {draw.integers(10**6, 10**7)}", company_id=f"c{number % 60}",
        )
        for number in range(count)
    ]  # fmt: skip


def ids_of(rows, **how):
    return {
        (pair.left_id, pair.right_id) for pair in find_pairs(records.people(rows), PEOPLE, at_least=0.5, **how).pairs
    }


def test_a_second_record_is_found_and_says_why():
    rows = [*crowd(), person(900, "Robert", "Feld", "r.feld@firm1.example", "+49 30 555 0199")]
    rows.append(person(901, "Bob", "Feld", "robert.feld@mail.example", "030 5550199", country="DE"))
    found = find_pairs(records.people(rows), PEOPLE, at_least=0.5)
    (pair,) = [pair for pair in found.pairs if pair.left_id == "000900"]
    assert pair.right_id == "000901"
    said = {each.comparison: each.level for each in pair.evidence}
    assert said == {"name": "short_form", "phone": "same", "email": "differs", "company": "differs"} | said
    assert sum(each.weight for each in pair.evidence) + found.match_odds == pytest.approx(pair.weight, abs=0.01)


def test_namesakes_and_colleagues_are_left_alone():
    rows = crowd()
    rows += [person(900 + n, "Ada", "Adler", f"ada{n}@firm{n}.example", f"+44 20 7946 {n:04d}") for n in range(2)]
    rows += [
        person(950 + n, f"{name}", "Huber", f"{name}@firm7.example", "+43 1 5550100", company_id="c7")
        for n, name in enumerate(("Ida", "Otto"))
    ]
    assert ids_of(rows) & {("000900", "000901"), ("000950", "000951")} == set()


def test_a_switchboard_joins_nobody():
    rows = crowd()
    for row in rows[:40]:
        row["phone"] = "+49 30 1000"
    assert len(ids_of(rows)) <= 2


def test_two_records_are_enough_and_one_is_none():
    two = [
        person(1, "Ada", "King", "ada@x.example", "+44 20 7946 0000"),
        person(2, "Ada", "King", "", "020 7946 0000", country="GB"),
    ]
    assert ids_of(two) == {("000001", "000002")}
    assert ids_of(two[:1]) == set()
    assert ids_of([]) == set()


def test_the_same_records_give_the_same_pairs():
    rows = [*crowd(), person(900, "Ada", "King", "ada@x.example"), person(901, "Ada", "King", "ada+1@x.example")]
    assert find_pairs(records.people(rows), PEOPLE, at_least=0.1) == find_pairs(
        records.people(rows[::-1]), PEOPLE, at_least=0.1
    )


def test_every_level_has_its_words_and_probabilities_that_sum_to_one():
    for model in MODELS.values():
        for comparison in model.with_extras({"extra_0": "born_on"}).comparisons:
            for level in comparison.levels:
                assert (comparison.name, level.code) in LEVEL_WORDS or level.code in OWN_WORDS
            assert sum(level.m for level in comparison.levels) == pytest.approx(1.0, abs=0.01)
            assert sum(level.u for level in comparison.levels) == pytest.approx(1.0, abs=0.07)
            assert [level for level in comparison.levels if not level.condition] == [comparison.levels[-1]]


def test_companies_are_one_by_name_and_by_domain():
    names = ["Northlight Media", "Blue Harbour", "Kestrel Labs", "Alpine Logistics", "Marble Foods", "Quarry Street"]
    rows = [
        {
            "company_id": f"{number:04d}",
            "name": f"{name} {number % 50}",
            "domain": f"{name.split()[0].lower()}{number}.example",
            "country": "DE",
        }
        for number, name in enumerate(names * 40)
    ]
    rows += [
        {"company_id": "9001", "name": "Vertex Instruments GmbH", "domain": "vertex-instruments.de", "country": "DE"},
        {"company_id": "9002", "name": "Vertex Instruments", "domain": "vertex-instruments.com", "country": "DE"},
    ]
    found = find_pairs(records.companies(rows), COMPANIES, at_least=0.5)
    assert ("9001", "9002") in {(pair.left_id, pair.right_id) for pair in found.pairs}


def clustered(ids_by_entity):
    return {tuple(sorted(pair)) for ids in ids_by_entity.values() for pair in combinations(ids, 2)}


@needs_data
@pytest.mark.parametrize(
    ("name", "least"), [("dataset1", 0.97), pytest.param("dataset3", 0.93, marks=pytest.mark.slow)]
)
def test_the_febrl_records_are_found(name, least):
    with (DATA / "febrl" / f"{name}.csv").open() as file:
        read = [{key.strip(): value.strip() for key, value in row.items()} for row in csv.DictReader(file)]
    keys = ("date_of_birth", "soc_sec_id", "postcode", "street_number", "address_1", "suburb")
    rows = [
        person(0, row["given_name"], row["surname"], attributes={key: row[key] for key in keys if row[key]})
        | {"contact_id": row["rec_id"]}
        for row in read
    ]
    truth: dict[str, list[str]] = {}
    for row in read:
        truth.setdefault(row["rec_id"].split("-")[1], []).append(row["rec_id"])
    found = find_pairs(records.people(rows, keys), PEOPLE, at_least=0.5)
    judged = measure({(pair.left_id, pair.right_id) for pair in found.pairs}, clustered(truth))
    assert min(judged.precision, judged.recall) >= least, judged


@needs_data
def test_the_records_that_splink_is_shown_with_are_found():
    with (DATA / "splink_fake_1000" / "fake_1000.csv").open() as file:
        read = list(csv.DictReader(file))
    rows = [
        person(
            0,
            row["first_name"],
            row["surname"],
            row["email"],
            attributes={key: row[key] for key in ("dob", "city") if row[key]},
        )
        | {"contact_id": row["unique_id"].zfill(4)}
        for row in read
    ]
    truth: dict[str, list[str]] = {}
    for row in read:
        truth.setdefault(row["cluster"], []).append(row["unique_id"].zfill(4))
    found = find_pairs(records.people(rows, ("dob", "city")), PEOPLE, at_least=0.5)
    judged = measure({(pair.left_id, pair.right_id) for pair in found.pairs}, clustered(truth))
    assert judged.f1 >= 0.76, judged
