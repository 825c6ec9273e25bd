"""Markdown (.md): CommonMark with tables, strikethrough and footnotes, and YAML front matter.

Where the parser would drop words that a person typed (surplus cells, list numbers, text nested too deeply), this module
keeps them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import takewhile

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from ruamel.yaml.nodes import MappingNode, Node

from parkqa.corpus.curation.yaml_source import BadYaml, compose, construct
from parkqa.corpus.readers.draft import KEY, Draft, Piece, assemble, informs, short
from parkqa.types import BlockKind

DEEPEST = 40
"""Depth of nesting from which markup is read as text. The parser drops all text below its own limit, which is set ten
levels deeper; the value was chosen by hand, far beyond what people write."""

INDENTED = 4
"""Blanks by which the further paragraphs of a footnote are indented."""

_FRONT = re.compile(r"\A---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)
_ADDRESS = re.compile(
    r"$|[a-z][a-z0-9+.-]*://|mailto:|tel:|www\.|#|\.{0,2}/"  # empty, a scheme, a host, a fragment, a path
    r"|[^\s，。；：、！？]*\.[a-z][a-z0-9]{0,4}(?:[?#]\S*)?$",  # or a file name
    re.IGNORECASE,
)
"""What may be the target of a link."""
_LANGUAGE = re.compile(r"[a-z][a-z0-9+#-]*")
"""The name of a programming language behind a code fence."""
_BREAK, _COMMENT = re.compile(r"[ \t]*<br\s*/?>[ \t]*\n?", re.IGNORECASE), re.compile(r"<!--.*?-->", re.DOTALL)
"""HTML that people write in Markdown for what that lacks: line ends in cells, and notes to themselves."""
_NOTE, _NOTED = re.compile(r"\[\^([^\]\s]+)\]:[ \t]*"), re.compile(r"\[\^([^\]\s]+)\]")
"""The mark of a footnote, and the reference to one."""
_DEPTH = {"bullet_list_open": 1, "ordered_list_open": 1, "bullet_list_close": -1, "ordered_list_close": -1}


class FrontMatterError(ValueError):
    """The front matter is not a YAML mapping; ``line`` is the 1-based line of the file."""

    def __init__(self, line: int) -> None:
        super().__init__(f"front matter, line {line}")
        self.line = line


class _Parser(MarkdownIt):
    """A parser that accepts only addresses as targets of links, so that [注](以上数据仅供参考) stays text."""

    def validateLink(self, url: str) -> bool:  # noqa: N802
        return bool(_ADDRESS.match(url))

    def normalizeLink(self, url: str) -> str:  # noqa: N802
        return url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return link


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: read a table, and append to a row's last cell those beyond the number of heads, which GFM drops."""
    first = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    tokens = state.tokens[first:]
    width = sum(token.type == "th_open" for token in tokens)
    for cell, close, row in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if close.type == "td_close" and row.type == "tr_close" and cell.map:
            surplus = _cells(state, cell.map[0])[width:]
            cell.content = " | ".join(filter(None, [cell.content, *surplus]))
    return True


def _cells(state: StateBlock, line: int) -> list[str]:
    """Return all cells in a line of a table."""
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    cells = re.split(r"(?<!\\)\|", text.removeprefix("|"))
    return [cell.replace(r"\|", "|").strip() for cell in cells]


def _too_deep(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: read what is nested DEEPEST levels deep as one paragraph."""
    if state.level < DEEPEST:
        return False
    line = start
    while line < end and (state.isEmpty(line) or state.sCount[line] >= state.blkIndent):
        line += 1
    state.push("paragraph_open", "p", 1)
    inline = state.push("inline", "", 0)
    inline.content, inline.children = state.getLines(start, line, state.blkIndent, False).strip(), []
    state.push("paragraph_close", "p", -1)
    state.line = line
    return True


def _footnote(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: read [^1]: with what follows up to a blank line, and indented paragraphs below it, as a footnote."""
    found = _NOTE.match(state.src, state.bMarks[start] + state.tShift[start])
    if not found or state.level:
        return False
    if silent:
        return True
    line = start + 1
    while line < end and _goes_on(state, line, end):
        line += 1
    state.env.setdefault("footnotes", set()).add(found[1])
    state.push("footnote_open", "", 1)
    for paragraph in re.split(r"\n\s*\n", state.src[found.end() : state.eMarks[line - 1]].strip()):
        inline = state.push("inline", "", 0)
        inline.content, inline.children = paragraph.strip(), []
    state.push("footnote_close", "", -1)
    state.line = line
    return True


def _goes_on(state: StateBlock, line: int, end: int) -> bool:
    """Return whether a line belongs to the footnote above it."""
    if state.isEmpty(line):
        return line + 1 < end and not state.isEmpty(line + 1) and state.sCount[line + 1] >= INDENTED
    after_blank = state.isEmpty(line - 1)
    return after_blank or not _NOTE.match(state.src, state.bMarks[line] + state.tShift[line])


def _reference(state: StateInline, silent: bool) -> bool:
    """Inline rule: leave out a reference to a footnote, as the mark of the footnote is."""
    found = _NOTED.match(state.src, state.pos)
    if not found or found[1] not in state.env.get("footnotes", ()):
        return False
    state.pos = found.end()
    return True


def _parser() -> MarkdownIt:
    # HTML is off, so that what a document has between < and > stays text. Reference definitions are off too, since
    # "[注]: 以上数据仅供参考。" has the form of one and would be dropped.
    parser = _Parser("commonmark", {"html": False, "maxNesting": DEEPEST + 10})
    parser.enable(["table", "strikethrough"]).disable("reference")
    parser.block.ruler.at("table", _whole_table, {"alt": ["paragraph"]})
    parser.block.ruler.before("table", "too_deep", _too_deep)
    parser.block.ruler.before("paragraph", "footnote", _footnote, {"alt": ["paragraph"]})
    parser.inline.ruler.before("link", "reference_to_footnote", _reference)
    return parser


_MARKDOWN = _parser()
_LISTS = frozenset(("bullet_list_open", "ordered_list_open", "table_open"))


def read(source: str) -> Draft:
    """Read Markdown with optional YAML front matter; only markup is removed.

    Raises:
        FrontMatterError: the front matter is not a YAML mapping.

    >>> draft = read("---\\ntitle: 概况\\n---\\n# 园区\\n\\n**很大**。")
    >>> draft.text, draft.meta
    ('园区\\n很大。', {'title': '概况'})
    """
    meta: dict[str, object] = {}
    if front := _FRONT.match(source):
        meta = _meta(front[1])
        source = source[front.end() :]
    return assemble(_captions(list(_pieces(list(_numbered(_MARKDOWN.parse(source)))))), meta)


def _meta(front: str) -> dict[str, object]:
    try:
        node = compose(front)
        if node is not None and not isinstance(node, MappingNode):
            raise BadYaml(1)
        entries: list[tuple[Node, Node]] = node.value if node else []
        return {str(key.value): construct(value) for key, value in entries}
    except BadYaml as error:
        raise FrontMatterError(error.line + 1) from error


def _numbered(tokens: Iterable[Token]) -> Iterator[Token]:
    """Put numbers that do not number the items of a list back into the text: 2023. 园区成立, 31. 12. 2003."""
    counted: dict[int, int] = {}
    number = ""
    for token in tokens:
        if token.type == "list_item_open":
            number += _number(token, counted)
        elif number and token.type == "inline":
            token.children = [Token("text", "", 0, content=number), *(token.children or ())]
            number = ""
        elif number and token.type in ("fence", "code_block", "table_open", "list_item_close"):
            yield Token("inline", "", 0, children=[Token("text", "", 0, content=number)])
            number = ""
        yield token


def _number(item: Token, counted: dict[int, int]) -> str:
    """Return an item's number with its markup if it belongs to the text, "" if it merely numbers the item.

    It numbers the item if it is 0, 1 or one more than the last number at its depth, which ``counted`` keeps.
    """
    for level in [level for level in counted if level > item.level]:
        del counted[level]
    if not item.info:
        return ""
    if int(item.info) > 1 and int(item.info) - 1 != counted.get(item.level):
        return f"{item.info}{item.markup} "
    counted[item.level] = int(item.info)
    return ""


def _pieces(tokens: Sequence[Token]) -> Iterator[Piece]:
    """Yield the pieces of a file; in a list, every paragraph is an item. Footnotes below all else are of no section."""
    depth, heading, last, above = 0, 0, 1, 0
    text = [n for n, token in enumerate(tokens) if not (token.level or token.type.startswith("footnote"))]
    below = next((n for n in range(max(text, default=0), len(tokens)) if tokens[n].type == "footnote_open"), None)
    for place, token in enumerate(tokens):
        if place == below:
            yield Piece("break", level=1)
        depth += _DEPTH.get(token.type, 0)
        if token.type == "heading_open":
            heading = last = int(token.tag[1])
        elif token.type == "hr":
            yield Piece("break", level=1)
        elif token.type == "table_open":
            yield from _table(tokens, place)
        elif token.type in ("fence", "code_block"):
            yield Piece("paragraph", _code(token))
        elif token.type == "inline" and tokens[place - 1].type not in ("th_open", "td_open"):
            if not depth and not heading and _heads(tokens, place):
                heading = last + 1
                above = heading * (tokens[place + 2].type in _LISTS)
            kind: BlockKind = "heading" if heading else "item" if depth else "paragraph"
            yield Piece(kind, _plain(token.children), heading or depth)
            heading = 0
        if above and not token.level and token.type in ("bullet_list_close", "ordered_list_close", "table_close"):
            yield Piece("break", level=above)  # what follows the list is not under the line above it
            above = 0


def _heads(tokens: Sequence[Token], place: int) -> bool:
    """Return whether a paragraph is the heading of what follows it: a short bold line, and no bold one after it.

    With a colon in it (A线：火车站 → 园区) it is one above a list only, since 地址：滨江路1号 says something.
    """
    after = tokens[place + 2 : place + 4]
    if tokens[place].level > 1 or not after or not _is_bold(tokens[place]):
        return False
    text = _plain(tokens[place].children)
    if not short(text) or informs(text) or not re.search(r"\w", text):
        return False
    if after[0].type in _LISTS:
        return True
    return after[0].type == "paragraph_open" and not _is_bold(after[1]) and not KEY.match(text)


def _is_bold(token: Token) -> bool:
    """Return whether all text of a paragraph is bold."""
    kinds = [child.type for child in token.children or () if child.type != "text" or child.content.strip()]
    return len(kinds) > 2 and kinds[0] == "strong_open" and kinds.index("strong_close") == len(kinds) - 1


def _code(token: Token) -> str:
    """Return code unchanged, below what stands behind its fence unless that is the name of a programming language."""
    label = "" if _LANGUAGE.fullmatch(token.info.strip()) else token.info.strip()
    return f"{label}\n{token.content}".lstrip("\n").rstrip()


def _table(tokens: Sequence[Token], place: int) -> Iterator[Piece]:
    """Yield the head and the rows of the table that opens at ``place``."""
    columns: tuple[str, ...] = ()
    cells: list[str] = []
    while tokens[place].type != "table_close":
        token = tokens[place]
        if token.type == "inline":
            cells.append(_plain(token.children).replace("\n", " "))
        elif token.type == "tr_close":
            line, done = " | ".join(cells).strip(), tuple(cells)
            cells = []
            if columns:
                yield Piece("row", line, columns=columns)
            else:
                columns = done
                yield Piece("columns", line, columns=columns)
        place += 1


def _plain(children: Sequence[Token] | None) -> str:
    """Return the text of inline tokens; of links and images, the text and the title."""
    words, title = [], ""
    for child in children or ():
        if child.type in ("softbreak", "hardbreak"):
            words.append("\n")
        elif child.type == "link_open":
            title = _title(child)
        elif child.type == "link_close":
            words.append(title)
        else:
            words.append(_plain(child.children) + _title(child) if child.type == "image" else child.content)
    return _COMMENT.sub("", _BREAK.sub("\n", "".join(words))).strip()


def _title(token: Token) -> str:
    """Return the title of a link or an image with a blank before it, "" if it has none."""
    return f" {token.attrGet('title')}" if token.attrGet("title") else ""


def _captions(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Make captions of short list items at the start of a file with prose: on the web page they labelled pictures."""
    head = list(takewhile(lambda piece: piece.kind == "item", pieces))
    prose = any(piece.kind == "paragraph" and not short(piece.text) for piece in pieces)
    captions = prose and all(short(piece.text) for piece in head)
    for place, piece in enumerate(pieces):
        yield Piece("caption", piece.text) if captions and place < len(head) else piece
