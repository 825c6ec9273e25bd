"""A file becomes a document: decoded, normalised, its structure told; what cannot be read is named and left out."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from parkqa.corpus.documents import OWN, read_corpus, read_document
from parkqa.corpus.formats import READERS
from parkqa.errors import CorpusError, DocumentError
from parkqa.types import Block, Document
from paths import TESTS

HERE = TESTS
CORPUS = HERE.parent / "corpus"

LINES = [
    *[
        "重点荣誉",
        "船舶制造",
        "2003年8月29日,园区成立。",
        "2005年落户。",
        "站在新起点上,园区将聚焦总目标。",
        "断在这里，",
        "x" * 40,
    ],
    *[
        "# 一级",
        "## 二级",
        "- 项",
        "  - 子项",
        "1. 步骤",
        "> 引文",
        "---",
        "===",
        "```",
        "    代码",
        "| 甲 | 乙 |",
        "|---|---|",
        "| 1 | 2 |",
    ],
    *[
        "**粗** `码` [链](http://a.b)",
        "<b>标签</b> &lt;",
        "![](a.png)",
        "",
        " ",
        "\u3000\u3000缩进。",
        "\x1c",
        "\u2028",
        "\\",
        "a\tb",
    ],
]
SOURCES = st.one_of(st.lists(st.sampled_from(LINES), max_size=20).map("\n".join), st.text()).filter(
    lambda text: not text.startswith("---")
)
"""Without front matter."""
WORDS = st.text("江阴靖园区年一二，。、；：？！“”《》（）—·…％Ａ１😀㐀", min_size=1)


FOREIGN = {
    "big5": [
        "江陰靖江工業園區成立於二零零三年。",
        "園區管委會地址在靖江市。歡迎來電！",
        "企業入園須提交營業執照、申請表及項目計畫書，由園區管委會審核。審核期為十個工作日。逾期不補，視為放棄。",
    ],
    "shift-jis": [
        "江陰靖江工業団地は2003年に設立されました。",
        "会社概要：当社は東京都に本社を置く製造業です。連絡先は次のとおりです。",
        "工業団地は長江のほとりにあります。造船と物流が盛んです。見学は予約が必要です。電話でお問い合わせください。",
    ],
    "euc-kr": [
        "안녕하세요. 공업단지는 2003년에 설립되었습니다.",
        "본 단지는 강소성에 위치하고 있으며 조선업과 물류업이 발달하였다.",
        "방문하려면 예약이 필요합니다. 전화로 문의하십시오. 주차장은 무료입니다. 점심 시간은 쉽니다. 감사합니다.",
    ],
    "cp1252": [
        "Die Prüfung ist im Mai.",
        "Der Park wurde im Jahr 2003 gegründet. Die Öffnungszeiten ändern sich jährlich.",
        "Über die Straße geht es zum Hafen. Wir prüfen Anträge sorgfältig. Gäste sind willkommen. Für Büros ist Platz.",
    ],
}
CHINESE = [
    "江苏江阴—靖江工业园区成立于2003年8月29日。",
    "江蘇江陰—靖江工業園區成立於2003年8月29日，處在國家沿海經濟帶和沿江經濟帶的交匯點。",
    "企業入園須提交營業執照、申請表及項目計畫書，由園區管委會審核。審核期為十個工作日。逾期不補，視為放棄。",
    "联系人：龘喆堃先生、䲠女士、𠮷田先生。电话：0510-86123456。地址：靖江市新桥镇。",
    "The park lies between 江阴 and 靖江 — “two cities”, one park.",
    "“Park” — 2003",
]


def read(folder: Path, name: str, content: str | bytes) -> Document:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_document(path, folder)


def told(document: Document) -> list[tuple[str, int, str]]:
    return [(block.kind, block.level, document.text[block.start : block.end]) for block in document.blocks]


def failure(folder: Path, name: str, content: str | bytes) -> DocumentError:
    with pytest.raises(DocumentError) as raised:
        read(folder, name, content)
    return raised.value


# Decoding


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_utf_8_with_and_without_a_mark_and_gb18030_are_read(tmp_path: Path, name: str, encoding: str) -> None:
    text = "江阴—靖江工业园区“5+1”，䲠鱼、𠮷、€、😀。"
    assert read(tmp_path, name, text.encode(encoding)).text == text


@pytest.mark.parametrize("text", CHINESE)
def test_chinese_in_gb18030_is_read_simplified_and_traditional(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, "a.txt", text.encode("gb18030")).text == text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_front_matter_is_found_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    document = read(tmp_path, "a.md", "---\r\ntitle: 园区介绍\r\n---\r\n正文。".encode(encoding))
    assert (document.title, document.text) == ("园区介绍", "正文。")


@pytest.mark.parametrize(
    "raw",
    [
        "园区成立。".encode("utf-16")[:-1],
        "园区\0成立。".encode("utf-16"),
        b"\xff\xfe\x00\x01",
        "园区成立。".encode("utf-32"),
        "Café à la crème, déjà vu".encode("latin-1"),
        "园区成立".encode()[:-1] + b"\xff",
        "园区成立。".encode() + b"\xff" + "园区发展。".encode(),
        "园区\0成立".encode(),
        "园区成立于2003年，发展很快。".encode() + b"\x80",
        *(text.encode("big5") for text in FOREIGN["big5"]),
        *(text.encode("shift-jis") for text in FOREIGN["shift-jis"]),
        *(text.encode("euc-jp") for text in FOREIGN["shift-jis"]),
        *(text.encode("euc-kr") for text in FOREIGN["euc-kr"]),
        *(text.encode("cp1252") for text in FOREIGN["cp1252"]),
        *(text.encode("latin-1") for text in FOREIGN["cp1252"]),
    ],
)
@pytest.mark.parametrize("name", ["坏.txt", "子/坏.md"])
def test_what_is_in_no_known_encoding_is_an_error_that_names_the_file(tmp_path: Path, name: str, raw: bytes) -> None:
    error = failure(tmp_path, name, raw)
    assert error.path == name
    assert error.zh.startswith(f"{name}：") and "UTF-8" in error.zh
    assert error.en.startswith(f"{name}: ") and "save it as UTF-8" in error.en


@pytest.mark.parametrize(
    ("raw", "cure"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "holds a picture"),
        (b"PK\x03\x04\x14\x00\x06\x00", "copy it again"),
        (b"%PDF-1.7\n\x00\x01", "rename it to .pdf"),
    ],
)
@pytest.mark.parametrize("name", ["坏.txt", "子/坏.md"])
def test_what_is_no_text_at_all_is_an_error_that_says_so(tmp_path: Path, name: str, raw: bytes, cure: str) -> None:
    assert cure in failure(tmp_path, name, raw).en


@pytest.mark.parametrize(
    "content", ["", " \r\n\u3000\n", "\ufeff", "---\ntitle: 园区\n---\n", "---\n---\n", "![](a.png)"]
)
def test_an_empty_file_is_an_error_that_names_it(tmp_path: Path, content: str) -> None:
    assert "empty" in failure(tmp_path, "空.md", content).en


@pytest.mark.parametrize("content", ["", " \r\n\u3000\n", "\ufeff", "\x7f"])
def test_blank_plain_text_is_empty_too(tmp_path: Path, content: str) -> None:
    assert "empty" in failure(tmp_path, "空.txt", content).en


def test_line_ends_and_control_characters_are_normalised(tmp_path: Path) -> None:
    document = read(tmp_path, "a.txt", "甲\r\n乙\r丙\n丁\x0b戊\x0c己\x1b庚\x7f辛\x80壬\ufeff癸")
    assert document.text == "甲\n乙\n丙\n丁戊己庚辛壬癸"


@pytest.mark.parametrize("name", ["a.txt", "a.md"])
def test_the_same_words_with_other_line_ends_are_the_same_document(tmp_path: Path, name: str) -> None:
    text = "# 园区\n\n园区成立。\n- 造船\n- 钢构\n"
    unix, windows, mac = (read(tmp_path, name, text.replace("\n", end)) for end in ("\n", "\r\n", "\r"))
    assert unix == windows == mac


def test_nothing_else_in_plain_text_is_touched(tmp_path: Path) -> None:
    text = "\u3000\u3000江阴 — 靖江\t**园区** <b>&lt;\u200b\u2028  \n\n\n江阴一靖江，ＡＡ，é e\u0301\n"
    assert read(tmp_path, "a.txt", text).text == text


def test_the_hash_is_of_the_text(tmp_path: Path) -> None:
    document = read(tmp_path, "a.md", "**园区**成立。")
    assert document.sha256 == hashlib.sha256("园区成立。".encode()).hexdigest()


# Front matter


def test_the_front_matter_gives_title_and_dates(tmp_path: Path) -> None:
    source = (
        "---\ntitle: ' 园区介绍 '\ndate: 2024-05-01\nyear: 2023\nvalid_until: 2025-12-31\ntranslation_of: zh/a.md\n"
        "author: 张三\n---\n# 标题\n正文。"
    )
    document = read(tmp_path, "a.md", source)
    assert (document.title, document.date) == ("园区介绍", "2024-05-01")
    assert (document.valid_until, document.translation_of) == ("2025-12-31", "zh/a.md")
    assert document.text == "标题\n正文。"


@pytest.mark.parametrize("day", ["明年", "2026", "'2026-02-30'", "31.12.2026"])
def test_an_end_of_validity_that_is_no_day_is_named(tmp_path: Path, day: str) -> None:
    with pytest.raises(DocumentError, match=r"a\.md.*valid_until"):
        read(tmp_path, "a.md", f"---\nvalid_until: {day}\n---\n正文。")


def test_a_year_stands_for_the_date(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "---\nyear: 2024\n---\n正文。").date == "2024"
    assert read(tmp_path, "a.md", "正文。").date is None


@pytest.mark.parametrize(
    ("name", "source", "title"),
    [
        ("园区简介.md", "## 二级\n正文。\n# 一级\n", "一级"),
        ("园区简介.md", "## 二级\n正文。", "园区简介"),
        ("园区简介.md", "---\ntitle:\n---\n# 一级\n正文。", "一级"),
        ("子/园区简介.txt", "正文。", "园区简介"),
        ("a.md", "---\ntitle: 2024\n---\n正文。", "2024"),
    ],
)
def test_without_a_title_the_first_heading_or_the_name_is_it(
    tmp_path: Path, name: str, source: str, title: str
) -> None:
    assert read(tmp_path, name, source).title == title


@pytest.mark.slow
@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("---\ntitle: a\nb\n---\n正文。", 4),
        ("---\ntitle: 园区\ndate: 2024: 5\n---\n正文。", 3),
        ("---\n- 园区\n---\n正文。", 2),
        ("---\r\ntitle: 园区\r\nyear: @2024\r\n---\r\n正文。", 3),
        ("---\ntitle: 园区\ndate: 2024-13-45\n---\n正文。", 3),
        ("---\ntitle: 园区\ndate: !!timestamp 昨天\n---\n正文。", 3),
        (f"---\nyear: 2024\ntitle: {'[' * 3000}\n---\n正文。", 3),
    ],
)
def test_wrong_front_matter_names_file_and_line(tmp_path: Path, source: str, line: int) -> None:
    error = failure(tmp_path, "子/a.md", source)
    assert error.path == "子/a.md"
    assert f"第 {line} 行" in error.zh
    assert f"at line {line};" in error.en


@pytest.mark.parametrize("value", ["[园区]", "true", "{a: b}"])
def test_front_matter_that_is_no_line_of_text_names_its_key(tmp_path: Path, value: str) -> None:
    assert "title" in failure(tmp_path, "a.md", f"---\ntitle: {value}\n---\n正文。").zh


def test_a_rule_in_the_text_is_no_front_matter(tmp_path: Path) -> None:
    assert read(tmp_path, "a.md", "甲。\n\n---\n\n乙: 丙\n\n---\n\n丁。").text == "甲。\n乙: 丙\n丁。"
    assert read(tmp_path, "a.txt", "---\ntitle: 园区\n---\n正文。").text == "---\ntitle: 园区\n---\n正文。"


# Markdown


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("**重点**_荣誉_ ***称号*** ~~旧~~", "重点荣誉 称号 旧"),
        ("`代码` [链接](http://a.b '题') ![**图**片](a.png)", "代码 链接 题 图片"),
        ("# 一级 #\n\n标题\n===\n", "一级\n标题"),
        ("- 甲\n* 乙\n+ 丙\n\n1. 丁\n2) 戊", "甲\n乙\n丙\n丁\n戊"),
        ("> 引文\n> 续行", "引文\n续行"),
        ("第一行\n第二行  \n第三行\\\n第四行", "第一行\n第二行\n第三行\n第四行"),
        ("甲\n\n\n\n乙", "甲\n乙"),
        ("```text\n  代码 *x*\n```", "  代码 *x*"),
        ("| 甲 | 乙 |\n|---|:-:|\n| 1 | **2** |", "甲 | 乙\n1 | 2"),
        ("\\*星\\* &lt;b&gt; &amp;", "*星* <b> &"),
        ("《<长江三角洲区域一体化发展规划纲要>江苏实施方案》", "《<长江三角洲区域一体化发展规划纲要>江苏实施方案》"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("[注]: 以上数据仅供参考。\n\n[^1]: 含税。", "[注]: 以上数据仅供参考。\n含税。"),
        ("租金28元[^价]，`[^价]`，[^2]。\n\n[^价]: **含**税，\n另计。", "租金28元，[^价]，[^2]。\n含税，\n另计。"),
        ("[速度](km/h)[注](以上/以下皆可)", "[速度](km/h)[注](以上/以下皆可)"),
        ("[表](./表.xlsx) [附件](申请表.docx) [概况](#概况) ![图](图/园区.png '全景')", "表 附件 概况 图 全景"),
        ("2023. 园区成立\n2024. 揭牌", "2023. 园区成立\n2024. 揭牌"),
        ("1. 甲\n2. 乙\n\n正文。\n\n3. 丙\n   1. 丁\n4. 戊", "甲\n乙\n正文。\n丙\n丁\n戊"),
        ("31. 12. 2003 园区成立", "31. 12. 2003 园区成立"),
        ("2023.\n2024. - 甲\n2025. ~~~\n      码", "2023.\n2024. 甲\n2025.\n码"),
        ("~~~ 重要 通知\n码\n~~~", "重要 通知\n码"),
        ("| 甲 | 乙 |\n|---|---|\n| 1 | 2 | 3 | a\\|b |\n| 4 |", "甲 | 乙\n1 | 2 | 3 | a|b\n4 |"),
        ("<note:以上> <http://甲.b/%41>", "<note:以上> http://甲.b/%41"),
        ("“5+1”主导产业,江阴一靖江,园区(上海)3*4 a_b_c ~5", "“5+1”主导产业,江阴一靖江,园区(上海)3*4 a_b_c ~5"),
    ],
)
def test_markup_is_taken_off_and_the_words_stay(tmp_path: Path, source: str, text: str) -> None:
    assert read(tmp_path, "a.md", source).text == text


def test_html_for_line_ends_and_notes_in_markdown_is_no_text() -> None:
    draft = READERS[".md"](
        "停车免费。<br>\n物业另计。<!-- 待核 -->\n\n| 项目 | 收费 |\n|---|---|\n| 停车 | 3元<br/>月卡200元 |\n"
    )
    assert draft.text == "停车免费。\n物业另计。\n项目 | 收费\n停车 | 3元 月卡200元"


@settings(max_examples=60)
@given(st.lists(WORDS, min_size=1, max_size=5))
def test_words_without_markup_are_not_touched(paragraphs: list[str]) -> None:
    assert READERS[".md"]("\n\n".join(paragraphs)).text == "\n".join(paragraphs)


MARKUP = (
    *["# ", "- ", "* ", "> ", "1. ", "2) ", "12. ", "**", "*", "__", "~~", "`", "```", "~~~", "|", "|--|--|", "\\"],
    *[
        "[",
        "]",
        "](",
        "]: ",
        "(",
        ")",
        "![",
        "](http://a.b)",
        "](a.png)",
        "<",
        ">",
        "&",
        '"',
        "  ",
        "    ",
        "\t",
        "---",
        "[^注]",
        "[^注]: ",
    ],
)
MARKED = st.lists(
    st.lists(st.sampled_from(["园区", "注", "以上/以下", "2023. ", "31", "AB", "“5+1”", "。", *MARKUP]), max_size=8)
).map(lambda lines: "\n".join(map("".join, lines)))
NO_WORDS = re.compile(r"\]\((?:http://a\.b|a\.png)\)|(?<!\d)\d{1,2}[.)](?=\s|$)|\[\^注\]")
"""Addresses, the numbers of lists, and the marks of footnotes."""


@settings(max_examples=300)
@given(MARKED.filter(lambda source: not source.startswith("---")))
@example(">" * 100 + "园区\n\n注")
@example("- " * 100 + "园区\n\n注")
@example("![" * 100 + "园区" + "](a.png)" * 100)
@example("| a | b |\n|--|--|\n| 1 | 2 | 3 |")
def test_no_word_of_markdown_is_lost(source: str) -> None:
    text = iter(READERS[".md"](source).text)
    assert [c for c in re.findall(r"[^\W_]", NO_WORDS.sub("", source)) if all(c != kept for kept in text)] == []


def test_the_structure_of_markdown_is_told(tmp_path: Path) -> None:
    source = "# 甲\n## 乙\n正文\n\n- a\n  - b\n- c\n\n1. d\n\n---\n后文\n\n> 引文\n\n    码\n"
    assert told(read(tmp_path, "a.md", source)) == [
        ("heading", 1, "甲"),
        ("heading", 2, "乙"),
        ("paragraph", 0, "正文"),
        *[("item", 1, "a"), ("item", 2, "b"), ("item", 1, "c"), ("item", 1, "d")],
        ("break", 1, ""),
        *[("paragraph", 0, "后文"), ("paragraph", 0, "引文"), ("paragraph", 0, "码")],
    ]


def test_footnotes_stand_where_they_are_and_below_all_text_in_no_section(tmp_path: Path) -> None:
    source = "# 甲\n正文[^1]。\n[^2]: 注二\n\n后文[^2]。\n\n[^1]: 注一\n[^3]: 注三\n\n    它的第二段\n"
    assert told(read(tmp_path, "a.md", source)) == [
        *[("heading", 1, "甲"), ("paragraph", 0, "正文。"), ("paragraph", 0, "注二"), ("paragraph", 0, "后文。")],
        ("break", 1, ""),
        *[("paragraph", 0, "注一"), ("paragraph", 0, "注三"), ("paragraph", 0, "它的第二段")],
    ]


def test_a_list_at_the_head_of_markdown_is_captions(tmp_path: Path) -> None:
    document = read(tmp_path, "a.md", "- 图一\n- 图二\n\n正文。\n\n- 项")
    assert told(document) == [
        ("caption", 0, "图一"),
        ("caption", 0, "图二"),
        ("paragraph", 0, "正文。"),
        ("item", 1, "项"),
    ]


@pytest.mark.parametrize(
    "source",
    ["- 甲\n- 乙", "- 甲\n- 乙\n\n## 联系我们\n\n- 丙", "- 甲\n- 2003年园区成立。\n\n正文。", "- 甲\n\n联系我们"],
)
def test_a_list_with_no_prose_below_or_with_sentences_is_no_captions(source: str) -> None:
    assert {block.kind for block in READERS[".md"](source).blocks} <= {"item", "heading", "paragraph"}


def test_each_row_of_a_table_knows_its_columns(tmp_path: Path) -> None:
    document = read(tmp_path, "a.md", "前文。\n\n| 年份 | 大事 |\n|---|---|\n| 2003 | 成立 |\n| 2005 | |\n\n后文。")
    columns = ("年份", "大事")
    assert document.text == "前文。\n年份 | 大事\n2003 | 成立\n2005 |\n后文。"
    assert document.blocks[1:4] == (
        Block("columns", 0, 4, 11, columns=columns),
        Block("row", 0, 12, 21, columns=columns),
        Block("row", 0, 22, 28, columns=columns),
    )
    assert told(document)[4] == ("paragraph", 0, "后文。")


# Plain text


def test_the_raw_text_of_the_park_is_told_as_its_markdown_is() -> None:
    plain = read_document(HERE / "data" / "park_source.txt", HERE / "data")
    marked = read_document(CORPUS / "jiangyin-jingjiang-park.md", CORPUS)
    assert told(plain) == told(marked)
    assert plain.blocks == marked.blocks
    assert {block.kind for block in plain.blocks} == {"caption", "paragraph", "heading", "item", "break"}


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("园区简介\n园区成立于2003年。\n发展很快。", "heading paragraph paragraph"),
        ("园区很大。\n主导产业\n造船\n钢构\n新兴产业\n储能\n环保", "paragraph heading item item heading item item"),
        ("大事记\n2003年成立。\n2005年落户。\n站在新起点上。", "heading item item break paragraph"),
        ("2003年成立。\n2005年落户。\n2006年更名。", "item item item"),
        ("2003年园区成立。\n园区很大。\n园区发展。", "paragraph paragraph paragraph"),
        ("园区很大。\n主导产业\n造船\n储能\n结语一句。", "paragraph heading item item break paragraph"),
        (
            "园区很大。\n主导产业\n造船\n储能\n总结与未来展望\n结语一句。",
            "paragraph heading item item heading paragraph",
        ),
        ("园区很大。\n主导产业\n造船\n储能\n\n结语\n一句。", "paragraph heading item item heading paragraph"),
        ("园区很大。\n主导产业\n造船\n储能环保产品\n\n结语。", "paragraph heading item item break paragraph"),
        ("园区很大。\n主导产业\n造船\n大事记\n2003年成立。\n2005年落户。", "paragraph heading item heading item item"),
        ("联检大楼\n中建钢构\n江花公园\n园区成立于2003年。", "caption caption caption paragraph"),
        ("江阴\n靖江\n园区成立于2003年。", "heading heading paragraph"),
        ("一段很长的话断在这里，" * 4 + "\n" + "下一行接着写，" * 6 + "到此为止。\n又一段。", "paragraph paragraph"),
        ("一段很长的话断在这里，" * 4 + "\n\n" + "空行之后是另一段，" * 6, "paragraph paragraph"),
        ("造船\n\n钢构", "paragraph paragraph"),
        ("园区简介\n2003年园区成立。\n园区很大。", "heading paragraph paragraph"),
        ("造船\n钢构", "paragraph paragraph"),
        ("办事指南\n电话\n0510-86001234\n办公时间\n园区很大。", "paragraph " * 5),
        ("一段很长的话断在这里，" * 4 + "\n（1）" + "另一项接着写，" * 6, "paragraph paragraph"),
        ("园区很大。\n0510-86001234（8:30-17:30）\n欢迎来电。", "paragraph item paragraph"),
        ("园区很大。\n流程\n（1）提交申请（两天）\n（2）签订协议\n就这些。", "paragraph heading item item paragraph"),
        (
            "园区很大。\n（1）申请\n用途\n说明用途。\n（2）签约\n签名。",
            "paragraph item item paragraph item paragraph",
        ),
        ("园区很大。\n1、造船\n2、钢构\n联系方式\n请来电。", "paragraph item item heading paragraph"),
    ],
)
def test_the_structure_of_plain_text_is_told_by_its_form(source: str, kinds: str) -> None:
    assert [block.kind for block in READERS[".txt"](source).blocks] == kinds.split()


# Any text


@pytest.mark.slow
@settings(max_examples=60)
@given(SOURCES)
@example("")
def test_plain_text_is_kept_as_it_is_and_each_word_is_in_a_block(source: str) -> None:
    draft = READERS[".txt"](source)
    held = {place for block in draft.blocks for place in range(block.start, block.end)}
    assert draft.text == source
    assert not [c for place, c in enumerate(source) if place not in held and not c.isspace()]


@pytest.mark.parametrize("suffix", [".md", ".txt"])
@settings(max_examples=60)
@given(source=SOURCES)
def test_blocks_are_ordered_slices_of_the_text(suffix: str, source: str) -> None:
    draft = READERS[suffix](source)
    ends = [0, *(place for block in draft.blocks for place in (block.start, block.end)), len(draft.text)]
    assert ends == sorted(ends)
    for block in draft.blocks:
        assert (block.start == block.end) == (block.kind == "break")
        assert (block.level > 0) == (block.kind in ("heading", "item", "break"))


@settings(max_examples=60)
@given(SOURCES)
def test_the_text_of_markdown_is_its_blocks_a_line_each(source: str) -> None:
    draft = READERS[".md"](source)
    assert "\n".join(draft.text[b.start : b.end] for b in draft.blocks if b.kind != "break") == draft.text


# The folder


def write(folder: Path, files: dict[str, str]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def test_a_folder_that_is_not_there_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for root in (tmp_path / "none", tmp_path / "file"):
        with pytest.raises(CorpusError, match=rf"{root}.*PARKQA_CORPUS"):
            read_corpus(root)


def test_an_empty_folder_has_no_documents(tmp_path: Path) -> None:
    corpus = read_corpus(tmp_path)
    assert (corpus.documents, corpus.skipped, corpus.failed) == ((), (), ())


def test_documents_come_in_the_order_of_their_paths_with_those_below(tmp_path: Path) -> None:
    write(tmp_path, {"b.txt": "乙。", "a.MD": "甲。", "子/c.markdown": "丙。", "a/d.md": "丁。"})
    assert [document.path for document in read_corpus(tmp_path).documents] == [
        "a.MD",
        "a/d.md",
        "b.txt",
        "子/c.markdown",
    ]


def test_files_of_other_kinds_are_listed_and_those_of_our_own_and_hidden_ones_are_not(tmp_path: Path) -> None:
    names = ["a.md", "b.doc", "d", "子/c.jpg", ".hidden.md", ".git/e.md", "子/.f.docx", *OWN]
    write(tmp_path, {name: name for name in names})
    corpus = read_corpus(tmp_path)
    assert [document.path for document in corpus.documents] == ["a.md"]
    assert corpus.skipped == ("d", "子/c.jpg")
    assert [error.path for error in corpus.failed] == ["b.doc"]


def test_a_damaged_file_is_left_out_and_the_rest_are_read(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "甲。", "b.md": "---\n- x\n---\n乙。", "d.txt": "", "e.txt": "戊。"})
    (tmp_path / "c.txt").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF")
    (tmp_path / "f.md").symlink_to("gone.md")
    (tmp_path / "g.md").symlink_to("g.md")
    (tmp_path / "h.md").write_text("---\ndate: 2024-13-45\n---\n庚。", encoding="utf-8")
    corpus = read_corpus(tmp_path)
    assert [document.path for document in corpus.documents] == ["a.md", "e.txt"]
    assert [error.path for error in corpus.failed] == ["b.md", "c.txt", "d.txt", "f.md", "g.md", "h.md"]


def test_a_file_outside_the_corpus_is_not_read_through_a_link(tmp_path: Path) -> None:
    write(tmp_path, {"secret.txt": "秘密。", "secrets/b.md": "秘密。", "corpus/a.md": "甲。", "corpus2/c.md": "秘密。"})
    root = tmp_path / "corpus"
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / "beside.md").symlink_to(Path("..", "corpus2", "c.md"))
    (root / "folder").symlink_to(tmp_path / "secrets")
    corpus = read_corpus(root)
    assert [document.text for document in corpus.documents] == ["甲。"]
    assert sorted(error.path for error in corpus.failed) == ["beside.md", "folder", "link.txt"]
    assert all("链接" in error.zh and "link" in error.en for error in corpus.failed)


def test_links_within_the_corpus_and_to_it_are_followed(tmp_path: Path) -> None:
    write(tmp_path, {"corpus/a.md": "甲。"})
    (tmp_path / "corpus" / "b.md").symlink_to("a.md")
    (tmp_path / "link").symlink_to("corpus")
    (document,) = read_corpus(tmp_path / "link").documents
    assert (document.path, document.also_in) == ("a.md", ("b.md",))


def test_files_that_say_the_same_are_one_document(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "**甲**。", "b.txt": "甲。", "c.md": "---\ntitle: 丙\n---\n甲。", "d.txt": "乙。"})
    corpus = read_corpus(tmp_path)
    assert [(d.path, d.also_in) for d in corpus.documents] == [("a.md", ("b.txt", "c.md")), ("d.txt", ())]


def test_a_translation_is_a_document_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "A.", "b.md": "---\ntranslation_of: zh.md\n---\nA."})
    assert [document.path for document in read_corpus(tmp_path).documents] == ["a.md", "b.md"]
