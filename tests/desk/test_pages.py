"""The pages of documents as they look: of the live file and of the draft, for staff too, each with its own text."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import docx
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from desks import ME, Office, office
from papers import saved
from parkqa.corpus.conversion import found
from parkqa.desk.editing import seen_particulars
from parkqa.desk.pages import parts_of
from parkqa.errors import DocumentError
from parkqa.types import Block, Document, Leaf

FIRST = "The canteen is on the first floor of building three."
SECOND = "The parcel shop is open from nine to five on working days."


def pdf(*lines: str) -> bytes:
    """A page a line, in a font that every reader has."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(595, 842))
    for line in lines:
        canvas.setFont("Helvetica", 14)
        canvas.drawString(72, 500, line)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def guide() -> bytes:
    """A Word file of two pages."""
    document = docx.Document()
    document.add_heading("办事指南", 1)
    document.add_paragraph("园区食堂在三号楼一层，中午十一点开饭。")
    document.add_page_break()
    document.add_paragraph("快递点在五号楼，工作日九点到十七点。")
    return saved(document)


@pytest.fixture
def place(tmp_path: Path) -> Office:
    return office(tmp_path)


def size(place: Office, name: str, number: int = 0) -> tuple[int, int]:
    """The size of the picture of a page."""
    file = place.desk.library.row(name).file
    document = place.desk.library.paged(file)
    picture = place.desk.pages.picture(file, document, document.leaves[number])
    assert picture
    return Image.open(io.BytesIO(picture)).size


def texts(document: Document) -> list[list[str]]:
    return [[part.text for part in parts_of(document, leaf)] for leaf in document.leaves]


def test_each_page_has_its_picture_and_its_text(place: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    (place.settings.corpus / "a.pdf").write_bytes(pdf(FIRST, SECOND))
    file = place.desk.library.row("a.pdf").file
    document = place.desk.library.paged(file)
    assert texts(document) == [[FIRST], [SECOND]]
    monkeypatch.setattr(place.desk.readings, "whole", lambda *_: pytest.fail("it is not read again"))
    assert place.desk.library.paged(file) == document
    assert size(place, "a.pdf", 1) == (1131, 1600)
    assert len([*(place.desk.folder.root / "pages").iterdir()]) == 1  # apart from the pictures for visitors


@pytest.mark.slow
def test_a_draft_shows_what_will_be_and_not_what_is_live(place: Office) -> None:
    (place.settings.corpus / "a.pdf").write_bytes(pdf(FIRST))
    with place.desk.folder.aside() as aside:
        (aside / "file").write_bytes(pdf(SECOND))
        place.desk.replace(ME, aside / "file", "a.pdf", place.seen("a.pdf"))
    assert texts(place.desk.library.paged(place.desk.library.row("a.pdf").file)) == [[SECOND]]
    assert size(place, "a.pdf") == (1131, 1600)


def test_a_document_for_staff_only_is_shown_to_staff(place: Office) -> None:
    place.add("b.pdf", pdf(FIRST))
    seen = seen_particulars(place.desk.shelf.particulars(), "b.pdf")
    place.desk.describe(ME, "b.pdf", {"staff_only": "on"}, seen)
    assert place.desk.library.reading(place.desk.library.row("b.pdf").file).staff_only
    assert size(place, "b.pdf") == (1131, 1600)


def test_what_has_no_pages_says_so(place: Office) -> None:
    file = place.desk.library.row("租金.md").file
    assert not place.desk.pages.are_likely(place.desk.library.reading(file).document)
    with pytest.raises(DocumentError, match="没有能看样子的页"):
        place.desk.library.paged(file)


def test_text_without_a_place_of_its_own_is_with_what_stands_before_it() -> None:
    blocks = (
        Block("heading", 1, 0, 2),
        Block("item", 1, 3, 5),
        Block("paragraph", 0, 6, 12),
        Block("break", 1, 12, 12),
    )
    pages_of = (Leaf(1, 595, 842, lines=(0, 2, 0, 0, 9, 9)), Leaf(2, 595, 842, lines=(9, 3, 0, 0, 9, 9)))
    document = Document("a.docx", "食堂", "食堂\n一楼\n十一点开饭。", "", blocks, leaves=pages_of)
    assert texts(document) == [["食堂", "一楼"], ["开饭。"]]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="needs LibreOffice")
@pytest.mark.parametrize("staff", [False, True])
def test_a_word_file_in_the_draft_is_laid_out(place: Office, staff: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = found(place.settings)
    if made is None or not made.draws(".docx"):
        pytest.skip("needs LibreOffice's Writer and a Chinese font")
    place.add("指南.docx", guide())
    if staff:
        seen = seen_particulars(place.desk.shelf.particulars(), "指南.docx")
        place.desk.describe(ME, "指南.docx", {"staff_only": "on"}, seen)
    file = place.desk.library.row("指南.docx").file
    assert place.desk.pages.are_likely(place.desk.library.reading(file).document)
    assert max(size(place, "指南.docx")) == 1600
    document = place.desk.library.paged(file)
    assert texts(document) == [
        ["办事指南", "园区食堂在三号楼一层，中午十一点开饭。"],
        ["快递点在五号楼，工作日九点到十七点。"],
    ]
    kept = place.desk.folder.root / "shown" / document.drawn
    kept.unlink()  # as after a long time
    assert max(size(place, "指南.docx")) == 1600 and kept.exists()
