"""Pictures of pages: made from the very file that was read, upright and straight, kept, and bounded."""

from __future__ import annotations

import hashlib
import io
import os
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pypdfium2
import pytest
from docx.shared import Mm
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from papers import endless_pdf, handbook_pdf, saved
from parkqa.corpus import page_pictures
from parkqa.corpus.documents import read_document
from parkqa.corpus.page_picture_child import SIDE, draw
from parkqa.corpus.page_pictures import PageJob, PagePictures
from parkqa.types import Document, Leaf


def written(folder: Path, name: str, raw: bytes, leaf: Leaf) -> Document:
    (folder / name).write_bytes(raw)
    return Document(name, "", "", "", (), leaves=(leaf,), file=hashlib.sha256(raw).hexdigest())


def english_pdf(turn: int = 0) -> bytes:
    """A page with a font that every reader has."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    canvas.setFont("Helvetica", 14)
    if turn:
        canvas.rotate(90)
        canvas.translate(0, -595)
    canvas.drawString(72, 500, "The canteen is on the first floor of building three.")
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def opened(picture: bytes | None) -> Image.Image:
    assert picture is not None
    return Image.open(io.BytesIO(picture))


def is_dark(image: Image.Image, box: tuple[float, float, float, float]) -> bool:
    return image.convert("L").crop(tuple(round(edge) for edge in box)).getextrema()[0] < 128  # type: ignore[operator]


@pytest.mark.parametrize("turn", [0, 1])
def test_a_line_of_a_pdf_stands_on_the_picture_where_its_box_says(tmp_path: Path, turn: int) -> None:
    (tmp_path / "a.pdf").write_bytes(english_pdf(turn))
    document = read_document(tmp_path / "a.pdf", tmp_path)
    (leaf,) = document.leaves
    start, length, *box = leaf.lines
    assert document.text[start : start + length].startswith("The canteen")
    image = opened(PagePictures(tmp_path, tmp_path / "cache").picture(document, leaf))
    assert max(image.size) == SIDE
    scale = image.width / leaf.width
    left, top, right, bottom = (edge * scale for edge in box)
    assert is_dark(image, (left, top, right, bottom))
    assert not is_dark(image, (left, bottom + 5, right, bottom + 60))
    assert not is_dark(image, (0, top, left - 3, bottom)) and not is_dark(image, (right + 3, top, image.width, bottom))


def test_a_scan_is_turned_and_straightened(tmp_path: Path) -> None:
    upright = Image.new("L", (600, 800), 255)
    ImageDraw.Draw(upright).rectangle((100, 100, 500, 110), fill=0)
    askew = upright.rotate(-2.0, Image.Resampling.BICUBIC, fillcolor=255).rotate(90, expand=True)
    buffer = io.BytesIO()
    askew.save(buffer, "PNG")
    leaf = Leaf(1, 600, 800, turn=90, skew=2.0, confidence=0.99, lines=(0, 1, 100, 100, 500, 110))
    image = opened(
        PagePictures(tmp_path, tmp_path / "cache").picture(written(tmp_path, "a.png", buffer.getvalue(), leaf), leaf)
    )
    assert image.size == (600, 800)
    assert all(is_dark(image, (x, 101, x + 8, 109)) for x in (104, 300, 488))
    assert not is_dark(image, (100, 120, 500, 300)) and not is_dark(image, (100, 0, 500, 90))


@pytest.mark.slow
def test_a_picture_in_a_word_file_is_shown_and_a_page_of_a_tif(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (30, 40), "navy").save(buffer, "PNG")
    document = docx.Document()
    document.add_picture(io.BytesIO(buffer.getvalue()), Mm(100))
    leaf = Leaf(1, 632, 842, "word/media/image1.png", confidence=0.9)
    pictures = PagePictures(tmp_path, tmp_path / "cache")
    assert opened(pictures.picture(written(tmp_path, "a.docx", saved(document), leaf), leaf)).size == (30, 40)
    tif = io.BytesIO()
    Image.new("L", (10, 20), 0).save(tif, "TIFF", save_all=True, append_images=[Image.new("L", (20, 10), 0)])
    leaf = Leaf(2, 842, 421, confidence=0.9)
    assert opened(pictures.picture(written(tmp_path, "a.tif", tif.getvalue(), leaf), leaf)).size == (20, 10)


@pytest.mark.slow
def test_a_file_that_has_changed_or_is_gone_is_not_shown(tmp_path: Path) -> None:
    leaf = Leaf(1, 595, 842)
    document = written(tmp_path, "a.pdf", english_pdf(), leaf)
    pictures = PagePictures(tmp_path, tmp_path / "cache")
    assert pictures.can_show(document, leaf)
    (tmp_path / "a.pdf").write_bytes(english_pdf() + b"\n")
    assert pictures.picture(document, leaf) is None
    (tmp_path / "a.pdf").unlink()
    assert not pictures.can_show(document, leaf) and pictures.picture(document, leaf) is None
    (tmp_path / "a.doc").write_bytes(b"old")
    assert not pictures.can_show(replace(document, path="a.doc", converted=True), leaf)  # it would have to be converted


def test_text_that_cannot_be_drawn_for_want_of_a_font_is_not_shown_as_a_blank_page(tmp_path: Path) -> None:
    raw = english_pdf()
    elsewhere = Leaf(1, 595, 842, lines=(0, 9, 72, 600, 300, 614))
    document = written(tmp_path, "a.pdf", raw, elsewhere)
    assert draw(PageJob(tmp_path / "a.pdf", tmp_path, document.file, elsewhere)) is None
    assert draw(PageJob(tmp_path / "a.pdf", tmp_path, document.file, replace(elsewhere, lines=()))) is not None


def test_no_file_outside_the_corpus_is_opened(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    leaf = Leaf(1, 595, 842)
    document = written(tmp_path, "a.pdf", english_pdf(), leaf)
    outside = replace(document, path="../a.pdf")
    assert PagePictures(tmp_path / "corpus", tmp_path / "cache").picture(outside, leaf) is None


@pytest.mark.slow
@pytest.mark.parametrize(
    "leaf", [Leaf(9, 595, 842), Leaf(1, 595, 842, "word/media/none.png"), Leaf(1, 0, 0, lines=(0, 1, 0, 0, 1, 1))]
)
def test_a_page_that_the_file_does_not_have_is_none(tmp_path: Path, leaf: Leaf) -> None:
    document = written(tmp_path, "a.pdf", handbook_pdf(), leaf)
    assert PagePictures(tmp_path, tmp_path / "cache").picture(document, leaf) is None


def test_a_page_is_made_once_and_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def picture(self: PagePictures, document: Document, leaf: Leaf, source: Path | None) -> bytes:
        made.append(leaf.number)
        return bytes([leaf.number]) * 100

    monkeypatch.setattr(PagePictures, "_made", picture)
    monkeypatch.setattr(page_pictures, "KEPT", 250)
    pictures = PagePictures(tmp_path, tmp_path / "cache")
    leaves = [Leaf(number, 10, 10) for number in (1, 2, 3)]
    document = Document("a.pdf", "", "", "", (), leaves=tuple(leaves), file="ab" * 32)
    for place, leaf in enumerate(leaves[:2]):
        pictures.picture(document, leaf)
        (path,) = (tmp_path / "cache" / "pages").glob(f"*-{leaf.number}-1.webp")
        os.utime(path, (time.time() - 100 + place,) * 2)
    assert pictures.picture(document, leaves[0]) == b"\x01" * 100  # asked for again: now the newer one
    pictures.picture(document, leaves[2])
    assert made == [1, 2, 3]
    assert sorted(path.name.split("-")[1] for path in (tmp_path / "cache" / "pages").iterdir()) == ["1", "3"]


def test_a_cache_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    leaf = Leaf(1, 595, 842)
    document = written(tmp_path, "a.pdf", english_pdf(), leaf)
    assert PagePictures(tmp_path, tmp_path / "cache").picture(document, leaf) is not None


@pytest.mark.slow
def test_a_bomb_in_a_package_is_not_unpacked(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/media/image1.png", bytes(300 * 1024**2))
    leaf = Leaf(1, 595, 842, "word/media/image1.png")
    document = written(tmp_path, "a.docx", buffer.getvalue(), leaf)
    with pytest.raises(ValueError, match="large"):
        draw(PageJob(tmp_path / "a.docx", tmp_path, document.file, leaf))
    assert PagePictures(tmp_path, tmp_path / "cache").picture(document, leaf) is None


@pytest.mark.slow
def test_a_page_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_pictures, "SECONDS", 1)
    leaf = Leaf(1, 595, 842)
    document = written(tmp_path, "a.pdf", endless_pdf(), leaf)
    began = time.monotonic()
    PagePictures(tmp_path, tmp_path / "cache").picture(document, leaf)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize(("origin", "cropped"), [((0, 0), True), ((50, -30), False), ((-595, 300), True)])
def test_the_boxes_are_right_wherever_the_page_begins_however_it_is_cropped_and_turned(
    tmp_path: Path, origin: tuple[int, int], cropped: bool, turn: int
) -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    canvas.translate(*origin)
    canvas.setFont("Helvetica", 14)
    canvas.drawString(100, 500, "The canteen is on the first floor of hall three.")
    canvas.drawString(100, 470, "It opens at eleven and closes at one.")
    canvas.showPage()
    canvas.save()
    made = io.BytesIO()
    with pypdfium2.PdfDocument(buffer.getvalue()) as pdf:
        left, lower = origin
        pdf[0].set_mediabox(left, lower, left + 595, lower + 842)
        if cropped:
            pdf[0].set_cropbox(left + 50, lower + 300, left + 500, lower + 700)
        pdf[0].set_rotation(turn)
        pdf.save(made)
    (tmp_path / "a.pdf").write_bytes(made.getvalue())
    document = read_document(tmp_path / "a.pdf", tmp_path)
    (leaf,) = document.leaves
    assert document.text.startswith("The canteen is on the first floor") and (leaf.width, leaf.height) == (595, 842)
    image = opened(draw(PageJob(tmp_path / "a.pdf", tmp_path, document.file, leaf))).convert("L")
    scale = image.width / leaf.width
    ink = image.point(lambda value: 255 * (value < 128)).getbbox()
    assert ink is not None
    edges = [leaf.lines[edge::6] for edge in (2, 3, 4, 5)]
    around = (min(edges[0]), min(edges[1]), max(edges[2]), max(edges[3]))
    assert [edge / scale for edge in ink] == pytest.approx(around, abs=3)
