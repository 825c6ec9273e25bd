"""Recognised pages are put together like those of a PDF, say that they were recognised, and keep where lines stand."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import docx.document
import openpyxl
import pptx
import pytest
from docx.shared import Mm
from PIL import Image
from pptx.oxml import parse_xml
from pptx.util import Inches

from papers import FONT, Paper, saved
from parkqa.answer.quoting import quote
from parkqa.corpus import recognition
from parkqa.corpus.documents import read_corpus, read_with_notes
from parkqa.corpus.formats import PICTURES
from parkqa.corpus.limits import Limits
from parkqa.corpus.readers import pdf, pictures, sheets, slides, word
from parkqa.corpus.readers.scans import Picture, Recognition, Strip, straightened
from parkqa.corpus.recognition import Recogniser
from parkqa.corpus.splitting import split
from parkqa.errors import DocumentError
from parkqa.settings import load_settings
from parkqa.types import Document, Hit

EM = 30.0
"""Width of a character in the recognised pictures, in pixels."""
LINES = (
    (300, "园区停车管理办法", 1.5),
    (200, "第一条 园区东区设停车位四百二十六个，其中新能源专用车位五十八", 1.0),
    (140, "个，地下一层限高2.1米，访客车辆停放在北门外的停车场。", 1.0),
    (200, "第二条 小型车首2小时免费，之后每小时3元。", 1.0),
)


def recognised(
    lines: Sequence[tuple[float, str, float]] = LINES, skew: float = 0.0, score: float = 0.99
) -> Recognition:
    """What a recogniser would say of a page that lies askew: lines given by left edge, text and size."""
    page = Recognition(1414, 2000, 0, skew, ())
    strips = []
    for place, (left, text, size) in enumerate(lines):
        em = EM * size
        width = sum(0.55 * em if char.isascii() else em for char in text)
        middle = (left + width / 2, 300 + 60.0 * place)
        x, y = straightened(*middle, Recognition(1414, 2000, 0, -skew, ()))
        strips.append(Strip(text, score, x, y, width + 0.45 * em, 1.5 * em, skew))
    return Recognition(page.width, page.height, 0, skew, tuple(strips))


def always(found: Recognition | None) -> Callable[[Picture], Recognition | None]:
    return lambda _: found


def scan() -> Image.Image:
    return Image.new("L", (400, 566), 255)


def picture() -> bytes:
    buffer = io.BytesIO()
    scan().save(buffer, "PNG")
    return buffer.getvalue()


def as_document(folder: Path, name: str, raw: bytes, found: Recognition | None) -> Document:
    (folder / name).write_bytes(raw)
    return read_with_notes(folder / name, folder, always(found))[0]


@pytest.mark.parametrize("skew", [0.0, 2.5, -2.5])
def test_lines_of_a_scan_become_headings_and_paragraphs_however_askew(skew: float) -> None:
    draft = pictures.read(picture(), always(recognised(skew=skew)))
    assert [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks] == [
        ("heading", "园区停车管理办法"),
        (
            "paragraph",
            "第一条 园区东区设停车位四百二十六个，其中新能源专用车位五十八个，"
            "地下一层限高2.1米，访客车辆停放在北门外的停车场。",
        ),
        ("paragraph", "第二条 小型车首2小时免费，之后每小时3元。"),
    ]
    assert draft.recognized == ((0, len(draft.text)),)


def test_each_line_is_found_in_the_text_and_on_the_page() -> None:
    draft = pictures.read(picture(), always(recognised(skew=2.0)))
    (page,) = draft.leaves
    lines = [page.lines[place : place + 6] for place in range(0, len(page.lines), 6)]
    assert [draft.text[start : start + length] for start, length, *_ in lines] == [text for _, text, _ in LINES]
    tops = [line[3] for line in lines]
    assert tops == sorted(tops) and all(0 <= line[2] < line[4] <= page.width for line in lines)
    assert abs(lines[1][2] - lines[3][2]) <= 1  # both begin at the indent of a paragraph
    assert (page.height, page.skew, page.confidence) == (842, 2.0, 0.99)


def test_short_lines_have_the_size_of_the_text_and_the_date_under_a_paper_stands_alone() -> None:
    lines = (*LINES[:2], (140, "个。", 1.2), (900, "园区管理委员会", 1.0), (900, "2026年2月10日", 1.0))
    draft = pictures.read(picture(), always(recognised(lines)))
    texts = [draft.text[block.start : block.end] for block in draft.blocks]
    assert texts[1:] == [f"{LINES[1][1]}个。", "园区管理委员会", "2026年2月10日"]
    assert [block.kind for block in draft.blocks] == ["heading", "paragraph", "paragraph", "paragraph"]


def test_slanted_lines_are_marks_and_unsure_ones_are_left_out() -> None:
    found = recognised((*LINES, (300, "内部资料严禁外传", 1.0), (300, "看不清的一行", 1.0)))
    *rest, mark, unsure = found.strips
    tilted = Strip(mark.text, 0.9, mark.x, mark.y, mark.width, mark.height, 30.0)
    weak = Strip(unsure.text, 0.3, unsure.x, unsure.y, unsure.width, unsure.height, 0.0)
    draft = pictures.read(picture(), always(Recognition(1414, 2000, 0, 0.0, (*rest, tilted, weak))))
    assert "严禁外传" not in draft.text and "看不清" not in draft.text and "小型车" in draft.text


def test_a_ruled_table_of_a_scan_is_read_row_by_row() -> None:
    xs, ys = (200, 500, 800), (400, 470, 540)
    rules = [(xs[0], y, xs[-1], y) for y in ys] + [(x, ys[0], x, ys[-1]) for x in xs]
    cells = (("类别", "租金（元/月）"), ("标准厂房一层", "35000"))
    strips = tuple(
        Strip(text, 0.99, xs[column] + 20 + EM * len(text) / 2, ys[row] + 35, EM * len(text) + 12, 42, 0.0)
        for row, texts in enumerate(cells)
        for column, text in enumerate(texts)
    )
    draft = pictures.read(picture(), always(Recognition(1414, 2000, 0, 0.0, strips, tuple(rules))))
    blocks = [(block.kind, draft.text[block.start : block.end]) for block in draft.blocks if block.kind != "break"]
    assert blocks == [("columns", "类别 | 租金（元/月）"), ("row", "标准厂房一层 | 35000")]
    assert draft.recognized == ((0, len(draft.text)),)
    assert len(draft.leaves[0].lines) == 12  # a box a row


def test_only_the_scanned_page_of_a_pdf_is_recognised() -> None:
    paper = Paper()
    paper.paragraph("园区食堂在一楼，早餐七点开始供应，晚餐六点结束。")
    paper.turn()
    paper.picture()
    draft = pdf.read(paper.save(), always(recognised()))
    (span,) = draft.recognized
    assert draft.text[: span[0]].strip() == "园区食堂在一楼，早餐七点开始供应，晚餐六点结束。"
    assert draft.text[span[0] : span[1]].startswith("园区停车管理办法")
    assert [(page.number, page.confidence) for page in draft.leaves] == [(1, None), (2, 0.99)]
    assert [(note.zh, note.warns) for note in draft.notes] == [
        ("第 2 页是扫描的图片，文字由识别程序读出，可能有错字。", False)
    ]


def test_pages_without_text_or_with_doubtful_text_are_named() -> None:
    paper = Paper()
    for _ in range(3):
        paper.picture()
        paper.turn()
    answers = iter([recognised(score=0.9), recognised(()), None])
    draft = pdf.read(paper.save(), lambda _: next(answers))
    told = {note.zh: note.warns for note in draft.notes}
    assert told["第 1（0.90） 页识别的把握不大，错字可能多，请对照原件核对。"]
    assert told["第 2 页没有认出文字；确有文字的话，请换一份清楚的扫描件。"]
    assert told["第 3 页的文字识别没有做完（出错或太久），没有收。"]


def test_without_a_recogniser_the_cure_is_named() -> None:
    paper = Paper()
    paper.picture()
    (note,) = pdf.read(paper.save()).notes
    assert "OCR" in note.zh and note.warns


def test_a_picture_that_fills_a_page_of_word_is_read_in_its_place() -> None:
    document = docx.Document()
    document.add_paragraph("附件如下。")
    document.add_picture(io.BytesIO(picture()), Mm(160))
    document.add_paragraph("附件完。")
    document.add_picture(io.BytesIO(picture()), Mm(20))
    draft = word.read(saved(document), always(recognised()))
    texts = [draft.text[block.start : block.end] for block in draft.blocks]
    assert texts[0] == "附件如下。" and texts[1] == "园区停车管理办法" and texts[-1] == "附件完。"
    assert all(block.page is None for block in draft.blocks)
    (page,) = draft.leaves
    assert page.member.startswith("word/media/") and page.number == 1
    assert draft.text[draft.recognized[0][0] : draft.recognized[0][1]].startswith("园区停车管理办法")


def test_headings_in_a_picture_stand_below_that_of_the_text_around_it(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("文体活动汇编", 1)
    document.add_picture(io.BytesIO(picture()), Inches(6))
    document.add_paragraph("活动由文体中心组织。")
    read = as_document(tmp_path, "a.docx", saved(document), recognised())
    assert read.title == "文体活动汇编"
    *_, last = split(read)
    assert (last.text, last.heading) == ("活动由文体中心组织。", ("文体活动汇编",))
    headings = [(b.level, read.text[b.start : b.end]) for b in read.blocks if b.kind == "heading"]
    assert headings == [(1, "文体活动汇编"), (2, "园区停车管理办法")]


def test_a_slide_that_is_a_picture_is_read() -> None:
    deck = pptx.Presentation()
    for _ in range(2):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        slide.shapes.add_picture(io.BytesIO(picture()), 0, 0, Inches(10))
    draft = slides.read(saved(deck), always(recognised()))
    headings = [(b.level, b.page) for b in draft.blocks if b.kind == "heading"]
    assert headings == [(2, 1), (2, 2)]
    assert [page.number for page in draft.leaves] == [1, 2] and draft.leaves[0].member.startswith("ppt/media/")


def test_a_quote_says_whether_it_was_recognised(tmp_path: Path) -> None:
    scanned = as_document(tmp_path, "通知.png", picture(), recognised())
    passage = split(scanned)[-1]
    shown = quote(Hit(0, passage, 1.0, 1.0, 1.0), scanned, passage.spans)
    assert shown.recognized and shown.to_dict()["recognized"] is True
    (tmp_path / "通知.md").write_text("# 通知\n\n园区很大。\n", encoding="utf-8")
    written = read_with_notes(tmp_path / "通知.md", tmp_path)[0]
    passage = split(written)[-1]
    assert not quote(Hit(0, passage, 1.0, 1.0, 1.0), written, passage.spans).recognized


def test_an_image_file_with_several_pages_and_one_that_shows_no_text(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    scan().save(buffer, "TIFF", save_all=True, append_images=[scan()])
    document = as_document(tmp_path, "两页.tif", buffer.getvalue(), recognised())
    assert {block.page for block in document.blocks} == {1, 2}
    with pytest.raises(DocumentError, match="no text was recognised"):
        as_document(tmp_path, "标志.png", picture(), recognised(((300, "靖江园区", 1.0),)))


@pytest.mark.parametrize("raw", [b"", b"no picture", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_what_is_no_picture_is_left_out_with_the_reason(tmp_path: Path, raw: bytes) -> None:
    with pytest.raises(DocumentError, match=r"fill it|holds something else|damaged"):
        as_document(tmp_path, "坏.png", raw, recognised())


def test_a_picture_that_would_fill_the_memory_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PIXELS", 1000)
    with pytest.raises(DocumentError, match="million pixels"):
        as_document(tmp_path, "大.png", picture(), recognised())


def test_transparent_pictures_lie_on_white_and_turned_ones_are_turned() -> None:
    clear = Image.new("RGBA", (10, 20), (0, 0, 0, 0))
    assert set(pictures.of_image(clear).pixels) == {255}
    turned = Image.new("L", (10, 20), 0)
    turned.getexif()[0x0112] = 6
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", exif=turned.getexif())
    made = pictures.of_image(pictures.opened(buffer.getvalue()))
    assert (made.width, made.height) == (20, 10)


class Told(Recogniser):
    """A recogniser whose process is replaced by a fixed answer; ``asked`` counts."""

    def __init__(self, folder: Path, found: Recognition | None) -> None:
        super().__init__(folder, Limits())
        self.asked, self._found = 0, found

    def _asked(self, picture: Picture) -> Recognition | None:
        self.asked += 1
        return self._found


def test_a_page_is_recognised_once_and_a_damaged_note_of_it_is_made_anew(tmp_path: Path) -> None:
    page = Picture(2, 1, b"\x00\xff")
    first = Told(tmp_path / "cache", recognised())
    assert first.recognise(page) == first.recognise(page) == recognised() and first.asked == 1
    again = Told(tmp_path / "cache", recognised())
    assert again.recognise(page) == recognised() and again.asked == 0
    assert again.recognise(Picture(1, 2, b"\x00\xff")) == recognised() and again.asked == 1
    for path in (tmp_path / "cache").iterdir():
        path.write_text("{")
    assert again.recognise(page) == recognised() and again.asked == 2


def test_what_failed_is_not_kept_and_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    page = Picture(1, 1, b"\x00")
    failing = Told(tmp_path / "cache", None)
    assert failing.recognise(page) is None and failing.recognise(page) is None and failing.asked == 2
    assert Told(tmp_path / "file" / "cache", recognised()).recognise(page) == recognised()


@pytest.mark.slow
def test_pictures_are_documents_only_where_text_is_recognised(tmp_path: Path) -> None:
    for name in ("通知.png", "地图.jpg"):
        (tmp_path / name).write_bytes(picture())
    (tmp_path / "a.md").write_text("# 园区\n\n园区很大。\n", encoding="utf-8")
    assert set(read_corpus(tmp_path).skipped) == {"通知.png", "地图.jpg"}
    with Told(tmp_path / ".cache", recognised()) as recogniser:
        corpus = read_corpus(tmp_path, recogniser=recogniser, left=["地图.jpg"])
    assert [document.path for document in corpus.documents] == ["a.md", "通知.png"]
    assert corpus.skipped == ("地图.jpg",) and not corpus.failed
    assert corpus.passages["通知.png"][0].heading == ("园区停车管理办法",)


@pytest.mark.slow
def test_a_picture_without_text_is_named_and_changes_no_status(tmp_path: Path) -> None:
    (tmp_path / "照片.png").write_bytes(picture())
    with Told(tmp_path / ".cache", recognised(())) as recogniser:
        corpus = read_corpus(tmp_path, recogniser=recogniser)
    assert not corpus.documents and not corpus.failed
    assert [note.path for note in corpus.notes] == ["照片.png"]


@pytest.mark.slow
def test_a_recogniser_that_does_not_start_costs_only_the_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "PROGRAM", "parkqa.no_such_program")
    paper = Paper()
    paper.paragraph("园区食堂在一楼，早餐七点开始供应，晚餐六点结束。")
    paper.turn()
    paper.picture()
    (tmp_path / "a.pdf").write_bytes(paper.save())
    with Recogniser(tmp_path / ".cache", Limits()) as recogniser:
        corpus = read_corpus(tmp_path, recogniser=recogniser)
    assert "食堂" in corpus.documents[0].text
    assert any("识别没有做完" in note.zh for note in corpus.notes)


def test_it_is_off_where_it_is_not_installed_or_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recognition, "version", lambda: "")
    assert recognition.recogniser(load_settings(ocr="auto")) is None
    monkeypatch.setattr(recognition, "version", lambda: "a recogniser")
    assert recognition.recogniser(load_settings(ocr="auto")) is not None
    assert recognition.recogniser(load_settings(ocr="off")) is None


def test_pictures_have_a_reader() -> None:
    assert {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"} == PICTURES


def test_what_is_kept_is_plain_json(tmp_path: Path) -> None:
    Told(tmp_path, recognised()).recognise(Picture(1, 1, b"\x00"))
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_bytes())["strips"][0]["text"] == "园区停车管理办法"


@pytest.mark.parametrize("mode", [0, 3])
def test_text_written_invisibly_over_a_scan_was_recognised_too(mode: int) -> None:
    paper = Paper()
    paper.picture()
    text = paper.canvas.beginText(72, 700)
    text.setFont(FONT, 12)
    text.setTextRenderMode(mode)
    for _ in range(3):
        text.textLine("园区食堂在一楼，早餐七点开始供应，晚餐六点结束。")
    paper.canvas.drawText(text)
    paper.turn()
    paper.paragraph("园区班车每天早上七点半从地铁站发车。")
    draft = pdf.read(paper.save())
    recognised_ = [draft.text[start:end] for start, end in draft.recognized]
    assert all("食堂" in part and "班车" not in part for part in recognised_) and bool(recognised_) == (mode == 3)
    assert any("扫描的软件" in note.zh and not note.warns for note in draft.notes) == (mode == 3)


def photographed(width: int = 400, shade: str = "white") -> io.BytesIO:
    """A picture that is no other's twin."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, 300), shade).save(buffer, "PNG")
    buffer.seek(0)
    return buffer


def framed(large: bool = True) -> docx.document.Document:
    """A table of Word with a picture in place of a cell's text, and one beside text."""
    document = docx.Document()
    table = document.add_table(rows=2, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text, table.cell(1, 0).text = "项目", "收费标准", "停车（图）"
    table.cell(1, 1).paragraphs[0].add_run().add_picture(photographed(), Mm(60 if large else 8))
    table.cell(1, 0).paragraphs[0].add_run().add_picture(photographed(20), Mm(8))
    document.add_paragraph("以上自发布之日起执行。")
    return document


def test_a_picture_in_place_of_a_cell_is_named_or_read_behind_its_table() -> None:
    (note,) = word.read(saved(framed())).notes
    assert note.zh.startswith("第 2 幅图片") and note.warns
    assert word.read(saved(framed(large=False))).notes == ()
    draft = word.read(saved(framed()), always(recognised()))
    texts = [draft.text[block.start : block.end] for block in draft.blocks if block.kind != "break"]
    assert (
        texts[:3] == ["项目 | 收费标准", "停车（图） |", "园区停车管理办法"] and texts[-1] == "以上自发布之日起执行。"
    )
    assert [leaf.number for leaf in draft.leaves] == [2] and not any(note.warns for note in draft.notes)


def priced(hidden: bool = False) -> bytes:
    """A workbook with a picture on each of its sheets, a small one, and one in a cell as WPS Office keeps it."""
    book = openpyxl.Workbook()
    for number, title in enumerate(("租金", "停车")):
        sheet = book.active if number == 0 else book.create_sheet()
        sheet.title = title
        sheet["A1"], sheet["B1"], sheet["A2"], sheet["B2"] = "楼栋", "价目", f"{number + 1}号楼", '=DISPIMG("ID_1",1)'
        sheet["B2"].data_type = "s"
        sheet.add_image(openpyxl.drawing.image.Image(photographed(400 + number)), "D1")
    book.worksheets[0].add_image(openpyxl.drawing.image.Image(photographed(40)), "D9")
    book.worksheets[1].sheet_state = "hidden" if hidden else "visible"
    raw = io.BytesIO(saved(book))
    with zipfile.ZipFile(raw, "a") as package:
        package.writestr("xl/media/image9.png", photographed(450).getvalue())
    return raw.getvalue()


def test_pictures_of_a_workbook_are_named_and_those_in_cells_are_no_text() -> None:
    draft = sheets.read(priced())
    assert "DISPIMG" not in draft.text and "1号楼" in draft.text
    told = [note.zh.split("图片")[0] for note in draft.notes]
    assert told == ["工作表 租金 有 2 张", "工作表 停车 有 1 张", "单元格里或别处有 1 张"]
    assert [note.zh.split("图片")[0] for note in sheets.read(priced(hidden=True)).notes if note.warns] == [
        told[0],
        told[2],
    ]


def test_pictures_of_a_workbook_are_read_behind_their_sheet() -> None:
    draft = sheets.read(priced(), always(recognised()))
    titles = [(b.page, b.level) for b in draft.blocks if draft.text[b.start : b.end] == "园区停车管理办法"]
    assert titles == [("租金", 3), ("停车", 3), (None, 3)]
    assert len(draft.leaves) == 3 == len({leaf.member for leaf in draft.leaves} - {""})
    assert [note.zh.split("图片")[0] for note in draft.notes if note.warns] == ["工作表 租金 有 1 张"]


def test_a_picture_beside_the_text_of_a_slide_is_read_and_one_that_fills_a_cell_is_named() -> None:
    deck = pptx.Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "收费标准"
    slide.shapes.add_picture(photographed(), 0, Inches(2), Inches(8), Inches(5))
    draft = slides.read(saved(deck), always(recognised()))
    texts = [draft.text[block.start : block.end] for block in draft.blocks]
    assert texts[:2] == ["收费标准", "园区停车管理办法"] and not any(note.warns for note in draft.notes)
    other = deck.slides.add_slide(deck.slide_layouts[5])
    other.shapes.title.text = "流程"
    cell = other.shapes.add_table(1, 2, 0, Inches(3), Inches(3), Inches(1)).table.cell(0, 1)
    _, link = other.part.get_or_add_image_part(photographed(500))
    fill = (
        '<a:blipFill xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:r="http://schemas.'
        f'openxmlformats.org/officeDocument/2006/relationships"><a:blip r:embed="{link}"/></a:blipFill>'
    )
    cell._tc.get_or_add_tcPr().append(parse_xml(fill))
    assert any(note.zh.startswith("第 1、2 张幻灯片有大幅图片") for note in slides.read(saved(deck)).notes)
