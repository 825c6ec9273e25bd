"""PowerPoint: figures with their labels, charts as rows, slides of pictures named."""

from __future__ import annotations

import io
from pathlib import Path

import pptx
import pytest
from PIL import Image
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches, Pt

from papers import saved
from parkqa.corpus.documents import read_document
from parkqa.corpus.readers import slides
from parkqa.corpus.readers.draft import Draft
from parkqa.errors import DocumentError


def kinds(draft: Draft) -> list[tuple[str, str]]:
    return [(b.kind, draft.text[b.start : b.end]) for b in draft.blocks if b.kind != "break"]


def boxes(*places: tuple[float, float, str]) -> Draft:
    """A slide with text boxes, each given by its left and top edge in inches."""
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for left, top, text in places:
        slide.shapes.add_textbox(Inches(left), Inches(top), Inches(2.5), Inches(0.6)).text_frame.text = text
    return slides.read(saved(deck))


FIGURES = ("30平方公里", "426家", "118亿元")
NAMES = ("规划面积", "入驻企业", "年产值")
CARDS = [("paragraph", f"{figure}\n{name}") for figure, name in zip(FIGURES, NAMES, strict=True)]


def test_a_figure_above_its_label_stays_with_it() -> None:
    row = [(0.5 + 3 * n, 2.0, text) for n, text in enumerate(FIGURES)]
    below = [(0.5 + 3 * n, 2.8, text) for n, text in enumerate(NAMES)]
    assert kinds(boxes(*row, *below)) == CARDS


def test_a_figure_stays_with_a_label_that_stands_almost_its_own_height_below() -> None:
    row = [(0.5 + 3 * n, 2.0, text) for n, text in enumerate(FIGURES)]
    below = [(0.5 + 3 * n, 3.1, text) for n, text in enumerate(NAMES)]  # the boxes are 0.6 high
    assert kinds(boxes(*row, *below)) == CARDS
    assert kinds(boxes((1, 1, "120公里"), (1, 2.1, "海岸线长度"))) == [("paragraph", "120公里\n海岸线长度")]


def test_a_label_above_its_figure_stays_with_it_row_by_row() -> None:
    cards = [(0.5 + 3 * n, 1.0 + 2 * r, t) for r in (0, 1) for n, t in enumerate(NAMES)]
    cards += [(0.5 + 3 * n, 1.7 + 2 * r, text) for r in (0, 1) for n, text in enumerate(FIGURES)]
    told = [f"{name}\n{figure}" for figure, name in zip(FIGURES, NAMES, strict=True)]
    assert [text for _, text in kinds(boxes(*cards))] == told * 2


def test_two_lines_of_a_box_or_a_group_are_a_card_too() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(Inches(1), Inches(1), Inches(2), Inches(1)).text_frame.text = "426家\n入驻企业"
    group = slide.shapes.add_group_shape()
    for top, text in ((3, "118亿元"), (3.7, "年产值")):
        group.shapes.add_textbox(Inches(1), Inches(top), Inches(2), Inches(0.6)).text_frame.text = text
    assert kinds(slides.read(saved(deck))) == [("paragraph", "426家\n入驻企业"), ("paragraph", "118亿元\n年产值")]


def test_texts_below_each_other_are_no_cards() -> None:
    assert kinds(boxes((1, 1, "码头岸线"), (1, 1.8, "长江深水"), (1, 3, "2024年"), (1, 6, "船舶"))) == [
        ("paragraph", text) for text in ("码头岸线", "长江深水", "2024年", "船舶")
    ]


def test_the_number_of_a_step_is_no_figure() -> None:
    lines = ("办理流程", "01", "向窗口提交申请表。")
    assert kinds(boxes(*((1, 1 + 2 * n, text) for n, text in enumerate(lines)))) == [("paragraph", t) for t in lines]


STEPS = (("提交申请", "在线填写申请表。"), ("现场勘察", "专员带看厂房。"), ("签订合同", "签租赁合同。"))
TOLD = [f"0{n}\n{name}\n{text}" for n, (name, text) in enumerate(STEPS, 1)]


def test_a_step_is_its_number_its_name_and_its_text_in_whatever_way_they_are_set() -> None:
    below = [
        (0.4 + 3 * n, top, text)
        for n, (name, words) in enumerate(STEPS)
        for top, text in ((1.5, f"0{n + 1}"), (2.2, name), (2.9, words))
    ]
    beside = [
        (left, 1 + 1.7 * n + top, text)
        for n, (name, words) in enumerate(STEPS)
        for left, top, text in ((0.5, 0.1, f"0{n + 1}"), (3.7, 0, name), (3.7, 0.65, words))
    ]
    told = [("paragraph", text) for text in TOLD]
    assert kinds(boxes(*below)) == told
    assert kinds(boxes(*beside)) == told


def test_the_cards_of_a_slide_are_read_one_by_one_and_the_boxes_of_a_table_row_by_row() -> None:
    services = (
        ("食堂", "每餐十二元。"),
        ("公寓", "月租六百元起。"),
        ("班车", "早晚各六班。"),
        ("健身房", "六点开门。"),
    )
    cards = [
        (0.5 + 4 * (n % 2), 1.5 + 2.4 * (n // 2) + down, text)
        for n, card in enumerate(services)
        for down, text in enumerate(card)
    ]
    assert kinds(boxes(*cards)) == [("paragraph", "\n".join(card)) for card in services]
    names = [(0.5 + 3 * (n % 3), 1 + n // 3, f"{'甲乙丙丁戊己'[n]}公司") for n in range(6)]
    assert [text for _, text in kinds(boxes(*names))] == [text for *_, text in names]


def test_what_is_compared_in_two_columns_stays_with_its_head() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[4])
    slide.shapes.title.text = "租金"
    texts = ("一期厂房", "每月28元\n物业费2元", "二期厂房", "每月32元\n物业费3元")
    for place, text in zip((1, 2, 3, 4), texts, strict=True):
        slide.placeholders[place].text_frame.text = text
    assert kinds(slides.read(saved(deck))) == [
        ("heading", "租金"),
        *(("heading", "一期厂房"), ("item", "每月28元"), ("item", "物业费2元")),
        *(("heading", "二期厂房"), ("item", "每月32元"), ("item", "物业费3元")),
    ]


def test_a_unit_in_a_box_of_its_own_stays_with_its_number() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for left, top, wide, text in ((1, 2, 1, "30"), (2, 2.2, 1.5, "平方公里"), (1, 2.7, 2.5, "规划面积")):
        slide.shapes.add_textbox(Inches(left), Inches(top), Inches(wide), Inches(0.6)).text_frame.text = text
    assert kinds(slides.read(saved(deck))) == [("paragraph", "30平方公里\n规划面积")]


def test_a_large_line_at_the_top_is_the_title_and_contents_are_left_out() -> None:
    deck = pptx.Presentation()
    contents, divider, slide = (deck.slides.add_slide(deck.slide_layouts[6]) for _ in range(3))
    for shown, lines in (
        (contents, ("目录", "01", "园区概况", "02", "联系我们")),
        (divider, ("02", "联系我们")),
        (slide, ("招商热线", "电话：0510-86001234，工作日有人接。")),
    ):
        for place, text in enumerate(lines):
            frame = shown.shapes.add_textbox(Inches(1), Inches(0.3 + place), Inches(5), Inches(0.6)).text_frame
            frame.text = text
            frame.paragraphs[0].runs[0].font.size = Pt(18 if place else 32)
    draft = slides.read(saved(deck))
    assert kinds(draft) == [
        ("heading", "02 联系我们"),
        ("heading", "招商热线"),
        ("paragraph", "电话：0510-86001234，工作日有人接。"),
    ]
    assert [note.zh for note in draft.notes] == ["目录没有收：第 1 张"]


def test_the_data_of_a_chart_are_rows() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    data = CategoryChartData(number_format='0.0"亿元"')
    data.categories = ["2022年", "2023年"]
    data.add_series("产值", (900, 1000.5))
    data.add_series("税收", (30, None))
    made = slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, 0, 0, Inches(5), Inches(3), data)
    made.chart.has_title = True
    made.chart.chart_title.text_frame.text = "园区经济"
    draft = slides.read(saved(deck))
    assert kinds(draft) == [
        ("heading", "园区经济"),
        ("columns", "产值 | 税收"),
        ("row", "2022年 | 900.0亿元 | 30.0亿元"),
        ("row", "2023年 | 1000.5亿元 |"),
    ]
    assert [b.columns for b in draft.blocks if b.kind == "row"] == [("", "产值", "税收")] * 2


def _picture() -> io.BytesIO:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(buffer, "PNG")
    return buffer


def test_slides_of_pictures_are_named_and_never_called_empty(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    for _ in range(3):
        deck.slides.add_slide(deck.slide_layouts[6]).shapes.add_picture(_picture(), 0, 0, Inches(10))
    (tmp_path / "图.pptx").write_bytes(saved(deck))
    with pytest.raises(DocumentError) as caught:
        read_document(tmp_path / "图.pptx", tmp_path)
    assert caught.value.reason_zh.startswith("第 1、2、3 张幻灯片只有图片")
    assert "空的" not in caught.value.reason_zh


def test_a_large_picture_beside_text_is_named_and_one_behind_it_is_not() -> None:
    deck = pptx.Presentation()
    for left in (0, 6):  # the text lies over the picture, and beside it
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(_picture(), 0, 0, Inches(6), Inches(7))
        slide.shapes.add_textbox(Inches(left + 1), Inches(1), Inches(2), Inches(1)).text_frame.text = "园区有码头。"
    hidden = deck.slides.add_slide(deck.slide_layouts[6])
    hidden._element.set("show", "0")
    notes = slides.read(saved(deck)).notes
    assert [note.zh for note in notes] == [
        "第 2 张幻灯片有大幅图片，图片里如有文字没有读；需要的话请先做文字识别（OCR）。",
        "隐藏的幻灯片没有收：第 3 张",
    ]


@pytest.mark.parametrize("layout", [5, 6])
def test_the_number_on_the_left_of_a_title_belongs_to_it(layout: int) -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[layout])
    if layout == 5:  # which has a title
        slide.shapes.title.text = "优惠政策"
        slide.shapes.title.left, slide.shapes.title.top = Inches(2), Inches(0.4)
        slide.shapes.title.width, slide.shapes.title.height = Inches(6), Inches(0.8)
    for left, top, text, size in (
        (0.3, 0.3, "02", 54),
        *[(2, 0.4, "优惠政策", 32)] * (layout == 6),
        (1, 3, "第一年租金全免，第二年减半。", 20),
        (1, 5, "硕士每月补贴一千元，最长三年。", 20),
    ):
        frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(1.5 if text == "02" else 7), Inches(0.9))
        frame.text_frame.text = text
        frame.text_frame.paragraphs[0].runs[0].font.size = Pt(size)
    assert kinds(slides.read(saved(deck))) == [
        ("heading", "02 优惠政策"),
        ("paragraph", "第一年租金全免，第二年减半。"),
        ("paragraph", "硕士每月补贴一千元，最长三年。"),
    ]


def test_the_only_line_above_a_table_is_the_title_of_its_slide() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    slide.shapes.add_textbox(Inches(1), Inches(0.3), Inches(6), Inches(0.8)).text_frame.text = "收费对比"
    table = slide.shapes.add_table(2, 2, Inches(1), Inches(2), Inches(6), Inches(2)).table
    for place, text in enumerate(("项目", "园内", "水费", "2.8元/吨")):
        table.cell(place // 2, place % 2).text = text
    assert kinds(slides.read(saved(deck)))[0] == ("heading", "收费对比")


def test_the_data_of_a_chart_of_points_are_rows() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "能耗与产出"
    data = XyChartData()
    series = data.add_series("企业")
    series.add_data_point(1.2, 3.4)
    series.add_data_point(2.5, 5.1)
    slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, Inches(1), Inches(2), Inches(5), Inches(4), data)
    draft = slides.read(saved(deck))
    assert kinds(draft)[1:] == [("columns", "X | 企业"), ("row", "1.2 | 3.4"), ("row", "2.5 | 5.1")]


def test_the_title_of_the_first_slide_is_that_of_the_deck_unless_it_says_more(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    for title, text in (("滨海新区招商推介", "2026年6月"), ("园区优势", "位于长江入海口。")):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = title
        slide.shapes.add_textbox(Inches(1), Inches(3), Inches(5), Inches(1)).text_frame.text = text
    (tmp_path / "a.pptx").write_bytes(saved(deck))
    assert read_document(tmp_path / "a.pptx", tmp_path).title == "滨海新区招商推介"
    long = deck.slides[0].shapes[1].text_frame
    long.text = "滨海新区位于长江入海口，规划面积一百二十平方公里，是国家级开放平台，今年六月举办招商大会。"
    (tmp_path / "b.pptx").write_bytes(saved(deck))
    assert read_document(tmp_path / "b.pptx", tmp_path).title == "b"


def test_a_year_may_begin_the_title_of_a_slide_and_that_of_a_deck_may_stand_in_the_middle(tmp_path: Path) -> None:
    deck = pptx.Presentation()
    for places in (
        [(1, 3, "江海园区2026年工作汇报", 36), (1, 5, "办公室", 18)],
        [(1, 0.3, "2025年主要指标", 28), (1, 3, "地区生产总值", 16), (1, 3.7, "345.1亿元", 30)],
    ):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        for left, top, text, size in places:
            box = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(6), Inches(0.6)).text_frame
            box.text = text
            box.paragraphs[0].runs[0].font.size = Pt(size)
    (tmp_path / "a.pptx").write_bytes(saved(deck))
    read = read_document(tmp_path / "a.pptx", tmp_path)
    headings = [read.text[b.start : b.end] for b in read.blocks if b.kind == "heading"]
    assert (read.title, headings) == ("江海园区2026年工作汇报", ["江海园区2026年工作汇报", "2025年主要指标"])


def test_slides_with_notes_of_the_speaker_are_told() -> None:
    deck = pptx.Presentation()
    for text in ("不要讲第三家。", " "):
        slide = deck.slides.add_slide(deck.slide_layouts[5])
        slide.shapes.title.text = "企业介绍"
        slide.notes_slide.notes_text_frame.text = text
    draft = slides.read(saved(deck))
    assert "第三家" not in draft.text
    assert [note.zh for note in draft.notes] == ["讲者备注没有收：第 1 张"]
