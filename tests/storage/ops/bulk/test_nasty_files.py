"""Files as people really have them: each is imported right, or refused row by row with the reason."""

from __future__ import annotations

import csv
import io

import pytest
from sqlalchemy import select

from domain.errors import ImportRejected
from domain.tenancy import Scope
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.repositories.imports import Imports
from storage.ops.tables import Contact
from tests.factories import TESTER, make_organization

PEOPLE = [["ada@example.com", "Zoë", "12,5"], ["bob@example.com", "Bob", "7,25"]]


def written(*, delimiter=",", end="\r\n", header=("email", "first name", "weight"), rows=PEOPLE) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return stream.getvalue()


@pytest.fixture
def take(sqlite_store, settings):
    """`take(content)` imports it and answers its counts, the contacts by address, and the reasons of rows."""
    scope = Scope.of(make_organization(sqlite_store).organization_id)

    def taken(content: bytes | str):
        data = content.encode() if isinstance(content, str) else content
        made = create_import(sqlite_store, settings, scope, TESTER, content=data, file_name="leads.csv")
        done = run_import(sqlite_store, settings, made.import_id)
        with sqlite_store.read(scope) as work:
            people = {found.email: found for found in work.session.scalars(select(Contact))}
            reasons = [row.reason for row in Imports(work).rows(made.import_id, with_reason=True)]
        return done, people, reasons

    return taken


GOOD = {
    "UTF-16 with a mark": written().encode("utf-16"),
    "UTF-16 without": written().encode("utf-16-le"),
    "UTF-16 big-endian without": written().encode("utf-16-be"),
    "UTF-8 with a mark": written().encode("utf-8-sig"),
    "Windows-1252": written().encode("cp1252"),
    "mixed line ends": written(end="\n").replace("\n", "\r\n", 1).replace("\nbob", "\rbob").encode(),
    "semicolons and decimal commas": written(delimiter=";").encode(),
    "tabs": written(delimiter="\t").encode(),
    "pipes": written(delimiter="|").encode(),
    "a sep line": ("sep=;\r\n" + written(delimiter=";")).encode(),
    "a trailing delimiter": written(delimiter=";").replace("\r\n", ";\r\n").encode(),
    "a mark in the middle": written().replace("bob@", "\ufeffbob@").encode(),
    "empty lines between": written().replace("\r\n", "\r\n\r\n").encode(),
}


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_that_people_have_is_imported_right(take, kind):
    done, people, _ = take(GOOD[kind])
    assert (done.created_count, done.rejected_count) == (2, 0)
    assert people["ada@example.com"].first_name == "Zoë"
    assert {person.attributes["weight"] for person in people.values()} == {12.5, 7.25}


def test_an_unbalanced_quote_costs_its_own_row_with_a_reason(take):
    done, people, reasons = take('email,note\nada@example.com,"open\nbob@example.com,fine\neve@example.com,"ok"\n')
    assert {"bob@example.com", "eve@example.com"} <= set(people)
    assert done.created_count + done.rejected_count == 3
    assert len([reason for reason in reasons if reason]) == done.rejected_count


def test_rows_of_another_width_are_listed_and_the_others_imported(take):
    done, people, reasons = take("email,name\nada@example.com,Ada\nbob@example.com,Bob,extra,more\neve@example.com\n")
    assert "ada@example.com" in people
    assert done.created_count + done.rejected_count == 3
    assert reasons


def test_repeated_headers_keep_their_columns_apart(take):
    done, people, _ = take("email,note,note,note\nada@example.com,first,second,third\n")
    assert done.created_count == 1
    assert sorted(map(str, people["ada@example.com"].attributes.values())) == ["first", "second", "third"]


def test_line_ends_inside_quotes_stay_in_their_cell(take):
    done, people, _ = take('email,note\nada@example.com,"one\ntwo\r\nthree"\nbob@example.com,x\n')
    assert done.created_count == 2
    assert people["ada@example.com"].attributes["note"] == "one\ntwo\r\nthree"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf", b"\n\n\n", b"  \r\n"])
def test_an_empty_file_is_refused_in_words(take, content):
    with pytest.raises(ImportRejected, match="no rows"):
        take(content)


def test_a_header_alone_is_an_import_of_nothing(take):
    done, people, _ = take("email,first name\n")
    assert (done.rows_total, done.created_count, people) == (0, 0, {})


def test_a_field_of_five_megabytes_costs_at_most_its_own_cell(take):
    done, people, reasons = take(f"email,note\nada@example.com,{'x' * 5_000_000}\nbob@example.com,short\n")
    assert "bob@example.com" in people
    assert done.created_count == 2 or reasons


def test_ten_thousand_columns_are_imported(take):
    names = ["email", *(f"c{number}" for number in range(9_999))]
    content = ",".join(names) + "\n" + ",".join(["ada@example.com", *(["1"] * 9_999)]) + "\n"
    done, people, _ = take(content)
    assert done.created_count == 1
    assert len(people["ada@example.com"].attributes) == 9_999
