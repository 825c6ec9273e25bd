"""Mail (.eml) and pages saved as one file (.mht): the text, and the attachments as files of their own."""

from __future__ import annotations

import email
import mimetypes
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

from parkqa.corpus.decoding import CHINESE, decoded_as, normalised
from parkqa.corpus.readers import html, plain
from parkqa.corpus.readers.draft import Draft, Piece, Unreadable, assemble, left_out

_WORDS = re.compile(r"=\?[^?\s]+\?[bBqQ]\?[^?]*\?=(?:\s*=\?[^?\s]+\?[bBqQ]\?[^?]*\?=)*")
"""Encoded words (RFC 2047); a character may be divided between two of them."""
_SEALED = re.compile(r"multipart/encrypted|application/(?:x-)?pkcs7-mime")
NAMED = 60
"""Most characters of a subject in the name of a mail that was forwarded as an attachment. Chosen by hand."""
_QUOTED = re.compile(
    r"[>\s]*-{2,}\s*(?:原始邮件|转发的?邮件|Original Message|Forwarded message)\s*-{2,}", re.IGNORECASE
)
"""What mail programs set above a mail that is quoted below a reply."""
_FROM = re.compile(r"[>\s]*(?:发件人|From)\s*[:：]", re.IGNORECASE)
_HEAD = re.compile(
    r"[>\s]*(?:发件人|收件人|抄送|主题|日期|(?:发送|发件)(?:时间|日期)|From|To|Cc|Sent|Date|Subject)\s*[:：]",
    re.IGNORECASE,
)
"""The lines of its head."""
_SOFT = re.compile(r"(?<!^--) \n", re.MULTILINE)
"""The end of a line that goes on (format=flowed); behind two hyphens comes the signature."""


def read(raw: bytes) -> Draft:
    """Read a mail; ``meta`` has its subject as title and the day on which it was sent as date.

    Raises:
        Unreadable: it is encrypted, no mail, or in an unknown encoding, or the extra ``documents`` is not installed.

    >>> draft = read("Subject: 班车\\nDate: Mon, 4 Mar 2024 09:00:00 +0800\\n\\n班车改为八点发车。".encode())
    >>> draft.text, draft.meta
    ('班车改为八点发车。', {'title': '班车', 'date': '2024-03-04'})
    """
    message = _message(raw)
    meta: dict[str, object] = {}
    if subject := header(message, "subject"):
        meta["title"] = subject
    with suppress(TypeError, ValueError, IndexError):
        meta["date"] = parsedate_to_datetime(header(message, "date")).date().isoformat()
    return _draft(message, meta)


def read_page(raw: bytes) -> Draft:
    """Read a web page that was saved as one file; raises as ``read``."""
    message = _message(raw)
    subject = header(message, "subject")
    return _draft(message, {"title": subject} if subject else {})


def has_text(raw: bytes) -> bool:
    """Return whether a mail has text besides its attachments; raises as ``read``."""
    return bool(read(raw).text.strip())


def attachments(raw: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each attachment, in order; a mail that was forwarded as one is a file ``.eml``.

    Raises:
        Unreadable: the mail is encrypted, or no mail.
    """
    message = _message(raw)
    texts = [id(part) for part in _texts(message)]
    for number, part in enumerate(_leaves(message), 1):
        named = _file_name(part)
        if id(part) in texts or (not named and _is_text(part)):
            continue
        if part.get_content_maintype() == "message" and (inner := _parts(part)):
            subject = header(inner[0], "subject") or f"邮件{number}"
            yield f"{named.removesuffix('.eml') or subject[:NAMED].replace('/', '／')}.eml", inner[0].as_bytes()
        else:
            kind = mimetypes.guess_extension(part.get_content_type()) or ""
            yield named or f"附件{number}{kind}", _content(part)


def header(message: Message, name: str) -> str:
    """Return a line of the head of a mail as it is shown, "" if it has none; also one that is wrongly encoded."""
    found = next((value for key, value in message.raw_items() if key.lower() == name), "")
    return " ".join(_shown(str(found)).split())


def _message(raw: bytes) -> Message:
    """Return a mail; raise Unreadable if it is encrypted or has no head."""
    message = email.message_from_bytes(raw)
    if _SEALED.fullmatch(message.get_content_type()) and "signed-data" not in str(message.get_param("smime-type", "")):
        raise Unreadable(
            "邮件加密了，请打开它，把正文另存为 .txt 或 .docx，附件另存出来放进来。",
            "the mail is encrypted; open it, save its text as .txt or .docx and put the attachments here.",
        )
    if not message.keys():
        raise Unreadable(
            "不是邮件，或文件已损坏，请在邮件软件里重新导出，或把正文和附件另存出来放进来。",
            "it is no mail, or is damaged; export it anew from its program, or save its text and attachments here.",
        )
    return message


def _draft(message: Message, meta: dict[str, object]) -> Draft:
    drafts = [_part(part) for part in _texts(message)]
    pieces = [
        Piece(block.kind, draft.text[block.start : block.end], block.level, None, block.columns, block.label)
        for draft in drafts
        for block in draft.blocks
    ]
    kept, heads = _without_heads(pieces)
    titles = [draft.meta["title"] for draft in drafts if "title" in draft.meta]
    meta = {"title": titles[0], **meta} if titles else meta
    notes = [note for draft in drafts for note in draft.notes]
    return assemble(kept, meta, [*notes, *left_out(heads, "引用的信头没有收", "heads of quoted mails left out")])


def _without_heads(pieces: Sequence[Piece]) -> tuple[list[Piece], list[str]]:
    """Return pieces without the heads of mails that are quoted below a reply, and the lines of these."""
    kept: list[Piece] = []
    gone: list[str] = []
    quoted = False
    for piece in pieces:
        lines: list[str] = []
        for line in piece.text.split("\n"):
            begins = bool(_QUOTED.match(line) or (_FROM.match(line) and "@" in line))
            quoted = begins or (quoted and bool(_HEAD.match(line)))
            (gone if quoted else lines).append(line)
        if lines or piece.kind == "break":
            kept.append(replace(piece, text="\n".join(lines)))
    return kept, gone


def _part(part: Message) -> Draft:
    text = normalised(_text(part))
    if part.get_content_subtype() == "html":
        return html.read(text)
    if str(part.get_param("format", "")).lower() == "flowed":
        text = _SOFT.sub("" if str(part.get_param("delsp", "")).lower() == "yes" else " ", text)
    return plain.read(text)


def _texts(part: Message) -> Iterator[Message]:
    """Yield the parts that a mail program shows, in order; of several forms of the same text the richest."""
    inner, kind = _parts(part), part.get_content_type()
    if kind == "multipart/alternative":
        forms = [texts for each in inner if (texts := list(_texts(each)))]
        yield from forms[-1] if forms else []
    elif kind == "multipart/related":
        yield from next((texts for each in inner if (texts := list(_texts(each)))), [])
    elif part.get_content_maintype() == "multipart":
        for each in inner:
            yield from _texts(each)
    elif _is_text(part) and part.get_content_disposition() != "attachment" and not _file_name(part):
        yield part


def _leaves(part: Message) -> Iterator[Message]:
    """Yield the parts that hold no others; a mail within the mail is one."""
    if part.get_content_maintype() == "multipart" and (inner := _parts(part)):
        for each in inner:
            yield from _leaves(each)
    else:
        yield part


def _parts(part: Message) -> list[Message]:
    """Return the parts that a part holds; of a mail within the mail, that mail."""
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _is_text(part: Message) -> bool:
    return part.get_content_type() in ("text/plain", "text/html")


def _file_name(part: Message) -> str:
    """Return the name of an attachment, without the folders that it may name; "" if it has none."""
    with suppress(ValueError, LookupError, UnicodeError):
        name = part.get_filename()
        return re.sub(r".*[/\\]", "", " ".join(_shown(name).split())) if name else ""
    return ""


def _shown(value: str) -> str:
    """Return a value of the head with its encoded words decoded; bytes beyond ASCII are UTF-8 or GB18030."""
    text = _characters(value.encode("utf-8", "surrogateescape"), None)
    return _WORDS.sub(lambda match: _encoded(match[0]), text)


def _encoded(words: str) -> str:
    try:
        parts = decode_header(words)
    except (ValueError, LookupError, MessageError):  # base64 that is broken
        return words
    return "".join(_characters(part, name) if isinstance(part, bytes) else part for part, name in parts)


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _text(part: Message) -> str:
    """Return the text of a part; raise Unreadable if it is in no known encoding."""
    return decoded_as(_content(part), str(part.get_content_charset() or ""))


def _characters(raw: bytes, named: str | None) -> str:
    """Decode a part of the head by the name of its encoding, or else as UTF-8 or GB18030."""
    for name in ("gb18030" if CHINESE.match(named or "") else named, "utf-8", "gb18030"):
        with suppress(LookupError, UnicodeDecodeError):
            if name and name.lower() != "us-ascii":
                return raw.decode(name)
    return raw.decode("utf-8", "replace")
