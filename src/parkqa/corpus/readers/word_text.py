"""The text of a Word paragraph as it is shown: runs, symbols of symbol fonts, equations, the base of ruby."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
BOX = f"{W}txbxContent"
_GONE = {f"{W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "pPr", "rPr", "rt")} | {FALLBACK, BOX}
"""Elements whose text was deleted or moved away, is a field instruction or the reading of a ruby, or is none."""

_WINGDINGS = {
    **dict.fromkeys((0x6F, 0x70, 0x71, 0x72, 0xA8), "□"),
    **{0xFE: "☑", 0xFD: "☒", 0xFC: "✓", 0xFB: "✗", 0x6C: "●", 0x6E: "■", 0xA7: "▪", 0x75: "◆", 0x76: "❖", 0x9F: "•"},
    **{0xD8: "➢", 0xE0: "→", 0xDF: "←", 0xE8: "➔", 0xF0: "⇨", 0xA1: "○", 0xAB: "★", 0x28: "☎", 0x2A: "✉", 0x46: "☞"},
    **{0x80 + n: chr(ord("①") + n - 1) for n in range(1, 11)},
}
_WINGDINGS_2 = {0x52: "☑", 0x54: "☒", 0x53: "☒", 0x50: "✓", 0x4F: "✗", 0xA3: "□", 0x2A: "□", 0x97: "●"}
_SYMBOL = {
    **{0xB7: "•", 0xA3: "≤", 0xB3: "≥", 0xB9: "≠", 0xB1: "±", 0xB4: "×", 0xB8: "÷", 0xB0: "°", 0xA5: "∞", 0xBB: "≈"},
    **{0x6D: "μ", 0x57: "Ω", 0x61: "α", 0x62: "β", 0x67: "γ", 0x44: "Δ", 0x53: "Σ", 0x70: "π", 0xE5: "∑", 0xD6: "√"},
}
_FONTS = {"wingdings": _WINGDINGS, "wingdings 2": _WINGDINGS_2, "symbol": _SYMBOL}
"""What the characters of symbol fonts show, by the lower byte of their code; the others are left out."""


def text(paragraph: Any) -> str:
    """Return the visible text of a paragraph, without its text boxes."""
    return "".join(words(paragraph)).strip()


def words(element: Any) -> Iterator[str]:
    """Yield the visible text in an element, without text boxes."""
    for child in element:
        tag = child.tag
        if tag in _GONE or (tag == f"{W}r" and on(child.find(f"{W}rPr/{W}vanish"))):
            continue
        if tag == f"{W}t":
            yield _drawn(child)
        elif tag in (f"{W}tab", f"{W}br", f"{W}cr"):
            yield "\t" if tag == f"{W}tab" else "\n" if child.get(f"{W}type") in (None, "textWrapping") else ""
        elif tag == f"{W}noBreakHyphen":
            yield "-"
        elif tag == f"{W}sym":
            yield _symbol(int(child.get(f"{W}char") or "0", 16), child.get(f"{W}font") or "")
        elif tag == f"{M}oMath":
            yield equation(child)
        elif isinstance(tag, str):
            yield from words(child)


def on(switch: Any) -> bool:
    """Return whether a toggle property is set; without a value, its presence sets it."""
    return switch is not None and switch.get(f"{W}val") not in ("0", "false", "off")


def _symbol(code: int, font: str) -> str:
    """Return what a character of a symbol font shows; "" if that is not known."""
    return _FONTS.get(font.lower(), {}).get(code & 0xFF, "")


def _drawn(word: Any) -> str:
    """Return a piece of text; in a symbol font, its letters stand for the symbols."""
    fonts = word.getparent().find(f"{W}rPr/{W}rFonts") if word.getparent() is not None else None
    font = "" if fonts is None else (fonts.get(f"{W}ascii") or fonts.get(f"{W}hAnsi") or "")
    written = word.text or ""
    if font.lower() not in _FONTS:
        return written
    return "".join(_symbol(ord(c), font) if ord(c) < 0x100 or 0xF000 <= ord(c) <= 0xF0FF else c for c in written)


def equation(node: Any) -> str:
    """Return an equation on one line: fractions with a slash, powers with ^."""
    kind = node.tag.removeprefix(M) if isinstance(node.tag, str) else ""
    if kind == "t":
        return node.text or ""
    part = {child.tag.removeprefix(M): child for child in node if isinstance(child.tag, str)}
    whole = "".join("".join(words([child])) if child.tag == f"{W}r" else equation(child) for child in node)
    sign = node.find(f"{M}naryPr/{M}chr")
    inner = _inner(part.get("e"))
    return {
        "f": f"{_grouped(part.get('num'))}/{_grouped(part.get('den'))}",
        "sSup": f"{inner}^{_grouped(part.get('sup'))}",
        "sSub": f"{inner}_{_grouped(part.get('sub'))}",
        "sSubSup": f"{inner}_{_grouped(part.get('sub'))}^{_grouped(part.get('sup'))}",
        "rad": f"{_inner(part.get('deg'))}√{_grouped(part.get('e'))}",
        "d": f"({inner})",
        "nary": f"{'∫' if sign is None else sign.get(f'{M}val')}{inner}",
    }.get(kind, whole)


def _inner(node: Any) -> str:
    return "" if node is None else equation(node)


def _grouped(node: Any) -> str:
    """Return a part of an equation, in brackets if it has several terms."""
    inner = _inner(node)
    return f"({inner})" if any(sign in inner for sign in "+-×÷*/=") else inner
