"""The lines of a text are found on pages that were laid out from it, where that is sure, and nowhere else."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.pdfgen.canvas import Canvas

from parkqa.corpus.page_lines import Written, lines_of
from parkqa.types import Leaf

Row = tuple[float, float, str]


def laid_out(*pages: Sequence[Row]) -> bytes:
    """A PDF with texts at places, x and y from below."""
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=(400, 300))
    for page in pages:
        canvas.setFont("Helvetica", 12)
        for x, y, text in page:
            canvas.drawString(x, y, text)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def written(*blocks: str, rows: bool = False) -> tuple[str, list[Written]]:
    found: list[Written] = []
    for block in blocks:
        start = found[-1].end + 1 if found else 0
        found.append(Written(start, start + len(block), row=rows))
    return "\n".join(blocks), found


def texts(leaves: Sequence[Leaf], text: str) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {leaf.number: [] for leaf in leaves}
    for leaf in leaves:
        for start, length in zip(leaf.lines[::6], leaf.lines[1::6], strict=True):
            found[leaf.number].append(text[start : start + length])
    return found


def test_a_paragraph_over_two_pages_is_found_line_by_line_without_heads_and_feet() -> None:
    text, blocks = written("Parking rules", "Visitors park in the east yard, and staff behind hall B. No fee.")
    head, foot = (40, 280, "Parking rules"), (40, 10, "1")
    first = [(40, 200, "Parking rules"), (40, 60, "Visitors park in the east yard,"), head, foot]
    second = [(40, 250, "and staff behind hall"), (40, 236, "B. No fee."), head, foot]
    leaves = list(lines_of(laid_out(first, second), text, blocks))
    assert texts(leaves, text) == {
        1: ["Parking rules", "Visitors park in the east yard,"],
        2: ["and staff behind hall", "B. No fee."],
    }
    start, length, left, top, right, bottom = leaves[0].lines[:6]
    assert (start, length, left) == (0, 13, 40) and 85 < top < 95 and 100 < bottom < 107 and 100 < right < 140


def test_cells_are_found_one_by_one_and_a_short_one_only_beside_one_that_is_sure() -> None:
    text, blocks = written("Standard hall | 35 | two months", "High hall | 28 | two months", rows=True)
    page = [
        *((40, 200, "Standard hall"), (200, 200, "35"), (280, 200, "two months")),
        *((40, 180, "High hall"), (200, 180, "28"), (280, 180, "two months"), (40, 20, "35")),
    ]
    leaves = list(lines_of(laid_out(page), text, blocks))
    assert texts(leaves, text) == {1: ["Standard hall", "35", "two months", "High hall", "28", "two months"]}
    assert [leaf.lines[8] for leaf in leaves] == [200]  # the left edge of the second cell, not of the page's foot


def test_what_stands_elsewhere_or_is_not_sure_gets_no_place() -> None:
    text, blocks = written("The canteen opens at eleven.", "Closed on Mondays.", "Closed on Mondays.")
    page = [(40, 200, "The canteen opens at twelve."), (40, 180, "Closed on Mondays.")]
    assert list(lines_of(laid_out(page), text, blocks)) == []
    assert list(lines_of(laid_out(page), "", [])) == []


def test_what_is_repeated_as_often_is_found_in_its_order() -> None:
    text, blocks = written("Closed on Mondays.", "Open all year.", "Closed on Mondays.")
    page = [(40, 200, "Closed on Mondays."), (40, 180, "Open all year."), (40, 160, "Closed on Mondays.")]
    (leaf,) = lines_of(laid_out(page), text, blocks)
    assert leaf.lines[::6] == (0, 19, 34)
    assert leaf.lines[3] < leaf.lines[9] < leaf.lines[15]


def test_automatic_numbers_and_marks_are_drawn_and_are_no_part_of_the_text() -> None:
    text = "Owners pay monthly.\nFlags"
    blocks = [Written(0, 19, "Art. 2"), Written(20, 25)]
    (leaf,) = lines_of(laid_out([(40, 200, "Art. 2 Owners pay monthly."), (40, 180, "- Flags")]), text, blocks)
    assert texts([leaf], text) == {1: ["Owners pay monthly.", "Flags"]}
