"""Word files and slides are laid out at the build, and what pictures of pages are drawn from is kept by its content."""

from __future__ import annotations

import hashlib
import io
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import docx
import pypdfium2
import pytest
from docx.oxml import OxmlElement
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from office import libreoffice, needs_office, saved_as, stand_in
from papers import handbook_pdf, saved, talk_pptx
from parkqa.corpus import kept_files
from parkqa.corpus.conversion import Office
from parkqa.corpus.documents import Corpus, read_corpus
from parkqa.corpus.kept_files import SHOWN, KeptFiles
from parkqa.corpus.page_pictures import PagePictures
from parkqa.types import Document, Leaf

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a script")
SENTENCE = "The canteen is on the first floor of building three."


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return saved(document)


def with_a_deletion() -> bytes:
    document = docx.Document()
    paragraph = document.add_paragraph(SENTENCE)
    gone = OxmlElement("w:del")
    run = paragraph.add_run("It was in hall B.")._r
    gone.append(run)
    paragraph._p.append(gone)
    run[0].tag = run[0].tag.replace("}t", "}delText")
    return saved(document)


def page_pdf(*lines: str) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    for number, line in enumerate(lines):
        canvas.drawString(72, 700 - 20 * number, line)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def drawing(folder: Path, pdf: bytes) -> Office:
    """A stand-in for LibreOffice that makes this PDF of any file, and counts how often."""
    (folder / "made.pdf").write_bytes(pdf)
    body = f"""
if "--version" in argv:
    print("LibreOffice 9.9.9 40")
else:
    out = argv[argv.index("--outdir") + 1]
    os.makedirs(out)
    open({str(folder / "runs")!r}, "a").write("x")
    made = open({str(folder / "made.pdf")!r}, "rb").read()
    open(out + "/document." + argv[argv.index("--convert-to") + 1], "wb").write(made)
"""
    office = Office(stand_in(folder, body), folder / "cache" / "converted")
    office.__dict__["has_chinese_font"] = True
    return office


def built(folder: Path, office: Office | None, **files: bytes) -> Corpus:
    (folder / "corpus").mkdir(exist_ok=True)
    for name, raw in files.items():
        (folder / "corpus" / name.replace("_", ".")).write_bytes(raw)
    return read_corpus(folder / "corpus", office=office, shown=KeptFiles(folder / "cache" / SHOWN))


@POSIX
def test_a_word_file_is_laid_out_once_and_drawn_from_what_was_kept(tmp_path: Path) -> None:
    office = drawing(tmp_path, page_pdf("Head", SENTENCE))
    corpus = built(tmp_path, office, a_docx=word(SENTENCE))
    (document,) = corpus.documents
    (leaf,) = document.leaves
    assert document.drawn == hashlib.sha256((tmp_path / "made.pdf").read_bytes()).hexdigest()
    assert leaf.lines[:3] == (0, len(SENTENCE), 72) and corpus.notes == corpus.failed == ()
    assert built(tmp_path, office).documents == (document,)
    assert (tmp_path / "runs").read_text() == "x"
    pictures = PagePictures(tmp_path / "corpus", tmp_path / "cache")
    picture = pictures.picture(document, leaf)
    assert pictures.can_show(document, leaf) and picture is not None
    image = Image.open(io.BytesIO(picture)).convert("L")
    box = [round(edge * image.width / leaf.width) for edge in leaf.lines[2:6]]
    assert image.crop((box[0], box[1], box[2], box[3])).getextrema()[0] < 128


@POSIX
def test_without_libreoffice_or_where_it_fails_the_file_is_as_good_as_before(tmp_path: Path) -> None:
    (plain,) = built(tmp_path, None, a_docx=word(SENTENCE)).documents
    assert (plain.leaves, plain.drawn) == ((), "")
    office = drawing(tmp_path, b"no PDF")
    corpus = built(tmp_path, office)
    assert corpus.documents == (plain,) and corpus.failed == ()
    assert "页面的样子没有做成" in str(*corpus.notes)
    office.__dict__["has_chinese_font"] = False
    assert built(tmp_path, office).documents == (plain,)


@POSIX
def test_what_was_deleted_is_not_drawn(tmp_path: Path) -> None:
    office = drawing(tmp_path, page_pdf(SENTENCE))
    corpus = built(tmp_path, office, a_docx=with_a_deletion())
    (document,) = corpus.documents
    assert "修订" in str(*corpus.notes)
    assert document.text == SENTENCE and not document.leaves and not (tmp_path / "runs").exists()


def test_a_file_in_an_archive_is_kept_and_drawn(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("inner/a.pdf", page_pdf(SENTENCE))
    (document,) = built(tmp_path, None, a_zip=buffer.getvalue()).documents
    assert document.path == "a.zip/inner/a.pdf"
    pictures = PagePictures(tmp_path / "corpus", tmp_path / "cache")
    (leaf,) = document.leaves
    assert pictures.can_show(document, leaf) and pictures.picture(document, leaf)
    KeptFiles(tmp_path / "cache" / SHOWN).path(document.file).write_bytes(page_pdf("Another page."))
    assert PagePictures(tmp_path / "corpus", tmp_path / "cache2").picture(document, leaf) is None


def test_what_lies_in_the_corpus_is_not_kept_twice(tmp_path: Path) -> None:
    (document,) = built(tmp_path, None, a_pdf=handbook_pdf()).documents
    assert document.leaves and not (tmp_path / "cache").exists()


def test_files_for_staff_are_not_kept(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr("a.pdf", page_pdf(SENTENCE))
    (tmp_path / "a.zip").write_bytes(buffer.getvalue())
    kept = KeptFiles(tmp_path / "cache")
    assert not read_corpus(tmp_path, {"a.zip/a.pdf": {"staff_only": "true"}}, shown=kept).documents
    assert not (tmp_path / "cache").exists()


def test_kept_files_that_no_build_needs_are_deleted_and_a_full_disk_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"a")
    kept = KeptFiles(tmp_path / "kept")
    digest = kept.keep(tmp_path / "a")
    now = kept.path(digest).stat().st_mtime
    kept.forget_unused(now)
    assert kept.path(digest).read_bytes() == b"a" and [*kept.folder.iterdir()] == [kept.path(digest)]
    kept.forget_unused(now + (kept_files.DAYS + 1) * 86_400)
    assert not [*kept.folder.iterdir()]
    (tmp_path / "file").write_text("")
    assert KeptFiles(tmp_path / "file").keep(tmp_path / "a") == "" == kept.keep(tmp_path / "none")


# With LibreOffice


def covered(document: Document) -> float:
    """The share of the letters of a document that have a place on a page."""
    places = {
        offset
        for leaf in document.leaves
        for start, length in zip(leaf.lines[::6], leaf.lines[1::6], strict=True)
        for offset in range(start, start + length)
    }
    letters = [n for block in document.blocks for n in range(block.start, block.end) if document.text[n] not in " |\n"]
    return sum(n in places for n in letters) / len(letters)


@needs_office
@pytest.mark.slow
def test_slides_and_old_formats_have_pages_with_the_places_of_their_lines(tmp_path: Path) -> None:
    rule = word(
        "园区车辆管理规定",
        "The first floor, office flat 5.",
        "访客车辆一律停放在北门外的停车场，小型车首两小时免费，之后每小时三元。",
    )
    old = saved_as(tmp_path / "old", {"rule.docx": (rule, ".doc")})
    office = libreoffice(tmp_path / "cache")
    documents = built(tmp_path, office, talk_pptx=talk_pptx(), rule_doc=old["rule.doc"]).documents
    pictures = PagePictures(tmp_path / "corpus", tmp_path / "cache")
    assert [document.path for document in documents] == ["rule.doc", "talk.pptx"]
    for document in documents:
        assert covered(document) == 1.0
        assert all(pictures.picture(document, leaf) for leaf in document.leaves)


@needs_office
@pytest.mark.slow
def test_a_picture_that_was_recognised_in_an_old_file_can_be_shown(tmp_path: Path) -> None:
    image = Image.new("RGB", (600, 300), "white")
    ImageDraw.Draw(image).rectangle((50, 50, 550, 90), fill=0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    document = docx.Document()
    document.add_paragraph(SENTENCE)
    document.add_picture(io.BytesIO(buffer.getvalue()))
    old = saved_as(tmp_path / "old", {"rule.docx": (saved(document), ".doc")})
    office = libreoffice(tmp_path / "cache")
    (read,) = built(tmp_path, office, rule_doc=old["rule.doc"]).documents
    made = office.convert(old["rule.doc"], ".doc", ".doc", 60)
    with zipfile.ZipFile(made) as package:
        member = next(name for name in package.namelist() if name.startswith("word/media/"))
    shown = KeptFiles(tmp_path / "cache" / SHOWN)
    leaf = Leaf(1, 600, 300, member, confidence=0.99, lines=(0, 9, 40, 40, 560, 100))
    read = replace(read, file=shown.keep(made), leaves=(*read.leaves, leaf))
    pictures = PagePictures(tmp_path / "corpus", tmp_path / "cache")
    assert len({leaf.name for leaf in read.leaves}) == len(read.leaves)
    assert all(pictures.can_show(read, each) and pictures.picture(read, each) for each in read.leaves)


def linking(target: str) -> bytes:
    """A Word file whose picture lies elsewhere."""
    picture = io.BytesIO()
    Image.new("RGB", (300, 300), "blue").save(picture, "PNG")
    document = docx.Document()
    document.add_paragraph(SENTENCE)
    document.add_picture(picture)
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(document))) as package, zipfile.ZipFile(made, "w") as linked:
        for name in package.namelist():
            part = package.read(name).replace(b"r:embed=", b"r:link=")
            part = part.replace(b'Target="media/image1.png"', f'Target="{target}" TargetMode="External"'.encode())
            linked.writestr(name, part)
    return made.getvalue()


@needs_office
@pytest.mark.slow
def test_a_picture_that_a_file_links_to_is_not_fetched_from_this_machine(tmp_path: Path) -> None:
    Image.new("RGB", (300, 300), (255, 0, 0)).save(tmp_path / "secret.png")
    office = libreoffice(tmp_path / "cache")
    made = office.pages(linking((tmp_path / "secret.png").as_uri()), ".docx", 60)
    with pypdfium2.PdfDocument(made) as pdf:
        image = pdf[0].render(scale=1).to_pil().convert("RGB")
    assert (255, 0, 0) not in [colour for _, colour in image.getcolors(1 << 24)]
