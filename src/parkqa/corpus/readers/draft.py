"""What the readers share: the ``Draft`` they return, and how lines, headings and bullets are recognised."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from parkqa.text.characters import NUMERAL, numeral_value
from parkqa.types import Block, BlockKind, Leaf, Page, Span

SHORT = 30
"""Longest short line in characters, see ``short``. Chosen by looking at the corpus: a larger value takes more
statements for headings, a smaller one more headings for text."""
SHOWN = 5
"""Most texts of one kind that a note on what was left out shows."""
CELLS = " | "
"""What stands between the cells of a row."""
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
    ("a)", re.compile(r"([a-z])[)）]")),
    ("①", re.compile(r"([①-⑳])")),
    ("•", re.compile(rf"{BULLET.pattern}|^[-*–—]+[ \t\u3000]")),
)
"""The ways in which the lines of an enumeration begin."""
_VALUE = re.compile(r"\d{5,}|\d{3,}-\d|\d[:：]\d\d|@|[:：][^:：]*\d")
"""A telephone number, a time, an address of e-mail, a figure after a colon."""
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u3000-\u303f“”‘’…—\U00020000-\U0003ffff]"
"""Chinese characters, full-width forms, and punctuation beside which a line break stands for no blank."""
_BROKEN = re.compile(
    rf"(?<={_WIDE})[ \t]*\n[ \t]*|(?<![ \t])[ \t]*\n[ \t]*(?={_WIDE})|(?<=[A-Za-z]-)\n(?=[a-z])|\u00ad\n?"
)
"""Line breaks that are to be removed: beside Chinese, and after the hyphen of an English word, also a soft one. What
looks back for blanks is for speed: a match is not tried from each blank of a long run."""
_UNSEEN = re.compile(r"[\u00ad\u200b\u2060]")
"""Soft hyphens and blanks without width."""


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

    >>> number("（十二）其他材料"), number("3. 班车"), number("c) 公章"), number("• 班车")
    (12, 3, 3, 0)
    """
    found = next((match[1] for _, pattern in _STYLES[:-1] if (match := pattern.match(line))), "")
    if "a" <= found <= "z":
        return ord(found) - ord("a") + 1
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


def labelled(label: str, text: str) -> str:
    """Return a text with its automatic number before it, as it is shown.

    >>> labelled("第二条", "业主应当缴费。"), labelled("一、", "总则"), labelled("", "总则")
    ('第二条 业主应当缴费。', '一、总则', '总则')
    """
    return f"{label}{'' if not label or label.endswith(('、', '）', '．')) else ' '}{text}"


Box = tuple[float, float, float, float]
"""Left, upper, right and lower edge on a page, in points from its upper left corner."""


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a line stands: the number of its leaf, its box there, and its text; "" if it is all of its block."""

    leaf: int
    box: Box
    text: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A block with its text, before its offsets are known; see ``Block`` for the fields.

    ``spots`` are the places of its lines; ``recognized`` says that the text was recognised from a picture.
    """

    kind: BlockKind
    text: str = ""
    level: int = 0
    page: Page = None
    columns: tuple[str, ...] = ()
    label: str = ""
    spots: tuple[Spot, ...] = ()
    recognized: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """What staff should know about how a file was read, without the name of the file.

    With ``warns``, text may be missing: it is told at every build. Other notes say what was left out on purpose.
    """

    zh: str
    en: str
    warns: bool = True


def unread(
    places: Iterable[int | str], zh: str, en: str, *, of: tuple[str, str] = ("页", "page"), warns: bool = True
) -> tuple[Note, ...]:
    """Return the note on pages (or what ``of`` calls them in Chinese and English), such as on why they cannot be read.

    >>> [note.zh for note in unread([2, 5], "是扫描的图片，没有可读的文字，请先做文字识别（OCR）", "…")]
    ['第 2、5 页是扫描的图片，没有可读的文字，请先做文字识别（OCR）。']
    """
    numbers = [str(place) for place in places]
    many = "s" if len(numbers) > 1 else ""
    note = Note(f"第 {'、'.join(numbers)} {of[0]}{zh}。", f"{of[1]}{many} {', '.join(numbers)}: {en}.", warns)
    return (note,) * bool(numbers)


def left_out(what: Iterable[str], zh: str, en: str) -> tuple[Note, ...]:
    """Return the note on texts that were left out on purpose, the first SHOWN of them word for word; () without any."""
    texts = list(dict.fromkeys(" ".join(text.split()) for text in what if text.strip()))
    shown = [text if len(text) <= SHORT else f"{text[:SHORT]}…" for text in texts[:SHOWN]]
    zh_more, en_more = (f" 等 {len(texts)} 处", f" and {len(texts) - SHOWN} more") if len(texts) > SHOWN else ("", "")
    found = f"{zh}：{'｜'.join(shown)}{zh_more}", f"{en}: {' | '.join(shown)}{en_more}"
    return (Note(*found, warns=False),) * bool(texts)


@dataclass(frozen=True, slots=True)
class Draft:
    """The result of a reader.

    ``text`` is the plain text of the file and ``blocks`` its structure. ``meta`` is the front matter, empty if there is
    none. ``notes`` say what was left out and what cannot be read. ``recognized`` and ``leaves`` are those of
    ``Document``.
    """

    text: str
    blocks: tuple[Block, ...]
    meta: Mapping[str, object] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    recognized: tuple[Span, ...] = ()
    leaves: tuple[Leaf, ...] = ()


def assemble(
    pieces: Iterable[Piece],
    meta: Mapping[str, object] | None = None,
    notes: Iterable[Note] = (),
    leaves: Iterable[Leaf] = (),
) -> Draft:
    """Join pieces into a draft, with one line end between them; pieces without text are dropped, except breaks.

    ``notes`` are taken when all pieces have been made; ``leaves``, which get their lines here, too.

    >>> draft = assemble([Piece("heading", "概况", 1), Piece("paragraph", "园区很大。")])
    >>> draft.text, [(block.kind, block.start, block.end) for block in draft.blocks]
    ('概况\\n园区很大。', [('heading', 0, 2), ('paragraph', 3, 8)])
    """
    texts: list[str] = []
    blocks: list[Block] = []
    recognized: list[Span] = []
    lines: dict[int, list[int]] = defaultdict(list)
    position = 0
    for piece in pieces:
        if text := _UNSEEN.sub("", CONTROL.sub("", piece.text)):
            start = position + bool(texts)
            position = start + len(text)
            texts.append(text)
            blocks.append(Block(piece.kind, piece.level, start, position, piece.page, piece.columns, piece.label))
            recognized += [(start, position)] * piece.recognized
            for spot, (first, length) in _found(piece.spots, text):
                lines[spot.leaf] += [start + first, length, *map(round, spot.box)]
        elif piece.kind == "break":
            blocks.append(Block("break", piece.level, position, position))
    placed = tuple(replace(leaf, lines=tuple(lines[leaf.number])) for leaf in leaves)
    return Draft("\n".join(texts), tuple(blocks), meta or {}, tuple(notes), _merged(recognized), placed)


def _found(spots: Iterable[Spot], text: str) -> Iterator[tuple[Spot, tuple[int, int]]]:
    """Yield the spots of a block with where their lines stand in its text, as (first offset, length).

    Lines differ from the text by blanks only, and by what was taken off at the beginning of an item.
    """
    bare = [place for place, char in enumerate(text) if not char.isspace()]
    letters = "".join(text[place] for place in bare)
    begin = 0
    for spot in spots:
        line = "".join(_UNSEEN.sub("", BULLET.sub("", CONTROL.sub("", spot.text))).split())
        place = letters.find(line, begin)
        if not line:
            yield spot, (0, len(text))
        elif place >= 0:
            begin = place + len(line)
            yield spot, (bare[place], bare[begin - 1] + 1 - bare[place])


def _merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return spans in order with those joined that have nothing but a line end between them."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return tuple(merged)
