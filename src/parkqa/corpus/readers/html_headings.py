"""Headings of web pages that are none by their element: the title of the page, lines that are bold or centred."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from parkqa.corpus.readers.draft import KEY, informs, short, style
from parkqa.corpus.readers.figures import MARK
from parkqa.corpus.readers.html_frame import names
from parkqa.text.characters import NUMERAL

_CHAPTER = re.compile(rf"第(?:[{NUMERAL}]+|\d+)(?:[编章节篇]|部分)(?![、，和或及至的])")
_CENTRED = re.compile(r"text-align:\s*center|\bcenter\b", re.IGNORECASE)
_BOLD = re.compile(r"font-weight:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_LOUD = re.compile(r"黑体|simhei|楷体|kaiti|标宋", re.IGNORECASE)
"""Fonts of headings in official papers, where they are numbered."""
_PAPER = re.compile(
    r".*(?:办法|规定|细则|规则|制度|条例|章程|公约|措施|意见|方案|指南|须知|通知|公告|标准|一览表)(?:（.*）)?"
)
"""The title of a paper."""
_TITLES = frozenset("title tit biaoti heading headline subtitle hd".split())
"""Words in the classes and ids that sites give to headings."""
_SITE = re.compile(r"[-_|—–»·]")
"""What stands in the title of a page before the name of the site."""
LEAST = 4
"""Least length, in code points, of a line that is taken for the title of the page."""
LONG = 8
"""The same of a heading with which the title of the page ends, behind the name of the site. Chosen by hand."""
_LINES = ["h1", "h2", "h3", "h4", "h5", "h6", "div", "p", "center", "span", "td"]


def page_titled(soup: Any, title: str) -> list[str]:
    """Make the line that is a page's ``<title>``, but for the name of the site, its only ``<h1>``, in place.

    Lines above it and other ``<h1>`` that show the name of the site are taken out; return their texts. Where no line is
    the title, the page stays as it is.
    """
    title = "".join(title.split())
    found = next((tag for tag in soup.find_all(_LINES) if _is_title(tag, title)), None)
    if found is None:
        return []
    rest = title.removeprefix(_text(found))
    found.name = "h1"
    sites = set(filter(None, _SITE.split(rest)))
    above = [tag for tag in found.find_all_previous(["div", "p", "span", "a"]) if tag.find(True) is None]
    gone = [_text(tag.extract()) for tag in above if _text(tag) in sites]
    for tag in soup.find_all("h1"):
        if tag is not found and _text(tag) and _text(tag) in rest:
            gone.append(_text(tag))
            tag.extract()
        elif tag is not found:
            tag.name = "h2"
    return gone


def _is_title(tag: Any, title: str) -> bool:
    """Return whether an element is one line that the title of the page begins with, or a heading that it ends with."""
    if tag.find(["div", "p", "table", "ul", "li"]) is not None or tag.find_parent(["li", "table"]) is not None:
        return False
    text = _text(tag)
    if len(text) < LEAST:
        return False
    if re.fullmatch(r"h[1-6]", tag.name) and len(text) >= LONG and title.endswith(text):  # behind the name of the site
        return True
    return title.startswith(text) and (text == title or bool(_SITE.match(title, len(text))))


def level_of(tag: Any, text: str) -> int:
    """Return the level of a heading that is none by its element: a short line, bold, centred or so named; else 0."""
    if tag.name not in ("p", "div", "center", "section") or not short(text) or not re.search(r"\w", text):
        return 0
    bold, loud = _is_set(tag, _sets_bold), _is_set(tag, _sets_loud)
    centred = tag.name == "center" or bool(_CENTRED.search(f"{tag.get('style')} {tag.get('align')}"))
    numbered = style(text)
    if bold or centred or loud:
        if _CHAPTER.match(text) or numbered == "一、":
            return 2
        if numbered == "（一）":
            return 3
    if centred and _PAPER.fullmatch(text):
        return 2
    if informs(text) or KEY.match(text) or MARK.fullmatch(text):
        return 0
    return 2 if set(names(tag)) & _TITLES else 3 * bold


def _is_set(tag: Any, sets: Callable[[Any], bool]) -> bool:
    """Return whether all text of an element is in elements that ``sets`` is true of."""
    words = [word for word in tag.find_all(string=True) if word.strip()]
    return bool(words) and all(word.find_parent(sets) is not None for word in words)


def _sets_bold(tag: Any) -> bool:
    return tag.name in ("b", "strong") or bool(_BOLD.search(tag.get("style") or ""))


def _sets_loud(tag: Any) -> bool:
    return bool(_LOUD.search(f"{tag.get('style')} {tag.get('face')}"))


def _text(tag: Any) -> str:
    """Return the text of an element without blanks."""
    return "".join(tag.get_text().split())
