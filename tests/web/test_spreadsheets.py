"""Spreadsheets for offices: whatever stands in a title, they can be written and do nothing."""

from __future__ import annotations

import io

import pytest
from python_calamine import CalamineWorkbook

from web import spreadsheets


@pytest.mark.parametrize("title", ["二〇二六年市/区名单", "a:b*[c]?", "'引号'", "///", "=1+1"])
def test_a_title_of_any_signs_makes_a_sheet_and_never_a_formula(title: str) -> None:
    layout = spreadsheets.Layout(title=title, watermark="内部", foot=("制表：",))
    rows = [("=HYPERLINK(1)", "370802199001010011")]
    data = spreadsheets.written(("姓名", "身份证号"), rows, layout)
    cells = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert str(cells[0][0]).strip("'") == title.strip("'")
    assert cells[2][1:] == ["'=HYPERLINK(1)", "370802199001010011"]
