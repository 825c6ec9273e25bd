"""HTML (.html), as saved from a web site: the visible text, without menus, footers and form controls."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from parkqa.corpus.readers.draft import BULLET, CELLS, Draft, Note, Piece, assemble, joined, left_out, needed, short
from parkqa.corpus.readers.figures import card_text, is_figure
from parkqa.corpus.readers.html_frame import menus_above, taken_out
from parkqa.corpus.readers.html_headings import level_of, page_titled
from parkqa.corpus.readers.tables import DEEP, Cell, pieces

_BLOCK = frozenset(
    "html body main article section header footer aside div p pre blockquote address figure figcaption details summary"
    " ul ol li dl dt dd table caption h1 h2 h3 h4 h5 h6 hr form fieldset legend center menu".split()
)
"""Elements that begin a new block; all others are inline."""
ADDRESS = "parkqa:address"
"""The name under which a page that was fetched keeps its address."""
_HEADING = re.compile(r"h[1-6]")
_PICTURES = Note(
    "网页里只有图片，没有可读的文字，请先做文字识别（OCR），存成 .docx 或 .pdf。",
    "nothing but pictures without text that can be read; run OCR on them and save them as .docx or .pdf.",
)
LAYOUT, PARAGRAPHS = 300, 3
"""Characters and paragraphs of a cell from which its table only lays out the page. Chosen by hand."""
CARD = 4
"""Most lines of a card that shows a figure. Chosen by hand."""
_SYMBOLS = re.compile(r"font-family:\s*['\"]?(?:wingdings|symbol)", re.IGNORECASE)
"""Fonts in which Word sets the bullets of a list that it saved as HTML; their letters are none."""
_INDENT, _GAP = "\1", "\2"
_BETWEEN_WORDS = re.compile(rf"(?<=\w){_GAP}(?=\w)")
"""Where a label ends and what it labels begins; pages keep the two apart by their style alone."""
_PARAGRAPH = re.compile(rf"\0\s*\0|\0(?= ?[\u3000{_INDENT}])")
"""Where a paragraph begins between line breaks: after an empty line, or with an indent."""


def read(source: str) -> Draft:
    """Read a web page; ``meta`` has its ``<title>`` unless there is exactly one ``<h1>``, which then is the title.

    Raises:
        Unreadable: the extra ``documents`` is not installed.

    >>> read("<h1>概况</h1><nav>首页</nav><p>园区<b>很大</b>。</p>").text
    '概况\\n园区很大。'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # for XHTML, and for input that looks like a file name
        soup = needed("bs4").BeautifulSoup(source, "lxml")  # lxml handles omitted end tags as browsers do
    for table in soup.find_all("table"):
        if _lays_out(table):
            _unwrap(table)
    title = soup.title.get_text(" ", strip=True) if soup.title else ""
    meta = {}
    if (place := soup.find("meta", attrs={"name": ADDRESS})) is not None:
        meta["url"] = str(place.get("content") or "")
    framing = taken_out(soup)
    framing += page_titled(soup, title)
    framing += menus_above(soup)
    if title and len(soup.find_all("h1")) != 1:
        meta["title"] = title
    gone = left_out(framing, "菜单、来源、页脚等没有收", "menus, sources, footers and the like left out")
    draft = assemble(_blocks(soup, 0), meta, gone)
    return draft if draft.text or not soup.find("img") else replace(draft, notes=(_PICTURES, *gone))


def _blocks(parent: Any, depth: int) -> Iterator[Piece]:
    """Yield the pieces of an element: its blocks, and the text between them as paragraphs, or as items inside a list.

    ``depth`` is the number of lists around it.
    """
    words: list[str] = []
    for child in parent.children:
        if _is_block(child):
            yield from _loose(words, depth)
            words = []
            yield from _block(child, depth)
        else:
            words.append(_inline(child))
    yield from _loose(words, depth)


def _is_block(node: Any) -> bool:
    """Return whether a node is a block or contains one, such as a link around a heading."""
    return node.name is not None and (node.name in _BLOCK or node.find(list(_BLOCK)) is not None)


def _loose(words: list[str], depth: int) -> Iterator[Piece]:
    """Yield the piece of text that stands outside blocks, if there is any."""
    for part in _PARAGRAPH.split("".join(words)) if not depth else ["".join(words)]:
        if text := _clean(part):
            bullet = "" if "\n" in text else BULLET.match(text)
            yield Piece("item", BULLET.sub("", text), depth or 1) if depth or bullet else Piece("paragraph", text)


def _block(tag: Any, depth: int) -> Iterator[Piece]:
    if _HEADING.fullmatch(tag.name):
        if text := _one_line(tag):
            yield Piece("heading", text, int(tag.name[1]))
    elif tag.name == "hr":
        yield Piece("break", level=1)
    elif tag.name == "pre":
        yield Piece("paragraph", tag.get_text().strip("\n").rstrip())
    elif tag.name == "table":
        yield from _table(tag)
    elif tag.name == "dl" and _has_terms_only(tag):
        yield from _terms(tag, depth)
    elif not depth and not tag.find(list(_BLOCK)) and (level := level_of(tag, _clean(_inline(tag)))):
        yield Piece("heading", _one_line(tag), level)
    elif card := _card(tag):
        yield Piece("item", card, depth) if depth else Piece("paragraph", card)
    else:
        yield from _blocks(tag, depth + (tag.name in ("ul", "ol", "menu")))


def _has_terms_only(tag: Any) -> bool:
    """Return whether a ``<dl>``, or a ``<div>`` in one, holds terms and descriptions and nothing else."""
    for child in tag.children:
        if child.name == "div":
            if not _has_terms_only(child):
                return False
        elif child.name not in ("dt", "dd") if child.name else _inline(child).strip():
            return False
    return tag.find("dl") is None


def _terms(tag: Any, depth: int) -> Iterator[Piece]:
    """Yield a list of terms: a term with its description of one line as a row, others as the heading of theirs."""
    for terms, told in _described(tag):
        words = [word for each in terms if (word := _one_line(each))]
        lines = [_clean(_inline(each)) for each in told]
        long = any("\n" in line for line in lines) or any(each.find(["ul", "ol", "table"]) for each in told)
        if not words or not any(lines):
            for each in (*terms, *told):
                yield from _block(each, depth)
        elif long or words[-1].endswith(("？", "?")):
            yield Piece("heading", CELLS.join(words), DEEP - 1)
            for each in told:
                yield from _block(each, depth)
            yield Piece("break", level=DEEP - 1)
        else:
            yield Piece("row", CELLS.join([*words, *filter(None, lines)]))


def _described(tag: Any) -> Iterator[tuple[list[Any], list[Any]]]:
    """Yield the terms of a ``<dl>`` with what describes them; a ``<div>`` may hold some of both."""
    terms: list[Any] = []
    told: list[Any] = []
    for each in tag.find_all(["dt", "dd"]):
        if each.name == "dt" and told:
            yield terms, told
            terms, told = [], []
        (terms if each.name == "dt" else told).append(each)
    if terms or told:
        yield terms, told


def _one_line(tag: Any) -> str:
    """Return the text of a heading, which may be broken into lines."""
    return joined(_clean(_inline(tag)).split("\n"))


def _card(tag: Any) -> str:
    """Return the lines of an element that shows a figure and says of what, each in a block; "" if it does not."""
    parts = [child for child in tag.children if _is_block(child) or _inline(child).strip()]
    if not 2 <= len(parts) <= CARD or any(part.name is None or part.find(list(_BLOCK)) for part in parts):
        return ""
    lines = [_clean(_inline(part)) for part in parts]
    shown = card_text(lines).split("\n")
    whole = all(lines) and len(shown) <= len(lines) and sum(map(is_figure, shown)) == 1 and all(map(short, shown))
    return "\n".join(shown) if whole and len(shown) > 1 and "\n" not in "".join(lines) else ""


def _table(table: Any) -> Iterator[Piece]:
    if caption := table.find("caption"):
        yield Piece("paragraph", _clean(_inline(caption)))
    rows = table.find_all("tr")
    headed = _is_headed(rows[0]) if rows else None
    yield from pieces(list(_grid(rows)), headed=headed)


def _is_headed(row: Any) -> bool | None:
    """Return whether a first row is one of heads: none where it has values beside them; None if it does not say."""
    heads, values = (row.find_all(name, recursive=False) for name in ("th", "td"))
    if not heads:
        return None
    return not any(value.get_text(strip=True) for value in values)


def _lays_out(table: Any) -> bool:
    """Return whether a table only lays out the page: it holds others, headings or running text, or has one column."""
    if table.find("table") or table.find(_HEADING):
        return True
    rows = [row.find_all(["td", "th"], recursive=False) for row in table.find_all("tr")]
    if not table.find("caption") and all(len(row) < 2 for row in rows):
        return True
    cells = (cell for row in rows for cell in row)
    return any(len(cell.find_all("p")) >= PARAGRAPHS and len(cell.get_text()) > LAYOUT for cell in cells)


def _unwrap(table: Any) -> None:
    """Turn a layout table into plain blocks, in place."""
    for tag in table.find_all(["tbody", "thead", "tfoot", "tr", "td", "th"]):
        if tag.find_parent("table") is table:
            tag.name = "div"
    table.name = "div"


def _grid(rows: Any) -> Iterator[list[Cell]]:
    """Yield the cells of each row.

    ``taken`` has what cells of the rows above cover: the first column, the one after the last, and for how many rows.
    """
    taken: list[tuple[int, int, int]] = []
    for row in rows:
        cells, column, place = [], 0, 0
        going_on = [(first, end, left - 1) for first, end, left in taken if left > 1]
        for cell in row.find_all(["td", "th"], recursive=False):
            while place < len(taken) and taken[place][0] <= column:
                column = max(column, taken[place][1])
                place += 1
            width, height = _span(cell, "colspan"), _span(cell, "rowspan")
            cells.append(Cell(_clean(_inline(cell)).replace("\n", " "), column, width, height))
            if height > 1:
                going_on.append((column, column + width, height - 1))
            column += width
        taken = sorted(going_on)
        yield cells


def _span(cell: Any, name: str) -> int:
    """Return ``colspan`` or ``rowspan``, 1 to 1000 (the limit of the HTML standard for columns)."""
    value = str(cell.get(name) or "1")
    return min(max(int(value), 1), 1000) if value.isdecimal() else 1


def _inline(node: Any) -> str:
    """Return the text of a node, with NUL where a line ends and a mark behind a label; comments have none."""
    if node.name is None:
        return "" if type(node).__name__ != "NavigableString" else _wrapped(str(node))
    if node.name == "br":
        return "\0"
    inner = "".join(_inline(child) for child in node.children)
    if _SYMBOLS.search(node.get("style") or "") and len(inner.strip()) == 1:
        return "• "
    if node.name == "label":
        return f"{inner}{_GAP}"
    return f"\0{inner}\0" if node.name in _BLOCK else inner


def _wrapped(text: str) -> str:
    """Collapse the white space of a text, in which line ends in the source have no meaning."""
    text = re.sub(r"^\s*\xa0{2,}", _INDENT, text)
    lines = re.split(r"(?<![ \t\r\f\xa0])[ \t\r\f\xa0]*\n\s*", text)  # not from each blank of a long run
    return re.sub(r"[ \t\r\f\xa0]+", " ", joined(lines))


def _clean(text: str) -> str:
    """Return what ``_inline`` made, with line ends for NUL, and without blank lines and surplus blanks."""
    text = _BETWEEN_WORDS.sub(" ", text.replace(_INDENT, " ")).replace(_GAP, "")
    lines = (re.sub(r" {2,}", " ", line).strip() for line in text.split("\0"))
    return "\n".join(line for line in lines if line)
