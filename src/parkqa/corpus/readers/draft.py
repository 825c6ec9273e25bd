"""What the readers share: the ``Draft`` they return, and how lines, headings and bullets are recognised."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from parkqa.text.characters import NUMERAL, numeral_value
from parkqa.types import Block, BlockKind, Page

SHORT = 30
"""Longest short line in characters, see ``short``. Chosen by looking at the corpus: a larger value takes more
statements for headings, a smaller one more headings for text."""
WORD = re.compile(r"[A-Za-z'-]+\s*")
"""A Latin word with the blanks after it."""
END = re.compile(r"[。！？!?；;.…:：][”’」』）)\"']*$")
"""The end of a line that ends a sentence or introduces something (colon), with closing quotes and brackets."""
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f\ufeff\ud800-\udfff]")
"""Control characters but tab and line ends, byte order marks, and surrogates, which cannot be encoded."""
DATED = re.compile(r"^(?:公元)?(?:19|20)\d\d年")
"""A year at the start of a line, as in chronicles."""
KEY = re.compile(r"[^：:，。]{1,10}[：:]\s*\S")
"""The beginning of a line that has its label before it: 地址：滨江路1号."""
BULLET = re.compile(r"^[•·●▪■◆◇○◦➢➤✓✔∙‣\uf000-\uf0ff][ \t\u3000]*")
"""A bullet typed at the start of a list item; U+F000 to U+F0FF are the characters of Word's symbol fonts."""
_STYLES = (
    ("一、", re.compile(rf"([{NUMERAL}]+)、")),
    ("（一）", re.compile(rf"[（(]([{NUMERAL}]+)[）)]")),
    ("1、", re.compile(r"(\d{1,2})\s*[、.．，,](?!\d)")),
    ("（1）", re.compile(r"[（(]?(\d{1,2})[）)]")),
    ("①", re.compile(r"([①-⑳])")),
    ("•", re.compile(rf"{BULLET.pattern}|^[-*–—]+[ \t\u3000]")),
)
"""The ways in which the lines of an enumeration begin."""
_VALUE = re.compile(r"\d{5,}|\d{3,}-\d|\d[:：]\d\d|@|[:：][^:：]*\d")
"""A telephone number, a time, an address of e-mail, a figure after a colon."""
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—\U00020000-\U0003ffff]"
"""Chinese characters, full-width forms, and punctuation beside which a line break stands for no blank."""
_BROKEN = re.compile(rf"(?<={_WIDE})[ \t]*\n[ \t]*|(?<![ \t])[ \t]*\n[ \t]*(?={_WIDE})|(?<=[A-Za-z]-)\n(?=[a-z])")
"""Line breaks that are to be removed: beside Chinese, and after the hyphen of an English word. What looks back for
blanks is for speed: a match is not tried from each blank of a long run."""


class Unreadable(ValueError):
    """A file cannot be read; ``zh`` and ``en`` say why and what to do about it, in one sentence each."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


def needed(module: str) -> Any:
    """Import a module that is installed with the extra ``documents``.

    Raises:
        Unreadable: it is not installed; the message says how to install it.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Unreadable(
            '读这种文件要先装扩展 documents，请运行 pip install "parkqa[documents]"。',
            'files of this kind need the extra documents; run pip install "parkqa[documents]".',
        ) from error


def joined(lines: Iterable[str]) -> str:
    """Join the lines of a wrapped paragraph: with a blank, but beside Chinese and after a hyphen without.

    >>> joined(["园区成立于", "2003年。"]), joined(["a well-", "known port", "on the river"])
    ('园区成立于2003年。', 'a well-known port on the river')
    """
    return _BROKEN.sub("", "\n".join(lines)).replace("\n", " ")


def short(line: str) -> bool:
    """Return whether a line could be a heading, a caption or a keyword.

    It has at most SHORT characters, of which a Latin word counts as two, does not end like a sentence and does not
    begin with a year.

    >>> short("主导产业"), short("园区很大。"), short("2003年成立")
    (True, False, False)
    """
    length = len(WORD.sub("  ", line))
    return length <= SHORT and not END.search(line) and not DATED.match(line)


def style(line: str) -> str:
    """Return the way in which a line of an enumeration is numbered; "" if it is not.

    >>> style("（1）提交申请"), style("1. 班车"), style("1.5万元")
    ('（1）', '1、', '')
    """
    return next((name for name, pattern in _STYLES if pattern.match(line)), "")


def number(line: str) -> int:
    """Return the number of a numbered line, 0 if it has none.

    >>> number("（十二）其他材料"), number("3. 班车"), number("• 班车")
    (12, 3, 0)
    """
    found = next((match[1] for _, pattern in _STYLES[:-1] if (match := pattern.match(line))), "")
    value = numeral_value(found)
    if value is None:  # ①, 百
        return int(unicodedata.numeric(found)) if len(found) == 1 else 0
    return value


def leads_in(line: str) -> bool:
    """Return whether a line leads in to what follows it.

    >>> leads_in("申请人应当提交下列材料："), leads_in("租金：28元")
    (True, False)
    """
    return line.endswith(("：", ":"))


def follows(line: str, before: str) -> bool:
    """Return whether a numbered line is the next one of the enumeration that ``before`` belongs to."""
    return style(line) == style(before) != "" and number(line) in (0, number(before) + 1)


def informs(line: str) -> bool:
    """Return whether a line, however short, says something, and so is no heading: it is numbered or gives a value.

    >>> informs("0510-86001234（8:30-17:30）"), informs("（1）提交申请（两个工作日）"), informs("一、适用范围")
    (True, True, False)
    """
    return style(line) not in ("", "一、", "（一）") or bool(_VALUE.search(line))


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with its text, before its offsets are known; see ``Block`` for the fields."""

    kind: BlockKind
    text: str = ""
    level: int = 0
    page: Page = None
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Draft:
    """The result of a reader.

    ``text`` is the plain text of the file and ``blocks`` its structure. ``meta`` is the front matter, empty if there is
    none. ``scanned`` are the numbers of pages with pictures but without readable text.
    """

    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, object] = field(default_factory=dict)
    scanned: tuple[int, ...] = ()


def assemble(pieces: Iterable[Piece], meta: Mapping[str, object] | None = None) -> Draft:
    """Join pieces into a draft, with one line end between them; pieces without text are dropped, except breaks.

    >>> draft = assemble([Piece("heading", "概况", 1), Piece("paragraph", "园区很大。")])
    >>> draft.text, [(block.kind, block.start, block.end) for block in draft.blocks]
    ('概况\\n园区很大。', [('heading', 0, 2), ('paragraph', 3, 8)])
    """
    texts: list[str] = []
    blocks: list[Block] = []
    position = 0
    for piece in pieces:
        if text := CONTROL.sub("", piece.text):
            start = position + bool(texts)
            position = start + len(text)
            texts.append(text)
            blocks.append(Block(piece.kind, piece.level, start, position, piece.page, piece.columns))
        elif piece.kind == "break":
            blocks.append(Block("break", piece.level, position, position))
    return Draft("\n".join(texts), tuple(blocks), meta or {})
