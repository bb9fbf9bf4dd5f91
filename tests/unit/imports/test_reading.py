"""What is a CSV file, what is none, and which number a row has."""

import codecs
import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from sync_server.application.imports import file_text, reading
from sync_server.application.imports.reading import read_sheet
from sync_server.errors import Refused
from tests.unit.imports.sheets import cells_of, sheet_of, sheet_of_bytes

TEXT = "Titel;Störung\r\nPumpe;läuft – nicht\r\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "UTF-8 with a byte order mark"),
        (TEXT.encode("cp1252"), "Windows-1252"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "UTF-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "UTF-16"),
    ],
)
def test_one_text_in_any_encoding_is_one_sheet(tmp_path: Path, content: bytes, encoding: str) -> None:
    sheet = sheet_of_bytes(tmp_path, content)
    assert sheet.encoding == encoding
    assert sheet.headers == ("Titel", "Störung")
    assert cells_of(sheet) == [["Pumpe", "läuft – nicht"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_and_line_ends_are_found_out(tmp_path: Path, delimiter: str, end: str) -> None:
    lines = [delimiter.join(cells) for cells in (("a", "b", "c"), ("1", "2", "3"), ("4", "5", "6"))]
    sheet = sheet_of(tmp_path, *lines, end=end)
    assert sheet.delimiter == delimiter
    assert cells_of(sheet) == [["1", "2", "3"], ["4", "5", "6"]]


def test_decimal_commas_do_not_make_a_comma_the_delimiter(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "Title;Cost, net", "one;1,5", "two;2,50", "three, four;3,5")
    assert sheet.delimiter == ";"
    assert sheet.headers == ("Title", "Cost, net")


def test_quotes_are_read_by_rfc_4180_and_a_backslash_means_itself(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "a,b", r'"replace \o\"" ring","x, y"', r'"\",z')
    assert cells_of(sheet) == [[r"replace \o\" ring", "x, y"], ["\\", "z"]]


def test_rows_are_numbered_as_a_spreadsheet_does(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "a,b", '"first', 'second","x"', "", "1,2", ",", "3,4")
    assert [(row.number, row.cells[0]) for row in sheet.rows()] == [(2, "first\nsecond"), (4, "1"), (6, "3")]
    assert sheet.row_count == 3
    assert list(sheet.rows()) == list(sheet.rows())


def test_blank_lines_above_the_header_count(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "", "a,b", "1,2")
    assert sheet.header_row == 2
    assert [row.number for row in sheet.rows()] == [3]


def test_the_hint_that_excel_hides_is_no_row(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, "sep=;", "a,b;c", "1;2")
    assert sheet.headers == ("a,b", "c")
    assert [row.number for row in sheet.rows()] == [2]


def test_columns_without_a_name_and_columns_alike_can_be_told_apart(tmp_path: Path) -> None:
    sheet = sheet_of(tmp_path, ",Cost,Cost,,Cost (2)", "1,2,3,4,5")
    assert sheet.headers == ("column 1", "Cost", "Cost (2)", "column 4", "Cost (2) (2)")
    assert sheet_of(tmp_path, "Title,Cost,,", "a,1").named_columns == 2


def test_a_header_alone_is_a_sheet_without_rows(tmp_path: Path) -> None:
    assert sheet_of_bytes(tmp_path, b"Title,Cost").row_count == 0


def a_zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


NOT_CSV = {
    "empty": (b"", "empty"),
    "only a mark": (codecs.BOM_UTF8 + b"\r\n \r\n", "empty"),
    "workbook": (a_zip(), "Excel"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Excel"),
    "pdf": (b"%PDF-1.7\n1 0 obj, 2\n", "PDF"),
    "gzip": (gzip.compress(b"a,b\n1,2\n"), "gzip"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(20), "picture"),
    "html": (b"\n <!doctype html><p>a,b</p>", "HTML"),
    "json": (b'{"a": 1, "b": 2}\n', "JSON"),
    "json array": (codecs.BOM_UTF8 + b'[{"a": 1, "b": 2}]\n', "JSON"),
    "nul": (b"a,b\n1,\x002\n", "binary"),
    "control characters": (b"a,b\n" + b"\x01\x02,\x03\n" * 5, "binary"),
    "no known encoding": (b"a,b\n\x81\x8d,\x8f\n", "UTF-8 or Windows-1252"),
    "broken utf-16": (codecs.BOM_UTF16_LE + b"a\x00,\x00\x00\xd8", "UTF-16"),
    "one column": (b"just some text\nand more of it\n", "comma, semicolon, tab or bar"),
    "prose": (b"Dear all, hello\n" + b"we met\nand said, well, things\n" * 5, "another number of cells"),
    "open quote": (b'a,b\n1,2\n"3,4\n5,6\n', "opened in row 3 is never closed"),
}


@pytest.mark.parametrize("case", NOT_CSV)
def test_a_file_that_is_no_csv_gets_one_sentence(tmp_path: Path, case: str) -> None:
    content, reason = NOT_CSV[case]
    with pytest.raises(Refused) as refused:
        sheet_of_bytes(tmp_path, content, name="list.csv")
    sentence = refused.value.sentence
    assert sentence.startswith("list.csv is not a CSV file: ")
    assert reason in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


def test_what_cannot_be_read_at_all_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "folder.csv").mkdir()
    for path, reason in {
        tmp_path / "missing.csv": "missing.csv cannot be read: there is no such file.",
        tmp_path / "folder.csv": "folder.csv is not a CSV file: it is a folder.",
        tmp_path / "pipe.csv": "pipe.csv is not a CSV file: it is a device or a pipe.",
        tmp_path / ("x" * 300): "cannot be read: file name too long.",
        Path("a\0b"): "a b cannot be read: the path is not one.",
    }.items():
        with pytest.raises(Refused) as refused:
            read_sheet(path)
        assert refused.value.sentence.endswith(reason)


def test_a_file_name_cannot_break_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read_sheet(tmp_path / "a\nb\x1b[31m.csv")
    assert refused.value.sentence == "a b [31m.csv cannot be read: there is no such file."


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_text, "LARGEST_FILE_BYTES", 1024 * 1024)
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(1024 * 1024 + 1)
    with pytest.raises(Refused, match="larger than 1 MiB"):
        read_sheet(path)


def test_a_cell_has_a_limit_and_so_have_columns(tmp_path: Path) -> None:
    limit = reading.LARGEST_CELL_CHARACTERS
    assert len(cells_of(sheet_of(tmp_path, "a,b", f"{'x' * limit},1"))[0][0]) == limit
    with pytest.raises(Refused, match=r"more than 131,072 characters in row 3"):
        sheet_of(tmp_path, "a,b", "1,2", f"{'x' * (limit + 1)},1")
    assert len(sheet_of(tmp_path, ",".join("a" * reading.MOST_COLUMNS)).headers) == 500
    with pytest.raises(Refused, match="501 columns"):
        sheet_of(tmp_path, ",".join("a" * 501))
