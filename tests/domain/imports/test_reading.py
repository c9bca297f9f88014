"""Rows out of lines: well-formed files come back as they were written, broken ones lose nothing but the broken row."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.imports.dialects import sample_lines
from domain.imports.reading import Dialect, fit, read_records

CELLS = st.text(
    st.characters(exclude_characters="\x00\ufeff", exclude_categories=["Cs"]), max_size=12
) | st.sampled_from(
    ["", '"', '""', "a,b", "x\ny", "x\r\ny", 'he said "hi"', ";", "\t", "|", "=1+1", "'", "\\", '\\"', "\r", " "]
)


@st.composite
def tables(draw):
    width = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=12))
    return width, rows


def read(text: str, **changes) -> list:
    return list(read_records(sample_lines(text), Dialect(**changes)))


@settings(max_examples=300, deadline=None)
@given(
    table=tables(),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quote=st.sampled_from(['"', "'"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    knows_width=st.booleans(),
)
def test_any_table_that_the_csv_module_writes_is_read_back(table, delimiter, quote, quoting, knows_width):
    width, rows = table
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quotechar=quote, quoting=quoting).writerows(rows)

    found = read(stream.getvalue(), delimiter=delimiter, quote=quote, width=width if knows_width else 0)

    expected = [row for row in rows if delimiter.join(row).strip(" ") or quoting != csv.QUOTE_MINIMAL or len(row) == 1]
    if width == 1 and quoting == csv.QUOTE_MINIMAL:  # a lone blank is written bare, and an empty line is no row
        expected = [row for row in rows if row[0].strip(" ") or row[0] == ""]
        found = [record for record in found if record.fields != [""] or '"' in record.raw or "'" in record.raw]
    assert [record.fields for record in found] == expected


@settings(max_examples=300, deadline=None)
@given(text=st.text(st.sampled_from(list("ab,;\"\n\r \t\x00'")), max_size=80), width=st.integers(0, 4))
def test_no_line_of_any_text_is_lost_or_read_twice(text, width):
    records = read(text, width=width)
    lines = list(sample_lines(text))

    covered: list[int] = []
    for record in records:
        covered += range(record.line, record.line + len(list(sample_lines(record.raw + "\n"))))
    filled = [number for number, line in enumerate(lines, 1) if line.replace("\x00", "").strip(" \r\n\ufeff")]
    assert len(set(covered)) == len(covered)
    assert set(filled) <= set(covered)


def test_an_open_quote_costs_its_own_row_only():
    found = read('a,b\n1,"open\n2,"fine"\n3,"also, fine"\n4,x\n', width=2)

    assert [(record.line, record.fields, record.problem) for record in found] == [
        (1, ["a", "b"], ""),
        (2, None, "unclosed_quote"),
        (3, ["2", "fine"], ""),
        (4, ["3", "also, fine"], ""),
        (5, ["4", "x"], ""),
    ]


def test_an_open_quote_with_no_other_in_the_file_costs_its_own_row_only():
    rows = "\n".join(f"{number},x" for number in range(5000))
    found = read(f'a,b\n1,"open\n{rows}\n', width=2)

    assert [record.line for record in found if record.fields is None] == [2]
    assert len(found) == 5002


def test_a_quoted_field_that_closes_on_a_later_row_by_chance_swallows_no_row():
    found = read('id,name,note\n1,"Ann,x\n2,Bob,y"\n3,Cy,z\n', width=3)

    assert [record.fields for record in found] == [["id", "name", "note"], None, ["2", "Bob", 'y"'], ["3", "Cy", "z"]]


def test_quotes_inside_quotes_are_text():
    found = read('1,"Joe "The Boss" Smith",x\n2,5" pipe,y\n3,"a ""real"" pair",z\n', width=3)

    assert [record.fields[1] for record in found] == ['Joe "The Boss" Smith', '5" pipe', 'a "real" pair']


def test_fields_may_span_lines_and_keep_their_line_ends():
    found = read('1,"first\r\nsecond\nthird",x\r\n2,y,z\r\n', width=3)

    assert [(record.line, record.fields) for record in found] == [
        (1, ["1", "first\r\nsecond\nthird", "x"]),
        (4, ["2", "y", "z"]),
    ]


def test_line_ends_may_be_mixed_and_nul_bytes_go():
    found = read("a,b\r1,2\n3,\x004\r\n\r\n\n5,6")

    assert [record.fields for record in found] == [["a", "b"], ["1", "2"], ["3", "4"], ["5", "6"]]


def test_a_huge_field_is_a_field():
    big = "x" * 3_000_000
    found = read(f'1,"{big}"\n2,y\n', width=2)

    assert [len(record.fields[1]) for record in found] == [3_000_000, 1]


def test_a_file_of_nothing_but_open_quotes_takes_linear_time():
    lines = 20_000
    for line in ('1,"abc\n', '1,""abc\n', '"\n', '1,"a""\n'):
        assert len(read(line * lines, width=2)) >= lines // 2


def test_escaped_quotes_are_read_where_the_dialect_says_so():
    found = read('1,"He said \\"hi\\", ok"\n', escape="\\", width=2)

    assert found[0].fields == ["1", 'He said "hi", ok']


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        (["a", "b"], ""),
        (["a", "b", "", ""], ""),
        (["a", "b", "c"], "too_many_columns: 3 instead of 2"),
        (["a"], "too_few_columns: 1 instead of 2"),
    ],
)
def test_a_row_of_another_width_says_so(fields, problem):
    assert fit(fields, 2)[1] == problem
