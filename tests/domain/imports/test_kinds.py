"""What is no table is refused with what it is and what to do; odd tables are not."""

import io
import json
import sqlite3
import zipfile

import pytest

from domain.errors import ImportRejected
from domain.imports.kinds import refuse_what_is_no_table


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "content " * 100)
    return stream.getvalue()


def database() -> bytes:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table leads (email text)")
    return connection.serialize()


REFUSED = {
    "a PNG picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "a JPEG picture": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20,
    "a PDF document": b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\n",
    "an Excel workbook": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "a Word document": zipped("[Content_Types].xml", "word/document.xml"),
    "a ZIP archive": zipped("leads.csv"),
    "an old Excel workbook": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "a web page": b"\xef\xbb\xbf  <!DOCTYPE html>\n<html><body>Sign in</body></html>",
    "an XML document": b'<?xml version="1.0"?><leads/>',
    "a JSON document": json.dumps([{"email": "ada@example.com"}]).encode(),
    "a SQLite database": database(),
    "a Parquet file": b"PAR1\x15\x04",
    "a binary file": bytes(range(256)) * 40,
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_table_is_named_and_its_owner_told_what_to_do(what):
    with pytest.raises(ImportRejected, match=f"this is {what}") as caught:
        refuse_what_is_no_table(REFUSED[what])
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"email\n",
        b"[name],email\nAda,ada@example.com\n",
        b"name,note\nAda,<b>bold</b>\n",
        b"a,b\n1,2\x00\n",
        "name;stadt\nMüller;Köln\n".encode("utf-16"),
        "name;stadt\nMüller;Köln\n".encode("utf-16-le"),
        "氏名,会社\n山田太郎,株式会社テスト\n".encode("cp932"),
        "Müller;Köln\n".encode("cp1252") * 50,
        b"{name},{email}\nAda,ada@example.com\n",
    ],
)
def test_a_table_of_text_in_any_encoding_passes(data):
    refuse_what_is_no_table(data)
