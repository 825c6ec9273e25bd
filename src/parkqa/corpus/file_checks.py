"""Checks files of the corpus before a reader opens them: location, size, completeness, and format against the suffix.

The limits on unpacked sizes guard against decompression bombs, which would otherwise exhaust the memory.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from pathlib import Path

from parkqa.corpus.ole import SIGNATURE
from parkqa.corpus.readers.draft import Unreadable

MEGABYTE = 1024**2
ON_DISK = 200 * MEGABYTE
"""Largest file, in bytes. Like the two limits below chosen by hand: larger values admit files for which the memory of a
small server may not suffice, smaller ones turn away long brochures with pictures."""
UNPACKED = 500 * MEGABYTE
"""Largest unpacked size of an Office file, in bytes."""
MARKUP = 150 * MEGABYTE
"""Largest unpacked size of an Office file's XML, or of one stream of a PDF, in bytes; parsed, it takes many times as
much memory."""
CHUNK = 64 * 1024
"""Compressed bytes handed to the decompressor at a time."""
_STREAM = re.compile(rb"stream\r?\n")
_PARTS = {"word/": ".docx", "ppt/": ".pptx", "xl/": ".xlsx"}
_PADDING = b"\0\t\n\f\r \x1a"
"""What mail programs and old disks add behind the end of a file."""
_OPEN_DOCUMENT = {"text": ".odt", "spreadsheet": ".ods", "presentation": ".odp"}
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*")
_EMPTY = Unreadable("文件是空的，请补上内容或删掉它。", "the file is empty; fill it or delete it.")
_DAMAGED = Unreadable(
    "文件不完整或已损坏，请重新拷贝，或用原来的软件打开后另存一份。",
    "the file is cut off or damaged; copy it again, or open it in its program and save it anew.",
)
_ENCRYPTED = Unreadable(
    "文件有密码，请去掉密码后另存一份。", "the file is protected by a password; save a copy without one."
)


def read_bytes(path: Path, root: Path) -> bytes:
    """Return the bytes of a file of the corpus.

    Raises:
        Unreadable: links lead out of ``root``, or it is not a regular file, larger than ON_DISK or cannot be read.
    """
    try:
        real = path.resolve()
        inside = real.is_relative_to(root.resolve())
    except (OSError, RuntimeError) as error:  # a loop of links; which of the two depends on the version of Python
        raise _unread("链接绕成了圈", "a link that leads to itself") from error
    if not inside:
        raise Unreadable(
            "链接指到了资料文件夹之外，请把文件本身放进来。",
            "it is a link out of the corpus folder; put the file itself there.",
        )
    try:
        if not real.is_file() and real.exists():
            raise _unread("不是普通文件", "no regular file")
        if path.stat().st_size > ON_DISK:
            raise too_large(ON_DISK)
        return path.read_bytes()
    except OSError as error:
        raise _unread(str(error.strerror), str(error.strerror)) from error


def _unread(zh: str, en: str) -> Unreadable:
    return Unreadable(
        f"读不了（{zh}），请检查文件和权限。", f"it cannot be read ({en}); check the file and its permissions."
    )


def too_large(limit: int, zh: str = "文件", en: str = "the file") -> Unreadable:
    """Return the error for what is larger than ``limit`` bytes, which ``zh`` and ``en`` name."""
    size = f"{limit // MEGABYTE} MB"
    return Unreadable(
        f"{zh}超过 {size}，请拆成几份或去掉大图片。", f"{en} exceeds {size}; split it or take out large pictures."
    )


def damaged() -> Unreadable:
    """Return the error for a file that is incomplete or damaged."""
    return Unreadable(_DAMAGED.zh, _DAMAGED.en)


def encrypted() -> Unreadable:
    """Return the error for a file that is protected by a password."""
    return Unreadable(_ENCRYPTED.zh, _ENCRYPTED.en)


def failure(error: Exception) -> Unreadable:
    """Return the error for a file on which its reader failed with ``error``: that it is encrypted, or damaged."""
    names = {type(each).__name__ for each in (error, *error.args, error.__cause__, error.__context__)}
    locked = names & {"PDFPasswordIncorrect", "PDFEncryptionError"}
    return encrypted() if locked else damaged()


def out_of_memory(error: Exception) -> bool:
    """Return whether a reader failed for lack of memory; lxml raises a syntax error then, with the code of libxml2."""
    chain = (error, error.__cause__, error.__context__)
    return any(
        isinstance(each, MemoryError) or (type(each).__name__ == "XMLSyntaxError" and getattr(each, "code", 0) == 2)
        for each in chain
    )


def check(raw: bytes, suffix: str) -> None:
    """Check the bytes of a Word, PowerPoint, Excel or PDF file.

    Args:
        raw: the bytes of the file.
        suffix: its suffix in lower case, such as ".docx".

    Raises:
        Unreadable: it is empty, of another format than ``suffix`` says, encrypted, incomplete, has macros, or unpacks
            to more than UNPACKED or MARKUP.
    """
    if not raw:
        raise Unreadable(_EMPTY.zh, _EMPTY.en)
    if raw.startswith(SIGNATURE):
        raise _old_or_encrypted(raw)
    if b"%PDF-" in raw[:1024]:
        same(suffix, ".pdf")
        _check_pdf(raw)
    elif raw.startswith(b"PK"):
        _check_package(raw, suffix)
    else:
        raise _no_such_kind(raw, suffix)


def check_picture(raw: bytes, suffix: str) -> None:
    """Check the bytes of a picture; of which kind it is does not matter.

    Raises:
        Unreadable: it is empty or no picture.
    """
    if not raw.startswith(_PICTURES):
        raise _no_such_kind(raw, suffix) if raw else Unreadable(_EMPTY.zh, _EMPTY.en)


def check_text(raw: bytes, suffix: str) -> None:
    """Check the bytes of a file with the suffix of a text format.

    Raises:
        Unreadable: it is a PDF or an Office file under a wrong name.
    """
    if raw.startswith((b"PK\x03\x04", b"%PDF-", SIGNATURE)):
        check(raw, suffix)


def not_text(raw: bytes, suffix: str) -> Unreadable | None:
    """Return the error for bytes that cannot be decoded if they are a picture, else None."""
    return _no_such_kind(raw, suffix) if raw.startswith(_PICTURES) else None


def check_not_encrypted(raw: bytes) -> None:
    """Raise Unreadable for an encrypted Office file, which is an OLE container."""
    if "EncryptedPackage".encode("utf-16-le") in raw:
        raise encrypted()


def open_document(raw: bytes) -> str:
    """Return the suffix of an OpenDocument file (.odt, .ods or .odp) by its ZIP archive; "" for anything else.

    Raises:
        Unreadable: it is encrypted, or unpacks to more than UNPACKED or MARKUP.
    """
    if not raw.startswith(b"PK"):
        return ""
    try:
        package = zipfile.ZipFile(io.BytesIO(raw))
        with package.open("mimetype") as part:
            kind = part.read(100).decode("ascii", "replace")
        _check_sizes(package.infolist())
        sealed = b"encryption-data" in package.read("META-INF/manifest.xml")
    except Unreadable:
        raise
    except Exception:  # what zipfile raises for a damaged archive or a missing part has no common base class
        return ""
    if sealed:
        raise encrypted()
    return _OPEN_DOCUMENT.get(kind.removeprefix("application/vnd.oasis.opendocument.").removesuffix("-template"), "")


def _old_or_encrypted(raw: bytes) -> Unreadable:
    """Return the error for an OLE container: an encrypted Office file, or one in a format from before 2007."""
    check_not_encrypted(raw)
    return Unreadable(
        "是旧版 Office 格式（.doc、.ppt、.xls），请另存为 .docx、.pptx 或 .xlsx。",
        "it is in an old format of Office (.doc, .ppt, .xls); save it as .docx, .pptx or .xlsx.",
    )


def same(suffix: str, real: str) -> None:
    """Raise if the suffix is not that of the real format."""
    if suffix != real:
        raise Unreadable(
            f"扩展名是 {suffix}，内容却是 {real}，请把扩展名改成 {real}。",
            f"it is named {suffix} and holds {real}; rename it to {real}.",
        )


def _no_such_kind(raw: bytes, suffix: str) -> Unreadable:
    zh, en = ("图片", "a picture") if raw.startswith(_PICTURES) else ("别的东西", "something else")
    return Unreadable(
        f"扩展名是 {suffix}，内容却是{zh}，或文件已损坏，请用正确的格式另存一份。",
        f"it is named {suffix} and holds {en}, or is damaged; save it anew in the right format.",
    )


def archive(raw: bytes) -> zipfile.ZipFile | None:
    """Return a ZIP archive, of which only the directory has been read; None if it is none, or damaged."""
    try:
        return zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return None


def _check_package(raw: bytes, suffix: str) -> None:
    """Check an Office Open XML file by the directory of its ZIP archive, without unpacking it."""
    package = archive(raw)
    if package is None:
        raise damaged()
    parts = package.infolist()
    kinds = {kind for part in parts for folder, kind in _PARTS.items() if part.filename.startswith(folder)}
    if len(kinds) != 1:
        raise _no_such_kind(raw, suffix)
    same(suffix, kinds.pop())
    if any(part.filename.lower().endswith("vbaproject.bin") for part in parts):
        raise Unreadable(
            f"文件含宏，请另存为不含宏的 {suffix}。", f"it holds macros; save it as {suffix} without them."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise encrypted()
    _check_sizes(parts)


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    """Raise Unreadable where the parts of an archive unpack to more than UNPACKED, or its XML to more than MARKUP."""
    if sum(part.file_size for part in parts) > UNPACKED:
        raise too_large(UNPACKED, "解压后", "unpacked, it")
    if sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels"))) > MARKUP:
        raise too_large(MARKUP, "解压后的正文", "its text, unpacked,")


def _check_pdf(raw: bytes) -> None:
    """Check that a PDF is complete and that no deflated stream in it, pictures aside, unpacks to more than MARKUP."""
    if b"%%EOF" not in raw.rstrip(_PADDING)[-2048:]:
        raise damaged()
    view = memoryview(raw)
    for start in _STREAM.finditer(raw):
        head = raw[max(start.start() - 400, 0) : start.start()].rpartition(b" obj")[2]
        if b"/FlateDecode" in head and b"/Image" not in head and _unpacks_beyond(view[start.end() :], MARKUP):
            raise too_large(MARKUP, "解压后的一页", "a page of it, unpacked,")


def _unpacks_beyond(packed: memoryview, limit: int) -> bool:
    """Return whether a deflated stream unpacks to more than ``limit`` bytes; stops once it does and keeps nothing."""
    decoder = zlib.decompressobj()
    size = place = 0
    try:
        while place < len(packed) and not decoder.eof and size <= limit:
            rest = bytes(packed[place : place + CHUNK])
            place += len(rest)
            while rest and not decoder.eof and size <= limit:
                size += len(decoder.decompress(rest, MEGABYTE))
                rest = decoder.unconsumed_tail
    except zlib.error:  # another filter comes first, or it is damaged: then the reader fails
        return False
    return size > limit
