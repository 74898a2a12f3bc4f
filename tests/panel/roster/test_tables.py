# ruff: noqa: RUF001 - full-width characters are what is tested
"""Reading the offices' tables: what is tolerated, and what is refused by row and column."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from panel.errors import Fault, Invalid
from panel.roster.rules import entries, files
from panel.roster.rules.tables import read_table, tidy
from panel.roster.types import HEADERS, Sheet, TableKind
from tests.make import roster as make

COLUMNS = ("编号", "姓名", "电话", "说明")
REQUIRED = frozenset({"编号", "姓名"})
GOOD = "编号,姓名,电话,说明\nA-1,陈示例,0537-0000001,好\nA-2,周样本,,\n"


def read(data: bytes | str, filename: str = "table.csv") -> Sheet:
    """Read a table of the columns above."""
    raw = data.encode() if isinstance(data, str) else data
    return read_table(raw, filename, COLUMNS, required=REQUIRED, unique="编号")


def faults(data: bytes | str) -> list[tuple[str, str]]:
    """Return path and code of each fault."""
    with pytest.raises(Invalid) as refusal:
        read(data)
    assert refusal.value.code == "import.faults"
    return [(fault.path, fault.code) for fault in refusal.value.faults]


def refusal(data: bytes | str, filename: str = "table.csv") -> str:
    """Return the code with which a whole file is refused."""
    with pytest.raises(Invalid) as found:
        read(data, filename)
    assert found.value.faults == ()
    return found.value.code


def workbook(*rows: Sequence[object], formulas: dict[str, str] | None = None) -> bytes:
    """Write an XLSX file."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("表")
        for number, row in enumerate(rows):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                else:
                    sheet.write(number, column, cell)
        for cell, formula in (formulas or {}).items():
            sheet.write_formula(cell, formula, value=7)
    return file.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_each_usual_encoding_is_read(encoding: str) -> None:
    sheet = read(GOOD.encode(encoding))
    assert sheet.rows[0].cells == {
        "编号": "A-1",
        "姓名": "陈示例",
        "电话": "0537-0000001",
        "说明": "好",
    }
    assert [row.number for row in sheet.rows] == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_usual_delimiter_is_read(delimiter: str) -> None:
    assert read(GOOD.replace(",", delimiter)) == read(GOOD)


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode("big5", "ignore"),
        GOOD.encode().decode("gb18030", "replace").encode(),
        GOOD.encode().decode("latin-1").encode(),
        GOOD.encode("gb18030").decode("latin-1").encode(),
        GOOD.encode("utf-16-le"),
        b"\xff\xfe\xff\xff\xd8",
        b"\x81" * 20,
    ],
)
def test_a_wrong_encoding_is_refused_as_such(data: bytes) -> None:
    assert refusal(data) == "import.encoding"


def test_digits_lost_to_scientific_notation_are_named() -> None:
    text = "编号,姓名,电话\n3.70802E+17,陈示例,1.99E+10\n"
    assert faults(text) == [
        ("row 2, 编号", "import.lost_digits"),
        ("row 2, 电话", "import.lost_digits"),
    ]


def test_a_number_too_long_for_excel_has_lost_digits() -> None:
    data = workbook(list(COLUMNS), [370802199001011234, "陈示例"])
    assert faults(data) == [("row 2, 编号", "import.lost_digits")]
    whole = workbook(list(COLUMNS), [19900000001, "陈示例", 1.5, True])
    assert list(read(whole).rows[0].cells.values()) == ["19900000001", "陈示例", "1.5", "是"]


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-x", "@SUM(A1)", '="0012"'])
def test_a_formula_is_named(cell: str) -> None:
    quoted = cell.replace('"', '""')
    assert faults(f'编号,姓名,电话\nA-1,"{quoted}",\n') == [("row 2, 姓名", "import.formula")]


@pytest.mark.parametrize("cell", ["-5", "+86 537 0000001", "-1.50", "+8619900000001"])
def test_a_signed_number_is_no_formula(cell: str) -> None:
    assert read(f"编号,姓名,电话\nA-1,陈示例,{cell}\n").rows[0].cells["电话"] == cell


def test_a_formula_cell_of_a_workbook_is_named_though_it_shows_a_value() -> None:
    header = ["编号", "姓名", "电话", "备注"]
    formulas = {"C3": "=1+6", "D2": "=2"}
    data = workbook(header, ["A-1", "陈示例"], ["A-2", "周样本"], formulas=formulas)
    assert faults(data) == [("row 3, 电话", "import.formula")]


def test_a_cell_far_out_is_refused_before_a_grid_up_to_it_is_made() -> None:
    data = _changed(workbook(["单位编号", "单位名称"], ["U-1", "甲"]), b'r="B2"', b'r="XFD1048576"')
    with pytest.raises(Invalid, match=r"import\.too_large"):
        files.read(data, "units.xlsx", ("单位编号", "单位名称"))


def test_a_part_larger_than_the_archive_says_is_refused() -> None:
    data = workbook(["单位编号", "单位名称"], ["U-1", "甲"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        true = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lying = data.replace(true.to_bytes(4, "little"), (true // 2).to_bytes(4, "little"))
    assert lying != data
    with pytest.raises(Invalid, match=r"import\.unreadable"):
        files.read(lying, "units.xlsx", ("单位编号", "单位名称"))


def _changed(data: bytes, old: bytes, new: bytes) -> bytes:
    """Return a workbook with a piece of its first sheet changed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(file, "w") as target:
        for name in source.namelist():
            body = source.read(name)
            assert "sheet1" not in name or old in body
            target.writestr(name, body.replace(old, new) if "sheet1" in name else body)
    return file.getvalue()


def test_a_duplicate_number_names_the_first_row() -> None:
    with pytest.raises(Invalid) as found:
        read("编号,姓名\nA-1,陈示例\nA-2,周样本\nＡ-1,吴样例\n")
    (fault,) = found.value.faults
    assert (fault.path, fault.code) == ("row 4, 编号", "import.twice")
    assert fault.values["first"] == 2


def test_missing_and_unknown_columns_are_named() -> None:
    assert faults("编号,电话,邮箱\nA-1,,x\n") == [
        ("row 1, 邮箱", "import.unknown_column"),
        ("row 1, 姓名", "import.missing_column"),
    ]
    with pytest.raises(Invalid) as found:
        read("编号,姓名,联系电话\nA-1,陈示例,\n")
    assert found.value.faults[0].code == "import.unknown_column_like"
    assert found.value.faults[0].values["like"] == "电话"
    assert faults("编号,姓名,姓名\nA-1,陈示例,陈\n") == [("row 1, 姓名", "import.column_twice")]


def test_empty_cells_that_must_be_filled_are_named() -> None:
    assert faults("编号,姓名,电话\nA-1,,1\n,周样本,2\nA-3,／,3\n") == [
        ("row 2, 姓名", "import.empty_cell"),
        ("row 3, 编号", "import.empty_cell"),
        ("row 4, 姓名", "import.empty_cell"),
    ]


def test_a_row_with_too_many_cells_is_named() -> None:
    assert faults("编号,姓名,电话\nA-1,陈示例,0537,多,出\n") == [("row 2", "import.too_many_cells")]


def test_text_damaged_before_and_error_values_are_named() -> None:
    assert faults("编号,姓名,电话\nA-1,锟斤拷,#REF!\n") == [
        ("row 2, 姓名", "import.damaged_text"),
        ("row 2, 电话", "import.error_cell"),
    ]


def test_titles_serial_numbers_and_signatures_are_passed_over() -> None:
    text = (
        "2026年度人员名单,,,,\n"
        ",,,,\n"
        "序号, 编 号 ,姓名（必填）,*电话,备注\n"
        "1,A-1,陈示例,,听力不便\n"
        "\n"
        "2,A-2,周　样本,,\n"
        "合计,,2人,,\n"
        "制表人：,吴样例,审核人：,,\n"
    )
    sheet = read(text)
    assert sheet.header == ("编号", "姓名", "电话")
    assert [row.number for row in sheet.rows] == [4, 6]
    assert sheet.rows[1].cells == {"编号": "A-2", "姓名": "周 样本", "电话": ""}


def test_full_width_digits_and_hidden_characters_become_plain() -> None:
    assert tidy("　１２３－４５Ａ\ufeff\u200b ") == "123-45A"
    assert tidy("'0012") == "0012"
    assert tidy(" — ") == ""
    assert tidy("甲（乙）：丙；丁") == "甲（乙）：丙；丁"


def test_what_is_no_table_is_refused() -> None:
    assert refusal(b" \n ") == "import.empty_file"
    assert refusal(b"PK\x03\x04 nothing of a workbook") == "import.unreadable"
    assert refusal(b"\xd0\xcf\x11\xe0 old") == "import.old_format"
    assert refusal("编号,姓名\n", "list.xls") == "import.old_format"
    assert refusal("one,two\n1,2\n") == "import.no_header"
    assert refusal("编号,姓名\n") == "import.no_rows"
    assert refusal(b"a" * 10_000_001) == "import.too_large"
    assert refusal("编号,姓名\n" + "".join(f"A{n},陈\n" for n in range(20_001))) == (
        "import.too_many_rows"
    )


def test_all_faults_are_counted_though_not_all_are_told() -> None:
    with pytest.raises(Invalid) as found:
        read("编号,姓名\n" + "".join(f"A{n},\n" for n in range(300)))
    assert len(found.value.faults) == 200
    assert found.value.values["total"] == 300


def test_workbooks_and_csv_say_the_same() -> None:
    rows = [["标题"], list(COLUMNS), ["A-1", "陈示例", "0537-0000001", "好"], ["A-2", "周样本"]]
    assert [row.cells for row in read(workbook(*rows)).rows] == [
        row.cells for row in read(GOOD).rows
    ]


def test_a_hidden_first_sheet_is_passed_over() -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        hidden, shown = book.add_worksheet("旧"), book.add_worksheet("新")
        hidden.write_row(0, 0, ["编号", "姓名"])
        hidden.write_row(1, 0, ["OLD", "旧人"])
        hidden.write_formula(1, 1, "=1", value="x")
        hidden.hide()
        shown.write_row(0, 0, ["编号", "姓名"])
        shown.write_row(1, 0, ["NEW", "新人"])
        shown.activate()
        shown.set_first_sheet()
    assert [row.cells["编号"] for row in read(file.getvalue()).rows] == ["NEW"]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused_never_crashed_on(data: bytes) -> None:
    codes: list[str] = []
    for start in (b"", b"PK\x03\x04", "编号,姓名\n".encode()):
        try:
            read(start + data)
        except Invalid as found:
            codes.append(found.code)
    assert all(code.startswith("import.") for code in codes)


@given(st.lists(st.text(st.characters(categories=("L", "N", "Zs")), max_size=20), min_size=1))
@settings(max_examples=100, deadline=None)
def test_texts_come_back_tidied_from_csv(texts: list[str]) -> None:
    rows = [make.item_row(number, 材料=text) for number, text in enumerate(texts, 1)]
    data = make.table(TableKind.ITEMS, rows, encoding="utf-8-sig")
    sheet = read_table(data, "t.csv", HEADERS[TableKind.ITEMS], required=(), unique="事项编号")
    assert [row.cells["材料"] for row in sheet.rows] == [tidy(text) for text in texts]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (make.window_row(窗口人数="三"), "import.not_whole"),
        (make.window_row(季度办件量="-3"), "import.not_whole"),
        (make.window_row(适合暗访="也许"), "import.not_yes_no"),
        (make.window_row(窗口名称="长" * 121), "import.too_long"),
    ],
)
def test_a_wrong_value_is_named(row: dict[str, str], code: str) -> None:
    assert _judge(TableKind.WINDOWS, row) == [code]


def test_swapped_coordinates_are_found() -> None:
    row = make.hall_row(纬度="116.5", 经度="35.4")
    assert _judge(TableKind.HALLS, row) == ["import.not_coordinate"] * 2
    assert _judge(TableKind.HALLS, make.hall_row(纬度="35°24'")) == ["import.not_coordinate"]


def test_a_telephone_needs_a_name() -> None:
    row = make.unit_row(副联络员电话="0537-0000009")
    assert _judge(TableKind.UNITS, row) == ["import.telephone_without_name"]


def test_coordinates_keep_their_six_places() -> None:
    kind = TableKind.HALLS
    sheet = _sheet(kind, make.hall_row(纬度="35.356517", 经度="116.6"))
    (entry,) = entries.entries(kind, sheet, KNOWN, [])
    assert (entry.values["latitude"], entry.values["longitude"]) == (35_356_517, 116_600_000)


KNOWN = entries.Known(units={"U-01"}, halls={"H-01"}, windows={"W-001"}, groups={})


def _sheet(kind: TableKind, row: dict[str, str]) -> Sheet:
    return read_table(
        make.table(kind, [row]),
        "t.csv",
        HEADERS[kind],
        required=entries.REQUIRED[kind],
        unique=entries.KEY[kind],
    )


def _judge(kind: TableKind, row: dict[str, str]) -> list[str]:
    found: list[Fault] = []
    entries.entries(kind, _sheet(kind, row), KNOWN, found)
    return [fault.code for fault in found]
