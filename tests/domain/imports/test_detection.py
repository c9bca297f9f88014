"""What a file looks like from its bytes: encoding, delimiter, header, and what stands before the table."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.imports.dialects import detect
from domain.imports.encodings import detect_encoding

TEXTS = {
    "cp1252": ["name;stadt\nMüller;Köln\nGroß;Düsseldorf\n", "prénom,ville\nAndré,Orléans\n", "Señor Nuñez – “x” €5\n"],
    "cp1250": ["Zbigniew Święcicki,Gdańsk\nAgnieszka Wójcik,Wałbrzych\n", "Dvořák,Plzeň\nŠtěpán,Žižkov\n"],
    "cp1251": ["Иван,Москва\nПётр,Санкт-Петербург\n"],
    "koi8_r": ["Иван Иванов,Москва\nПётр,Петербург\n"],
    "cp1253": ["Γιώργος,Αθήνα\nΕλένη,Θεσσαλονίκη\n"],
    "cp1254": ["Ayşe Yılmaz,İstanbul\nÇağlar Şahin,Muğla\n"],
    "mac_roman": ["Müller;Köln\nGroß;Düsseldorf\nprénom André\n"],
    "cp850": ["Müller;Köln\nprénom André Hélène\n"],
    "cp932": ["氏名,会社\n山田太郎,株式会社テスト\nさとう,トヨタ\n"],
    "gb18030": ["姓名,公司\n李明,北京有限公司\n王伟,上海公司\n"],
    "cp949": ["이름,회사\n김철수,삼성전자\n이영희,서울\n"],
    "utf-8": ["a,é\n", ""],
    "utf-8-sig": ["a,é\n"],
    "utf-16": ["a,b\né,x\n"],
    "utf-16-le": ["name,stadt\nMüller,x\n"],
    "utf-16-be": ["name,stadt\nMüller,x\n"],
    "utf-32": ["a,b\nMüller,x\n"],
}


@pytest.mark.parametrize(("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_the_encoding_is_found(encoding, text):
    data = text.encode(encoding)
    found = detect_encoding(data)
    assert data.decode(found.name, found.errors).lstrip("\ufeff") == text


def test_a_stray_byte_in_utf8_costs_itself_only():
    found = detect_encoding("Zoë,Ünal,éàü\n".encode() * 20 + "Müller\n".encode("cp1252"))
    assert ("Müller".encode("cp1252").decode(found.name, found.errors), found.note[:7]) == ("Müller", "1 bytes")


@given(data=st.binary(max_size=300))
def test_no_bytes_at_all_make_it_fail(data):
    detect(data)


TABLE = [
    ["Name", "E-Mail", "Amount", "Since", "Note"],
    ["Ada", "ada@example.com", "1.234,50", "03.02.2025", "likes, commas"],
    ["Grace", "grace@example.com", "99,00", "24.12.2024", "semi; colons"],
    ["Alan", "alan@example.com", "7,25", "01.06.2023", "pipes | and\ttabs"],
    ["Edsger", "ed@example.com", "10,00", "30.01.2022", 'says "hi"'],
]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "^", "~"])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_is_found_although_cells_hold_others(delimiter, quoting, end):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(TABLE)
    found = detect(stream.getvalue().encode())
    assert (found.dialect.delimiter, found.columns, found.dialect.has_header) == (delimiter, tuple(TABLE[0]), True)
    assert [record.fields for record in found.sample] == TABLE[1:]


def test_a_decimal_comma_is_no_delimiter():
    found = detect(b"a;b\n1,5;2,5\n3,5;4,5\n5,5;6,5\n")
    assert (found.dialect.delimiter, found.dialect.width) == (";", 2)


def test_excels_sep_line_is_believed_and_passed_over():
    found = detect("\ufeffsep=;\r\nName;Mail\r\nAda;a@example.com\r\n".encode())
    assert (found.dialect.delimiter, found.dialect.skip_lines, found.columns) == (";", 1, ("Name", "Mail"))


def test_a_title_before_the_table_is_passed_over():
    found = detect(b"Export of leads\n\nName,Mail,City\nAda,a@example.com,London\nGrace,g@example.com,NY\n")
    assert (found.columns, found.dialect.skip_lines) == (("Name", "Mail", "City"), 2)


@pytest.mark.parametrize("text", ["ada@example.com,Ada\ngrace@example.com,Grace\n", "1,2,3\n4,5,6\n"])
def test_a_file_without_a_header_gets_numbered_columns(text):
    found = detect(text.encode())
    assert (found.dialect.has_header, found.columns[0], len(found.sample)) == (False, "column_1", 2)


def test_blank_and_repeated_headers_get_names_of_their_own():
    found = detect(b"email,phone,,phone,Phone\na@example.com,1,2,3,4\n")
    assert found.columns == ("email", "phone", "column_3", "phone_2", "Phone_3")


def test_rows_too_ragged_to_tell_are_split_as_their_header_says():
    found = detect(
        b"name,email,company,\nAnn,ann@lee.example,Lee,,,\nBob,bob@x.example\n\nCid,cid@x.example,X,extra,more\n"
    )
    assert found.dialect.delimiter == ","
    assert found.columns[:3] == ("name", "email", "company")


def test_one_column_is_a_table_too():
    assert detect(b"email\na@example.com\nb@example.com\n").columns == ("email",)
    assert len(detect(b"note\nhello, there\nplain\nmore words\nfour\n").columns) == 1


def test_single_quotes_are_found():
    found = detect(b"name,city\n'Ada, Countess','London'\n'Grace','New York'\n")
    assert (found.dialect.quote, found.sample[0].fields) == ("'", ["Ada, Countess", "London"])


def test_spaces_before_quotes_are_no_part_of_the_cell():
    found = detect(b'a, b, c\n1, "x, y", 2\n2, "z", 3\n')
    assert found.sample[0].fields == ["1", "x, y", "2"]


def test_trailing_delimiters_make_no_column_of_their_own_beyond_the_header():
    found = detect(b"a,b\n1,2,\n3,4,\n")
    assert found.dialect.width in {2, 3}


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.tuples(
            st.emails(),
            st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=10),
            st.integers(0, 10**6),
            st.text("ab ,;\"'\n", max_size=8),
        ),
        min_size=3,
        max_size=10,
    ),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
)
def test_ordinary_files_are_understood(rows, delimiter):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter).writerows([("Email", "Company", "Employees", "Note"), *rows])
    found = detect(stream.getvalue().encode())
    assert (found.dialect.delimiter, found.columns) == (delimiter, ("Email", "Company", "Employees", "Note"))
