"""Formats that are read through LibreOffice, and what a file with such a name really holds.

Web systems write HTML or tab-separated text into files named .xls, and save pages as .doc: what a file holds decides.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from parkqa.corpus import file_checks
from parkqa.corpus.ole import DAMAGED, SIGNATURE, Container
from parkqa.corpus.readers.draft import Unreadable

OFFICE: Mapping[str, str] = {
    **dict.fromkeys((".doc", ".dot", ".wps", ".wpt", ".rtf", ".odt"), ".docx"),
    **dict.fromkeys((".ppt", ".pps", ".dps", ".odp"), ".pptx"),
    **dict.fromkeys((".xls", ".xlt", ".et", ".ods"), ".xlsx"),
}
"""Formats that are read through LibreOffice, with the format that it is to make of them."""
_BINARY = {".docx": ".doc", ".pptx": ".ppt", ".xlsx": ".xls"}
"""The suffix by which LibreOffice knows the binary formats of Office 97 and WPS Office."""
_STREAMS = {"WordDocument": ".doc", "Workbook": ".xls", "Book": ".xls", "PowerPoint Document": ".ppt"}
_XML = re.compile(rb"<\?mso-application\s+progid=|<office:document\b")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|meta|table)\b", re.IGNORECASE)
_MAIL = re.compile(rb"(?:[A-Za-z-]+:[^\n]*\n(?:[ \t][^\n]*\n)*){0,20}(?:MIME-Version|Content-Type):", re.IGNORECASE)
_ROWS = re.compile(rb"[^\n\t]*\t[^\n]*\n[^\n\t]*\t")
_START = 4000
"""Bytes at the start of a file that tell what it holds. Chosen by hand."""


def real_suffix(raw: bytes, suffix: str) -> str:
    """Return the suffix that fits what a file holds.

    It is one of OFFICE or ``.xml`` where LibreOffice is to convert the file, and otherwise that of the text that it is:
    ``.html``, ``.mht`` or ``.tsv``.

    Args:
        raw: the bytes of the file.
        suffix: its suffix, one of OFFICE.

    Raises:
        Unreadable: it is empty, encrypted, too large unpacked, or holds something else than its name says.

    >>> real_suffix(b"<table><tr><td>1</td></tr></table>", ".xls"), real_suffix(b"{\\\\rtf1 a}", ".doc")
    ('.html', '.rtf')
    """
    target = OFFICE[suffix]
    if raw.startswith(SIGNATURE):
        file_checks.check_not_encrypted(raw)
        return _binary(raw, target, suffix)
    if kind := file_checks.open_document(raw):
        file_checks.same(suffix, kind if OFFICE[kind] != target else suffix)
        return kind
    return _by_text(raw, target) or _unknown(raw, suffix)


def _binary(raw: bytes, target: str, suffix: str) -> str:
    """Return the suffix for a compound file by the stream that holds its document.

    It must fit: what LibreOffice does not know it would take for text.
    """
    try:
        names = Container(raw).names
    except DAMAGED as error:
        raise file_checks.damaged() from error
    kind = next((kind for stream, kind in _STREAMS.items() if stream in names), "")
    if not kind:
        return _unknown(raw, suffix)
    file_checks.same(suffix, suffix if _BINARY[target] == kind else kind)
    return kind


def _by_text(raw: bytes, target: str) -> str:
    """Return the suffix for a file that begins with text; "" if it is of none of these kinds."""
    start = raw[:_START].removeprefix(b"\xef\xbb\xbf")
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, of which only the ASCII counts here
        start = start[2:].replace(b"\0", b"")
    if b"\0" in start:
        return ""
    start = start.lstrip()
    if start.startswith(b"{\\rtf"):
        return ".rtf" if target == ".docx" else ""
    if _XML.search(start):
        return ".xml"
    if _HTML.search(start):
        return ".html"
    if _MAIL.match(start):
        return ".mht"
    return ".tsv" if target == ".xlsx" and _ROWS.match(start) else ""


def _unknown(raw: bytes, suffix: str) -> str:
    """Raise for a file that holds nothing that its name may stand for."""
    if not raw or raw.startswith(b"PK") or b"%PDF-" in raw[:1024]:
        file_checks.check(raw, suffix)
    target = OFFICE[suffix]
    raise Unreadable(
        f"扩展名是 {suffix}，内容却是别的东西，或文件已损坏，请用原来的软件另存为 {target}。",
        f"it is named {suffix} and holds something else, or is damaged; save it as {target} in its own program.",
    )
