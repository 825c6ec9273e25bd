"""Excel and CSV: values as Excel shows them, tables side by side, long cells, and what cannot be read."""

from __future__ import annotations

import codecs
import io
import re
import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.drawing.image import Image as Drawing
from PIL import Image

from papers import saved
from parkqa.corpus.documents import read_document
from parkqa.corpus.readers import sheets
from parkqa.corpus.readers.draft import Draft, Unreadable
from parkqa.corpus.splitting import LONG, split
from parkqa.errors import DocumentError


def read(*rows: list[object]) -> Draft:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return sheets.read(saved(book))


def rows_of(draft: Draft) -> list[tuple[str, tuple[str, ...]]]:
    return [(draft.text[b.start : b.end], b.columns) for b in draft.blocks if b.kind == "row"]


def test_what_is_said_of_a_whole_table_above_and_below_it_is_neither_head_nor_row() -> None:
    draft = read(
        ["园区用能情况表"],
        ["编制单位：经济发展局", "2024年1月", None, "（单位：万元）"],
        ["序号", "企业", "产值", "能耗"],
        [1, "甲公司", 1350, 28],
        ["注：数据为快报数。"],
        ["填表人：李某", None, "审核人：王某"],
    )
    assert rows_of(draft) == [("1 | 甲公司 | 1350 | 28", ("序号", "企业", "产值", "能耗"))]
    assert [draft.text[b.start : b.end] for b in draft.blocks if b.kind == "paragraph"] == [
        *("编制单位：经济发展局", "2024年1月", "（单位：万元）", "注：数据为快报数。", "填表人：李某", "审核人：王某")
    ]


@pytest.mark.parametrize(
    ("value", "form", "shown"),
    [
        (2.8, '0.00"元/平方米·月"', "2.80元/平方米·月"),
        (50, '0"万元"', "50万元"),
        (3500, r"0\元", "3500元"),
        (14400, "000000", "014400"),
        (51086001234, "0000-00000000", "0510-86001234"),
        (12000000, '#,##0.00,"千元"', "12,000.00千元"),
        (12345678, '0.00,,"百万"', "12.35百万"),
        (35000, '0!.0,"万元"', "3.5万元"),
        (0.0735, "0.0%", "7.4%"),
        (0.125, "0%", "13%"),
        (-0.05, "0.0%", "-5.0%"),
        (1234.5, '"¥"#,##0.00', "¥1,234.50"),
        (1234.5, "[$¥-804]#,##0.00", "¥1,234.50"),
        (-1234.5, '_ "¥"* #,##0.00_ ;_ "¥"* -#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ', "¥-1,234.50"),
        (0, '_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ ', "-"),
        (-320, "#,##0;(#,##0)", "(320)"),
        (-320, "#,##0;[Red]-#,##0", "-320"),
        (0, '0;-0;"无"', "无"),
        (150, '[>=100]"约"0;0', "约150"),
        (2.675, "0.00", "2.68"),
        (1.005, "0.00", "1.01"),
        (0.5, "0", "1"),
        (12.5, "0.0##", "12.5"),
        (7, "000", "007"),
        (123456789012, "0.00E+00", "1.23E+11"),
        (0.00012, "0.0E+00", "1.2E-04"),
        (1234567, "##0.0E+0", "1.2E+6"),
        (12345678, "##0.0E+0", "12.3E+6"),
        (99999, "0.0E+0", "1.0E+5"),
        (0.5, "# ?/?", "1/2"),
        (2.25, "# ?/?", "2 1/4"),
        (1 / 3, "General", "0.333333333"),
        (86001234, "General", "86001234"),
        (2026, "[DBNum1]0", "二〇二六"),
        (12, "[DBNum1]General", "十二"),
        (10500, "[DBNum2][$-804]General", "壹万零伍佰"),
        ("3", '0;0;0;"第"@"栋"', "第3栋"),
        (date(2026, 3, 1), 'm"月"d"日"', "3月1日"),
        (date(2026, 3, 1), 'yyyy"年"m"月"d"日";@', "2026年3月1日"),
        (date(2026, 3, 1), "yyyy/m/d", "2026/3/1"),
        (date(2026, 3, 1), "yyyy-mm-dd", "2026-03-01"),
        (date(2026, 3, 1), "mm-dd-yy", "2026/3/1"),  # number 14, the short date of the system
        (date(2026, 3, 1), "[$-F800]dddd, mmmm dd, yyyy", "2026年3月1日"),
        (date(2026, 3, 1), '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二六年三月一日"),
        (46083, "aaaa", "星期一"),
        (date(2026, 3, 2), '"周"aaa', "周一"),
        (date(2026, 3, 2), "d-mmm-yy", "2-Mar-26"),
        (datetime(2026, 3, 1, 8, 5), "yyyy/m/d h:mm", "2026/3/1 8:05"),
        (timedelta(hours=26, minutes=30), "[h]:mm", "26:30"),
        (timedelta(minutes=95), "[mm]:ss", "95:00"),
        (time(17, 30), '[$-804]上午/下午h"时"mm"分"', "下午5时30分"),
        (time(17, 30, 9), "mm:ss", "30:09"),
        (time(0, 2, 5, 340_000), "mm:ss.0", "02:05.3"),
        (time(0, 59, 59, 960_000), "mm:ss.0", "00:00.0"),
        (time(0, 2, 5, 340_000), "mmss.0", "02:05.3"),  # number 47
        (timedelta(seconds=3725.6789), "[m]:ss.00", "62:05.68"),
        (timedelta(seconds=12.3), "[s].000", "12.300"),
        (time(0, 2, 5, 600_000), "mm:ss", "02:06"),
        (12, '0"："0', "1：2"),
        (2, '0"："0', "0：2"),
        (830, '0"："00', "8：30"),
        (500, '"1："0', "1：500"),
        (12.5, '0.00"元"/"月"', "12.50元/月"),
        (35, '0"元/㎡"/"月"', "35元/㎡/月"),
        (3, '0"/10"/0"组"', "0/10/3组"),
        (0.25, "0/100", "25/100"),
        (2.5, "# ?/4", "2 2/4"),
    ],
)
def test_a_value_is_shown_as_excel_shows_it(value: object, form: str, shown: str) -> None:
    book = openpyxl.Workbook()
    book.active.append(["项目", "数值"])
    book.active.append(["甲"])
    book.active.cell(2, 2, value).number_format = form
    assert sheets.read(saved(book)).text.splitlines()[-1] == f"甲 | {shown}"


def test_a_format_that_only_a_number_names_is_that_of_a_chinese_excel() -> None:
    book = openpyxl.Workbook()
    book.active.append(["项目", "日期"])
    book.active.append(["甲", 46082])
    book.active["B2"].number_format = "0.00"
    parts = zipfile.ZipFile(io.BytesIO(saved(book)))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name in parts.namelist():
            part = parts.read(name)
            package.writestr(name, part.replace(b'numFmtId="2"', b'numFmtId="31"') if "styles" in name else part)
    assert sheets.read(buffer.getvalue()).text.splitlines()[-1] == "甲 | 2026年3月1日"


def test_two_tables_side_by_side_are_read_one_after_the_other() -> None:
    draft = read(
        ["班车时刻", None, None, None, None],
        ["班次", "发车", None, "车型", "座位", "司机"],
        ["早班", "7:30", None, "大巴", 45, "张"],
        ["晚班", "17:30", None, "中巴", 20],
        ["夜班", "22:00"],
        ["注：节假日停开。"],
    )
    assert rows_of(draft) == [
        ("早班 | 7:30", ("班次", "发车")),
        ("晚班 | 17:30", ("班次", "发车")),
        ("夜班 | 22:00", ("班次", "发车")),
        ("大巴 | 45 | 张", ("车型", "座位", "司机")),
        ("中巴 | 20 |", ("车型", "座位", "司机")),
    ]
    texts = draft.text.splitlines()
    assert (texts[0], texts[-1]) == ("班车时刻", "注：节假日停开。")


def test_a_column_that_was_left_empty_cuts_no_table() -> None:
    draft = read(["企业", None, "电话"], ["甲", None, "1"], ["乙", None, "2"])
    assert [text for text, _ in rows_of(draft)] == ["甲 |  | 1", "乙 |  | 2"]


def test_a_long_cell_is_cut_at_sentences_under_the_label_of_its_row(tmp_path: Path) -> None:
    sentence = "{}. 材料应当提供原件和复印件各一份，复印件加盖公章，由窗口工作人员当场核对后退还原件。"
    book = openpyxl.Workbook()
    book.active.append(["事项", "说明"])
    book.active.append(["设立登记", " ".join(sentence.format(n) for n in range(14)) + "办理时限为三个工作日。"])
    book.active.append(["注销登记", "提交清算报告。"])
    (tmp_path / "办事.xlsx").write_bytes(saved(book))
    document = read_document(tmp_path / "办事.xlsx", tmp_path)
    parts = [passage for passage in split(document) if "设立登记" in passage.heading]
    assert len(parts) > 2 and all(len(passage.text) <= LONG for passage in parts)
    assert all(passage.text == document.text[passage.start : passage.end] for passage in parts)
    assert all(re.match(r"设立登记|\d+\. ", passage.text) for passage in parts)  # a number stays with its item
    assert parts[-1].text.endswith("办理时限为三个工作日。")
    assert parts[-1].heading == ("事项 | 说明", "设立登记")
    assert [passage.heading for passage in split(document)][-1] == ("事项 | 说明",)


def test_formulas_that_were_never_calculated_are_named() -> None:
    draft = read(["项目", "金额"], ["租金", 5], ["合计", "=SUM(B2:B2)"])
    assert [re.findall(r"工作表 Sheet 的 B3.*公式.*保存", note.zh) != [] for note in draft.notes] == [True]


def test_a_sheet_of_nothing_but_a_picture_is_not_called_empty(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "grey").save(buffer, "PNG")
    book = openpyxl.Workbook()
    book.active.add_image(Drawing(buffer), "A1")
    (tmp_path / "图.xlsx").write_bytes(saved(book))
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / "图.xlsx", tmp_path)
    assert "图片" in caught.value.reason_zh and "空的" not in caught.value.reason_zh


def test_hidden_sheets_are_told_and_not_warned_of() -> None:
    book = openpyxl.Workbook()
    book.active.append(["园区", "面积"])
    book.create_sheet("内部").sheet_state = "hidden"
    assert [(note.warns, "内部" in note.zh) for note in sheets.read(saved(book)).notes] == [(False, True)]


# CSV, and text in several encodings


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_is_a_table_in_any_usual_encoding(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = (
        ("企业名称", "主营业务", "联系电话"),
        ("扬子江船业公司", "船舶制造", "0510-86001111"),
        ("华菱特钢公司", "特种钢材", ""),
    )
    source = "\r\n".join(separator.join(row) for row in rows)
    (tmp_path / "名录.csv").write_bytes(source.encode(encoding))
    document = read_document(tmp_path / "名录.csv", tmp_path)
    assert (
        document.text
        == "企业名称 | 主营业务 | 联系电话\n扬子江船业公司 | 船舶制造 | 0510-86001111\n华菱特钢公司 | 特种钢材 |"
    )
    assert [block.columns for block in document.blocks if block.kind == "row"] == [rows[0], rows[0]]


def test_quoted_cells_titles_and_notes_of_a_csv(tmp_path: Path) -> None:
    (tmp_path / "收费.csv").write_text(
        '2026年收费标准\n项目,标准\n停车,"每小时3元，\n封顶15元"\n\n注：含税。\n', encoding="utf-8"
    )
    document = read_document(tmp_path / "收费.csv", tmp_path)
    kinds = [(b.kind, document.text[b.start : b.end]) for b in document.blocks if b.kind != "break"]
    assert kinds == [
        ("heading", "2026年收费标准"),
        ("columns", "项目 | 标准"),
        ("row", "停车 | 每小时3元， 封顶15元"),
        ("paragraph", "注：含税。"),
    ]


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE])
def test_text_in_utf_16_is_read_by_its_mark(tmp_path: Path, mark: bytes) -> None:
    codec = "utf-16-le" if mark == codecs.BOM_UTF16_LE else "utf-16-be"
    (tmp_path / "a.txt").write_bytes(mark + "园区食堂午餐\r\n十五元一份。".encode(codec))
    assert read_document(tmp_path / "a.txt", tmp_path).text == "园区食堂午餐\n十五元一份。"
    (tmp_path / "b.txt").write_bytes(mark + b"\x00\xd8\x00")
    with pytest.raises(DocumentError):
        read_document(tmp_path / "b.txt", tmp_path)


def test_big5_is_named() -> None:
    from parkqa.corpus.decoding import decoded

    with pytest.raises(Unreadable) as caught:
        decoded("園區食堂午餐供應時間為十一點至十三點，每份十五元。".encode("big5"))
    assert "Big5" in caught.value.zh and "UTF-8" in caught.value.zh


def test_hidden_rows_and_columns_are_told_and_not_warned_of() -> None:
    book = openpyxl.Workbook()
    book.active.title = "收费"
    for row in (["项目", "标准", "底价"], ["停车", "3元", "2元"], ["食堂", "15元", "12元"], ["班车", "免费", None]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.column_dimensions["C"].hidden = True
    book.active.column_dimensions["H"].hidden = True  # holds nothing
    draft = sheets.read(saved(book))
    assert "食堂" not in draft.text and "底价" not in draft.text
    assert [(note.zh, note.warns) for note in draft.notes] == [("隐藏的行和列没有收：收费!3｜收费!C", False)]
