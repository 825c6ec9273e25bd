"""Compare what converters make of office files, and write ``docs/converters.md``.

    pip install -c constraints.txt -e ".[documents,dev,benchmark]"
    pip install trafilatura readability-lxml html2text mammoth pypandoc_binary pymupdf4llm
    python benchmarks/converters.py

The second line is for those that are compared where they are installed. What is said of paragraphs is how many stand in
one piece.

What is counted, each over all files that a converter reads: ``headings`` and ``items``, the share that are marked as
such; ``rows``, the share whose cells stand together, in order, in one row; ``pages``, the share of units that are told
the right page, slide or sheet; ``order``, the share of neighbouring units that follow one another; ``lost`` and
``added``, letters missing and letters too many (doubled, or never shown) in a hundred; ``leaked``, hidden texts that
come out.
"""

from __future__ import annotations

import argparse
import io
import re
import statistics
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from offices import Office, Unit, offices
from parkqa.corpus.formats import PACKED, READERS
from parkqa.types import Page

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True)
class Line:
    """What a converter says: a line of text, the kind it is marked as ("" for none) and its page."""

    text: str
    kind: str = ""
    page: Page = None


@dataclass(frozen=True, slots=True)
class Score:
    """What survives of a file; shares lie in 0 to 1, None where the file has nothing of the kind."""

    headings: float | None
    paragraphs: float | None
    items: float | None
    rows: float | None
    pages: float | None
    order: float | None
    lost: float | None
    added: float | None
    leaked: float | None


def parkqa(office: Office) -> list[Line]:
    suffix = Path(office.name).suffix
    draft = READERS[suffix](office.raw.decode()) if suffix in READERS else PACKED[suffix](office.raw)
    kinds = {"heading": "h", "item": "i", "row": "r", "columns": "r"}
    return [
        Line(draft.text[block.start : block.end], kinds.get(block.kind, ""), block.page)
        for block in draft.blocks
        if block.kind != "break"
    ]


@lru_cache(maxsize=1)
def _markitdown() -> Any:
    from markitdown import MarkItDown

    return MarkItDown()


def markitdown(office: Office) -> list[Line]:
    made = _markitdown().convert_stream(io.BytesIO(office.raw), file_extension=Path(office.name).suffix)
    return from_markdown(made.markdown, sheets=office.name.endswith(".xlsx"))


def from_markdown(text: str, sheets: bool) -> list[Line]:
    """JsonLines of Markdown; a comment names a slide, and a heading of a workbook a sheet."""
    lines: list[Line] = []
    page: Page = None
    for line in text.replace("\f", "\n").splitlines():
        slide = re.match(r"<!-- Slide number: (\d+) -->", line)
        if slide:
            page = int(slide[1])
        elif sheets and line.startswith("## "):
            page = line[3:].strip()
        elif re.fullmatch(r"[|\s:-]*", line) or line.startswith("<!--"):
            continue
        else:
            lines.append(_marked(line, page))
    return lines


def _marked(line: str, page: Page) -> Line:
    for kind, pattern in (("h", r"#{1,6} "), ("i", r"\s*(?:[-*+]|\d+\.) "), ("r", r"\|")):
        if found := re.match(pattern, line):
            return Line(line[found.end() :] if kind != "r" else line, kind, page)
    return Line(line, "", page)


def pypdf(office: Office) -> list[Line]:
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(office.raw)).pages
    return [Line(line, "", number) for number, page in enumerate(pages, 1) for line in page.extract_text().splitlines()]


def pdfplumber(office: Office) -> list[Line]:
    import pdfplumber as plumber

    with plumber.open(io.BytesIO(office.raw)) as paper:
        return [
            Line(line, "", page.page_number)
            for page in paper.pages
            for line in (page.extract_text() or "").splitlines()
        ]


def python_docx(office: Office) -> list[Line]:
    import docx

    lines = []
    for part in docx.Document(io.BytesIO(office.raw)).iter_inner_content():
        if isinstance(part, docx.table.Table):
            lines += [Line("|".join(cell.text for cell in row.cells), "r") for row in part.rows]
        else:
            style = part.style.name if part.style else ""
            kind = "h" if style.startswith(("Heading", "Title")) else "i" if style.startswith("List") else ""
            lines.append(Line(part.text, kind))
    return lines


def python_pptx(office: Office) -> list[Line]:
    import pptx

    slides = pptx.Presentation(io.BytesIO(office.raw)).slides
    return [
        Line(paragraph.text, "", number)
        for number, slide in enumerate(slides, 1)
        for shape in slide.shapes
        if shape.has_text_frame
        for paragraph in shape.text_frame.paragraphs
    ]


def openpyxl(office: Office) -> list[Line]:
    import openpyxl as excel

    book = excel.load_workbook(io.BytesIO(office.raw), data_only=True)
    return [
        Line("|".join("" if value is None else str(value) for value in row), "r", sheet.title)
        for sheet in book
        for row in sheet.iter_rows(values_only=True)
    ]


def soup(office: Office) -> list[Line]:
    from bs4 import BeautifulSoup

    return [Line(line) for line in BeautifulSoup(office.raw, "lxml").get_text("\n").splitlines()]


def _extracted(office: Office) -> list[Line]:
    import trafilatura

    made = trafilatura.extract(
        office.raw, include_tables=True, include_formatting=True, favor_recall=True, output_format="markdown"
    )
    return from_markdown(made or "", sheets=False)


def _readable(office: Office) -> list[Line]:
    from readability import Document

    return parkqa(Office(office.name, Document(office.raw.decode()).summary().encode(), office.units))


def _html2text(office: Office) -> list[Line]:
    import html2text

    maker = html2text.HTML2Text(bodywidth=0)
    return from_markdown(maker.handle(office.raw.decode()), sheets=False)


def _mammoth(office: Office) -> list[Line]:
    import mammoth

    page = mammoth.convert_to_html(io.BytesIO(office.raw)).value
    return parkqa(Office("a.html", page.encode(), office.units))


def _pandoc(office: Office) -> list[Line]:
    import pypandoc

    kind = Path(office.name).suffix[1:]
    with TemporaryDirectory() as folder:
        (Path(folder) / office.name).write_bytes(office.raw)
        made = pypandoc.convert_file(str(Path(folder) / office.name), "gfm", format=kind, extra_args=["--wrap=none"])
    return from_markdown(made, sheets=False)


def _pymupdf4llm(office: Office) -> list[Line]:
    import pymupdf
    import pymupdf4llm

    with pymupdf.open(stream=office.raw, filetype="pdf") as paper:
        pages = pymupdf4llm.to_markdown(paper, page_chunks=True)
    lines = []
    for number, page in enumerate(pages, 1):
        lines += [Line(line.text, line.kind, number) for line in from_markdown(page["text"], sheets=False)]
    return lines


WHERE_INSTALLED: Mapping[str, tuple[str, Callable[[Office], list[Line]], tuple[str, ...]]] = {
    "trafilatura": ("trafilatura", _extracted, (".html",)),
    "readability-lxml": ("readability", _readable, (".html",)),
    "html2text": ("html2text", _html2text, (".html",)),
    "mammoth": ("mammoth", _mammoth, (".docx",)),
    "pypandoc_binary": ("pypandoc", _pandoc, (".docx", ".html")),
    "pymupdf4llm": ("pymupdf4llm", _pymupdf4llm, (".pdf",)),
}
"""By the name of the package: its module, how it converts, and what it reads. What readability-lxml and mammoth give is
HTML, which is read by our own reader."""

CONVERTERS: Mapping[str, tuple[Callable[[Office], list[Line]], tuple[str, ...]]] = {
    "parkqa": (parkqa, (".docx", ".pdf", ".pptx", ".xlsx", ".html")),
    "markitdown": (markitdown, (".docx", ".pdf", ".pptx", ".xlsx", ".html")),
    "pypdf": (pypdf, (".pdf",)),
    "pdfplumber": (pdfplumber, (".pdf",)),
    "python-docx": (python_docx, (".docx",)),
    "python-pptx": (python_pptx, (".pptx",)),
    "openpyxl": (openpyxl, (".xlsx",)),
    "beautifulsoup4": (soup, (".html",)),
}
"""Each with the kinds of file that it reads: ours, one that reads them all, and the plainest use of the libraries."""


def letters(text: str) -> str:
    """Letters, hanzi and figures of a text, without what is only markup or layout."""
    return "".join(char for char in text if char.isalnum())


def score(office: Office, lines: Sequence[Line]) -> Score:
    """Hold what a converter says of a file against what stands in it."""
    said, truth = letters("".join(line.text for line in lines)), letters("".join(unit.text for unit in office.units))
    missing, extra = Counter(truth) - Counter(said), Counter(said) - Counter(truth)
    return Score(
        headings=_kept(office, lines, "h"),
        paragraphs=_whole(office, lines),
        items=_kept(office, lines, "i"),
        rows=_kept(office, lines, "r"),
        pages=_paged(office, lines),
        order=_ordered(office.units, said),
        lost=missing.total() / len(truth) * 100,
        added=extra.total() / len(truth) * 100,
        leaked=sum(said.count(letters(text)) > truth.count(letters(text)) for text in office.hidden),
    )


def _kept(office: Office, lines: Sequence[Line], kind: str) -> float | None:
    wanted = [unit for unit in office.units if unit.kind == kind]
    marked = [line for line in lines if line.kind == kind]
    return _mean([any(_says(line, unit) for line in marked) for unit in wanted])


def _whole(office: Office, lines: Sequence[Line]) -> float | None:
    """The share of paragraphs that are one line of what a converter says, with nothing else in it."""
    said = {letters(line.text) for line in lines}
    return _mean([letters(unit.text) in said for unit in office.units if unit.kind == "p"])


def _says(line: Line, unit: Unit) -> bool:
    """Whether a line is a unit: a row holds its cells in order, anything else says the same and no more."""
    if unit.kind != "r":
        return letters(line.text) == letters(unit.text)
    place, said = 0, letters(line.text)
    for cell in map(letters, unit.cells):
        place = said.find(cell, place) + len(cell)
        if place < len(cell):
            return False
    return True


def _paged(office: Office, lines: Sequence[Line]) -> float | None:
    """The share of units with a page whose first letters stand in a line of that page."""
    paged = [unit for unit in office.units if unit.page is not None]
    by_page: dict[Page, str] = {}
    for line in lines:
        by_page[line.page] = by_page.get(line.page, "") + letters(line.text)
    return _mean([letters(unit.cells[0])[:12] in by_page.get(unit.page, "") for unit in paged])


def _ordered(units: Sequence[Unit], said: str) -> float | None:
    """The share of neighbours of which the second begins behind the beginning of the first."""
    return _mean([_after(said, letters(a.cells[0])[:12], letters(b.cells[0])[:12]) for a, b in pairwise(units)])


def _after(said: str, first: str, second: str) -> bool:
    place = said.find(first)
    return place >= 0 and said.find(second, place + 1) >= 0 and said.rfind(second) > place


def _mean(values: Sequence[float]) -> float | None:
    return statistics.fmean(values) if values else None


def over(scores: Sequence[Score]) -> Score:
    """The mean over files; of leaks the sum."""
    values = {f.name: [v for s in scores if (v := getattr(s, f.name)) is not None] for f in fields(Score)}
    return Score(**{name: sum(v) if name == "leaked" else _mean(v) for name, v in values.items()})


def row(name: str, scored: Score) -> str:
    """A row of the table."""
    shares = [
        _show(value, 2)
        for value in (scored.headings, scored.paragraphs, scored.items, scored.rows, scored.pages, scored.order)
    ]
    counts = [_show(value, places) for value, places in ((scored.lost, 1), (scored.added, 1), (scored.leaked, 0))]
    return "| " + " | ".join([name, *shares, *counts]) + " |"


def _show(value: float | None, places: int) -> str:
    return "–" if value is None else f"{value:.{places}f}"


HEAD = "| {} | headings | paragraphs | items | rows | pages | order | lost % | added % | leaked |\n|" + " --- |" * 10


def page(files: Sequence[Office], scores: Mapping[str, Mapping[str, Score]]) -> str:
    """The page ``docs/converters.md``."""

    names = [name for name in scores if name != "parkqa"]
    parts = [
        "# Converters",
        f"Measured on {date.today().isoformat()} by `python benchmarks/converters.py` on {len(files)} Chinese\n"
        "files that `benchmarks/offices.py` makes, half of them those of our readers' tests: ours were mended\n"
        "until they pass, and files of your own may fare worse. How each figure is counted stands at the top of\n"
        "the program.\n\n"
        "Versions: " + ", ".join(f"{name} {version(name)}" for name in names) + ".",
    ]
    for suffix in (".docx", ".pdf", ".pptx", ".xlsx", ".html"):
        rows = [
            row(name, over([scored for file, scored in held.items() if file.endswith(suffix)]))
            for name, held in scores.items()
            if any(file.endswith(suffix) for file in held)
        ]
        count = sum(office.name.endswith(suffix) for office in files)
        parts.append("\n".join([f"## {suffix} ({count} files)\n", HEAD.format("converter"), *rows]))
    parts.append("## File by file")
    parts += [
        "\n".join([HEAD.format(name), *(row(file, scored) for file, scored in scores[name].items())])
        for name in ("parkqa", "markitdown")
    ]
    return "\n\n".join(parts) + "\n\n" + WHY


WHY = """## What follows from it

parkqa reads with the libraries themselves (python-docx, pdfplumber, python-pptx, openpyxl, Beautiful Soup) and tells
structure by itself: a passage needs its page, its column heads apart from its row, and the text once, as it is shown.
What it adds of a workbook are the names of the sheets, as headings. markitdown needs no model download either and is
good at Word and HTML with styles; what it does not give is the page of a PDF, headings that are only larger or bold,
two columns, the values of a workbook as they are shown; and it gives what is hidden and the speaker's notes.

What readability-lxml and mammoth make is HTML, read here by our own reader; tables with merged cells are HTML in what
pandoc writes, which is not counted as rows.

Neither trafilatura nor readability-lxml reads our web pages in place of Beautiful Soup, though both are made to find
the text of a page: trafilatura keeps the menus of short pages as those of offices are, marks no heading and no row of a
table; readability-lxml leaves them out, with all tables and a third of the letters. A table is what is most often asked
about. Menus, 来源, 分享到 and footers are left out by `html_frame.py`, which names what it leaves out.

## Layouts and answers

`python benchmarks/layouts.py` (2026-11-29, LibreOffice 7.4) writes the same six papers in the layouts of offices and
counts what is read, now and at commit 1e7d96a: paragraphs that were written and are not one block (torn), blocks that
hold a paragraph and more (glued), headings of GB/T 9704 that have their level, and what is read as one and is none.

| papers | files | paragraphs | torn | torn then | glued | headings | headings then | wrong |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
| PDF drawn with reportlab, five indents | 30 | 530 | 0 | 268 | 0 | 1.000 | 1.000 | 0 |
| Word, three sets of fonts, no styles | 36 | 636 | 0 | 0 | 0 | 1.000 | 0.225 | 0 |
| the same printed as PDF by LibreOffice | 36 | 636 | 0 | 150 | 0 | 1.000 | 0.387 | 0 |

The layouts are those that the readers were mended for. `python benchmarks/files.py FOLDER` asks three questions of each
of 36 small files in 12 formats that show the faults of office files: the first quote was right for 107 of 108, and one
question was refused (2026-11-29, the default models).
"""


def _there() -> dict[str, tuple[Callable[[Office], list[Line]], tuple[str, ...]]]:
    """The converters, with those that are installed."""
    more = {
        name: (convert, suffixes)
        for name, (module, convert, suffixes) in WHERE_INSTALLED.items()
        if find_spec(module) is not None
    }
    return {**CONVERTERS, **more}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", type=Path, default=ROOT / "docs" / "converters.md", help="where to write the page")
    target = parser.parse_args().o
    files = offices()
    scores = {
        name: {office.name: score(office, convert(office)) for office in files if office.name.endswith(suffixes)}
        for name, (convert, suffixes) in _there().items()
    }
    target.write_text(page(files, scores), encoding="utf-8")
    print(target.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
